/* options.c - the command line that all subcommands share, and what each of them does at its end. */
#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_CPUS = 256, OPTION_HDR, OPTION_JSON, OPTION_SCALE };

static const struct argp_option OPTIONS[] = {
    {"runs", 'r', "N", 0, "Measure N times (1 to 99; default: 5); fewer than 5 say little", 0},
    {"seconds", 's', "S", 0, "Length of each measurement that time bounds (default: 1)", 0},
    {"scale", OPTION_SCALE, "X", 0, "Size of streams and counts (default: 1)", 0},
    {"cpus", OPTION_CPUS, "A,B", 0, "CPUs to be pinned to (default: the first two allowed)", 0},
    {"directory", 'd', "DIR", 0, "Where logs and stores are made and removed (default: /var/tmp)",
     0},
    {"only", 'o', "TEXT", 0,
     "Measure only what has TEXT in its name; several texts are parted by bars ('|')", 0},
    {"hdr", OPTION_HDR, "FILE", 0, "Write the percentile tables (.hgrm, microseconds) to FILE", 0},
    {"json", OPTION_JSON, NULL, 0, "Print JSON, a series a line", 0},
    {0},
};

void
bench_options_init(struct bench_options *options)
{
    *options = (struct bench_options){.runs = 5,
                                      .seconds = 1,
                                      .scale = 1,
                                      .cpus = {-1, -1},
                                      .directory = "/var/tmp",
                                      .log_records = 10000000};
    cpu_set_t set;
    CPU_ZERO(&set);
    unsigned found = 0;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
            if (CPU_ISSET((size_t)cpu, &set)) {
                options->cpus[found++] = cpu;
            }
        }
    }
    if (found == 1) {
        options->cpus[1] = options->cpus[0];
    }
}

static double
parse_number(const struct argp_state *state, const char *text, double least, double most)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(value >= least && value <= most)) {
        argp_error(state, "'%s' is no number from %g to %g", text, least, most);
    }
    return value;
}

static error_t
parse_common(int key, char *argument, struct argp_state *state)
{
    struct bench_options *options = state->input;
    char behind;
    switch (key) {
    case 'r':
        options->runs = (unsigned)parse_number(state, argument, 1, BENCH_RUNS_MAX);
        return 0;
    case 's':
        options->seconds = parse_number(state, argument, 0.001, 3600);
        return 0;
    case OPTION_SCALE:
        options->scale = parse_number(state, argument, 0.0001, 100);
        return 0;
    case OPTION_CPUS:
        if (sscanf(argument, "%d,%d%c", &options->cpus[0], &options->cpus[1], &behind) != 2) {
            argp_error(state, "'%s' is no pair of CPUs", argument);
        }
        return 0;
    case 'd':
        options->directory = argument;
        return 0;
    case 'o':
        options->only = argument;
        return 0;
    case OPTION_HDR:
        options->hdr = argument;
        return 0;
    case OPTION_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is no option", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp common = {.options = OPTIONS, .parser = parse_common};
const struct argp_child bench_children[] = {{&common, 0, NULL, 0}, {0}};

error_t
bench_parse(int key, char *argument, struct argp_state *state)
{
    struct bench_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        return 0;
    case BENCH_OPTION_DAEMON:
        options->daemon = argument;
        return 0;
    case BENCH_OPTION_DATA:
        options->data = argument;
        return 0;
    case BENCH_OPTION_GROWTH:
        options->growth = true;
        return 0;
    case BENCH_OPTION_LOG_RECORDS:
        options->log_records = (uint64_t)parse_number(state, argument, 1, 1e12);
        return 0;
    case BENCH_OPTION_OUTPUT:
        options->output = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

bool
bench_wanted(const struct bench_options *options, const char *name)
{
    const char *text = options->only;
    while (text != NULL) {
        const char *bar = strchr(text, '|');
        size_t length = bar != NULL ? (size_t)(bar - text) : strlen(text);
        if (memmem(name, strlen(name), text, length) != NULL) {
            return true;
        }
        text = bar != NULL ? bar + 1 : NULL;
    }
    return options->only == NULL;
}

uint64_t
bench_scaled(const struct bench_options *options, double count, uint64_t least)
{
    double scaled = count * options->scale;
    return scaled < (double)least ? least : (uint64_t)scaled;
}

static void
write_hdr(const struct bench_results *results, const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        bench_die("%s: %s", path, strerror(errno));
    }
    bench_print_hdr(results, file);
    if (fclose(file) != 0) {
        bench_die("%s: %s", path, strerror(errno));
    }
}

int
bench_main(int argc, char **argv, const struct argp *argp,
           void (*measure)(const struct bench_options *, struct bench_results *))
{
    struct bench_options options;
    struct bench_results results = {0};
    bench_options_init(&options);
    if (argp_parse(argp, argc, argv, 0, NULL, &options) != 0) {
        return 64;
    }
    measure(&options, &results);
    if (options.hdr != NULL) {
        write_hdr(&results, options.hdr);
    }
    (options.json ? bench_print_json : bench_print)(&results, stdout);
    int code = results.failures > 0;
    bench_results_free(&results);
    return code;
}
