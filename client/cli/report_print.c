/* report_print.c - a report in words, or as one JSON object. */
#include "cli/report_print.h"

#include <holdfast/command.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <string.h>

/* Which part an order had in its trade. */
static const char *
liquidity_name(const struct hf_report *report)
{
    if ((report->flags & HF_REPORT_AUCTION) != 0) {
        return "auction";
    }
    return (report->flags & HF_REPORT_MAKER) != 0 ? "maker" : "taker";
}

/* In words */

static void
print_fill(FILE *file, const struct hf_report *report)
{
    (void)fprintf(file,
                  "%s %" PRIu64 " at %" PRId64 " as %s, %" PRIu64 " still open, trade %" PRIu64
                  ".%" PRIu32,
                  hf_side_name(report->side), report->quantity, report->price,
                  liquidity_name(report), report->leaves, report->lsn, report->trade_index);
}

static void
print_order(FILE *file, const struct hf_report *report, const struct hf_report_more *more)
{
    (void)fprintf(file, "%s %" PRIu64 " open at %" PRId64, hf_side_name(report->side),
                  report->quantity, report->price);
    if (more == NULL) {
        return;
    }
    (void)fprintf(file, ", %" PRIu64 " in all, %" PRIu64 " traded, order %" PRIu64, more->total,
                  more->executed, more->order_id);
    if (report->type == HF_REPORT_REPLACED) {
        (void)fprintf(file, ", was client id %" PRIu64, more->previous_client_order_id);
    }
    if (more->stop_price != 0) {
        (void)fprintf(file, ", waits for %" PRId64, more->stop_price);
    }
}

static void
print_busted(FILE *file, const struct hf_report *report)
{
    (void)fprintf(file, "trade %" PRIu64 ".%" PRIu32, report->trade_lsn, report->trade_index);
    if (report->quantity == 0) {
        (void)fprintf(file, " is void");
    } else {
        (void)fprintf(file, " counts as %" PRIu64 " at %" PRId64, report->quantity, report->price);
    }
}

static void
print_details(FILE *file, const struct hf_report *report, const struct hf_report_more *more)
{
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
        (void)fprintf(file, "%s %" PRIu64 " at %" PRId64 ", order %" PRIu64,
                      hf_side_name(report->side), report->quantity, report->price, report->lsn);
        break;
    case HF_REPORT_REJECTED:
        (void)fprintf(file, "%s refused: %s (%s)", hf_command_type_name(report->command_type),
                      hf_reason_text(report->reason), hf_reason_name(report->reason));
        break;
    case HF_REPORT_FILL:
        print_fill(file, report);
        break;
    case HF_REPORT_CANCELLED:
        (void)fprintf(file, "%s %" PRIu64 " taken out, order %" PRIu64 ": %s",
                      hf_side_name(report->side), report->quantity, report->order_id,
                      hf_reason_text(report->reason));
        break;
    case HF_REPORT_REPLACED:
    case HF_REPORT_ORDER:
        print_order(file, report, more);
        break;
    case HF_REPORT_REDUCED:
    case HF_REPORT_TRIGGERED:
        (void)fprintf(file, "%s %" PRIu64 " open, order %" PRIu64, hf_side_name(report->side),
                      report->quantity, report->order_id);
        break;
    case HF_REPORT_DONE:
        (void)fprintf(file, "%s, %" PRIu64 " orders", hf_command_type_name(report->command_type),
                      report->quantity);
        if (report->instrument != 0) {
            (void)fprintf(file, ", instrument %" PRIu32, report->instrument);
        }
        if (report->order_id != 0) {
            (void)fprintf(file, ", more behind order %" PRIu64, report->order_id);
        }
        break;
    case HF_REPORT_BUSTED:
        print_busted(file, report);
        break;
    default:
        (void)fprintf(file, "report of type %u", report->type);
        break;
    }
}

static void
print_head(FILE *file, const struct hf_report *report)
{
    (void)fprintf(file, "#%" PRIu64 " %s: client id %" PRIu64 ", ", report->number,
                  hf_report_type_name(report->type), report->client_order_id);
}

static void
print_tail(FILE *file, const struct hf_report *report)
{
    (void)fprintf(file, "  (LSN %" PRIu64 ")\n", report->lsn);
}

void
hf_report_print(FILE *file, const struct hf_report *report, const struct hf_report_more *more)
{
    print_head(file, report);
    print_details(file, report, more);
    print_tail(file, report);
}

/* Acceptances, with the order that was accepted */

static bool
is_stop(const struct hf_command *order)
{
    return order->order_type == HF_STOP || order->order_type == HF_STOP_LIMIT;
}

/** Such an order has a second slot. */
static int64_t
stop_price(const struct hf_command *order)
{
    struct hf_command_more more;
    memcpy(&more, &order[1], sizeof(more));
    return more.stop_price;
}

void
hf_report_print_accepted(FILE *file, const struct hf_report *report, const struct hf_command *order)
{
    bool limited = order->order_type == HF_LIMIT || order->order_type == HF_STOP_LIMIT;
    print_head(file, report);
    (void)fprintf(file, "%s %" PRIu64, hf_side_name(report->side), report->quantity);
    if (limited) {
        (void)fprintf(file, " at %" PRId64, report->price);
    } else {
        (void)fprintf(file, " at the market");
    }
    (void)fprintf(file, ", order %" PRIu64, report->lsn);
    if (is_stop(order)) {
        (void)fprintf(file, ", waits for %" PRId64, stop_price(order));
    }
    print_tail(file, report);
}

/* As JSON */

json_t *
hf_json_unsigned(uint64_t value)
{
    char digits[24];
    if (value <= INT64_MAX) {
        return json_integer((json_int_t)value);
    }
    (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
    return json_string(digits);
}

static void
set_unsigned(json_t *object, const char *key, uint64_t value)
{
    (void)json_object_set_new(object, key, hf_json_unsigned(value));
}

static void
set_text(json_t *object, const char *key, const char *value)
{
    (void)json_object_set_new(object, key, json_string(value));
}

static void
set_price(json_t *object, const struct hf_report *report)
{
    (void)json_object_set_new(object, "price", json_integer((json_int_t)report->price));
}

static void
set_reason(json_t *object, const struct hf_report *report)
{
    set_unsigned(object, "reason", report->reason);
    set_text(object, "reason_name", hf_reason_name(report->reason));
    set_text(object, "reason_text", hf_reason_text(report->reason));
}

static void
set_more(json_t *object, const struct hf_report_more *more)
{
    if (more != NULL) {
        set_unsigned(object, "order_id", more->order_id);
        if (more->previous_client_order_id != 0) {
            set_unsigned(object, "previous_client_order_id", more->previous_client_order_id);
        }
        set_unsigned(object, "total", more->total);
        set_unsigned(object, "executed", more->executed);
        if (more->stop_price != 0) {
            (void)json_object_set_new(object, "stop_price",
                                      json_integer((json_int_t)more->stop_price));
        }
    }
}

static void
set_fill(json_t *object, const struct hf_report *report)
{
    set_text(object, "liquidity", liquidity_name(report));
    set_unsigned(object, "trade_index", report->trade_index);
    set_unsigned(object, "quantity", report->quantity);
    set_unsigned(object, "leaves", report->leaves);
    set_price(object, report);
}

static void
set_details(json_t *object, const struct hf_report *report, const struct hf_report_more *more)
{
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
        set_unsigned(object, "instrument", report->instrument);
        set_unsigned(object, "order_id", report->lsn);
        set_unsigned(object, "quantity", report->quantity);
        set_price(object, report);
        break;
    case HF_REPORT_REJECTED:
        set_text(object, "command", hf_command_type_name(report->command_type));
        set_reason(object, report);
        break;
    case HF_REPORT_FILL:
        set_fill(object, report);
        break;
    case HF_REPORT_CANCELLED:
        set_unsigned(object, "order_id", report->order_id);
        set_unsigned(object, "quantity", report->quantity);
        set_reason(object, report);
        break;
    case HF_REPORT_REPLACED:
    case HF_REPORT_ORDER:
        set_unsigned(object, "instrument", report->instrument);
        set_unsigned(object, "open", report->quantity);
        set_price(object, report);
        set_more(object, more);
        break;
    case HF_REPORT_REDUCED:
    case HF_REPORT_TRIGGERED:
        set_unsigned(object, "instrument", report->instrument);
        set_unsigned(object, "order_id", report->order_id);
        set_unsigned(object, "open", report->quantity);
        break;
    case HF_REPORT_DONE:
        set_text(object, "command", hf_command_type_name(report->command_type));
        set_unsigned(object, "instrument", report->instrument);
        set_unsigned(object, "orders", report->quantity);
        if (report->order_id != 0) {
            set_unsigned(object, "more_behind_order_id", report->order_id);
        }
        break;
    case HF_REPORT_BUSTED:
        set_unsigned(object, "trade_lsn", report->trade_lsn);
        set_unsigned(object, "trade_index", report->trade_index);
        set_unsigned(object, "quantity", report->quantity);
        set_price(object, report);
        break;
    default:
        break;
    }
}

json_t *
hf_report_json(const struct hf_report *report, const struct hf_report_more *more)
{
    json_t *object = json_object();
    if (object == NULL) {
        return NULL;
    }
    set_text(object, "type", hf_report_type_name(report->type));
    set_unsigned(object, "number", report->number);
    set_unsigned(object, "lsn", report->lsn);
    set_unsigned(object, "time_ns", report->time_ns);
    set_unsigned(object, "client_order_id", report->client_order_id);
    if (report->side != HF_SIDE_NONE) {
        set_text(object, "side", hf_side_name(report->side));
    }
    if (report->type != HF_REPORT_FILL && report->type != HF_REPORT_BUSTED) {
        set_unsigned(object, "command_seq", report->command_seq);
    }
    set_details(object, report, more);
    return object;
}

json_t *
hf_report_accepted_json(const struct hf_report *report, const struct hf_command *order)
{
    json_t *object = hf_report_json(report, NULL);
    if (object != NULL && is_stop(order)) {
        (void)json_object_set_new(object, "stop_price",
                                  json_integer((json_int_t)stop_price(order)));
    }
    return object;
}

/* Copies */

/** What the second slot of the original says; of one slot, nothing is looked at. */
static struct hf_report_more
more_of_copy(const struct hf_report_copy *copy)
{
    return (struct hf_report_more){.number = copy->number,
                                   .type = HF_REPORT_MORE,
                                   .order_id = copy->order_id,
                                   .previous_client_order_id = copy->previous_client_order_id,
                                   .total = copy->total,
                                   .executed = copy->executed,
                                   .stop_price = copy->stop_price};
}

void
hf_report_print_copy(FILE *file, const struct hf_report *report, const struct hf_report_copy *copy)
{
    struct hf_report_more more = more_of_copy(copy);
    (void)fprintf(file, "copy of session %" PRIu32 " #%" PRIu64 ": ", copy->session,
                  copy->original_number);
    hf_report_print(file, report, &more);
}

json_t *
hf_report_copy_json(const struct hf_report *report, const struct hf_report_copy *copy)
{
    struct hf_report_more more = more_of_copy(copy);
    json_t *object = hf_report_json(report, &more);
    if (object != NULL) {
        set_unsigned(object, "copy_of_session", copy->session);
        set_unsigned(object, "copy_of_number", copy->original_number);
    }
    return object;
}

void
hf_json_print_line(FILE *file, json_t *object)
{
    if (object != NULL) {
        (void)json_dumpf(object, file, JSON_COMPACT | JSON_REAL_PRECISION(10));
        (void)fputc('\n', file);
        json_decref(object);
    }
}
