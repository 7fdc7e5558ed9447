/*
 * ring.c - messages of 64 bytes from one process to another, and there and back: our ring, and peers
 * that the build found. Every contestant holds 4,096 messages and runs in turn within each run.
 */
#include "bench.h"
#include "calibrate.h"
#include "link.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

#define GROUP "ring"

static const struct contestant {
    const struct link *link; /**< NULL: not in this build */
    const char *name;
    const char *package; /**< of Debian, that the build did not find */
} contestants[] = {
    {&link_holdfast, "holdfast", ""},
#ifdef BENCH_HAVE_DPDK
    {&link_rte_ring, "rte_ring (DPDK)", "libdpdk-dev"},
#else
    {NULL, "rte_ring (DPDK)", "libdpdk-dev"},
#endif
#ifdef BENCH_HAVE_CK
    {&link_ck_ring, "ck_ring", "libck-dev"},
#else
    {NULL, "ck_ring", "libck-dev"},
#endif
#ifdef BENCH_HAVE_BOOST
    {&link_boost_spsc, "boost::lockfree::spsc_queue", "libboost-dev"},
#else
    {NULL, "boost::lockfree::spsc_queue", "libboost-dev"},
#endif
    {&link_wfcqueue, "wfcqueue (liburcu)", "liburcu-dev"},
    {&link_unix_socket, "Unix socket", ""},
};
#define CONTESTANTS (sizeof(contestants) / sizeof(contestants[0]))

/** When a measurement that begins now is warm, and when it ends. */
struct span {
    uint64_t warm_ns;
    uint64_t end_ns;
};

static struct span
span_now(const struct bench_options *options)
{
    uint64_t now = hf_clock_monotonic_ns();
    uint64_t length_ns = (uint64_t)(options->seconds * 1e9);
    return (struct span){.warm_ns = now + length_ns / 5, .end_ns = now + length_ns / 5 + length_ns};
}

static void *
make_link(const struct link *link)
{
    void *memory = bench_shared(link->bytes);
    if (link->make(memory) != 0) {
        bench_die("cannot make a link: %s", link->name);
    }
    return memory;
}

static void
unmake_link(const struct link *link, void *memory)
{
    if (link->unmake != NULL) {
        link->unmake(memory);
    }
    bench_unshare(memory, link->bytes);
}

static void
measure_throughput(const struct link *link, const struct bench_options *options,
                   struct bench_results *results, const struct bench_calibration *calibration)
{
    char name[BENCH_NAME_BYTES];
    struct link_outcome *outcome = bench_shared(sizeof(*outcome));
    void *memory = make_link(link);
    struct span span = span_now(options);
    pid_t child = bench_fork(options->cpus[1]);
    if (child == 0) {
        link->consume(memory, outcome);
        _exit(0);
    }
    bench_pin(options->cpus[0]);
    link->produce(memory, span.warm_ns, span.end_ns);
    bool ended = bench_join(child);
    (void)snprintf(name, sizeof(name), "%s, throughput", link->name);
    if (!ended || outcome->wrong != 0 || outcome->messages == 0) {
        bench_fail(results, "ring %s: %llu messages, %llu wrong", name,
                   (unsigned long long)outcome->messages, (unsigned long long)outcome->wrong);
    } else {
        bench_add(results, GROUP, name, BENCH_M_PER_S,
                  (double)outcome->messages * 1e3 / (double)outcome->elapsed_ns, BENCH_PING_PONG,
                  calibration->ping_pong_ns);
    }
    unmake_link(link, memory);
    bench_unshare(outcome, sizeof(*outcome));
}

static void
measure_round_trip(const struct link *link, const struct bench_options *options,
                   struct bench_results *results, const struct bench_calibration *calibration)
{
    char name[BENCH_NAME_BYTES];
    static struct hf_histogram histogram;
    void *there = make_link(link);
    void *back = make_link(link);
    struct span span = span_now(options);
    pid_t child = bench_fork(options->cpus[1]);
    if (child == 0) {
        link->pong(there, back);
        _exit(0);
    }
    bench_pin(options->cpus[0]);
    hf_histogram_init(&histogram);
    uint64_t wrong = link->ping(there, back, span.warm_ns, span.end_ns, &histogram);
    (void)snprintf(name, sizeof(name), "%s, round trip", link->name);
    if (!bench_join(child) || wrong != 0 || histogram.total == 0) {
        bench_fail(results, "ring %s: %llu wrong of %llu", name, (unsigned long long)wrong,
                   (unsigned long long)histogram.total);
    }
    bench_add_percentiles(results, GROUP, name, &histogram, BENCH_PING_PONG,
                          calibration->ping_pong_ns);
    unmake_link(link, there);
    unmake_link(link, back);
}

/** The goals that name a peer. */
static void
compare(struct bench_results *results)
{
    bench_add_quotient(results, GROUP, "throughput, holdfast over rte_ring", "holdfast, throughput",
                       "rte_ring (DPDK), throughput");
    bench_add_quotient(results, GROUP, "round trip p50, holdfast over rte_ring",
                       "holdfast, round trip p50", "rte_ring (DPDK), round trip p50");
}

void
bench_ring(const struct bench_options *options, struct bench_results *results)
{
    for (unsigned run = 0; run < options->runs; run++) {
        struct bench_calibration calibration = bench_calibrate(options, results, GROUP);
        for (size_t i = 0; i < CONTESTANTS; i++) {
            const struct contestant *contestant = &contestants[i];
            if (!bench_wanted(options, contestant->name)) {
                continue;
            }
            if (contestant->link == NULL) {
                bench_note(results, GROUP, "skipped: %s: not in this build (package %s)",
                           contestant->name, contestant->package);
                continue;
            }
            measure_throughput(contestant->link, options, results, &calibration);
            measure_round_trip(contestant->link, options, results, &calibration);
        }
    }
    compare(results);
}

int
bench_ring_main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = bench_parse,
        .doc =
            "Messages of 64 bytes between two processes: throughput, and the round trip over two "
            "links. Our ring, and peers from Debian packages that the build found.\v"
            "Ratios are to the ping-pong of one cache line in the same run.",
        .children = bench_children};
    return bench_main(argc, argv, &argp, bench_ring);
}
