/* test_stream.c - lines of command streams, good and bad. */
#include "cli/stream.h"

#include <criterion/criterion.h>
#include <holdfast/units.h>
#include <string.h>

static const struct {
    const char *line;
    struct hf_stream_operation operation; /* row, id, maker, price, quantity, side, op, sync */
} good[] = {
    {"1,N,14585251,S,2239500,100,,1", {1, 14585251, 0, 2239500, 100, HF_SELL, 'N', true}},
    {"3,X,,S,2238100,21,11885113,0", {3, 0, 11885113, 2238100, 21, HF_SELL, 'X', false}},
    {"4,R,7,B,5,1,,0", {4, 7, 0, 5, 1, HF_BUY, 'R', false}},
    {"5,C,65595181,,,,,0", {5, 65595181, 0, 0, 0, HF_BUY, 'C', false}},
    {"5,C,6,S,10,20,,1", {5, 6, 0, 10, 20, HF_SELL, 'C', true}},
    {"52,O,1365373,S,2240000,13,,0", {52, 1365373, 0, 2240000, 13, HF_SELL, 'O', false}},
    {"9,U,1,B,-5,2,3,0", {9, 1, 3, -5, 2, HF_BUY, 'U', false}},
    {"9,H,,,,,,0", {9, 0, 0, 0, 0, HF_BUY, 'H', false}},
};

Test(stream, good_operations_are_understood)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const struct hf_stream_operation *expected = &good[i].operation;
        const char *line = good[i].line;
        struct hf_stream_operation operation;
        const char *wrong = hf_stream_parse(line, strlen(line), &operation);
        cr_assert_null(wrong, "%s: %s", line, wrong);
        cr_expect_eq(operation.row, expected->row, "%s", line);
        cr_expect_eq(operation.id, expected->id, "%s", line);
        cr_expect_eq(operation.maker, expected->maker, "%s", line);
        cr_expect_eq(operation.price, expected->price, "%s", line);
        cr_expect_eq(operation.quantity, expected->quantity, "%s", line);
        cr_expect_eq(operation.side, expected->side, "%s", line);
        cr_expect_eq(operation.operation, expected->operation, "%s", line);
        cr_expect_eq(operation.sync, expected->sync, "%s", line);
    }
}

static const char *const bad[] = {
    "",
    "N",
    ",N,1,B,1,1,,0",
    "-1,N,1,B,1,1,,0",
    "1,,1,B,1,1,,0",
    "1,Z,1,B,1,1,,0",
    "1,NN,1,B,1,1,,0",
    "1,N,,B,1,1,,0", /* a new order without an id */
    "1,N,x,B,1,1,,0",
    "1,N,1,,1,1,,0", /* ... a side */
    "1,N,1,b,1,1,,0",
    "1,N,1,B,,1,,0", /* ... a price */
    "1,N,1,B,1,,,0", /* ... a quantity */
    "1,N,1,B,1,8796093022209,,0",
    "1,X,,B,1,1,,0",  /* an execution without its maker */
    "1,U,1,B,1,1,,0", /* a replacement without its new id */
    "1,N,1,B,1,1,x,0",
    "1,N,1,B,1,1,,2",
    "1,N,1,B,1,1,,",
    "1,N,1,B,1,1,",
    "1,N,1,B,1,1,,0,",
    "row,op,id,side,price,qty,maker,sync",
};

Test(stream, bad_operations_are_refused_with_a_reason)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct hf_stream_operation operation;
        cr_expect_not_null(hf_stream_parse(bad[i], strlen(bad[i]), &operation), "'%s' was accepted",
                           bad[i]);
    }
}

Test(stream, a_nul_is_no_operation)
{
    struct hf_stream_operation operation;
    cr_expect_not_null(hf_stream_parse("1,\0,1,B,1,1,,0", 14, &operation));
}
