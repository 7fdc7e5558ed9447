/*
 * carry.h - snapshots that go along with a copied log (rewrite.h): where that is kept short (beginning.h),
 * nobody can read the copy without one.
 *
 *   from   . . . │ 5: g r r A r g │ 6: r r g B r r g │       A, B: where its snapshots stand
 *   to           │ 5: g r r A r g │ 6: r r g B r       │
 *
 * N1  what is carried was whole and this log's, and is written as every snapshot is (snapshot.h)
 * N2  it stands at the same place of the copy; of another instance's copy the checksum there is another one,
 *     which is read from the copy
 * N3  none is of a record behind lsn_max, none stands before the copy's first segment
 */
#ifndef HF_RECOVERY_CARRY_H
#define HF_RECOVERY_CARRY_H

#include <stdint.h>

#define HF_CARRY_TEXT_BYTES 1024

struct hf_carry {
    /* set by the caller */
    const char *from;
    const char *to;
    uint64_t
        instance_id;  /**< of the copy, whose segments are there then; 0: the same as of the log */
    uint64_t lsn_max; /**< 0: none is too new */
    uint64_t first_segment; /**< of the copy */
    /* results */
    uint64_t count;
    uint64_t first_lsn; /**< of the oldest one */
    uint64_t boot;      /**< as that one has it */
    char text
        [HF_CARRY_TEXT_BYTES]; /**< of a failure; or why the last one that was not carried was not */
};

/** Carry all that can be used. @return 0, also when there was none; or a code of hf_restore() or
 *  hf_snapshot_write(), or HF_E_IO */
int hf_carry(struct hf_carry *carry);

/** Take the snapshots behind a record away again: where a copy ended earlier than it was meant to.
 *  @return 0 or a code */
int hf_carry_cut(struct hf_carry *carry, uint64_t lsn);

#endif
