/* store_sqlite.c - peer: SQLite with a write-ahead log and synchronous = FULL, a transaction a batch. */
#include "store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

struct base {
    sqlite3 *handle;
    sqlite3_stmt *insert;
    char path[1024];
};

static int
run(struct base *base, const char *sql)
{
    return sqlite3_exec(base->handle, sql, NULL, NULL, NULL);
}

static uint64_t
close_and_count(void *store)
{
    struct base *base = store;
    sqlite3_stmt *select = NULL;
    uint64_t count = 0;
    (void)sqlite3_finalize(base->insert);
    (void)sqlite3_close(base->handle);
    if (sqlite3_open(base->path, &base->handle) == SQLITE_OK &&
        sqlite3_prepare_v2(base->handle, "SELECT count(*) FROM records", -1, &select, NULL) ==
            SQLITE_OK &&
        sqlite3_step(select) == SQLITE_ROW) {
        count = (uint64_t)sqlite3_column_int64(select, 0);
    }
    (void)sqlite3_finalize(select);
    (void)sqlite3_close(base->handle);
    free(base);
    return count;
}

static void *
open_base(const char *directory, char *why)
{
    struct base *base = calloc(1, sizeof(*base));
    if (base == NULL) {
        (void)snprintf(why, 256, "no memory");
        return NULL;
    }
    (void)snprintf(base->path, sizeof(base->path), "%s/base", directory);
    if (sqlite3_open(base->path, &base->handle) == SQLITE_OK &&
        run(base, "PRAGMA journal_mode = WAL") == SQLITE_OK &&
        run(base, "PRAGMA synchronous = FULL") == SQLITE_OK &&
        run(base, "CREATE TABLE records (number INTEGER PRIMARY KEY, body BLOB)") == SQLITE_OK &&
        sqlite3_prepare_v2(base->handle, "INSERT INTO records VALUES (?, ?)", -1, &base->insert,
                           NULL) == SQLITE_OK) {
        return base;
    }
    (void)snprintf(why, 256, "%s", sqlite3_errmsg(base->handle));
    (void)sqlite3_close(base->handle);
    free(base);
    return NULL;
}

static int
insert(struct base *base, const struct store_record *record)
{
    (void)sqlite3_bind_int64(base->insert, 1, (sqlite3_int64)record->number);
    (void)sqlite3_bind_blob(base->insert, 2, record, sizeof(*record), SQLITE_STATIC);
    int code = sqlite3_step(base->insert);
    (void)sqlite3_reset(base->insert);
    return code == SQLITE_DONE ? 0 : -1;
}

static int
append(void *store, const struct store_record *records, unsigned count)
{
    struct base *base = store;
    int code = run(base, "BEGIN");
    for (unsigned i = 0; i < count && code == SQLITE_OK; i++) {
        code = insert(base, &records[i]);
    }
    return code != SQLITE_OK ? -1 : run(base, "COMMIT");
}

const struct store store_sqlite = {"SQLite WAL FULL", open_base, append, close_and_count};
