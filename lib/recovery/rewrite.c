/*
 * rewrite.c - copy a log slot by slot (rewrite.h).
 *
 * A segment is put together in memory and made whole when the next one begins. What may have to be left
 * out at the end (half of a two-slot record, a clean stop) is known by a mark: the state before it.
 */
#include "recovery/rewrite.h"

#include "base/clock.h"
#include "recovery/beginning.h"
#include "recovery/carry.h"
#include "recovery/restore.h"
#include "recovery/survey.h"
#include "wal/pack.h"
#include "wal/segment.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Where the copy stands. */
struct place {
    uint64_t offset; /**< byte behind the last slot, in the segment in hand */
    uint64_t lsn;
    uint64_t time_ns;
    uint32_t chain;
};

struct copy {
    struct hf_rewrite *rewrite;
    struct hf_beginning beginning; /**< of what is copied */
    struct hf_carry carry;
    struct hf_scan_result scan;
    struct place at;
    struct place before_half; /**< lsn UINT64_MAX: the last slot is no first half */
    struct place before_stop; /**< lsn UINT64_MAX: the last record is no clean stop */
    uint64_t instance_id;
    uint64_t number; /**< of the segment in hand; 0: none */
    uint64_t made;   /**< segments that are there */
    uint64_t epoch;
    uint64_t boot; /**< of the last EPOCH record */
    uint32_t key;
    unsigned char *bytes; /**< of the segment in hand */
    uint64_t segment_bytes;
};

static int __attribute__((format(printf, 3, 4)))
fail(struct copy *copy, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(copy->rewrite->text, sizeof(copy->rewrite->text), format, arguments);
    va_end(arguments);
    return code;
}

static int
segment_make(struct copy *copy)
{
    int error = hf_segment_create(copy->rewrite->to, copy->number, copy->segment_bytes, copy->bytes,
                                  (size_t)copy->at.offset);
    if (error != 0) {
        return fail(copy, hf_segment_error(-error), "%s: segment %" PRIu64 ": %s",
                    copy->rewrite->to, copy->number, strerror(-error));
    }
    copy->made = copy->number;
    return 0;
}

/** An empty segment in memory, long enough. */
static int
segment_clear(struct copy *copy, uint64_t segment_bytes)
{
    if (segment_bytes > copy->segment_bytes || copy->bytes == NULL) {
        free(copy->bytes);
        copy->bytes = malloc((size_t)segment_bytes);
    }
    copy->segment_bytes = segment_bytes;
    if (copy->bytes == NULL) {
        return fail(copy, HF_E_MEMORY, "no memory for a segment of %" PRIu64 " bytes",
                    segment_bytes);
    }
    memset(copy->bytes, 0, (size_t)segment_bytes);
    return 0;
}

static int
on_segment(void *context, const struct hf_segment_header *from, const char *file)
{
    struct copy *copy = context;
    struct hf_segment_header header = *from;
    (void)file;
    int code = copy->number != 0 ? segment_make(copy) : 0;
    if (code == 0) {
        code = segment_clear(copy, header.segment_bytes);
    }
    if (code != 0) {
        return code;
    }
    if (copy->instance_id == 0) {
        copy->instance_id = header.instance_id;
    }
    header.instance_id = copy->instance_id;
    header.chain = copy->at.chain;
    hf_segment_header_seal(&header);
    memcpy(copy->bytes, &header, sizeof(header));
    copy->number = header.number;
    copy->epoch = header.epoch;
    copy->key = hf_record_key(copy->instance_id, header.number, header.epoch);
    copy->at.offset = HF_SEGMENT_HEADER_BYTES;
    return 0;
}

/** Remember where the copy would end without this slot. */
static void
mark(struct copy *copy, const struct hf_record *slot)
{
    if (slot->type == HF_RECORD_GROUP) {
        return;
    }
    copy->before_half.lsn = UINT64_MAX;
    copy->before_stop.lsn = UINT64_MAX;
    if (hf_record_slots(slot) == 2) {
        copy->before_half = copy->at;
    } else if (slot->type == HF_RECORD_STOP) {
        copy->before_stop = copy->at;
    }
}

static int
on_slot(void *context, const struct hf_record *from, const char *file, uint64_t offset)
{
    struct copy *copy = context;
    struct hf_record slot = *from;
    (void)file;
    mark(copy, from);
    if (slot.type == HF_RECORD_GROUP) {
        hf_group_make(&slot, copy->key, from->lsn, from->time_ns, from->group.floor_lsn,
                      from->group.epoch, from->group.count);
    } else if (slot.type == HF_RECORD_EPOCH) {
        copy->boot = slot.epoch.boot;
    }
    slot.crc = hf_record_crc(&slot, copy->key, copy->at.chain);
    memcpy(copy->bytes + offset, &slot, sizeof(slot));
    copy->at = (struct place){.offset = offset + HF_SLOT_BYTES,
                              .lsn = slot.lsn,
                              .time_ns = slot.time_ns,
                              .chain = slot.crc};
    return 0;
}

static void
on_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    const struct hf_rewrite *rewrite = ((const struct copy *)context)->rewrite;
    if (rewrite->progress != NULL) {
        rewrite->progress(rewrite->context, done_bytes, total_bytes);
    }
}

/** Go back to a mark. */
static void
go_back(struct copy *copy, const struct place *place)
{
    memset(copy->bytes + place->offset, 0, (size_t)(copy->at.offset - place->offset));
    copy->at = *place;
}

static int
copy_records(struct copy *copy)
{
    struct hf_rewrite *rewrite = copy->rewrite;
    const struct hf_scan_watch watch = {.context = copy,
                                        .segment = on_segment,
                                        .slot = on_slot,
                                        .progress = on_progress,
                                        .last_lsn = rewrite->last_lsn,
                                        .from = hf_beginning_from(&copy->beginning)};
    copy->at.lsn = copy->beginning.position.lsn;
    copy->at.chain = copy->beginning.position.chain;
    int code = hf_scan_watched(rewrite->from, 0, &watch, &copy->scan);
    if (code != 0) {
        return rewrite->text[0] != '\0' ? code : fail(copy, code, "%s", copy->scan.text);
    }
    if (copy->number == 0 || copy->scan.end_lsn == copy->beginning.position.lsn) {
        return fail(copy, HF_E_UNKNOWN, "%s: there are no records to copy", rewrite->from);
    }
    if (copy->before_half.lsn == copy->scan.end_lsn) {
        go_back(copy, &copy->before_half);
    } else if (rewrite->without_stop && copy->before_stop.lsn != UINT64_MAX) {
        go_back(copy, &copy->before_stop);
    }
    rewrite->first_lsn = copy->beginning.position.lsn + 1;
    rewrite->copied_lsn = copy->at.lsn;
    rewrite->end_lsn = copy->at.lsn;
    rewrite->epoch = copy->epoch;
    return segment_make(copy);
}

static uint64_t
later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void
epoch_record(const struct copy *copy, struct hf_record *record)
{
    memset(record, 0, sizeof(*record));
    record->lsn = copy->at.lsn + 1;
    record->time_ns = later(copy->at.time_ns, hf_clock_wall_ns());
    record->type = HF_RECORD_EPOCH;
    record->slots = 1;
    record->flags = copy->rewrite->halts ? HF_EPOCH_HALTS : 0;
    record->epoch.epoch = copy->rewrite->epoch;
    record->epoch.history = copy->rewrite->history;
    record->epoch.boot = copy->boot; /* its sessions are not disconnected by this */
    record->epoch.rules_version = HF_RULES_VERSION;
}

/** Behind the copied records, which are durable: a segment with an EPOCH and a STOP record. */
static int
new_epoch(struct copy *copy)
{
    struct hf_rewrite *rewrite = copy->rewrite;
    struct hf_record record;
    struct hf_pack pack = {.instance_id = copy->instance_id,
                           .epoch = rewrite->epoch,
                           .lsn = copy->at.lsn,
                           .time_ns = copy->at.time_ns,
                           .chain = copy->at.chain};
    int code = segment_clear(copy, copy->segment_bytes);
    if (code != 0) {
        return code;
    }
    epoch_record(copy, &record);
    hf_pack_begin(&pack, copy->number + 1, hf_segment_slots(copy->segment_bytes));
    hf_pack_header(&pack, (struct hf_segment_header *)(void *)copy->bytes, copy->segment_bytes,
                   record.time_ns, copy->at.lsn);
    struct hf_record *slots = (struct hf_record *)(void *)(copy->bytes + HF_SEGMENT_HEADER_BYTES);
    hf_pack_record(&pack, &record, &slots[0]);
    record = (struct hf_record){.lsn = record.lsn + 1,
                                .time_ns = record.time_ns,
                                .type = HF_RECORD_STOP,
                                .slots = 1}; /* nothing is missing behind it: a start may go on */
    hf_pack_record(&pack, &record, &slots[1]);
    hf_pack_group(&pack, copy->at.lsn, &slots[2]);
    copy->number++;
    copy->at.offset = HF_SEGMENT_HEADER_BYTES + pack.slot * HF_SLOT_BYTES;
    rewrite->end_lsn = record.lsn;
    return segment_make(copy);
}

/** R2: snapshots know those whose records are gone. */
static int
snapshots_look(struct copy *copy, uint64_t *epoch, uint64_t *history)
{
    struct hf_snapshot snapshot;
    uint64_t *lsns = NULL;
    size_t count = 0;
    int error = hf_snapshot_list(copy->rewrite->from, &lsns, &count);
    for (size_t i = 0; i < count; i++) {
        if (hf_snapshot_verify(copy->rewrite->from, lsns[i], &snapshot) == 0) {
            *epoch = later(*epoch, snapshot.header.epoch);
            *history = later(*history, snapshot.header.history);
        }
    }
    free(lsns);
    return error == 0 ? 0
                      : fail(copy, hf_segment_error(-error), "%s: %s", copy->rewrite->from,
                             strerror(-error));
}

/** R2 */
static int
choose_history(struct copy *copy)
{
    struct hf_survey survey = {.first_number = copy->beginning.segment};
    int code = hf_survey(copy->rewrite->from, &survey);
    if (code != 0) {
        return fail(copy, code, "%s: %s", copy->rewrite->from, hf_strerror(code));
    }
    uint64_t epoch = later(survey.epoch, copy->epoch);
    uint64_t history = survey.history;
    code = snapshots_look(copy, &epoch, &history);
    copy->rewrite->epoch = epoch + 1;
    copy->rewrite->history = history + 1;
    return code;
}

/* The beginning (R4) */

static bool
is_short(const struct copy *copy)
{
    return hf_beginning_is_short(&copy->beginning);
}

static int
carry(struct copy *copy, uint64_t instance_id, uint64_t lsn_max)
{
    copy->carry = (struct hf_carry){.from = copy->rewrite->from,
                                    .to = copy->rewrite->to,
                                    .instance_id = instance_id,
                                    .lsn_max = lsn_max,
                                    .first_segment = copy->beginning.segment};
    int code = hf_carry(&copy->carry);
    return code == 0 ? 0 : fail(copy, code, "%s", copy->carry.text);
}

static int
need_snapshot(struct copy *copy, uint64_t lsn_max)
{
    char bound[48] = "";
    if (copy->carry.count > 0) {
        return 0;
    }
    if (lsn_max != 0) {
        (void)snprintf(bound, sizeof(bound), " up to LSN %" PRIu64, lsn_max);
    }
    return fail(copy, HF_E_CORRUPT,
                "%s: the log begins with segment %" PRIu64 ", LSN %" PRIu64
                ", and there is no snapshot%s to begin with%s%s",
                copy->rewrite->from, copy->beginning.segment, copy->beginning.position.lsn + 1,
                bound, copy->carry.text[0] != '\0' ? ": " : "", copy->carry.text);
}

/** Of the same instance they go first, before a daemon that runs can take them away. */
static int
carry_before(struct copy *copy)
{
    const struct hf_rewrite *rewrite = copy->rewrite;
    if (!is_short(copy) || rewrite->instance_id != 0) {
        return 0;
    }
    int code = carry(copy, 0, rewrite->last_lsn);
    return code == 0 ? need_snapshot(copy, rewrite->last_lsn) : code;
}

static int
carry_after(struct copy *copy)
{
    struct hf_rewrite *rewrite = copy->rewrite;
    int code = 0;
    if (!is_short(copy)) {
        return 0;
    }
    if (rewrite->instance_id != 0) {
        code = carry(copy, copy->instance_id, rewrite->copied_lsn);
    } else {
        code = hf_carry_cut(&copy->carry, rewrite->copied_lsn);
        code = code == 0 ? 0 : fail(copy, code, "%s", copy->carry.text);
    }
    if (code == 0) {
        code = need_snapshot(copy, rewrite->copied_lsn);
    }
    rewrite->snapshot_lsn = copy->carry.first_lsn;
    copy->boot = copy->boot == 0 ? copy->carry.boot : copy->boot; /* no EPOCH was copied */
    return code;
}

/** The newest snapshot that is in what is copied stands in for what is damaged before it. */
static int
begin_behind_damage(struct copy *copy)
{
    const struct hf_rewrite *rewrite = copy->rewrite;
    struct hf_restore restore = {.directory = rewrite->from, .lsn_max = rewrite->last_lsn};
    struct hf_replay replay = {.numa_node = -1, .background = true};
    int code = hf_restore(&restore, &replay);
    hf_replay_free(&replay);
    if (code != 0) {
        return fail(copy, code, "%s", replay.text);
    }
    if (restore.position.lsn == 0) {
        return 0;
    }
    code = hf_beginning_sound(rewrite->from, &restore.position, &copy->beginning);
    return code == 0 ? 0 : fail(copy, code, "%s", copy->beginning.text);
}

static int
begin(struct copy *copy)
{
    const struct hf_rewrite *rewrite = copy->rewrite;
    int code = hf_beginning(rewrite->from, &copy->beginning);
    if (rewrite->skips_damage && copy->beginning.segment != 0) {
        code = begin_behind_damage(copy);
    }
    return code == 0 ? 0 : fail(copy, code, "%s", copy->beginning.text);
}

static int
target_check(struct copy *copy)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int error = hf_segment_list(copy->rewrite->to, &numbers, &count);
    free(numbers);
    if (error == 0 && count == 0) {
        error = hf_snapshot_list(copy->rewrite->to, &numbers, &count);
        free(error == 0 ? numbers : NULL);
    }
    if (error != 0) {
        return fail(copy, hf_segment_error(-error), "%s: %s", copy->rewrite->to, strerror(-error));
    }
    return count == 0 ? 0 : fail(copy, HF_E_FULL, "%s: there is a log already", copy->rewrite->to);
}

/** Failed: take away what was made, the last one first. */
static void
undo(struct copy *copy)
{
    for (uint64_t number = copy->made; number >= copy->beginning.segment && number > 0; number--) {
        (void)hf_segment_remove(copy->rewrite->to, number);
    }
    if (copy->carry.count > 0) {
        (void)hf_carry_cut(&copy->carry, 0);
    }
}

/** Whether first segments went while it was copied. */
static bool
overtaken(const struct copy *copy)
{
    struct hf_beginning now;
    return copy->beginning.segment != 0 && hf_beginning(copy->rewrite->from, &now) == 0 &&
           now.segment > copy->beginning.segment;
}

static int
copy_log(struct copy *copy)
{
    int code = begin(copy);
    if (code == 0) {
        code = carry_before(copy);
    }
    if (code == 0) {
        code = copy_records(copy);
    }
    if (code == 0) {
        code = carry_after(copy);
    }
    if (code == 0 && copy->rewrite->new_history) {
        code = choose_history(copy);
        if (code == 0) {
            code = new_epoch(copy);
        }
    }
    return code;
}

int
hf_rewrite(struct hf_rewrite *rewrite)
{
    struct copy copy = {.rewrite = rewrite,
                        .before_half = {.lsn = UINT64_MAX},
                        .before_stop = {.lsn = UINT64_MAX},
                        .instance_id = rewrite->instance_id};
    rewrite->text[0] = '\0';
    rewrite->overtaken = false;
    rewrite->snapshot_lsn = 0;
    int code = target_check(&copy);
    if (code != 0) {
        return code;
    }
    code = copy_log(&copy);
    if (code != 0) {
        undo(&copy);
        rewrite->overtaken = overtaken(&copy);
    }
    free(copy.bytes);
    return code;
}
