/*
 * seal.c - make the accepted log durable and end its tail (scan.h: hf_scan_seal).
 *
 *   1  rewrite every byte from the floor to the end, fsync      the page cache may show what a failed
 *                                                               flush never brought to the disk
 *   2  zero what lies behind the end in its segment, fsync      nothing may complete a dead record
 *   3  remove the segments behind it, the last one first, each followed by an fsync of the directory
 *   4  append the records of the queue, under the old epoch: the rest of the segment, fsync; then
 *      new segments, each whole and durable before it has its name
 *
 * A crash after any step, or inside one:
 *   1, 2  change no byte of the accepted records; what is behind the end stays a tail above the floor
 *   3     leaves no gap in the sequence, because the highest number goes first and durably
 *   4     leaves a longer or shorter part of the appended records, which the queue still holds: the
 *         caller resets it only after this function has returned
 * So the next scan ends at the same LSN, or at a later one that the queue leads to, and sealing again
 * gives the same bytes.
 */
#include "recovery/scan.h"

#include "base/clock.h"
#include "base/planted.h"
#include "recovery/reader.h"
#include "wal/pack.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BYTES HF_READER_BUFFER_BYTES
#define GROUP_RECORDS 1024u

struct seal {
    const char *directory;
    struct hf_scan_result *result;
    unsigned char *copy; /**< COPY_BYTES for rewriting */
    int fd;              /**< the segment file in hand, -1: none */
    char path[PATH_MAX];
};

static int __attribute__((format(printf, 3, 4)))
seal_refuse(struct hf_scan_result *result, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(result->text, sizeof(result->text), format, arguments);
    va_end(arguments);
    result->code = code;
    return code;
}

static int
seal_fail(struct seal *seal, uint64_t offset, const char *what, int error)
{
    return seal_refuse(seal->result, hf_segment_error(error),
                       "%s: offset %" PRIu64 ": %s: %s (errno %d); start again when this is mended",
                       seal->path, offset, what, strerror(error), error);
}

static int
file_open(struct seal *seal, uint64_t number)
{
    int result = hf_segment_path(seal->path, sizeof(seal->path), seal->directory, number);
    if (result != 0) {
        return seal_fail(seal, 0, "path", -result);
    }
    seal->fd = open(seal->path, O_RDWR | O_CLOEXEC);
    if (seal->fd < 0 && errno == ENOENT) { /* it was scanned, so it is an archive */
        return seal_refuse(
            seal->result, HF_E_ARGUMENT,
            "%s is archived; a daemon goes on from segments only: unpack the log with "
            "holdfast-recover backup %s --to NEWDIR",
            seal->path, seal->directory);
    }
    return seal->fd >= 0 ? 0 : seal_fail(seal, 0, "open", errno);
}

static void
file_close(struct seal *seal)
{
    if (seal->fd >= 0) {
        (void)close(seal->fd);
    }
    seal->fd = -1;
}

static int
file_sync(struct seal *seal)
{
    if (HF_PLANTED(RECOVERY_UNFLUSHED)) {
        return 0;
    }
    return fsync(seal->fd) == 0 ? 0 : seal_fail(seal, 0, "fsync", errno);
}

/** Read all of it, over short reads. @return 0 or -errno */
static int
read_all(int fd, void *data, size_t len_bytes, uint64_t offset)
{
    unsigned char *bytes = (unsigned char *)data;
    while (len_bytes > 0) {
        ssize_t got = pread(fd, bytes, len_bytes, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : -EIO;
        }
        bytes += got;
        offset += (uint64_t)got;
        len_bytes -= (size_t)got;
    }
    return 0;
}

/* ---- step 1 ---- */

static int
range_rewrite(struct seal *seal, uint64_t begin, uint64_t end)
{
    if (HF_PLANTED(RECOVERY_NOT_REWRITTEN)) {
        return 0;
    }
    for (uint64_t at = begin; at < end;) {
        size_t len_bytes = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
        int result = read_all(seal->fd, seal->copy, len_bytes, at);
        if (result == 0) {
            result = hf_segment_write(seal->fd, seal->copy, len_bytes, at);
        }
        if (result != 0) {
            return seal_fail(seal, at, "rewriting accepted records", -result);
        }
        at += len_bytes;
    }
    return 0;
}

/**
 * First slot with LSN >= floor in [header, end): LSNs of slots never fall. The record of the floor
 * itself and its groups are taken too, because what follows chains on them.
 */
static int
floor_offset(struct seal *seal, uint64_t end, uint64_t *offset)
{
    uint64_t low = 0;
    uint64_t high = (end - HF_SEGMENT_HEADER_BYTES) / HF_SLOT_BYTES;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t at = HF_SEGMENT_HEADER_BYTES + middle * HF_SLOT_BYTES;
        uint64_t lsn = 0;
        int result = read_all(seal->fd, &lsn, sizeof(lsn), at);
        if (result != 0) {
            return seal_fail(seal, at, "reading accepted records", -result);
        }
        if (lsn < seal->result->floor_lsn) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *offset = HF_SEGMENT_HEADER_BYTES + low * HF_SLOT_BYTES;
    return 0;
}

/** Rewrite what is above the floor in one segment. */
static int
segment_rewrite(struct seal *seal, uint64_t number, const struct hf_segment_header *header)
{
    bool last = number == seal->result->end_segment;
    uint64_t end = last ? seal->result->end_offset : header->segment_bytes;
    uint64_t begin = 0;
    int code = 0;
    if (header->base_lsn <= seal->result->floor_lsn) {
        code = floor_offset(seal, end, &begin);
    }
    if (code == 0) {
        code = range_rewrite(seal, begin, end);
    }
    return code == 0 ? file_sync(seal) : code;
}

static int
header_read(struct seal *seal, uint64_t number, struct hf_segment_header *header)
{
    int code = file_open(seal, number);
    if (code == 0) {
        int result = read_all(seal->fd, header, sizeof(*header), 0);
        if (result != 0) {
            code = seal_fail(seal, 0, "reading a header", -result);
        }
    }
    return code;
}

/** The segment that holds the record of the floor; 1 when nothing is known to be durable. */
static int
floor_segment(struct seal *seal, uint64_t *number)
{
    struct hf_segment_header header;
    *number = seal->result->end_segment;
    while (*number > 1) {
        int code = header_read(seal, *number, &header);
        file_close(seal);
        if (code != 0) {
            return code;
        }
        if (header.base_lsn <= seal->result->floor_lsn) {
            return 0;
        }
        --*number;
    }
    return 0;
}

/** Oldest segment first, each durable before the next (format.h). */
static int
accepted_rewrite(struct seal *seal)
{
    uint64_t number = 0;
    int code = floor_segment(seal, &number);
    for (; code == 0 && number <= seal->result->end_segment; number++) {
        struct hf_segment_header header;
        code = header_read(seal, number, &header);
        if (code == 0) {
            code = segment_rewrite(seal, number, &header);
        }
        file_close(seal);
    }
    return code;
}

/* ---- step 2 ---- */

/** Where the medium cannot punch: plain zeros. */
static int
zeros_write(struct seal *seal, uint64_t begin, uint64_t end)
{
    memset(seal->copy, 0, COPY_BYTES);
    for (uint64_t at = begin; at < end;) {
        size_t len_bytes = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
        int result = hf_segment_write(seal->fd, seal->copy, len_bytes, at);
        if (result != 0) {
            return seal_fail(seal, at, "zeroing the tail", -result);
        }
        at += len_bytes;
    }
    return 0;
}

/** A hole reads as zeros, and gives back the space of a segment that is never written again. */
static int
range_zero(struct seal *seal, uint64_t begin, uint64_t end)
{
    if (fallocate(seal->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)begin,
                  (off_t)(end - begin)) == 0) {
        return 0;
    }
    if (errno != EOPNOTSUPP && errno != ENOSYS) {
        return seal_fail(seal, begin, "zeroing the tail", errno);
    }
    return zeros_write(seal, begin, end);
}

static int
tail_zero(struct seal *seal)
{
    struct hf_scan_result *result = seal->result;
    struct stat status;
    int code = file_open(seal, result->end_segment);
    if (code == 0 && result->end_offset < result->segment_bytes && !HF_PLANTED(TAIL_NOT_ZEROED)) {
        code = range_zero(seal, result->end_offset, result->segment_bytes);
    }
    if (code == 0) {
        code = file_sync(seal);
    }
    if (code == 0 &&
        (fstat(seal->fd, &status) != 0 || (uint64_t)status.st_size != result->segment_bytes)) {
        code = seal_fail(seal, result->end_offset, "zeroing the tail changed the length", EIO);
    }
    file_close(seal);
    return code;
}

/* ---- step 3 ---- */

static int
directory_fail(struct seal *seal, const char *what, int error)
{
    (void)snprintf(seal->path, sizeof(seal->path), "%s", seal->directory);
    return seal_fail(seal, 0, what, error);
}

/** What cannot be unlinked, as a directory, was not made by an interrupted start. */
static int
temporary_remove(struct seal *seal)
{
    int result = hf_segment_remove_temporary(seal->directory, seal->path, sizeof(seal->path));
    if (result == 0) {
        return 0;
    }
    return seal_refuse(
        seal->result, hf_segment_error(-result),
        "%s: cannot be removed: %s (errno %d). Temporary files of this name are this "
        "log's, and this is none that it has made: move it away, then start again",
        seal->path, strerror(-result), -result);
}

/** Remove all segments with a higher number than `last`. */
static int
segments_remove(struct seal *seal, uint64_t last)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int result = hf_segment_list(seal->directory, &numbers, &count);
    for (size_t i = 0; HF_PLANTED(REMOVED_IN_ANY_ORDER) && i < count && result == 0; i++) {
        if (numbers[i] > last) {
            result = hf_segment_remove(seal->directory, numbers[i]);
        }
    }
    while (result == 0 && count > 0 && numbers[count - 1] > last &&
           !HF_PLANTED(REMOVED_IN_ANY_ORDER)) {
        result = hf_segment_remove(seal->directory, numbers[--count]);
        if (result == 0) {
            result = hf_segment_sync_directory(seal->directory);
        }
    }
    free(numbers);
    if (result != 0) {
        return directory_fail(seal, "removing unused segments", -result);
    }
    int code = temporary_remove(seal);
    if (code != 0) {
        return code;
    }
    result = hf_segment_sync_directory(seal->directory);
    return result == 0 ? 0 : directory_fail(seal, "removing unused segments", -result);
}

/* ---- step 4 ---- */

struct append {
    struct hf_pack pack;
    const struct hf_record *next; /**< first record that is not packed */
    size_t left;
    unsigned char *bytes; /**< a header page, then slots */
    uint64_t durable_lsn; /**< floor of the groups: what is durable by now */
};

static struct hf_record *
append_slot(struct append *append, uint64_t first_slot)
{
    return (struct hf_record *)(void *)(append->bytes + HF_SEGMENT_HEADER_BYTES) +
           (append->pack.slot - first_slot);
}

/** Pack all that fits into the segment; fill it to its end when something is left. */
static void
append_pack(struct append *append)
{
    struct hf_pack *pack = &append->pack;
    const uint64_t first_slot = pack->slot;
    while (append->left > 0 && hf_pack_fits(pack, hf_record_slots(append->next))) {
        for (unsigned slots = hf_record_slots(append->next); slots > 0; slots--) {
            hf_pack_record(pack, append->next, append_slot(append, first_slot));
            append->next++;
            append->left--;
        }
        if (pack->count >= GROUP_RECORDS && append->left > 0 && hf_pack_fits(pack, 1)) {
            hf_pack_group(pack, append->durable_lsn, append_slot(append, first_slot));
        }
    }
    while (pack->count > 0 || (append->left > 0 && pack->slot < pack->slots)) {
        hf_pack_group(pack, append->durable_lsn, append_slot(append, first_slot));
    }
}

/** Into the rest of the last segment. */
static int
append_to_last(struct seal *seal, struct append *append)
{
    const uint64_t first_slot = append->pack.slot;
    uint64_t offset = HF_SEGMENT_HEADER_BYTES + first_slot * HF_SLOT_BYTES;
    append_pack(append);
    uint64_t len_bytes = (append->pack.slot - first_slot) * HF_SLOT_BYTES;
    int code = file_open(seal, append->pack.number);
    if (code == 0) {
        int result = hf_segment_write(seal->fd, append->bytes + HF_SEGMENT_HEADER_BYTES,
                                      (size_t)len_bytes, offset);
        if (result != 0) {
            code = seal_fail(seal, offset, "appending the queue's records", -result);
        }
    }
    if (code == 0) {
        code = file_sync(seal);
    }
    file_close(seal);
    return code;
}

/** Into a new segment, complete before it gets its name. */
static int
append_to_new(struct seal *seal, struct append *append)
{
    struct hf_scan_result *result = seal->result;
    struct hf_pack *pack = &append->pack;
    hf_pack_begin(pack, pack->number + 1, hf_segment_slots(result->segment_bytes));
    memset(append->bytes, 0, HF_SEGMENT_HEADER_BYTES);
    hf_pack_header(pack, (struct hf_segment_header *)(void *)append->bytes, result->segment_bytes,
                   hf_clock_wall_ns(), append->durable_lsn);
    append_pack(append);
    int error =
        hf_segment_create(seal->directory, pack->number, result->segment_bytes, append->bytes,
                          HF_SEGMENT_HEADER_BYTES + (size_t)(pack->slot * HF_SLOT_BYTES));
    result->segments++;
    (void)hf_segment_path(seal->path, sizeof(seal->path), seal->directory, pack->number);
    if (error == 0) {
        return 0;
    }
    return seal_refuse(result, hf_segment_error(-error),
                       "%s: making a segment for the queue's records: %s (errno %d)%s; start again "
                       "when this is mended",
                       seal->path, strerror(-error), -error, hf_segment_obstacle(-error));
}

static void
append_begin(const struct hf_scan_result *result, struct append *append)
{
    struct hf_pack *pack = &append->pack;
    pack->instance_id = result->instance_id;
    pack->epoch = result->epoch;
    pack->lsn = result->end_lsn;
    pack->chain = result->end_chain;
    hf_pack_begin(pack, result->end_segment, hf_segment_slots(result->segment_bytes));
    pack->slot = (result->end_offset - HF_SEGMENT_HEADER_BYTES) / HF_SLOT_BYTES;
    pack->time_ns = append->next->time_ns;
    append->durable_lsn = result->end_lsn; /* step 1 */
}

static void
append_finish(struct hf_scan_result *result, const struct append *append)
{
    result->end_lsn = append->pack.lsn;
    result->end_segment = append->pack.number;
    result->end_offset = HF_SEGMENT_HEADER_BYTES + append->pack.slot * HF_SLOT_BYTES;
    result->end_chain = append->pack.chain;
}

static int
extra_append(struct seal *seal, struct append *append)
{
    append_begin(seal->result, append);
    uint64_t floor_lsn = append->durable_lsn;
    int code = append_to_last(seal, append);
    while (code == 0 && append->left > 0) {
        append->durable_lsn = append->pack.lsn;
        floor_lsn = append->durable_lsn;
        code = append_to_new(seal, append);
    }
    if (code == 0) {
        append_finish(seal->result, append);
        if (floor_lsn > seal->result->floor_lsn) {
            seal->result->floor_lsn = floor_lsn; /* as a scan would find it */
        }
    }
    return code;
}

/** Slots that one segment may take of so many records: groups, and two that fill it up. */
static size_t
append_bytes(size_t count)
{
    return HF_SEGMENT_HEADER_BYTES + (count + count / GROUP_RECORDS + 4) * HF_SLOT_BYTES;
}

/** Whether record i of the records to append may stand there. */
static bool
extra_fits(const struct hf_record *extra, size_t i, uint64_t end_lsn)
{
    bool after_half = i > 0 && hf_record_slots(&extra[i - 1]) == 2;
    return extra[i].lsn == end_lsn + 1 + i && after_half == (extra[i].type == HF_RECORD_MORE);
}

static int
extra_check(struct seal *seal, const struct hf_record *extra, size_t *count)
{
    struct hf_scan_result *result = seal->result;
    if (*count > 0 && result->segments == 0) {
        return seal_refuse(result, HF_E_ARGUMENT, "%s: records to append, but there is no log",
                           seal->directory);
    }
    for (size_t i = 0; i < *count; i++) {
        if (!extra_fits(extra, i, result->end_lsn)) {
            return seal_refuse(result, HF_E_ARGUMENT,
                               "%s: the log ends with LSN %" PRIu64 ", and record %zu (LSN %" PRIu64
                               ") of those to append does not continue it",
                               seal->directory, result->end_lsn, i, extra[i].lsn);
        }
    }
    if (*count > 0 && hf_record_slots(&extra[*count - 1]) == 2) {
        --*count; /* recovery cuts a lone half */
    }
    return 0;
}

static int
seal_steps(struct seal *seal, struct append *append)
{
    struct hf_scan_result *result = seal->result;
    int code = 0;
    if (result->segments > 0) {
        code = accepted_rewrite(seal);
        if (code == 0) {
            code = tail_zero(seal);
        }
    }
    if (code == 0) {
        code = segments_remove(seal, result->end_segment);
    }
    if (code == 0 && append->left > 0) {
        code = extra_append(seal, append);
    }
    if (code == 0) {
        result->torn_bytes = 0;
        result->last_number = result->end_segment;
    }
    return code;
}

int
hf_scan_seal(const char *directory, const struct hf_record *extra, size_t count,
             struct hf_scan_result *result)
{
    struct seal seal = {.directory = directory, .result = result, .fd = -1};
    if (result->code != 0) {
        return result->code; /* what was refused is not touched */
    }
    int code = extra_check(&seal, extra, &count);
    if (code != 0) {
        return code;
    }
    struct append append = {.next = extra, .left = count};
    seal.copy = malloc(COPY_BYTES);
    append.bytes = malloc(append_bytes(count));
    if (seal.copy == NULL || append.bytes == NULL) {
        code = directory_fail(&seal, "memory for sealing", ENOMEM);
    } else {
        code = seal_steps(&seal, &append);
    }
    free(seal.copy);
    free(append.bytes);
    return code;
}
