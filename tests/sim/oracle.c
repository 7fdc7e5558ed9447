/* oracle.c - the records: what was sequenced, what recovery found (oracle.h: O1 to O3, O6, O7). */
#include "sim/oracle.h"

#include "sim/accident.h"
#include "sim/calls.h"
#include "sim/disk.h"
#include "sim/life.h"
#include "sim/oracle_internal.h"
#include "sim/schedule.h"
#include "sim/trader.h"
#include "sim/world.h"

#include "base/atomic.h"
#include "recovery/beginning.h"
#include "recovery/replay.h"
#include "wal/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hf_record records[ORACLE_RECORDS_MAX + 1];
static uint64_t last;      /**< of records */
static uint64_t durable;   /**< highest that was shown, or sealed */
static bool power_was_cut; /**< since the last seal */
static uint64_t found;     /**< O2: where a scan after a power cut ended; 0: none yet */
static bool found_any;
static bool untold; /**< the last start died before its status page was whole: nobody saw it */
static uint64_t
    told; /**< last record of a daemon that ran: what a start logged before is nobody's yet */
static bool given_up;    /**< memory was, since the last finished start and the last power cut */
static bool starting;    /**< what is replayed is recovery's */
static bool lost;        /**< a tail was lost since the last finished start */
static uint64_t history; /**< as told by the last finished start */
static bool flush_has_failed;
static uint64_t durable_then;

void
oracle_reset(void)
{
    last = 0;
    durable = 0;
    power_was_cut = false;
    found_any = false;
    lost = false;
    given_up = false;
    untold = true;
    told = 0;
    history = 0;
    flush_has_failed = false;
    oracle_machine_reset();
    oracle_market_forget_ring();
}

uint64_t
oracle_last(void)
{
    return last;
}

uint64_t
oracle_durable(void)
{
    return durable;
}

/* What is in shared memory */

static void *
shared(const char *name)
{
    struct inode *inode = disk_find(DISK_SHM, name);
    return inode == NULL || inode->len_bytes == 0 ? NULL : inode->cache;
}

static const struct hf_record *
queue_slot(const struct hf_queue_object *queue, uint64_t lsn)
{
    const struct hf_record *slots =
        (const struct hf_record *)(const void *)((const unsigned char *)queue +
                                                 HF_QUEUE_SLOTS_OFFSET);
    const struct hf_record *slot = &slots[lsn & (queue->slots - 1)];
    return slot->lsn == lsn ? slot : NULL;
}

static void
observe_queue(void)
{
    const struct hf_queue_object *queue = shared("holdfast.sim.queue");
    if (queue == NULL || queue->magic != HF_QUEUE_MAGIC) {
        return;
    }
    for (;;) {
        const struct hf_record *record = queue_slot(queue, last + 1);
        const struct hf_record *more =
            record != NULL && record->slots == 2 ? queue_slot(queue, last + 2) : NULL;
        if (record == NULL || (record->slots == 2 && more == NULL)) {
            return;
        }
        if (last + 2 > ORACLE_RECORDS_MAX) {
            sim_violation("the run is longer than the simulator can remember");
        }
        records[last + 1] = *record;
        if (more != NULL) {
            records[last + 2] = *more;
        }
        oracle_machine_apply(&records[last + 1], more == NULL ? NULL : &records[last + 2], true);
        last += record->slots;
        sim_world.counts.records += record->slots;
    }
}

/** O6 */
static void
observe_watermarks(void)
{
    const struct hf_status *status = shared("holdfast.sim.status");
    if (status == NULL || status->magic != HF_STATUS_MAGIC) {
        return;
    }
    if (status->durable_lsn > status->written_lsn || status->written_lsn > last ||
        status->sequenced_lsn > last) {
        sim_violation("O6: sequenced %llu, written %llu, durable %llu, but the queue had %llu",
                      (unsigned long long)status->sequenced_lsn,
                      (unsigned long long)status->written_lsn,
                      (unsigned long long)status->durable_lsn, (unsigned long long)last);
    }
    durable = status->durable_lsn > durable ? status->durable_lsn : durable;
    if (flush_has_failed && status->durable_lsn > durable_then) {
        sim_violation("P6: durable_lsn goes from %llu to %llu after a failed flush",
                      (unsigned long long)durable_then, (unsigned long long)status->durable_lsn);
    }
}

void
oracle_observe(void)
{
    observe_queue();
    observe_watermarks();
    oracle_market_observe();
    told = sim_daemon_runs() ? last : told;
}

void
oracle_start_begins(void)
{
    const struct hf_status *status = shared("holdfast.sim.status");
    starting = true;
    untold = status == NULL || status->magic != HF_STATUS_MAGIC;
}

void
oracle_flush_failed(void)
{
    if (!flush_has_failed) {
        flush_has_failed = true;
        durable_then = durable;
    }
}

/* Recovery */

void
oracle_power_cut(void)
{
    power_was_cut = true;
    flush_has_failed = false;
    given_up = false; /* it would be gone now in any case, and so is whoever knew it */
}

static bool
same_record(const struct hf_record *logged, const struct hf_record *sequenced)
{
    struct hf_record copy = *logged;
    copy.crc = sequenced->crc; /* the queue has none */
    return memcmp((const void *)&copy, (const void *)sequenced, sizeof(copy)) == 0;
}

/** Gap service and checkpointer read along while others write. What is not durable may be lost yet, and a
 *  snapshot must not know it. */
static void
check_reader(uint64_t lsn)
{
    if (starting) {
        return;
    }
    oracle_observe();
    if (sim_world.top->stage != STAGE_GAP && lsn > durable) {
        sim_violation("O9: the checkpointer applies LSN %llu, but only %llu is durable",
                      (unsigned long long)lsn, (unsigned long long)durable);
    }
}

void
oracle_checkpointed(const struct hf_log_position *position)
{
    char name[HF_SEGMENT_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%020llu.wal", (unsigned long long)position->segment);
    const struct inode *inode = disk_find(DISK_LOG, name);
    if (inode != NULL && position->lsn != 0 &&
        memcmp(inode->cache, inode->medium, position->offset) != 0) {
        sim_violation("O9: the checkpointer stands behind LSN %llu at offset %llu of %s, and not "
                      "all before that is durable",
                      (unsigned long long)position->lsn, (unsigned long long)position->offset,
                      name);
    }
}

int
__wrap_hf_replay_record(void *replay, const struct hf_record *record, const struct hf_record *more,
                        const char *file, uint64_t offset)
{
    check_reader(record->lsn + record->slots - 1u);
    bool known = record->lsn == 1 ? last >= 1 : record->lsn <= last;
    if (sim_world.current == SIM_DAEMON && record->type == HF_RECORD_GENESIS && last == 0) {
        known = true; /* a new log: it is applied before it is sequenced */
    } else if (known && (!same_record(record, &records[record->lsn]) ||
                         (more != NULL && !same_record(more, &records[record->lsn + 1])))) {
        sim_violation("O1: recovery has another record at LSN %llu than was sequenced (%s)",
                      (unsigned long long)record->lsn, file == NULL ? "queue" : file);
    }
    if (!known) {
        sim_violation("O1: recovery has LSN %llu, but only %llu were sequenced, or the rest was "
                      "reported lost (%s)",
                      (unsigned long long)record->lsn, (unsigned long long)last,
                      file == NULL ? "queue" : file);
    }
    return __real_hf_replay_record(replay, record, more, file, offset);
}

int
__wrap_hf_retain(struct hf_retain *retain)
{
    int code = __real_hf_retain(retain);
    sim_world.counts.segments_removed += retain->segments_removed;
    return code;
}

/** O1, O2: where recovery means to end the log. */
static void
check_end(uint64_t end)
{
    /* What starts behind a clean stop logged before they were killed, and then the queue is hurt. */
    bool nobodys = accident_queue_is_hurt() && end >= told;
    if (!power_was_cut && !untold && !nobodys && !sim_daemon.abandon_shm && end != last) {
        sim_violation("P1: no power was cut, but the log ends at LSN %llu, and %llu was sequenced",
                      (unsigned long long)end, (unsigned long long)last);
    }
    if (end < durable) {
        sim_violation("P3: the log ends at LSN %llu, but LSN %llu was durable",
                      (unsigned long long)end, (unsigned long long)durable);
    }
    if (found_any && found != end) {
        sim_violation("O2: recovery would end at LSN %llu, but at %llu before it was crashed",
                      (unsigned long long)end, (unsigned long long)found);
    }
    found_any = power_was_cut;
    found = end;
}

/** O3 */
static void
check_state(uint64_t end)
{
    const struct hf_core *core = sim_daemon.replay.core;
    if (core != NULL &&
        (hf_core_lsn(core) != end || hf_core_digest(core) != oracle_machine_digest())) {
        sim_violation("O3: state at LSN %llu differs from the oracle's at %llu",
                      (unsigned long long)hf_core_lsn(core), (unsigned long long)end);
    }
}

/** From here on the lost tail is known to be lost. */
static void
truncate_to(uint64_t end)
{
    if (end < last) {
        lost = lost || end < told;
        told = end < told ? end : told; /* LSNs beyond it are given anew */
        sim_world.counts.lost_records += last - end;
        last = end;
        oracle_machine_reset();
        for (uint64_t lsn = 1; lsn <= end; lsn += records[lsn].slots) {
            oracle_machine_apply(&records[lsn], records[lsn].slots == 2 ? &records[lsn + 1] : NULL,
                                 false);
        }
    }
    if (sim_daemon.abandon_shm) {
        given_up = given_up || history != 0; /* whatever it held: clients have to compare */
        trader_memory_abandoned();
    }
    if (power_was_cut || sim_daemon.abandon_shm) {
        trader_resume_from_log();
    }
}

int
__wrap_hf_scan_seal(const char *directory, const struct hf_record *extra, size_t count,
                    struct hf_scan_result *result)
{
    check_end(result->end_lsn + count);
    int code = __real_hf_scan_seal(directory, extra, count, result);
    if (code != HF_OK) {
        return code;
    }
    sim_trace("sealed at LSN %llu of %llu", (unsigned long long)result->end_lsn,
              (unsigned long long)last);
    check_end(result->end_lsn);
    truncate_to(result->end_lsn);
    check_state(result->end_lsn);
    durable = result->end_lsn;
    power_was_cut = false;
    found_any = false;
    flush_has_failed = false;
    return code;
}

/** The newest EPOCH record at or before an LSN; NULL: there is none. */
static const struct hf_record *
epoch_at(uint64_t lsn)
{
    while (lsn > 0 && records[lsn].type != HF_RECORD_EPOCH) {
        lsn--;
    }
    return lsn == 0 ? NULL : &records[lsn];
}

/** O10 */
static void
check_phases(const struct hf_core *core)
{
    const struct hf_record *epoch = epoch_at(last);
    const struct hf_record *before = epoch_at(epoch->lsn - 1);
    struct hf_instrument_info info;
    bool trades = false;
    for (uint32_t id = 1; hf_core_instrument(core, id, &info); id++) {
        trades |= info.phase == HF_PHASE_OPEN || info.phase == HF_PHASE_PRE_OPEN;
    }
    if (lost && trades && !sim_world.params.after_loss_open) {
        sim_violation("O10: a tail was lost, and trading goes on unasked");
    }
    bool same = before == NULL || before->epoch.history == epoch->epoch.history;
    if ((epoch->flags & HF_EPOCH_HALTS) != 0 && (same || sim_world.params.after_loss_open)) {
        sim_violation("O10: epoch %llu halts, although no history began, or configured not to",
                      (unsigned long long)epoch->epoch.epoch);
    }
}

void
oracle_started(void)
{
    starting = false;
    oracle_observe();
    uint64_t now = sim_daemon.status->history;
    lost = lost || given_up;
    if (now < history || (lost && now == history)) {
        sim_violation("O7: history %llu after %llu, although a tail was %s",
                      (unsigned long long)now, (unsigned long long)history,
                      lost ? "lost" : "not lost");
    }
    const struct hf_core *core = sim_daemon.replay.core;
    check_phases(core);
    history = now;
    lost = given_up = false;
    if (hf_core_lsn(core) != last || hf_core_digest(core) != oracle_machine_digest()) {
        sim_violation("O3: the started daemon is at LSN %llu with another state than %llu records "
                      "give",
                      (unsigned long long)hf_core_lsn(core), (unsigned long long)last);
    }
}

bool
oracle_is_at_rest(void)
{
    bool done = sim_world.params.mode == HF_WAL_MEMORY || durable == last; /* until the stop */
    return done && oracle_market_is_complete();
}

void
oracle_check_log(void)
{
    struct hf_beginning beginning;
    struct hf_scan_result scan = {0};
    int code = hf_beginning(SIM_DIRECTORY, &beginning);
    if (code == HF_OK) {
        const struct hf_scan_watch watch = {.from = hf_beginning_from(&beginning)};
        code = hf_scan_watched(SIM_DIRECTORY, 0, &watch, &scan);
    }
    if (code != HF_OK || scan.end_lsn != last) {
        sim_violation("O11: without a snapshot the log gives LSN %llu of %llu: %s",
                      (unsigned long long)scan.end_lsn, (unsigned long long)last,
                      scan.text[0] == '\0' ? beginning.text : scan.text);
    }
}
