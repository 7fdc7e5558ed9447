/* store_lmdb.c - peer: LMDB, a synchronous transaction a batch, keys in order. */
#include "store.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>

#define MAP_BYTES ((size_t)8 << 30) /* address space, not memory */

struct base {
    MDB_env *env;
    MDB_dbi dbi;
    char path[1024];
};

static int
open_env(struct base *base)
{
    MDB_txn *txn = NULL;
    int code = mdb_env_create(&base->env);
    if (code == 0) {
        code = mdb_env_set_mapsize(base->env, MAP_BYTES);
    }
    if (code == 0) {
        code = mdb_env_open(base->env, base->path, 0, 0600);
    }
    if (code == 0) {
        code = mdb_txn_begin(base->env, NULL, 0, &txn);
    }
    if (code == 0) {
        code = mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &base->dbi);
    }
    return code == 0 ? mdb_txn_commit(txn) : code;
}

static void *
open_base(const char *directory, char *why)
{
    struct base *base = calloc(1, sizeof(*base));
    if (base == NULL) {
        (void)snprintf(why, 256, "no memory");
        return NULL;
    }
    (void)snprintf(base->path, sizeof(base->path), "%s", directory);
    int code = open_env(base);
    if (code != 0) {
        (void)snprintf(why, 256, "%s", mdb_strerror(code));
        free(base);
        return NULL;
    }
    return base;
}

static int
append(void *store, const struct store_record *records, unsigned count)
{
    struct base *base = store;
    MDB_txn *txn;
    int code = mdb_txn_begin(base->env, NULL, 0, &txn);
    for (unsigned i = 0; i < count && code == 0; i++) {
        uint64_t number = records[i].number;
        MDB_val key = {sizeof(number), &number};
        MDB_val value = {sizeof(records[i]), (void *)(uintptr_t)&records[i]};
        code = mdb_put(txn, base->dbi, &key, &value, MDB_APPEND);
    }
    return code == 0 ? mdb_txn_commit(txn) : code;
}

static uint64_t
close_and_count(void *store)
{
    struct base *base = store;
    MDB_stat stat = {0};
    mdb_env_close(base->env);
    if (open_env(base) == 0) {
        (void)mdb_env_stat(base->env, &stat);
        mdb_env_close(base->env);
    }
    free(base);
    return stat.ms_entries;
}

const struct store store_lmdb = {"LMDB", open_base, append, close_and_count};
