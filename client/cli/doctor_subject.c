/* doctor_subject.c - the instance that the doctor looks at: as configured, or as it runs (doctor.h). */
#include "cli/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const THREADS[HF_DOCTOR_THREADS] = {"hf-engine", "hf-wal-writer", "hf-sync"};
static const char *const THREAD_WORDS[HF_DOCTOR_THREADS] = {"engine", "writer", "sync"};

void
hf_subject_of_config(struct hf_subject *subject, const struct hf_config *config)
{
    *subject = (struct hf_subject){
        .configured = true,
        .cpus = {(int)config->threads_engine_cpu, (int)config->threads_writer_cpu,
                 (int)config->threads_sync_cpu},
        .locks = strcmp(config->memory_lock, "yes") == 0,
        .huge_pages = strcmp(config->memory_huge_pages, "yes") == 0,
        .segment_bytes = (uint64_t)config->wal_segment_kib << 10,
        .reserve_segments = (uint64_t)config->wal_reserve_segments,
    };
    (void)snprintf(subject->name, sizeof(subject->name), "%.*s", (int)HF_NAME_BYTES,
                   config->instance_name);
    (void)snprintf(subject->directory, sizeof(subject->directory), "%s",
                   config->instance_directory);
    (void)snprintf(subject->mode, sizeof(subject->mode), "%s", config->wal_mode);
    (void)snprintf(subject->io, sizeof(subject->io), "%s", config->wal_io);
}

/* A daemon that runs */

struct process {
    struct hf_subject *subject;
    const struct hf_host *host;
};

/** A thread counts as pinned when one CPU is left to it. */
static void
on_task(void *context, const char *name)
{
    const struct process *process = context;
    struct hf_subject *subject = process->subject;
    char text[64];
    (void)hf_host_read(process->host, text, sizeof(text), "proc/%llu/task/%s/comm",
                       (unsigned long long)subject->pid, name);
    for (int i = 0; i < HF_DOCTOR_THREADS; i++) {
        if (strcmp(text, THREADS[i]) != 0) {
            continue;
        }
        char *status = hf_host_load(process->host, "proc/%llu/task/%s/status",
                                    (unsigned long long)subject->pid, name);
        const char *list = status == NULL ? NULL : strstr(status, "\nCpus_allowed_list:");
        struct hf_cpus cpus = {0};
        if (list != NULL) {
            list += strlen("\nCpus_allowed_list:");
            cpus = hf_cpus_parse(list + strspn(list, " \t"));
        }
        subject->cpus[i] = hf_cpus_count(&cpus) == 1 ? hf_cpus_next(&cpus, 0) : -1;
        free(status);
    }
}

/** The log's directory is where the daemon holds LOCK. */
static void
on_descriptor(void *context, const char *name)
{
    const struct process *process = context;
    struct hf_subject *subject = process->subject;
    char path[PATH_MAX];
    char target[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/proc/%llu/fd/%s", process->host->root,
                   (unsigned long long)subject->pid, name);
    ssize_t len = readlink(path, target, sizeof(target) - 1);
    if (len <= 0) {
        return;
    }
    target[len] = '\0';
    char *slash = strrchr(target, '/');
    if (slash != NULL && strcmp(slash, "/LOCK") == 0) {
        *slash = '\0';
        (void)snprintf(subject->directory, sizeof(subject->directory), "%s", target);
    }
}

void
hf_subject_of_daemon(struct hf_subject *subject, const struct hf_host *host,
                     const struct hf_status *status)
{
    static const char *const modes[] = {"group", "sync", "memory"};
    struct process process = {.subject = subject, .host = host};
    char directory[64];
    *subject = (struct hf_subject){.pid = status->pid, .runs = true, .cpus = {-1, -1, -1}};
    (void)snprintf(subject->name, sizeof(subject->name), "%.*s", (int)HF_NAME_BYTES,
                   status->instance);
    (void)snprintf(subject->mode, sizeof(subject->mode), "%s", modes[status->mode % 3]);
    (void)snprintf(subject->io, sizeof(subject->io), "%.*s", (int)sizeof(status->io), status->io);
    (void)snprintf(directory, sizeof(directory), "proc/%llu/task", (unsigned long long)status->pid);
    hf_host_each(host, directory, on_task, &process);
    (void)snprintf(directory, sizeof(directory), "proc/%llu/fd", (unsigned long long)status->pid);
    hf_host_each(host, directory, on_descriptor, &process);
}

void
hf_subject_take_metrics(struct hf_subject *subject, const struct hf_metrics *metrics)
{
    subject->segment_bytes = metrics->segment_bytes;
    subject->reserve_segments = metrics->disk_reserve_segments;
}

void
hf_doctor_unit(const struct hf_subject *subject, char text[HF_DOCTOR_TEXT_BYTES])
{
    bool usual = subject->name[0] == '\0' || strcmp(subject->name, "holdfast") == 0;
    hf_doctor_say(text, "holdfastd%s%s", usual ? "" : "@", usual ? "" : subject->name);
}

/* Pinned threads */

struct hf_cpus
hf_doctor_pinned(const struct hf_subject *subject)
{
    struct hf_cpus cpus = {0};
    for (int i = 0; i < HF_DOCTOR_THREADS; i++) {
        hf_cpus_add(&cpus, subject->cpus[i]);
    }
    return cpus;
}

void
hf_doctor_pinned_text(const struct hf_subject *subject, char text[HF_DOCTOR_TEXT_BYTES])
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < HF_DOCTOR_THREADS; i++) {
        if (subject->cpus[i] >= 0) {
            used += (size_t)snprintf(text + used, HF_DOCTOR_TEXT_BYTES - used, "%s%s on CPU %d",
                                     used > 0 ? ", " : "", THREAD_WORDS[i], subject->cpus[i]);
        }
    }
}
