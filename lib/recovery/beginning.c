/*
 * beginning.c - where the log that is there begins (beginning.h).
 */
#include "recovery/beginning.h"

#include "recovery/archive.h"
#include "recovery/reader.h"
#include "recovery/scan.h"
#include "wal/segment.h"

#include <errno.h>
#include <holdfast/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
fail(struct hf_beginning *beginning, int code, const char *path, const char *what)
{
    (void)snprintf(beginning->text, sizeof(beginning->text), "%.256s: %s", path, what);
    return code;
}

static int
fail_errno(struct hf_beginning *beginning, const char *path, int error)
{
    return error == EBADMSG ? fail(beginning, HF_E_CORRUPT, path, "the archive is damaged")
                            : fail(beginning, hf_segment_error(error), path, strerror(error));
}

/** The header of the segment that is open. */
static int
header_take(struct hf_beginning *beginning, struct hf_reader *reader)
{
    const unsigned char *page = NULL;
    const char *why = NULL;
    size_t available = 0;
    struct hf_segment_header header;
    int error = hf_reader_at(reader, 0, &page, &available);
    if (error != 0) {
        return fail_errno(beginning, reader->path, -error);
    }
    if (available < HF_SEGMENT_HEADER_BYTES) {
        return fail(beginning, HF_E_CORRUPT, reader->path, "shorter than a segment's header page");
    }
    enum hf_header_verdict verdict = hf_segment_header_check(page, &why);
    if (verdict != HF_HEADER_GOOD) {
        return fail(beginning, verdict == HF_HEADER_VERSION ? HF_E_VERSION : HF_E_CORRUPT,
                    reader->path,
                    why != NULL ? why : "the first segment that is there has lost its header");
    }
    memcpy(&header, page, sizeof(header));
    beginning->position = (struct hf_log_position){
        .instance_id = header.instance_id,
        .epoch = header.epoch,
        .lsn = header.base_lsn - 1,
        .segment = header.number,
        .offset = HF_SEGMENT_HEADER_BYTES,
        .segment_bytes = header.segment_bytes,
        .chain = header.chain,
    };
    return header.number == beginning->segment && header.base_lsn > 0
               ? 0
               : fail(beginning, HF_E_CORRUPT, reader->path,
                      "the header is not that of a segment with this number");
}

static int
header_read(struct hf_beginning *beginning, const char *directory)
{
    struct hf_reader reader;
    if (hf_reader_init(&reader) != 0) {
        return fail(beginning, HF_E_MEMORY, directory, "no memory for reading the log");
    }
    int error = hf_reader_open(&reader, directory, beginning->segment);
    int code =
        error == 0 ? header_take(beginning, &reader) : fail_errno(beginning, reader.path, -error);
    hf_reader_destroy(&reader);
    return code;
}

/** As if the log began with this segment. */
static int
begin_at(const char *directory, uint64_t segment, struct hf_beginning *beginning)
{
    memset(beginning, 0, sizeof(*beginning));
    beginning->segment = segment;
    int code = segment > 1 ? header_read(beginning, directory) : 0;
    if (code != 0) {
        memset(&beginning->position, 0, sizeof(beginning->position));
    }
    return code;
}

static int
list(const char *directory, uint64_t **numbers, size_t *count, struct hf_beginning *beginning)
{
    memset(beginning, 0, sizeof(*beginning));
    int error = hf_archive_list(directory, numbers, count);
    return error == 0 ? 0 : fail_errno(beginning, directory, -error);
}

int
hf_beginning(const char *directory, struct hf_beginning *beginning)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int code = list(directory, &numbers, &count, beginning);
    if (code == 0 && count > 0) {
        code = begin_at(directory, numbers[0], beginning);
    }
    free(numbers);
    return code;
}

/** Whether all is valid from there to the position. */
static bool
is_valid(const char *directory, const struct hf_beginning *beginning,
         const struct hf_log_position *until)
{
    struct hf_scan_result scan;
    const struct hf_scan_watch watch = {.last_lsn = until->lsn,
                                        .from = hf_beginning_from(beginning)};
    return hf_scan_watched(directory, 0, &watch, &scan) == 0 && scan.end_lsn >= until->lsn;
}

int
hf_beginning_sound(const char *directory, const struct hf_log_position *until,
                   struct hf_beginning *beginning)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    bool found = false;
    int code = list(directory, &numbers, &count, beginning);
    for (size_t i = 0; i < count && numbers[i] <= until->segment && !found; i++) {
        code = begin_at(directory, numbers[i], beginning);
        found = code == 0 && is_valid(directory, beginning, until);
    }
    if (!found && count > 0) {
        code = begin_at(directory, numbers[0], beginning);
    }
    free(numbers);
    return code;
}
