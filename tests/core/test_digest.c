/*
 * test_digest.c - the fold of slots: what it depends on, and that its numbers stay what they are.
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

/** The value of one slot behind what was before. */
static uint64_t
value_behind(struct hf_digest digest, uint32_t session, const void *slot)
{
    hf_digest_fold_bytes(&digest, session, slot);
    return hf_digest_value(&digest);
}

static uint64_t
value_of(uint32_t session, const void *slot)
{
    return value_behind(hf_digest_start(), session, slot);
}

Test(digest, of_known_slots_are_known_numbers)
{
    /* Logs hold digests: computed from the header's words and FIPS 197, apart from the code. */
    unsigned char slot[SLOT_BYTES];
    struct hf_digest digest = hf_digest_start();
    slot_make(slot);
    cr_expect_eq(hf_digest_value(&digest), 0x3dd8f10f342addebu);
    hf_digest_fold_bytes(&digest, SESSION, slot);
    cr_expect_eq(hf_digest_value(&digest), 0x1dd9e9ffe99bb9b1u);
    hf_digest_fold_bytes(&digest, 0, slot);
    cr_expect_eq(hf_digest_value(&digest), 0x1d8790974c760963u);
}

Test(digest, is_the_same_with_and_without_the_processors_instruction)
{
    hf_pair lane = {1, 2};
    hf_pair data = {0x0123456789abcdefu, 0xfedcba9876543210u};
    for (unsigned i = 0; i < 100000; i++) {
        hf_pair here = hf_digest_round(lane, data);
        hf_pair plain = hf_digest_round_plain(lane, data);
        cr_assert(here[0] == plain[0] && here[1] == plain[1], "round %u", i);
        lane = here;
        data[i % 2] += here[0];
    }
}

Test(digest, depends_on_every_bit_of_the_slot)
{
    unsigned char slot[SLOT_BYTES];
    slot_make(slot);
    uint64_t whole = value_of(SESSION, slot);
    for (unsigned bit = 0; bit < 8 * SLOT_BYTES; bit++) {
        slot[bit / 8] ^= (unsigned char)(1u << bit % 8);
        cr_expect_neq(value_of(SESSION, slot), whole, "bit %u", bit);
        slot[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

Test(digest, depends_on_the_session_and_on_all_that_was_before)
{
    unsigned char slot[SLOT_BYTES];
    slot_make(slot);
    uint64_t whole = value_of(SESSION, slot);
    for (unsigned bit = 0; bit < 32; bit++) {
        cr_expect_neq(value_of(SESSION ^ 1u << bit, slot), whole, "session bit %u", bit);
    }
    for (unsigned bit = 0; bit < 8 * SLOT_BYTES; bit++) {
        struct hf_digest before = hf_digest_start();
        before.lane[bit / 128][bit / 64 % 2] ^= (uint64_t)1 << bit % 64;
        cr_expect_neq(value_behind(before, SESSION, slot), whole, "digest bit %u", bit);
    }
}

Test(digest, keeps_a_difference_however_much_that_is_equal_follows)
{
    unsigned char slot[SLOT_BYTES];
    unsigned char other[SLOT_BYTES];
    struct hf_digest one = hf_digest_start();
    struct hf_digest two = hf_digest_start();
    slot_make(slot);
    slot_make(other);
    other[20] ^= 1;
    hf_digest_fold_bytes(&one, SESSION, slot);
    hf_digest_fold_bytes(&two, SESSION, other);
    for (unsigned i = 0; i < 10000; i++) {
        cr_assert_neq(hf_digest_value(&one), hf_digest_value(&two), "slot %u", i);
        hf_digest_fold_bytes(&one, i, slot);
        hf_digest_fold_bytes(&two, i, slot);
    }
}

Test(digest, depends_on_the_order_of_slots_and_of_the_words_in_them)
{
    unsigned char slot[SLOT_BYTES];
    unsigned char other[SLOT_BYTES] = {1};
    struct hf_digest one = hf_digest_start();
    struct hf_digest two = hf_digest_start();
    slot_make(slot);
    hf_digest_fold_bytes(&one, SESSION, slot);
    hf_digest_fold_bytes(&two, SESSION, other);
    cr_expect_neq(value_behind(one, SESSION, other), value_behind(two, SESSION, slot));
    uint64_t whole = value_of(SESSION, slot);
    for (unsigned a = 0; a < 8; a++) {
        for (unsigned b = a + 1; b < 8; b++) {
            memcpy(other, slot, SLOT_BYTES);
            memcpy(other + 8 * a, slot + 8 * b, 8);
            memcpy(other + 8 * b, slot + 8 * a, 8);
            cr_expect_neq(value_of(SESSION, other), whole, "words %u and %u changed places", a, b);
        }
    }
}

Test(digest, depends_on_nothing_but_the_slots_64_bytes)
{
    unsigned char slot[SLOT_BYTES];
    unsigned char room[SLOT_BYTES + 16];
    slot_make(slot);
    uint64_t whole = value_of(SESSION, slot);
    for (unsigned at = 0; at <= 16; at++) {
        memset(room, (int)(0xa0 + at), sizeof(room));
        memcpy(room + at, slot, SLOT_BYTES);
        cr_expect_eq(value_of(SESSION, room + at), whole, "offset %u", at);
    }
}
