/*
 * differential.c - random command streams: core and model must say the same, byte for byte.
 *
 *   differential [--seed N] [--count COMMANDS] [--streams FROM..TO] [--profile basic|all]
 *                [--without FEATURE,...]
 *
 * Stream number i of a seed is the same in every run: a failure prints the two numbers with which it
 * can be repeated, and the shortest stream that still fails. --count runs streams 0, 1, 2... until so
 * many commands were applied; --streams runs exactly those, so that several processes can share a
 * range. Exit status: 0 all equal, 1 a difference (or something was never reached), 2 usage.
 */
#include "model/coverage.h"
#include "model/generate.h"
#include "model/names.h"
#include "model/shrink.h"

#include "base/panic.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/** From so many commands on, everything that can happen must have happened. */
#define LONG_RUN_COMMANDS 5000000u
#define STREAM_STEPS_LEAST 100u

struct options {
    uint64_t seed;
    uint64_t count;
    uint64_t first_stream;
    uint64_t last_stream;
    uint32_t features;
};

static const struct {
    const char *name;
    uint32_t feature;
} features[] = {
    {"iceberg", GENERATE_ICEBERG},
    {"stop", GENERATE_STOP},
    {"to-limit", GENERATE_MARKET_TO_LIMIT},
    {"minimum", GENERATE_MINIMUM},
    {"expiry", GENERATE_EXPIRY},
    {"phase", GENERATE_PHASE},
    {"self-trade", GENERATE_SELF_TRADE},
    {"risk", GENERATE_RISK},
    {"instrument", GENERATE_INSTRUMENT},
    {"entitle", GENERATE_ENTITLE},
    {"mass", GENERATE_MASS},
    {"malformed", GENERATE_MALFORMED},
    {"session", GENERATE_SESSION},
    {"pools", GENERATE_POOLS},
};

static _Noreturn void
usage(void)
{
    fprintf(stderr, "usage: differential [--seed N] [--count COMMANDS] [--streams FROM..TO]\n"
                    "                    [--profile basic|all] [--without FEATURE,...]\n"
                    "features:");
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        fprintf(stderr, " %s", features[i].name);
    }
    fputc('\n', stderr);
    exit(2);
}

static uint64_t
parse_number(const char *text, const char *end_with)
{
    char *end;
    uint64_t number = strtoull(text, &end, 10);
    if (end == text || strncmp(end, end_with, strlen(end_with)) != 0) {
        usage();
    }
    return number;
}

static void
parse_streams(struct options *options, const char *text)
{
    options->count = UINT64_MAX;
    options->first_stream = parse_number(text, "..");
    options->last_stream = parse_number(strstr(text, "..") + 2, "");
}

static void
parse_without(struct options *options, char *text)
{
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        size_t i = 0;
        while (i < sizeof(features) / sizeof(features[0]) && strcmp(word, features[i].name) != 0) {
            i++;
        }
        if (i == sizeof(features) / sizeof(features[0])) {
            usage();
        }
        options->features &= ~features[i].feature;
    }
}

static struct options
parse(int argc, char **argv)
{
    struct options options = {
        .seed = 1, .count = 1000000, .last_stream = UINT64_MAX - 1, .features = GENERATE_ALL};
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) {
            usage();
        }
        char *value = argv[i + 1];
        if (strcmp(argv[i], "--seed") == 0) {
            options.seed = parse_number(value, "");
        } else if (strcmp(argv[i], "--count") == 0) {
            options.count = parse_number(value, "");
        } else if (strcmp(argv[i], "--streams") == 0) {
            parse_streams(&options, value);
        } else if (strcmp(argv[i], "--profile") == 0 && strcmp(value, "basic") == 0) {
            options.features = 0;
        } else if (strcmp(argv[i], "--without") == 0) {
            parse_without(&options, value);
        } else if (strcmp(argv[i], "--profile") != 0 || strcmp(value, "all") != 0) {
            usage();
        }
    }
    return options;
}

/** A stream's own seed: streams of different seeds have nothing in common. */
static uint64_t
seed_of_stream(uint64_t seed, uint64_t stream)
{
    struct generator mixer = {.state = seed};
    mixer.state = generate_random(&mixer) ^ (stream * 0xd1342543de82ef95u);
    return generate_random(&mixer);
}

static bool
run_stream(struct rig *rig, struct stream *stream, struct coverage *coverage,
           const struct options *options, uint64_t number)
{
    struct generator generator;
    generate_start(&generator, seed_of_stream(options->seed, number), options->features, rig,
                   stream);
    uint32_t length = STREAM_STEPS_LEAST + generate_below(&generator, 900);
    rig_start(rig, &stream->limits);
    (void)alarm(60);
    for (size_t i = 0; rig->failure[0] == '\0' && i < length; i++) {
        if (i == stream->count) {
            generate_step(&generator);
        }
        bool was_applied;
        if (shrink_apply(rig, stream, i, &was_applied) && was_applied) {
            coverage_count(coverage, rig);
        }
    }
    (void)alarm(0);
    return rig->failure[0] == '\0';
}

static void
print_failure(const struct rig *rig, const struct stream *stream)
{
    printf("\nShortest stream that fails in this way:\n");
    print_limits(stdout, &stream->limits);
    for (size_t i = 0; i < stream->count; i++) {
        if (!stream->is_left_out[i]) {
            print_step(stdout, &stream->steps[i], i);
        }
    }
    printf("%s\n", rig->failure);
    printf("  core said:\n");
    print_slots(stdout, rig->heard.slots, rig->heard.slot_count);
    print_events(stdout, rig->heard.events, rig->heard.event_count);
    printf("  model said:\n");
    print_slots(stdout, rig->model->slots, rig->model->slot_count);
    print_events(stdout, rig->model->events, rig->model->event_count);
}

static double
now_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
conclude(const struct options *options, const struct coverage *coverage, uint64_t streams,
         double seconds)
{
    size_t unseen = coverage_print(stdout, coverage);
    bool must_see_all =
        options->features == GENERATE_ALL && coverage->commands >= LONG_RUN_COMMANDS;
    printf("seed %" PRIu64 ", streams %" PRIu64 "..%" PRIu64 ", %" PRIu64
           " commands in %.1f s: core and model are equal\n",
           options->seed, options->first_stream, options->first_stream + streams - 1,
           coverage->commands, seconds);
    return must_see_all && unseen > 0 ? 1 : 0;
}

int
main(int argc, char **argv)
{
    struct options options = parse(argc, argv);
    struct rig *rig = rig_create();
    struct stream *stream = calloc(1, sizeof(*stream));
    struct coverage *coverage = calloc(1, sizeof(*coverage));
    HF_ASSERT("the test has memory", stream != NULL && coverage != NULL);
    double start = now_seconds();
    uint64_t number = options.first_stream;
    int status = 0;
    for (; number <= options.last_stream && coverage->commands < options.count; number++) {
        if (!run_stream(rig, stream, coverage, &options, number)) {
            printf("seed %" PRIu64 ", stream %" PRIu64
                   ", step %zu: %s\nrepeat: differential --seed %" PRIu64 " --streams %" PRIu64
                   "..%" PRIu64 "\n",
                   options.seed, number, stream->count - 1, rig->failure, options.seed, number,
                   number);
            shrink(rig, stream);
            print_failure(rig, stream);
            status = 1;
            break;
        }
    }
    if (status == 0) {
        status = conclude(&options, coverage, number - options.first_stream, now_seconds() - start);
    }
    rig_destroy(rig);
    free(stream);
    free(coverage);
    return status;
}
