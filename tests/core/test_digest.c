/*
 * test_digest.c - the fold of a report slot: what it depends on, and that its numbers stay what they are.
 */
#include "core/digest.h"

#include <criterion/criterion.h>

#define SLOT_BYTES 64u
#define SESSION 3u

/** A slot of bytes that are all different. */
static void
slot_make(unsigned char slot[SLOT_BYTES])
{
    for (unsigned i = 0; i < SLOT_BYTES; i++) {
        slot[i] = (unsigned char)(i * 7 + 1);
    }
}

Test(digest, of_a_known_slot_is_a_known_number)
{
    /* Logs hold digests: computed once from the header's words, apart from the code. */
    unsigned char slot[SLOT_BYTES];
    slot_make(slot);
    uint64_t one = hf_digest_fold(HF_DIGEST_START, SESSION, slot);
    cr_expect_eq(one, 0xea6bc9bcbbd68664u, "%llx", (unsigned long long)one);
    uint64_t two = hf_digest_fold(one, 0, slot);
    cr_expect_eq(two, 0xad193847ced370e7u, "%llx", (unsigned long long)two);
}

Test(digest, depends_on_every_bit_of_the_slot)
{
    unsigned char slot[SLOT_BYTES];
    slot_make(slot);
    uint64_t whole = hf_digest_fold(HF_DIGEST_START, SESSION, slot);
    for (unsigned bit = 0; bit < 8 * SLOT_BYTES; bit++) {
        slot[bit / 8] ^= (unsigned char)(1u << bit % 8);
        cr_expect_neq(hf_digest_fold(HF_DIGEST_START, SESSION, slot), whole, "bit %u", bit);
        slot[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

Test(digest, depends_on_the_session_and_on_all_that_was_before)
{
    unsigned char slot[SLOT_BYTES];
    slot_make(slot);
    uint64_t whole = hf_digest_fold(HF_DIGEST_START, SESSION, slot);
    for (unsigned bit = 0; bit < 32; bit++) {
        cr_expect_neq(hf_digest_fold(HF_DIGEST_START, SESSION ^ 1u << bit, slot), whole,
                      "session bit %u", bit);
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        cr_expect_neq(hf_digest_fold(HF_DIGEST_START ^ (uint64_t)1 << bit, SESSION, slot), whole,
                      "digest bit %u", bit);
    }
}

Test(digest, depends_on_the_order_of_slots_and_of_the_words_in_them)
{
    unsigned char slot[SLOT_BYTES];
    unsigned char other[SLOT_BYTES] = {1};
    slot_make(slot);
    cr_expect_neq(hf_digest_fold(hf_digest_fold(HF_DIGEST_START, SESSION, slot), SESSION, other),
                  hf_digest_fold(hf_digest_fold(HF_DIGEST_START, SESSION, other), SESSION, slot));
    uint64_t whole = hf_digest_fold(HF_DIGEST_START, SESSION, slot);
    for (unsigned a = 0; a < 8; a++) {
        for (unsigned b = a + 1; b < 8; b++) {
            memcpy(other, slot, SLOT_BYTES);
            memcpy(other + 8 * a, slot + 8 * b, 8);
            memcpy(other + 8 * b, slot + 8 * a, 8);
            cr_expect_neq(hf_digest_fold(HF_DIGEST_START, SESSION, other), whole,
                          "words %u and %u changed places", a, b);
        }
    }
}

Test(digest, depends_on_nothing_but_the_slots_64_bytes)
{
    unsigned char slot[SLOT_BYTES];
    unsigned char room[SLOT_BYTES + 16];
    slot_make(slot);
    uint64_t whole = hf_digest_fold(HF_DIGEST_START, SESSION, slot);
    for (unsigned at = 0; at <= 16; at++) {
        memset(room, (int)(0xa0 + at), sizeof(room));
        memcpy(room + at, slot, SLOT_BYTES);
        cr_expect_eq(hf_digest_fold(HF_DIGEST_START, SESSION, room + at), whole, "offset %u", at);
    }
}
