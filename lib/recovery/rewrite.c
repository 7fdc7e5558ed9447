/*
 * rewrite.c - copy a log slot by slot (rewrite.h).
 *
 * A segment is put together in memory and made whole when the next one begins. What may have to be left
 * out at the end (half of a two-slot record, a clean stop) is known by a mark: the state before it.
 */
#include "recovery/rewrite.h"

#include "base/clock.h"
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
                                        .last_lsn = rewrite->last_lsn};
    int code = hf_scan_watched(rewrite->from, 0, &watch, &copy->scan);
    if (code != 0) {
        return rewrite->text[0] != '\0' ? code : fail(copy, code, "%s", copy->scan.text);
    }
    if (copy->number == 0 || copy->scan.end_lsn == 0) {
        return fail(copy, HF_E_UNKNOWN, "%s: there are no records to copy", rewrite->from);
    }
    if (copy->before_half.lsn == copy->scan.end_lsn) {
        go_back(copy, &copy->before_half);
    } else if (rewrite->without_stop && copy->before_stop.lsn != UINT64_MAX) {
        go_back(copy, &copy->before_stop);
    }
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

/** R2 */
static int
choose_history(struct copy *copy)
{
    struct hf_survey survey = {.found = NULL};
    int code = hf_survey(copy->rewrite->from, &survey);
    if (code != 0) {
        return fail(copy, code, "%s: %s", copy->rewrite->from, hf_strerror(code));
    }
    copy->rewrite->epoch = later(survey.epoch, copy->epoch) + 1;
    copy->rewrite->history = survey.history + 1;
    return 0;
}

static int
target_check(struct copy *copy)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int error = hf_segment_list(copy->rewrite->to, &numbers, &count);
    free(numbers);
    if (error != 0) {
        return fail(copy, hf_segment_error(-error), "%s: %s", copy->rewrite->to, strerror(-error));
    }
    return count == 0 ? 0 : fail(copy, HF_E_FULL, "%s: there is a log already", copy->rewrite->to);
}

/** Failed: take away what was made, the last one first. */
static void
undo(const struct copy *copy)
{
    for (uint64_t number = copy->made; number > 0; number--) {
        (void)hf_segment_remove(copy->rewrite->to, number);
    }
}

int
hf_rewrite(struct hf_rewrite *rewrite)
{
    struct copy copy = {.rewrite = rewrite,
                        .before_half = {.lsn = UINT64_MAX},
                        .before_stop = {.lsn = UINT64_MAX},
                        .instance_id = rewrite->instance_id};
    rewrite->text[0] = '\0';
    int code = target_check(&copy);
    if (code != 0) {
        return code;
    }
    code = copy_records(&copy);
    if (code == 0 && rewrite->new_history) {
        code = choose_history(&copy);
        if (code == 0) {
            code = new_epoch(&copy);
        }
    }
    if (code != 0) {
        undo(&copy);
    }
    free(copy.bytes);
    return code;
}
