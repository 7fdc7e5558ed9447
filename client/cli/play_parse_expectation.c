/* play_parse_expectation.c - {"exp": ...}: fields and words of every expectation. */
#include "cli/play_parse.h"

#include <holdfast/error.h>
#include <holdfast/units.h>

static const struct hf_play_word kind_words[] = {
    {"trades", HF_PLAY_TRADES}, {"book", HF_PLAY_BOOK},          {"top", HF_PLAY_TOP},
    {"event", HF_PLAY_EVENT},   {"order", HF_PLAY_ORDER},        {"levels", HF_PLAY_LEVELS},
    {"totals", HF_PLAY_TOTALS}, {"last_px", HF_PLAY_LAST_PRICE}, {NULL, 0},
};

static const struct hf_play_word event_words[] = {
#define HF_PLAY_EVENT_ENTRY(name, text) {text, HF_PLAY_##name},
    HF_PLAY_EVENTS(HF_PLAY_EVENT_ENTRY)
#undef HF_PLAY_EVENT_ENTRY
        {NULL, 0},
};

static const struct hf_play_word total_words[] = {
    {"orders", HF_PLAY_ORDERS},
    {"volume", HF_PLAY_VOLUME},
    {"visible_volume", HF_PLAY_VISIBLE_VOLUME},
    {"stop_orders", HF_PLAY_STOP_ORDERS},
    {"stop_volume", HF_PLAY_STOP_VOLUME},
    {NULL, 0},
};

enum by { BY_ORDER = 1, BY_LEVEL, BY_OWNER };

static const struct hf_play_word book_by_words[] = {
    {"order", BY_ORDER}, {"level", BY_LEVEL}, {NULL, 0}};
static const struct hf_play_word top_by_words[] = {{"level", BY_LEVEL}, {NULL, 0}};
static const struct hf_play_word trades_by_words[] = {
    {"order", BY_ORDER}, {"owner", BY_OWNER}, {NULL, 0}};

const char *
hf_play_event_name(enum hf_play_event_type type)
{
    static const char *const names[HF_PLAY_EVENT_TYPES] = {"none",
#define HF_PLAY_EVENT_ENTRY(name, text) text,
                                                           HF_PLAY_EVENTS(HF_PLAY_EVENT_ENTRY)
#undef HF_PLAY_EVENT_ENTRY
    };
    return names[type];
}

void
hf_play_parse_trades(struct hf_play_fields *fields, json_t *list, struct hf_play_names *names,
                     struct hf_play_rows *rows)
{
    hf_play_fields_rows(fields, list, "trades", (struct hf_play_shape){"nnii", 0}, names, 0, rows);
}

void
hf_play_parse_book(struct hf_play_fields *fields, struct hf_play_case *play_case,
                   struct hf_play_shape shape, struct hf_play_rows *rows)
{
    json_t *bids = json_object_get(fields->object, "bids");
    json_t *asks = json_object_get(fields->object, "asks");
    hf_play_fields_rows(fields, bids, "bids", shape, &play_case->ids, HF_BUY, rows);
    hf_play_fields_rows(fields, asks, "asks", shape, &play_case->ids, HF_SELL, rows);
}

static void
parse_trades(struct hf_play_fields *fields, struct hf_play_case *play_case,
             struct hf_play_expectation *expectation)
{
    hf_play_fields_only(fields, "exp list by unordered merged_per_pair incomplete");
    expectation->by_owner = hf_play_fields_word(fields, "by", false, trades_by_words) == BY_OWNER;
    expectation->unordered = hf_play_fields_flag(fields, "unordered");
    expectation->merged_per_pair = hf_play_fields_flag(fields, "merged_per_pair");
    expectation->incomplete = hf_play_fields_flag(fields, "incomplete");
    hf_play_parse_trades(fields, json_object_get(fields->object, "list"),
                         expectation->by_owner ? &play_case->owners : &play_case->ids,
                         &expectation->rows);
}

static void
parse_book(struct hf_play_fields *fields, struct hf_play_case *play_case,
           struct hf_play_expectation *expectation)
{
    static const struct hf_play_shape by_order = {"nii", 1};
    static const struct hf_play_shape by_level = {"ii", 1};
    static const struct hf_play_shape price_only = {"iI", 1};
    bool is_top = expectation->kind == HF_PLAY_TOP;
    hf_play_fields_only(fields, is_top ? "exp by bids asks visible price_only"
                                       : "exp by bids asks visible unordered");
    expectation->by_level =
        is_top || hf_play_fields_word(fields, "by", true, book_by_words) == BY_LEVEL;
    expectation->visible = hf_play_fields_flag(fields, "visible");
    if (is_top) {
        hf_play_fields_word(fields, "by", false, top_by_words);
        expectation->price_only = hf_play_fields_flag(fields, "price_only");
    } else {
        expectation->unordered = hf_play_fields_flag(fields, "unordered");
    }
    hf_play_parse_book(fields, play_case,
                       !expectation->by_level    ? by_order
                       : expectation->price_only ? price_only
                                                 : by_level,
                       &expectation->rows);
}

static void
parse_event(struct hf_play_fields *fields, struct hf_play_case *play_case,
            struct hf_play_expectation *expectation)
{
    hf_play_fields_only(fields, "exp id ev open reason");
    expectation->id = hf_play_fields_name(fields, "id", true, &play_case->ids);
    expectation->event = hf_play_fields_word(fields, "ev", true, event_words);
    expectation->has_open = hf_play_fields_has(fields, "open");
    expectation->open = hf_play_fields_integer(fields, "open", false);
    expectation->reason = hf_play_fields_string(fields, "reason", false);
}

static void
parse_order(struct hf_play_fields *fields, struct hf_play_case *play_case,
            struct hf_play_expectation *expectation)
{
    hf_play_fields_only(fields, "exp id live open visible last");
    expectation->id = hf_play_fields_name(fields, "id", true, &play_case->ids);
    expectation->has_live = hf_play_fields_has(fields, "live");
    expectation->live = hf_play_fields_flag(fields, "live");
    expectation->has_open = hf_play_fields_has(fields, "open");
    expectation->open = hf_play_fields_integer(fields, "open", false);
    expectation->visible = hf_play_fields_flag(fields, "visible");
    hf_play_fields_flag(fields, "last"); /* says in words what `open` means anyway */
}

static void
parse_figures(struct hf_play_fields *fields, const char *const keys[], size_t count,
              struct hf_play_expectation *expectation)
{
    for (size_t i = 0; i < count; i++) {
        expectation->has_figure[i] = hf_play_fields_has(fields, keys[i]);
        expectation->figure[i] = hf_play_fields_integer(fields, keys[i], false);
    }
}

static void
parse_last_price(struct hf_play_fields *fields, struct hf_play_case *play_case,
                 struct hf_play_expectation *expectation)
{
    hf_play_fields_only(fields, "exp px");
    play_case->needs_fresh = true;
    expectation->has_price = !json_is_null(json_object_get(fields->object, "px"));
    if (expectation->has_price) {
        expectation->price = hf_play_fields_integer(fields, "px", true);
    }
}

void
hf_play_parse_expectation(struct hf_play_fields *fields, struct hf_play_case *play_case,
                          struct hf_play_expectation *expectation)
{
    static const char *const level_keys[] = {"bids", "asks", "stop_bids", "stop_asks"};
    static const char *const total_keys[] = {"bid", "ask"};
    expectation->kind = hf_play_fields_word(fields, "exp", true, kind_words);
    switch (expectation->kind) {
    case HF_PLAY_TRADES:
        parse_trades(fields, play_case, expectation);
        return;
    case HF_PLAY_BOOK:
    case HF_PLAY_TOP:
        parse_book(fields, play_case, expectation);
        return;
    case HF_PLAY_EVENT:
        parse_event(fields, play_case, expectation);
        return;
    case HF_PLAY_ORDER:
        parse_order(fields, play_case, expectation);
        return;
    case HF_PLAY_LEVELS:
        hf_play_fields_only(fields, "exp bids asks stop_bids stop_asks");
        parse_figures(fields, level_keys, HF_PLAY_FIGURES, expectation);
        return;
    case HF_PLAY_TOTALS:
        hf_play_fields_only(fields, "exp what bid ask");
        expectation->total = hf_play_fields_word(fields, "what", true, total_words);
        parse_figures(fields, total_keys, 2, expectation);
        return;
    case HF_PLAY_LAST_PRICE:
        parse_last_price(fields, play_case, expectation);
        return;
    }
}
