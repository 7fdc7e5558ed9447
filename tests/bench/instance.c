/* instance.c - start, stop, look at and clean up after a daemon under test (instance.h). */
#include "instance.h"

#include "base/clock.h"
#include "shm/region.h"

#include <holdfast/client.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_NS_MAX 60000000000u
#define LOOK_NS 200000u
#define SETTLE_LOOK_NS 100000000u
#define SETTLE_NS_MAX 10000000000u

static void
remove_object(void *context, const char *name)
{
    (void)context;
    (void)hf_region_unlink(name);
}

static void
clean_up(const struct instance *instance)
{
    char prefix[64];
    (void)snprintf(prefix, sizeof(prefix), "/holdfast.%s.", instance->name);
    (void)hf_region_list(prefix, remove_object, NULL);
    bench_directory_remove(instance->directory);
}

/* The janitor hears of every daemon that is started (its pid) and of every one that has ended (0), so that
 * it never kills a pid that may be somebody else's by now. */

static void
janitor_run(const struct instance *instance, int fd)
{
    pid_t daemon = 0;
    ssize_t got;
    (void)setsid(); /* the terminal's signals are not for us */
    do {
        got = read(fd, &daemon, sizeof(daemon));
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (daemon > 0) {
        (void)kill(daemon, SIGKILL);
        hf_clock_sleep_ns(100000000); /* it is not our child: let it go before its files do */
    }
    clean_up(instance);
    _exit(0);
}

static void
janitor_start(struct instance *instance)
{
    int fds[2];
    (void)fflush(NULL);
    if (pipe2(fds, O_CLOEXEC) != 0 || (instance->janitor = fork()) < 0) {
        bench_die("cannot start a janitor: %s", strerror(errno));
    }
    if (instance->janitor == 0) {
        (void)close(fds[1]);
        janitor_run(instance, fds[0]);
    }
    (void)close(fds[0]);
    instance->janitor_fd = fds[1];
}

static void
janitor_tell(const struct instance *instance, pid_t daemon)
{
    if (write(instance->janitor_fd, &daemon, sizeof(daemon)) != (ssize_t)sizeof(daemon)) {
        bench_die("the janitor is gone: %s", strerror(errno));
    }
}

/* Where this build, or this installation, has its daemon. */
static void
find_daemon(struct instance *instance, const char *given)
{
    static const char *const places[] = {"holdfastd", "../sbin/holdfastd"};
    char self[BENCH_PATH_BYTES / 2];
    if (given != NULL) {
        (void)snprintf(instance->program, sizeof(instance->program), "%s", given);
        return;
    }
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash = NULL;
    if (length > 0) {
        self[length] = '\0';
        slash = strrchr(self, '/');
    }
    for (size_t i = 0; slash != NULL && i < sizeof(places) / sizeof(places[0]); i++) {
        (void)snprintf(instance->program, sizeof(instance->program), "%.*s/%s", (int)(slash - self),
                       self, places[i]);
        if (access(instance->program, X_OK) == 0) {
            return;
        }
    }
    bench_die("no holdfastd beside this program: name it with --daemon");
}

static void
write_instruments(FILE *file, uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        (void)fprintf(file, "[instrument.B%u]\ntick = 1\nlot = 1\n", (unsigned)i);
    }
}

static void
write_config(const struct instance *instance, const struct instance_setup *setup)
{
    char path[BENCH_PATH_BYTES + 16];
    (void)snprintf(path, sizeof(path), "%s/conf", instance->directory);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        bench_die("%s: %s", path, strerror(errno));
    }
    (void)fprintf(file, "[instance]\nname = %s\ndirectory = %s/log\nsocket = %s\n", instance->name,
                  instance->directory, instance->socket);
    (void)fprintf(file, "[limits]\nsessions_max = %u\ninstruments_max = %u\n",
                  (unsigned)setup->sessions_max, (unsigned)setup->instruments);
    if (setup->small) {
        (void)fprintf(file, "orders_max = 65536\nsession_orders_max = 65536\nlevels_max = 16384\n"
                            "extras_max = 4096\n");
    }
    (void)fprintf(file, "[wal]\nmode = %s\nsegment_kib = %u\n[threads]\nengine_wait = %s\n",
                  setup->mode, (unsigned)setup->segment_kib, setup->wait);
    (void)fprintf(file, "engine_cpu = %d\nwriter_cpu = %d\nsync_cpu = %d\n", setup->cpus[1],
                  setup->cpus[0], setup->cpus[0]);
    if (setup->more != NULL) {
        (void)fputs(setup->more, file);
    }
    write_instruments(file, setup->instruments);
    if (fclose(file) != 0) {
        bench_die("%s: %s", path, strerror(errno));
    }
}

static void
exec_daemon(const struct instance *instance)
{
    char config[BENCH_PATH_BYTES + 16];
    char log[BENCH_PATH_BYTES + 16];
    (void)snprintf(config, sizeof(config), "%s/conf", instance->directory);
    (void)snprintf(log, sizeof(log), "%s/out", instance->directory);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)dup2(fd, STDOUT_FILENO);
        (void)dup2(fd, STDERR_FILENO);
    }
    (void)execl(instance->program, instance->program, "--config", config, (char *)NULL);
    _exit(127);
}

static bool
is_running(const struct instance *instance)
{
    struct hf_observer *observer;
    struct hf_status status;
    if (hf_observe(&observer, instance->name, instance->socket) != HF_OK) {
        return false;
    }
    hf_observer_status(observer, &status);
    hf_observer_close(observer);
    return status.state == HF_STATE_RUNNING && status.pid == (uint64_t)instance->daemon;
}

void
instance_tell(const struct instance *instance)
{
    char path[BENCH_PATH_BYTES + 16];
    char text[2048];
    (void)snprintf(path, sizeof(path), "%s/out", instance->directory);
    FILE *file = fopen(path, "r");
    size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    text[length] = '\0';
    (void)fprintf(stderr, "%s", text);
}

/** Its last words, before its directory goes. */
_Noreturn static void
die_of_daemon(struct instance *instance, const char *what)
{
    instance_tell(instance);
    instance_close(instance);
    bench_die("%s %s", instance->program, what);
}

uint64_t
instance_start(struct instance *instance)
{
    uint64_t start_ns = hf_clock_monotonic_ns();
    (void)unlink(instance->socket); /* of a daemon that was killed */
    instance->daemon = bench_fork(-1);
    if (instance->daemon == 0) {
        exec_daemon(instance);
    }
    janitor_tell(instance, instance->daemon);
    while (!is_running(instance)) {
        if (waitpid(instance->daemon, NULL, WNOHANG) == instance->daemon) {
            instance->daemon = 0;
            janitor_tell(instance, 0);
            die_of_daemon(instance, "ended at its start");
        }
        if (hf_clock_monotonic_ns() - start_ns > START_NS_MAX) {
            die_of_daemon(instance, "does not start");
        }
        hf_clock_sleep_ns(LOOK_NS);
    }
    return hf_clock_monotonic_ns() - start_ns;
}

void
instance_make(struct instance *instance, const struct bench_options *options,
              const struct instance_setup *setup)
{
    static unsigned count;
    memset(instance, 0, sizeof(*instance));
    find_daemon(instance, options->daemon);
    bench_directory_make(options, instance->directory);
    (void)snprintf(instance->socket, sizeof(instance->socket), "%s/sock", instance->directory);
    (void)snprintf(instance->name, sizeof(instance->name), "bench%u-%u", (unsigned)getpid(),
                   count++);
    write_config(instance, setup);
    janitor_start(instance);
}

void
instance_open(struct instance *instance, const struct bench_options *options,
              const struct instance_setup *setup)
{
    instance_make(instance, options, setup);
    (void)instance_start(instance);
}

static bool
wait_ended(struct instance *instance)
{
    bool clean = bench_join(instance->daemon);
    instance->daemon = 0;
    janitor_tell(instance, 0);
    return clean;
}

bool
instance_stop(struct instance *instance)
{
    (void)kill(instance->daemon, SIGTERM);
    return wait_ended(instance);
}

void
instance_kill(struct instance *instance)
{
    (void)kill(instance->daemon, SIGKILL);
    (void)wait_ended(instance);
}

void
instance_status(const struct instance *instance, struct hf_status *status)
{
    struct hf_observer *observer;
    memset(status, 0, sizeof(*status));
    if (hf_observe(&observer, instance->name, instance->socket) == HF_OK) {
        hf_observer_status(observer, status);
        hf_observer_close(observer);
    }
}

uint64_t
instance_cpu_ns(const struct instance *instance)
{
    char path[64];
    unsigned long user = 0;
    unsigned long system = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)instance->daemon);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0;
    }
    /* Behind the name in brackets: fields 3 to 13, then utime and stime in clock ticks. */
    int got = fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                     &user, &system);
    (void)fclose(file);
    return got != 2 ? 0 : (user + system) * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
}

/** Bytes that it has written by calls: its log's zeros, not its records. */
static uint64_t
written_bytes(const struct instance *instance)
{
    char path[64];
    uint64_t bytes = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/io", (int)instance->daemon);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        (void)!fscanf(file, "rchar: %*u wchar: %" SCNu64, &bytes);
        (void)fclose(file);
    }
    return bytes;
}

void
instance_settle(const struct instance *instance)
{
    uint64_t deadline_ns = hf_clock_monotonic_ns() + SETTLE_NS_MAX;
    uint64_t before;
    uint64_t now = written_bytes(instance);
    do {
        before = now;
        hf_clock_sleep_ns(SETTLE_LOOK_NS);
        now = written_bytes(instance);
    } while (now != before && hf_clock_monotonic_ns() < deadline_ns);
}

void
instance_close(struct instance *instance)
{
    if (instance->daemon > 0) {
        instance_kill(instance);
    }
    (void)close(instance->janitor_fd);
    (void)waitpid(instance->janitor, NULL, 0);
}
