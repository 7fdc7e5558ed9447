/*
 * scan_file.c - what a file in the sequence of segments is: one that continues the log, a part of its torn
 * tail, or nothing that a crash of this log can have left, which is damage whatever the floor:
 *
 * D1  a file that is missing in the sequence, or shorter or longer than its header says: names and
 *     lengths are durable before a segment is used; so is the header of segment 1
 * D2  a whole header with another instance, or with another number than its name: a foreign file
 * D3  a header of an earlier epoch than the segment before has: a stale file
 * D4  a header of a later epoch that does not begin exactly where the records before it end: a new
 *     epoch begins only when all before it is durable and the rest of the old tail is zero
 * D5  a segment filled to its last slot whose successor, of the same epoch and with a whole header,
 *     does not continue it
 * D8  a file without a whole header that is not as long as the segment before it, or that has many slots
 *     in use, but neither a part of such a header nor an LSN that could be there: nothing of this log, but
 *     somebody else's file, which is not ours to remove
 */
#include "recovery/scan_internal.h"

#include <string.h>

/** D8: that a crash leaves so many slots, and of each all but the word with the LSN, is not to be expected
 *  even where only words are written whole, each or not. */
#define FOREIGN_SLOTS 64u

bool
hf_scan_lsn_is_possible(const struct hf_scan_work *scan, uint64_t lsn)
{
    const struct hf_scan_result *result = scan->result;
    uint64_t segments = scan->reader.number - result->end_segment + 1;
    return lsn >= result->end_lsn &&
           lsn - result->end_lsn <= segments * hf_segment_slots(result->segment_bytes);
}

/** D8: what is left of a header that is not whole, if it is one, has some field right. */
static bool
header_is_traced(const struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_result *result = scan->result;
    return header->magic == HF_SEGMENT_MAGIC || header->instance_id == result->instance_id ||
           header->number == scan->reader.number || header->epoch == result->epoch ||
           header->segment_bytes == result->segment_bytes;
}

bool
hf_scan_is_foreign(const struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    return scan->used_slots >= FOREIGN_SLOTS && scan->traces == 0 &&
           !header_is_traced(scan, header);
}

int
hf_scan_header_identify(struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    if (header->number != scan->reader.number) {
        return hf_scan_damage(scan, 0,
                              "the header has another segment number than the file's name");
    }
    if (scan->result->segments > 0 && header->instance_id != scan->result->instance_id) {
        return hf_scan_foreign(scan, "it belongs to another instance");
    }
    if (header->segment_bytes != scan->reader.len_bytes) {
        return hf_scan_damage(scan, scan->reader.len_bytes,
                              "the file is not as long as its header says");
    }
    return 0;
}

bool
hf_scan_header_exact(const struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_result *result = scan->result;
    return !scan->broken && header->number == result->end_segment + 1 &&
           header->base_lsn == result->end_lsn + 1 && header->chain == result->end_chain;
}

/** Whether what stands just before the position is what the position says. @return 1, 0, or a code */
static int
position_holds(struct hf_scan_work *scan, const struct hf_segment_header *header)
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
        return hf_scan_failed_io(scan, from->offset - HF_SLOT_BYTES, -error);
    }
    if (available < sizeof(record)) {
        return 0;
    }
    memcpy(&record, slot, sizeof(record));
    return record.lsn == from->lsn && record.crc == from->chain;
}

/** The segment of the position from which the scan goes on. @return 1, or a code */
static int
header_resumes(struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    const struct hf_log_position *from = scan->watch->from;
    scan->result->end_lsn = from->lsn;
    scan->result->end_chain = from->chain;
    if (header->epoch != from->epoch || header->instance_id != from->instance_id ||
        header->segment_bytes != from->segment_bytes) {
        return hf_scan_damage(scan, 0, "not the segment in which the log is to be gone on with");
    }
    int holds = position_holds(scan, header);
    return holds != 0 ? holds
                      : hf_scan_damage(scan, from->offset - HF_SLOT_BYTES,
                                       "not the record behind which the log is to be gone on with");
}

int
hf_scan_header_continues(struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    const struct hf_scan_result *result = scan->result;
    bool next = !scan->broken && header->number == result->end_segment + 1;
    bool exact = hf_scan_header_exact(scan, header);
    if (result->segments == 0 && scan->watch->from != NULL) {
        return header_resumes(scan, header);
    }
    if (result->segments == 0) {
        return exact ? 1 : hf_scan_damage(scan, 0, "the first segment does not begin with LSN 1");
    }
    if (header->epoch < result->epoch) {
        return hf_scan_damage(scan, 0, "a stale segment: its epoch is that of an earlier start");
    }
    if (header->epoch > result->epoch && !exact) {
        return scan->broken || header->base_lsn > result->end_lsn + 1
                   ? hf_scan_damage_below_epoch(scan, header)
                   : hf_scan_damage(scan, 0,
                                    "a new epoch begins here, but not where the records before it "
                                    "end");
    }
    if (header->epoch > result->epoch) {
        return 1;
    }
    if (scan->filled && next) {
        return exact ? 1
                     : hf_scan_damage(scan, 0, "the segment does not continue the one before it");
    }
    return 0;
}
