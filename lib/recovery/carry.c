/*
 * carry.c - snapshots that go along with a copied log (carry.h).
 */
#include "recovery/carry.h"

#include "recovery/reader.h"
#include "recovery/restore.h"
#include "wal/segment.h"

#include <errno.h>
#include <holdfast/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
fail_errno(struct hf_carry *carry, const char *path, int error)
{
    (void)snprintf(carry->text, sizeof(carry->text), "%.512s: %s", path, strerror(error));
    return hf_segment_error(error);
}

static void
on_refused(void *context, const char *text)
{
    struct hf_carry *carry = context;
    (void)snprintf(carry->text, sizeof(carry->text), "%s", text);
}

/** N2: the checksum before a position, in the copy. */
static int
chain_read(struct hf_carry *carry, struct hf_log_position *position)
{
    struct hf_reader reader;
    const unsigned char *bytes = NULL;
    size_t available = 0;
    struct hf_segment_header header;
    struct hf_record record;
    bool first = position->offset == HF_SEGMENT_HEADER_BYTES;
    if (hf_reader_init(&reader) != 0) {
        return fail_errno(carry, carry->to, ENOMEM);
    }
    int error = hf_reader_open(&reader, carry->to, position->segment);
    if (error == 0) {
        error =
            hf_reader_at(&reader, first ? 0 : position->offset - HF_SLOT_BYTES, &bytes, &available);
    }
    if (error == 0 && available < (first ? sizeof(header) : sizeof(record))) {
        error = -ENODATA;
    }
    if (error == 0 && first) {
        memcpy(&header, bytes, sizeof(header));
        position->chain = header.chain;
    } else if (error == 0) {
        memcpy(&record, bytes, sizeof(record));
        position->chain = record.crc;
    }
    int code = error == 0 ? 0 : fail_errno(carry, reader.path, -error);
    hf_reader_destroy(&reader);
    return code;
}

static int
carry_one(struct hf_carry *carry, const struct hf_replay *replay, struct hf_log_position *position)
{
    char text[HF_SNAPSHOT_TEXT_BYTES];
    const struct hf_snapshot_order order = {
        .directory = carry->to, .core = replay->core, .position = position};
    int code = 0;
    if (carry->instance_id != 0 && carry->instance_id != position->instance_id) {
        position->instance_id = carry->instance_id;
        code = chain_read(carry, position);
    }
    if (code != 0) {
        return code;
    }
    code = hf_snapshot_write(&order, text);
    if (code != 0) {
        (void)snprintf(carry->text, sizeof(carry->text), "%s", text);
        return code;
    }
    carry->count++;
    carry->first_lsn = position->lsn;
    carry->boot = hf_core_boot(replay->core);
    return 0;
}

int
hf_carry(struct hf_carry *carry)
{
    struct hf_restore restore = {.directory = carry->from,
                                 .lsn_max = carry->lsn_max,
                                 .refused = on_refused,
                                 .context = carry};
    bool stands = true;
    int code = 0;
    carry->count = 0;
    carry->first_lsn = 0;
    carry->boot = 0;
    carry->text[0] = '\0';
    do { /* from the newest one down */
        struct hf_replay replay = {.numa_node = -1, .background = true};
        code = hf_restore(&restore, &replay);
        stands = restore.position.lsn != 0 && restore.position.segment >= carry->first_segment;
        if (code != 0) {
            (void)snprintf(carry->text, sizeof(carry->text), "%s", replay.text);
        } else if (stands) {
            code = carry_one(carry, &replay, &restore.position);
        }
        hf_replay_free(&replay);
        restore.lsn_max = restore.position.lsn - 1;
    } while (code == 0 && stands && restore.position.lsn > 1);
    return code;
}

int
hf_carry_cut(struct hf_carry *carry, uint64_t lsn)
{
    uint64_t *lsns = NULL;
    size_t count = 0;
    int error = hf_snapshot_list(carry->to, &lsns, &count);
    for (size_t i = count; i > 0 && error == 0 && lsns[i - 1] > lsn; i--) {
        error = hf_snapshot_remove(carry->to, lsns[i - 1]);
        carry->count--;
    }
    if (error == 0) {
        error = hf_segment_sync_directory(carry->to);
    }
    free(lsns);
    return error == 0 ? 0 : fail_errno(carry, carry->to, -error);
}
