/* md_print.c - events, trades and books in words. */
#include "cli/md_print.h"

#include "cli/admin.h"
#include "cli/ladder.h"
#include "cli/report_print.h"
#include "cli/status_print.h"
#include "watch/catalog.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
#define TIME_BYTES 32u

static bool
is_of_an_order(const struct hf_market_event *event)
{
    return event->type >= HF_MARKET_ADD && event->type <= HF_MARKET_CANCEL;
}

/** Hours to microseconds of local time: a day's market data needs no date. */
static const char *
time_text(char text[TIME_BYTES], uint64_t time_ns)
{
    time_t seconds = (time_t)(time_ns / NS_PER_S);
    struct tm parts;
    char clock[16] = "--:--:--";
    if (localtime_r(&seconds, &parts) != NULL) {
        (void)strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
    }
    (void)snprintf(text, TIME_BYTES, "%s.%06" PRIu64, clock, time_ns % NS_PER_S / 1000);
    return text;
}

static void
print_name(FILE *file, uint32_t instrument, const char *symbol)
{
    if (symbol != NULL) {
        (void)fprintf(file, "%-8s ", symbol);
    } else if (instrument != 0) {
        (void)fprintf(file, "#%-7" PRIu32 " ", instrument);
    } else {
        (void)fprintf(file, "%-8s ", "");
    }
}

/* Trades */

bool
hf_md_trade_of(const struct hf_market_event *event, struct hf_md_trade *trade)
{
    bool single = event->type == HF_MARKET_EXECUTE && (event->flags & HF_MARKET_AUCTION) == 0;
    if (!single && event->type != HF_MARKET_UNCROSS) {
        return false;
    }
    *trade = (struct hf_md_trade){
        .number = event->number,
        .lsn = event->lsn,
        .trade_index = event->trade_index,
        .time_ns = event->time_ns,
        .price = event->price,
        .quantity = event->quantity,
        .instrument = event->instrument,
        .taker = (uint8_t)(!single                 ? 0
                           : event->side == HF_BUY ? HF_SELL
                                                   : HF_BUY),
    };
    return true;
}

void
hf_md_remember(struct hf_md_view *view, const struct hf_md_trade *trade)
{
    size_t kept = view->trade_count < HF_MD_TRADES ? view->trade_count : HF_MD_TRADES - 1;
    memmove(&view->trades[1], &view->trades[0], kept * sizeof(*trade));
    view->trades[0] = *trade;
    view->trade_count = kept + 1;
}

static void
print_trade(FILE *file, const struct hf_md_trade *trade)
{
    char time[TIME_BYTES];
    (void)fprintf(file, "%s  %12" PRIu64 " at %-12" PRId64, time_text(time, trade->time_ns),
                  trade->quantity, trade->price);
    if (trade->taker == 0) {
        (void)fprintf(file, " auction      ");
    } else {
        (void)fprintf(file, " %-4s took    ", hf_side_name(trade->taker));
    }
    (void)fprintf(file, " trade %" PRIu64 ".%" PRIu64, trade->lsn, trade->trade_index);
}

void
hf_md_print_trade(FILE *file, const struct hf_md_trade *trade, const char *symbol)
{
    print_name(file, trade->instrument, symbol);
    print_trade(file, trade);
    (void)fputc('\n', file);
}

/* Events */

static void
print_order_event(FILE *file, const struct hf_market_event *event)
{
    (void)fprintf(file, " %-4s %" PRIu64 " at %" PRId64 ", order %" PRIu64,
                  hf_side_name(event->side), event->quantity, event->price, event->order_id);
    if (event->type == HF_MARKET_EXECUTE) {
        (void)fprintf(file, ", trade %" PRIu64 ".%" PRIu64, event->lsn, event->trade_index);
    }
    (void)fprintf(file, "%s%s%s", (event->flags & HF_MARKET_AUCTION) != 0 ? ", auction" : "",
                  (event->flags & HF_MARKET_FRONT) != 0 ? ", in front" : "",
                  (event->flags & HF_MARKET_GONE) != 0 ? ", gone" : "");
}

void
hf_md_print_event(FILE *file, const struct hf_market_event *event, const char *symbol)
{
    char time[TIME_BYTES];
    (void)fprintf(file, "#%" PRIu64 " lsn %" PRIu64 " %s ", event->number, event->lsn,
                  time_text(time, event->time_ns));
    print_name(file, event->instrument, symbol);
    (void)fprintf(file, "%-8s", hf_market_type_name(event->type));
    if (is_of_an_order(event)) {
        print_order_event(file, event);
    } else if (event->type == HF_MARKET_PHASE) {
        (void)fprintf(file, " %s", hf_admin_word(hf_admin_phases, event->phase));
    } else if (event->type == HF_MARKET_UNCROSS) {
        (void)fprintf(file, " %" PRIu64 " at %" PRId64, event->quantity, event->price);
    } else if (event->type == HF_MARKET_REFERENCE) {
        (void)fprintf(file, " last price %" PRId64, event->price);
    } else if (event->type == HF_MARKET_BUST) {
        (void)fprintf(file, " trade %" PRIu64 ".%" PRIu64 ": now %" PRIu64 " at %" PRId64,
                      event->order_id, event->trade_index, event->quantity, event->price);
    }
    (void)fputc('\n', file);
}

static void
add_number(json_t *object, const char *key, uint64_t value)
{
    (void)json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void
add_flags(json_t *object, uint8_t flags)
{
    static const struct {
        const char *key;
        uint8_t flag;
    } known[] = {
        {"auction", HF_MARKET_AUCTION}, {"gone", HF_MARKET_GONE}, {"front", HF_MARKET_FRONT}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if ((flags & known[i].flag) != 0) {
            (void)json_object_set_new(object, known[i].key, json_true());
        }
    }
}

void
hf_md_print_event_json(FILE *file, const struct hf_market_event *event, const char *symbol)
{
    json_t *object = json_object();
    bool is_bust = event->type == HF_MARKET_BUST;
    bool is_trade = event->type == HF_MARKET_EXECUTE || is_bust;
    add_number(object, "number", event->number);
    add_number(object, "lsn", event->lsn);
    add_number(object, "time_ns", event->time_ns);
    (void)json_object_set_new(object, "event", json_string(hf_market_type_name(event->type)));
    if (event->instrument != 0) {
        add_number(object, "instrument", event->instrument);
    }
    if (symbol != NULL) {
        (void)json_object_set_new(object, "symbol", json_string(symbol));
    }
    if (is_of_an_order(event)) {
        (void)json_object_set_new(object, "side", json_string(hf_side_name(event->side)));
        add_number(object, "order_id", event->order_id);
    }
    if (is_of_an_order(event) || is_bust || event->type == HF_MARKET_UNCROSS) {
        (void)json_object_set_new(object, "price", json_integer((json_int_t)event->price));
        add_number(object, "quantity", event->quantity);
    }
    if (event->type == HF_MARKET_REFERENCE) {
        (void)json_object_set_new(object, "price", json_integer((json_int_t)event->price));
    }
    if (is_trade) {
        add_number(object, "trade_lsn", is_bust ? event->order_id : event->lsn);
        add_number(object, "trade_index", event->trade_index);
    }
    if (event->type == HF_MARKET_PHASE) {
        (void)json_object_set_new(object, "phase",
                                  json_string(hf_admin_word(hf_admin_phases, event->phase)));
    }
    add_flags(object, event->flags);
    hf_json_print_line(file, object);
}

void
hf_md_print_lapped(FILE *file, uint64_t missed, bool json)
{
    if (json) {
        hf_json_print_line(
            file, json_pack("{s:s, s:I}", "event", "lapped", "missed", (json_int_t)missed));
    } else {
        (void)fprintf(file, "-- lapped: %" PRIu64 " events were missed --\n", missed);
    }
}

/* Books */

static const char *
phase_text(const struct hf_md_view *view)
{
    return view->is_removed || view->book.phase == 0
               ? "removed"
               : hf_admin_word(hf_admin_phases, view->book.phase);
}

static void
print_last(FILE *file, const struct hf_md_view *view)
{
    if (view->book.has_last == 0) {
        (void)fprintf(file, "no trade yet");
    } else if (view->book.last_quantity == 0) {
        (void)fprintf(file, "last %" PRId64, view->book.last_price);
    } else {
        (void)fprintf(file, "last %" PRIu64 " at %" PRId64, view->book.last_quantity,
                      view->book.last_price);
    }
}

static void
print_head(FILE *file, const struct hf_md_view *view, const char *end)
{
    const struct hf_market_facts *facts = &view->facts;
    bool is_durable = view->book.lsn <= facts->durable_lsn;
    (void)fprintf(file, "%s (instrument %" PRIu32 ", tick %" PRId64 ", lot %" PRIu64 ")  %s  ",
                  view->info.symbol, view->info.id, view->info.tick, view->info.lot,
                  phase_text(view));
    print_last(file, view);
    (void)fprintf(file, "%s", end);
    (void)fprintf(file,
                  "%s %s  event %" PRIu64 "  lsn %" PRIu64 " (%s)  behind %" PRIu64
                  "  lapped %" PRIu64 "  joined %" PRIu64 "%s%s",
                  view->status.instance,
                  facts->connected != 0 ? hf_watch_state_name(view->status.state) : "no daemon",
                  facts->number, view->book.lsn, is_durable ? "durable" : "not durable yet",
                  facts->head - facts->number, facts->lapped, view->book.joins,
                  view->book.whole != 0 || view->is_removed ? "" : "  being rebuilt", end);
    (void)fprintf(file, "%s", end);
}

void
hf_md_print_view(FILE *file, const struct hf_md_view *view, size_t trades, const char *end)
{
    print_head(file, view, end);
    hf_cli_ladder_print(file, (struct hf_cli_side){view->bids, view->bid_count},
                        (struct hf_cli_side){view->asks, view->ask_count}, end);
    size_t count = trades < view->trade_count ? trades : view->trade_count;
    if (count != 0) {
        (void)fprintf(file, "%s", end);
    }
    for (size_t i = 0; i < count; i++) {
        print_trade(file, &view->trades[i]);
        (void)fprintf(file, "%s", end);
    }
}

void
hf_md_print_view_json(FILE *file, const struct hf_md_view *view)
{
    json_t *object = json_object();
    (void)json_object_set_new(object, "symbol", json_string(view->info.symbol));
    add_number(object, "instrument", view->info.id);
    (void)json_object_set_new(object, "phase", json_string(phase_text(view)));
    add_number(object, "number", view->facts.number);
    add_number(object, "lsn", view->book.lsn);
    add_number(object, "durable_lsn", view->facts.durable_lsn);
    add_number(object, "history", view->facts.history);
    add_number(object, "lapped", view->facts.lapped);
    if (view->book.has_last != 0) {
        (void)json_object_set_new(object, "last_price",
                                  json_integer((json_int_t)view->book.last_price));
    }
    (void)json_object_set_new(
        object, "bids", hf_cli_ladder_json((struct hf_cli_side){view->bids, view->bid_count}));
    (void)json_object_set_new(
        object, "asks", hf_cli_ladder_json((struct hf_cli_side){view->asks, view->ask_count}));
    hf_json_print_line(file, object);
}
