/*
 * survey.c - every place of a log that is not as it should be (survey.h).
 *
 * Three states within a segment:
 *   chained   the slot before was authentic, or is taken as stored: the next one is expected to follow
 *   broken    slots that do not follow, gathered into one finding until one does
 *   zeros     from the first slot of zeros; more than zeros behind it makes them a finding
 */
#include "recovery/survey.h"

#include "recovery/archive.h"
#include "recovery/reader.h"
#include "wal/pack.h"
#include "wal/segment.h"

#include <errno.h>
#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR_BYTES 4096u /* skipped where a file cannot be read */

struct walk {
    struct hf_survey *survey;
    struct hf_reader reader;

    /* of the segment in hand */
    uint32_t key;
    uint32_t chain; /**< checksum that is stored before the next slot */
    uint64_t lsn;   /**< last one before the next slot */
    bool half;      /**< the slot before is the first of two */

    /* a finding that is being gathered */
    const char *what; /**< NULL: none */
    uint64_t begin;
    uint64_t begin_lsn;
    uint64_t zeros_begin; /**< first slot of zeros with only zeros so far; 0: none */
    uint64_t stray; /**< of the finding: first slot behind zeros, as long as none of those that
                               followed is authentic; else 0 */

    /* of the segment before */
    bool seen;      /**< there is one */
    bool was_whole; /**< without a finding of its own */
    bool was_full;
    uint64_t instance_id;
    uint64_t epoch;
    uint64_t number;
};

static void
report(struct walk *walk, uint64_t offset, uint64_t len_bytes, uint64_t lsn, const char *what)
{
    const struct hf_survey_finding finding = {.file = walk->reader.path,
                                              .what = what,
                                              .offset = offset,
                                              .len_bytes = len_bytes,
                                              .lsn = lsn};
    walk->survey->findings++;
    walk->was_whole = false;
    if (walk->survey->found != NULL) {
        walk->survey->found(walk->survey->context, &finding);
    }
}

static void
raise(uint64_t *highest, uint64_t value)
{
    if (value > *highest) {
        *highest = value;
    }
}

/* ---- slots ---- */

static void
gather(struct walk *walk, uint64_t offset, const char *what)
{
    if (walk->what == NULL) {
        walk->what = what;
        walk->begin = offset;
        walk->begin_lsn = walk->lsn + 1;
        walk->stray = 0;
    }
}

/** Zeros, and something behind them: a hole in the records, or, if no record follows, the end of the
 *  records with stray bytes behind it. */
static void
gather_zeros(struct walk *walk, uint64_t offset)
{
    bool first = walk->what == NULL;
    gather(walk, walk->zeros_begin, "zeros where records are expected");
    walk->stray = first ? offset : walk->stray;
    walk->zeros_begin = 0;
}

static void
gathered(struct walk *walk, uint64_t end)
{
    if (walk->what != NULL) {
        report(walk, walk->begin, end - walk->begin, walk->begin_lsn, walk->what);
        walk->what = NULL;
    }
}

static void
count_slot(struct hf_survey *survey, const struct hf_record *slot)
{
    if (slot->type == HF_RECORD_GROUP) {
        survey->groups++;
        raise(&survey->floor_lsn, slot->group.floor_lsn);
        return;
    }
    survey->records++;
    raise(&survey->last_lsn, slot->lsn);
    if (slot->type == HF_RECORD_EPOCH) {
        raise(&survey->history, slot->epoch.history);
    }
}

/** An authentic slot. Where the one before it was none, its own LSN is the one to go on with. */
static void
slot_good(struct walk *walk, const struct hf_record *slot, uint64_t offset)
{
    bool more = slot->type == HF_RECORD_MORE;
    bool resumed = walk->what != NULL;
    bool next = slot->lsn == walk->lsn + (slot->type == HF_RECORD_GROUP ? 0 : 1);
    gathered(walk, offset);
    if (!resumed && !next) {
        report(walk, offset, HF_SLOT_BYTES, walk->lsn + 1, "an authentic record with another LSN");
    } else if (!resumed && more != walk->half) {
        report(walk, offset, HF_SLOT_BYTES, walk->lsn + 1,
               "half of a two-slot record without the other");
    }
    walk->half = hf_record_slots(slot) == 2;
    walk->lsn = slot->lsn;
    walk->chain = slot->crc;
    count_slot(walk->survey, slot);
}

/** A slot that does not follow: its checksum as stored is what the next one may follow. */
static void
slot_bad(struct walk *walk, const struct hf_record *slot, uint64_t offset)
{
    gather(walk, offset, "the checksum does not match");
    if (hf_group_authentic(slot, walk->key)) {
        count_slot(walk->survey, slot);
        walk->lsn = slot->lsn;
        walk->stray = 0;
    } else {
        walk->lsn++;
    }
    walk->half = false;
    walk->chain = slot->crc;
}

static void
slot_look(struct walk *walk, const unsigned char *bytes, uint64_t offset)
{
    static const unsigned char zeros[HF_SLOT_BYTES];
    struct hf_record slot;
    if (memcmp(bytes, zeros, sizeof(zeros)) == 0) {
        walk->zeros_begin = walk->zeros_begin == 0 ? offset : walk->zeros_begin;
        return;
    }
    if (walk->zeros_begin != 0) { /* they are not the end */
        gather_zeros(walk, offset);
    }
    memcpy(&slot, bytes, sizeof(slot));
    if (slot.crc == hf_record_crc(&slot, walk->key, walk->chain)) {
        slot_good(walk, &slot, offset);
    } else {
        slot_bad(walk, &slot, offset);
    }
}

/** All slots of a file from an offset on. */
static void
slots_look(struct walk *walk, uint64_t offset)
{
    walk->what = NULL;
    walk->zeros_begin = 0;
    while (offset < walk->reader.len_bytes) {
        const unsigned char *data = NULL;
        size_t available = 0;
        if (hf_reader_at(&walk->reader, offset, &data, &available) != 0) {
            gather(walk, offset, "cannot be read: an I/O error");
            offset = (offset / SECTOR_BYTES + 1) * SECTOR_BYTES;
            continue;
        }
        for (size_t at = 0; at < available; at += HF_SLOT_BYTES) {
            slot_look(walk, data + at, offset + at);
        }
        offset = available > 0 ? offset + available : walk->reader.len_bytes;
    }
    if (walk->what != NULL && walk->stray != 0) {
        walk->begin = walk->stray;
        walk->what = "bytes that are not zero behind the last record";
    }
    gathered(walk, walk->zeros_begin != 0 ? walk->zeros_begin : walk->reader.len_bytes);
}

/* ---- segments ---- */

/** What of a whole header does not fit to the file or to the segment before; NULL: nothing. */
static const char *
header_fault(const struct walk *walk, const struct hf_segment_header *header)
{
    if (header->number != walk->reader.number) {
        return "the header has another segment number than the file's name";
    }
    if (header->segment_bytes != walk->reader.len_bytes) {
        return "the file is not as long as its header says";
    }
    if (!walk->seen) {
        return header->number == 1 && (header->base_lsn != 1 || header->chain != 0)
                   ? "the first segment does not begin with LSN 1"
                   : NULL;
    }
    if (header->instance_id != walk->instance_id) {
        return "the segment belongs to another instance";
    }
    return header->epoch < walk->epoch ? "a stale segment: its epoch is that of an earlier start"
                                       : NULL;
}

/** Whether it begins where the one before ends (F6). */
static void
header_joins(struct walk *walk, const struct hf_segment_header *header)
{
    if (!walk->seen || !walk->was_whole || walk->number + 1 != header->number) {
        return; /* what is wrong has been named there */
    }
    if (header->epoch == walk->epoch && !walk->was_full) {
        report(walk, 0, 0, walk->lsn + 1, "the segment before this one is not filled to its end");
    } else if (header->base_lsn != walk->lsn + 1 || header->chain != walk->chain) {
        report(walk, 0, 0, walk->lsn + 1, "the segment does not continue the one before it");
    }
}

static void
segment_whole(struct walk *walk, const struct hf_segment_header *header)
{
    const char *fault = header_fault(walk, header);
    if (fault != NULL) {
        report(walk, 0, 0, header->base_lsn, fault);
    } else {
        header_joins(walk, header);
    }
    walk->was_whole = fault == NULL;
    walk->seen = true;
    walk->number = walk->reader.number;
    walk->instance_id = header->instance_id;
    walk->epoch = header->epoch;
    walk->key = hf_record_key(header->instance_id, header->number, header->epoch);
    walk->chain = header->chain;
    walk->lsn = header->base_lsn - 1;
    walk->half = false;
    walk->survey->segments++;
    raise(&walk->survey->floor_lsn, header->floor_lsn);
    raise(&walk->survey->epoch, header->epoch);
    slots_look(walk, HF_SEGMENT_HEADER_BYTES);
    walk->was_full = walk->zeros_begin == 0;
    if (walk->half) {
        report(walk, walk->was_full ? walk->reader.len_bytes : walk->zeros_begin, 0, walk->lsn + 1,
               "half of a two-slot record without the other");
    }
}

/** Without its header, its slots are known by the epoch of the segment before, or the next one's. */
static void
segment_headless(struct walk *walk, const char *why)
{
    if (why != NULL) {
        report(walk, 0, HF_SEGMENT_HEADER_BYTES, walk->lsn + 1, why);
    }
    uint64_t findings = walk->survey->findings;
    walk->key = hf_record_key(walk->instance_id, walk->reader.number, walk->epoch);
    slots_look(walk, HF_SEGMENT_HEADER_BYTES);
    bool used = walk->survey->findings != findings || walk->zeros_begin != HF_SEGMENT_HEADER_BYTES;
    if (why == NULL && used) {
        report(walk, 0, HF_SEGMENT_HEADER_BYTES, walk->lsn + 1,
               "records behind a segment header of zeros");
    }
    walk->survey->prepared += why == NULL && !used;
}

static void
segment_look(struct walk *walk)
{
    struct hf_segment_header header;
    const unsigned char *page = NULL;
    size_t available = 0;
    const char *why = "the header page cannot be read: an I/O error";
    if (walk->reader.len_bytes < HF_SEGMENT_HEADER_BYTES) {
        report(walk, walk->reader.len_bytes, 0, walk->lsn + 1,
               "the file is shorter than a header page");
        return;
    }
    enum hf_header_verdict verdict = HF_HEADER_BAD;
    if (hf_reader_at(&walk->reader, 0, &page, &available) == 0) {
        memcpy(&header, page, sizeof(header));
        verdict = hf_segment_header_check(page, &why);
    }
    if (verdict == HF_HEADER_GOOD) {
        segment_whole(walk, &header);
    } else if (verdict == HF_HEADER_VERSION) {
        report(walk, 8, 4, walk->lsn + 1, why); /* its records may be anything */
    } else {
        segment_headless(walk, why);
    }
}

/** @param gap  a number before this one is missing; before one that was never used that is no damage */
static void
segment_open_and_look(struct walk *walk, const char *directory, uint64_t number, bool gap)
{
    const uint64_t prepared = walk->survey->prepared;
    int result = hf_reader_open(&walk->reader, directory, number);
    if (result == 0) {
        segment_look(walk);
    } else {
        report(walk, 0, 0, walk->lsn + 1,
               result == -EBADMSG ? "the archive does not decompress" : strerror(-result));
    }
    if (gap && walk->survey->prepared == prepared) {
        report(walk, 0, 0, 0, "a segment before this one is missing");
    }
}

int
hf_survey(const char *directory, struct hf_survey *survey)
{
    struct walk walk = {.survey = survey, .was_whole = true};
    uint64_t *numbers = NULL;
    size_t count = 0;
    int result = hf_archive_list(directory, &numbers, &count);
    if (result != 0) {
        return hf_segment_error(-result);
    }
    result = hf_reader_init(&walk.reader);
    uint64_t expected = survey->first_number == 0 ? 1 : survey->first_number;
    for (size_t i = 0; i < count && result == 0; i++) {
        segment_open_and_look(&walk, directory, numbers[i], numbers[i] != expected);
        expected = numbers[i] + 1;
    }
    hf_reader_destroy(&walk.reader);
    free(numbers);
    return result == 0 ? 0 : HF_E_MEMORY;
}
