/*
 * wal.c - open and close the log; the one error of all stages (wal.h).
 */
#include "wal/wal_internal.h"

#include "base/clock.h"
#include "wal/witness.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ERROR_NONE = 0, ERROR_CLAIMED = 1, ERROR_COMPLETE = 2 };

int
hf_wal_fail(struct hf_wal *wal, int code, int error, const char *format, ...)
{
    /* The first stage to fail takes the place; the text of a later one is dropped. */
    if (hf_fetch_or_seq_cst(&wal->error_state, ERROR_CLAIMED) == ERROR_NONE) {
        va_list arguments;
        wal->error_code = code;
        wal->error_errno = error;
        va_start(arguments, format);
        (void)vsnprintf(wal->error_text, sizeof(wal->error_text), format, arguments);
        va_end(arguments);
        /* Pairs with the acquire in hf_wal_error_text(): the text is complete. */
        hf_store_release(&wal->error_state, ERROR_CLAIMED | ERROR_COMPLETE);
    }
    return code;
}

const char *
hf_wal_error_text(const struct hf_wal *wal)
{
    /* Pairs with the release in hf_wal_fail(). */
    return (hf_load_acquire(&wal->error_state) & ERROR_COMPLETE) != 0 ? wal->error_text : "";
}

const char *
hf_wal_io_name(const struct hf_wal *wal)
{
    return wal->io->name;
}

bool
hf_wal_flush_stores(const struct hf_wal *wal)
{
    return wal->io->flush_stores;
}

static const char *
config_fault(const struct hf_wal_config *config, const struct hf_wal_start *start)
{
    if (config->segment_bytes < HF_SEGMENT_BYTES_MIN ||
        config->segment_bytes % HF_SEGMENT_HEADER_BYTES != 0) {
        return "segment_bytes is not a multiple of 4096 of at least 65536";
    }
    if (config->reserve_segments < 1 || config->reserve_segments > HF_WAL_RESERVE_MAX) {
        return "reserve_segments is not 1 to 16";
    }
    if (config->flush_records < 1) {
        return "flush_records is 0";
    }
    if (config->io == HF_WAL_IO_DIRECT && config->mode == HF_WAL_MEMORY) {
        return "wal.mode=memory never flushes, and with wal.io=direct nothing but a flush writes: "
               "take "
               "another wal.io, or another wal.mode";
    }
    if (config->directory == NULL || strlen(config->directory) >= PATH_MAX - 64) {
        return "the directory's path is missing or too long";
    }
    if (start->epoch == 0 || start->segment == 0 || start->base_lsn == 0 ||
        start->durable_lsn != start->base_lsn - 1) {
        return "the start of the log contradicts itself";
    }
    return NULL;
}

int
hf_wal_witness(struct hf_wal *wal, uint64_t index, uint64_t durable_lsn)
{
    const struct hf_witness witness = {
        .instance_id = wal->config.instance_id,
        .epoch = wal->start.epoch,
        .segment = wal->start.segment + index,
        .durable_lsn = durable_lsn,
    };
    return hf_witness_store(wal->witness_fd, &witness);
}

/** Behind the making of the first segment (X1). */
static int
witness_begin(struct hf_wal *wal)
{
    wal->witness_fd = hf_witness_open(wal->directory);
    return wal->witness_fd < 0 ? wal->witness_fd : hf_wal_witness(wal, 0, wal->start.durable_lsn);
}

/** The first segment of the epoch: its header is durable before the file has its name. */
static int
first_segment_make(struct hf_wal *wal)
{
    struct hf_segment_header header;
    hf_pack_header(&wal->writer.pack, &header, wal->config.segment_bytes, hf_clock_wall_ns(),
                   wal->start.durable_lsn);
    int result = hf_segment_create(wal->directory, wal->start.segment, wal->config.segment_bytes,
                                   &header, sizeof(header));
    if (result != 0) {
        return result;
    }
    struct hf_wal_segment *first = hf_wal_segment_at(wal, 0);
    result = hf_wal_prepare_adopt(wal);
    if (result == 0) {
        wal->io = first->file.io;
        /* Relaxed: the stages do not run yet. The zeros begin behind the header page. */
        hf_store_relaxed(&first->zeroed_bytes, HF_SEGMENT_HEADER_BYTES);
        result = hf_wal_prepare_zero(wal, first, HF_WAL_AHEAD_BYTES);
    }
    if (result != 0) {
        (void)hf_segment_remove(wal->directory, wal->start.segment); /* ours, and nothing in it */
        return result;
    }
    return witness_begin(wal);
}

static void
writer_init(struct hf_wal *wal, const struct hf_region *queue)
{
    struct hf_wal_writer *writer = &wal->writer;
    writer->pack.instance_id = wal->config.instance_id;
    writer->pack.epoch = wal->start.epoch;
    writer->pack.lsn = wal->start.base_lsn - 1;
    writer->pack.chain = wal->start.chain;
    hf_pack_begin(&writer->pack, wal->start.segment, hf_segment_slots(wal->config.segment_bytes));
    /* From the start and not from the queue's stamp, which may still be that of the last epoch. */
    hf_queue_consumer_at(queue, &writer->queue, wal->start.base_lsn);
}

static void
wal_init(struct hf_wal *wal, const struct hf_wal_config *config, const struct hf_wal_start *start,
         const struct hf_region *queue, const struct hf_watermarks *watermarks)
{
    wal->config = *config;
    wal->queue = (struct hf_queue_object *)queue->base;
    (void)snprintf(wal->directory, sizeof(wal->directory), "%s", config->directory);
    wal->config.directory = wal->directory;
    hf_wal_tune(wal, config->flush_interval_ns, config->flush_records);
    wal->start = *start;
    wal->marks = *watermarks;
    wal->witness_fd = -1;
    writer_init(wal, queue);
    wal->sync.durable_lsn = start->durable_lsn;
    wal->sync.released_lsn = start->durable_lsn;
    wal->sync.flushed = HF_SEGMENT_HEADER_BYTES; /* the first header is durable at open */
}

/* Release: clients may be reading these words already; they pair with their acquires. */
static void
watermarks_init(struct hf_wal *wal)
{
    hf_store_relaxed(wal->marks.groups, 0);
    hf_store_relaxed(wal->marks.flushes, 0);
    hf_store_relaxed(wal->marks.flush_ns_sum, 0);
    hf_store_relaxed(wal->marks.flush_ns_max, 0);
    hf_store_release(wal->marks.written_position,
                     hf_wal_position_base(wal) + HF_SEGMENT_HEADER_BYTES);
    hf_store_release(wal->marks.written_lsn, wal->start.durable_lsn);
    hf_store_release(wal->marks.durable_lsn, wal->start.durable_lsn);
}

/** Ring and window of `direct`, where that is the way. */
static int
direct_make(struct hf_wal *wal, char *error_text, size_t error_bytes)
{
    if (wal->config.io != HF_WAL_IO_DIRECT) {
        return HF_OK;
    }
    int result = hf_wal_direct_create(
        &wal->direct, hf_wal_direct_window_bytes(wal->queue->slots, wal->config.segment_bytes),
        HF_SEGMENT_HEADER_BYTES);
    if (result == 0) {
        return HF_OK;
    }
    (void)snprintf(
        error_text, error_bytes,
        "wal.io=direct: the kernel gives no io_uring: %s (errno %d); see "
        "/proc/sys/kernel/io_uring_disabled and the container's seccomp profile, or take "
        "wal.io=mmap",
        strerror(-result), -result);
    return result == -ENOMEM ? HF_E_MEMORY : HF_E_ARGUMENT;
}

static const char *
refusal_words(enum hf_wal_io_kind io)
{
    return io == HF_WAL_IO_DIRECT
               ? "; wal.io=direct needs a file system that takes O_DIRECT in blocks of 4096 bytes"
               : "; wal.io=pmem needs a file system on persistent memory";
}

/** How much is missing, where a quota does not hide it. */
static void
room_words(const struct hf_wal_config *config, char *text, size_t text_bytes)
{
    struct statvfs disk;
    unsigned long long needed = config->segment_bytes >> 10;
    unsigned long long free_kib = 0;
    int used = snprintf(text, text_bytes, "; a segment takes %llu KiB", needed);
    if (statvfs(config->directory, &disk) != 0) {
        return;
    }
    free_kib = (unsigned long long)disk.f_bavail * disk.f_frsize >> 10;
    (void)snprintf(text + used, text_bytes - (size_t)used,
                   needed > free_kib ? ", %llu KiB are free: make room for %llu KiB more"
                                     : ", %llu KiB are free: is there a quota?",
                   free_kib, needed - free_kib);
}

/** What to do about an errno of the first segment. */
static void
first_segment_words(const struct hf_wal_config *config, int error, char *text, size_t text_bytes)
{
    if (hf_segment_error(error) == HF_E_NO_SPACE) {
        room_words(config, text, text_bytes);
    } else {
        (void)snprintf(text, text_bytes, "%s",
                       error == ENOTSUP ? refusal_words(config->io) : hf_segment_obstacle(error));
    }
}

int
hf_wal_open(struct hf_wal **wal, const struct hf_wal_config *config,
            const struct hf_wal_start *start, const struct hf_region *queue,
            const struct hf_watermarks *watermarks, char *error_text, size_t error_bytes)
{
    *wal = NULL;
    const char *fault = config_fault(config, start);
    if (fault == NULL && hf_queue_check_sizes(queue) != HF_OK) {
        fault = "the WAL queue's object has another version or impossible sizes";
    }
    if (fault != NULL) {
        (void)snprintf(error_text, error_bytes, "%s", fault);
        return HF_E_ARGUMENT;
    }
    struct hf_wal *made = aligned_alloc(alignof(struct hf_wal), sizeof(*made));
    if (made == NULL) {
        (void)snprintf(error_text, error_bytes, "no memory for the log's handle");
        return HF_E_MEMORY;
    }
    memset(made, 0, sizeof(*made));
    wal_init(made, config, start, queue, watermarks);
    int code = direct_make(made, error_text, error_bytes);
    if (code != HF_OK) {
        hf_wal_close(made);
        return code;
    }
    int result = first_segment_make(made);
    if (result != 0) {
        char words[128];
        first_segment_words(config, -result, words, sizeof(words));
        (void)snprintf(error_text, error_bytes, "%s: making segment %llu: %s (errno %d)%s",
                       config->directory, (unsigned long long)start->segment, strerror(-result),
                       -result, words);
        hf_wal_close(made);
        return hf_segment_error(-result);
    }
    watermarks_init(made);
    *wal = made;
    return HF_OK;
}

/* Highest number first, each durably: a crash in between, of the host too, leaves no gap. */
static void
unused_remove(struct hf_wal *wal)
{
    for (uint64_t index = wal->prepare.made; index > wal->writer.index + 1; index--) {
        (void)hf_segment_remove(wal->directory, wal->start.segment + index - 1);
        (void)hf_segment_sync_directory(wal->directory);
    }
}

void
hf_wal_close(struct hf_wal *wal)
{
    if (wal == NULL) {
        return;
    }
    for (uint64_t index = wal->prepare.freed; index < wal->prepare.made; index++) {
        hf_wal_file_close(&hf_wal_segment_at(wal, index)->file);
    }
    unused_remove(wal);
    if (wal->witness_fd >= 0) {
        (void)close(wal->witness_fd);
    }
    hf_wal_direct_destroy(wal->direct);
    free(wal);
}
