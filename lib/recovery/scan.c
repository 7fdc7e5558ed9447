/*
 * scan.c - read a log and judge its tail (scan.h): file by file, followed and surveyed as scan_follow.c
 * does, each file as scan_file.c judges it.
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
 * D6  an authentic record in the wrong place: half of a two-slot message without the other half
 *     following it (F7), unless the log ends there
 * D7  segments end before the one that the directory's witness knows to have been in use (witness.h)
 * D1 to D5, D8: files that are not what they should be (scan_file.c)
 */
#include "recovery/archive.h"
#include "recovery/scan_internal.h"
#include "wal/segment.h"
#include "wal/witness.h"

#include <errno.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Whether a header that was not whole is so now: the writer was just storing it. */
static int
header_came(struct hf_scan_work *scan, struct hf_segment_header *header, bool *came)
{
    const unsigned char *page = NULL;
    size_t available = 0;
    const char *why = NULL;
    int error = hf_reader_open(&scan->reader, scan->directory, scan->reader.number);
    if (error == 0) {
        error = hf_reader_at(&scan->reader, 0, &page, &available);
    }
    if (error != 0) {
        return hf_scan_failed_io(scan, 0, -error);
    }
    *came = hf_segment_header_check(page, &why) == HF_HEADER_GOOD;
    memcpy(header, page, sizeof(*header));
    return 0;
}

/** A segment without a whole header: its epoch is that of the one before or the next one. @param header
 *  receives the header if it came meanwhile: number 0 if not */
static int
survey_headless(struct hf_scan_work *scan, const char *what, struct hf_segment_header *header)
{
    const uint64_t torn_bytes = scan->result->torn_bytes;
    bool came = false;
    memset(header, 0, sizeof(*header));
    const struct hf_scan_result *result = scan->result;
    uint64_t number = scan->reader.number;
    struct hf_scan_keys keys = {{hf_record_key(result->instance_id, number, result->epoch),
                                 hf_record_key(result->instance_id, number, result->epoch + 1)},
                                2};
    uint64_t found = 0;
    if (scan->reader.len_bytes != result->segment_bytes) {
        return hf_scan_foreign(scan, "its length is not that of a segment of this log");
    }
    scan->used_slots = 0;
    scan->traces = 0;
    int code = hf_scan_survey(scan, 0, &keys, &found);
    if (code != 0 || found == 0) {
        return code;
    }
    code = header_came(scan, header, &came);
    if (code == 0 && !came && hf_scan_is_foreign(scan, header)) {
        return hf_scan_foreign(scan, "what is in it are neither records nor a header");
    }
    if (code == 0 && came) {
        scan->result->torn_bytes = torn_bytes;
    } else if (code == 0) {
        header->number = 0;
        hf_scan_stop(scan, 0, what);
        scan->broken = true;
    }
    return code;
}

static int
segment_follow(struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    struct hf_scan_result *result = scan->result;
    struct hf_scan_keys keys = {{hf_record_key(header->instance_id, header->number, header->epoch)},
                                1};
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
    int code = hf_scan_tell_segment(scan, header);
    if (code == 0) {
        code = hf_scan_follow(scan);
    }
    while (code == 0 && !scan->filled && !result->limited) {
        result->torn_bytes = 0;
        code = hf_scan_survey(scan, result->end_offset, &keys, &found);
        scan->broken = found != 0;
        if (code != 0 || found == 0) {
            return code;
        }
        int grown = hf_scan_follow_growth(scan);
        if (grown <= 0) {
            return grown;
        }
        scan->broken = false;
    }
    return code;
}

static int
segment_with_header(struct hf_scan_work *scan, const struct hf_segment_header *header)
{
    int code = hf_scan_header_identify(scan, header);
    if (code != 0) {
        return code;
    }
    if (scan->result->segments > 0 && !scan->filled && !hf_scan_header_exact(scan, header)) {
        code = hf_scan_follow_growth(scan);
        if (code < 0) {
            return code;
        }
    }
    int continues = hf_scan_header_continues(scan, header);
    if (continues < 0) {
        return continues;
    }
    hf_scan_floor_raise(scan, header->floor_lsn);
    if (continues == 1) {
        return segment_follow(scan, header);
    }
    struct hf_scan_keys keys = {{hf_record_key(header->instance_id, header->number, header->epoch)},
                                1};
    uint64_t found = 0;
    scan->broken = true;
    return hf_scan_survey(scan, 0, &keys, &found);
}

/** @param gap  a number before this one is missing */
static int
segment_scan(struct hf_scan_work *scan, bool gap)
{
    struct hf_segment_header header;
    const unsigned char *page = NULL;
    size_t available = 0;
    const char *why = NULL;
    if (gap) { /* also before one that is only prepared: they are removed from the last one on */
        return hf_scan_damage(scan, 0, "the segment before this one is missing");
    }
    if (scan->result->segments > 0 && scan->reader.len_bytes < HF_SEGMENT_HEADER_BYTES) {
        return hf_scan_foreign(scan, scan->reader.len_bytes == 0
                                         ? "it is empty"
                                         : "it is shorter than a segment's header page");
    }
    if (scan->reader.len_bytes < HF_SEGMENT_HEADER_BYTES) {
        return hf_scan_damage(scan, scan->reader.len_bytes,
                              "the file is shorter than a header page");
    }
    int code = hf_reader_at(&scan->reader, 0, &page, &available);
    if (code != 0) {
        return hf_scan_failed_io(scan, 0, -code);
    }
    memcpy(&header, page, sizeof(header));
    enum hf_header_verdict verdict = hf_segment_header_check(page, &why);
    if (verdict == HF_HEADER_VERSION) {
        return hf_scan_fail(
            scan, HF_E_VERSION,
            "%s: offset 8: format version %u, but this program reads version %u; use "
            "the release that wrote it",
            scan->reader.path, (unsigned)header.version, HF_SEGMENT_VERSION);
    }
    if (verdict == HF_HEADER_GOOD) {
        return segment_with_header(scan, &header);
    }
    if (scan->result->segments == 0) {
        return hf_scan_damage(scan, 0, why != NULL ? why : "the first segment has lost its header");
    }
    code = survey_headless(scan, why != NULL ? why : "records behind a segment header of zeros",
                           &header);
    return code != 0 || header.number == 0 ? code : segment_with_header(scan, &header);
}

static bool
limit_reached(struct hf_scan_work *scan)
{
    scan->result->limited |= hf_scan_limit_passed(scan);
    return scan->result->limited;
}

static int
segments_scan(struct hf_scan_work *scan, const uint64_t *numbers, size_t count)
{
    const struct hf_log_position *from = scan->watch->from;
    uint64_t expected = from == NULL ? 1 : from->segment;
    for (size_t i = 0; i < count && !limit_reached(scan); i++) {
        if (from != NULL && numbers[i] < from->segment) {
            continue;
        }
        int code = hf_reader_open(&scan->reader, scan->directory, numbers[i]);
        if (code != 0) {
            return hf_scan_failed_io(scan, 0, -code);
        }
        scan->result->last_number = numbers[i];
        scan->total_bytes = scan->before_bytes + (count - i) * scan->reader.len_bytes;
        code = segment_scan(scan, numbers[i] != expected);
        if (code != 0) {
            return code;
        }
        expected = numbers[i] + 1;
        scan->before_bytes += scan->reader.len_bytes;
        hf_scan_tell_progress(scan, 0);
    }
    return 0;
}

/** D7. */
static int
witness_judge(struct hf_scan_work *scan, const struct hf_witness *witness)
{
    const struct hf_scan_result *result = scan->result;
    char path[PATH_MAX];
    if (!result->witnessed || result->limited) {
        return 0;
    }
    if (result->segments > 0 && witness->instance_id != result->instance_id) {
        return hf_scan_fail(
            scan, HF_E_CORRUPT,
            "%s/LOCK is of another instance (id %016" PRIx64
            ") than the segments beside it (id %016" PRIx64
            "). Restore what belongs together; empty LOCK if it does not belong here",
            scan->directory, witness->instance_id, result->instance_id);
    }
    if (result->end_segment >= witness->segment) {
        return 0;
    }
    (void)hf_segment_path(path, sizeof(path), scan->directory, witness->segment);
    return hf_scan_fail(
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
witness_read(struct hf_scan_work *scan, struct hf_witness *witness)
{
    int result = hf_witness_load(scan->directory, witness);
    if (result == -EBADMSG) {
        return hf_scan_fail(
            scan, HF_E_CORRUPT,
            "%s/LOCK: both records of how far the log was used are damaged. Restore the "
            "file; where the log is known to be whole, empty it",
            scan->directory);
    }
    if (result < 0 && result != -ENOENT && result != -ENOTDIR) {
        return hf_scan_fail(scan, hf_segment_error(-result),
                            "%s/LOCK: cannot be read: %s (errno %d)", scan->directory,
                            strerror(-result), -result);
    }
    scan->result->witnessed = result == 1;
    hf_scan_floor_raise(scan, witness->durable_lsn);
    return 0;
}

static int
scan_judge(struct hf_scan_work *scan, uint64_t floor_hint)
{
    struct hf_scan_result *result = scan->result;
    hf_scan_floor_raise(scan, floor_hint);
    hf_scan_floor_raise(scan, scan->watch->from == NULL ? 0 : scan->watch->from->lsn);
    if (result->end_lsn >= result->floor_lsn || result->limited) {
        return 0;
    }
    if (result->segments == 0) {
        return hf_scan_fail(scan, HF_E_CORRUPT,
                            "%s: there is no log, but LSN %" PRIu64
                            " was durable. Restore the directory from a copy",
                            scan->directory, result->floor_lsn);
    }
    return hf_scan_damage_below_floor(scan);
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
    struct hf_scan_work scan = {.directory = directory, .watch = watch, .result = result};
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
        return hf_scan_fail(&scan, hf_segment_error(-error), "%s: cannot be listed: %s (errno %d)",
                            directory, strerror(-error), -error);
    }
    if (hf_reader_init(&scan.reader) != 0) {
        free(numbers);
        return hf_scan_fail(&scan, HF_E_MEMORY, "no memory for reading the log");
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
