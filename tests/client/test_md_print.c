/* test_md_print.c - market data in words: every type of event, trades, a ladder, JSON. */
#include "cli/md_print.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t text_bytes;
static FILE *file;

static void
begin(void)
{
    (void)setenv("TZ", "UTC", 1);
    file = open_memstream(&text, &text_bytes);
}

static void
end(void)
{
    free(text);
}

TestSuite(md_print, .init = begin, .fini = end);

static const struct hf_market_event events[] = {
    {.number = 1,
     .lsn = 9,
     .type = HF_MARKET_ADD,
     .side = HF_BUY,
     .flags = HF_MARKET_FRONT,
     .instrument = 2,
     .order_id = 9,
     .price = -5,
     .quantity = 10},
    {.number = 2,
     .lsn = 10,
     .type = HF_MARKET_EXECUTE,
     .side = HF_SELL,
     .flags = HF_MARKET_GONE,
     .instrument = 2,
     .order_id = 8,
     .price = 100,
     .quantity = 3,
     .trade_index = 1},
    {.number = 3,
     .lsn = 11,
     .type = HF_MARKET_EXECUTE,
     .side = HF_SELL,
     .flags = HF_MARKET_AUCTION,
     .instrument = 2,
     .order_id = 8,
     .price = 100,
     .quantity = 3},
    {.number = 4,
     .lsn = 11,
     .type = HF_MARKET_UNCROSS,
     .instrument = 2,
     .price = 101,
     .quantity = 3},
    {.number = 5,
     .lsn = 12,
     .type = HF_MARKET_REDUCE,
     .side = HF_BUY,
     .instrument = 2,
     .order_id = 9,
     .price = -5,
     .quantity = 1},
    {.number = 6,
     .lsn = 13,
     .type = HF_MARKET_CANCEL,
     .side = HF_BUY,
     .flags = HF_MARKET_GONE,
     .instrument = 2,
     .order_id = 9,
     .price = -5,
     .quantity = 9},
    {.number = 7, .lsn = 14, .type = HF_MARKET_PHASE, .instrument = 2, .phase = HF_PHASE_HALTED},
    {.number = 8,
     .lsn = 15,
     .type = HF_MARKET_BUST,
     .order_id = 10,
     .trade_index = 1,
     .price = 99,
     .quantity = 2},
    {.number = 9,
     .lsn = 17,
     .type = HF_MARKET_INSTRUMENT,
     .instrument = 3,
     .time_ns = 3723000001000},
    {.number = 10, .lsn = 18, .type = HF_MARKET_REFERENCE, .instrument = 2, .price = -777},
};
#define EVENTS (sizeof(events) / sizeof(events[0]))

static void
expect_text(const char *expected)
{
    fclose(file);
    cr_expect_str_eq(text, expected);
}

Test(md_print, every_event_is_a_line)
{
    for (size_t i = 0; i < EVENTS; i++) {
        hf_md_print_event(file, &events[i], i < 7 ? "ACME" : NULL);
    }
    expect_text(
        "#1 lsn 9 00:00:00.000000 ACME     add      buy  10 at -5, order 9, in front\n"
        "#2 lsn 10 00:00:00.000000 ACME     execute  sell 3 at 100, order 8, trade 10.1, gone\n"
        "#3 lsn 11 00:00:00.000000 ACME     execute  sell 3 at 100, order 8, trade 11.0, "
        "auction\n"
        "#4 lsn 11 00:00:00.000000 ACME     uncross  3 at 101\n"
        "#5 lsn 12 00:00:00.000000 ACME     reduce   buy  1 at -5, order 9\n"
        "#6 lsn 13 00:00:00.000000 ACME     cancel   buy  9 at -5, order 9, gone\n"
        "#7 lsn 14 00:00:00.000000 ACME     phase    halted\n"
        "#8 lsn 15 00:00:00.000000          bust     trade 10.1: now 2 at 99\n"
        "#9 lsn 17 01:02:03.000001 #3       instrument\n"
        "#10 lsn 18 00:00:00.000000 #2       reference last price -777\n");
}

Test(md_print, every_event_is_an_object)
{
    static const size_t chosen[] = {0, 1, 3, 6, 7, 9};
    for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
        hf_md_print_event_json(file, &events[chosen[i]], i == 0 ? "ACME" : NULL);
    }
    hf_md_print_lapped(file, 44, true);
    hf_md_print_lapped(file, 44, false);
    expect_text(
        "{\"number\":1,\"lsn\":9,\"time_ns\":0,\"event\":\"add\",\"instrument\":2,"
        "\"symbol\":\"ACME\",\"side\":\"buy\",\"order_id\":9,\"price\":-5,\"quantity\":10,"
        "\"front\":true}\n"
        "{\"number\":2,\"lsn\":10,\"time_ns\":0,\"event\":\"execute\",\"instrument\":2,"
        "\"side\":\"sell\",\"order_id\":8,\"price\":100,\"quantity\":3,\"trade_lsn\":10,"
        "\"trade_index\":1,\"gone\":true}\n"
        "{\"number\":4,\"lsn\":11,\"time_ns\":0,\"event\":\"uncross\",\"instrument\":2,"
        "\"price\":101,\"quantity\":3}\n"
        "{\"number\":7,\"lsn\":14,\"time_ns\":0,\"event\":\"phase\",\"instrument\":2,"
        "\"phase\":\"halted\"}\n"
        "{\"number\":8,\"lsn\":15,\"time_ns\":0,\"event\":\"bust\",\"price\":99,\"quantity\":2,"
        "\"trade_lsn\":10,\"trade_index\":1}\n"
        "{\"number\":10,\"lsn\":18,\"time_ns\":0,\"event\":\"reference\",\"instrument\":2,"
        "\"price\":-777}\n"
        "{\"event\":\"lapped\",\"missed\":44}\n"
        "-- lapped: 44 events were missed --\n");
}

Test(md_print, a_trade_is_an_execution_outside_an_auction_or_an_auction)
{
    struct hf_md_trade trade;
    for (size_t i = 0; i < EVENTS; i++) {
        bool is_trade = hf_md_trade_of(&events[i], &trade);
        cr_expect_eq(is_trade, i == 1 || i == 3, "event %zu", i);
        if (is_trade) {
            hf_md_print_trade(file, &trade, i == 1 ? "ACME" : NULL);
        }
    }
    expect_text(
        "ACME     00:00:00.000000             3 at 100          buy  took     trade 10.1\n"
        "#2       00:00:00.000000             3 at 101          auction       trade 11.0\n");
}

static struct hf_md_view
view_of_two_levels(void)
{
    return (struct hf_md_view){
        .info = {.id = 2, .symbol = "ACME", .tick = 5, .lot = 1},
        .status = {.state = HF_STATE_RUNNING, .instance = "here"},
        .facts =
            {.number = 7, .head = 9, .durable_lsn = 20, .lapped = 1, .connected = 1, .history = 3},
        .book = {.lsn = 21,
                 .last_price = 100,
                 .last_quantity = 3,
                 .has_last = 1,
                 .phase = HF_PHASE_OPEN,
                 .whole = 1,
                 .joins = 2},
        .bids = {{.price = 95, .quantity = 7, .orders = 2}},
        .asks = {{.price = 100, .quantity = 1, .orders = 1},
                 {.price = 105, .quantity = 4, .orders = 1}},
        .bid_count = 1,
        .ask_count = 2,
    };
}

Test(md_print, a_view_is_head_ladder_and_the_last_trades)
{
    struct hf_md_view view = view_of_two_levels();
    struct hf_md_trade trade = {.lsn = 1, .price = 100, .taker = HF_BUY};
    for (uint64_t i = 0; i < HF_MD_TRADES + 5; i++) {
        trade.quantity = i;
        hf_md_remember(&view, &trade);
    }
    cr_expect_eq(view.trade_count, HF_MD_TRADES);
    hf_md_print_view(file, &view, 2, "\n");
    expect_text(
        "ACME (instrument 2, tick 5, lot 1)  open  last 3 at 100\n"
        "here running  event 7  lsn 21 (not durable yet)  behind 2  lapped 1  joined 2\n"
        "\n"
        "  orders         quantity              bid | ask              quantity         orders  \n"
        "       2                7               95 | 100              1                1       \n"
        "                                           | 105              4                1       \n"
        "\n"
        "00:00:00.000000            20 at 100          buy  took     trade 1.0\n"
        "00:00:00.000000            19 at 100          buy  took     trade 1.0\n");
}

Test(md_print, an_empty_view_says_what_is_missing)
{
    struct hf_md_view view = {.info = {.id = 2, .symbol = "ACME"}, .status = {.instance = "here"}};
    hf_md_print_view(file, &view, 5, "\n");
    fclose(file);
    static const char *const parts[] = {"removed", "no trade yet", "no daemon", "being rebuilt",
                                        "(empty) | (empty)"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        cr_expect_not_null(strstr(text, parts[i]), "'%s' is not in: %s", parts[i], text);
    }
}

Test(md_print, a_view_of_what_was_removed_says_so_and_is_not_being_rebuilt)
{
    struct hf_md_view view = view_of_two_levels();
    view.is_removed = true;
    view.bid_count = view.ask_count = 0;
    view.book.whole = 0;
    hf_md_print_view(file, &view, 0, "\n");
    fclose(file);
    cr_expect_not_null(strstr(text, "lot 1)  removed  last 3 at 100\n"), "%s", text);
    cr_expect_null(strstr(text, "being rebuilt"), "%s", text);
}

Test(md_print, a_view_is_one_object)
{
    struct hf_md_view view = view_of_two_levels();
    hf_md_print_view_json(file, &view);
    expect_text("{\"symbol\":\"ACME\",\"instrument\":2,\"phase\":\"open\",\"number\":7,\"lsn\":21,"
                "\"durable_lsn\":20,\"history\":3,\"lapped\":1,\"last_price\":100,"
                "\"bids\":[{\"price\":95,\"quantity\":7,\"orders\":2}],"
                "\"asks\":[{\"price\":100,\"quantity\":1,\"orders\":1},"
                "{\"price\":105,\"quantity\":4,\"orders\":1}]}\n");
}
