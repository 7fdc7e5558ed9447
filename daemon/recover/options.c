/* options.c - a command line read by its table (options.h). */
#include "recover/options.h"

#include "base/panic.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define KEYS_FROM 256 /* of options without a short form, by their places in the table */

struct parsing {
    const struct hf_recover_usage *usage;
    char *arguments;
    bool given[HF_RECOVER_OPTIONS_MAX];
};

static int
key_of(const struct hf_recover_usage *usage, size_t place)
{
    char key = usage->options[place].key;
    return key != 0 ? key : KEYS_FROM + (int)place;
}

/** The place of an option with this key, or, with key ARGP_KEY_ARG, of an operand; `count`: there is none. */
static size_t
find(const struct hf_recover_usage *usage, int key, unsigned operand)
{
    for (size_t i = 0; i < usage->count; i++) {
        bool is_operand = usage->options[i].name == NULL;
        if (key == ARGP_KEY_ARG ? is_operand && i == operand
                                : !is_operand && key == key_of(usage, i)) {
            return i;
        }
    }
    return usage->count;
}

/** As the user knows it: "--from", "ID". */
static void
label(const struct hf_recover_option *option, char *text, size_t bytes)
{
    (void)snprintf(text, bytes, "%s%s", option->name != NULL ? "--" : "",
                   option->name != NULL ? option->name : option->argument);
}

static uint64_t
number(const struct argp_state *state, const struct hf_recover_option *option, const char *text)
{
    char name[64];
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    label(option, name, sizeof(name));
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < option->least) {
        argp_error(state, "%s '%s' is not a whole number from %" PRIu64 " on", name, text,
                   option->least);
    } else if (option->most != 0 && value > option->most) {
        argp_error(state, "%s is at most %" PRIu64, name, option->most);
    }
    return value;
}

static void
store(const struct parsing *parsing, const struct argp_state *state,
      const struct hf_recover_option *option, const char *text)
{
    char *at = parsing->arguments + option->at;
    const bool flag = true;
    uint64_t value = 0;
    switch (option->kind) {
    case HF_OPTION_TEXT:
        memcpy(at, &text, sizeof(text));
        break;
    case HF_OPTION_NUMBER:
        value = number(state, option, text);
        memcpy(at, &value, sizeof(value));
        break;
    case HF_OPTION_FLAG:
        memcpy(at, &flag, sizeof(flag));
        break;
    }
}

static void
check(const struct parsing *parsing, const struct argp_state *state)
{
    const struct hf_recover_usage *usage = parsing->usage;
    char name[64];
    for (size_t i = 0; i < usage->count; i++) {
        const struct hf_recover_option *option = &usage->options[i];
        if (option->needed && !parsing->given[i]) {
            label(option, name, sizeof(name));
            argp_error(state, "%s%s%s is missing", name, option->name != NULL ? " " : "",
                       option->name != NULL ? option->argument : "");
        }
    }
    const char *wrong = usage->check == NULL ? NULL : usage->check(parsing->arguments);
    if (wrong != NULL) {
        argp_error(state, "%s", wrong);
    }
}

static error_t
parse(int key, char *text, struct argp_state *state)
{
    struct parsing *parsing = state->input;
    size_t place = find(parsing->usage, key, state->arg_num);
    if (place < parsing->usage->count) {
        parsing->given[place] = true;
        store(parsing, state, &parsing->usage->options[place], text);
        return 0;
    }
    switch (key) {
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is one argument too many", text);
        return 0;
    case ARGP_KEY_END:
        check(parsing, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void
hf_recover_parse(const struct hf_recover_usage *usage, int argc, char **argv, void *arguments)
{
    struct argp_option options[HF_RECOVER_OPTIONS_MAX + 1] = {{.name = NULL}};
    struct parsing parsing = {.usage = usage, .arguments = arguments};
    size_t count = 0;
    HF_ASSERT("a table of options fits", usage->count <= HF_RECOVER_OPTIONS_MAX);
    for (size_t i = 0; i < usage->count; i++) {
        const struct hf_recover_option *option = &usage->options[i];
        if (option->name != NULL) {
            options[count++] = (struct argp_option){.name = option->name,
                                                    .key = key_of(usage, i),
                                                    .arg = option->argument,
                                                    .doc = option->help};
        }
    }
    const struct argp argp = {
        .options = options, .parser = parse, .args_doc = usage->operands, .doc = usage->doc};
    if (argp_parse(&argp, argc, argv, 0, NULL, &parsing) != 0) {
        exit(EX_USAGE); /* what else may fail: no memory */
    }
}
