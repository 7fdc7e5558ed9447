/*
 * test_record_print.c - a record as JSON and as words.
 */
#include "recover/record_print.h"

#include <criterion/criterion.h>
#include <string.h>

/** The words of a record. */
static char *
words(const struct hf_record *record, const struct hf_record *more)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    hf_record_print_words(stream, hf_record_json(record, more, NULL));
    fclose(stream);
    return text;
}

static void
expect_words(const struct hf_record *record, const struct hf_record *more, const char *expected)
{
    char *text = words(record, more);
    cr_expect_not_null(strstr(text, expected), "'%s' is not in: %s", expected, text);
    free(text);
}

Test(record_print, every_type_has_a_name_of_its_own)
{
    static const uint8_t types[] = {HF_COMMAND_NEW,
                                    HF_COMMAND_CANCEL,
                                    HF_COMMAND_REPLACE,
                                    HF_COMMAND_REDUCE,
                                    HF_COMMAND_MASS_CANCEL,
                                    HF_COMMAND_OPEN_ORDERS,
                                    HF_COMMAND_INSTRUMENT_ADD,
                                    HF_COMMAND_INSTRUMENT_CHANGE,
                                    HF_COMMAND_INSTRUMENT_REMOVE,
                                    HF_COMMAND_INSTRUMENT_LIMITS,
                                    HF_COMMAND_PHASE,
                                    HF_COMMAND_ACCOUNT,
                                    HF_COMMAND_SESSION_LIMITS,
                                    HF_COMMAND_ENTITLE,
                                    HF_COMMAND_SESSION_END,
                                    HF_COMMAND_BUST,
                                    HF_COMMAND_REFERENCE,
                                    HF_RECORD_GENESIS,
                                    HF_RECORD_EPOCH,
                                    HF_RECORD_OPEN,
                                    HF_RECORD_CONNECT,
                                    HF_RECORD_DISCONNECT,
                                    HF_RECORD_CLOSE,
                                    HF_RECORD_REFUSED,
                                    HF_RECORD_DIGEST,
                                    HF_RECORD_STOP,
                                    HF_RECORD_TICK,
                                    HF_RECORD_MORE,
                                    HF_RECORD_GROUP};
    for (size_t i = 0; i < sizeof(types); i++) {
        struct hf_record record = {.lsn = 5, .type = types[i], .slots = 1};
        json_t *object = hf_record_json(&record, NULL, NULL);
        const char *name = json_string_value(json_object_get(object, "type"));
        cr_expect_str_neq(name, "?", "type %d", types[i]);
        cr_expect_eq(json_integer_value(json_object_get(object, "lsn")), 5);
        for (size_t j = 0; j < i; j++) {
            cr_expect_str_neq(name, hf_record_type_name(types[j]));
        }
        json_decref(object);
    }
    cr_expect_str_eq(hf_record_type_name(200), "?");
    cr_expect_str_eq(hf_order_type_name(99), "?");
    cr_expect_str_eq(hf_time_in_force_name(0), "?");
    cr_expect_str_eq(hf_phase_name(9), "?");
}

Test(record_print, an_order_has_all_that_was_asked)
{
    struct hf_record record = {.lsn = 17,
                               .time_ns = 1500000000123456789,
                               .session = 3,
                               .type = HF_COMMAND_NEW,
                               .slots = 2,
                               .side = HF_SELL,
                               .order_type = HF_STOP_LIMIT,
                               .time_in_force = HF_GTD,
                               .flags = HF_POST_ONLY};
    struct hf_record more = {.lsn = 18, .type = HF_RECORD_MORE, .slots = 1};
    record.instrument = 2;
    record.account = 7;
    record.client_order_id = 9;
    record.price = -100;
    record.quantity = 40;
    more.new_more.display = 10;
    more.new_more.stop_price = -90;
    more.new_more.minimum = 5;
    more.new_more.expire_ns = 77;
    expect_words(&record, &more,
                 "17          2017-07-14T02:40:00.123456789Z  new         slot=3 order=17 "
                 "instrument=2 side=sell quantity=40 price=-100 order_type=stop-limit "
                 "time_in_force=gtd post_only=yes client_order_id=9 account=7 display=10 "
                 "stop_price=-90 minimum=5 expire_ns=77\n");
}

Test(record_print, changes_name_their_order_by_the_id_that_was_used)
{
    struct hf_record record = {.type = HF_COMMAND_CANCEL, .slots = 1, .session = 1};
    record.client_order_id = 44;
    expect_words(&record, NULL, " client_order_id=44\n");
    record.flags = HF_BY_ORDER_ID;
    expect_words(&record, NULL, " slot=1 order=44\n");
    record = (struct hf_record){.type = HF_COMMAND_REPLACE, .slots = 1};
    record.target_client_order_id = 6;
    record.client_order_id = 7;
    record.price = 8;
    record.quantity = 9;
    expect_words(&record, NULL, "target_client_order_id=6 price=8 client_order_id=7 quantity=9\n");
}

Test(record_print, a_command_that_sets_some_things_shows_these_alone)
{
    struct hf_record record = {.type = HF_COMMAND_ACCOUNT, .slots = 1, .sets = HF_SET_KILL};
    struct hf_record more = {.type = HF_RECORD_MORE, .slots = 1};
    record.account = 7;
    expect_words(&record, NULL, " account=7 kill=off\n");
    record.sets = HF_SET_ACCOUNT;
    record.flags = HF_ON;
    expect_words(&record, NULL, " account=7 group=0 self_trade=allow notional_max=0 kill=on\n");
    record = (struct hf_record){.type = HF_COMMAND_SESSION_LIMITS,
                                .slots = 1,
                                .sets = HF_SET_RATE,
                                .by_name = {.name = "a"}};
    expect_words(&record, NULL, " name=a rate=0\n");
    record.sets = HF_SET_ORDERS | HF_SET_KILL;
    expect_words(&record, NULL, " name=a orders_max=0 kill=off\n");
    record =
        (struct hf_record){.type = HF_COMMAND_INSTRUMENT_LIMITS, .slots = 1, .sets = HF_SET_COLLAR};
    expect_words(&record, NULL, " collar=0\n");
    record.sets = HF_SET_NOTIONAL;
    expect_words(&record, NULL, " notional_max=0\n");
    record = (struct hf_record){.type = HF_COMMAND_INSTRUMENT_CHANGE,
                                .slots = 2,
                                .sets = HF_SET_LOT | HF_SET_ICEBERG_KEEPS_PLACE,
                                .instrument_add = {.id = 2, .symbol = "ACME"}};
    more.instrument_more.lot = 5;
    expect_words(&record, &more, " instrument=2 symbol=ACME iceberg_keeps_place=off lot=5\n");
    record.sets = HF_SET_INSTRUMENT;
    expect_words(&record, &more,
                 " symbol=ACME tick=0 replace_loses_priority=off iceberg_keeps_place=off lot=5 "
                 "price_min=0 price_max=0 quantity_max=0\n");
}

Test(record_print, names_that_fill_their_field_are_whole)
{
    struct hf_record record = {.type = HF_RECORD_OPEN, .slots = 1, .session = 1};
    memset(record.open.name, 'n', sizeof(record.open.name));
    expect_words(&record, NULL, "name=nnnnnnnnnnnnnnnnnnnnnnnn uid=0");
}

Test(record_print, a_first_phase_and_an_epoch_that_halts_are_said)
{
    struct hf_record record = {.type = HF_COMMAND_INSTRUMENT_ADD, .slots = 2};
    memcpy(record.instrument_add.symbol, "NEW", 4);
    record.instrument_add.tick = 5;
    record.order_type = HF_PHASE_CLOSED;
    expect_words(&record, NULL, " symbol=NEW tick=5 phase=closed replace_loses_priority=off");
    record = (struct hf_record){.type = HF_RECORD_EPOCH, .slots = 1};
    record.epoch.epoch = 7;
    record.epoch.history = 2;
    record.epoch.rules_version = 3;
    expect_words(&record, NULL, "epoch=7 history=2 boot=0000000000000000 rules_version=3\n");
    record.flags = HF_EPOCH_HALTS;
    expect_words(&record, NULL, "rules_version=3 halts=yes\n");
}

Test(record_print, a_group_says_what_was_durable)
{
    struct hf_record record = {.lsn = 9, .type = HF_RECORD_GROUP, .slots = 1};
    record.group.count = 4;
    record.group.floor_lsn = 5;
    record.group.epoch = 2;
    expect_words(&record, NULL, "group       count=4 floor_lsn=5 epoch=2\n");
}
