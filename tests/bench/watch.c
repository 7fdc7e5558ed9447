/*
 * watch.c - what it costs to be watched: the throughput of a saturated daemon with holdfast-exporter and
 * holdfast top attached, and without, by turns in one daemon.
 *
 *   load ──► daemon ◄── exporter, looks once a second; its /metrics and /api are read once a second
 *                   ◄── top, looks once a second
 *            turn:  | at rest | attached | attached | at rest | at rest | attached ...
 *
 * Two neighbouring turns are a pair, and who is first takes turns as well: what drifts on the host is in both. At
 * rest the two are stopped (SIGSTOP): they keep their mappings, as a reader does that looks seldom. When they go on,
 * their time is over, so that each turn has a look of both.
 *
 * On two processors watchers take theirs from producer, engine or log: what they use is told beside the quotient.
 */
#include "bench.h"
#include "instance.h"
#include "producer.h"

#include "base/clock.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GROUP "watch"
#define PAIRS 10u
#define SEGMENT_KIB_FULL 65536.0
#define WARM_SHARE 5.0 /* load_run() warms up for a fifth of its time */
#define START_NS_MAX 10000000000u
#define LOOK_NS 10000000u

enum { EXPORTER, TOP, SCRAPER, WATCHERS };

struct watchers {
    pid_t pids[WATCHERS];
    uint16_t port;
};

/* Programs */

/** Where this build, or this installation, has them. */
static void
find_program(char path[BENCH_PATH_BYTES + 32], const struct instance *instance, const char *name)
{
    const char *slash = strrchr(instance->program, '/');
    int length = slash == NULL ? 0 : (int)(slash - instance->program);
    static const char *const places[] = {"", "/../bin"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        (void)snprintf(path, BENCH_PATH_BYTES + 32, "%.*s%s/%s", length, instance->program,
                       places[i], name);
        if (access(path, X_OK) == 0) {
            return;
        }
    }
    bench_die("no %s beside %s", name, instance->program);
}

/** Run a program whose output goes into a file of the instance. */
static pid_t
spawn(const struct instance *instance, const char *program, char *const *arguments,
      const char *file)
{
    char path[BENCH_PATH_BYTES + 32];
    pid_t child = bench_fork(-1);
    if (child != 0) {
        return child;
    }
    find_program(path, instance, program);
    char out[BENCH_PATH_BYTES + 32];
    (void)snprintf(out, sizeof(out), "%s/%s", instance->directory, file);
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0) {
        (void)execv(path, arguments);
    }
    _exit(127);
}

/** The exporter says where it listens. */
static uint16_t
read_port(const struct instance *instance)
{
    char path[BENCH_PATH_BYTES + 32];
    char text[512] = "";
    const char *at = NULL;
    (void)snprintf(path, sizeof(path), "%s/exporter", instance->directory);
    uint64_t give_up_ns = hf_clock_monotonic_ns() + START_NS_MAX;
    while (at == NULL && hf_clock_monotonic_ns() < give_up_ns) {
        hf_clock_sleep_ns(LOOK_NS);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
        text[len > 0 ? len : 0] = '\0';
        at = strstr(text, ", port ");
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    if (at == NULL) {
        bench_die("holdfast-exporter does not start: %s", text);
    }
    return (uint16_t)strtoul(at + strlen(", port "), NULL, 10);
}

/* The scraper's process: what Prometheus and a page do */

/** @return bytes of the answer */
static size_t
get(uint16_t port, const char *path)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char text[16384];
    size_t bytes = 0;
    ssize_t len;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int size = snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n", path);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        write(fd, text, (size_t)size) == size) {
        while ((len = read(fd, text, sizeof(text))) > 0) {
            bytes += (size_t)len;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return bytes;
}

_Noreturn static void
scrape(uint16_t port)
{
    for (;;) {
        if (get(port, "/metrics") < 1000 || get(port, "/api") < 1000) {
            _exit(1);
        }
        hf_clock_sleep_ns(1000000000);
    }
}

/* Watchers */

static void
watchers_signal(const struct watchers *watchers, int number)
{
    for (unsigned i = 0; i < WATCHERS; i++) {
        (void)kill(watchers->pids[i], number);
    }
}

static struct watchers
watchers_start(const struct instance *instance)
{
    struct watchers watchers;
    char *const exporter[] = {(char *)"holdfast-exporter", (char *)"--socket",
                              (char *)instance->socket,    (char *)"--listen",
                              (char *)"127.0.0.1:0",       NULL};
    char *const top[] = {(char *)"holdfast",
                         (char *)"top",
                         (char *)"--socket",
                         (char *)instance->socket,
                         (char *)"--count",
                         (char *)"1000000",
                         NULL};
    watchers.pids[EXPORTER] = spawn(instance, "holdfast-exporter", exporter, "exporter");
    watchers.port = read_port(instance);
    watchers.pids[TOP] = spawn(instance, "holdfast", top, "top");
    watchers.pids[SCRAPER] = bench_fork(-1);
    if (watchers.pids[SCRAPER] == 0) {
        scrape(watchers.port);
    }
    return watchers;
}

/** @return whether all of them were still at work */
static bool
watchers_stop(const struct watchers *watchers)
{
    bool good = true;
    for (unsigned i = 0; i < WATCHERS; i++) {
        int status;
        good = waitpid(watchers->pids[i], &status, WNOHANG) == 0 && good;
    }
    watchers_signal(watchers, SIGKILL);
    for (unsigned i = 0; i < WATCHERS; i++) {
        (void)waitpid(watchers->pids[i], NULL, 0);
    }
    return good;
}

/** CPU time of all of them so far, in ns. */
static uint64_t
watchers_cpu_ns(const struct watchers *watchers)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < WATCHERS; i++) {
        clockid_t clock;
        struct timespec now;
        if (clock_getcpuclockid(watchers->pids[i], &clock) == 0 &&
            clock_gettime(clock, &now) == 0) {
            sum += (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        }
    }
    return sum;
}

/* Turns */

enum side { AT_REST, ATTACHED };

struct outcome {
    double quotients[PAIRS]; /**< of throughput attached over at rest */
    double cpu_percent;      /**< that watchers used while they were attached */
};

/** Commands a second over a turn. */
static double
measure_turn(const struct instance *instance, const struct watchers *watchers, enum side side,
             double seconds)
{
    struct hf_status before;
    struct hf_status after;
    watchers_signal(watchers, side == ATTACHED ? SIGCONT : SIGSTOP);
    uint64_t start_ns = hf_clock_monotonic_ns();
    instance_status(instance, &before);
    hf_clock_sleep_ns((uint64_t)(seconds * 1e9));
    instance_status(instance, &after);
    uint64_t elapsed_ns = hf_clock_monotonic_ns() - start_ns;
    return (double)(after.commands - before.commands) * 1e9 / (double)elapsed_ns;
}

static void
take_turns(const struct instance *instance, const struct watchers *watchers, double seconds,
           struct outcome *outcome)
{
    uint64_t cpu_ns = watchers_cpu_ns(watchers);
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        double rate[2];
        enum side first = pair % 2 == 0 ? AT_REST : ATTACHED;
        rate[first] = measure_turn(instance, watchers, first, seconds);
        rate[!first] = measure_turn(instance, watchers, (enum side) !first, seconds);
        outcome->quotients[pair] = rate[AT_REST] > 0 ? rate[ATTACHED] / rate[AT_REST] : 0;
    }
    watchers_signal(watchers, SIGCONT);
    cpu_ns = watchers_cpu_ns(watchers) - cpu_ns;
    outcome->cpu_percent = 100.0 * (double)cpu_ns / (seconds * 1e9 * PAIRS);
}

static int
compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double
median(const double values[PAIRS])
{
    double sorted[PAIRS];
    memcpy(sorted, values, sizeof(sorted));
    qsort(sorted, PAIRS, sizeof(sorted[0]), compare);
    return (sorted[(PAIRS - 1) / 2] + sorted[PAIRS / 2]) / 2;
}

/* The run */

struct shared {
    struct load_outcome load;
};

static const char *
run(const struct bench_options *options, const struct instance *instance, struct shared *shared,
    struct outcome *outcome)
{
    const struct load load = {.producers = 1,
                              .seconds = options->seconds * (2 * PAIRS + 1),
                              .instruments = 1,
                              .cpu = options->cpus[0]};
    struct watchers watchers = watchers_start(instance);
    pid_t loader = bench_fork(-1);
    if (loader == 0) {
        load_run(instance, &load, &shared->load);
        _exit(0);
    }
    hf_clock_sleep_ns((uint64_t)(load.seconds / WARM_SHARE * 1e9));
    take_turns(instance, &watchers, options->seconds, outcome);
    bool loaded = bench_join(loader);
    bool watched = watchers_stop(&watchers);
    if (!loaded || shared->load.wrong != NULL) {
        return loaded ? shared->load.wrong : "the load failed";
    }
    return watched ? NULL : "a watcher ended before its time";
}

static void
measure(const struct bench_options *options, struct bench_results *results)
{
    struct instance instance;
    struct outcome outcome;
    struct shared *shared = bench_shared(sizeof(*shared));
    const struct instance_setup setup = {
        .mode = "group",
        .wait = "adaptive",
        .instruments = 1,
        .sessions_max = 1,
        .segment_kib = (uint32_t)bench_scaled(options, SEGMENT_KIB_FULL, 64) & ~3u,
        .cpus = options->cpus,
        .small = options->scale < 1,
    };
    instance_open(&instance, options, &setup);
    const char *wrong = run(options, &instance, shared, &outcome);
    if (wrong == NULL && !instance_stop(&instance)) {
        wrong = "the daemon did not stop cleanly";
    }
    instance_close(&instance);
    if (wrong != NULL) {
        bench_fail(results, "watch: %s", wrong);
    } else {
        bench_add(results, GROUP, "throughput, exporter and top attached over without", BENCH_TIMES,
                  median(outcome.quotients), NULL, 0);
        bench_add(results, GROUP, "throughput beside them", BENCH_K_PER_S, shared->load.rate / 1e3,
                  NULL, 0);
        bench_add(results, GROUP, "CPU of exporter, its reader and top", BENCH_PERCENT,
                  outcome.cpu_percent, NULL, 0);
    }
    bench_unshare(shared, sizeof(*shared));
}

void
bench_watch(const struct bench_options *options, struct bench_results *results)
{
    if (!bench_wanted(options, "watch")) {
        return;
    }
    bench_pin(-1);
    for (unsigned i = 0; i < options->runs; i++) {
        measure(options, results);
    }
}

int
bench_watch_main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = bench_parse,
        .doc =
            "What it costs to be watched: the throughput of a saturated daemon with "
            "holdfast-exporter (and a reader of its /metrics and /api) and holdfast top attached, "
            "each looking once a second, over that without, by turns in one daemon.\v"
            "A run is 10 pairs of turns of --seconds each; the quotient is the median of its "
            "pairs. Where there are but two processors, what watchers use of them is taken from "
            "producer, engine and log: it is told beside the quotient.",
        .children = bench_children};
    return bench_main(argc, argv, &argp, bench_watch);
}
