/*
 * snapshot_write.c - a core into a file (snapshot.h): header, pieces, footer, then the name.
 */
#include "recovery/snapshot_internal.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "base/crc32c.h"
#include "base/panic.h"
#include "base/planted.h"
#include "wal/segment.h"
#include "wal/witness.h"

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
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#define ZSTD_LEVEL 1
/** A frame must save this part of a piece, or reading it costs more than it saves. */
#define SAVES_AT_LEAST (HF_SNAPSHOT_BLOCK_BYTES / 16)
#define SPACE_CHECK_BYTES ((uint64_t)4 << 20) /* how often to look at the space that is left */

struct writer {
    const struct hf_snapshot_order *order;
    char *text;
    int fd;
    uint64_t offset;
    uint64_t space_checked; /**< offset at the last look */
    struct hf_snapshot_header header;
    struct hf_snapshot_footer footer;
    ZSTD_CCtx *compressor;
    unsigned char *buffer; /**< what stands before a block, then its bytes */
    size_t buffer_bytes;
    char path[PATH_MAX];
    char temporary[PATH_MAX];
};

static int __attribute__((format(printf, 3, 4)))
write_fail(struct writer *writer, int code, const char *format, ...)
{
    char what[192];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    (void)snprintf(writer->text, HF_SNAPSHOT_TEXT_BYTES, "%.*s: offset %" PRIu64 ": %s",
                   HF_SNAPSHOT_TEXT_BYTES / 2, writer->temporary, writer->offset, what);
    return code;
}

static int
write_fail_errno(struct writer *writer, const char *what, int error)
{
    return write_fail(writer, hf_segment_error(error), "%s: %s (errno %d)", what, strerror(error),
                      error);
}

static int
write_bytes(struct writer *writer, const void *data, size_t len_bytes)
{
    int result = hf_segment_write(writer->fd, data, len_bytes, writer->offset);
    if (result != 0) {
        return write_fail_errno(writer, "write", -result);
    }
    writer->offset += len_bytes;
    return 0;
}

/* Header */

static void
header_fill(struct writer *writer)
{
    const struct hf_core *core = writer->order->core;
    const struct hf_log_position *position = writer->order->position;
    const struct hf_engine_limits *limits = hf_core_limits(core);
    writer->header = (struct hf_snapshot_header){
        .magic = HF_SNAPSHOT_MAGIC,
        .version = HF_SNAPSHOT_VERSION,
        .header_bytes = HF_SNAPSHOT_HEADER_BYTES,
        .rules_version = HF_RULES_VERSION,
        .block_bytes = HF_SNAPSHOT_BLOCK_BYTES,
        .layout = hf_core_layout(),
        .instance_id = position->instance_id,
        .history = hf_core_history(core),
        .epoch = hf_core_epoch(core),
        .boot = hf_core_boot(core),
        .lsn = hf_core_lsn(core),
        .time_ns = hf_core_time(core),
        .digest = hf_core_digest(core),
        .market_number = hf_core_market_number(core),
        .core_bytes = hf_core_image_bytes(limits),
        .created_ns = hf_clock_wall_ns(),
        .log_segment = position->segment,
        .log_offset = position->offset,
        .log_epoch = position->epoch,
        .log_segment_bytes = position->segment_bytes,
        .log_chain = position->chain,
        .last_type = position->last_type,
        .hash_seed = limits->hash_seed,
        .sessions_max = limits->sessions_max,
        .instruments_max = limits->instruments_max,
        .orders_max = limits->orders_max,
        .levels_max = limits->levels_max,
        .session_orders_max = limits->session_orders_max,
        .extras_max = limits->extras_max,
        .accounts_max = limits->accounts_max,
        .entitlements_max = limits->entitlements_max,
        .events_max = limits->events_max,
    };
    writer->header.header_crc = hf_snapshot_header_crc(&writer->header);
}

static int
header_write(struct writer *writer)
{
    header_fill(writer);
    memset(writer->buffer, 0, HF_SNAPSHOT_HEADER_BYTES);
    memcpy(writer->buffer, &writer->header, sizeof(writer->header));
    writer->footer.blocks_crc = writer->header.header_crc;
    return write_bytes(writer, writer->buffer, HF_SNAPSHOT_HEADER_BYTES);
}

/* Blocks */

static bool
all_zero(const unsigned char *bytes, size_t len_bytes)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len_bytes - 1) == 0;
}

/** Fill the buffer behind its first sizeof(block) bytes. */
static void
piece_store(struct writer *writer, const unsigned char *piece, size_t piece_bytes,
            struct hf_snapshot_block *block)
{
    unsigned char *stored = writer->buffer + sizeof(*block);
    size_t result =
        ZSTD_compressCCtx(writer->compressor, stored, writer->buffer_bytes - sizeof(*block), piece,
                          piece_bytes, ZSTD_LEVEL);
    if (!ZSTD_isError(result) && result + SAVES_AT_LEAST <= piece_bytes) {
        block->flags = HF_SNAPSHOT_ZSTD;
        block->stored_bytes = (uint32_t)result;
        return;
    }
    block->flags = 0;
    block->stored_bytes = (uint32_t)piece_bytes;
    memcpy(stored, piece, piece_bytes);
}

static int
piece_write(struct writer *writer, uint64_t index, const unsigned char *piece, size_t piece_bytes)
{
    struct hf_snapshot_block block = {.index = (uint32_t)index};
    piece_store(writer, piece, piece_bytes, &block);
    block.crc =
        hf_snapshot_block_crc(&block, writer->buffer + sizeof(block), writer->header.header_crc);
    memcpy(writer->buffer, &block, sizeof(block));
    writer->footer.blocks++;
    writer->footer.stored_bytes += sizeof(block) + block.stored_bytes;
    writer->footer.blocks_crc = hf_crc32c(writer->footer.blocks_crc, &block.crc, sizeof(block.crc));
    return write_bytes(writer, writer->buffer, sizeof(block) + block.stored_bytes);
}

/** The log's next segments come first. */
static int
space_check(struct writer *writer)
{
    struct statvfs status;
    if (writer->offset != 0 && writer->offset < writer->space_checked + SPACE_CHECK_BYTES) {
        return 0;
    }
    writer->space_checked = writer->offset;
    if (fstatvfs(writer->fd, &status) != 0) {
        return write_fail_errno(writer, "statvfs", errno);
    }
    uint64_t left = (uint64_t)status.f_bavail * status.f_frsize;
    return left >= writer->order->reserve_bytes
               ? 0
               : write_fail(writer, HF_E_NO_SPACE,
                            "%" PRIu64 " bytes of space are left, and %" PRIu64
                            " are kept for the log",
                            left, writer->order->reserve_bytes);
}

static bool
is_cancelled(const struct writer *writer)
{
    const uint32_t *cancel = writer->order->cancel;
    return cancel != NULL && hf_load_relaxed(cancel) != 0; /* soon is soon enough */
}

static int
blocks_write(struct writer *writer)
{
    const unsigned char *bytes = (const unsigned char *)writer->order->core;
    uint64_t core_bytes = writer->header.core_bytes;
    int code = 0;
    for (uint64_t i = 0; i < hf_snapshot_pieces(core_bytes) && code == 0; i++) {
        const unsigned char *piece = bytes + i * HF_SNAPSHOT_BLOCK_BYTES;
        size_t piece_bytes = hf_snapshot_piece_bytes(core_bytes, i);
        if (is_cancelled(writer)) {
            return write_fail(writer, HF_AGAIN, "given up");
        }
        if (!all_zero(piece, piece_bytes)) {
            code = piece_write(writer, i, piece, piece_bytes);
            code = code == 0 ? space_check(writer) : code;
        }
    }
    return code;
}

static int
footer_write(struct writer *writer)
{
    writer->footer.magic = HF_SNAPSHOT_FOOTER_MAGIC;
    writer->footer.footer_crc = hf_snapshot_footer_crc(&writer->footer, writer->header.header_crc);
    return write_bytes(writer, &writer->footer, sizeof(writer->footer));
}

/* Owner */

/** LOCK is the daemon's, whoever made the directory. */
static int
log_owner(const struct writer *writer, struct stat *owner)
{
    char path[PATH_MAX];
    return hf_witness_path(path, sizeof(path), writer->order->directory) == 0 &&
                   stat(path, owner) == 0
               ? 0
               : stat(writer->order->directory, owner);
}

/** Only its owner can read the file: that must be whoever goes on with the log. */
static int
owner_set(struct writer *writer)
{
    struct stat owner;
    struct stat file;
    if (!writer->order->owned_as_log) {
        return 0;
    }
    if (log_owner(writer, &owner) != 0 || fstat(writer->fd, &file) != 0) {
        return write_fail_errno(writer, "stat", errno);
    }
    if (owner.st_uid == file.st_uid && owner.st_gid == file.st_gid) {
        return 0;
    }
    if (fchown(writer->fd, owner.st_uid, owner.st_gid) == 0 || owner.st_uid == file.st_uid) {
        return 0; /* its group may do nothing anyway */
    }
    return errno == EPERM
               ? write_fail(writer, HF_E_DENIED,
                            "the log is that of user %u, who could not read a snapshot of user %u: "
                            "make it as user %u or as root",
                            (unsigned)owner.st_uid, (unsigned)file.st_uid, (unsigned)owner.st_uid)
               : write_fail_errno(writer, "chown", errno);
}

/* All together */

static int
file_write(struct writer *writer)
{
    int code = owner_set(writer);
    if (code == 0) {
        code = space_check(writer);
    }
    if (code == 0) {
        code = header_write(writer);
    }
    if (code == 0) {
        code = blocks_write(writer);
    }
    if (code == 0) {
        code = footer_write(writer);
    }
    if (code == 0 && !HF_PLANTED(SNAPSHOT_UNSYNCED) && fsync(writer->fd) != 0) {
        code = write_fail_errno(writer, "fsync", errno);
    }
    return code;
}

static int
file_make(struct writer *writer)
{
    writer->fd = open(writer->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (writer->fd < 0) {
        return write_fail_errno(writer, "open", errno);
    }
    int code = file_write(writer);
    if (close(writer->fd) != 0 && code == 0) {
        code = write_fail_errno(writer, "close", errno);
    }
    if (code == 0 && rename(writer->temporary, writer->path) != 0) {
        code = write_fail_errno(writer, "rename", errno);
    }
    if (code != 0) {
        (void)unlink(writer->temporary);
        return code;
    }
    int result = hf_segment_sync_directory(writer->order->directory);
    return result == 0 ? 0 : write_fail_errno(writer, "fsync of the directory", -result);
}

static int
memory_get(struct writer *writer)
{
    writer->buffer_bytes =
        sizeof(struct hf_snapshot_block) + ZSTD_compressBound(HF_SNAPSHOT_BLOCK_BYTES);
    writer->buffer = malloc(writer->buffer_bytes);
    writer->compressor = ZSTD_createCCtx();
    return writer->buffer != NULL && writer->compressor != NULL
               ? 0
               : write_fail(writer, HF_E_MEMORY, "out of memory");
}

int
hf_snapshot_write(const struct hf_snapshot_order *order, char *text)
{
    struct writer writer = {.order = order, .text = text, .fd = -1};
    uint64_t lsn = hf_core_lsn(order->core);
    HF_ASSERT("the position is behind the core's last record", order->position->lsn == lsn);
    text[0] = '\0';
    if (hf_snapshot_path(writer.path, sizeof(writer.path), order->directory, lsn) != 0 ||
        hf_snapshot_path_suffixed(writer.temporary, sizeof(writer.temporary), order->directory, lsn,
                                  HF_SNAPSHOT_TEMPORARY) != 0) {
        return write_fail_errno(&writer, "path", ENAMETOOLONG);
    }
    int code = memory_get(&writer);
    if (code == 0) {
        code = file_make(&writer);
    }
    (void)ZSTD_freeCCtx(writer.compressor);
    free(writer.buffer);
    return code;
}
