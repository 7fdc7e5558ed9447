/* sampler.c - what the kernel knows of the daemon. Statistics: each word is whole, and that is all. */
#include "daemon/sampler.h"

#include "base/atomic.h"
#include "daemon/meter.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define TASKS "/proc/self/task"
#define TEXT_BYTES 2048
/** Counting the files of a log reads its directory: not every second. */
#define COUNT_EVERY_NS (UINT64_C(10) * HF_SAMPLE_NS)

static bool
is_due(uint64_t sampled_ns, uint64_t now_ns)
{
    return sampled_ns == 0 || now_ns - sampled_ns >= HF_SAMPLE_NS;
}

/* Threads */

/** @return false: there is no such file (the thread has ended, or the kernel does not have it) */
static bool
read_task_file(const char *task, const char *file, char text[TEXT_BYTES])
{
    char path[sizeof(TASKS) + 64];
    (void)snprintf(path, sizeof(path), TASKS "/%.20s/%s", task, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, TEXT_BYTES - 1);
    if (fd >= 0) {
        close(fd);
    }
    text[len > 0 ? len : 0] = '\0';
    return len > 0;
}

/** A number of /proc/PID/stat by its number in proc(5), from 3 on: those behind the name, which may hold
 *  anything. */
static uint64_t
stat_field(const char *text, unsigned field)
{
    const char *at = strrchr(text, ')');
    for (unsigned i = 2; at != NULL && i < field; i++) {
        at = strchr(at + 1, ' ');
    }
    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

/** A number of /proc/PID/status by its name. */
static uint64_t
status_field(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 10);
}

static struct hf_metrics_thread
look_at_thread(const char *task)
{
    struct hf_metrics_thread thread = {.thread_id = strtoull(task, NULL, 10)};
    char text[TEXT_BYTES];
    if (read_task_file(task, "comm", text)) {
        text[strcspn(text, "\n")] = '\0';
        (void)snprintf(thread.name, sizeof(thread.name), "%.15s", text);
    }
    if (read_task_file(task, "stat", text)) {
        thread.minor_faults = stat_field(text, 10);
        thread.major_faults = stat_field(text, 12);
        thread.cpu = (uint32_t)stat_field(text, 39);
    }
    if (read_task_file(task, "schedstat", text)) {
        (void)sscanf(text, "%" SCNu64 " %" SCNu64, &thread.run_ns, /* NOLINT: the kernel's text */
                     &thread.wait_ns);
    }
    if (read_task_file(task, "status", text)) {
        thread.sleeps = status_field(text, "\nvoluntary_ctxt_switches:");
        thread.preemptions = status_field(text, "\nnonvoluntary_ctxt_switches:");
    }
    return thread;
}

static void
store_thread(struct hf_metrics_thread *to, const struct hf_metrics_thread *thread)
{
    uint64_t words[sizeof(*thread) / sizeof(uint64_t)];
    uint64_t *into = (uint64_t *)(void *)to;
    memcpy(words, thread, sizeof(words));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        hf_store_relaxed(&into[i], words[i]);
    }
}

static uint32_t
look_at_threads(struct hf_metrics_control *control)
{
    uint32_t count = 0;
    DIR *tasks = opendir(TASKS);
    const struct dirent *entry;
    while (tasks != NULL && count < HF_METRICS_THREADS_MAX && (entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] != '.') {
            const struct hf_metrics_thread thread = look_at_thread(entry->d_name);
            store_thread(&control->threads[count++], &thread);
        }
    }
    if (tasks != NULL) {
        closedir(tasks);
    }
    return count;
}

/* Sessions */

static uint64_t
distance(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

static void
store_session(struct hf_metrics_session *row, const struct hf_link *link)
{
    uint64_t name[HF_NAME_BYTES / sizeof(uint64_t)];
    uint64_t *into = (uint64_t *)(void *)row->name;
    const struct hf_command_object *object = link->command_region.base;
    memcpy(name, link->name, sizeof(name));
    for (size_t i = 0; i < HF_NAME_BYTES / sizeof(uint64_t); i++) {
        hf_store_relaxed(&into[i], name[i]);
    }
    hf_store_relaxed(&row->connected, (uint32_t)(link->connection_fd >= 0));
    if (object != NULL && hf_load_relaxed(&link->condemned) == HF_OK) { /* K2; for eyes only */
        bool known = hf_load_relaxed(&row->engine_session_id) == link->session_id;
        uint64_t taken = known ? hf_load_relaxed(&row->last_seq) : 0;
        uint64_t made = known ? hf_load_relaxed(&row->last_report) : 0;
        hf_store_relaxed(&row->waiting, distance(taken, hf_load_relaxed(&object->command_head)));
        hf_store_relaxed(&row->unread, distance(hf_load_relaxed(&object->report_tail), made));
    }
    hf_store_relaxed(&row->session_id, link->session_id);
}

/** The control thread alone changes links and their mappings, so that it may look at them. */
static void
look_at_sessions(struct hf_metrics *metrics, const struct hf_registry *registry)
{
    struct hf_metrics_session *rows = hf_meter_sessions(metrics);
    for (uint32_t slot = 1; slot <= registry->sessions_max;
         slot++) { /* as many as there are rows */
        const struct hf_link *link = hf_registry_link(registry, slot);
        if (link == NULL || link->session_id != rows[slot].session_id) {
            hf_store_relaxed(&rows[slot].session_id, 0);
            hf_store_relaxed(&rows[slot].waiting, 0);
            hf_store_relaxed(&rows[slot].unread, 0);
        }
        if (link != NULL) {
            store_session(&rows[slot], link);
        }
    }
}

void
hf_sampler_control(struct hf_metrics *metrics, const struct hf_registry *registry, uint64_t now_ns)
{
    if (metrics == NULL || !is_due(metrics->control.sampled_ns, now_ns)) {
        return;
    }
    struct hf_metrics_control *control = &metrics->control;
    hf_store_relaxed(&control->thread_count, look_at_threads(control));
    look_at_sessions(metrics, registry);
    hf_store_relaxed(&control->sampled_ns, now_ns);
}

/* The disk */

static uint64_t
count_segments(const char *directory)
{
    uint64_t count = 0;
    DIR *files = opendir(directory);
    const struct dirent *entry;
    while (files != NULL && (entry = readdir(files)) != NULL) {
        size_t len = strlen(entry->d_name);
        count += len > 4 && strcmp(entry->d_name + len - 4, ".wal") == 0;
    }
    if (files != NULL) {
        closedir(files);
    }
    return count;
}

void
hf_sampler_prepare(struct hf_metrics *metrics, const char *directory, uint64_t now_ns)
{
    if (metrics == NULL || !is_due(metrics->prepare.sampled_ns, now_ns)) {
        return;
    }
    struct hf_metrics_prepare *prepare = &metrics->prepare;
    struct statvfs disk;
    if (statvfs(directory, &disk) == 0) {
        hf_store_relaxed(&prepare->disk_free_bytes, (uint64_t)disk.f_bavail * disk.f_frsize);
        hf_store_relaxed(&prepare->disk_bytes, (uint64_t)disk.f_blocks * disk.f_frsize);
    }
    if (prepare->sampled_ns == 0 ||
        prepare->sampled_ns / COUNT_EVERY_NS != now_ns / COUNT_EVERY_NS) {
        hf_store_relaxed(&prepare->log_segments, count_segments(directory));
    }
    hf_store_relaxed(&prepare->sampled_ns, now_ns);
}
