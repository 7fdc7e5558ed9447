/*
 * snapshot_read.c - a file into a core (snapshot.h): S1 to S5, in this order.
 */
#include "recovery/snapshot_internal.h"

#include "base/crc32c.h"
#include "base/numa.h"
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
#include <zstd.h>

struct source {
    struct hf_snapshot *snapshot;
    uint64_t lsn; /**< of the name */
    int fd;
    uint64_t offset;      /**< of what is looked at */
    uint64_t next_index;  /**< lowest index that the next block may have */
    unsigned char *piece; /**< where a piece goes that nobody wants to keep; NULL: into the core */
    unsigned char *stored;
    ZSTD_DCtx *decompressor;
    struct hf_snapshot_footer footer;
    char path[PATH_MAX];
};

static int __attribute__((format(printf, 3, 4)))
read_fail(struct source *source, int code, const char *format, ...)
{
    char what[192];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    (void)snprintf(source->snapshot->text, sizeof(source->snapshot->text),
                   "%.*s: offset %" PRIu64 ": %s", HF_SNAPSHOT_TEXT_BYTES / 2, source->path,
                   source->offset, what);
    return code;
}

static int
damage(struct source *source, const char *what)
{
    return read_fail(source, HF_E_CORRUPT, "%s", what);
}

static int
read_fail_errno(struct source *source, const char *what, int error)
{
    int code = error == ENOENT ? HF_E_UNKNOWN : hf_segment_error(error);
    return read_fail(source, code, "%s: %s (errno %d)", what, strerror(error), error);
}

static int
read_bytes(struct source *source, void *data, size_t len_bytes)
{
    unsigned char *bytes = (unsigned char *)data;
    size_t done = 0;
    while (done < len_bytes) {
        ssize_t got =
            pread(source->fd, bytes + done, len_bytes - done, (off_t)(source->offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? read_fail_errno(source, "read", errno)
                           : damage(source, "the file is shorter than it was");
        }
        done += (size_t)got;
    }
    return 0;
}

/* S1 */

static bool
all_zero(const unsigned char *bytes, size_t len_bytes)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len_bytes - 1) == 0;
}

static int
header_judge(struct source *source, const unsigned char *page)
{
    const struct hf_snapshot_header *header = &source->snapshot->header;
    if (header->magic != HF_SNAPSHOT_MAGIC) {
        return damage(source, "the file does not begin with the magic number of a snapshot");
    }
    /* Before the checksum: another version may keep it elsewhere. */
    if (header->version != HF_SNAPSHOT_VERSION) {
        return read_fail(source, HF_E_VERSION,
                         "snapshot format version %u, but this program reads version %u",
                         header->version, HF_SNAPSHOT_VERSION);
    }
    if (header->header_crc != hf_snapshot_header_crc(header)) {
        return damage(source, "the checksum of the header does not match");
    }
    if (!all_zero(page + sizeof(*header), HF_SNAPSHOT_HEADER_BYTES - sizeof(*header))) {
        return damage(source, "the rest of the header page is not zero");
    }
    if (header->header_bytes != HF_SNAPSHOT_HEADER_BYTES ||
        header->block_bytes != HF_SNAPSHOT_BLOCK_BYTES) {
        return damage(source, "the header states impossible lengths");
    }
    return header->lsn == source->lsn ? 0
                                      : damage(source, "the header has another LSN than the name");
}

static int
header_read(struct source *source)
{
    unsigned char page[HF_SNAPSHOT_HEADER_BYTES];
    source->offset = 0;
    int code = read_bytes(source, page, sizeof(page));
    if (code == 0) {
        memcpy(&source->snapshot->header, page, sizeof(source->snapshot->header));
        code = header_judge(source, page);
    }
    return code;
}

/* S3 */

static int
footer_read(struct source *source)
{
    const struct hf_snapshot *snapshot = source->snapshot;
    const struct hf_snapshot_footer *footer = &source->footer;
    source->offset = snapshot->file_bytes - sizeof(*footer);
    int code = read_bytes(source, &source->footer, sizeof(*footer));
    if (code != 0) {
        return code;
    }
    if (footer->magic != HF_SNAPSHOT_FOOTER_MAGIC) {
        return damage(source, "the file does not end with a footer");
    }
    if (footer->footer_crc != hf_snapshot_footer_crc(footer, snapshot->header.header_crc)) {
        return damage(source, "the checksum of the footer does not match");
    }
    return footer->stored_bytes == snapshot->file_bytes - HF_SNAPSHOT_HEADER_BYTES - sizeof(*footer)
               ? 0
               : damage(source, "the file is not as long as its footer says");
}

/* S2 */

static const char *
block_fault(const struct source *source, const struct hf_snapshot_block *block, uint64_t end)
{
    uint64_t core_bytes = source->snapshot->header.core_bytes;
    if (block->index < source->next_index || block->index >= hf_snapshot_pieces(core_bytes)) {
        return "a block has an index that cannot be there";
    }
    size_t piece_bytes = hf_snapshot_piece_bytes(core_bytes, block->index);
    bool length = block->flags == HF_SNAPSHOT_ZSTD ? block->stored_bytes < piece_bytes
                                                   : block->stored_bytes == piece_bytes;
    if (block->flags > HF_SNAPSHOT_ZSTD || !length ||
        source->offset + sizeof(*block) + block->stored_bytes > end) {
        return "a block has an impossible length";
    }
    return NULL;
}

static int
piece_restore(struct source *source, const struct hf_snapshot_block *block)
{
    struct hf_snapshot *snapshot = source->snapshot;
    size_t piece_bytes = hf_snapshot_piece_bytes(snapshot->header.core_bytes, block->index);
    unsigned char *piece =
        source->piece != NULL
            ? source->piece
            : (unsigned char *)snapshot->core + (uint64_t)block->index * HF_SNAPSHOT_BLOCK_BYTES;
    if (block->flags == 0) {
        memcpy(piece, source->stored, piece_bytes);
        return 0;
    }
    size_t result = ZSTD_decompressDCtx(source->decompressor, piece, piece_bytes, source->stored,
                                        block->stored_bytes);
    return result == piece_bytes ? 0 : damage(source, "a block does not decompress");
}

/** The block at the offset. @param end  where the last one ends */
static int
block_read(struct source *source, uint64_t end, uint32_t *blocks_crc)
{
    struct hf_snapshot_block block;
    if (end - source->offset < sizeof(block)) {
        return damage(source, "half a block");
    }
    int code = read_bytes(source, &block, sizeof(block));
    if (code != 0) {
        return code;
    }
    const char *fault = block_fault(source, &block, end);
    if (fault != NULL) {
        return damage(source, fault);
    }
    uint64_t begin = source->offset;
    source->offset += sizeof(block);
    code = read_bytes(source, source->stored, block.stored_bytes);
    source->offset = begin;
    if (code != 0) {
        return code;
    }
    if (block.crc !=
        hf_snapshot_block_crc(&block, source->stored, source->snapshot->header.header_crc)) {
        return damage(source, "the checksum of a block does not match");
    }
    *blocks_crc = hf_crc32c(*blocks_crc, &block.crc, sizeof(block.crc));
    code = piece_restore(source, &block);
    source->offset = begin + sizeof(block) + block.stored_bytes;
    source->next_index = (uint64_t)block.index + 1;
    return code;
}

static int
blocks_read(struct source *source)
{
    const struct hf_snapshot *snapshot = source->snapshot;
    uint64_t end = snapshot->file_bytes - sizeof(source->footer);
    uint64_t blocks = 0;
    uint32_t blocks_crc = snapshot->header.header_crc;
    int code = 0;
    source->offset = HF_SNAPSHOT_HEADER_BYTES;
    while (source->offset < end && code == 0) {
        code = block_read(source, end, &blocks_crc);
        blocks++;
    }
    if (code == 0 && (blocks != source->footer.blocks || blocks_crc != source->footer.blocks_crc)) {
        code = damage(source, "the blocks are not those that the footer counts");
    }
    return code;
}

/* S4, S5 */

static int
layout_check(struct source *source)
{
    const struct hf_snapshot_header *header = &source->snapshot->header;
    if (header->rules_version != HF_RULES_VERSION) {
        return read_fail(source, HF_E_VERSION,
                         "made under rules version %u, this binary has version %u",
                         header->rules_version, HF_RULES_VERSION);
    }
    if (header->layout != hf_core_layout()) {
        return read_fail(source, HF_E_VERSION,
                         "made by a binary that lays its state out in another way (%016" PRIx64
                         ", here %016" PRIx64 ")",
                         header->layout, hf_core_layout());
    }
    return 0;
}

static int
core_check(struct source *source)
{
    const struct hf_snapshot_header *header = &source->snapshot->header;
    struct hf_core *core = source->snapshot->core;
    struct hf_engine_limits limits;
    hf_snapshot_limits(header, &limits);
    const char *why = hf_core_load(core, &limits);
    if (why != NULL) {
        return damage(source, why);
    }
    bool same = hf_core_lsn(core) == header->lsn && hf_core_time(core) == header->time_ns &&
                hf_core_digest(core) == header->digest && hf_core_epoch(core) == header->epoch &&
                hf_core_history(core) == header->history && hf_core_boot(core) == header->boot &&
                hf_core_market_number(core) == header->market_number;
    return same ? 0 : damage(source, "the state is not the one that the header names");
}

/* All together */

static int
core_make(struct source *source, int numa_node, bool background)
{
    struct hf_snapshot *snapshot = source->snapshot;
    struct hf_engine_limits limits;
    hf_snapshot_limits(&snapshot->header, &limits);
    size_t bytes = hf_core_footprint(&limits);
    if (bytes == 0 || hf_core_image_bytes(&limits) != snapshot->header.core_bytes) {
        return damage(source, "the header states impossible capacities");
    }
    snapshot->core = background ? hf_memory_reserve(bytes) : hf_memory_alloc(bytes, numa_node);
    snapshot->core_bytes = bytes;
    return snapshot->core != NULL
               ? 0
               : read_fail(source, HF_E_MEMORY, "no memory for the books: %zu bytes are needed",
                           bytes);
}

static int
source_open(struct source *source, const char *directory)
{
    struct stat status;
    if (hf_snapshot_path(source->path, sizeof(source->path), directory, source->lsn) != 0) {
        return read_fail_errno(source, "path", ENAMETOOLONG);
    }
    source->stored = malloc(HF_SNAPSHOT_BLOCK_BYTES);
    source->decompressor = ZSTD_createDCtx();
    if (source->stored == NULL || source->decompressor == NULL) {
        return read_fail(source, HF_E_MEMORY, "out of memory");
    }
    source->fd = open(source->path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0 || fstat(source->fd, &status) != 0) {
        return read_fail_errno(source, "open", errno);
    }
    source->snapshot->file_bytes = (uint64_t)status.st_size;
    source->offset = source->snapshot->file_bytes;
    return source->offset >= HF_SNAPSHOT_HEADER_BYTES + sizeof(source->footer)
               ? 0
               : damage(source, "the file is shorter than header and footer");
}

static void
source_close(struct source *source)
{
    if (source->fd >= 0) {
        (void)close(source->fd);
    }
    (void)ZSTD_freeDCtx(source->decompressor);
    free(source->stored);
    free(source->piece);
}

static int
frame_read(struct source *source, const char *directory)
{
    int code = source_open(source, directory);
    if (code == 0) {
        code = header_read(source);
    }
    return code == 0 ? footer_read(source) : code;
}

int
hf_snapshot_read(const char *directory, uint64_t lsn, int numa_node, bool background,
                 struct hf_snapshot *snapshot)
{
    struct source source = {.snapshot = snapshot, .lsn = lsn, .fd = -1};
    memset(snapshot, 0, sizeof(*snapshot));
    int code = frame_read(&source, directory);
    if (code == 0) {
        source.offset = 0;
        code = layout_check(&source);
    }
    if (code == 0) {
        code = core_make(&source, numa_node, background);
    }
    if (code == 0) {
        code = blocks_read(&source);
    }
    if (code == 0) {
        code = core_check(&source);
    }
    source_close(&source);
    if (code != 0) {
        hf_memory_free(snapshot->core, snapshot->core_bytes);
        snapshot->core = NULL;
    }
    return code;
}

int
hf_snapshot_verify(const char *directory, uint64_t lsn, struct hf_snapshot *snapshot)
{
    struct source source = {.snapshot = snapshot, .lsn = lsn, .fd = -1};
    memset(snapshot, 0, sizeof(*snapshot));
    source.piece = malloc(HF_SNAPSHOT_BLOCK_BYTES);
    int code = source.piece == NULL ? read_fail(&source, HF_E_MEMORY, "out of memory")
                                    : frame_read(&source, directory);
    if (code == 0) {
        code = blocks_read(&source);
    }
    source_close(&source);
    return code;
}
