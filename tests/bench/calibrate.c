/* calibrate.c - a line ping-pong between two processes, and raw writes and flushes of one page. */
#include "calibrate.h"

#include "ticks.h"
#include "wait.h"

#include "base/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_TRIPS 1000u /* a clock reading costs about as much as a trip between siblings */
#define BLOCKS_MAX 200u
#define CALIBRATION_SECONDS_MAX 0.5
#define FILE_BYTES (4u << 20)
#define PAGE_BYTES 4096u
#define FLUSHES_MAX 1000u

/** One line that both write: the partner answers n with n + 1. Zero ends it. */
struct line {
    uint64_t number;
    uint8_t pad[120];
};

static int
compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double
median(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

/** Answer until told to stop. Acquire and release pair with those of ask(). */
static void
answer(uint64_t *number)
{
    for (uint64_t expected = 1;; expected += 2) {
        uint64_t seen;
        for (uint32_t looks = 0;
             (seen = hf_load_acquire(number)) != expected && seen != UINT64_MAX;) {
            bench_wait(&looks);
        }
        if (seen == UINT64_MAX) {
            return;
        }
        hf_store_release(number, expected + 1);
    }
}

/** Make one round trip; `number` was `from` before and is from + 2 behind it. */
static void
ask(uint64_t *number, uint64_t from)
{
    hf_store_release(number, from + 1);
    for (uint32_t looks = 0; hf_load_acquire(number) != from + 2;) {
        bench_wait(&looks);
    }
}

static double
ping_pong(const struct bench_options *options, double seconds)
{
    struct line *line = bench_shared(sizeof(*line));
    pid_t child = bench_fork(options->cpus[1]);
    if (child == 0) {
        answer(&line->number);
        _exit(0);
    }
    bench_pin(options->cpus[0]);
    double block_ns[BLOCKS_MAX];
    unsigned blocks = 0;
    uint64_t number = 0;
    uint64_t end_ns = hf_clock_monotonic_ns() + (uint64_t)(seconds * 1e9);
    for (uint64_t start = hf_clock_monotonic_ns();
         blocks == 0 || (start < end_ns && blocks < BLOCKS_MAX);) {
        for (unsigned i = 0; i < BLOCK_TRIPS; i++, number += 2) {
            ask(&line->number, number);
        }
        uint64_t now = hf_clock_monotonic_ns();
        block_ns[blocks++] = (double)(now - start) / BLOCK_TRIPS;
        start = now;
    }
    hf_store_release(&line->number, UINT64_MAX); /* pairs with the acquire in answer() */
    (void)bench_join(child);
    bench_unshare(line, sizeof(*line));
    return median(block_ns, blocks);
}

void
bench_raw_open(struct bench_raw *raw, const char *directory)
{
    static const char zeros[PAGE_BYTES];
    char path[BENCH_PATH_BYTES + 16];
    (void)snprintf(path, sizeof(path), "%s/raw", directory);
    raw->flushes = 0;
    raw->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = raw->fd >= 0;
    for (off_t at = 0; good && at < (off_t)FILE_BYTES; at += PAGE_BYTES) {
        good = pwrite(raw->fd, zeros, PAGE_BYTES, at) == (ssize_t)PAGE_BYTES;
    }
    if (!good || fsync(raw->fd) != 0) {
        bench_die("%s: %s", path, strerror(errno));
    }
}

uint64_t
bench_raw_flush(struct bench_raw *raw)
{
    char page[PAGE_BYTES];
    memset(page, (int)(raw->flushes & 0xff), sizeof(page));
    off_t at = (off_t)(raw->flushes++ * PAGE_BYTES % FILE_BYTES);
    uint64_t start_ns = hf_clock_monotonic_ns();
    if (pwrite(raw->fd, page, sizeof(page), at) != (ssize_t)sizeof(page) ||
        fdatasync(raw->fd) != 0) {
        bench_die("raw write and flush: %s", strerror(errno));
    }
    return hf_clock_monotonic_ns() - start_ns;
}

void
bench_raw_close(struct bench_raw *raw)
{
    (void)close(raw->fd);
}

static double
raw_flush(const struct bench_options *options, double seconds)
{
    char directory[BENCH_PATH_BYTES];
    double flush_ns[FLUSHES_MAX];
    unsigned flushes = 0;
    struct bench_raw raw;
    bench_directory_make(options, directory);
    bench_raw_open(&raw, directory);
    uint64_t end_ns = hf_clock_monotonic_ns() + (uint64_t)(seconds * 1e9);
    do {
        flush_ns[flushes++] = (double)bench_raw_flush(&raw);
    } while (flushes < FLUSHES_MAX && hf_clock_monotonic_ns() < end_ns);
    bench_raw_close(&raw);
    bench_directory_remove(directory);
    return median(flush_ns, flushes);
}

struct bench_calibration
bench_calibrate(const struct bench_options *options, struct bench_results *results,
                const char *group)
{
    double seconds = options->seconds / 4;
    seconds = seconds < CALIBRATION_SECONDS_MAX ? seconds : CALIBRATION_SECONDS_MAX;
    struct bench_calibration calibration = {
        .ping_pong_ns = ping_pong(options, seconds),
        .flush_ns = raw_flush(options, seconds),
    };
    bench_add(results, group, "calibration: " BENCH_PING_PONG, BENCH_NS, calibration.ping_pong_ns,
              NULL, 0);
    bench_add(results, group, "calibration: " BENCH_RAW_FLUSH, BENCH_US,
              calibration.flush_ns / 1000, NULL, 0);
    return calibration;
}
