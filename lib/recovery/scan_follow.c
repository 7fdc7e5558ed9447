/*
 * scan_follow.c - where a log ends: records followed, slot by slot, and what is behind the last one surveyed
 * (scan.c has the picture).
 */
#include "base/planted.h"
#include "recovery/scan_internal.h"
#include "wal/pack.h"

#include <inttypes.h>
#include <string.h>

void
hf_scan_floor_raise(struct hf_scan_work *scan, uint64_t floor_lsn)
{
    if (floor_lsn > scan->result->floor_lsn) {
        scan->result->floor_lsn = floor_lsn;
    }
}

void
hf_scan_stop(struct hf_scan_work *scan, uint64_t offset, const char *what)
{
    if (!scan->broken) {
        scan->stop_number = scan->reader.number;
        scan->stop_offset = offset;
        scan->stop_what = what;
    }
}

/* ---- following ---- */

/** What a call of the watch returned. */
static int
watch_answered(struct hf_scan_work *scan, int result, uint64_t offset, uint64_t lsn)
{
    if (result >= 0) {
        return 0;
    }
    scan->result->code = result;
    if (scan->result->text[0] == '\0') {
        (void)hf_scan_fail(scan, result,
                           "%s: offset %" PRIu64 ", LSN %" PRIu64 ": refused by the reader",
                           scan->reader.path, offset, lsn);
    }
    return result;
}

static int
visit_call(struct hf_scan_work *scan, const struct hf_record *record, const struct hf_record *more,
           uint64_t offset)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->record == NULL) {
        return 0;
    }
    int result = watch->record(watch->context, record, more, scan->reader.path, offset);
    return watch_answered(scan, result, offset, record->lsn);
}

static int
slot_call(struct hf_scan_work *scan, const struct hf_record *slot, uint64_t offset)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->slot == NULL) {
        return 0;
    }
    int result = watch->slot(watch->context, slot, scan->reader.path, offset);
    return watch_answered(scan, result, offset, slot->lsn);
}

int
hf_scan_tell_segment(struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->segment == NULL) {
        return 0;
    }
    int result = watch->segment(watch->context, header, scan->reader.path);
    return watch_answered(scan, result, 0, header->base_lsn);
}

void
hf_scan_tell_progress(const struct hf_scan_work *scan, uint64_t offset)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->progress != NULL) {
        watch->progress(watch->context, scan->before_bytes + offset, scan->total_bytes);
    }
}

/** A record that is the expected one: hand it on, alone or with its other half. */
static int
record_accept(struct hf_scan_work *scan, const struct hf_record *record, uint64_t offset)
{
    bool more = record->type == HF_RECORD_MORE;
    if (more != scan->half_pending) {
        return hf_scan_damage(scan, offset, "half of a two-slot record without the other (D6)");
    }
    if (more) {
        scan->half_pending = false;
        return visit_call(scan, &scan->half, record, scan->half_offset);
    }
    if (hf_record_slots(record) == 2) {
        scan->half_pending = true;
        scan->half = *record;
        scan->half_offset = offset;
        scan->half_chain = scan->result->end_chain;
        return 0;
    }
    return visit_call(scan, record, NULL, offset);
}

static int
group_accept(struct hf_scan_work *scan, const struct hf_record *group, uint64_t offset)
{
    if (scan->half_pending) {
        return hf_scan_damage(scan, offset, "a group between the halves of a two-slot record (D6)");
    }
    hf_scan_floor_raise(scan, group->group.floor_lsn);
    return 0;
}

static int
slot_accept(struct hf_scan_work *scan, const struct hf_record *slot, uint64_t offset)
{
    int code = slot_call(scan, slot, offset);
    if (code != 0) {
        return code;
    }
    return slot->type == HF_RECORD_GROUP ? group_accept(scan, slot, offset)
                                         : record_accept(scan, slot, offset);
}

static bool
record_expected(const struct hf_scan_work *scan, const struct hf_record *record)
{
    uint64_t lsn = scan->result->end_lsn + (record->type == HF_RECORD_GROUP ? 0 : 1);
    return record->lsn == lsn &&
           (HF_PLANTED(CRC_IGNORED) ||
            record->crc == hf_record_crc(record, scan->key, scan->result->end_chain));
}

bool
hf_scan_limit_passed(const struct hf_scan_work *scan)
{
    uint64_t last_lsn = scan->watch->last_lsn;
    return last_lsn != 0 && scan->result->end_lsn >= last_lsn && !scan->half_pending;
}

/** Whether the slot is behind what is wanted: the last record, and the group that closes its batch. Groups of no
 *  records, which fill a segment up, bear that record's LSN too, but come with the next one: they may not be
 *  durable when it is, and no position may stand behind them. */
static bool
passes_limit(const struct hf_scan_work *scan, const struct hf_record *record)
{
    uint64_t last_lsn = scan->watch->last_lsn;
    bool fills = record->type == HF_RECORD_GROUP && record->group.count == 0;
    return last_lsn != 0 && (record->lsn > last_lsn ||
                             (fills && record->lsn == last_lsn && !HF_PLANTED(FILLING_FOLLOWED)));
}

/** In the reader's buffer: it is malloc'ed, and offsets are multiples of a slot. */
static const struct hf_record *
record_at(const unsigned char *slot)
{
    return (const struct hf_record *)(const void *)slot;
}

static void
tell_ahead(const struct hf_scan_work *scan, const struct hf_record *slots, size_t count)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->ahead != NULL) {
        watch->ahead(watch->ahead_context, slots, count);
    }
}

/** Follow the slots of one buffer. @param stop  set at the first slot that is not the expected one */
static int
follow_slots(struct hf_scan_work *scan, const unsigned char *data, size_t len_bytes, bool *stop)
{
    struct hf_scan_result *result = scan->result;
    for (size_t at = 0; at < len_bytes; at += HF_SLOT_BYTES) {
        const struct hf_record *record = record_at(data + at);
        tell_ahead(scan, record, (len_bytes - at) / HF_SLOT_BYTES);
        if (!record_expected(scan, record)) {
            result->limited = hf_scan_limit_passed(scan);
            *stop = true;
            return 0;
        }
        if (passes_limit(scan, record)) {
            result->limited = true;
            *stop = true;
            return 0;
        }
        int code = slot_accept(scan, record, result->end_offset);
        if (code != 0) {
            return code;
        }
        result->end_lsn = record->lsn;
        result->end_chain = record->crc;
        result->end_offset += HF_SLOT_BYTES;
    }
    return 0;
}

/** Why the slot at the end of the followed records is not followed. */
static const char *
slot_fault(const struct hf_scan_work *scan, const unsigned char *slot)
{
    static const unsigned char zeros[HF_SLOT_BYTES];
    struct hf_record record;
    memcpy(&record, slot, sizeof(record));
    if (memcmp(slot, zeros, sizeof(zeros)) == 0) {
        return "zeros where a record is expected";
    }
    if (record.lsn != scan->result->end_lsn + (record.type == HF_RECORD_GROUP ? 0 : 1)) {
        return "not the record with the next LSN";
    }
    return "the checksum of the record does not match";
}

/** Recovery cuts a lone half: the end goes back before it. */
static void
half_cut(struct hf_scan_work *scan)
{
    scan->half_pending = false;
    scan->result->end_lsn = scan->half.lsn - 1;
    scan->result->end_offset = scan->half_offset;
    scan->result->end_chain = scan->half_chain;
    hf_scan_stop(scan, scan->half_offset, "a two-slot record whose second slot is missing");
}

int
hf_scan_follow(struct hf_scan_work *scan)
{
    struct hf_scan_result *result = scan->result;
    bool stop = false;
    while (!stop) {
        const unsigned char *data = NULL;
        size_t available = 0;
        int code = hf_reader_at(&scan->reader, result->end_offset, &data, &available);
        if (code != 0) {
            return hf_scan_failed_io(scan, result->end_offset, -code);
        }
        if (available == 0) {
            break;
        }
        uint64_t begin = result->end_offset;
        code = follow_slots(scan, data, available, &stop);
        if (code != 0) {
            return code;
        }
        hf_scan_tell_progress(scan, result->end_offset);
        if (stop && !result->limited) {
            hf_scan_stop(scan, result->end_offset,
                         slot_fault(scan, data + (result->end_offset - begin)));
        }
    }
    if (scan->half_pending) {
        half_cut(scan);
    }
    scan->filled = result->end_offset == result->segment_bytes;
    if (scan->filled) {
        hf_scan_stop(scan, result->end_offset, "the next segment does not continue the log");
    }
    return 0;
}

/* ---- surveying ---- */

static uint64_t
bytes_not_zero(const unsigned char *slot)
{
    uint64_t words[HF_SLOT_BYTES / 8];
    uint64_t any = 0;
    uint64_t count = 0;
    memcpy(words, slot, sizeof(words));
    for (unsigned i = 0; i < HF_SLOT_BYTES / 8; i++) {
        any |= words[i];
    }
    for (unsigned i = 0; any != 0 && i < HF_SLOT_BYTES; i++) {
        count += slot[i] != 0;
    }
    return count;
}

static void
survey_slot(struct hf_scan_work *scan, const unsigned char *slot, const struct hf_scan_keys *keys)
{
    struct hf_record record;
    memcpy(&record, slot, sizeof(record));
    scan->used_slots++;
    scan->traces += hf_scan_lsn_is_possible(scan, record.lsn);
    for (unsigned i = 0; i < keys->count; i++) {
        if (hf_group_authentic(&record, keys->key[i])) {
            hf_scan_floor_raise(scan, record.group.floor_lsn);
        }
    }
}

int
hf_scan_survey(struct hf_scan_work *scan, uint64_t offset, const struct hf_scan_keys *keys,
               uint64_t *found)
{
    const unsigned char *data = NULL;
    size_t available = 0;
    *found = 0;
    while (offset < scan->reader.len_bytes) {
        uint64_t next = hf_reader_data_after(&scan->reader, offset);
        offset = next > offset ? next : offset;
        int code = hf_reader_at(&scan->reader, offset, &data, &available);
        if (code != 0) {
            return hf_scan_failed_io(scan, offset, -code);
        }
        if (available == 0) {
            break;
        }
        for (size_t at = 0; at < available; at += HF_SLOT_BYTES) {
            uint64_t count = bytes_not_zero(data + at);
            *found += count;
            if (count != 0) {
                survey_slot(scan, data + at, keys);
            }
        }
        offset += available;
    }
    scan->result->torn_bytes += *found;
    return 0;
}

int
hf_scan_follow_growth(struct hf_scan_work *scan)
{
    struct hf_scan_result *result = scan->result;
    const uint64_t number = scan->reader.number;
    const uint64_t end_offset = result->end_offset;
    const bool broken = scan->broken;
    int error = hf_reader_open(&scan->reader, scan->directory, result->end_segment);
    if (error != 0) {
        return hf_scan_failed_io(scan, 0, -error);
    }
    scan->broken = false;
    int code = hf_scan_follow(scan);
    if (code != 0) {
        return code;
    }
    if (result->end_offset == end_offset) {
        scan->broken = broken;
    }
    if (number != result->end_segment) {
        error = hf_reader_open(&scan->reader, scan->directory, number);
    }
    return error != 0 ? hf_scan_failed_io(scan, 0, -error) : result->end_offset != end_offset;
}
