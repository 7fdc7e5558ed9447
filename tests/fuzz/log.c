/*
 * log.c - a log as it may lie on a disk: scan, survey, replay, seal.
 *
 *   input: which record to go on from (2 bytes, 0: none), durable floor (1 byte), a log (lay.h)
 *
 * Whatever is there: a scan ends with a code and words for it, a refusal with the same twice. A log that it accepts
 * without a torn byte has no finding of the survey (Y1); sealed, it is accepted, with the same end;
 * read on from its middle, it ends where it ended. What is replayed breaks no invariant of the state machine.
 */
#include "core/core.h"
#include "fuzz/lay.h"
#include "model/generate.h"
#include "recovery/replay.h"
#include "recovery/scan.h"
#include "recovery/survey.h"
#include "wal/pack.h"

#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

#define EXTRA_MAX 100u                   /* records to append; some do not fit the last segment */
#define CORE_BYTES_MAX ((size_t)1 << 20) /* capacities are what a record says */

/** What a scan has shown. */
struct seen {
    struct hf_replay replay;
    bool replays;
    uint64_t lsn; /**< of the last record, or its second slot */
    uint64_t records;
    uint64_t from_record; /**< the one behind which to go on */
    struct hf_segment_header header;
    struct hf_log_position from;
};

void
fuzz_target_init(void)
{
    lay_init();
}

/** Whether the state machine that a GENESIS record asks for is small. */
static bool
is_small(const struct hf_record *record, const struct hf_record *more)
{
    if (record->type != HF_RECORD_GENESIS || more == NULL) {
        return true; /* refused, without any memory */
    }
    const struct hf_engine_limits limits = hf_replay_limits(record, more);
    return hf_core_footprint(&limits) <= CORE_BYTES_MAX;
}

static int
see_segment(void *context, const struct hf_segment_header *header, const char *file)
{
    struct seen *seen = context;
    FUZZ_CHECK("a file is named", strstr(file, ".wal") != NULL);
    seen->header = *header;
    return 0;
}

static void
note_position(struct seen *seen, const struct hf_record *record, const struct hf_record *more,
              uint64_t offset)
{
    const struct hf_record *last = more != NULL ? more : record;
    seen->from = (struct hf_log_position){
        .instance_id = seen->header.instance_id,
        .epoch = seen->header.epoch,
        .lsn = last->lsn,
        .segment = seen->header.number,
        .offset = offset + (more != NULL ? 2 : 1) * HF_SLOT_BYTES,
        .segment_bytes = seen->header.segment_bytes,
        .chain = last->crc,
        .last_type = record->type,
    };
}

static int
see_record(void *context, const struct hf_record *record, const struct hf_record *more,
           const char *file, uint64_t offset)
{
    struct seen *seen = context;
    FUZZ_CHECK("records come in order", record->lsn == seen->lsn + 1);
    FUZZ_CHECK("so do their halves", more == NULL || more->lsn == record->lsn + 1);
    seen->lsn = record->lsn + (more != NULL);
    if (++seen->records == seen->from_record) {
        note_position(seen, record, more, offset);
    }
    seen->replays = seen->replays && is_small(record, more) &&
                    hf_replay_record(&seen->replay, record, more, file, offset) == HF_OK;
    return 0;
}

static void
check_result(const struct hf_scan_result *result, int code)
{
    FUZZ_CHECK("a scan says what it returns", result->code == code);
    FUZZ_CHECK("a refusal has words", (code != HF_OK) == (result->text[0] != '\0'));
    FUZZ_CHECK("words end", strnlen(result->text, sizeof(result->text)) < sizeof(result->text));
    FUZZ_CHECK("a scan of files fails for what is in them",
               code == HF_OK || code == HF_E_CORRUPT || code == HF_E_VERSION);
    FUZZ_CHECK("V1", code != HF_OK || result->end_lsn >= result->floor_lsn);
}

static bool
same_end(const struct hf_scan_result *a, const struct hf_scan_result *b)
{
    return a->code == b->code && a->end_lsn == b->end_lsn && a->end_segment == b->end_segment &&
           a->end_offset == b->end_offset && a->end_chain == b->end_chain && a->epoch == b->epoch;
}

static void
scan_again(uint64_t floor_lsn, const struct hf_scan_result *before)
{
    struct hf_scan_result result;
    check_result(&result, hf_scan(lay_directory, floor_lsn, NULL, NULL, &result));
    FUZZ_CHECK("a scan changes nothing", same_end(before, &result));
    FUZZ_CHECK("nor does it see more or less",
               result.torn_bytes == before->torn_bytes && result.floor_lsn == before->floor_lsn);
}

static void
survey(const struct hf_scan_result *scan)
{
    struct hf_survey survey = {.found = NULL};
    FUZZ_CHECK("files can be surveyed", hf_survey(lay_directory, &survey) == HF_OK);
    FUZZ_CHECK("Y1", scan->code != HF_OK || scan->torn_bytes > 0 || survey.findings == 0);
}

/** From the middle on. */
static void
scan_rest(const struct seen *seen, const struct hf_scan_result *whole)
{
    struct seen rest = {.lsn = seen->from.lsn};
    struct hf_scan_result result;
    const struct hf_scan_watch watch = {
        .context = &rest, .record = see_record, .segment = see_segment, .from = &seen->from};
    check_result(&result, hf_scan_watched(lay_directory, 0, &watch, &result));
    FUZZ_CHECK("the rest ends where the whole does", same_end(whole, &result));
    FUZZ_CHECK("the rest is what was left", seen->from_record + rest.records == seen->records);
}

/** @param count  records that a queue still held, and that are appended */
static void
seal(const struct hf_scan_result *scan, size_t count)
{
    struct hf_scan_result sealed = *scan;
    struct hf_scan_result result;
    struct hf_record left[EXTRA_MAX];
    for (size_t i = 0; i < count; i++) {
        left[i] =
            (struct hf_record){.lsn = scan->end_lsn + 1 + i, .type = HF_RECORD_TICK, .slots = 1};
    }
    int code = hf_scan_seal(lay_directory, count == 0 ? NULL : left, count, &sealed);
    FUZZ_CHECK("what was accepted can be sealed, unless it ends in an archive",
               code == HF_OK || code == HF_E_ARGUMENT);
    if (code == HF_OK) {
        check_result(&result, hf_scan(lay_directory, 0, NULL, NULL, &result));
        FUZZ_CHECK("a sealed log is whole", result.code == HF_OK && result.torn_bytes == 0);
        FUZZ_CHECK("sealing keeps the end", result.end_lsn == scan->end_lsn + count);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct fuzz_input input = {bytes, count};
    struct seen seen = {.replays = true,
                        .replay = {.numa_node = -1, .background = true},
                        .from_record = fuzz_word(&input)};
    uint64_t floor_lsn = fuzz_byte(&input);
    struct hf_scan_result result;
    lay_log(&input);
    const struct hf_scan_watch watch = {
        .context = &seen, .record = see_record, .segment = see_segment};
    check_result(&result, hf_scan_watched(lay_directory, floor_lsn, &watch, &result));
    if (seen.replay.core != NULL) {
        hf_core_audit(seen.replay.core);
    }
    hf_replay_free(&seen.replay);
    survey(&result);
    if (result.code != HF_OK) {
        scan_again(floor_lsn, &result);
    } else if (seen.from.lsn != 0) {
        scan_rest(&seen, &result);
    }
    if (result.code == HF_OK && result.segments > 0) {
        seal(&result, floor_lsn % EXTRA_MAX);
    }
    return 0;
}

/* Seeds: logs of the generator of tests/model, as lib/wal packs them */

#define SEEDS 12u
#define SEED_STEPS 40u
#define GROUP_RECORDS 7u

struct writer {
    struct fuzz_bytes slots; /**< entries of one segment */
    unsigned entries;
    struct hf_pack pack;
};

static void
write_slot(struct writer *writer, unsigned repeats, const struct hf_record *slot)
{
    lay_seed_slot(&writer->slots, repeats, slot);
    writer->entries++;
}

static void
write_record(struct writer *writer, const struct hf_record *record)
{
    struct hf_record slot;
    hf_pack_record(&writer->pack, record, &slot);
    write_slot(writer, 0, &slot);
}

static void
write_group(struct writer *writer)
{
    struct hf_record slot;
    hf_pack_group(&writer->pack, writer->pack.lsn / 2, &slot);
    write_slot(writer, 0, &slot);
}

static void
write_last(struct writer *writer, const struct rig *rig)
{
    write_record(writer, &rig->record);
    if (rig->record.slots == 2) {
        write_record(writer, &rig->more);
    }
    if (writer->pack.count >= GROUP_RECORDS) {
        write_group(writer);
    }
}

static void
write_stream(struct writer *writer, struct rig *rig, struct stream *stream, uint64_t number)
{
    struct generator generator;
    generate_start(&generator, number, GENERATE_ALL, rig, stream);
    rig_start(rig, &stream->limits);
    write_last(writer, rig);
    /* Two slots of a record, a group behind it, and the last one. */
    for (size_t i = 0; i < SEED_STEPS && hf_pack_fits(&writer->pack, 4); i++) {
        bool was_applied = false;
        if (i == stream->count) {
            generate_step(&generator);
        }
        HF_ASSERT("the model agrees", rig_apply(rig, stream, i, &was_applied));
        if (was_applied) {
            write_last(writer, rig);
        }
    }
    write_group(writer);
}

static void
seed_prefix(struct fuzz_bytes *seed, unsigned from_record, unsigned how, unsigned segments)
{
    static struct fuzz_bytes log;
    lay_seed_begin(&log, how, segments);
    seed->count = 0;
    fuzz_put_word(seed, from_record);
    fuzz_put_byte(seed, 0);
    fuzz_put(seed, log.bytes, log.count);
}

/** One segment, as it was written; and one to be made right. */
static void
seed_one(const struct writer *writer, const struct hf_segment_header *header)
{
    static const unsigned hows[] = {0, LAY_CHECKSUMS | LAY_LSNS | LAY_SEGMENTS,
                                    LAY_CHECKSUMS | LAY_LSNS | LAY_SEGMENTS | LAY_WITNESS,
                                    LAY_CHECKSUMS | LAY_LSNS | LAY_SEGMENTS | LAY_ARCHIVE};
    static struct fuzz_bytes seed;
    for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
        seed_prefix(&seed, 5, hows[i], 1);
        lay_seed_segment(&seed, header, writer->entries);
        fuzz_put(&seed, writer->slots.bytes, writer->slots.count);
        fuzz_seed(seed.bytes, seed.count);
    }
}

/** Segments filled to their last slot, the last one of a new epoch or not. */
static void
seed_filled(const struct hf_segment_header *header, unsigned epoch)
{
    static struct fuzz_bytes seed;
    const struct hf_record stop = {.type = HF_RECORD_STOP, .slots = 1};
    const struct hf_record group = {.type = HF_RECORD_GROUP, .slots = 1};
    struct hf_segment_header next = *header;
    const unsigned slots = (unsigned)hf_segment_slots(HF_SEGMENT_BYTES_MIN);
    next.epoch = epoch;
    seed_prefix(&seed, 700, LAY_CHECKSUMS | LAY_LSNS | LAY_SEGMENTS, 2);
    lay_seed_segment(&seed, header, 5);
    lay_seed_slot(&seed, (slots - 4) / 4, &stop);
    lay_seed_slot(&seed, 0, &stop);
    lay_seed_slot(&seed, 0, &stop);
    lay_seed_slot(&seed, 0, &stop);
    lay_seed_slot(&seed, 0, &group);
    lay_seed_segment(&seed, &next, 2);
    lay_seed_slot(&seed, 0, &stop);
    lay_seed_slot(&seed, 0, &group);
    fuzz_seed(seed.bytes, seed.count);
}

void
fuzz_target_seeds(void)
{
    struct rig *rig = rig_create();
    struct stream *stream = calloc(1, sizeof(*stream));
    struct writer *writer = malloc(sizeof(*writer));
    struct hf_segment_header header;
    HF_ASSERT("there is memory", stream != NULL && writer != NULL);
    for (uint64_t number = 1; number <= SEEDS; number++) {
        memset(writer, 0, sizeof(*writer));
        writer->pack = (struct hf_pack){.instance_id = number, .epoch = 1};
        hf_pack_begin(&writer->pack, 1, hf_segment_slots(HF_SEGMENT_BYTES_MIN));
        hf_pack_header(&writer->pack, &header, HF_SEGMENT_BYTES_MIN, 1, 0);
        write_stream(writer, rig, stream, number);
        seed_one(writer, &header);
    }
    seed_filled(&header, 0);
    seed_filled(&header, 1);
    free(writer);
    free(stream);
    rig_destroy(rig);
}
