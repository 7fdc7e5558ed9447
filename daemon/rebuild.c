/*
 * rebuild.c - state = log + WAL queue + rings, as the last daemon left them.
 *
 *   snapshot ──► scan the log behind it ──► replay ──► compare reports with rings ──► go on with the queue's records
 *                       └────► compare or keep market events (market.h)
 *
 * B1  a replayed report whose slot is still in the ring is equal to it, byte for byte
 * B2  a replayed report beyond the ring's published run is found in the event buffer, or has been
 *     overwritten there (a gap, backlog.h); it is published once the accepted log is durable
 * B3  in the same boot, no shared object knows an LSN, command, report or market event beyond what was
 *     rebuilt
 * B4  the queue's records continue the log, and those also in what was read of it are equal to it
 * B5  the daemon may have died while it filled the next message's slots, of a ring or of the queue:
 *     what those slots held a lap ago is torn, and is compared with nothing
 * B6  a session without a ring (after a reboot, or when shared memory was given up) goes on with the
 *     first report that was produced when no client of it was there any more: behind its DISCONNECT, or
 *     behind an EPOCH of another boot or history, and before the next CONNECT
 * B7  in the boot of the log's last start, and without a clean stop behind it, the status page, the queue
 *     and the daemon's object of every session that was opened or resumed since are there
 * B8  a snapshot is begun with only if the log has its record, and if no event is behind it that the
 *     market-data ring lacks; its event buffer stands in for the replay of what is before (B1, B2)
 */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/planted.h"
#include "daemon/backlog.h"
#include "daemon/owner.h"
#include "recovery/archive.h"
#include "recovery/restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PROGRESS_NS 5000000000u

struct rebuild {
    struct hf_daemon *daemon;
    struct hf_link **links;   /**< by slot */
    struct hf_record *window; /**< the log's last records, as many as the queue has slots */
    uint64_t window_mask;
    uint32_t last_type;
    char refusal[HF_SNAPSHOT_TEXT_BYTES + 256]; /**< of the snapshot that was refused last */
    bool drawn_reports; /**< of some session: it has none under the plain name (shm/session.h) */
    bool unreadable;    /**< a snapshot could not be read; perhaps it can next time */
    bool queue_spent;   /**< its records went into the log, and it was not made anew since */
    uint64_t told_ns;   /**< when progress was told last */
    int code;           /**< first error of the report sink */
};

/* Reports */

static void
damage_in_ring(struct rebuild *rebuild, const struct hf_link *link, const struct hf_report *report)
{
    rebuild->code = hf_start_failed(
        rebuild->daemon, HF_E_CORRUPT,
        "session '%s': report %llu (LSN %llu) in shared memory /dev/shm%s differs from what the "
        "log "
        "gives: one of them is damaged. Copy both, then --abandon-shm to go on from the log",
        link->name, (unsigned long long)report->number, (unsigned long long)report->lsn,
        link->report_region.name);
}

/** B1, B5; slots that were overwritten by later reports are gone and need no look, reports of before a
 *  reboot were never in this object, and those of before a restart of the ring have been read. */
static void
compare_with_ring(struct rebuild *rebuild, const struct hf_link *link,
                  const struct hf_report *report)
{
    const struct hf_slot *slots = hf_session_slots(link->report_object);
    uint64_t capacity = link->report_object->report_slots;
    uint64_t oldest = hf_link_oldest_report(link->report_object, link->reports.next);
    for (unsigned i = 0; i < report->slots; i++) {
        uint64_t number = report->number + i;
        const struct hf_slot *slot = &slots[number & (capacity - 1)];
        if (number >= oldest && rebuild->code == HF_OK &&
            memcmp(slot, &report[i], HF_SLOT_BYTES) != 0) {
            damage_in_ring(rebuild, link, report);
        }
    }
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct rebuild *rebuild = context;
    struct hf_link *link = rebuild->links[session];
    if (link->report_object != NULL && report->number < link->reports.next) {
        compare_with_ring(rebuild, link, report);
    }
}

static void
on_market(void *context, const struct hf_market_event *event)
{
    struct rebuild *rebuild = context;
    if (rebuild->code == HF_OK) {
        rebuild->code = hf_market_ring_replayed(rebuild->daemon, event);
    }
}

/* Sessions */

static int
open_link(struct rebuild *rebuild, uint32_t slot, uint64_t id, const char *name)
{
    struct hf_daemon *daemon = rebuild->daemon;
    struct hf_link *link = hf_link_create(slot, id, name, 1);
    if (link == NULL) {
        return hf_start_failed(daemon, HF_E_MEMORY, "out of memory");
    }
    rebuild->links[slot] = link;
    if (!daemon->resumed_shm) {
        return HF_OK;
    }
    int result = hf_link_open_objects(link, daemon->config.instance_name,
                                      daemon->status->instance_id, rebuild->drawn_reports);
    if (result == HF_E_UNKNOWN) {
        return HF_OK; /* B7 tells whether that matters */
    }
    if (result == HF_E_MEMORY || result == HF_E_SYSTEM) {
        return hf_start_failed(daemon, result,
                               "the objects of session '%s' in /dev/shm cannot be mapped: %s",
                               link->name, strerror(errno));
    }
    if (result != HF_OK) {
        return hf_start_failed(daemon, result,
                               "/dev/shm%s, the reports of session '%s': %s. Copy it, then "
                               "--abandon-shm to go on from the log",
                               link->report_region.name, link->name, hf_strerror(result));
    }
    link->reports.next = hf_link_last_report(link->report_object) + 1;
    /* Of whom we do not know how far it had read: as far as the ring goes back. */
    link->reports.tail_read = hf_link_oldest_report(link->report_object, link->reports.next) - 1;
    return HF_OK;
}

static void
note_drawn(void *context, const char *name)
{
    struct rebuild *rebuild = context;
    rebuild->drawn_reports |=
        hf_session_report_name_is_drawn(name, NULL) && !hf_owner_is_foreign(name);
}

/** Once: a log may have more openings than shared memory has names. */
static void
look_for_drawn_reports(struct rebuild *rebuild)
{
    char prefix[HF_REGION_NAME_BYTES];
    (void)snprintf(prefix, sizeof(prefix), "/holdfast.%.23s.s.",
                   rebuild->daemon->config.instance_name);
    (void)hf_region_list(prefix, note_drawn, rebuild);
}

static int
make_tables(struct rebuild *rebuild)
{
    uint32_t sessions = hf_core_limits(rebuild->daemon->replay.core)->sessions_max;
    rebuild->links = calloc(sessions + 1, sizeof(struct hf_link *));
    if (rebuild->links == NULL || hf_registry_init(&rebuild->daemon->registry, sessions) != HF_OK) {
        return hf_start_failed(rebuild->daemon, HF_E_MEMORY, "out of memory");
    }
    return HF_OK;
}

static int
on_applied(void *context, const struct hf_record *record)
{
    struct rebuild *rebuild = context;
    int result = rebuild->code;
    if (record->type == HF_RECORD_GENESIS) {
        result = make_tables(rebuild);
    } else if (record->type == HF_RECORD_OPEN) {
        result = open_link(rebuild, record->session, record->lsn, record->open.name);
    } else if (record->type == HF_RECORD_CLOSE) {
        hf_link_destroy(rebuild->links[record->session]);
        rebuild->links[record->session] = NULL;
    }
    rebuild->last_type = record->type;
    return result;
}

/* Snapshot */

static void
on_refused(void *context, const char *text)
{
    struct rebuild *rebuild = context;
    hf_log(HF_LOG_WARNING, "%s", text);
    (void)snprintf(rebuild->refusal, sizeof(rebuild->refusal), "%s", text);
}

/** The market-data ring lacks events that only a replay makes again: a snapshot must not be beyond them.
 *  Reports need no such care, the event buffer is part of the snapshot. */
static bool
ring_can_go_on(void *context, const struct hf_snapshot *snapshot, const char **why)
{
    const struct rebuild *rebuild = context;
    const struct hf_market_ring *ring = &rebuild->daemon->market;
    *why = "it is beyond the last event of the market-data ring";
    return !ring->left || snapshot->header.market_number <= ring->last;
}

/** B1 for reports of before the snapshot, as far as its event buffer goes back. */
static void
compare_events(struct rebuild *rebuild, const struct hf_link *link)
{
    const struct hf_core *core = rebuild->daemon->replay.core;
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    uint64_t position = hf_core_event_oldest(core, link->slot);
    while (position != 0 && link->report_object != NULL) {
        if (hf_core_event_read(core, position, slots) != 0) {
            on_report(rebuild, link->slot, slots);
        }
        position = hf_core_event_next(core, position);
    }
}

static int
open_restored(struct rebuild *rebuild)
{
    const struct hf_core *core = rebuild->daemon->replay.core;
    int code = make_tables(rebuild);
    uint32_t sessions = hf_core_limits(core)->sessions_max;
    for (uint32_t slot = 1; slot <= sessions && code == HF_OK; slot++) {
        const struct hf_core_session *session = hf_core_session(core, slot);
        if (session != NULL) {
            code = open_link(rebuild, slot, session->id, session->name);
        }
        if (session != NULL && code == HF_OK) {
            compare_events(rebuild, rebuild->links[slot]);
            code = rebuild->code;
        }
    }
    return code;
}

/** Begin with the newest snapshot that will do. @param from  receives its place in the log; LSN 0: none */
static int
restore(struct rebuild *rebuild, struct hf_log_position *from)
{
    struct hf_daemon *daemon = rebuild->daemon;
    struct hf_restore restore = {.directory = daemon->config.instance_directory,
                                 .wanted = ring_can_go_on,
                                 .refused = on_refused,
                                 .context = rebuild};
    int code = hf_restore(&restore, &daemon->replay);
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "%s", daemon->replay.text);
    }
    *from = restore.position;
    rebuild->unreadable = restore.unreadable;
    daemon->snapshot_lsn = from->lsn;
    rebuild->last_type = from->last_type;
    return from->lsn == 0 ? HF_OK : open_restored(rebuild);
}

/* Log */

static void
remember(struct rebuild *rebuild, const struct hf_record *record)
{
    if (rebuild->window != NULL) {
        rebuild->window[record->lsn & rebuild->window_mask] = *record;
    }
}

/** @return 0, or HF_AGAIN: recovery is to end */
static int
go_on(struct hf_daemon *daemon)
{
    /* Relaxed: a flag alone; seen a record later it is as good. */
    if (daemon->stop == NULL || hf_load_relaxed(daemon->stop) == 0) {
        return HF_OK;
    }
    return hf_start_failed(daemon, HF_AGAIN,
                           "stopped in recovery, behind LSN %llu of the log: nothing was changed",
                           (unsigned long long)daemon->scan.end_lsn);
}

static void
on_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    struct rebuild *rebuild = context;
    struct hf_progress *progress = &rebuild->daemon->progress;
    uint64_t now = hf_clock_monotonic_ns();
    /* Relaxed: shown to callers (N5), nothing hangs on them. */
    hf_store_relaxed(&progress->lsn, rebuild->daemon->scan.end_lsn);
    hf_store_relaxed(&progress->done_bytes, done_bytes);
    hf_store_relaxed(&progress->total_bytes, total_bytes);
    if (now - rebuild->told_ns < PROGRESS_NS) {
        return;
    }
    rebuild->told_ns = now;
    hf_log(HF_LOG_NOTICE, "recovery: segment %llu, %llu of %llu MiB of the log read, LSN %llu",
           (unsigned long long)rebuild->daemon->scan.last_number,
           (unsigned long long)(done_bytes >> 20), (unsigned long long)(total_bytes >> 20),
           (unsigned long long)rebuild->daemon->scan.end_lsn);
}

static int
on_scanned(void *context, const struct hf_record *record, const struct hf_record *more,
           const char *file, uint64_t offset)
{
    struct rebuild *rebuild = context;
    int stopped = go_on(rebuild->daemon);
    if (stopped != HF_OK) {
        return stopped;
    }
    remember(rebuild, record);
    if (more != NULL) {
        remember(rebuild, more);
    }
    return hf_replay_record(&rebuild->daemon->replay, record, more, file, offset);
}

/** Segments from before are gone, and nothing stands in for them. @return the text's code, or 0 */
static int
check_beginning(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    uint64_t *numbers = NULL;
    size_t count = 0;
    int error = hf_archive_list(daemon->config.instance_directory, &numbers, &count);
    uint64_t first = error == 0 && count > 0 ? numbers[0] : 1;
    free(numbers);
    if (first == 1) {
        return HF_OK;
    }
    return hf_start_failed(daemon, rebuild->unreadable ? HF_E_IO : HF_E_CORRUPT,
                           "the log in %s begins with segment %llu, and there is no snapshot to "
                           "begin with instead of segments 1 to %llu%s%s. Restore a snapshot or "
                           "these segments from a copy",
                           daemon->config.instance_directory, (unsigned long long)first,
                           (unsigned long long)first - 1, rebuild->refusal[0] != '\0' ? ": " : "",
                           rebuild->refusal);
}

/** Whether it is shared memory alone that knows of a log: nothing in the directory does. */
static bool
log_is_gone(const struct hf_daemon *daemon, uint64_t told_lsn)
{
    const struct hf_scan_result *scan = &daemon->scan;
    return told_lsn != 0 && scan->floor_lsn == told_lsn && scan->segments == 0 && !scan->witnessed;
}

static int
scan_log(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    uint64_t floor = daemon->resumed_shm ? daemon->status->durable_lsn : 0;
    struct hf_log_position from = {0};
    int code = restore(rebuild, &from);
    if (code == HF_OK && from.lsn == 0) {
        code = check_beginning(rebuild);
    }
    if (code != HF_OK) {
        return code;
    }
    const struct hf_scan_watch watch = {.context = rebuild,
                                        .record = on_scanned,
                                        .progress = on_progress,
                                        .ahead = hf_replay_ahead,
                                        .ahead_context = &daemon->replay,
                                        .from = from.lsn == 0 ? NULL : &from};
    rebuild->told_ns = hf_clock_monotonic_ns();
    code = hf_scan_watched(daemon->config.instance_directory, floor, &watch, &daemon->scan);
    if (code == HF_OK) {
        return HF_OK;
    }
    if (daemon->text[0] != '\0') {
        return code; /* one of our hooks has said it already */
    }
    bool gone = from.lsn == 0 && log_is_gone(daemon, floor);
    return hf_start_failed(
        daemon, code, "%s%s",
        daemon->replay.code != HF_OK ? daemon->replay.text : daemon->scan.text,
        gone ? ", or give up what it held with --abandon-shm (clients are told by "
               "a new history id)"
             : "");
}

/* Queue */

static int
open_queue(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    char name[HF_REGION_NAME_BYTES];
    hf_queue_name(name, daemon->config.instance_name);
    int result = hf_region_open(&daemon->queue_region, name, true);
    rebuild->queue_spent = daemon->resumed_shm && daemon->status->queue_spent != 0;
    if (result == HF_E_UNKNOWN || result == HF_E_CORRUPT) {
        return HF_OK; /* B7 tells whether that matters */
    }
    if (result == HF_E_DENIED) {
        char why[HF_OWNER_TEXT_BYTES];
        hf_owner_text(name, why, sizeof(why));
        return hf_start_failed(daemon, result, "the WAL queue /dev/shm%s %s", name, why);
    }
    if (result != HF_OK) {
        return hf_start_failed(daemon, result, "cannot open /dev/shm%s: %s", name, strerror(errno));
    }
    const struct hf_queue_object *queue = daemon->queue_region.base;
    daemon->queue_left = hf_queue_check(&daemon->queue_region) == HF_OK;
    if (!daemon->queue_left) {
        return HF_OK;
    }
    rebuild->window = calloc(queue->slots, sizeof(struct hf_record));
    rebuild->window_mask = queue->slots - 1;
    return rebuild->window == NULL ? hf_start_failed(daemon, HF_E_MEMORY, "out of memory") : HF_OK;
}

static bool
same_record(const struct hf_record *queued, const struct hf_record *logged)
{
    struct hf_record copy = *logged;
    copy.crc = queued->crc; /* the queue has none */
    return memcmp((const void *)queued, (const void *)&copy, sizeof(copy)) == 0;
}

/** B4 for what is both in the queue and in the log; B5. */
static int
compare_queue_with_log(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    const struct hf_queue_object *queue = daemon->queue_region.base;
    uint64_t end = daemon->scan.end_lsn;
    uint64_t whole = hf_queue_published(&daemon->queue_region, end + 1) + 1 + HF_MESSAGE_SLOTS_MAX;
    uint64_t from = whole > queue->slots ? whole - queue->slots : 1;
    from =
        from > daemon->snapshot_lsn ? from : daemon->snapshot_lsn + 1; /* the rest was not read */
    for (uint64_t lsn = from > queue->first_lsn ? from : queue->first_lsn; lsn <= end; lsn++) {
        const struct hf_record *queued = hf_queue_record(&daemon->queue_region, lsn);
        if (queued->lsn == lsn &&
            !same_record(queued, &rebuild->window[lsn & rebuild->window_mask])) {
            return hf_start_failed(daemon, HF_E_CORRUPT,
                                   "LSN %llu differs between the log (%s) and the WAL queue "
                                   "(/dev/shm%s): one of them is damaged. Copy both, then "
                                   "--abandon-shm to go on from the log",
                                   (unsigned long long)lsn, daemon->config.instance_directory,
                                   daemon->queue_region.name);
        }
    }
    return HF_OK;
}

/** Q2, and one case more: recovery died after it stamped the emptied queue with the next epoch, and
 *  before that epoch's first segment was durable. */
static bool
queue_continues(const struct hf_daemon *daemon)
{
    const struct hf_queue_object *queue = daemon->queue_region.base;
    uint64_t last = hf_queue_published(&daemon->queue_region, daemon->scan.end_lsn + 1);
    bool empty = last == daemon->scan.end_lsn;
    if (queue->instance_id != daemon->status->instance_id || queue->boot != daemon->boot) {
        return false;
    }
    if (queue->first_lsn > daemon->scan.end_lsn + 1) {
        return false;
    }
    uint64_t epoch = daemon->scan.epoch;
    return queue->epoch == epoch || (empty && queue->epoch == epoch + 1) ||
           (empty && queue->epoch + 1 == epoch);
}

/** Replay what the queue has beyond the log, then write it into the log. */
static int
replay_queue(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    uint64_t from = daemon->scan.end_lsn + 1;
    uint64_t last = hf_queue_published(&daemon->queue_region, from);
    for (uint64_t lsn = from; lsn <= last;) {
        const struct hf_record *record = hf_queue_record(&daemon->queue_region, lsn);
        const struct hf_record *more =
            record->slots == 2 ? hf_queue_record(&daemon->queue_region, lsn + 1) : NULL;
        int code = hf_replay_record(&daemon->replay, record, more, NULL, lsn * HF_SLOT_BYTES);
        if (code != HF_OK) {
            return daemon->text[0] != '\0'
                       ? code
                       : hf_start_failed(daemon, code, "%s", daemon->replay.text);
        }
        lsn += record->slots;
    }
    return HF_OK;
}

/** Of log and queue together; 0: both are empty, and there are no books yet. */
static uint64_t
rebuilt_lsn(const struct hf_daemon *daemon)
{
    return daemon->replay.core == NULL ? 0 : hf_core_lsn(daemon->replay.core);
}

static int
seal_log(struct hf_daemon *daemon)
{
    uint64_t from = daemon->scan.end_lsn + 1;
    uint64_t last = rebuilt_lsn(daemon);
    size_t count = last >= from ? last - from + 1 : 0;
    struct hf_record *extra = NULL;
    if (count > 0) {
        extra = calloc(count, sizeof(*extra));
        if (extra == NULL) {
            return hf_start_failed(daemon, HF_E_MEMORY, "out of memory");
        }
        for (size_t i = 0; i < count; i++) {
            extra[i] = *hf_queue_record(&daemon->queue_region, from + i);
        }
    }
    if (daemon->scan.torn_bytes > 0) {
        hf_log(HF_LOG_WARNING, "cutting a torn tail of %llu bytes behind LSN %llu (never durable)",
               (unsigned long long)daemon->scan.torn_bytes,
               (unsigned long long)daemon->scan.end_lsn);
    }
    if (HF_PLANTED(QUEUE_RESET_EARLY) && daemon->queue_left) {
        hf_queue_stamp(&daemon->queue_region, daemon->instance_id, daemon->boot, daemon->epoch,
                       last + 1);
    }
    int code = hf_scan_seal(daemon->config.instance_directory, extra, count, &daemon->scan);
    free(extra);
    return code == HF_OK ? code : hf_start_failed(daemon, code, "%s", daemon->scan.text);
}

/* B3 */

static int
ahead(struct hf_daemon *daemon, const char *what, uint64_t theirs, uint64_t ours)
{
    return hf_start_failed(
        daemon, HF_E_CORRUPT,
        "shared memory knows more than the log: %s %llu, but the log and the WAL "
        "queue give %llu. Something of the log or the queue is missing. Restore it, "
        "or give up what is beyond with --abandon-shm (clients are told by a new "
        "history id)",
        what, (unsigned long long)theirs, (unsigned long long)ours);
}

static int
check_link(struct rebuild *rebuild, const struct hf_link *link)
{
    const struct hf_core_session *session =
        hf_core_session(rebuild->daemon->replay.core, link->slot);
    char what[64 + HF_NAME_BYTES];
    if (link->report_object == NULL) {
        return HF_OK;
    }
    if (link->reports.next - 1 > session->last_report) {
        snprintf(what, sizeof(what), "session '%s' has report", link->name);
        return ahead(rebuild->daemon, what, link->reports.next - 1, session->last_report);
    }
    if (link->report_object->command_tail > session->last_seq) {
        snprintf(what, sizeof(what), "session '%s' has released command", link->name);
        return ahead(rebuild->daemon, what, link->report_object->command_tail, session->last_seq);
    }
    return HF_OK;
}

static int
check_nothing_is_ahead(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    uint64_t lsn = rebuilt_lsn(daemon);
    if (daemon->status->sequenced_lsn > lsn && !HF_PLANTED(LOSS_UNASKED)) {
        return ahead(daemon, "LSN", daemon->status->sequenced_lsn, lsn);
    }
    for (uint32_t slot = 1; rebuild->links != NULL && slot <= daemon->registry.sessions_max;
         slot++) {
        int code = rebuild->links[slot] == NULL ? HF_OK : check_link(rebuild, rebuild->links[slot]);
        if (code != HF_OK) {
            return code;
        }
    }
    return HF_OK;
}

/* B7 */

/** Whether the log ends in this boot without a clean stop: a daemon died, and what it had in shared memory
 *  is still to be there. Not when an unfinished first start says that there was nothing yet. */
static bool
memory_is_due(const struct rebuild *rebuild)
{
    const struct hf_daemon *daemon = rebuild->daemon;
    return daemon->replay.core != NULL && hf_core_boot(daemon->replay.core) == daemon->boot &&
           rebuild->last_type != HF_RECORD_STOP && !daemon->abandon_shm &&
           !daemon->unfinished_shm && !HF_PLANTED(LOSS_UNASKED);
}

static int
missing(struct hf_daemon *daemon, const char *what, const char *name, const char *how)
{
    return hf_start_failed(
        daemon, HF_E_CORRUPT,
        "%s /dev/shm%s %s, but the log's last daemon ran in this boot and did not stop cleanly: "
        "what "
        "it had accepted beyond LSN %llu of the log may be lost. Restore the object, or go on from "
        "the log with --abandon-shm (clients are told by a new history id)",
        what, name, how, (unsigned long long)daemon->scan.end_lsn);
}

/** Behind the scan, before the queue is replayed. */
static int
check_objects(const struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    char name[HF_REGION_NAME_BYTES];
    if (!memory_is_due(rebuild)) {
        return HF_OK;
    }
    if (!daemon->resumed_shm) {
        (void)snprintf(name, sizeof(name), "/holdfast.%.23s.status", daemon->config.instance_name);
        return missing(daemon, "the status page", name, "is missing");
    }
    if (!daemon->queue_left && !rebuild->queue_spent) {
        bool there = daemon->queue_region.base != NULL;
        hf_queue_name(name, daemon->config.instance_name);
        return missing(daemon, "the WAL queue", name, there ? "is damaged" : "is missing or empty");
    }
    return HF_OK;
}

/** The daemon's object of a session. @return whether it should be there and is not */
static bool
reports_are_missing(const struct rebuild *rebuild, const struct hf_link *link)
{
    const struct hf_core_session *session =
        hf_core_session(rebuild->daemon->replay.core, link->slot);
    return link->report_object == NULL && rebuild->daemon->resumed_shm &&
           session->client_lsn > rebuild->daemon->status->objects_lsn;
}

/** Its client can write the other object, and so destroy it: that costs it what was in there. */
static void
warn_of_lost_commands(const struct rebuild *rebuild, const struct hf_link *link)
{
    const struct hf_core_session *session =
        hf_core_session(rebuild->daemon->replay.core, link->slot);
    if (link->report_object != NULL && link->command_region.base == NULL && session->connected) {
        hf_log(HF_LOG_WARNING,
               "session '%s': its command object (generation %llu) is gone or was cut short: "
               "commands in it that had not been taken are lost; its client has to open it again",
               link->name, (unsigned long long)link->report_object->generation);
    }
}

static int
check_session_objects(const struct rebuild *rebuild, bool due)
{
    struct hf_daemon *daemon = rebuild->daemon;
    for (uint32_t slot = 1; rebuild->links != NULL && slot <= daemon->registry.sessions_max;
         slot++) {
        const struct hf_link *link = rebuild->links[slot];
        if (link == NULL) {
            continue;
        }
        warn_of_lost_commands(rebuild, link);
        if (!reports_are_missing(rebuild, link)) {
            continue;
        }
        char name[HF_REGION_NAME_BYTES];
        hf_session_report_name(name, daemon->config.instance_name, link->name, 0);
        if (due) {
            return missing(daemon, "the reports of a session,", name, "are missing or another's");
        }
        hf_log(HF_LOG_WARNING,
               "session '%s': its reports /dev/shm%s are gone since the clean stop; it goes on "
               "without those that were not read",
               link->name, name);
        daemon->objects_lost = true;
    }
    return HF_OK;
}

/* All together */

static int
identify(struct hf_daemon *daemon)
{
    daemon->instance_id = daemon->scan.instance_id;
    if (daemon->resumed_shm && daemon->scan.instance_id != 0 &&
        daemon->status->instance_id != daemon->scan.instance_id) {
        return hf_start_failed(
            daemon, HF_E_CORRUPT,
            "the log in %s is of another instance (id %016llx) than the shared "
            "memory of '%s' (id %016llx)",
            daemon->config.instance_directory, (unsigned long long)daemon->scan.instance_id,
            daemon->config.instance_name, (unsigned long long)daemon->status->instance_id);
    }
    if (daemon->instance_id == 0 && daemon->resumed_shm) {
        daemon->instance_id = daemon->status->instance_id;
    }
    while (daemon->instance_id == 0) {
        if (getrandom(&daemon->instance_id, sizeof(daemon->instance_id), 0) !=
            (ssize_t)sizeof(daemon->instance_id)) {
            return hf_start_failed(daemon, HF_E_SYSTEM, "getrandom: %s", strerror(errno));
        }
    }
    return HF_OK;
}

static int
replay_shared_memory(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    bool due = memory_is_due(rebuild);
    int code = HF_OK;
    if (daemon->queue_left && queue_continues(daemon)) {
        code = compare_queue_with_log(rebuild);
        if (code == HF_OK) {
            code = replay_queue(rebuild);
        }
    } else if (daemon->queue_left && due && !rebuild->queue_spent) {
        code = missing(daemon, "the WAL queue", daemon->queue_region.name,
                       "does not continue the log");
    } else {
        daemon->queue_left =
            false; /* what it holds is worth nothing; B3 tells whether that matters */
    }
    if (code == HF_OK) {
        code = check_session_objects(rebuild, due);
    }
    return code == HF_OK ? check_nothing_is_ahead(rebuild) : code;
}

/** B3 for the market-data ring. */
static int
check_market(struct hf_daemon *daemon)
{
    const struct hf_market_ring *ring = &daemon->market;
    uint64_t made = daemon->replay.core == NULL ? 0 : hf_core_market_number(daemon->replay.core);
    if (!ring->left) {
        return HF_OK;
    }
    int code = hf_market_ring_identify(daemon);
    return code == HF_OK && ring->last > made ? ahead(daemon, "market event", ring->last, made)
                                              : code;
}

/** The status page is gone but the queue is not: what it has beyond the log must not be lost unsaid. */
static int
check_stray_queue(struct hf_daemon *daemon)
{
    if (!daemon->queue_left) {
        return HF_OK;
    }
    const struct hf_queue_object *queue = daemon->queue_region.base;
    uint64_t last = hf_queue_published(&daemon->queue_region, daemon->scan.end_lsn + 1);
    daemon->queue_left = false;
    return queue->boot == daemon->boot && last > daemon->scan.end_lsn
               ? ahead(daemon, "the WAL queue has LSN", last, daemon->scan.end_lsn)
               : HF_OK;
}

static int
publish_links(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    for (uint32_t slot = 1; rebuild->links != NULL && slot <= daemon->registry.sessions_max;
         slot++) {
        struct hf_link *link = rebuild->links[slot];
        if (link != NULL && link->report_object == NULL) {
            link->reports.next =
                hf_core_session_next_shown(hf_core_session(daemon->replay.core, slot)); /* B6 */
        }
        if (link != NULL) {
            hf_backlog_locate(daemon->replay.core, link);
        }
        if (link != NULL && link->report_object != NULL) {
            /* Where the open was logged and not answered. Not before: an earlier session of that name
             * would have taken it. */
            link->report_object->session_id = link->session_id;
            link->report_object->session = slot;
        }
        if (link != NULL && hf_registry_add(&daemon->registry, link) != HF_OK) {
            return hf_start_failed(daemon, HF_E_MEMORY, "out of memory");
        }
    }
    return HF_OK;
}

/** Memory was given up by a start that had made the new history durable before it died: it had accepted
 *  nothing yet. */
static bool
follows_abandoned(const struct rebuild *rebuild, uint64_t logged_history)
{
    const struct hf_daemon *daemon = rebuild->daemon;
    return daemon->abandoned_before && rebuild->last_type == HF_RECORD_EPOCH &&
           (logged_history > daemon->abandoned_history || HF_PLANTED(ABANDONED_FOLLOWED));
}

/** A lost tail starts a new history: unless shared memory gave us everything, or nothing could be lost.
 *  What clients have been told already is not taken back, although it may not be logged yet. */
static void
decide_history(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    bool shm_complete = daemon->resumed_shm && (daemon->queue_left || rebuild->queue_spent);
    bool complete = !daemon->abandon_shm && (shm_complete || rebuild->last_type == HF_RECORD_STOP);
    uint64_t told = daemon->resumed_shm ? daemon->status->history : daemon->abandoned_history;
    uint64_t logged = daemon->replay.core == NULL ? 0 : hf_core_history(daemon->replay.core);
    uint64_t history = told > logged ? told : logged;
    uint64_t epoch = daemon->scan.epoch;
    complete = complete || follows_abandoned(rebuild, logged) || HF_PLANTED(HISTORY_KEPT);
    daemon->history = history == 0 || !complete ? history + 1 : history;
    if (history != 0 && !complete) {
        hf_log(HF_LOG_WARNING,
               "the log was not stopped cleanly, and shared memory gives no more: history %llu "
               "begins behind LSN %llu; clients are told to compare",
               (unsigned long long)daemon->history, (unsigned long long)rebuilt_lsn(daemon));
    }
    daemon->epoch = (epoch > daemon->abandoned_epoch ? epoch : daemon->abandoned_epoch) + 1;
}

static void
tell(const struct hf_daemon *daemon)
{
    const struct hf_core *core = daemon->replay.core;
    if (core != NULL && daemon->snapshot_lsn != 0) {
        hf_log(HF_LOG_NOTICE, "snapshot at LSN %llu, %llu records replayed",
               (unsigned long long)daemon->snapshot_lsn,
               (unsigned long long)(hf_core_lsn(core) - daemon->snapshot_lsn));
    } else if (core != NULL) {
        hf_log(HF_LOG_NOTICE, "no snapshot, %llu records replayed",
               (unsigned long long)hf_core_lsn(core));
    }
}

static int
rebuild_all(struct rebuild *rebuild)
{
    struct hf_daemon *daemon = rebuild->daemon;
    look_for_drawn_reports(rebuild);
    int code = open_queue(rebuild);
    if (code == HF_OK) {
        code = hf_market_ring_find(daemon);
    }
    if (code == HF_OK) {
        code = scan_log(rebuild);
    }
    if (code == HF_OK) {
        code = identify(daemon);
    }
    if (code == HF_OK) {
        code = check_objects(rebuild);
    }
    if (code == HF_OK) {
        code = daemon->resumed_shm ? replay_shared_memory(rebuild) : check_stray_queue(daemon);
    }
    if (code == HF_OK) {
        code = check_market(daemon);
    }
    if (code == HF_OK) {
        decide_history(rebuild);
        tell(daemon);
        code = publish_links(rebuild);
    }
    if (code == HF_OK) {
        code = go_on(daemon); /* the last moment at which nothing has been changed */
    }
    return code == HF_OK ? seal_log(daemon) : code;
}

/** A refused start: what was not published belongs to nobody. */
static void
destroy_unpublished(struct rebuild *rebuild)
{
    const struct hf_registry *registry = &rebuild->daemon->registry;
    for (uint32_t slot = 1; rebuild->links != NULL && slot <= registry->sessions_max; slot++) {
        if (hf_registry_link(registry, slot) == NULL) {
            hf_link_destroy(rebuild->links[slot]);
        }
    }
}

int
hf_rebuild(struct hf_daemon *daemon)
{
    struct rebuild rebuild = {.daemon = daemon};
    daemon->replay.sink =
        (struct hf_core_sink){.context = &rebuild, .report = on_report, .market = on_market};
    daemon->replay.applied = on_applied;
    daemon->replay.context = &rebuild;
    daemon->replay.numa_node = daemon->numa_node;
    int code = rebuild_all(&rebuild);
    if (code != HF_OK) {
        destroy_unpublished(&rebuild);
    }
    free(rebuild.links);
    free(rebuild.window);
    daemon->replay.applied = NULL;
    return code;
}
