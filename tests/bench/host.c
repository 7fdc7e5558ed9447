/* host.c - processes, memory, directories and the tick: what the subcommands need of the host. */
#include "bench.h"
#include "ticks.h"

#include "base/numa.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_NS_MEASURED 20000000u

void
bench_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("holdfast-bench: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    exit(71);
}

double
bench_tick_ns(void)
{
    static double tick_ns;
    if (tick_ns > 0) {
        return tick_ns;
    }
    uint64_t start_ns = hf_clock_monotonic_ns();
    uint64_t start = bench_ticks();
    uint64_t now_ns;
    do {
        now_ns = hf_clock_monotonic_ns();
    } while (now_ns - start_ns < TICK_NS_MEASURED);
    tick_ns = (double)(now_ns - start_ns) / (double)(bench_ticks() - start);
    return tick_ns;
}

void
bench_pin(int cpu)
{
    static bool told;
    int code = cpu < 0 ? 0 : hf_numa_pin_thread(cpu);
    if (code != 0 && !told) {
        told = true;
        (void)fprintf(stderr, "holdfast-bench: cannot pin to CPU %d: %s\n", cpu, strerror(-code));
    }
}

void *
bench_shared(size_t bytes)
{
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) {
        bench_die("no memory: %s", strerror(errno));
    }
    return memory;
}

void
bench_unshare(void *memory, size_t bytes)
{
    (void)munmap(memory, bytes);
}

pid_t
bench_fork(int cpu)
{
    (void)fflush(NULL); /* or the child would print it once more */
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        bench_die("cannot fork: %s", strerror(errno));
    }
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) { /* it died before that */
            _exit(1);
        }
        bench_pin(cpu);
    }
    return child;
}

bool
bench_join(pid_t child)
{
    int status;
    pid_t ended;
    do {
        ended = waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void
bench_directory_make(const struct bench_options *options, char path[BENCH_PATH_BYTES])
{
    int length = snprintf(path, BENCH_PATH_BYTES, "%s/holdfast-bench.XXXXXX", options->directory);
    if (length < 0 || length >= (int)BENCH_PATH_BYTES || mkdtemp(path) == NULL) {
        bench_die("cannot make a directory in %s: %s", options->directory, strerror(errno));
    }
}

static int
remove_entry(const char *path, const struct stat *stat, int type, struct FTW *place)
{
    (void)stat;
    (void)type;
    (void)place;
    return remove(path);
}

void
bench_directory_remove(const char *path)
{
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
