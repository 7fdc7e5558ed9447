/*
 * own_log.h - our log, run as the daemon runs it: a WAL queue, and a thread each for writer, sync and
 * preparer, on the CPU that is not the appender's. Unlike the daemon's they yield where those sleep.
 */
#ifndef HF_BENCH_OWN_LOG_H
#define HF_BENCH_OWN_LOG_H

#include "bench.h"

#include "shm/ring.h"
#include "wal/wal.h"

struct own_log_setup {
    const char *directory;
    enum hf_wal_io_kind io;
    enum hf_wal_mode mode;
    uint64_t segment_bytes;
    int cpu; /**< of the three threads; -1: any */
};

struct own_log;

/** @return NULL, and why */
struct own_log *own_log_open(const struct own_log_setup *setup, char why[256]);

/** Where the appender puts its records, as the engine does. */
struct hf_ring_producer *own_log_producer(struct own_log *log);

/** Records up to `lsn` are in the queue. */
void own_log_sequenced(struct own_log *log, uint64_t lsn);

/** Ask for a flush up to `lsn` and wait for it. @return 0, or the error of a stage */
int own_log_wait_durable(struct own_log *log, uint64_t lsn);

/** Stop the threads, flush, close, and read the log back. @return LSN of its last record */
uint64_t own_log_close(struct own_log *log);

/** One record of the benchmark. */
static inline struct hf_record
own_log_record(uint64_t lsn)
{
    return (struct hf_record){.lsn = lsn,
                              .time_ns = lsn,
                              .session = 1,
                              .type = HF_COMMAND_NEW,
                              .slots = 1,
                              .client_order_id = lsn,
                              .price = (int64_t)lsn,
                              .quantity = 1};
}

#endif
