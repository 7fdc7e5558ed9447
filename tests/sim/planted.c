/* planted.c - would the simulator find it? (planted.h) */
#include "sim/planted.h"

#include "sim/run.h"
#include "sim/world.h"

#include "base/planted.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3
#define ENOUGH_POINTS 20000u /* a bug that takes longer to find is not looked for again */
#define SEEDS_APART 1000000u

enum hf_planted_bug hf_planted = HF_PLANTED_NONE;

static const struct {
    const char *name;
    const char *text;
} BUGS[HF_PLANTED_COUNT] = {
#define BUG(bug, words) [HF_PLANTED_##bug] = {#bug, words},
    HF_PLANTED_BUGS(BUG)
#undef BUG
};

struct
try {
    uint64_t points;
    uint64_t runs;
    bool found;
};

static struct try
run_until_found(uint64_t first, uint64_t points)
{
    struct try try = {0};
    uint64_t before = sim_crash_points();
    while (!try.found && sim_crash_points() - before < points) {
        try.found = !sim_run(first + try.runs++, 0);
    }
    try.points = sim_crash_points() - before;
    return try;
}

static int
by_points(const void *left, const void *right)
{
    const struct try *a = left;
    const struct try *b = right;
    return (a->points > b->points) - (a->points < b->points);
}

static void
print_tries(enum hf_planted_bug bug, struct try *tries, unsigned made, unsigned found)
{
    qsort(tries, made, sizeof(tries[0]), by_points);
    const struct try *median = &tries[made / 2];
    const struct try *most = &tries[made - 1];
    printf("%-23s %u/%u %9" PRIu64 " %9" PRIu64 " %8" PRIu64 " %8" PRIu64 "  %s\n", BUGS[bug].name,
           found, made, median->points, most->points, median->runs, most->runs, BUGS[bug].text);
    printf("%24s%.150s\n", "", found > 0 ? sim_world.violation : "NOT FOUND");
    (void)fflush(stdout);
}

/** @return whether each try found it */
static bool
plant_one(enum hf_planted_bug bug, uint64_t points)
{
    struct try tries[TRIES];
    unsigned made = 0;
    unsigned found = 0;
    uint64_t spent = 0;
    hf_planted = bug;
    while (made < TRIES && spent < ENOUGH_POINTS) {
        tries[made] = run_until_found(1 + made * (uint64_t)SEEDS_APART, points);
        spent += tries[made].points;
        found += tries[made++].found;
    }
    hf_planted = HF_PLANTED_NONE;
    print_tries(bug, tries, made, found);
    return found == made;
}

int
sim_planted_all(uint64_t points)
{
    int missed = 0;
    printf("%-23s %3s %19s %17s  %s\n%-23s %3s %9s %9s %8s %8s\n", "planted bug", "",
           "crash points", "seeds", "what is wrong, and how it was seen last", "", "", "median",
           "most", "median", "most");
    for (int bug = HF_PLANTED_NONE + 1; bug < HF_PLANTED_COUNT; bug++) {
        missed += !plant_one((enum hf_planted_bug)bug, points);
    }
    printf("%d bugs planted %d times each, %d not found each time\n",
           HF_PLANTED_COUNT - HF_PLANTED_NONE - 1, TRIES, missed);
    return missed;
}

int
sim_plant(const char *name)
{
    for (int bug = HF_PLANTED_NONE + 1; bug < HF_PLANTED_COUNT; bug++) {
        if (strcmp(BUGS[bug].name, name) == 0) {
            hf_planted = (enum hf_planted_bug)bug;
            return 0;
        }
    }
    return -1;
}
