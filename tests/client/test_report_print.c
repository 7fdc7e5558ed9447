/* test_report_print.c - reports in words and as JSON. */
#include "cli/report_print.h"

#include <criterion/criterion.h>
#include <holdfast/command.h>
#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

struct printed {
    const char *name;
    struct hf_report report;
    struct hf_report_more more; /* number 0: none */
    const char *words;
    const char *json;
};

static const struct printed cases[] = {
    {"accepted",
     {.number = 1,
      .lsn = 345,
      .type = HF_REPORT_ACCEPTED,
      .slots = 1,
      .side = HF_BUY,
      .instrument = 3,
      .client_order_id = 7,
      .time_ns = 99,
      .price = -5,
      .quantity = 100,
      .command_seq = 12},
     {0},
     "#1 accepted: client id 7, buy 100 at -5, order 345  (LSN 345)\n",
     "{\"type\":\"accepted\",\"number\":1,\"lsn\":345,\"time_ns\":99,\"client_order_id\":7,"
     "\"side\":\"buy\",\"command_seq\":12,\"instrument\":3,\"order_id\":345,\"quantity\":100,"
     "\"price\":-5}\n"},
    {"rejected",
     {.number = 2,
      .lsn = 346,
      .type = HF_REPORT_REJECTED,
      .slots = 1,
      .command_type = HF_COMMAND_CANCEL,
      .reason = HF_REASON_UNKNOWN_ORDER,
      .client_order_id = 8,
      .command_seq = 13},
     {0},
     "#2 rejected: client id 8, cancel refused: no live order has this id "
     "(HF_REASON_UNKNOWN_ORDER)  (LSN 346)\n",
     "{\"type\":\"rejected\",\"number\":2,\"lsn\":346,\"time_ns\":0,\"client_order_id\":8,"
     "\"command_seq\":13,\"command\":\"cancel\",\"reason\":17,"
     "\"reason_name\":\"HF_REASON_UNKNOWN_ORDER\",\"reason_text\":\"no live order has this "
     "id\"}\n"},
    {"fill of a maker",
     {.number = 3,
      .lsn = 347,
      .type = HF_REPORT_FILL,
      .slots = 1,
      .side = HF_SELL,
      .flags = HF_REPORT_MAKER,
      .trade_index = 2,
      .client_order_id = 9,
      .price = 10050,
      .quantity = 40,
      .leaves = 60},
     {0},
     "#3 fill: client id 9, sell 40 at 10050 as maker, 60 still open, trade 347.2  (LSN 347)\n",
     "{\"type\":\"fill\",\"number\":3,\"lsn\":347,\"time_ns\":0,\"client_order_id\":9,"
     "\"side\":\"sell\",\"liquidity\":\"maker\",\"trade_index\":2,\"quantity\":40,\"leaves\":60,"
     "\"price\":10050}\n"},
    {"cancelled",
     {.number = 4,
      .lsn = 348,
      .type = HF_REPORT_CANCELLED,
      .slots = 1,
      .side = HF_SELL,
      .reason = HF_REASON_IOC_REMAINDER,
      .client_order_id = 9,
      .order_id = 340,
      .quantity = 60},
     {0},
     "#4 cancelled: client id 9, sell 60 taken out, order 340: the rest of an "
     "immediate-or-cancel order  (LSN 348)\n",
     "{\"type\":\"cancelled\",\"number\":4,\"lsn\":348,\"time_ns\":0,\"client_order_id\":9,"
     "\"side\":\"sell\",\"command_seq\":0,\"order_id\":340,\"quantity\":60,\"reason\":52,"
     "\"reason_name\":\"HF_REASON_IOC_REMAINDER\",\"reason_text\":\"the rest of an "
     "immediate-or-cancel order\"}\n"},
    {"replaced",
     {.number = 5,
      .lsn = 349,
      .type = HF_REPORT_REPLACED,
      .slots = 2,
      .side = HF_BUY,
      .instrument = 3,
      .client_order_id = 10,
      .price = 995,
      .quantity = 110},
     {.number = 6, .order_id = 345, .previous_client_order_id = 7, .total = 150, .executed = 40},
     "#5 replaced: client id 10, buy 110 open at 995, 150 in all, 40 traded, order 345, was client "
     "id 7  (LSN 349)\n",
     "{\"type\":\"replaced\",\"number\":5,\"lsn\":349,\"time_ns\":0,\"client_order_id\":10,"
     "\"side\":\"buy\",\"command_seq\":0,\"instrument\":3,\"open\":110,\"price\":995,"
     "\"order_id\":345,\"previous_client_order_id\":7,\"total\":150,\"executed\":40}\n"},
    {"reduced",
     {.number = 7,
      .lsn = 350,
      .type = HF_REPORT_REDUCED,
      .slots = 1,
      .side = HF_BUY,
      .instrument = 3,
      .client_order_id = 10,
      .order_id = 345,
      .quantity = 90,
      .command_seq = UINT64_C(1) << 53}, /* a float would round its successor */
     {0},
     "#7 reduced: client id 10, buy 90 open, order 345  (LSN 350)\n",
     "{\"type\":\"reduced\",\"number\":7,\"lsn\":350,\"time_ns\":0,\"client_order_id\":10,"
     "\"side\":\"buy\",\"command_seq\":9007199254740992,\"instrument\":3,\"order_id\":345,"
     "\"open\":90}\n"},
    {"fill of an auction",
     {.number = 8,
      .lsn = 351,
      .type = HF_REPORT_FILL,
      .slots = 1,
      .side = HF_BUY,
      .flags = HF_REPORT_AUCTION,
      .client_order_id = 10,
      .price = 990,
      .quantity = 90},
     {0},
     "#8 fill: client id 10, buy 90 at 990 as auction, 0 still open, trade 351.0  (LSN 351)\n",
     "{\"type\":\"fill\",\"number\":8,\"lsn\":351,\"time_ns\":0,\"client_order_id\":10,"
     "\"side\":\"buy\",\"liquidity\":\"auction\",\"trade_index\":0,\"quantity\":90,\"leaves\":0,"
     "\"price\":990}\n"},
    {"triggered",
     {.number = 9,
      .lsn = 352,
      .type = HF_REPORT_TRIGGERED,
      .slots = 1,
      .side = HF_SELL,
      .instrument = 3,
      .client_order_id = 11,
      .order_id = 333,
      .quantity = 20},
     {0},
     "#9 triggered: client id 11, sell 20 open, order 333  (LSN 352)\n",
     "{\"type\":\"triggered\",\"number\":9,\"lsn\":352,\"time_ns\":0,\"client_order_id\":11,"
     "\"side\":\"sell\",\"command_seq\":0,\"instrument\":3,\"order_id\":333,\"open\":20}\n"},
    {"an open order that waits",
     {.number = 10,
      .lsn = 353,
      .type = HF_REPORT_ORDER,
      .slots = 2,
      .side = HF_SELL,
      .instrument = 3,
      .client_order_id = 12,
      .price = 980,
      .quantity = 20},
     {.number = 11, .order_id = 334, .total = 20, .stop_price = 985},
     "#10 order: client id 12, sell 20 open at 980, 20 in all, 0 traded, order 334, waits for 985  "
     "(LSN 353)\n",
     "{\"type\":\"order\",\"number\":10,\"lsn\":353,\"time_ns\":0,\"client_order_id\":12,"
     "\"side\":\"sell\",\"command_seq\":0,\"instrument\":3,\"open\":20,\"price\":980,"
     "\"order_id\":334,\"total\":20,\"executed\":0,\"stop_price\":985}\n"},
    {"done",
     {.number = 12,
      .lsn = 354,
      .type = HF_REPORT_DONE,
      .slots = 1,
      .command_type = HF_COMMAND_MASS_CANCEL,
      .quantity = 3,
      .command_seq = 9},
     {0},
     "#12 done: client id 0, mass cancel, 3 orders  (LSN 354)\n",
     "{\"type\":\"done\",\"number\":12,\"lsn\":354,\"time_ns\":0,\"client_order_id\":0,"
     "\"command_seq\":9,\"command\":\"mass cancel\",\"instrument\":0,\"orders\":3}\n"},
    {"a page of a list, and there are more",
     {.number = 13,
      .lsn = 355,
      .type = HF_REPORT_DONE,
      .slots = 1,
      .command_type = HF_COMMAND_OPEN_ORDERS,
      .order_id = 77,
      .quantity = 4096,
      .command_seq = 10},
     {0},
     "#13 done: client id 0, open orders, 4096 orders, more behind order 77  (LSN 355)\n",
     "{\"type\":\"done\",\"number\":13,\"lsn\":355,\"time_ns\":0,\"client_order_id\":0,"
     "\"command_seq\":10,\"command\":\"open orders\",\"instrument\":0,\"orders\":4096,"
     "\"more_behind_order_id\":77}\n"},
    {"a void trade",
     {.number = 13,
      .lsn = 355,
      .type = HF_REPORT_BUSTED,
      .slots = 1,
      .side = HF_BUY,
      .trade_index = 1,
      .client_order_id = 7,
      .trade_lsn = 347},
     {0},
     "#13 busted: client id 7, trade 347.1 is void  (LSN 355)\n",
     "{\"type\":\"busted\",\"number\":13,\"lsn\":355,\"time_ns\":0,\"client_order_id\":7,"
     "\"side\":\"buy\",\"trade_lsn\":347,\"trade_index\":1,\"quantity\":0,\"price\":0}\n"},
};

static char *
print(const struct printed *one, bool json)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    const struct hf_report_more *more = one->more.number != 0 ? &one->more : NULL;
    if (json) {
        hf_json_print_line(file, hf_report_json(&one->report, more));
    } else {
        hf_report_print(file, &one->report, more);
    }
    fclose(file);
    return text;
}

Test(report_print, every_type_of_report_is_said_in_words)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = print(&cases[i], false);
        cr_expect_str_eq(text, cases[i].words, "%s: %s", cases[i].name, text);
        free(text);
    }
}

Test(report_print, every_type_of_report_has_its_fields_in_json)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = print(&cases[i], true);
        cr_expect_str_eq(text, cases[i].json, "%s: %s", cases[i].name, text);
        free(text);
    }
}

Test(report_print, a_copy_tells_whose_and_which_it_is)
{
    const struct hf_report replaced = {.number = 8,
                                       .lsn = 400,
                                       .type = HF_REPORT_REPLACED,
                                       .slots = 2,
                                       .side = HF_BUY,
                                       .instrument = 3,
                                       .client_order_id = 7,
                                       .price = 50,
                                       .quantity = 9,
                                       .command_seq = 2};
    const struct hf_report_copy copy = {.number = 9,
                                        .original_number = 5,
                                        .type = HF_REPORT_COPY,
                                        .session = 4,
                                        .order_id = 345,
                                        .previous_client_order_id = 6,
                                        .total = 10,
                                        .executed = 1};
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    hf_report_print_copy(file, &replaced, &copy);
    hf_json_print_line(file, hf_report_copy_json(&replaced, &copy));
    fclose(file);
    cr_expect_str_eq(
        text,
        "copy of session 4 #5: #8 replaced: client id 7, buy 9 open at 50, 10 in all, 1 "
        "traded, order 345, was client id 6  (LSN 400)\n"
        "{\"type\":\"replaced\",\"number\":8,\"lsn\":400,\"time_ns\":0,"
        "\"client_order_id\":7,\"side\":\"buy\",\"command_seq\":2,\"instrument\":3,"
        "\"open\":9,\"price\":50,\"order_id\":345,\"previous_client_order_id\":6,"
        "\"total\":10,\"executed\":1,\"copy_of_session\":4,\"copy_of_number\":5}\n",
        "%s", text);
    free(text);
}

Test(report_print, an_unknown_type_is_named_by_its_number)
{
    struct printed odd = {.report = {.number = 1, .type = 200, .slots = 1}};
    char *text = print(&odd, false);
    cr_assert_not_null(strstr(text, "type 200"), "%s", text);
    free(text);
}
