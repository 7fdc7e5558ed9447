/* test_lobster.c - lines of LOBSTER message and orderbook files, good and bad. */
#include "cli/lobster.h"

#include <criterion/criterion.h>
#include <holdfast/units.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *line;
    struct hf_lobster_message message;
} good_messages[] = {
    {"34200.18960767,1,11885113,21,2238100,1",
     {34200189607670, 11885113, 21, 2238100, HF_LOBSTER_SUBMIT, HF_BUY}},
    {"34200,2,5,7,100,-1", {34200000000000, 5, 7, 100, HF_LOBSTER_REDUCE, HF_SELL}},
    {"0.000000001,3,0,0,0,1", {1, 0, 0, 0, HF_LOBSTER_DELETE, HF_BUY}},
    {"43002.632812672004,4,1,2,3,-1", {43002632812672, 1, 2, 3, HF_LOBSTER_EXECUTE, HF_SELL}},
    {"1.5,5,0,100,2238400,-1", {1500000000, 0, 100, 2238400, HF_LOBSTER_HIDDEN, HF_SELL}},
    {"1.5,6,0,100,-1,-1", {1500000000, 0, 100, -1, HF_LOBSTER_CROSS, HF_SELL}},
    {"\xef\xbb\xbf"
     "1,7,0,0,-1,-1",
     {1000000000, 0, 0, -1, HF_LOBSTER_HALT, HF_SELL}},
    {"1,1,18446744073709551615,8796093022208,9223372036854775807,1",
     {1000000000, UINT64_MAX, (uint64_t)1 << 43, INT64_MAX, HF_LOBSTER_SUBMIT, HF_BUY}},
};

Test(lobster, good_messages_are_understood)
{
    for (size_t i = 0; i < sizeof good_messages / sizeof good_messages[0]; i++) {
        const struct hf_lobster_message *expected = &good_messages[i].message;
        const char *line = good_messages[i].line;
        struct hf_lobster_message message = {0};
        const char *wrong = hf_lobster_parse_message(line, strlen(line), &message);
        cr_assert_null(wrong, "%s: %s", line, wrong);
        cr_expect_eq(message.time_ns, expected->time_ns, "%s", line);
        cr_expect_eq(message.order_id, expected->order_id, "%s", line);
        cr_expect_eq(message.quantity, expected->quantity, "%s", line);
        cr_expect_eq(message.price, expected->price, "%s", line);
        cr_expect_eq(message.type, expected->type, "%s", line);
        cr_expect_eq(message.side, expected->side, "%s", line);
    }
}

static const char *const bad_messages[] = {
    "",
    ",",
    "x,1,2,3,4,1",
    "-1,1,2,3,4,1",
    ".5,1,2,3,4,1",
    "1.,1,2,3,4,1",
    "1.2.3,1,2,3,4,1",
    "1e5,1,2,3,4,1",
    "99999999999999999999,1,2,3,4,1",
    "18446744073709551,1,2,3,4,1",
    "1,0,2,3,4,1",
    "1,8,2,3,4,1",
    "1,1.0,2,3,4,1",
    "1,1,,3,4,1",
    "1,1,-2,3,4,1",
    "1,1,-0,3,4,1",
    "1,1, 2,3,4,1",
    "1,1,18446744073709551616,3,4,1",
    "1,1,2,-3,4,1",
    "1,1,2,8796093022209,4,1",
    "1,1,2,3,4.5,1",
    "1,1,2,3,9223372036854775808,1",
    "1,1,2,3,--4,1",
    "1,1,2,3,-,1",
    "1,1,2,3,4,0",
    "1,1,2,3,4,2",
    "1,1,2,3,4",
    "1,1,2,3,4,1,5",
    "1,1,2,3,4,1 ",
};

Test(lobster, bad_messages_are_refused_with_a_reason)
{
    for (size_t i = 0; i < sizeof bad_messages / sizeof bad_messages[0]; i++) {
        struct hf_lobster_message message;
        cr_expect_not_null(
            hf_lobster_parse_message(bad_messages[i], strlen(bad_messages[i]), &message),
            "'%s' was accepted", bad_messages[i]);
    }
}

Test(lobster, a_message_is_not_read_past_its_length)
{
    struct hf_lobster_message message;
    const char *line = "1,1,2,3,4,1junk";
    cr_expect_null(hf_lobster_parse_message(line, strlen(line) - 4, &message));
    cr_expect_not_null(hf_lobster_parse_message(line, strlen(line) - 5, &message));
    cr_expect_not_null(hf_lobster_parse_message("1,1,2,3\0,4,1", 12, &message));
}

Test(lobster, a_row_has_asks_and_bids_by_turns)
{
    struct hf_lobster_row row;
    const char *line = "2239500,100,2231800,50,2239900,7,2230700,200";
    cr_assert_null(hf_lobster_parse_row(line, strlen(line), &row));
    cr_expect_eq(row.window, 2);
    cr_expect_eq(row.count[0], 2);
    cr_expect_eq(row.count[1], 2);
    cr_expect_eq(row.levels[1][0].price, 2239500);
    cr_expect_eq(row.levels[1][1].quantity, 7);
    cr_expect_eq(row.levels[0][0].quantity, 50);
    cr_expect_eq(row.levels[0][1].price, 2230700);
}

Test(lobster, levels_that_are_not_there_are_not_counted)
{
    struct hf_lobster_row row;
    const char *line = "5,1,9,1,9999999999,0,8,2,9999999999,0,-9999999999,0";
    cr_assert_null(hf_lobster_parse_row(line, strlen(line), &row));
    cr_expect_eq(row.window, 3);
    cr_expect_eq(row.count[1], 1);
    cr_expect_eq(row.count[0], 2);
}

static const char *const bad_rows[] = {
    "",
    "1",
    "1,2,3",
    "1,2,3,4,5",
    "1,2,3,4,5,6,2",
    "1,x,3,4",
    "1,2,3,-4",
    "1,2,3,4,1,2,2,4",          /* ask not above the one before */
    "1,2,3,4,2,2,3,4",          /* bid not below the one before */
    "9999999999,0,3,4,2,2,2,4", /* level behind one that is not there */
    "1,8796093022209,3,4",      /* above the largest quantity */
    "1,2,3,4,",
};

Test(lobster, bad_rows_are_refused_with_a_reason)
{
    for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
        struct hf_lobster_row row;
        cr_expect_not_null(hf_lobster_parse_row(bad_rows[i], strlen(bad_rows[i]), &row),
                           "'%s' was accepted", bad_rows[i]);
    }
}

/** A row of `levels` levels, all there. */
static size_t
wide_row(char *line, size_t room, unsigned levels)
{
    size_t used = 0;
    for (unsigned i = 0; i < levels; i++) {
        used += (size_t)snprintf(line + used, room - used, "%s%u,1,%u,1", i == 0 ? "" : ",",
                                 1000 + i, 999 - i);
    }
    return used;
}

Test(lobster, a_row_has_at_most_two_hundred_levels)
{
    static char line[8192];
    struct hf_lobster_row row;
    cr_expect_null(hf_lobster_parse_row(line, wide_row(line, sizeof line, 200), &row));
    cr_expect_eq(row.count[0], 200);
    cr_expect_not_null(hf_lobster_parse_row(line, wide_row(line, sizeof line, 201), &row));
}
