/*
 * snapshot.c - names, lists and checksums of snapshots (snapshot.h).
 */
#include "recovery/snapshot.h"

#include "base/crc32c.h"
#include "recovery/snapshot_internal.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LSN_DIGITS 20
#define SUFFIX ".snap"

uint32_t
hf_snapshot_header_crc(const struct hf_snapshot_header *header)
{
    struct hf_snapshot_header copy = *header;
    copy.header_crc = 0;
    return hf_crc32c(0, &copy, sizeof(copy));
}

uint32_t
hf_snapshot_block_crc(const struct hf_snapshot_block *block, const void *stored,
                      uint32_t header_crc)
{
    uint32_t crc = hf_crc32c(header_crc, block, offsetof(struct hf_snapshot_block, crc));
    return hf_crc32c(crc, stored, block->stored_bytes);
}

uint32_t
hf_snapshot_footer_crc(const struct hf_snapshot_footer *footer, uint32_t header_crc)
{
    return hf_crc32c(header_crc, footer, offsetof(struct hf_snapshot_footer, footer_crc));
}

void
hf_snapshot_position(const struct hf_snapshot_header *header, struct hf_log_position *position)
{
    *position = (struct hf_log_position){
        .instance_id = header->instance_id,
        .epoch = header->log_epoch,
        .lsn = header->lsn,
        .segment = header->log_segment,
        .offset = header->log_offset,
        .segment_bytes = header->log_segment_bytes,
        .chain = header->log_chain,
        .last_type = header->last_type,
    };
}

void
hf_snapshot_limits(const struct hf_snapshot_header *header, struct hf_engine_limits *limits)
{
    *limits = (struct hf_engine_limits){
        .sessions_max = header->sessions_max,
        .instruments_max = header->instruments_max,
        .orders_max = header->orders_max,
        .levels_max = header->levels_max,
        .session_orders_max = header->session_orders_max,
        .hash_seed = header->hash_seed,
        .extras_max = header->extras_max,
        .accounts_max = header->accounts_max,
        .entitlements_max = header->entitlements_max,
        .events_max = header->events_max,
    };
}

/* Names */

int
hf_snapshot_path_suffixed(char *path, size_t path_bytes, const char *directory, uint64_t lsn,
                          const char *suffix)
{
    int length =
        snprintf(path, path_bytes, "%s/%0*" PRIu64 SUFFIX "%s", directory, LSN_DIGITS, lsn, suffix);
    return length > 0 && (size_t)length < path_bytes ? 0 : -ENAMETOOLONG;
}

int
hf_snapshot_path(char *path, size_t path_bytes, const char *directory, uint64_t lsn)
{
    return hf_snapshot_path_suffixed(path, path_bytes, directory, lsn, "");
}

/** The LSN of a name with this suffix; 0: another file's name. */
static uint64_t
name_parse(const char *name, const char *suffix)
{
    char expected[64];
    char *end = NULL;
    errno = 0;
    uint64_t lsn = strtoull(name, &end, 10);
    if (errno != 0 || end != name + LSN_DIGITS) {
        return 0;
    }
    (void)snprintf(expected, sizeof(expected), "%0*" PRIu64 SUFFIX "%s", LSN_DIGITS, lsn, suffix);
    return strcmp(name, expected) == 0 ? lsn : 0; /* also neither blanks nor a sign */
}

uint64_t
hf_snapshot_name_lsn(const char *name)
{
    return name_parse(name, "");
}

static int
ascending(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static int
list_append(uint64_t **lsns, size_t *count, uint64_t lsn)
{
    uint64_t *grown = realloc(*lsns, (*count + 1) * sizeof(**lsns)); /* there are few */
    if (grown == NULL) {
        return -ENOMEM;
    }
    grown[(*count)++] = lsn;
    *lsns = grown;
    return 0;
}

static int
list_suffixed(const char *directory, const char *suffix, uint64_t **lsns, size_t *count)
{
    *lsns = NULL;
    *count = 0;
    DIR *stream = opendir(directory);
    if (stream == NULL) {
        return -errno;
    }
    int result = 0;
    while (result == 0) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            result = -errno;
            break;
        }
        uint64_t lsn = name_parse(entry->d_name, suffix);
        result = lsn == 0 ? 0 : list_append(lsns, count, lsn);
    }
    (void)closedir(stream);
    if (result != 0) {
        free(*lsns);
        *lsns = NULL;
        *count = 0;
    } else if (*count > 1) {
        qsort(*lsns, *count, sizeof(**lsns), ascending);
    }
    return result;
}

int
hf_snapshot_list(const char *directory, uint64_t **lsns, size_t *count)
{
    return list_suffixed(directory, "", lsns, count);
}

static int
remove_suffixed(const char *directory, uint64_t lsn, const char *suffix)
{
    char path[PATH_MAX];
    int result = hf_snapshot_path_suffixed(path, sizeof(path), directory, lsn, suffix);
    return result == 0 && unlink(path) != 0 ? -errno : result;
}

int
hf_snapshot_remove(const char *directory, uint64_t lsn)
{
    return remove_suffixed(directory, lsn, "");
}

int
hf_snapshot_remove_temporary(const char *directory)
{
    uint64_t *lsns = NULL;
    size_t count = 0;
    int result = list_suffixed(directory, HF_SNAPSHOT_TEMPORARY, &lsns, &count);
    for (size_t i = 0; i < count && result == 0; i++) {
        result = remove_suffixed(directory, lsns[i], HF_SNAPSHOT_TEMPORARY);
    }
    free(lsns);
    return result;
}
