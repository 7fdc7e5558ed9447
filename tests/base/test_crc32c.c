/* test_crc32c.c - published vectors, and both implementations against each other. */
#include "base/crc32c.h"

#include <criterion/criterion.h>
#include <string.h>

static uint64_t random_state = 88172645463325252u;

static uint64_t
random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* RFC 3720 B.4 and the usual check value. */
static const unsigned char read_pdu[48] = {
    0x01, 0xc0, 0, 0,    0, 0, 0, 0,    0,    0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
    0,    0,    0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0,    0};

Test(crc32c, gives_the_published_values)
{
    unsigned char zeroes[32] = {0};
    unsigned char ones[32];
    unsigned char up[32];
    unsigned char down[32];
    memset(ones, 0xff, sizeof(ones));
    for (unsigned i = 0; i < 32; i++) {
        up[i] = (unsigned char)i;
        down[i] = (unsigned char)(31 - i);
    }
    const struct {
        const void *data;
        size_t len;
        uint32_t crc;
    } cases[] = {
        {"", 0, 0},
        {"a", 1, 0xc1d04330},
        {"123456789", 9, 0xe3069283},
        {zeroes, 32, 0x8a9136aa},
        {ones, 32, 0x62a8ab43},
        {up, 32, 0x46dd794e},
        {down, 32, 0x113fdb5c},
        {read_pdu, 48, 0xd9963a56},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(hf_crc32c(0, cases[i].data, cases[i].len), cases[i].crc, "case %zu", i);
        cr_assert_eq(hf_crc32c_table(0, cases[i].data, cases[i].len), cases[i].crc, "case %zu", i);
    }
}

Test(crc32c, instruction_and_table_agree_at_every_length_and_alignment)
{
    static unsigned char data[1024 + 16];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (unsigned char)random_next();
    }
    for (size_t align = 0; align < 16; align++) {
        for (size_t len = 0; len <= 300; len++) {
            uint32_t seed = (uint32_t)random_next();
            cr_assert_eq(hf_crc32c(seed, data + align, len),
                         hf_crc32c_table(seed, data + align, len), "align %zu len %zu", align, len);
        }
    }
    cr_assert_eq(hf_crc32c(1, data, sizeof(data)), hf_crc32c_table(1, data, sizeof(data)));
}

Test(crc32c, composes_over_every_split)
{
    unsigned char data[130];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (unsigned char)random_next();
    }
    uint32_t whole = hf_crc32c(5, data, sizeof(data));
    for (size_t split = 0; split <= sizeof(data); split++) {
        uint32_t first = hf_crc32c(5, data, split);
        cr_assert_eq(hf_crc32c(first, data + split, sizeof(data) - split), whole);
        first = hf_crc32c_table(5, data, split);
        cr_assert_eq(hf_crc32c_table(first, data + split, sizeof(data) - split), whole);
    }
}

Test(crc32c, every_flipped_bit_and_pair_of_neighbours_of_a_slot_is_seen)
{
    unsigned char slot[64];
    for (size_t i = 0; i < sizeof(slot); i++) {
        slot[i] = (unsigned char)random_next();
    }
    uint32_t good = hf_crc32c(0, slot, sizeof(slot));
    for (unsigned bit = 0; bit < 512; bit++) {
        slot[bit / 8] ^= (unsigned char)(1u << bit % 8);
        cr_assert_neq(hf_crc32c(0, slot, sizeof(slot)), good);
        unsigned next = (bit + 1) % 512;
        slot[next / 8] ^= (unsigned char)(1u << next % 8);
        cr_assert_neq(hf_crc32c(0, slot, sizeof(slot)), good);
        slot[next / 8] ^= (unsigned char)(1u << next % 8);
        slot[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}
