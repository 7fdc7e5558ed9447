/*
 * names.c - what people read when a difference was found.
 */
#include "model/names.h"

#include <inttypes.h>
#include <string.h>

/** The entry of a table of names; "?" where there is none. */
static const char *
entry(const char *const *names, size_t count, size_t index)
{
    return index < count && names[index] != NULL ? names[index] : "?";
}

#define NAME(names, index) entry(names, sizeof(names) / sizeof((names)[0]), index)

const char *
name_of_command(uint8_t type)
{
    static const char *const texts[] = {
        [HF_COMMAND_NEW] = "NEW",
        [HF_COMMAND_CANCEL] = "CANCEL",
        [HF_COMMAND_REPLACE] = "REPLACE",
        [HF_COMMAND_REDUCE] = "REDUCE",
        [HF_COMMAND_MASS_CANCEL] = "MASS_CANCEL",
        [HF_COMMAND_OPEN_ORDERS] = "OPEN_ORDERS",
        [HF_COMMAND_INSTRUMENT_ADD] = "INSTRUMENT_ADD",
        [HF_COMMAND_INSTRUMENT_CHANGE] = "INSTRUMENT_CHANGE",
        [HF_COMMAND_INSTRUMENT_REMOVE] = "INSTRUMENT_REMOVE",
        [HF_COMMAND_INSTRUMENT_LIMITS] = "INSTRUMENT_LIMITS",
        [HF_COMMAND_PHASE] = "PHASE",
        [HF_COMMAND_ACCOUNT] = "ACCOUNT",
        [HF_COMMAND_SESSION_LIMITS] = "SESSION_LIMITS",
        [HF_COMMAND_ENTITLE] = "ENTITLE",
        [HF_COMMAND_SESSION_END] = "SESSION_END",
        [HF_COMMAND_BUST] = "BUST",
        [HF_COMMAND_REFERENCE] = "REFERENCE",
        [HF_RECORD_GENESIS] = "genesis",
        [HF_RECORD_EPOCH] = "epoch",
        [HF_RECORD_OPEN] = "open",
        [HF_RECORD_CONNECT] = "connect",
        [HF_RECORD_DISCONNECT] = "disconnect",
        [HF_RECORD_CLOSE] = "close",
        [HF_RECORD_REFUSED] = "refused",
        [HF_RECORD_DIGEST] = "digest",
        [HF_RECORD_STOP] = "stop",
        [HF_RECORD_TICK] = "tick",
        [HF_RECORD_LOST] = "lost",
    };
    return NAME(texts, type);
}

const char *
name_of_report(uint8_t type)
{
    static const char *const texts[] = {
        [HF_REPORT_ACCEPTED] = "ACCEPTED",   [HF_REPORT_REJECTED] = "REJECTED",
        [HF_REPORT_FILL] = "FILL",           [HF_REPORT_CANCELLED] = "CANCELLED",
        [HF_REPORT_REPLACED] = "REPLACED",   [HF_REPORT_REDUCED] = "REDUCED",
        [HF_REPORT_TRIGGERED] = "TRIGGERED", [HF_REPORT_ORDER] = "ORDER",
        [HF_REPORT_DONE] = "DONE",           [HF_REPORT_BUSTED] = "BUSTED",
        [HF_REPORT_COPY] = "(copy)",         [HF_REPORT_MORE] = "(more)",
    };
    return NAME(texts, type);
}

const char *
name_of_event(uint8_t type)
{
    static const char *const texts[] = {
        [HF_MARKET_ADD] = "ADD",
        [HF_MARKET_EXECUTE] = "EXECUTE",
        [HF_MARKET_REDUCE] = "REDUCE",
        [HF_MARKET_CANCEL] = "CANCEL",
        [HF_MARKET_PHASE] = "PHASE",
        [HF_MARKET_UNCROSS] = "UNCROSS",
        [HF_MARKET_BUST] = "BUST",
        [HF_MARKET_INSTRUMENT] = "INSTRUMENT",
        [HF_MARKET_REFERENCE] = "REFERENCE",
    };
    return NAME(texts, type);
}

static const char *
name_of_side(uint8_t side)
{
    static const char *const texts[] = {"-", "buy", "sell"};
    return NAME(texts, side);
}

static void
print_new(FILE *file, const struct hf_record *record, const struct hf_command_more *more)
{
    static const char *const types[] = {"?", "limit", "market", "stop", "stop-limit", "to-limit"};
    static const char *const times[] = {"?", "gtc", "ioc", "fok", "day", "gtd"};
    fprintf(file,
            "%s %s %s instrument %u account %u id %" PRIu64 " price %" PRId64 " quantity %" PRIu64
            "%s",
            name_of_side(record->side), NAME(types, record->order_type),
            NAME(times, record->time_in_force), record->instrument, record->account,
            record->client_order_id, record->price, record->quantity,
            (record->flags & HF_POST_ONLY) != 0 ? " post-only" : "");
    if (record->slots == 2) {
        fprintf(file, " display %" PRIu64 " stop %" PRId64 " minimum %" PRIu64 " expires %" PRIu64,
                more->display, more->stop_price, more->minimum, more->expire_ns);
    }
}

static void
print_instrument(FILE *file, const struct hf_record *record, const struct hf_record *more)
{
    fprintf(file,
            "sets %u id %u %.16s phase %u flags %u tick %" PRId64 " lot %" PRIu64 " band %" PRId64
            "..%" PRId64 " maximum %" PRIu64,
            record->sets, record->instrument_add.id, record->instrument_add.symbol,
            record->order_type, record->instrument_add.flags, record->instrument_add.tick,
            more->instrument_more.lot, more->instrument_more.price_min,
            more->instrument_more.price_max, more->instrument_more.quantity_max);
}

static void
print_bust(FILE *file, const struct hf_command *command, const struct hf_command_more *more)
{
    fprintf(file,
            "flags %u trade %" PRIu64 ".%" PRIu64 " price %" PRId64 " quantity %" PRIu64
            " sessions %" PRIu64 " %" PRIu64 " ids %" PRIu64 " %" PRIu64,
            command->flags, command->trade_lsn, command->trade_index, command->trade_price,
            command->trade_quantity, more->session_id[0], more->session_id[1],
            more->trade_client_id[0], more->trade_client_id[1]);
}

static void
print_by_type(FILE *file, const struct step *step)
{
    const struct hf_record *record = &step->record;
    const struct hf_command *command = (const void *)record;
    switch (record->type) {
    case HF_COMMAND_NEW:
        print_new(file, record, (const void *)&step->more);
        break;
    case HF_COMMAND_REPLACE:
        fprintf(file, "id %" PRIu64 " now %" PRIu64 " price %" PRId64 " total %" PRIu64,
                record->target_client_order_id, record->client_order_id, record->price,
                record->quantity);
        break;
    case HF_COMMAND_INSTRUMENT_ADD:
    case HF_COMMAND_INSTRUMENT_CHANGE:
        print_instrument(file, record, &step->more);
        break;
    case HF_COMMAND_SESSION_LIMITS:
    case HF_COMMAND_ENTITLE:
        fprintf(file, "%.24s kind %u flags %u sets %u value %u rate %u", command->session_name,
                command->order_type, command->flags, command->sets, command->value, command->rate);
        break;
    case HF_COMMAND_BUST:
        print_bust(file, command, (const void *)&step->more);
        break;
    case HF_RECORD_OPEN:
    case HF_RECORD_CONNECT:
        fprintf(file, "%.24s user %u flags %u", record->open.name, record->open.uid,
                record->open.flags);
        break;
    case HF_RECORD_EPOCH:
        fprintf(file, "%" PRIu64 " boot %" PRIu64 " grace %u%s", record->epoch.epoch,
                record->epoch.boot, record->epoch.grace_ms,
                (record->flags & HF_EPOCH_HALTS) != 0 ? " halts" : "");
        break;
    case HF_RECORD_TICK:
    case HF_RECORD_LOST:
    case HF_RECORD_DISCONNECT:
    case HF_RECORD_CLOSE:
        break;
    default:
        fprintf(file,
                "instrument %u account %u id %" PRIu64 " price %" PRId64 " quantity %" PRIu64
                " side %u kind %u flags %u sets %u",
                record->instrument, record->account, record->client_order_id, record->price,
                record->quantity, record->side, record->order_type, record->flags, record->sets);
    }
}

void
print_step(FILE *file, const struct step *step, size_t number)
{
    fprintf(file, "%5zu  time %.9f  session %u  %s ", number, (double)step->record.time_ns / 1e9,
            step->record.session, name_of_command(step->record.type));
    print_by_type(file, step);
    if (step->references[STEP_ORDER_ID] != 0) {
        fprintf(file, " (order of step %u)", step->references[STEP_ORDER_ID] - 1);
    }
    if (step->disk_is_low) {
        fprintf(file, " (disk is low)");
    }
    if (step->reserved[0] != 0 || step->reserved[1] != 0) {
        fprintf(file, " (reserved bytes set)");
    }
    fputc('\n', file);
}

void
print_limits(FILE *file, const struct hf_engine_limits *limits)
{
    fprintf(file,
            "limits: sessions %u instruments %u orders %u levels %u session's orders %u extras %u"
            " accounts %u entitlements %u\n",
            limits->sessions_max, limits->instruments_max, limits->orders_max, limits->levels_max,
            limits->session_orders_max, limits->extras_max, limits->accounts_max,
            limits->entitlements_max);
}

static void
print_more(FILE *file, const struct hf_report_more *more)
{
    fprintf(file,
            "order %" PRIu64 " was %" PRIu64 " total %" PRIu64 " executed %" PRIu64 " stop %" PRId64
            "\n",
            more->order_id, more->previous_client_order_id, more->total, more->executed,
            more->stop_price);
}

void
print_slots(FILE *file, const struct model_slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct hf_report *report = &slots[i].report;
        bool has_reason = report->type == HF_REPORT_REJECTED || report->type == HF_REPORT_CANCELLED;
        fprintf(file, "    to %u: %" PRIu64 " %s ", slots[i].session, report->number,
                name_of_report(report->type));
        if (report->type == HF_REPORT_MORE) {
            print_more(file, (const void *)report);
            continue;
        }
        fprintf(file,
                "%s flags %u %s %u id %" PRIu64 " price/order %" PRId64 " quantity %" PRIu64
                " leaves/seq %" PRIu64 " lsn %" PRIu64 "\n",
                name_of_side(report->side), report->flags,
                has_reason ? hf_reason_name(report->reason) : "detail", report->reason,
                report->client_order_id, report->price, report->quantity, report->leaves,
                report->lsn);
    }
}

void
print_events(FILE *file, const struct hf_market_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct hf_market_event *event = &events[i];
        fprintf(file,
                "    event %" PRIu64 " %s %s phase %u flags %u instrument %u order %" PRIu64
                " price %" PRId64 " quantity %" PRIu64 " index %" PRIu64 " lsn %" PRIu64 "\n",
                event->number, name_of_event(event->type), name_of_side(event->side), event->phase,
                event->flags, event->instrument, event->order_id, event->price, event->quantity,
                event->trade_index, event->lsn);
    }
}
