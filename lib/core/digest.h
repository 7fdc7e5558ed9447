/*
 * digest.h - the running digest: folds every report slot that the state machine makes.
 *
 *   words 0 1   2 3   4 5   6 7     four products, side by side
 *           \  /   \ /   \ /   /
 *            xor ─── session ─────► one dependent multiplication per slot
 *
 * Depends on the 64 bytes of the slot and the session it is for, on nothing else: no padding, no
 * address. It detects differences; it does not resist somebody who looks for two equal ones.
 * Hosts are little-endian (x86-64, arm64).
 */
#ifndef HF_CORE_DIGEST_H
#define HF_CORE_DIGEST_H

#include "core/ids.h"

#include <string.h>

/** Digest of no reports at all. */
#define HF_DIGEST_START 0x686f6c6466617374u

static inline uint64_t
hf_digest_fold(uint64_t digest, uint32_t session, const void *slot)
{
    /* Odd constants without pattern: the hexadecimal digits of pi. */
    static const uint64_t key[9] = {
        0x243f6a8885a308d3u, 0x13198a2e03707345u, 0xa4093822299f31d1u,
        0x082efa98ec4e6c89u, 0x452821e638d01377u, 0xbe5466cf34e90c6du,
        0xc0ac29b7c97c50ddu, 0x3f84d5b5b5470917u, 0x9216d5d98979fb1bu,
    };
    uint64_t word[8];
    memcpy(word, slot, sizeof(word));
    uint64_t mixed =
        hf_mix(word[0] ^ key[0], word[1] ^ key[1]) ^ hf_mix(word[2] ^ key[2], word[3] ^ key[3]) ^
        hf_mix(word[4] ^ key[4], word[5] ^ key[5]) ^ hf_mix(word[6] ^ key[6], word[7] ^ key[7]);
    return hf_mix(digest ^ mixed ^ ((uint64_t)session << 32), key[8]);
}

#endif
