/* store_own.c - our log as a store: append a batch, ask for a flush at once, wait for it. */
#include "own_log.h"
#include "store.h"
#include "wait.h"

#define SEGMENT_BYTES (16u << 20) /* so that some of the runs meet the end of a segment */

static void *
open_kind(const char *directory, char *why, enum hf_wal_io_kind kind)
{
    const struct own_log_setup setup = {.directory = directory,
                                        .io = kind,
                                        .mode = HF_WAL_GROUP,
                                        .segment_bytes = SEGMENT_BYTES,
                                        .cpu = -1};
    return own_log_open(&setup, why);
}

static void *
open_mmap(const char *directory, char *why)
{
    return open_kind(directory, why, HF_WAL_IO_MMAP);
}

static void *
open_pmem(const char *directory, char *why)
{
    return open_kind(directory, why, HF_WAL_IO_PMEM);
}

static void *
open_direct(const char *directory, char *why)
{
    return open_kind(directory, why, HF_WAL_IO_DIRECT);
}

static int
append(void *store, const struct store_record *records, unsigned count)
{
    struct hf_ring_producer *producer = own_log_producer(store);
    uint32_t looks = 0;
    for (unsigned i = 0; i < count; i++) {
        struct hf_record record = own_log_record(records[i].number);
        while (hf_ring_claim(producer, 1) != HF_OK) {
            bench_wait(&looks);
        }
        hf_ring_publish_copy(producer, &record, 1);
    }
    own_log_sequenced(store, producer->next - 1);
    return own_log_wait_durable(store, producer->next - 1);
}

static uint64_t
close_and_count(void *store)
{
    return own_log_close(store);
}

const struct store store_mmap = {"holdfast mmap", open_mmap, append, close_and_count};
const struct store store_pmem = {"holdfast pmem", open_pmem, append, close_and_count};
const struct store store_direct = {"holdfast direct", open_direct, append, close_and_count};
