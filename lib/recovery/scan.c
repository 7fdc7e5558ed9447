/*
 * scan.c - read a log and judge its tail (scan.h).
 *
 *     segment 1        segment 2        segment 3        segment 4
 *   |H r r g r r g|  |H r r g r g 0|  |H r r X r g g|  |H g ? ? ? 0 0|
 *    ── followed ──────────────────────────►│◄── surveyed: groups, other bytes ──►
 *                        end of epoch     break
 *
 * The scan *follows* records from segment 1 on as long as each is the expected one and its checksum
 * chains (F3, F4). From the first slot that is not, it only *surveys*: which GROUP records there are
 * authentic by themselves (F5), what floor they and the headers carry, how many bytes are not zero.
 *
 * An end that is no break: zeros up to the end of the segment, and behind it either nothing that was
 * ever used, or a segment of a later epoch that begins exactly there (F6).
 *
 * What can a crash leave? The writer stores through a mapping, and the kernel writes dirty pages back
 * in any order before the first flush asks for it. So of everything above the durable floor any part
 * may be on the disk and any part missing: the end of segment n may be zeros while n + 1, which the
 * writer had entered already, is there with header and records; or n + 1 without its header, or n + 2
 * without n + 1. All of that was never called durable, and is a torn tail as long as no floor exceeds
 * the end of the followed records: then n + 1 and what comes behind it are part of the tail, and
 * hf_scan_seal() removes them. What a crash cannot leave is damage whatever the floor:
 *
 * D1  a file that is missing in the sequence, or shorter or longer than its header says: names and
 *     lengths are durable before a segment is used; so is the header of segment 1
 * D2  a whole header with another instance, or with another number than its name: a foreign file
 * D3  a header of an earlier epoch than the segment before has: a stale file
 * D4  a header of a later epoch that does not begin exactly where the records before it end: a new
 *     epoch begins only when all before it is durable and the rest of the old tail is zero
 * D5  a segment filled to its last slot whose successor, of the same epoch and with a whole header,
 *     does not continue it
 * D6  an authentic record in the wrong place: half of a two-slot message without the other half
 *     following it (F7), unless the log ends there
 * D7  segments end before the one that the directory's witness knows to have been in use (witness.h)
 * D8  a file without a whole header that is not as long as the segment before it, or that has many slots
 *     in use, but neither a part of such a header nor an LSN that could be there: nothing of this log, but
 *     somebody else's file, which is not ours to remove
 */
#include "recovery/scan.h"

#include "base/planted.h"
#include "recovery/archive.h"
#include "recovery/reader.h"
#include "wal/pack.h"
#include "wal/segment.h"
#include "wal/witness.h"

#include <errno.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** D8: that a crash leaves so many slots, and of each all but the word with the LSN, is not to be expected
 *  even where only words are written whole, each or not. */
#define FOREIGN_SLOTS 64u

struct scan {
    const char *directory;
    const struct hf_scan_watch *watch;
    struct hf_scan_result *result;
    struct hf_reader reader;
    uint32_t key;          /**< of the segment being followed */
    bool filled;           /**< the segment followed last has records up to its last slot */
    bool broken;           /**< the rest is only surveyed */
    uint64_t used_slots;   /**< not zero, in the segment surveyed last (D8), */
    uint64_t traces;       /**< and those with an LSN that could be there */
    uint64_t before_bytes; /**< of the segment files before the one that is open */
    uint64_t total_bytes;

    /* where the following stopped, for the message */
    uint64_t stop_number;
    uint64_t stop_offset;
    const char *stop_what;

    /* first slot of a two-slot message whose second is still to come */
    bool half_pending;
    struct hf_record half;
    uint64_t half_offset;
    uint32_t half_chain; /**< chain before it */
};

static int __attribute__((format(printf, 3, 4)))
scan_fail(struct scan *scan, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(scan->result->text, sizeof(scan->result->text), format, arguments);
    va_end(arguments);
    scan->result->code = code;
    return code;
}

static int
scan_failed_io(struct scan *scan, uint64_t offset, int error)
{
    if (error == EBADMSG) {
        return scan_fail(scan, HF_E_CORRUPT,
                         "%s: the archive is damaged: it does not decompress to what was put in. "
                         "Restore this file from a copy of the log",
                         scan->reader.path);
    }
    return scan_fail(scan, hf_segment_error(error),
                     "%s: offset %" PRIu64 ": cannot be read: %s (errno %d)", scan->reader.path,
                     offset, strerror(error), error);
}

/** Damage in the file that is open now. */
static int
scan_damage(struct scan *scan, uint64_t offset, const char *what)
{
    return scan_fail(scan, HF_E_CORRUPT,
                     "%s: offset %" PRIu64 ", LSN %" PRIu64
                     ": %s. This is damage and no torn tail; "
                     "nothing was changed. Restore this file from a copy of the log",
                     scan->reader.path, offset, scan->result->end_lsn + 1, what);
}

/** D8. */
static int
scan_foreign(struct scan *scan, const char *what)
{
    return scan_fail(scan, HF_E_CORRUPT,
                     "%s: %s: no file that this log has made, whatever crash it went through. "
                     "Nothing was changed. The log ends with LSN %" PRIu64 " in segment %" PRIu64
                     ": if that is right, move this file away; if it stands for a segment that the "
                     "log has had, restore that from a copy",
                     scan->reader.path, what, scan->result->end_lsn, scan->result->end_segment);
}

/** V2: damage where the following stopped. */
static int
scan_damage_below_floor(struct scan *scan)
{
    char path[PATH_MAX];
    (void)hf_segment_path(path, sizeof(path), scan->directory, scan->stop_number);
    return scan_fail(scan, HF_E_CORRUPT,
                     "%s: offset %" PRIu64 ", LSN %" PRIu64 ": %s, but LSN %" PRIu64
                     " was durable. This is damage and no torn tail; nothing was changed. Restore "
                     "this file from a copy of the log",
                     path, scan->stop_offset, scan->result->end_lsn + 1, scan->stop_what,
                     scan->result->floor_lsn);
}

/** D4, where records before the new epoch are what is damaged: named where the following stopped. */
static int
scan_damage_below_epoch(struct scan *scan, const struct hf_segment_header *header)
{
    char path[PATH_MAX];
    (void)hf_segment_path(path, sizeof(path), scan->directory, scan->stop_number);
    return scan_fail(scan, HF_E_CORRUPT,
                     "%s: offset %" PRIu64 ", LSN %" PRIu64 ": %s, but segment %" PRIu64
                     " begins a new epoch at LSN %" PRIu64
                     ". This is damage and no torn tail; nothing was changed. Restore this file "
                     "from a copy of the log",
                     path, scan->stop_offset, scan->result->end_lsn + 1, scan->stop_what,
                     header->number, header->base_lsn);
}

static void
floor_raise(struct scan *scan, uint64_t floor_lsn)
{
    if (floor_lsn > scan->result->floor_lsn) {
        scan->result->floor_lsn = floor_lsn;
    }
}

static void
scan_stop(struct scan *scan, uint64_t offset, const char *what)
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
watch_answered(struct scan *scan, int result, uint64_t offset, uint64_t lsn)
{
    if (result >= 0) {
        return 0;
    }
    scan->result->code = result;
    if (scan->result->text[0] == '\0') {
        (void)scan_fail(scan, result,
                        "%s: offset %" PRIu64 ", LSN %" PRIu64 ": refused by the reader",
                        scan->reader.path, offset, lsn);
    }
    return result;
}

static int
visit_call(struct scan *scan, const struct hf_record *record, const struct hf_record *more,
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
slot_call(struct scan *scan, const struct hf_record *slot, uint64_t offset)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->slot == NULL) {
        return 0;
    }
    int result = watch->slot(watch->context, slot, scan->reader.path, offset);
    return watch_answered(scan, result, offset, slot->lsn);
}

static int
segment_call(struct scan *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->segment == NULL) {
        return 0;
    }
    int result = watch->segment(watch->context, header, scan->reader.path);
    return watch_answered(scan, result, 0, header->base_lsn);
}

static void
progress_call(const struct scan *scan, uint64_t offset)
{
    const struct hf_scan_watch *watch = scan->watch;
    if (watch->progress != NULL) {
        watch->progress(watch->context, scan->before_bytes + offset, scan->total_bytes);
    }
}

/** A record that is the expected one: hand it on, alone or with its other half. */
static int
record_accept(struct scan *scan, const struct hf_record *record, uint64_t offset)
{
    bool more = record->type == HF_RECORD_MORE;
    if (more != scan->half_pending) {
        return scan_damage(scan, offset, "half of a two-slot record without the other (D6)");
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
group_accept(struct scan *scan, const struct hf_record *group, uint64_t offset)
{
    if (scan->half_pending) {
        return scan_damage(scan, offset, "a group between the halves of a two-slot record (D6)");
    }
    floor_raise(scan, group->group.floor_lsn);
    return 0;
}

static int
slot_accept(struct scan *scan, const struct hf_record *slot, uint64_t offset)
{
    int code = slot_call(scan, slot, offset);
    if (code != 0) {
        return code;
    }
    return slot->type == HF_RECORD_GROUP ? group_accept(scan, slot, offset)
                                         : record_accept(scan, slot, offset);
}

static bool
record_expected(const struct scan *scan, const struct hf_record *record)
{
    uint64_t lsn = scan->result->end_lsn + (record->type == HF_RECORD_GROUP ? 0 : 1);
    return record->lsn == lsn &&
           (HF_PLANTED(CRC_IGNORED) ||
            record->crc == hf_record_crc(record, scan->key, scan->result->end_chain));
}

/** Whether the last record that is wanted was seen. */
static bool
limit_passed(const struct scan *scan)
{
    uint64_t last_lsn = scan->watch->last_lsn;
    return last_lsn != 0 && scan->result->end_lsn >= last_lsn && !scan->half_pending;
}

/** Follow the slots of one buffer. @param stop  set at the first slot that is not the expected one */
static int
follow_slots(struct scan *scan, const unsigned char *data, size_t len_bytes, bool *stop)
{
    struct hf_scan_result *result = scan->result;
    for (size_t at = 0; at < len_bytes; at += HF_SLOT_BYTES) {
        struct hf_record record;
        memcpy(&record, data + at, sizeof(record));
        if (!record_expected(scan, &record)) {
            result->limited = limit_passed(scan);
            *stop = true;
            return 0;
        }
        if (scan->watch->last_lsn != 0 && record.lsn > scan->watch->last_lsn) {
            result->limited = true;
            *stop = true;
            return 0;
        }
        int code = slot_accept(scan, &record, result->end_offset);
        if (code != 0) {
            return code;
        }
        result->end_lsn = record.lsn;
        result->end_chain = record.crc;
        result->end_offset += HF_SLOT_BYTES;
    }
    return 0;
}

/** Why the slot at the end of the followed records is not followed. */
static const char *
slot_fault(const struct scan *scan, const unsigned char *slot)
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
half_cut(struct scan *scan)
{
    scan->half_pending = false;
    scan->result->end_lsn = scan->half.lsn - 1;
    scan->result->end_offset = scan->half_offset;
    scan->result->end_chain = scan->half_chain;
    scan_stop(scan, scan->half_offset, "a two-slot record whose second slot is missing");
}

static int
follow_records(struct scan *scan)
{
    struct hf_scan_result *result = scan->result;
    bool stop = false;
    while (!stop) {
        const unsigned char *data = NULL;
        size_t available = 0;
        int code = hf_reader_at(&scan->reader, result->end_offset, &data, &available);
        if (code != 0) {
            return scan_failed_io(scan, result->end_offset, -code);
        }
        if (available == 0) {
            break;
        }
        uint64_t begin = result->end_offset;
        code = follow_slots(scan, data, available, &stop);
        if (code != 0) {
            return code;
        }
        progress_call(scan, result->end_offset);
        if (stop && !result->limited) {
            scan_stop(scan, result->end_offset,
                      slot_fault(scan, data + (result->end_offset - begin)));
        }
    }
    if (scan->half_pending) {
        half_cut(scan);
    }
    scan->filled = result->end_offset == result->segment_bytes;
    if (scan->filled) {
        scan_stop(scan, result->end_offset, "the next segment does not continue the log");
    }
    return 0;
}

/* ---- surveying ---- */

/** The keys under which the groups of a segment may be authentic. */
struct keys {
    uint32_t key[2];
    unsigned count;
};

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

/** D8: whether a record of this LSN may stand in the segment, as far as is known. */
static bool
lsn_is_possible(const struct scan *scan, uint64_t lsn)
{
    const struct hf_scan_result *result = scan->result;
    uint64_t segments = scan->reader.number - result->end_segment + 1;
    return lsn >= result->end_lsn &&
           lsn - result->end_lsn <= segments * hf_segment_slots(result->segment_bytes);
}

static void
survey_slot(struct scan *scan, const unsigned char *slot, const struct keys *keys)
{
    struct hf_record record;
    memcpy(&record, slot, sizeof(record));
    scan->used_slots++;
    scan->traces += lsn_is_possible(scan, record.lsn);
    for (unsigned i = 0; i < keys->count; i++) {
        if (hf_group_authentic(&record, keys->key[i])) {
            floor_raise(scan, record.group.floor_lsn);
        }
    }
}

/** Look at everything from an offset to the end of the file. @param found  bytes that are not zero */
static int
survey(struct scan *scan, uint64_t offset, const struct keys *keys, uint64_t *found)
{
    const unsigned char *data = NULL;
    size_t available = 0;
    *found = 0;
    while (offset < scan->reader.len_bytes) {
        uint64_t next = hf_reader_data_after(&scan->reader, offset);
        offset = next > offset ? next : offset;
        int code = hf_reader_at(&scan->reader, offset, &data, &available);
        if (code != 0) {
            return scan_failed_io(scan, offset, -code);
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

/* ---- beside a running daemon ---- */

/**
 * Where the following stopped, is the expected record there by now? Then follow on. The writer stores
 * record after record, so whoever sees a later one and looks again sees the earlier ones too; a break
 * that is one stays, as often as one looks.
 *
 * @return 1: it went on; 0: it did not; negative: a code. The file that was open is open again
 */
static int
follow_growth(struct scan *scan)
{
    struct hf_scan_result *result = scan->result;
    const uint64_t number = scan->reader.number;
    const uint64_t end_offset = result->end_offset;
    const bool broken = scan->broken;
    int error = hf_reader_open(&scan->reader, scan->directory, result->end_segment);
    if (error != 0) {
        return scan_failed_io(scan, 0, -error);
    }
    scan->broken = false;
    int code = follow_records(scan);
    if (code != 0) {
        return code;
    }
    if (result->end_offset == end_offset) {
        scan->broken = broken;
    }
    if (number != result->end_segment) {
        error = hf_reader_open(&scan->reader, scan->directory, number);
    }
    return error != 0 ? scan_failed_io(scan, 0, -error) : result->end_offset != end_offset;
}

/** Whether a header that was not whole is so now: the writer was just storing it. */
static int
header_came(struct scan *scan, struct hf_segment_header *header, bool *came)
{
    const unsigned char *page = NULL;
    size_t available = 0;
    const char *why = NULL;
    int error = hf_reader_open(&scan->reader, scan->directory, scan->reader.number);
    if (error == 0) {
        error = hf_reader_at(&scan->reader, 0, &page, &available);
    }
    if (error != 0) {
        return scan_failed_io(scan, 0, -error);
    }
    *came = hf_segment_header_check(page, &why) == HF_HEADER_GOOD;
    memcpy(header, page, sizeof(*header));
    return 0;
}

/* ---- segments ---- */

/** D8: what is left of a header that is not whole, if it is one, has some field right. */
static bool
header_is_traced(const struct scan *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_result *result = scan->result;
    return header->magic == HF_SEGMENT_MAGIC || header->instance_id == result->instance_id ||
           header->number == scan->reader.number || header->epoch == result->epoch ||
           header->segment_bytes == result->segment_bytes;
}

/** D8, of the segment that was just surveyed. Of a few slots a crash may have left any words, also without
 *  their LSNs. */
static bool
is_foreign(const struct scan *scan, const struct hf_segment_header *header)
{
    return scan->used_slots >= FOREIGN_SLOTS && scan->traces == 0 &&
           !header_is_traced(scan, header);
}

/** A segment without a whole header: its epoch is that of the one before or the next one. @param header
 *  receives the header if it came meanwhile: number 0 if not */
static int
survey_headless(struct scan *scan, const char *what, struct hf_segment_header *header)
{
    const uint64_t torn_bytes = scan->result->torn_bytes;
    bool came = false;
    memset(header, 0, sizeof(*header));
    const struct hf_scan_result *result = scan->result;
    uint64_t number = scan->reader.number;
    struct keys keys = {{hf_record_key(result->instance_id, number, result->epoch),
                         hf_record_key(result->instance_id, number, result->epoch + 1)},
                        2};
    uint64_t found = 0;
    if (scan->reader.len_bytes != result->segment_bytes) {
        return scan_foreign(scan, "its length is not that of a segment of this log");
    }
    scan->used_slots = 0;
    scan->traces = 0;
    int code = survey(scan, 0, &keys, &found);
    if (code != 0 || found == 0) {
        return code;
    }
    code = header_came(scan, header, &came);
    if (code == 0 && !came && is_foreign(scan, header)) {
        return scan_foreign(scan, "what is in it are neither records nor a header");
    }
    if (code == 0 && came) {
        scan->result->torn_bytes = torn_bytes;
    } else if (code == 0) {
        header->number = 0;
        scan_stop(scan, 0, what);
        scan->broken = true;
    }
    return code;
}

/** D1, D2: what must hold of a whole header wherever it stands. */
static int
header_identify(struct scan *scan, const struct hf_segment_header *header)
{
    if (header->number != scan->reader.number) {
        return scan_damage(scan, 0, "the header has another segment number than the file's name");
    }
    if (scan->result->segments > 0 && header->instance_id != scan->result->instance_id) {
        return scan_foreign(scan, "it belongs to another instance");
    }
    if (header->segment_bytes != scan->reader.len_bytes) {
        return scan_damage(scan, scan->reader.len_bytes,
                           "the file is not as long as its header says");
    }
    return 0;
}

/** Whether it begins exactly where the followed records end. */
static bool
header_exact(const struct scan *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_result *result = scan->result;
    return !scan->broken && header->number == result->end_segment + 1 &&
           header->base_lsn == result->end_lsn + 1 && header->chain == result->end_chain;
}

/** Whether what stands just before the position is what the position says. @return 1, 0, or a code */
static int
position_holds(struct scan *scan, const struct hf_segment_header *header)
{
    const struct hf_log_position *from = scan->watch->from;
    const unsigned char *slot = NULL;
    size_t available = 0;
    struct hf_record record;
    if (from->offset == HF_SEGMENT_HEADER_BYTES) {
        return header->base_lsn == from->lsn + 1 && header->chain == from->chain;
    }
    int error = hf_reader_at(&scan->reader, from->offset - HF_SLOT_BYTES, &slot, &available);
    if (error != 0) {
        return scan_failed_io(scan, from->offset - HF_SLOT_BYTES, -error);
    }
    if (available < sizeof(record)) {
        return 0;
    }
    memcpy(&record, slot, sizeof(record));
    return record.lsn == from->lsn && record.crc == from->chain;
}

/** The segment of the position from which the scan goes on. @return 1, or a code */
static int
header_resumes(struct scan *scan, const struct hf_segment_header *header)
{
    const struct hf_log_position *from = scan->watch->from;
    scan->result->end_lsn = from->lsn;
    scan->result->end_chain = from->chain;
    if (header->epoch != from->epoch || header->instance_id != from->instance_id ||
        header->segment_bytes != from->segment_bytes) {
        return scan_damage(scan, 0, "not the segment in which the log is to be gone on with");
    }
    int holds = position_holds(scan, header);
    return holds != 0 ? holds
                      : scan_damage(scan, from->offset - HF_SLOT_BYTES,
                                    "not the record behind which the log is to be gone on with");
}

/** Whether the segment continues the log. @return 1: yes; 0: it is part of a torn tail; negative:
 *  damage (D3, D4, D5) */
static int
header_continues(struct scan *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_result *result = scan->result;
    bool next = !scan->broken && header->number == result->end_segment + 1;
    bool exact = header_exact(scan, header);
    if (result->segments == 0 && scan->watch->from != NULL) {
        return header_resumes(scan, header);
    }
    if (result->segments == 0) {
        return exact ? 1 : scan_damage(scan, 0, "the first segment does not begin with LSN 1");
    }
    if (header->epoch < result->epoch) {
        return scan_damage(scan, 0, "a stale segment: its epoch is that of an earlier start");
    }
    if (header->epoch > result->epoch && !exact) {
        return scan->broken || header->base_lsn > result->end_lsn + 1
                   ? scan_damage_below_epoch(scan, header)
                   : scan_damage(scan, 0,
                                 "a new epoch begins here, but not where the records before it "
                                 "end");
    }
    if (header->epoch > result->epoch) {
        return 1;
    }
    if (scan->filled && next) {
        return exact ? 1 : scan_damage(scan, 0, "the segment does not continue the one before it");
    }
    return 0;
}

static int
segment_follow(struct scan *scan, const struct hf_segment_header *header)
{
    struct hf_scan_result *result = scan->result;
    struct keys keys = {{hf_record_key(header->instance_id, header->number, header->epoch)}, 1};
    uint64_t found = 0;
    if (result->segments++ == 0 && scan->watch->from != NULL) {
        result->end_offset = scan->watch->from->offset;
    } else {
        result->end_offset = HF_SEGMENT_HEADER_BYTES;
    }
    result->instance_id = header->instance_id;
    result->epoch = header->epoch;
    result->segment_bytes = header->segment_bytes;
    result->end_segment = header->number;
    scan->key = keys.key[0];
    int code = segment_call(scan, header);
    if (code == 0) {
        code = follow_records(scan);
    }
    while (code == 0 && !scan->filled && !result->limited) {
        result->torn_bytes = 0;
        code = survey(scan, result->end_offset, &keys, &found);
        scan->broken = found != 0;
        if (code != 0 || found == 0) {
            return code;
        }
        int grown = follow_growth(scan);
        if (grown <= 0) {
            return grown;
        }
        scan->broken = false;
    }
    return code;
}

static int
segment_with_header(struct scan *scan, const struct hf_segment_header *header)
{
    int code = header_identify(scan, header);
    if (code != 0) {
        return code;
    }
    if (scan->result->segments > 0 && !scan->filled && !header_exact(scan, header)) {
        code = follow_growth(scan);
        if (code < 0) {
            return code;
        }
    }
    int continues = header_continues(scan, header);
    if (continues < 0) {
        return continues;
    }
    floor_raise(scan, header->floor_lsn);
    if (continues == 1) {
        return segment_follow(scan, header);
    }
    struct keys keys = {{hf_record_key(header->instance_id, header->number, header->epoch)}, 1};
    uint64_t found = 0;
    scan->broken = true;
    return survey(scan, 0, &keys, &found);
}

/** @param gap  a number before this one is missing */
static int
segment_scan(struct scan *scan, bool gap)
{
    struct hf_segment_header header;
    const unsigned char *page = NULL;
    size_t available = 0;
    const char *why = NULL;
    if (gap) { /* also before one that is only prepared: they are removed from the last one on */
        return scan_damage(scan, 0, "the segment before this one is missing");
    }
    if (scan->result->segments > 0 && scan->reader.len_bytes < HF_SEGMENT_HEADER_BYTES) {
        return scan_foreign(scan, scan->reader.len_bytes == 0
                                      ? "it is empty"
                                      : "it is shorter than a segment's header page");
    }
    if (scan->reader.len_bytes < HF_SEGMENT_HEADER_BYTES) {
        return scan_damage(scan, scan->reader.len_bytes, "the file is shorter than a header page");
    }
    int code = hf_reader_at(&scan->reader, 0, &page, &available);
    if (code != 0) {
        return scan_failed_io(scan, 0, -code);
    }
    memcpy(&header, page, sizeof(header));
    enum hf_header_verdict verdict = hf_segment_header_check(page, &why);
    if (verdict == HF_HEADER_VERSION) {
        return scan_fail(scan, HF_E_VERSION,
                         "%s: offset 8: format version %u, but this program reads version %u; use "
                         "the release that wrote it",
                         scan->reader.path, (unsigned)header.version, HF_SEGMENT_VERSION);
    }
    if (verdict == HF_HEADER_GOOD) {
        return segment_with_header(scan, &header);
    }
    if (scan->result->segments == 0) {
        return scan_damage(scan, 0, why != NULL ? why : "the first segment has lost its header");
    }
    code = survey_headless(scan, why != NULL ? why : "records behind a segment header of zeros",
                           &header);
    return code != 0 || header.number == 0 ? code : segment_with_header(scan, &header);
}

static bool
limit_reached(struct scan *scan)
{
    scan->result->limited |= limit_passed(scan);
    return scan->result->limited;
}

static int
segments_scan(struct scan *scan, const uint64_t *numbers, size_t count)
{
    const struct hf_log_position *from = scan->watch->from;
    uint64_t expected = from == NULL ? 1 : from->segment;
    for (size_t i = 0; i < count && !limit_reached(scan); i++) {
        if (from != NULL && numbers[i] < from->segment) {
            continue;
        }
        int code = hf_reader_open(&scan->reader, scan->directory, numbers[i]);
        if (code != 0) {
            return scan_failed_io(scan, 0, -code);
        }
        scan->result->last_number = numbers[i];
        scan->total_bytes = scan->before_bytes + (count - i) * scan->reader.len_bytes;
        code = segment_scan(scan, numbers[i] != expected);
        if (code != 0) {
            return code;
        }
        expected = numbers[i] + 1;
        scan->before_bytes += scan->reader.len_bytes;
        progress_call(scan, 0);
    }
    return 0;
}

/** D7. */
static int
witness_judge(struct scan *scan, const struct hf_witness *witness)
{
    const struct hf_scan_result *result = scan->result;
    char path[PATH_MAX];
    if (!result->witnessed || result->limited) {
        return 0;
    }
    if (result->segments > 0 && witness->instance_id != result->instance_id) {
        return scan_fail(scan, HF_E_CORRUPT,
                         "%s/LOCK is of another instance (id %016" PRIx64
                         ") than the segments beside it (id %016" PRIx64
                         "). Restore what belongs together; empty LOCK if it does not belong here",
                         scan->directory, witness->instance_id, result->instance_id);
    }
    if (result->end_segment >= witness->segment) {
        return 0;
    }
    (void)hf_segment_path(path, sizeof(path), scan->directory, witness->segment);
    return scan_fail(
        scan, HF_E_CORRUPT,
        "%s: was in use (LOCK knows it, with LSN %" PRIu64
        " durable), but the log ends in segment %" PRIu64 " with LSN %" PRIu64
        ": it, or one before it, is missing or zeroed. This is damage and no torn tail; "
        "nothing was changed. Restore the file from a copy of the log (of a copy that "
        "was made beside a running daemon: empty its LOCK)",
        path, witness->durable_lsn, result->end_segment, result->end_lsn);
}

/** What was stored before the scan began: a daemon may be running, and the log grow meanwhile. */
static int
witness_read(struct scan *scan, struct hf_witness *witness)
{
    int result = hf_witness_load(scan->directory, witness);
    if (result == -EBADMSG) {
        return scan_fail(
            scan, HF_E_CORRUPT,
            "%s/LOCK: both records of how far the log was used are damaged. Restore the "
            "file; where the log is known to be whole, empty it",
            scan->directory);
    }
    if (result < 0 && result != -ENOENT && result != -ENOTDIR) {
        return scan_fail(scan, hf_segment_error(-result), "%s/LOCK: cannot be read: %s (errno %d)",
                         scan->directory, strerror(-result), -result);
    }
    scan->result->witnessed = result == 1;
    floor_raise(scan, witness->durable_lsn);
    return 0;
}

static int
scan_judge(struct scan *scan, uint64_t floor_hint)
{
    struct hf_scan_result *result = scan->result;
    floor_raise(scan, floor_hint);
    floor_raise(scan, scan->watch->from == NULL ? 0 : scan->watch->from->lsn);
    if (result->end_lsn >= result->floor_lsn || result->limited) {
        return 0;
    }
    if (result->segments == 0) {
        return scan_fail(scan, HF_E_CORRUPT,
                         "%s: there is no log, but LSN %" PRIu64
                         " was durable. Restore the directory from a copy",
                         scan->directory, result->floor_lsn);
    }
    return scan_damage_below_floor(scan);
}

void
hf_scan_position(const struct hf_scan_result *result, uint32_t last_type,
                 struct hf_log_position *position)
{
    *position = (struct hf_log_position){
        .instance_id = result->instance_id,
        .epoch = result->epoch,
        .lsn = result->end_lsn,
        .segment = result->end_segment,
        .offset = result->end_offset,
        .segment_bytes = result->segment_bytes,
        .chain = result->end_chain,
        .last_type = last_type,
    };
}

int
hf_scan(const char *directory, uint64_t floor_hint, hf_scan_visit_fn visit, void *context,
        struct hf_scan_result *result)
{
    const struct hf_scan_watch watch = {.context = context, .record = visit};
    return hf_scan_watched(directory, floor_hint, &watch, result);
}

int
hf_scan_watched(const char *directory, uint64_t floor_hint, const struct hf_scan_watch *watch,
                struct hf_scan_result *result)
{
    struct scan scan = {.directory = directory, .watch = watch, .result = result};
    uint64_t *numbers = NULL;
    size_t count = 0;
    struct hf_witness witness;
    memset(result, 0, sizeof(*result));
    int code = witness_read(&scan, &witness);
    if (code != 0) {
        return code;
    }
    int error = hf_archive_list(directory, &numbers, &count);
    if (error != 0) {
        return scan_fail(&scan, hf_segment_error(-error), "%s: cannot be listed: %s (errno %d)",
                         directory, strerror(-error), -error);
    }
    if (hf_reader_init(&scan.reader) != 0) {
        free(numbers);
        return scan_fail(&scan, HF_E_MEMORY, "no memory for reading the log");
    }
    code = segments_scan(&scan, numbers, count);
    if (code == 0) {
        code = scan_judge(&scan, floor_hint);
    }
    if (code == 0) {
        code = witness_judge(&scan, &witness);
    }
    hf_reader_destroy(&scan.reader);
    free(numbers);
    return code;
}
