/*
 * store.h - something that makes 64-byte records durable, as the benchmark sees each of them: ours, the
 * bare system calls, and other people's stores.
 */
#ifndef HF_BENCH_STORE_H
#define HF_BENCH_STORE_H

#include <stdint.h>

#define STORE_RECORD_BYTES 64u
#define STORE_BATCH_MAX 1000u

struct store_record {
    uint64_t number; /**< 1, 2, 3... */
    uint64_t words[7];
};

struct store {
    const char *name;
    /** In an empty directory. @return NULL: this host cannot have it, `why` (of 256 bytes) says so */
    void *(*open)(const char *directory, char *why);
    /** Append `count` records (1 to STORE_BATCH_MAX); durable when it returns. 0: done */
    int (*append)(void *store, const struct store_record *records, unsigned count);
    /** Close, open again, count what is there. */
    uint64_t (*close_and_count)(void *store);
};

extern const struct store store_mmap;   /**< ours */
extern const struct store store_pmem;   /**< ours */
extern const struct store store_direct; /**< ours */
extern const struct store store_pwrite;
extern const struct store store_sqlite;
extern const struct store store_lmdb;
extern const struct store store_rocksdb;

/** The records from `first` on. */
static inline void
store_fill(struct store_record *records, uint64_t first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        records[i].number = first + i;
        for (unsigned j = 0; j < 7; j++) {
            records[i].words[j] = (first + i) * (j + 3);
        }
    }
}

#endif
