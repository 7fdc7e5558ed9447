/* store_rocksdb.c - peer: RocksDB, a synchronous write batch a batch. */
#include "store.h"

#include <rocksdb/c.h>
#include <stdio.h>
#include <stdlib.h>

struct base {
    rocksdb_t *handle;
    rocksdb_options_t *options;
    rocksdb_writeoptions_t *write_options;
    char path[1024];
};

static void *
open_base(const char *directory, char *why)
{
    char *error = NULL;
    struct base *base = calloc(1, sizeof(*base));
    if (base == NULL) {
        (void)snprintf(why, 256, "no memory");
        return NULL;
    }
    (void)snprintf(base->path, sizeof(base->path), "%s", directory);
    base->options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(base->options, 1);
    base->write_options = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(base->write_options, 1);
    base->handle = rocksdb_open(base->options, base->path, &error);
    if (error != NULL) {
        (void)snprintf(why, 256, "%s", error);
        rocksdb_free(error);
        rocksdb_writeoptions_destroy(base->write_options);
        rocksdb_options_destroy(base->options);
        free(base);
        return NULL;
    }
    return base;
}

static int
append(void *store, const struct store_record *records, unsigned count)
{
    struct base *base = store;
    char *error = NULL;
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    for (unsigned i = 0; i < count; i++) {
        uint64_t key = __builtin_bswap64(records[i].number); /* in the order of the bytes */
        rocksdb_writebatch_put(batch, (const char *)&key, sizeof(key), (const char *)&records[i],
                               sizeof(records[i]));
    }
    rocksdb_write(base->handle, base->write_options, batch, &error);
    rocksdb_writebatch_destroy(batch);
    if (error == NULL) {
        return 0;
    }
    rocksdb_free(error);
    return -1;
}

static uint64_t
count_keys(const struct base *base)
{
    uint64_t count = 0;
    rocksdb_readoptions_t *read_options = rocksdb_readoptions_create();
    rocksdb_iterator_t *at = rocksdb_create_iterator(base->handle, read_options);
    for (rocksdb_iter_seek_to_first(at); rocksdb_iter_valid(at); rocksdb_iter_next(at)) {
        count++;
    }
    rocksdb_iter_destroy(at);
    rocksdb_readoptions_destroy(read_options);
    return count;
}

static uint64_t
close_and_count(void *store)
{
    struct base *base = store;
    char *error = NULL;
    uint64_t count = 0;
    rocksdb_close(base->handle);
    base->handle = rocksdb_open(base->options, base->path, &error);
    if (error == NULL) {
        count = count_keys(base);
        rocksdb_close(base->handle);
    } else {
        rocksdb_free(error);
    }
    rocksdb_writeoptions_destroy(base->write_options);
    rocksdb_options_destroy(base->options);
    free(base);
    return count;
}

const struct store store_rocksdb = {"RocksDB sync", open_base, append, close_and_count};
