/*
 * check_exposition.c - reads an exposition from standard input; checks it by the format's rules, and that each
 * metric that the files named speak of (a dashboard, alert rules) is in it.
 *
 *   check_exposition [FILE...] <metrics
 *
 * Exits 1 with every fault.
 */
#include "rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "holdfast_"
#define BYTES_MAX ((size_t)4 << 20)

static char *
read_all(FILE *in)
{
    char *text = calloc(1, BYTES_MAX);
    if (text == NULL || in == NULL || fread(text, 1, BYTES_MAX - 1, in) == 0) {
        (void)fputs("check_exposition: nothing to read\n", stderr);
        exit(1);
    }
    return text;
}

/** @return how many names of the file are not in the exposition */
static unsigned
check_names(const char *path, const char *metrics)
{
    FILE *in = fopen(path, "r");
    char *text = read_all(in);
    unsigned names = 0;
    unsigned missing = 0;
    for (const char *at = strstr(text, PREFIX); at != NULL; at = strstr(at + 1, PREFIX)) {
        char name[128];
        size_t len = 0;
        while (len < sizeof(name) - 1 && (isalnum((unsigned char)at[len]) || at[len] == '_')) {
            name[len] = at[len];
            len++;
        }
        name[len] = '\0';
        names++;
        if (!rules_have(metrics, name)) {
            (void)printf("%s: the exporter has no %s\n", path, name);
            missing++;
        }
    }
    if (names == 0) {
        (void)printf("%s: speaks of no metric at all\n", path);
        missing++;
    }
    (void)fclose(in);
    free(text);
    return missing;
}

int
main(int argc, char **argv)
{
    char why[RULES_TEXT_BYTES];
    char *metrics = read_all(stdin);
    unsigned faults = 0;
    if (!rules_keep(metrics, why)) {
        (void)printf("exposition: %s\n", why);
        faults++;
    }
    for (int i = 1; i < argc; i++) {
        faults += check_names(argv[i], metrics);
    }
    free(metrics);
    return faults == 0 ? 0 : 1;
}
