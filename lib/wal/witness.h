/*
 * witness.h - how far a log was used, kept outside of its segments: in the directory's LOCK file.
 *
 *      0                64         4096             4160
 *     | record, even | zeros ...  | record, odd  |          whichever is whole and has the higher sequence
 *
 * A last segment that was deleted or overwritten with zeros leaves a log that looks whole, only shorter;
 * so does a directory from which all segments are gone. The witness says which segment was in use, and
 * what was durable when it was entered.
 *
 * X1  what the witness says is durable before: it is stored behind the flush that it speaks of, and before
 *     anybody is told of that flush; so a scan that finds less has found damage
 * X2  records take turns: a torn one leaves the one before. A single torn one is that of a first start
 * X3  the one before is on the disk, not in the page cache alone: opening stores it again
 *
 * An empty LOCK is no witness: a copy of a log may have one. All calls return 0 or -errno unless they say
 * otherwise.
 */
#ifndef HF_WAL_WITNESS_H
#define HF_WAL_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/units.h>

#define HF_WITNESS_MAGIC 0x314e5449574c4648u /* "HFLWITN1" */
#define HF_WITNESS_STRIDE 4096u

struct hf_witness {
    uint64_t magic;
    uint32_t version;
    uint32_t crc; /**< CRC32C of the record with 0 here */
    uint64_t sequence;
    uint64_t instance_id;
    uint64_t epoch;
    uint64_t segment;     /**< highest that was in use */
    uint64_t durable_lsn; /**< when that was stored */
    uint64_t reserved;
};

HF_STATIC_ASSERT(sizeof(struct hf_witness) == 64, "a witness is one slot");

/** DIRECTORY/LOCK; -ENAMETOOLONG. */
int hf_witness_path(char *path, size_t path_bytes, const char *directory);

/** Open LOCK for storing, made and given all its space where it has none; its newest record is stored
 *  again (X3). @return the descriptor or -errno */
int hf_witness_open(const char *directory);

/** Store the next record, durably. @param witness  instance_id, epoch, segment, durable_lsn */
int hf_witness_store(int fd, const struct hf_witness *witness);

/** Read what a directory's LOCK says. @return 1; 0: it says nothing; -EBADMSG: it is damaged; -errno */
int hf_witness_load(const char *directory, struct hf_witness *witness);

#endif
