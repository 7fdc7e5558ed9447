/* lay.c - see lay.h. */
#include "fuzz/lay.h"

#include "recovery/archive.h"
#include "wal/pack.h"
#include "wal/segment.h"
#include "wal/witness.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define INSTANCE_ID 0x1122334455667788u
#define LENGTH_MAX (HF_SEGMENT_BYTES_MIN * 4)
#define REPEAT 4u /* slots of one repetition: so one entry can fill a segment */

char lay_directory[64];
static pid_t owner;
static ZSTD_CCtx *packer;

/** A log while it is laid out. */
struct lay {
    unsigned how;
    unsigned repaired; /**< slots whose checksum is still to be made right */
    uint32_t key;
    uint32_t chain;
    uint64_t lsn; /**< of the last record */
    struct hf_segment_header first;
    struct hf_segment_header header;
    size_t used; /**< bytes of the segment that were written */
    unsigned char bytes[LENGTH_MAX];
};

static void
empty_directory(void)
{
    DIR *stream = opendir(lay_directory);
    const struct dirent *entry;
    HF_ASSERT("the directory is there", stream != NULL);
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(dirfd(stream), entry->d_name, 0);
        }
    }
    (void)closedir(stream);
}

static void
remove_directory(void)
{
    if (getpid() == owner) {
        empty_directory();
        (void)rmdir(lay_directory);
    }
}

void
lay_init(void)
{
    (void)snprintf(lay_directory, sizeof(lay_directory), "/dev/shm/hf_fuzz_XXXXXX");
    HF_ASSERT("there is a directory", mkdtemp(lay_directory) != NULL);
    owner = getpid();
    packer = ZSTD_createCCtx();
    HF_ASSERT("there is memory", packer != NULL);
    (void)atexit(remove_directory);
}

static void
store(const char *path, const void *bytes, size_t count, uint64_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    HF_ASSERT("the file is stored", fd >= 0 && write(fd, bytes, count) == (ssize_t)count &&
                                        ftruncate(fd, (off_t)length) == 0 && close(fd) == 0);
}

/* Segments */

static void
link_header(struct lay *lay, unsigned index)
{
    struct hf_segment_header *header = &lay->header;
    header->magic = HF_SEGMENT_MAGIC;
    header->version = HF_SEGMENT_VERSION;
    header->header_bytes = HF_SEGMENT_HEADER_BYTES;
    header->number = index + 1;
    header->instance_id = INSTANCE_ID;
    header->segment_bytes = HF_SEGMENT_BYTES_MIN;
    header->epoch = index == 0 ? 1 : lay->first.epoch + header->epoch % 2;
    header->base_lsn = lay->lsn + 1;
    header->chain = lay->chain;
}

static void
take_header(struct lay *lay, struct fuzz_input *input, unsigned index)
{
    struct hf_segment_header *header = &lay->header;
    memset(header, 0, sizeof(*header));
    fuzz_take(input, header, LAY_HEADER_BYTES);
    if ((lay->how & LAY_SEGMENTS) != 0) {
        link_header(lay, index);
    }
    if ((lay->how & LAY_CHECKSUMS) != 0) {
        hf_segment_header_seal(header);
    }
    lay->first = index == 0 ? *header : lay->first;
    lay->key = hf_record_key(header->instance_id, header->number, header->epoch);
    lay->chain = header->chain;
    lay->lsn = header->base_lsn - 1;
    memset(lay->bytes, 0, HF_SEGMENT_HEADER_BYTES);
    memcpy(lay->bytes, header, sizeof(*header));
    lay->used = HF_SEGMENT_HEADER_BYTES;
}

static void
repair_slot(struct lay *lay, struct hf_record *slot)
{
    bool is_group = slot->type == HF_RECORD_GROUP;
    if ((lay->how & LAY_LSNS) != 0) {
        slot->lsn = lay->lsn + (is_group ? 0 : 1);
    }
    if ((lay->how & LAY_CHECKSUMS) != 0 && lay->repaired > 0) {
        lay->repaired--;
        if (is_group) {
            const struct hf_record said = *slot;
            hf_group_make(slot, lay->key, said.lsn, said.time_ns, said.group.floor_lsn,
                          said.group.epoch, said.group.count);
        }
        slot->crc = hf_record_crc(slot, lay->key, lay->chain);
    }
    lay->chain = slot->crc;
    lay->lsn = slot->lsn;
}

static void
take_entry(struct lay *lay, struct fuzz_input *input, uint64_t length)
{
    struct hf_record slot;
    unsigned repeats = fuzz_byte(input);
    fuzz_take(input, &slot, sizeof(slot));
    unsigned count = repeats == 0 ? 1 : repeats * REPEAT;
    for (unsigned i = 0; i < count && lay->used + sizeof(slot) <= length; i++) {
        struct hf_record written = slot;
        repair_slot(lay, &written);
        memcpy(lay->bytes + lay->used, &written, sizeof(written));
        lay->used += sizeof(written);
    }
}

/** As hf_archive_make(), without its fsync. */
static void
store_archive(const struct lay *lay, uint64_t number, uint64_t length)
{
    static unsigned char packed[LENGTH_MAX * 2];
    char path[PATH_MAX];
    size_t count = ZSTD_compressCCtx(packer, packed, sizeof(packed), lay->bytes, length, 1);
    HF_ASSERT("zstd packs", !ZSTD_isError(count));
    HF_ASSERT("a path", hf_archive_path(path, sizeof(path), lay_directory, number) == 0);
    store(path, packed, count, count);
}

static void
store_segment(const struct lay *lay, uint64_t number, uint64_t length)
{
    char path[PATH_MAX];
    HF_ASSERT("a path", hf_segment_path(path, sizeof(path), lay_directory, number) == 0);
    store(path, lay->bytes, lay->used < length ? lay->used : length, length);
}

static void
lay_segment(struct lay *lay, struct fuzz_input *input, unsigned index)
{
    take_header(lay, input, index);
    uint64_t length = lay->header.segment_bytes;
    length = length < LENGTH_MAX ? length : LENGTH_MAX;
    unsigned entries = fuzz_byte(input);
    for (unsigned i = 0; i < entries && input->left > 0; i++) {
        take_entry(lay, input, length);
    }
    if (index == 0 && (lay->how & LAY_ARCHIVE) == LAY_ARCHIVE) {
        memset(lay->bytes + lay->used, 0, sizeof(lay->bytes) - lay->used);
        store_archive(lay, 1, length);
    } else {
        store_segment(lay, (uint64_t)index + 1, length);
    }
}

/* What lies beside them */

static void
lay_witness(const struct lay *lay, struct fuzz_input *input)
{
    struct hf_witness witness = {.instance_id = lay->first.instance_id};
    witness.epoch = fuzz_byte(input);
    witness.segment = fuzz_byte(input) % 4;
    witness.durable_lsn = fuzz_byte(input);
    int fd = hf_witness_open(lay_directory);
    HF_ASSERT("LOCK is stored", fd >= 0 && hf_witness_store(fd, &witness) == 0 && close(fd) == 0);
}

static void
lay_lock(struct fuzz_input *input)
{
    char path[PATH_MAX];
    unsigned char bytes[sizeof(struct hf_witness)];
    fuzz_take(input, bytes, sizeof(bytes));
    HF_ASSERT("a path", hf_witness_path(path, sizeof(path), lay_directory) == 0);
    store(path, bytes, sizeof(bytes), sizeof(bytes));
}

static void
lay_bytes(const struct fuzz_input *input)
{
    char path[PATH_MAX];
    HF_ASSERT("a path", hf_archive_path(path, sizeof(path), lay_directory, 2) == 0);
    store(path, input->bytes, input->left, input->left);
}

void
lay_log(struct fuzz_input *input)
{
    static struct lay lay;
    empty_directory();
    lay.how = fuzz_byte(input);
    unsigned segments = fuzz_byte(input) % (LAY_SEGMENTS_MAX + 1);
    lay.repaired = fuzz_word(input);
    lay.lsn = 0;
    lay.chain = 0;
    for (unsigned i = 0; i < segments; i++) {
        lay_segment(&lay, input, i);
    }
    if ((lay.how & LAY_WITNESS) != 0) {
        lay_witness(&lay, input);
    } else if ((lay.how & LAY_LOCK) != 0) {
        lay_lock(input);
    }
    if ((lay.how & LAY_ARCHIVE) == LAY_BYTES && segments < 2) {
        lay_bytes(input);
    }
}

/* Seeds */

void
lay_seed_begin(struct fuzz_bytes *seed, unsigned how, unsigned segments)
{
    seed->count = 0;
    fuzz_put_byte(seed, how);
    fuzz_put_byte(seed, segments);
    fuzz_put_word(seed, UINT16_MAX);
}

void
lay_seed_segment(struct fuzz_bytes *seed, const struct hf_segment_header *header, unsigned entries)
{
    fuzz_put(seed, header, LAY_HEADER_BYTES);
    fuzz_put_byte(seed, entries);
}

void
lay_seed_slot(struct fuzz_bytes *seed, unsigned repeats, const struct hf_record *slot)
{
    fuzz_put_byte(seed, repeats);
    fuzz_put(seed, slot, sizeof(*slot));
}
