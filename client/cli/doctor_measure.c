/*
 * doctor_measure.c - what the doctor measures itself (doctor.h).
 *
 * Noise: a loop that does nothing but read the clock. Where two readings lie more than a microsecond apart,
 * somebody else had the processor: an interrupt, the kernel's tick, another process, the hypervisor.
 */
#include "cli/doctor.h"

#include "base/clock.h"
#include "base/histogram.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPIN_NS UINT64_C(1000000000)
#define PAUSE_NS 1000u
#define LONG_PAUSE_NS 10000u
#define CLOCK_READINGS 100000u
#define PAGES_BYTES ((size_t)64 << 20)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define LOOKS 300000u
#define FLUSH_BYTES ((size_t)4096)
#define FLUSH_FILE_BYTES ((size_t)1 << 20)
#define FLUSHES_MAX 500u
#define FLUSH_TIME_NS UINT64_C(2000000000)
#define MS_PER_S 1000u

/* Noise */

/** Sum of a CPU's column in /proc/interrupts. */
static uint64_t
interrupts_of(int cpu)
{
    const struct hf_host host = {.root = ""};
    char *text = hf_host_load(&host, "proc/interrupts");
    uint64_t sum = 0;
    char *rest = text;
    for (const char *line; text != NULL && (line = strsep(&rest, "\n")) != NULL;) {
        const char *at = strchr(line, ':');
        char *end = NULL;
        uint64_t count = 0;
        for (int column = 0; at != NULL && column <= cpu; column++) {
            at += at == strchr(line, ':');
            count = strtoull(at, &end, 10);
            at = end == at ? NULL : end;
        }
        sum += at != NULL ? count : 0;
    }
    free(text);
    return sum;
}

/** Time that the hypervisor gave to others, of all CPUs, in ms. */
static uint64_t
stolen_ms(void)
{
    const struct hf_host host = {.root = ""};
    char text[512];
    unsigned long long steal = 0;
    (void)hf_host_read(&host, text, sizeof(text), "proc/stat");
    (void)sscanf(text, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", /* NOLINT: 0 when it is not there */
                 &steal);
    return steal * MS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
}

static void
spin(struct hf_measured *measured)
{
    uint64_t begin = hf_clock_monotonic_ns();
    uint64_t before = begin;
    while (before - begin < SPIN_NS) {
        uint64_t now = hf_clock_monotonic_ns();
        uint64_t pause = now - before;
        if (pause > PAUSE_NS) {
            measured->lost_ns += pause;
            measured->pauses += pause > LONG_PAUSE_NS;
            measured->longest_ns = pause > measured->longest_ns ? pause : measured->longest_ns;
        }
        before = now;
    }
    measured->noise_ns = before - begin;
}

void
hf_doctor_measure_noise(struct hf_measured *measured, int cpu)
{
    cpu_set_t allowed;
    cpu_set_t one;
    int here = cpu >= 0 ? cpu : sched_getcpu();
    CPU_ZERO(&one);
    if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
        return;
    }
    CPU_SET((size_t)here, &one);
    if (sched_setaffinity(0, sizeof(one), &one) != 0) {
        return; /* not ours, or not there */
    }
    uint64_t interrupts = interrupts_of(here);
    uint64_t stolen = stolen_ms();
    measured->noise_cpu = here;
    spin(measured);
    measured->interrupts = interrupts_of(here) - interrupts;
    measured->stolen_ms = stolen_ms() - stolen;
    measured->noise = true;
    (void)sched_setaffinity(0, sizeof(allowed), &allowed);
}

/* Clock and pages */

static double
clock_reading_ns(void)
{
    uint64_t begin = hf_clock_monotonic_ns();
    for (unsigned i = 0; i < CLOCK_READINGS; i++) {
        (void)hf_clock_monotonic_ns();
    }
    return (double)(hf_clock_monotonic_ns() - begin) / CLOCK_READINGS;
}

/** A look at a random place of pages of one kind: where it lies depends on what the last one saw, as in a
 *  book. @return ns; negative: there was no memory */
static double
look_ns(int advice)
{
    uint8_t *map = mmap(NULL, PAGES_BYTES + HUGE_PAGE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        return -1;
    }
    size_t skip = HUGE_PAGE_BYTES - (size_t)map % HUGE_PAGE_BYTES;
    uint64_t *words = (uint64_t *)(void *)(map + skip);
    (void)madvise(words, PAGES_BYTES, advice);
    memset(words, 0, PAGES_BYTES);
    uint64_t place = 1;
    uint64_t begin = hf_clock_monotonic_ns();
    for (unsigned i = 0; i < LOOKS; i++) {
        place = place * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        place += words[(place >> 20) % (PAGES_BYTES / sizeof(*words))];
    }
    uint64_t end = hf_clock_monotonic_ns();
    words[0] = place; /* or the loop would not be there */
    (void)munmap(map, PAGES_BYTES + HUGE_PAGE_BYTES);
    return (double)(end - begin) / LOOKS;
}

void
hf_doctor_measure_memory(struct hf_measured *measured)
{
    measured->clock_ns = clock_reading_ns();
    measured->clock = true;
    measured->small_ns = look_ns(MADV_NOHUGEPAGE);
    measured->huge_ns = look_ns(MADV_HUGEPAGE);
    measured->pages = measured->small_ns > 0 && measured->huge_ns > 0;
}

/* Flushes */

void
hf_doctor_nearest(char path[PATH_MAX])
{
    while (access(path, F_OK) != 0 && errno == ENOENT && path[0] == '/' && path[1] != '\0') {
        char *slash = strrchr(path, '/');
        slash[slash == path] = '\0';
    }
}

void
hf_doctor_resolve(const char *path, char resolved[PATH_MAX])
{
    char there[PATH_MAX];
    char real[PATH_MAX];
    (void)snprintf(there, sizeof(there), "%s", path);
    hf_doctor_nearest(there);
    const char *rest = path + strlen(there);
    bool whole = realpath(there, real) != NULL &&
                 snprintf(resolved, PATH_MAX, "%s%s%s", strcmp(real, "/") == 0 ? "" : real,
                          *rest == '/' || *rest == '\0' ? "" : "/", rest) < PATH_MAX;
    if (!whole || resolved[0] == '\0') {
        (void)snprintf(resolved, PATH_MAX, "%s", path);
    }
}

/** A file without a name, so that nothing of it stays whatever happens. */
static int
open_nameless(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        char path[PATH_MAX];
        int len = snprintf(path, sizeof(path), "%s/.holdfast-doctor-XXXXXX", directory);
        if (len > 0 && len < (int)sizeof(path) && (fd = mkostemp(path, O_CLOEXEC)) >= 0) {
            unlink(path);
        }
    }
    return fd;
}

/** As the log has it: space that is allocated and written already. @return 0 or errno */
static int
flush_often(int fd, struct hf_histogram *histogram)
{
    static const char zeros[FLUSH_BYTES];
    for (size_t at = 0; at < FLUSH_FILE_BYTES; at += FLUSH_BYTES) {
        if (pwrite(fd, zeros, FLUSH_BYTES, (off_t)at) != (ssize_t)FLUSH_BYTES) {
            return errno;
        }
    }
    if (fsync(fd) != 0) {
        return errno;
    }
    uint64_t begin = hf_clock_monotonic_ns();
    uint64_t now = begin;
    for (unsigned i = 0; i < FLUSHES_MAX && now - begin < FLUSH_TIME_NS; i++) {
        off_t at = (off_t)(i * FLUSH_BYTES % FLUSH_FILE_BYTES);
        uint64_t before = hf_clock_monotonic_ns();
        if (pwrite(fd, &i, sizeof(i), at) != (ssize_t)sizeof(i) || fdatasync(fd) != 0) {
            return errno;
        }
        now = hf_clock_monotonic_ns();
        hf_histogram_record(histogram, now - before);
    }
    return 0;
}

void
hf_doctor_take_flushes(struct hf_measured *measured, const struct hf_histogram *flushes)
{
    measured->flush = flushes->total > 0;
    measured->flush_of_daemon = true;
    measured->flushes = flushes->total;
    measured->flush_p50_ns = hf_histogram_percentile(flushes, 50);
    measured->flush_p99_ns = hf_histogram_percentile(flushes, 99);
    measured->flush_max_ns = flushes->max;
}

void
hf_doctor_measure_flush(struct hf_measured *measured, const char *directory)
{
    char path[PATH_MAX];
    struct hf_histogram histogram; /* 17 KiB */
    (void)snprintf(path, sizeof(path), "%s", directory);
    hf_doctor_nearest(path);
    hf_histogram_init(&histogram);
    int fd = open_nameless(path);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0) {
        error = flush_often(fd, &histogram);
        close(fd);
    }
    if (error != 0) {
        hf_doctor_say(measured->why_not, "a file in %s: %s", path, strerror(error));
    } else {
        hf_doctor_take_flushes(measured, &histogram);
        measured->flush_of_daemon = false;
    }
}
