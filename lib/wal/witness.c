/* witness.c - how far a log was used (witness.h). */
#include "wal/witness.h"

#include "base/crc32c.h"
#include "base/planted.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WITNESS_VERSION 1u
#define PATH_BYTES 4096

enum verdict { VERDICT_NONE, VERDICT_DAMAGED, VERDICT_GOOD };

int
hf_witness_path(char *path, size_t path_bytes, const char *directory)
{
    int length = snprintf(path, path_bytes, "%s/LOCK", directory);
    return length > 0 && (size_t)length < path_bytes ? 0 : -ENAMETOOLONG;
}

static uint32_t
record_crc(const struct hf_witness *witness)
{
    struct hf_witness copy = *witness;
    copy.crc = 0;
    return hf_crc32c(0, &copy, sizeof(copy));
}

static enum verdict
judge(const struct hf_witness *witness)
{
    static const struct hf_witness nothing;
    if (memcmp(witness, &nothing, sizeof(nothing)) == 0) {
        return VERDICT_NONE;
    }
    return witness->magic == HF_WITNESS_MAGIC && witness->version == WITNESS_VERSION &&
                   witness->crc == record_crc(witness)
               ? VERDICT_GOOD
               : VERDICT_DAMAGED;
}

/** One of the two; what the file is too short for is zeros. */
static int
read_record(int fd, unsigned which, struct hf_witness *witness)
{
    memset(witness, 0, sizeof(*witness));
    ssize_t got;
    do {
        got = pread(fd, witness, sizeof(*witness), (off_t)which * HF_WITNESS_STRIDE);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : 0;
}

/** The newer of the good ones. @return as hf_witness_load() */
static int
read_newest(int fd, struct hf_witness *newest)
{
    struct hf_witness record;
    unsigned good = 0;
    unsigned damaged = 0;
    memset(newest, 0, sizeof(*newest));
    for (unsigned i = 0; i < 2; i++) {
        int result = read_record(fd, i, &record);
        if (result != 0) {
            return result;
        }
        enum verdict verdict = judge(&record);
        damaged += verdict == VERDICT_DAMAGED;
        if (verdict == VERDICT_GOOD && (good == 0 || record.sequence > newest->sequence)) {
            *newest = record;
        }
        good += verdict == VERDICT_GOOD;
    }
    if (good == 0 && damaged == 2) {
        return -EBADMSG;
    }
    return good >
           0; /* X2: one that is damaged, and nothing beside it, is the first that was ever stored */
}

/** Durably, in its turn's place. */
static int
write_record(int fd, const struct hf_witness *witness)
{
    int result = hf_segment_write(fd, witness, sizeof(*witness),
                                  (witness->sequence & 1) * HF_WITNESS_STRIDE);
    if (result == 0 && fsync(fd) != 0) {
        result = -errno;
    }
    return result;
}

/**
 * X3: write the newest record again. After a store whose flush failed the page cache shows it, the disk
 * may not have it, and no later flush would bring it there; the next store, torn, would leave neither.
 * A damaged file is left to the scan, which has said so.
 */
static int
settle(int fd)
{
    struct hf_witness record;
    int result = read_newest(fd, &record);
    if (result != 1 || HF_PLANTED(WITNESS_NOT_REWRITTEN)) {
        return result < 0 && result != -EBADMSG ? result : 0;
    }
    return write_record(fd, &record);
}

int
hf_witness_open(const char *directory)
{
    char path[PATH_BYTES];
    int result = hf_witness_path(path, sizeof(path), directory);
    if (result != 0) {
        return result;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    int error;
    do { /* both turns now: a full disk must not stop a log that has its next segment */
        error = posix_fallocate(fd, 0, (off_t)2 * HF_WITNESS_STRIDE);
    } while (error == EINTR);
    result = error != 0 ? -error : settle(fd);
    if (result != 0) {
        (void)close(fd);
        return result;
    }
    return fd;
}

int
hf_witness_store(int fd, const struct hf_witness *witness)
{
    struct hf_witness record;
    int result = read_newest(fd, &record);
    if (result < 0) {
        return result;
    }
    uint64_t sequence = record.sequence + 1;
    record = *witness;
    record.magic = HF_WITNESS_MAGIC;
    record.version = WITNESS_VERSION;
    record.sequence = sequence;
    record.reserved = 0;
    record.crc = record_crc(&record);
    return write_record(fd, &record);
}

int
hf_witness_load(const char *directory, struct hf_witness *witness)
{
    char path[PATH_BYTES];
    int result = hf_witness_path(path, sizeof(path), directory);
    memset(witness, 0, sizeof(*witness));
    if (result != 0) {
        return result;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    result = read_newest(fd, witness);
    (void)close(fd);
    return result;
}
