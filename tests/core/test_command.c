/* test_command.c - the form of a command. */
#include "holdfast/command.h"
#include "holdfast/error.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct hf_command good_new = {.type = HF_COMMAND_NEW,
                                           .slots = 1,
                                           .side = HF_BUY,
                                           .order_type = HF_LIMIT,
                                           .time_in_force = HF_GTC,
                                           .instrument = 1,
                                           .client_order_id = 1,
                                           .price = 10,
                                           .quantity = 1};
static const struct hf_command good_cancel = {
    .type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 1};
static const struct hf_command good_reduce = {
    .type = HF_COMMAND_REDUCE, .slots = 1, .client_order_id = 1, .quantity = 5};
static const struct hf_command good_replace = {.type = HF_COMMAND_REPLACE,
                                               .slots = 1,
                                               .target_client_order_id = 1,
                                               .client_order_id = 2,
                                               .price = 10,
                                               .quantity = 5};

Test(command, well_formed_commands_pass)
{
    struct hf_command command = good_new;
    cr_expect_eq(hf_command_check(&good_new), HF_REASON_NONE);
    cr_expect_eq(hf_command_check(&good_cancel), HF_REASON_NONE);
    cr_expect_eq(hf_command_check(&good_reduce), HF_REASON_NONE);
    cr_expect_eq(hf_command_check(&good_replace), HF_REASON_NONE);
    command.flags = HF_POST_ONLY;
    cr_expect_eq(hf_command_check(&command), HF_REASON_NONE);
    command = good_new;
    command.order_type = HF_MARKET;
    command.price = 0;
    for (uint8_t tif = HF_GTC; tif <= HF_FOK; tif++) {
        command.time_in_force = tif;
        command.seq = UINT64_MAX;
        cr_expect_eq(hf_command_check(&command), HF_REASON_NONE);
    }
}

Test(command, price_and_quantity_are_not_matters_of_form)
{
    struct hf_command command = good_new;
    command.quantity = 0;
    command.price = INT64_MIN;
    command.instrument = 0;
    cr_expect_eq(hf_command_check(&command), HF_REASON_NONE);
}

struct byte_case {
    const struct hf_command *base;
    size_t offset;
    uint8_t value;
    uint32_t reason;
};

#define AT(member) offsetof(struct hf_command, member)

Test(command, one_wrong_byte_gives_its_reason)
{
    static const struct byte_case cases[] = {
        {&good_new, AT(type), 0, HF_REASON_MALFORMED_TYPE},
        {&good_new, AT(type), 5, HF_REASON_MALFORMED_TYPE},
        {&good_new, AT(type), 255, HF_REASON_MALFORMED_TYPE},
        {&good_new, AT(slots), 0, HF_REASON_MALFORMED_SLOTS},
        {&good_new, AT(slots), 2, HF_REASON_MALFORMED_SLOTS},
        {&good_new, AT(side), 0, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(side), 3, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(order_type), 0, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(order_type), 3, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(time_in_force), 0, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(time_in_force), 4, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(flags), 2, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(flags), 0x81, HF_REASON_MALFORMED_FIELD},
        {&good_new, AT(client_order_id), 0, HF_REASON_MALFORMED_ID},
        {&good_new, AT(order_type), HF_MARKET, HF_REASON_MALFORMED_COMBINATION},
        {&good_cancel, AT(client_order_id), 0, HF_REASON_MALFORMED_ID},
        {&good_cancel, AT(side), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_cancel, AT(order_type), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_cancel, AT(time_in_force), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_cancel, AT(flags), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_cancel, AT(instrument), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_cancel, AT(account), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_cancel, AT(price), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_cancel, AT(quantity), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_reduce, AT(client_order_id), 0, HF_REASON_MALFORMED_ID},
        {&good_reduce, AT(side), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_reduce, AT(instrument), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_reduce, AT(price), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_replace, AT(client_order_id), 0, HF_REASON_MALFORMED_ID},
        {&good_replace, AT(target_client_order_id), 0, HF_REASON_MALFORMED_ID},
        {&good_replace, AT(side), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_replace, AT(time_in_force), 1, HF_REASON_MALFORMED_RESERVED},
        {&good_replace, AT(flags), 1, HF_REASON_MALFORMED_RESERVED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_command command = *cases[i].base;
        ((uint8_t *)&command)[cases[i].offset] = cases[i].value;
        cr_expect_eq(hf_command_check(&command), cases[i].reason, "case %zu: %u", i,
                     hf_command_check(&command));
    }
}

Test(command, every_reserved_byte_is_looked_at)
{
    static const struct hf_command *const bases[] = {&good_new, &good_cancel, &good_reduce,
                                                     &good_replace};
    static const size_t offsets[] = {8, 9, 15, 16, 20, 23, 30, 31};
    for (size_t base = 0; base < 4; base++) {
        for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
            struct hf_command command = *bases[base];
            ((uint8_t *)&command)[offsets[i]] = 0x80;
            cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_RESERVED);
        }
    }
}

Test(command, post_only_goes_with_limit_and_gtc_only)
{
    struct hf_command command = good_new;
    command.flags = HF_POST_ONLY;
    command.time_in_force = HF_IOC;
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_COMBINATION);
    command.time_in_force = HF_FOK;
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_COMBINATION);
    command.time_in_force = HF_GTC;
    command.order_type = HF_MARKET;
    command.price = 0;
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_COMBINATION);
}

Test(command, the_first_check_that_fails_gives_the_reason)
{
    struct hf_command command;
    memset(&command, 0xff, sizeof(command));
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_TYPE);
    command.type = HF_COMMAND_NEW;
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_SLOTS);
    command.slots = 1;
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_RESERVED);
    memset(command.reserved, 0, sizeof(command.reserved));
    memset(command.reserved2, 0, sizeof(command.reserved2));
    command.client_order_id = 0;
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_FIELD);
    command.side = HF_SELL;
    command.order_type = HF_MARKET;
    command.time_in_force = HF_IOC;
    command.flags = HF_POST_ONLY;
    cr_expect_eq(hf_command_check(&command), HF_REASON_MALFORMED_ID);
}
