/* tale.c - what happened to an order, in words and as JSON (tale.h). */
#include "recover/tale.h"

#include "recover/put.h"
#include "recover/record_print.h"

#include "cli/report_print.h"

#include <holdfast/command.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>

/* In words */

static void
begin_line(const struct hf_tale *tale)
{
    char time[HF_TIME_TEXT_BYTES];
    hf_time_text(tale->time_ns, time);
    (void)printf("LSN %-8" PRIu64 " %s  ", tale->lsn, time);
}

static void
say_entered(const struct hf_tale *tale)
{
    (void)printf("Order %" PRIu64 ": %s %" PRIu64 " %s", tale->order, hf_side_name(tale->side),
                 tale->quantity, tale->symbol);
    if (tale->price != 0) {
        (void)printf(" at %" PRId64, tale->price);
    }
    (void)printf(" (%s, %s%s", hf_order_type_name(tale->order_type),
                 hf_time_in_force_name(tale->time_in_force), tale->post_only ? ", post-only" : "");
    if (tale->stop_price != 0) {
        (void)printf(", stop price %" PRId64, tale->stop_price);
    }
    if (tale->display != 0) {
        (void)printf(", shows %" PRIu64, tale->display);
    }
    (void)printf("), of session %s, its client order %" PRIu64 ", account %" PRIu32 "\n",
                 tale->session, tale->client_order_id, tale->account);
}

static void
say_found(const struct hf_tale *tale)
{
    (void)printf("Order %" PRIu64 ": %s %s, of session %s, its client order %" PRIu64
                 ", account %" PRIu32 "\n",
                 tale->order, hf_side_name(tale->side), tale->symbol, tale->session,
                 tale->client_order_id, tale->account);
    begin_line(tale);
    (void)printf("here a snapshot stands: %" PRIu64 " open at %" PRId64 "; it traded %" PRIu64
                 " before\n",
                 tale->quantity, tale->price, tale->traded);
}

static void
say_trigger(const struct hf_tale *tale)
{
    if (tale->has_last_price) {
        (void)printf("the last price is %" PRId64, tale->last_price);
    } else {
        (void)printf("there is no last price yet");
    }
    (void)printf(": one of %" PRId64 " or %s triggers it\n", tale->stop_price,
                 tale->side == HF_BUY ? "above" : "below");
}

static void
say_met(const struct hf_tale *tale)
{
    const char *word = tale->side == HF_BUY ? "offer" : "bid";
    if (tale->phase == 0) {
        (void)printf("there is no such instrument\n");
    } else if (tale->phase != HF_PHASE_OPEN) {
        (void)printf("the instrument is in phase %s: nothing is matched\n",
                     hf_phase_name(tale->phase));
    } else if (tale->waits) {
        say_trigger(tale);
    } else if (tale->orders == 0) {
        (void)printf("there is no %s to trade with\n", word);
    } else {
        (void)printf("the best %s is %" PRId64 " (%" PRIu64 " in %" PRIu32 " orders)", word,
                     tale->price, tale->quantity, tale->orders);
        if (tale->away != 0) {
            (void)printf(", %" PRIu64 " away from its price: it cannot trade with that",
                         tale->away);
        }
        (void)printf("\n");
    }
}

static void
say_asked(const struct hf_tale *tale)
{
    (void)printf("session %s asks to ", tale->session);
    if (tale->command == HF_COMMAND_CANCEL) {
        (void)printf("cancel it\n");
    } else if (tale->command == HF_COMMAND_REDUCE) {
        (void)printf("reduce it by %" PRIu64 "\n", tale->quantity);
    } else {
        (void)printf("replace it: %" PRIu64 " in all at %" PRId64 ", as client order %" PRIu64 "\n",
                     tale->quantity, tale->price, tale->client_order_id);
    }
}

static void
say_traded(const struct hf_tale *tale)
{
    (void)printf("trades %" PRIu64 " at %" PRId64 ", %s, with order %" PRIu64, tale->quantity,
                 tale->price, tale->means, tale->other_order);
    if (tale->other_session != NULL) {
        (void)printf(" of session %s (client order %" PRIu64 ")", tale->other_session,
                     tale->other_client_order_id);
    }
    (void)printf("; %" PRIu64 " left; trade %" PRIu64 ".%" PRIu32 "\n", tale->leaves,
                 tale->trade_lsn, tale->trade_index);
}

static void
say_busted(const struct hf_tale *tale)
{
    (void)printf("trade %" PRIu64 ".%" PRIu32 " is %s", tale->trade_lsn, tale->trade_index,
                 tale->quantity == 0 ? "void\n" : "corrected");
    if (tale->quantity != 0) {
        (void)printf(": %" PRIu64 " at %" PRId64 "\n", tale->quantity, tale->price);
    }
}

static void
say_changed(const struct hf_tale *tale)
{
    switch (tale->event) {
    case HF_TALE_REPLACED:
        (void)printf("replaced: %" PRIu64 " open at %" PRId64 ", as client order %" PRIu64 "\n",
                     tale->quantity, tale->price, tale->client_order_id);
        break;
    case HF_TALE_REDUCED:
        (void)printf("reduced: %" PRIu64 " open, its place is kept\n", tale->quantity);
        break;
    case HF_TALE_TRIGGERED:
        (void)printf("triggered: %" PRIu64 " enter the book\n", tale->quantity);
        break;
    default:
        (void)printf("cancelled, %" PRIu64 " were open: %s (%s)\n", tale->quantity,
                     hf_reason_text(tale->reason), hf_reason_name(tale->reason));
        break;
    }
}

static void
say_place(const struct hf_tale *tale)
{
    (void)printf("             ");
    if (tale->event == HF_TALE_WAITS) {
        (void)printf("it waits for a last price at or through %" PRId64 ", behind %" PRIu32
                     " others\n",
                     tale->price, tale->orders_before);
        return;
    }
    (void)printf("it rests with %" PRIu64 " at %" PRId64 ", ", tale->quantity, tale->price);
    if (tale->orders_before == 0) {
        (void)printf("first in the queue\n");
    } else {
        (void)printf("behind %" PRIu32 " orders that show %" PRIu64 "\n", tale->orders_before,
                     tale->quantity_before);
    }
}

static void
say_sum(const struct hf_tale *tale)
{
    if (tale->event == HF_TALE_ENDED) {
        (void)printf("It has ended");
    } else {
        (void)printf("It is open at the end of the log, LSN %" PRIu64, tale->lsn);
    }
    (void)printf("; it traded %" PRIu64, tale->traded);
    if (tale->traded_before != 0) {
        (void)printf(", %" PRIu64 " of that before the log begins, and the rest",
                     tale->traded_before);
    }
    (void)printf(" in %" PRIu64 " trades\n", tale->trades);
}

void
hf_tale_print_words(const struct hf_tale *tale)
{
    switch (tale->event) {
    case HF_TALE_ENTERED:
        say_entered(tale);
        return;
    case HF_TALE_RETURNED:
        (void)printf("Order %" PRIu64 ", of session %s, its client order %" PRIu64 "\n",
                     tale->order, tale->session, tale->client_order_id);
        return;
    case HF_TALE_FOUND:
        say_found(tale);
        return;
    case HF_TALE_RESTS:
    case HF_TALE_WAITS:
        say_place(tale);
        return;
    case HF_TALE_ENDED:
    case HF_TALE_OPEN:
        say_sum(tale);
        return;
    default:
        begin_line(tale);
        break;
    }
    switch (tale->event) {
    case HF_TALE_MET:
        say_met(tale);
        break;
    case HF_TALE_ASKED:
        say_asked(tale);
        break;
    case HF_TALE_ACCEPTED:
        (void)printf("accepted\n");
        break;
    case HF_TALE_REJECTED:
        (void)printf("refused: %s (%s)\n", hf_reason_text(tale->reason),
                     hf_reason_name(tale->reason));
        break;
    case HF_TALE_TRADED:
        say_traded(tale);
        break;
    case HF_TALE_BUSTED:
        say_busted(tale);
        break;
    default:
        say_changed(tale);
        break;
    }
}

/* As JSON */

static const char *
event_name(enum hf_tale_event event)
{
    static const char *const names[] = {[HF_TALE_ENTERED] = "entered",
                                        [HF_TALE_RETURNED] = "returned",
                                        [HF_TALE_FOUND] = "found",
                                        [HF_TALE_MET] = "met",
                                        [HF_TALE_ASKED] = "asked",
                                        [HF_TALE_ACCEPTED] = "accepted",
                                        [HF_TALE_REJECTED] = "rejected",
                                        [HF_TALE_TRADED] = "traded",
                                        [HF_TALE_BUSTED] = "busted",
                                        [HF_TALE_REPLACED] = "replaced",
                                        [HF_TALE_REDUCED] = "reduced",
                                        [HF_TALE_TRIGGERED] = "triggered",
                                        [HF_TALE_CANCELLED] = "cancelled",
                                        [HF_TALE_RESTS] = "rests",
                                        [HF_TALE_WAITS] = "waits",
                                        [HF_TALE_ENDED] = "ended",
                                        [HF_TALE_OPEN] = "open"};
    return names[event];
}

static void
put_owner(json_t *object, const struct hf_tale *tale)
{
    put(object, "order", tale->order);
    put_text(object, "session", tale->session);
    put(object, "client_order_id", tale->client_order_id);
}

static void
put_entered(json_t *object, const struct hf_tale *tale)
{
    put_owner(object, tale);
    put(object, "account", tale->account);
    put_text(object, "instrument", tale->symbol);
    put_text(object, "side", hf_side_name(tale->side));
    put(object, "quantity", tale->quantity);
    put_price(object, "price", tale->price);
    if (tale->event == HF_TALE_FOUND) {
        put(object, "traded", tale->traded);
        return;
    }
    put_text(object, "order_type", hf_order_type_name(tale->order_type));
    put_text(object, "time_in_force", hf_time_in_force_name(tale->time_in_force));
    (void)json_object_set_new(object, "post_only", json_boolean(tale->post_only));
    put_price(object, "stop_price", tale->stop_price);
    put(object, "display", tale->display);
}

static void
put_met(json_t *object, const struct hf_tale *tale)
{
    put_text(object, "phase", tale->phase == 0 ? NULL : hf_phase_name(tale->phase));
    if (tale->waits) {
        put_price(object, "stop_price", tale->stop_price);
    }
    if (tale->waits && tale->has_last_price) {
        put_price(object, "last_price", tale->last_price);
    }
    if (tale->orders != 0) {
        put_price(object, "best_price", tale->price);
        put(object, "quantity", tale->quantity);
        put(object, "orders", tale->orders);
        put(object, "away", tale->away);
    }
}

static void
put_asked(json_t *object, const struct hf_tale *tale)
{
    put_text(object, "session", tale->session);
    put_text(object, "command", hf_command_type_name(tale->command));
    if (tale->command != HF_COMMAND_CANCEL) {
        put(object, "quantity", tale->quantity);
    }
    if (tale->command == HF_COMMAND_REPLACE) {
        put_price(object, "price", tale->price);
        put(object, "client_order_id", tale->client_order_id);
    }
}

static void
put_trade(json_t *object, const struct hf_tale *tale)
{
    put(object, "trade_lsn", tale->trade_lsn);
    put(object, "trade_index", tale->trade_index);
    put(object, "quantity", tale->quantity);
    put_price(object, "price", tale->price);
    if (tale->event == HF_TALE_TRADED) {
        put_text(object, "means", tale->means);
        put(object, "leaves", tale->leaves);
        put(object, "other_order", tale->other_order);
        put_text(object, "other_session", tale->other_session);
        put(object, "other_client_order_id", tale->other_client_order_id);
    }
}

static void
put_place(json_t *object, const struct hf_tale *tale)
{
    put(object, "quantity", tale->quantity);
    put_price(object, "price", tale->price);
    put(object, "orders_before", tale->orders_before);
    put(object, "quantity_before", tale->quantity_before);
}

static void
put_fields(json_t *object, const struct hf_tale *tale)
{
    switch (tale->event) {
    case HF_TALE_ENTERED:
    case HF_TALE_FOUND:
        put_entered(object, tale);
        break;
    case HF_TALE_RETURNED:
        put_owner(object, tale);
        break;
    case HF_TALE_MET:
        put_met(object, tale);
        break;
    case HF_TALE_ASKED:
        put_asked(object, tale);
        break;
    case HF_TALE_ACCEPTED:
        break;
    case HF_TALE_REJECTED:
        put_text(object, "reason", hf_reason_name(tale->reason));
        break;
    case HF_TALE_TRADED:
    case HF_TALE_BUSTED:
        put_trade(object, tale);
        break;
    case HF_TALE_RESTS:
    case HF_TALE_WAITS:
        put_place(object, tale);
        break;
    case HF_TALE_ENDED:
    case HF_TALE_OPEN:
        put(object, "traded", tale->traded);
        put(object, "traded_before", tale->traded_before);
        put(object, "trades", tale->trades);
        break;
    default:
        put(object, "quantity", tale->quantity);
        if (tale->event == HF_TALE_REPLACED) {
            put_price(object, "price", tale->price);
            put(object, "client_order_id", tale->client_order_id);
        } else if (tale->event == HF_TALE_CANCELLED) {
            put_text(object, "reason", hf_reason_name(tale->reason));
        }
        break;
    }
}

void
hf_tale_print_json(const struct hf_tale *tale)
{
    char time[HF_TIME_TEXT_BYTES];
    hf_time_text(tale->time_ns, time);
    json_t *object = json_pack("{s:s, s:I, s:s}", "event", event_name(tale->event), "lsn",
                               (json_int_t)tale->lsn, "time", time);
    put_fields(object, tale);
    hf_json_print_line(stdout, object);
}
