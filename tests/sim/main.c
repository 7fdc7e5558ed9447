/* main.c - the simulator's program: which seeds, and what is printed. */
#include "sim/planted.h"
#include "sim/run.h"
#include "sim/world.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char USAGE[] =
    "Usage: sim [OPTION...]\n"
    "Runs worlds of crashes, one a seed, until so many crash points are reached.\n\n"
    "  --points N     crash points (kills of the daemon and power cuts); default 100000\n"
    "  --first N      first seed; default 1\n"
    "  --seed N       this one only, with a trace of its steps with --verbose\n"
    "  --granule N    bytes that reach the medium as a whole: 8, 64, 512, 4096; default: all of "
    "them\n"
    "  --plant NAME   with this bug of base/planted.h\n"
    "  --planted      plant all of them in turn; --points then says when to give one up\n"
    "  --verbose      print each step\n"
    "  --help         this text\n\n"
    "Exit codes: 0 no promise was broken; 1 one was, the seed is printed; 64 usage.\n";

struct arguments {
    uint64_t points;
    uint64_t first;
    bool one;
    bool planted;
    uint32_t granule;
};

static void
print_violation(const struct arguments *arguments)
{
    printf("VIOLATION, seed %" PRIu64 ": %s\n", sim_world.seed, sim_world.violation);
    printf("again: sim --seed %" PRIu64, sim_world.seed);
    if (arguments->granule != 0) {
        printf(" --granule %u", (unsigned)arguments->granule);
    }
    puts(" --verbose");
}

static void
print_counts(uint64_t seeds, double seconds)
{
    const struct sim_counts *counts = &sim_world.counts;
    printf("%" PRIu64 " crash points in %" PRIu64 " runs: %" PRIu64 " kills, %" PRIu64
           " power cuts (%" PRIu64 " of %" PRIu64 " starts were crashed or refused)\n",
           sim_crash_points(), seeds, counts->kills, counts->power_cuts,
           counts->starts - counts->starts_finished, counts->starts);
    printf("%" PRIu64 " points passed, %" PRIu64 " clients killed, %" PRIu64
           " calls failed, %" PRIu64 " halts\n",
           counts->points, counts->client_kills, counts->faults, counts->halts);
    printf("%" PRIu64 " records sequenced, %" PRIu64 " of them lost with the power, %" PRIu64
           " reports read\n",
           counts->records, counts->lost_records, counts->reports_read);
    printf("%" PRIu64 " snapshots written, %" PRIu64 " starts began with one, %" PRIu64
           " segments removed, %" PRIu64 " reports lost to those who were away or asleep\n",
           counts->snapshots, counts->snapshot_starts, counts->segments_removed,
           counts->reports_lost);
    printf("%" PRIu64 " reports fetched from the gap service, %" PRIu64
           " queues destroyed, memory given up %" PRIu64 " times\n",
           counts->gap_reports, counts->accidents, counts->abandons);
    printf("%.0f crash points a second, 0 violations\n", (double)sim_crash_points() / seconds);
}

static double
seconds_now(void)
{
    return (double)clock() / CLOCKS_PER_SEC; /* the wall clock is simulated */
}

static int
run_all(const struct arguments *arguments)
{
    double begin = seconds_now();
    uint64_t seed = arguments->first;
    for (; sim_crash_points() < arguments->points; seed++) {
        if (!sim_run(seed, arguments->granule)) {
            print_violation(arguments);
            return 1;
        }
        if (arguments->one) {
            break;
        }
    }
    print_counts(seed - arguments->first, seconds_now() - begin);
    return 0;
}

static int
usage(FILE *out, int code)
{
    fputs(USAGE, out);
    return code;
}

int
main(int argc, char **argv)
{
    enum { POINTS = 256, FIRST, SEED, GRANULE, PLANT, PLANTED, VERBOSE, HELP };
    static const struct option options[] = {
        {"points", required_argument, NULL, POINTS},
        {"first", required_argument, NULL, FIRST},
        {"seed", required_argument, NULL, SEED},
        {"granule", required_argument, NULL, GRANULE},
        {"plant", required_argument, NULL, PLANT},
        {"planted", no_argument, NULL, PLANTED},
        {"verbose", no_argument, NULL, VERBOSE},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    struct arguments arguments = {.points = 100000, .first = 1};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case POINTS:
            arguments.points = strtoull(optarg, NULL, 0);
            break;
        case SEED:
            arguments.one = true;
            arguments.first = strtoull(optarg, NULL, 0);
            break;
        case FIRST:
            arguments.first = strtoull(optarg, NULL, 0);
            break;
        case GRANULE:
            arguments.granule = (uint32_t)strtoul(optarg, NULL, 0);
            break;
        case PLANT:
            if (sim_plant(optarg) != 0) {
                return usage(stderr, 64);
            }
            break;
        case PLANTED:
            arguments.planted = true;
            break;
        case VERBOSE:
            sim_world.verbose = true;
            break;
        case HELP:
            return usage(stdout, 0);
        default:
            return usage(stderr, 64);
        }
    }
    uint32_t granule = arguments.granule;
    bool good = granule == 0 || granule == 8 || granule == 64 || granule == 512 || granule == 4096;
    if (!good || optind != argc) {
        return usage(stderr, 64);
    }
    return arguments.planted ? sim_planted_all(arguments.points) != 0 : run_all(&arguments);
}
