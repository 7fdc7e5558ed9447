/* gap.c - the gap thread's work: a replay of the log that listens to one session. */
#include "daemon/gap.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "base/planted.h"
#include "recovery/archive.h"
#include "recovery/replay.h"
#include "recovery/restore.h"
#include "recovery/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUFFER_SLOTS 1024u
#define LOG_NAP_NS 500000u
#define ENOUGH HF_AGAIN /* what the visitor returns to end the scan: no scan gives it by itself */

struct collect {
    struct hf_gap *gap;
    struct hf_replay replay;
    int fd;
    uint64_t count; /**< slots so far */
    bool enough;
    int error; /**< errno of a failed write */
    size_t buffered;
    struct hf_report buffer[BUFFER_SLOTS];
};

int
hf_gap_init(struct hf_gap *gap)
{
    gap->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return gap->event_fd < 0 ? HF_E_SYSTEM : HF_OK;
}

void
hf_gap_destroy(struct hf_gap *gap)
{
    if (gap->directory == NULL) {
        return; /* a start that failed before it was set up */
    }
    if (gap->job.fd >= 0) { /* made, and nobody came to take it */
        (void)close(gap->job.fd);
        (void)close(gap->job.memory_fd);
    }
    if (gap->event_fd >= 0) {
        (void)close(gap->event_fd);
    }
    gap->job.fd = gap->job.memory_fd = gap->event_fd = -1;
}

void
hf_gap_post(struct hf_gap *gap)
{
    HF_ASSERT("G1", hf_load_relaxed(&gap->state) == HF_GAP_IDLE); /* only we leave that state */
    gap->job.fd = gap->job.memory_fd = -1;
    gap->job.code = HF_OK;
    gap->job.text[0] = '\0';
    hf_store_relaxed(&gap->cancel, 0);                      /* before the post */
    hf_store_seq_cst(&gap->state, (uint32_t)HF_GAP_POSTED); /* then ring: T1 */
    hf_bell_ring(&gap->bell, 1);
}

bool
hf_gap_take(struct hf_gap *gap)
{
    uint64_t count;
    (void)!read(gap->event_fd, &count, sizeof(count)); /* EAGAIN: nothing is done */
    if (hf_load_acquire(&gap->state) != HF_GAP_DONE) { /* pairs with the release in do_work */
        return false;
    }
    hf_store_relaxed(&gap->state, (uint32_t)HF_GAP_IDLE); /* ours until the next post */
    return true;
}

/* Collecting */

static void
flush_slots(struct collect *collect)
{
    const unsigned char *bytes = (const unsigned char *)collect->buffer;
    size_t left = collect->buffered * sizeof(collect->buffer[0]);
    while (left > 0 && collect->error == 0) {
        ssize_t written = write(collect->fd, bytes, left);
        if (written < 0) {
            collect->error = errno == EINTR ? 0 : errno;
        } else {
            bytes += written;
            left -= (size_t)written;
        }
    }
    collect->buffered = 0;
}

static void
keep(struct collect *collect, const struct hf_report *report)
{
    struct hf_gap_job *job = &collect->gap->job;
    if (collect->buffered + report->slots > BUFFER_SLOTS) {
        flush_slots(collect);
    }
    memcpy(&collect->buffer[collect->buffered], report, report->slots * sizeof(*report));
    collect->buffered += report->slots;
    job->got_first = collect->count == 0 ? report->number : job->got_first;
    job->got_last = report->number + report->slots - 1;
    collect->count += report->slots;
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct collect *collect = context;
    const struct hf_gap_job *job = &collect->gap->job;
    uint64_t end = report->number + report->slots - 1;
    if (collect->enough || session != job->session || end < job->first ||
        hf_core_session(collect->replay.core, session)->id != job->session_id) {
        return;
    }
    if (collect->count != 0 && collect->count + report->slots > job->slots_max) {
        collect->enough = true;
        return;
    }
    keep(collect, report);
    collect->enough = end >= job->last;
}

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct collect *collect = context;
    int code = hf_replay_record(&collect->replay, record, more, file, offset);
    if (code != HF_OK) {
        return code;
    }
    if (hf_load_relaxed(&collect->gap->cancel) != 0) { /* soon is soon enough */
        return HF_E_SESSION;
    }
    if (collect->error != 0) {
        return HF_E_SYSTEM;
    }
    bool end = collect->enough || record->lsn + record->slots > collect->gap->job.lsn; /* G2 */
    return end ? ENOUGH : HF_OK;
}

/* The job */

static int __attribute__((format(printf, 3, 4)))
refuse(struct hf_gap_job *job, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(job->text, sizeof(job->text), format, arguments);
    va_end(arguments);
    return code;
}

/** G2. */
static int
await_log(const struct hf_gap *gap, struct hf_gap_job *job)
{
    const uint64_t *mark =
        gap->from_flushed ? &gap->status->durable_lsn : &gap->status->written_lsn;
    /* Acquire pairs with the writer's and the sync thread's release: the records are there. */
    while (hf_load_acquire(mark) < job->lsn) {
        if (hf_load_relaxed(&gap->cancel) != 0) {
            return HF_E_SESSION;
        }
        if (hf_halted(gap->halt)) {
            return refuse(job, HF_E_HALTED, "the daemon has halted: %s", gap->status->halt_text);
        }
        hf_clock_sleep_ns(LOG_NAP_NS);
    }
    return HF_OK;
}

/** Whether the reports that are wanted come behind a snapshot. */
static bool
is_from_before(void *context, const struct hf_snapshot *snapshot, const char **why)
{
    const struct hf_gap_job *job = context;
    const struct hf_core_session *session = hf_core_session(snapshot->core, job->session);
    *why = "the reports that are wanted are older";
    return HF_PLANTED(GAP_SNAPSHOT_ANY) || snapshot->header.lsn < job->session_id ||
           (session != NULL && session->id == job->session_id && session->last_report < job->first);
}

/** Whether the beginning of the log is gone. */
static bool
log_is_shortened(const struct collect *collect)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int error = hf_archive_list(collect->gap->directory, &numbers, &count);
    bool shortened = error == 0 && count > 0 && numbers[0] != 1;
    free(numbers);
    return shortened;
}

static int
replay_log(struct collect *collect)
{
    struct hf_gap_job *job = &collect->gap->job;
    struct hf_scan_result scan;
    struct hf_restore restore = {
        .directory = collect->gap->directory, .wanted = is_from_before, .context = job};
    int code = hf_restore(&restore, &collect->replay);
    if (code != HF_OK) {
        return refuse(job, code, "%s", collect->replay.text);
    }
    const struct hf_scan_watch watch = {.context = collect,
                                        .record = on_record,
                                        .ahead = hf_replay_ahead,
                                        .ahead_context = &collect->replay,
                                        .from = hf_restore_from(&restore)};
    code = hf_scan_watched(collect->gap->directory, 0, &watch, &scan);
    flush_slots(collect);
    if (collect->error != 0) {
        return refuse(job, HF_E_SYSTEM, "no memory for the missing reports: %s",
                      strerror(collect->error));
    }
    if (code == ENOUGH || code == HF_OK) {
        return collect->count != 0
                   ? HF_OK
                   : refuse(job, HF_E_CORRUPT, "the log in %s does not give report %" PRIu64,
                            collect->gap->directory, job->first);
    }
    if (restore.position.lsn == 0 && log_is_shortened(collect)) {
        return refuse(job, HF_LOST,
                      "report %" PRIu64 " is older than what is kept: the log goes back no further "
                      "than its oldest snapshot",
                      job->first);
    }
    bool by_replay = collect->replay.code != HF_OK;
    return refuse(job, code, "%s", by_replay ? collect->replay.text : scan.text);
}

/** Nobody can change what it says or make it longer, and the client's descriptor cannot even try; it can be
 *  shortened (G4). @return the read-only descriptor, or -1 */
static int
seal(int fd)
{
    char path[64];
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
        return -1;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int
collect_reports(struct hf_gap *gap)
{
    static struct collect collect; /* the gap thread alone; too long for its stack */
    struct hf_gap_job *job = &gap->job;
    memset(&collect, 0, sizeof(collect));
    collect.gap = gap;
    collect.replay.sink = (struct hf_core_sink){.context = &collect, .report = on_report};
    collect.replay.numa_node = -1;
    collect.replay.background = true;
    collect.fd = memfd_create("holdfast-reports", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (collect.fd < 0) {
        return refuse(job, HF_E_SYSTEM, "memfd_create: %s", strerror(errno));
    }
    int code = replay_log(&collect);
    hf_replay_free(&collect.replay);
    if (code == HF_OK) {
        job->fd = seal(collect.fd);
        code =
            job->fd >= 0 ? HF_OK : refuse(job, HF_E_SYSTEM, "sealing memory: %s", strerror(errno));
    }
    if (code == HF_OK) {
        job->memory_fd = collect.fd;
    } else {
        (void)close(collect.fd);
    }
    return code;
}

int64_t
hf_gap_do_work(struct hf_gap *gap)
{
    const uint64_t one = 1;
    if (hf_load_seq_cst(&gap->state) != HF_GAP_POSTED) { /* T1; pairs with hf_gap_post() */
        return 0;
    }
    int code = await_log(gap, &gap->job);
    gap->job.code = code == HF_OK ? collect_reports(gap) : code;
    hf_store_release(&gap->state, (uint32_t)HF_GAP_DONE); /* pairs with hf_gap_take() */
    (void)!write(gap->event_fd, &one, sizeof(one));
    return 1;
}
