/* test_command.c - the form of a command: each type with each thing that can be wrong with it. */
#include "holdfast/command.h"
#include "holdfast/error.h"
#include "holdfast/record.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/** As in the ring: the second slot behind the first. */
struct pair {
    struct hf_command command;
    struct hf_command_more more;
};

#define MORE .type = HF_COMMAND_MORE, .slots = 1

static const struct pair good_new = {
    .command = {.type = HF_COMMAND_NEW,
                .slots = 1,
                .side = HF_BUY,
                .order_type = HF_LIMIT,
                .time_in_force = HF_GTC,
                .instrument = 1,
                .account = 3,
                .client_order_id = 1,
                .price = 10,
                .quantity = 5},
};
static const struct pair good_iceberg = {
    .command = {.type = HF_COMMAND_NEW,
                .slots = 2,
                .side = HF_SELL,
                .order_type = HF_LIMIT,
                .time_in_force = HF_DAY,
                .instrument = 1,
                .client_order_id = 1,
                .price = 10,
                .quantity = 5},
    .more = {MORE, .display = 2, .minimum = 1},
};
static const struct pair good_stop = {
    .command = {.type = HF_COMMAND_NEW,
                .slots = 2,
                .side = HF_BUY,
                .order_type = HF_STOP,
                .time_in_force = HF_GTD,
                .instrument = 1,
                .client_order_id = 1,
                .quantity = 5},
    .more = {MORE, .stop_price = 7, .expire_ns = 9},
};
static const struct pair good_stop_limit = {
    .command = {.type = HF_COMMAND_NEW,
                .slots = 2,
                .side = HF_BUY,
                .order_type = HF_STOP_LIMIT,
                .time_in_force = HF_FOK,
                .instrument = 1,
                .client_order_id = 1,
                .price = 10,
                .quantity = 5},
    .more = {MORE, .stop_price = 7},
};
static const struct pair good_to_limit = {
    .command = {.type = HF_COMMAND_NEW,
                .slots = 1,
                .side = HF_BUY,
                .order_type = HF_MARKET_TO_LIMIT,
                .time_in_force = HF_GTC,
                .instrument = 1,
                .client_order_id = 1,
                .quantity = 5},
};
static const struct pair good_market = {
    .command = {.type = HF_COMMAND_NEW,
                .slots = 2,
                .side = HF_BUY,
                .order_type = HF_MARKET,
                .time_in_force = HF_IOC,
                .instrument = 1,
                .client_order_id = 1,
                .quantity = 5},
    .more = {MORE, .minimum = 5},
};
static const struct pair good_cancel = {
    .command = {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 1}};
static const struct pair good_reduce = {
    .command = {.type = HF_COMMAND_REDUCE, .slots = 1, .client_order_id = 1, .quantity = 5}};
static const struct pair good_replace = {.command = {.type = HF_COMMAND_REPLACE,
                                                     .slots = 1,
                                                     .target_client_order_id = 1,
                                                     .client_order_id = 2,
                                                     .price = 10,
                                                     .quantity = 5}};
static const struct pair good_mass = {.command = {.type = HF_COMMAND_MASS_CANCEL,
                                                  .slots = 1,
                                                  .side = HF_SELL,
                                                  .instrument = 2,
                                                  .account = 3}};
static const struct pair good_list = {
    .command = {.type = HF_COMMAND_OPEN_ORDERS, .slots = 1, .client_order_id = 3, .quantity = 5}};
static const struct pair good_add = {.command = {.type = HF_COMMAND_INSTRUMENT_ADD, .slots = 2},
                                     .more = {MORE}};
static const struct pair good_change = {.command = {.type = HF_COMMAND_INSTRUMENT_CHANGE,
                                                    .slots = 2,
                                                    .sets = HF_SET_INSTRUMENT,
                                                    .instrument = 1},
                                        .more = {MORE}};
static const struct pair good_remove = {
    .command = {.type = HF_COMMAND_INSTRUMENT_REMOVE, .slots = 1, .instrument = 1}};
static const struct pair good_limits = {.command = {.type = HF_COMMAND_INSTRUMENT_LIMITS,
                                                    .slots = 1,
                                                    .sets = HF_SET_INSTRUMENT_LIMITS,
                                                    .instrument = 1,
                                                    .price = 10,
                                                    .quantity = 1000}};
static const struct pair good_phase = {
    .command = {.type = HF_COMMAND_PHASE, .slots = 1, .order_type = HF_PHASE_HALTED}};
static const struct pair good_account = {.command = {.type = HF_COMMAND_ACCOUNT,
                                                     .slots = 1,
                                                     .order_type = HF_SELF_TRADE_DECREMENT,
                                                     .flags = HF_ON,
                                                     .sets = HF_SET_ACCOUNT,
                                                     .account = 0,
                                                     .client_order_id = UINT32_MAX,
                                                     .quantity = 1000}};
static const struct pair good_session = {.command = {.type = HF_COMMAND_SESSION_LIMITS,
                                                     .slots = 1,
                                                     .flags = HF_ON,
                                                     .sets = HF_SET_SESSION_LIMITS,
                                                     .session_name = "name",
                                                     .value = 1,
                                                     .rate = 2}};
static const struct pair good_entitle = {.command = {.type = HF_COMMAND_ENTITLE,
                                                     .slots = 1,
                                                     .order_type = HF_ENTITLE_ACCOUNT,
                                                     .session_name = "name",
                                                     .value = 1}};
static const struct pair good_end = {.command = {.type = HF_COMMAND_SESSION_END, .slots = 1}};
static const struct pair good_bust = {
    .command = {.type = HF_COMMAND_BUST, .slots = 2, .trade_lsn = 9, .trade_index = UINT32_MAX},
    .more = {MORE, .session_id = {1, 2}}};
static const struct pair good_correction = {.command = {.type = HF_COMMAND_BUST,
                                                        .slots = 2,
                                                        .flags = HF_ON,
                                                        .trade_lsn = 9,
                                                        .trade_price = -4,
                                                        .trade_quantity = 1},
                                            .more = {MORE}};
static const struct pair good_reference = {
    .command = {
        .type = HF_COMMAND_REFERENCE, .slots = 1, .instrument = 1, .price = 1 - HF_PRICE_MAX}};

static const struct pair *const goods[] = {
    &good_new,     &good_iceberg, &good_stop,    &good_stop_limit, &good_to_limit,  &good_market,
    &good_cancel,  &good_reduce,  &good_replace, &good_mass,       &good_list,      &good_add,
    &good_change,  &good_remove,  &good_limits,  &good_phase,      &good_account,   &good_session,
    &good_entitle, &good_end,     &good_bust,    &good_correction, &good_reference,
};
#define GOODS (sizeof(goods) / sizeof(goods[0]))

Test(command, well_formed_commands_pass)
{
    for (size_t i = 0; i < GOODS; i++) {
        struct pair pair = *goods[i];
        pair.command.seq = UINT64_MAX;
        pair.more.seq = 17;
        cr_expect_eq(hf_command_check(&pair.command), HF_REASON_NONE, "%zu: type %u: %u", i,
                     pair.command.type, hf_command_check(&pair.command));
    }
}

Test(command, price_quantity_and_instrument_of_an_order_are_not_matters_of_form)
{
    struct pair pair = good_new;
    pair.command.quantity = 0;
    pair.command.price = INT64_MIN;
    pair.command.instrument = 0;
    cr_expect_eq(hf_command_check(&pair.command), HF_REASON_NONE);
}

enum width { BYTE = 1, WORD = 4, LONG = 8 };

struct change {
    const struct pair *base;
    size_t offset;
    enum width width;
    int64_t value;
    uint32_t reason; /**< without HF_REASON_ */
};

#define AT(member) offsetof(struct pair, command.member)
#define IN_MORE(member) offsetof(struct pair, more.member)

static void
check_changes(const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pair pair = *changes[i].base;
        memcpy((char *)&pair + changes[i].offset, &changes[i].value, changes[i].width);
        uint32_t reason = hf_command_check(&pair.command);
        cr_expect_eq(reason, changes[i].reason, "case %zu: %s, not %s", i, hf_reason_name(reason),
                     hf_reason_name(changes[i].reason));
    }
}
#define CHECK_CHANGES(changes) check_changes(changes, sizeof(changes) / sizeof((changes)[0]))

#define TYPE HF_REASON_MALFORMED_TYPE
#define FIELD HF_REASON_MALFORMED_FIELD
#define RESERVED HF_REASON_MALFORMED_RESERVED
#define SLOTS HF_REASON_MALFORMED_SLOTS
#define ID HF_REASON_MALFORMED_ID
#define COMBINATION HF_REASON_MALFORMED_COMBINATION
#define FINE HF_REASON_NONE

Test(command, only_known_types_have_a_form)
{
    for (unsigned type = 0; type < 256; type++) {
        struct pair pair = {.command = {.type = (uint8_t)type, .slots = 0}};
        bool known = (type >= HF_COMMAND_NEW && type <= HF_COMMAND_OPEN_ORDERS) ||
                     (type >= HF_COMMAND_INSTRUMENT_ADD && type <= HF_COMMAND_REFERENCE);
        cr_expect_eq(hf_command_check(&pair.command), known ? SLOTS : TYPE, "type %u", type);
    }
}

Test(command, slots_are_those_of_the_type_and_the_second_is_one_of_its_kind)
{
    for (size_t i = 0; i < GOODS; i++) {
        static const uint8_t wrong[] = {0, 3, 255};
        for (size_t j = 0; j < sizeof(wrong); j++) {
            struct pair pair = *goods[i];
            pair.command.slots = wrong[j];
            cr_expect_eq(hf_command_check(&pair.command), SLOTS);
        }
        struct pair other = *goods[i];
        other.command.slots = (uint8_t)(3 - other.command.slots);
        other.more.type = HF_COMMAND_MORE;
        other.more.slots = 1;
        if (other.command.type != HF_COMMAND_NEW) {
            cr_expect_eq(hf_command_check(&other.command), SLOTS, "type %u", other.command.type);
        }
    }
    static const struct change changes[] = {
        {&good_iceberg, IN_MORE(type), BYTE, HF_COMMAND_NEW, SLOTS},
        {&good_iceberg, IN_MORE(slots), BYTE, 0, SLOTS},
        {&good_iceberg, IN_MORE(slots), BYTE, 2, SLOTS},
        {&good_bust, IN_MORE(type), BYTE, 0, SLOTS},
        {&good_add, IN_MORE(slots), BYTE, 2, SLOTS},
    };
    CHECK_CHANGES(changes);
}

Test(command, every_reserved_byte_of_both_slots_is_looked_at)
{
    static const size_t offsets[] = {8, 9, 15, 16, 20, 23, 31};
    static const size_t more_offsets[] = {8, 15, 16, 23, 26, 27, 28, 29, 30, 31};
    for (size_t i = 0; i < GOODS; i++) {
        for (size_t j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
            struct pair pair = *goods[i];
            ((uint8_t *)&pair)[offsets[j]] = 0x80;
            cr_expect_eq(hf_command_check(&pair.command), RESERVED);
        }
        for (size_t j = 0; j < sizeof(more_offsets) / sizeof(more_offsets[0]); j++) {
            struct pair pair = *goods[i];
            ((uint8_t *)&pair.more)[more_offsets[j]] = 1;
            cr_expect_eq(hf_command_check(&pair.command),
                         pair.command.slots == 2 ? RESERVED : FINE);
        }
    }
}

Test(command, what_a_type_does_not_use_must_be_zero)
{
    static const struct change changes[] = {
        {&good_cancel, AT(side), BYTE, 1, RESERVED},
        {&good_cancel, AT(order_type), BYTE, 1, RESERVED},
        {&good_cancel, AT(time_in_force), BYTE, 1, RESERVED},
        {&good_cancel, AT(instrument), WORD, 1, RESERVED},
        {&good_cancel, AT(account), WORD, 1, RESERVED},
        {&good_cancel, AT(price), LONG, 1, RESERVED},
        {&good_cancel, AT(quantity), LONG, 1, RESERVED},
        {&good_reduce, AT(side), BYTE, 1, RESERVED},
        {&good_reduce, AT(instrument), WORD, 1, RESERVED},
        {&good_reduce, AT(price), LONG, 1, RESERVED},
        {&good_replace, AT(side), BYTE, 1, RESERVED},
        {&good_replace, AT(order_type), BYTE, 1, RESERVED},
        {&good_replace, AT(time_in_force), BYTE, 1, RESERVED},
        {&good_replace, AT(flags), BYTE, 1, RESERVED},
        {&good_mass, AT(order_type), BYTE, 1, RESERVED},
        {&good_mass, AT(flags), BYTE, 1, RESERVED},
        {&good_mass, AT(client_order_id), LONG, 1, RESERVED},
        {&good_mass, AT(price), LONG, 1, RESERVED},
        {&good_mass, AT(quantity), LONG, 1, RESERVED},
        {&good_list, AT(side), BYTE, 1, RESERVED},
        {&good_list, AT(instrument), WORD, 1, RESERVED},
        {&good_list, AT(account), WORD, 1, RESERVED},
        {&good_list, AT(price), LONG, 1, RESERVED},
        {&good_add, AT(side), BYTE, 1, RESERVED},
        {&good_add, AT(time_in_force), BYTE, 1, RESERVED},
        {&good_change, AT(order_type), BYTE, 1, RESERVED},
        {&good_change, AT(flags), BYTE, 1, RESERVED},
        {&good_remove, AT(order_type), BYTE, 1, RESERVED},
        {&good_remove, AT(account), WORD, 1, RESERVED},
        {&good_remove, AT(price), LONG, 1, RESERVED},
        {&good_limits, AT(client_order_id), LONG, 1, RESERVED},
        {&good_limits, AT(account), WORD, 1, RESERVED},
        {&good_phase, AT(side), BYTE, 1, RESERVED},
        {&good_phase, AT(quantity), LONG, 1, RESERVED},
        {&good_account, AT(instrument), WORD, 1, RESERVED},
        {&good_account, AT(price), LONG, 1, RESERVED},
        {&good_session, AT(order_type), BYTE, 1, RESERVED},
        {&good_session, AT(side), BYTE, 1, RESERVED},
        {&good_entitle, AT(time_in_force), BYTE, 1, RESERVED},
        {&good_end, AT(flags), BYTE, 1, RESERVED},
        {&good_end, AT(instrument), WORD, 1, RESERVED},
        {&good_bust, AT(order_type), BYTE, 1, RESERVED},
        {&good_reference, AT(quantity), LONG, 1, RESERVED},
        {&good_reference, AT(account), WORD, 1, RESERVED},
        {&good_reference, AT(flags), BYTE, 1, RESERVED},
    };
    CHECK_CHANGES(changes);
}

Test(command, enumerations_and_flags_have_their_ranges)
{
    static const struct change changes[] = {
        {&good_new, AT(side), BYTE, 0, FIELD},
        {&good_new, AT(side), BYTE, 3, FIELD},
        {&good_new, AT(order_type), BYTE, 0, FIELD},
        {&good_new, AT(order_type), BYTE, 6, FIELD},
        {&good_new, AT(time_in_force), BYTE, 0, FIELD},
        {&good_new, AT(time_in_force), BYTE, 6, FIELD},
        {&good_new, AT(flags), BYTE, HF_BY_ORDER_ID, FIELD},
        {&good_new, AT(flags), BYTE, 0x81, FIELD},
        {&good_cancel, AT(flags), BYTE, HF_BY_ORDER_ID, FINE},
        {&good_cancel, AT(flags), BYTE, HF_POST_ONLY, FIELD},
        {&good_reduce, AT(flags), BYTE, HF_BY_ORDER_ID, FINE},
        {&good_reduce, AT(flags), BYTE, HF_ON, FIELD},
        {&good_mass, AT(side), BYTE, 0, FINE},
        {&good_mass, AT(side), BYTE, 3, FIELD},
        {&good_limits, AT(price), LONG, -1, FIELD},
        {&good_limits, AT(price), LONG, INT64_MAX, FINE},
        {&good_add, AT(order_type), BYTE, HF_PHASE_CLOSED, FINE},
        {&good_add, AT(order_type), BYTE, 5, FIELD},
        {&good_phase, AT(order_type), BYTE, 0, FIELD},
        {&good_phase, AT(order_type), BYTE, 5, FIELD},
        {&good_account, AT(order_type), BYTE, 5, FIELD},
        {&good_account, AT(flags), BYTE, HF_POST_ONLY, FIELD},
        {&good_account, AT(client_order_id), LONG, (int64_t)1 << 32, FIELD},
        {&good_session, AT(flags), BYTE, HF_BY_ORDER_ID, FIELD},
        {&good_session, AT(session_name), BYTE, 0, FIELD},
        {&good_session, AT(session_name), BYTE, '/', FIELD},
        {&good_entitle, AT(order_type), BYTE, 0, FIELD},
        {&good_entitle, AT(order_type), BYTE, HF_ENTITLE_GROUP, FINE},
        {&good_entitle, AT(order_type), BYTE, HF_ENTITLE_USER, FINE},
        {&good_entitle, AT(order_type), BYTE, 7, FIELD},
        {&good_entitle, AT(order_type), BYTE, HF_ENTITLE_ADMIN, FIELD}, /* with an id */
        {&good_entitle, AT(order_type), BYTE, HF_ENTITLE_INSTRUMENT, FINE},
        {&good_entitle, AT(rate), WORD, 1, FIELD},
        {&good_entitle, AT(session_name), BYTE, ' ', FIELD},
        {&good_bust, AT(trade_index), LONG, (int64_t)1 << 32, FIELD},
        {&good_reference, AT(price), LONG, -HF_PRICE_MAX, FIELD},
        {&good_reference, AT(price), LONG, HF_PRICE_MAX, FIELD},
        {&good_reference, AT(price), LONG, INT64_MIN, FIELD},
        {&good_reference, AT(price), LONG, HF_PRICE_MAX - 1, FINE},
        {&good_limits, AT(sets), BYTE, 0, FIELD},
        {&good_limits, AT(sets), BYTE, HF_SET_INSTRUMENT_LIMITS | HF_SET_KILL, FIELD},
        {&good_account, AT(sets), BYTE, 0, FIELD},
        {&good_account, AT(sets), BYTE, HF_SET_ACCOUNT | HF_SET_ORDERS, FIELD},
        {&good_session, AT(sets), BYTE, 0, FIELD},
        {&good_session, AT(sets), BYTE, HF_SET_SESSION_LIMITS | HF_SET_COLLAR, FIELD},
        {&good_change, AT(sets), BYTE, 0, FIELD},
        {&good_change, AT(sets), BYTE, 0x80, FIELD},
        {&good_change, AT(sets), BYTE, HF_SET_TICK, FINE},
        {&good_end, AT(sets), BYTE, 1, RESERVED},
        {&good_new, AT(sets), BYTE, 1, RESERVED},
        {&good_entitle, AT(sets), BYTE, 1, RESERVED},
    };
    CHECK_CHANGES(changes);
    struct pair admin = good_entitle;
    admin.command.order_type = HF_ENTITLE_ADMIN;
    admin.command.value = 0;
    cr_expect_eq(hf_command_check(&admin.command), FINE);
    struct pair longest = good_session;
    memset(longest.command.session_name, 'x', HF_NAME_BYTES - 1);
    cr_expect_eq(hf_command_check(&longest.command), FINE);
    longest.command.session_name[HF_NAME_BYTES - 1] = 'x';
    cr_expect_eq(hf_command_check(&longest.command), FIELD);
}

Test(command, what_is_not_set_has_no_value)
{
    static const struct change changes[] = {
        {&good_limits, AT(sets), BYTE, HF_SET_NOTIONAL, COMBINATION},
        {&good_limits, AT(sets), BYTE, HF_SET_COLLAR, COMBINATION},
        {&good_account, AT(sets), BYTE, HF_SET_ACCOUNT - HF_SET_KILL, COMBINATION},
        {&good_account, AT(sets), BYTE, HF_SET_ACCOUNT - HF_SET_NOTIONAL, COMBINATION},
        {&good_account, AT(sets), BYTE, HF_SET_ACCOUNT - HF_SET_GROUP, COMBINATION},
        {&good_account, AT(sets), BYTE, HF_SET_ACCOUNT - HF_SET_SELF_TRADE, COMBINATION},
        {&good_session, AT(sets), BYTE, HF_SET_SESSION_LIMITS - HF_SET_KILL, COMBINATION},
        {&good_session, AT(sets), BYTE, HF_SET_SESSION_LIMITS - HF_SET_ORDERS, COMBINATION},
        {&good_session, AT(sets), BYTE, HF_SET_SESSION_LIMITS - HF_SET_RATE, COMBINATION},
    };
    CHECK_CHANGES(changes);
    struct hf_record change[2] = {
        {.type = HF_COMMAND_INSTRUMENT_CHANGE,
         .slots = 2,
         .sets = HF_SET_INSTRUMENT,
         .instrument_add = {.id = 1,
                            .flags = HF_REPLACE_LOSES_PRIORITY | HF_ICEBERG_KEEPS_PLACE,
                            .symbol = "ONE",
                            .tick = 1}},
        {.type = HF_COMMAND_MORE,
         .slots = 1,
         .instrument_more = {.lot = 1, .price_min = 1, .price_max = 9, .quantity_max = 9}}};
    const struct hf_command *command = (const struct hf_command *)(const void *)change;
    cr_expect_eq(hf_command_check(command), FINE);
    for (uint8_t bit = HF_SET_TICK; bit <= HF_SET_ICEBERG_KEEPS_PLACE; bit = (uint8_t)(bit << 1)) {
        change[0].sets = HF_SET_INSTRUMENT & (uint8_t)~bit;
        cr_expect_eq(hf_command_check(command), COMBINATION, "without %u", bit);
    }
}

Test(command, ids_that_are_needed_are_not_zero)
{
    static const struct change changes[] = {
        {&good_new, AT(client_order_id), LONG, 0, ID},
        {&good_cancel, AT(client_order_id), LONG, 0, ID},
        {&good_reduce, AT(client_order_id), LONG, 0, ID},
        {&good_replace, AT(client_order_id), LONG, 0, ID},
        {&good_replace, AT(target_client_order_id), LONG, 0, ID},
        {&good_add, AT(instrument), WORD, 1, ID}, /* it will get one */
        {&good_change, AT(instrument), WORD, 0, ID},
        {&good_remove, AT(instrument), WORD, 0, ID},
        {&good_limits, AT(instrument), WORD, 0, ID},
        {&good_phase, AT(instrument), WORD, 0, FINE}, /* all */
        {&good_account, AT(account), WORD, 0, FINE},
        {&good_reference, AT(instrument), WORD, 0, ID},
    };
    CHECK_CHANGES(changes);
}

Test(command, a_type_of_order_has_a_limit_price_or_none)
{
    static const struct change changes[] = {
        {&good_market, AT(price), LONG, 1, COMBINATION},
        {&good_stop, AT(price), LONG, 1, COMBINATION},
        {&good_to_limit, AT(price), LONG, 1, COMBINATION},
        {&good_stop_limit, AT(price), LONG, 0, FINE},
        {&good_new, AT(price), LONG, 0, FINE},
    };
    CHECK_CHANGES(changes);
}

/** Which times in force go with which type of order; the second slot says what they need. */
Test(command, a_type_of_order_takes_its_times_in_force)
{
    static const bool fits[HF_MARKET_TO_LIMIT + 1][HF_GTD + 1] = {
        [HF_LIMIT] =
            {[HF_GTC] = true, [HF_IOC] = true, [HF_FOK] = true, [HF_DAY] = true, [HF_GTD] = true},
        [HF_MARKET] = {[HF_GTC] = true, [HF_IOC] = true, [HF_FOK] = true},
        [HF_STOP] = {[HF_GTC] = true, [HF_DAY] = true, [HF_GTD] = true},
        [HF_STOP_LIMIT] =
            {[HF_GTC] = true, [HF_IOC] = true, [HF_FOK] = true, [HF_DAY] = true, [HF_GTD] = true},
        [HF_MARKET_TO_LIMIT] = {[HF_GTC] = true, [HF_DAY] = true, [HF_GTD] = true},
    };
    for (uint8_t type = HF_LIMIT; type <= HF_MARKET_TO_LIMIT; type++) {
        for (uint8_t time = HF_GTC; time <= HF_GTD; time++) {
            struct pair pair = good_iceberg;
            pair.command.order_type = type;
            pair.command.time_in_force = time;
            pair.command.price = 0;
            pair.more = (struct hf_command_more){MORE, .expire_ns = time == HF_GTD};
            cr_expect_eq(hf_command_check(&pair.command), fits[type][time] ? FINE : COMBINATION,
                         "type %u time in force %u", type, time);
        }
    }
}

Test(command, post_only_goes_with_what_may_rest_at_a_limit)
{
    static const struct change changes[] = {
        {&good_new, AT(flags), BYTE, HF_POST_ONLY, FINE},
        {&good_market, AT(flags), BYTE, HF_POST_ONLY, COMBINATION},
        {&good_stop, AT(flags), BYTE, HF_POST_ONLY, COMBINATION},
        {&good_stop_limit, AT(flags), BYTE, HF_POST_ONLY, COMBINATION},
        {&good_to_limit, AT(flags), BYTE, HF_POST_ONLY, COMBINATION},
        {&good_iceberg, AT(flags), BYTE, HF_POST_ONLY, COMBINATION}, /* it has a minimum */
    };
    CHECK_CHANGES(changes);
    static const uint8_t immediate[] = {HF_IOC, HF_FOK};
    for (size_t i = 0; i < 2; i++) {
        struct pair pair = good_new;
        pair.command.flags = HF_POST_ONLY;
        pair.command.time_in_force = immediate[i];
        cr_expect_eq(hf_command_check(&pair.command), COMBINATION);
    }
    struct pair iceberg = good_iceberg;
    iceberg.command.flags = HF_POST_ONLY;
    iceberg.more.minimum = 0;
    cr_expect_eq(hf_command_check(&iceberg.command), FINE);
}

Test(command, the_second_slot_of_an_order_says_what_its_type_can_have)
{
    static const struct change changes[] = {
        {&good_iceberg, AT(time_in_force), BYTE, HF_IOC, COMBINATION}, /* never shows */
        {&good_iceberg, AT(time_in_force), BYTE, HF_FOK, COMBINATION},
        {&good_iceberg, AT(time_in_force), BYTE, HF_GTD, COMBINATION}, /* no time to expire */
        {&good_iceberg, IN_MORE(expire_ns), LONG, 1, COMBINATION},
        {&good_iceberg, IN_MORE(stop_price), LONG, 1, COMBINATION},
        {&good_iceberg, IN_MORE(display), LONG, 0, FINE},
        {&good_iceberg, IN_MORE(display), LONG, 100, FINE}, /* not a matter of form */
        {&good_stop, IN_MORE(display), LONG, 1, COMBINATION},
        {&good_stop, IN_MORE(minimum), LONG, 1, COMBINATION},
        {&good_stop, IN_MORE(expire_ns), LONG, 0, COMBINATION},
        {&good_stop, IN_MORE(stop_price), LONG, 0, FINE}, /* a price like any other */
        {&good_stop_limit, IN_MORE(display), LONG, 1, COMBINATION},
        {&good_stop_limit, IN_MORE(minimum), LONG, 1, COMBINATION},
        {&good_market, IN_MORE(display), LONG, 1, COMBINATION},
        {&good_market, IN_MORE(stop_price), LONG, 1, COMBINATION},
        {&good_market, AT(time_in_force), BYTE, HF_FOK, COMBINATION}, /* has its minimum */
        {&good_stop, AT(slots), BYTE, 1, COMBINATION},
        {&good_stop_limit, AT(slots), BYTE, 1, COMBINATION},
        {&good_new, AT(time_in_force), BYTE, HF_GTD, COMBINATION},
        {&good_iceberg, AT(slots), BYTE, 1, FINE},
    };
    CHECK_CHANGES(changes);
}

Test(command, a_bust_voids_and_a_correction_has_a_quantity)
{
    static const struct change changes[] = {
        {&good_bust, AT(trade_price), LONG, 1, COMBINATION},
        {&good_bust, AT(trade_quantity), LONG, 1, COMBINATION},
        {&good_bust, AT(flags), BYTE, HF_ON, COMBINATION},
        {&good_bust, AT(flags), BYTE, HF_POST_ONLY, FIELD},
        {&good_correction, AT(trade_quantity), LONG, 0, COMBINATION},
        {&good_correction, AT(trade_price), LONG, 0, FINE},
        {&good_correction, AT(flags), BYTE, 0, COMBINATION},
    };
    CHECK_CHANGES(changes);
}

Test(command, the_first_check_that_fails_gives_the_reason)
{
    struct pair pair;
    memset(&pair, 0xff, sizeof(pair));
    cr_expect_eq(hf_command_check(&pair.command), TYPE);
    pair.command.type = HF_COMMAND_NEW;
    cr_expect_eq(hf_command_check(&pair.command), SLOTS);
    pair.command.slots = 2;
    cr_expect_eq(hf_command_check(&pair.command), SLOTS);
    pair.more.type = HF_COMMAND_MORE;
    pair.more.slots = 1;
    cr_expect_eq(hf_command_check(&pair.command), RESERVED);
    memset(pair.command.reserved, 0, sizeof(pair.command.reserved));
    pair.command.reserved2 = 0;
    cr_expect_eq(hf_command_check(&pair.command), RESERVED);
    pair.command.sets = 0;
    cr_expect_eq(hf_command_check(&pair.command), RESERVED);
    memset(pair.more.reserved, 0, sizeof(pair.more.reserved));
    memset(pair.more.reserved2, 0, sizeof(pair.more.reserved2));
    pair.command.client_order_id = 0;
    cr_expect_eq(hf_command_check(&pair.command), FIELD);
    pair.command.flags = HF_POST_ONLY;
    cr_expect_eq(hf_command_check(&pair.command), FIELD);
    pair.command.side = HF_SELL;
    pair.command.order_type = HF_MARKET;
    pair.command.time_in_force = HF_IOC;
    cr_expect_eq(hf_command_check(&pair.command), ID);
    pair.command.client_order_id = 1;
    cr_expect_eq(hf_command_check(&pair.command), COMBINATION);
}
