/*
 * digest.h - the running digest: folds every slot that the state machine makes, of reports and market data.
 *
 *   slot   words 0 1 │ 2 3 │ 4 5 │ 6 7            lane = AES round(lane, words)
 *                ▼      ▼     ▼     ▼
 *   lane         0      1     2     3              ──► hf_digest_value(): 64 bits of all four
 *
 * A round without a key of its own (FIPS 197: SubBytes, ShiftRows, MixColumns, then xor of the words) is one
 * instruction where processors have it, and one to one: what once was different in a lane stays so until
 * other differences undo it. Depends on the 64 bytes of each slot, the session it is for, and their order; on
 * nothing else: no padding, no address. It detects differences; it does not resist somebody who looks for two
 * equal ones. Hosts are little-endian (x86-64, arm64).
 */
#ifndef HF_CORE_DIGEST_H
#define HF_CORE_DIGEST_H

#include <stdint.h>
#include <string.h>

#ifdef __AES__
#include <wmmintrin.h>
#endif

/** Two 64-bit words, one register. */
typedef uint64_t hf_pair __attribute__((vector_size(16), may_alias));

/** The words of a slot, in registers, on their way into memory. */
struct hf_words {
    hf_pair pair[4];
};

/** Store them; `to` is aligned to 16 bytes. One by one: a copy of the whole would go through the stack. */
static inline void
hf_words_store(void *to, struct hf_words words)
{
    hf_pair *pairs = to;
    pairs[0] = words.pair[0];
    pairs[1] = words.pair[1];
    pairs[2] = words.pair[2];
    pairs[3] = words.pair[3];
}

#define HF_DIGEST_LANES 4u

struct hf_digest {
    hf_pair lane[HF_DIGEST_LANES];
};

/** Digest of no slot at all. */
static inline struct hf_digest
hf_digest_start(void)
{
    /* The hexadecimal digits of pi. */
    return (struct hf_digest){{{0x243f6a8885a308d3u, 0x13198a2e03707344u},
                               {0xa4093822299f31d0u, 0x082efa98ec4e6c89u},
                               {0x452821e638d01377u, 0xbe5466cf34e90c6cu},
                               {0xc0ac29b7c97c50ddu, 0x3f84d5b5b5470917u}}};
}

hf_pair hf_digest_round_plain(hf_pair lane, hf_pair data);

static inline hf_pair
hf_digest_round(hf_pair lane, hf_pair data)
{
#ifdef __AES__
    return (hf_pair)_mm_aesenc_si128((__m128i)lane, (__m128i)data);
#else
    return hf_digest_round_plain(lane, data);
#endif
}

static inline void
hf_digest_fold(struct hf_digest *digest, uint32_t session, struct hf_words words)
{
    hf_pair whose = {(uint64_t)session << 32, 0};
    digest->lane[0] = hf_digest_round(digest->lane[0] ^ whose, words.pair[0]);
    for (unsigned i = 1; i < HF_DIGEST_LANES; i++) {
        digest->lane[i] = hf_digest_round(digest->lane[i], words.pair[i]);
    }
}

/** As hf_digest_fold(), of a slot in memory. */
static inline void
hf_digest_fold_bytes(struct hf_digest *digest, uint32_t session, const void *bytes)
{
    struct hf_words words;
    memcpy(&words, bytes, sizeof(words));
    hf_digest_fold(digest, session, words);
}

uint64_t hf_digest_value(const struct hf_digest *digest);

#endif
