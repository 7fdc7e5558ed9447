/*
 * explain.c - holdfast-recover explain: the life of one order, in words.
 *
 * The log is replayed. Of each record the reports and the executions of resting orders are gathered, and
 * those that concern the order are told once the record is applied: only then it is known who was on the
 * other side of a trade, and where in the queue the order stands.
 */
#include "recover/look.h"
#include "recover/record_print.h"
#include "recover/tool.h"

#include "cli/report_print.h"
#include "recovery/replay.h"
#include "recovery/scan.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct arguments {
    const char *directory;
    uint64_t order;
};

static const char doc[] =
    "Tell the life of order ID from the log in DIRECTORY: who entered it, when and at which LSN, "
    "what it "
    "met, its place in the queue, each trade with the order on its other side, each change, why it "
    "was "
    "refused or did not trade, and how it ended. An order's id is the LSN of the command that "
    "entered "
    "it.\v"
    "Example:  holdfast-recover explain /var/lib/holdfast/holdfast 4711\n\n" HF_RECOVER_EXIT_CODES;

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num == 0) {
            arguments->directory = argument;
        } else if (state->arg_num == 1) {
            arguments->order = hf_recover_number(state, "ID", argument, 1);
        } else {
            argp_error(state, "a DIRECTORY and an ID only");
        }
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 2) {
            argp_error(state, "a DIRECTORY and the ID of an order are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp explain_argp = {.parser = parse, .args_doc = "DIRECTORY ID", .doc = doc};

/** A report that a record caused. */
struct told {
    struct hf_report report;
    struct hf_report_more more;
    uint32_t session;
    uint64_t taker; /**< the order that was taking then */
    char name[HF_NAME_BYTES];
};

/** A resting order that a record executed. */
struct executed {
    uint64_t order;
    uint64_t trade_index;
};

struct trade {
    uint64_t lsn;
    uint64_t index;
};

struct story {
    uint64_t order;
    struct hf_replay replay;
    struct hf_recover_progress progress;
    bool found; /**< a command that enters an order has this LSN */
    bool ended;
    bool failed; /**< no memory */
    uint32_t session;
    uint64_t client_order_id; /**< replaces change it */
    uint64_t traded;
    /* of the record at hand */
    struct told *reports;
    size_t report_count;
    size_t report_capacity;
    struct executed *executions;
    size_t execution_count;
    size_t execution_capacity;
    uint64_t taker;
    /* of the order */
    struct trade *trades;
    size_t trade_count;
    size_t trade_capacity;
};

/** Room for one more element. @return NULL: no memory */
static void *
grow(struct story *story, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return array;
    }
    size_t wanted = *capacity == 0 ? 64 : 2 * *capacity;
    void *grown = realloc(array, wanted * size);
    if (grown == NULL) {
        story->failed = true;
        return array;
    }
    *capacity = wanted;
    return grown;
}

/* Gathering */

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct story *story = context;
    story->reports = grow(story, story->reports, story->report_count, &story->report_capacity,
                          sizeof(*story->reports));
    if (story->failed) {
        return;
    }
    struct told *told = &story->reports[story->report_count++];
    *told = (struct told){.report = *report, .session = session};
    if (report->slots == 2) {
        memcpy(&told->more, report + 1, sizeof(told->more));
    }
    if (report->type == HF_REPORT_REPLACED) {
        story->taker = told->more.order_id;
    } else if (report->type == HF_REPORT_TRIGGERED) {
        story->taker = report->order_id;
    }
    told->taker = story->taker;
    (void)snprintf(told->name, sizeof(told->name), "%s",
                   hf_look_session(story->replay.core, session));
}

static void
on_market(void *context, const struct hf_market_event *event)
{
    struct story *story = context;
    if (event->type != HF_MARKET_EXECUTE) {
        return;
    }
    story->executions = grow(story, story->executions, story->execution_count,
                             &story->execution_capacity, sizeof(*story->executions));
    if (!story->failed) {
        story->executions[story->execution_count++] =
            (struct executed){.order = event->order_id, .trade_index = event->trade_index};
    }
}

/* Telling */

static void
begin_line(uint64_t lsn, uint64_t time_ns)
{
    char time[HF_TIME_TEXT_BYTES];
    hf_time_text(time_ns, time);
    (void)printf("LSN %-8" PRIu64 " %s  ", lsn, time);
}

static const char *
other_side_word(uint8_t side)
{
    return side == HF_BUY ? "offer" : "bid";
}

/** What it meets as it comes in, and whether it may trade with that. */
static void
tell_opposite(const struct hf_core *core, const struct hf_record *record)
{
    struct hf_depth_level best;
    struct hf_instrument_info info;
    enum hf_side opposite = record->side == HF_BUY ? HF_SELL : HF_BUY;
    const char *word = other_side_word(record->side);
    if (!hf_core_instrument(core, record->instrument, &info)) {
        (void)printf("there is no such instrument\n");
        return;
    }
    if (info.phase != HF_PHASE_OPEN) {
        (void)printf("the instrument is in phase %s: nothing is matched\n",
                     hf_phase_name(info.phase));
        return;
    }
    if (hf_core_depth(core, record->instrument, opposite, &best, 1) == 0) {
        (void)printf("there is no %s to trade with\n", word);
        return;
    }
    (void)printf("the best %s is %" PRId64 " (%" PRIu64 " in %" PRIu32 " orders)", word, best.price,
                 best.quantity, best.orders);
    bool priced = record->order_type == HF_LIMIT;
    int64_t away = record->side == HF_BUY ? best.price - record->price : record->price - best.price;
    if (priced && away > 0) {
        (void)printf(", %" PRId64 " away from its price: it cannot trade with that", away);
    }
    (void)printf("\n");
}

static void
tell_entry(struct story *story, const struct hf_record *record, const struct hf_record *more)
{
    const struct hf_core *core = story->replay.core;
    char symbol[HF_SYMBOL_BYTES];
    (void)hf_look_symbol(core, record->instrument, symbol);
    (void)printf("Order %" PRIu64 ": %s %" PRIu64 " %s", record->lsn, hf_side_name(record->side),
                 record->quantity, symbol);
    if (record->price != 0) {
        (void)printf(" at %" PRId64, record->price);
    }
    (void)printf(" (%s, %s%s", hf_order_type_name(record->order_type),
                 hf_time_in_force_name(record->time_in_force),
                 (record->flags & HF_POST_ONLY) != 0 ? ", post-only" : "");
    if (more != NULL && more->new_more.stop_price != 0) {
        (void)printf(", stop price %" PRId64, more->new_more.stop_price);
    }
    if (more != NULL && more->new_more.display != 0) {
        (void)printf(", shows %" PRIu64, more->new_more.display);
    }
    (void)printf("), of session %s, its client order %" PRIu64 ", account %" PRIu32 "\n",
                 hf_look_session(core, record->session), record->client_order_id, record->account);
    begin_line(record->lsn, record->time_ns);
    tell_opposite(core, record);
}

/** A command about the order, before it is applied. */
static void
tell_request(const struct story *story, const struct hf_record *record)
{
    begin_line(record->lsn, record->time_ns);
    (void)printf("session %s asks to ", hf_look_session(story->replay.core, record->session));
    if (record->type == HF_COMMAND_CANCEL) {
        (void)printf("cancel it\n");
    } else if (record->type == HF_COMMAND_REDUCE) {
        (void)printf("reduce it by %" PRIu64 "\n", record->quantity);
    } else {
        (void)printf("replace it: %" PRIu64 " in all at %" PRId64 ", as client order %" PRIu64 "\n",
                     record->quantity, record->price, record->client_order_id);
    }
}

/** Who was on the other side of a trade: the report that the other one got. */
static const struct told *
other_report(const struct story *story, const struct told *ours)
{
    for (size_t i = 0; i < story->report_count; i++) {
        const struct told *told = &story->reports[i];
        if (told->report.type == HF_REPORT_FILL && told->report.side != ours->report.side &&
            told->report.trade_index == ours->report.trade_index) {
            return told;
        }
    }
    return NULL;
}

/** Its order: who rested was executed; who did not, was taking. */
static uint64_t
other_order(const struct story *story, const struct told *ours)
{
    bool auction = (ours->report.flags & HF_REPORT_AUCTION) != 0;
    if ((ours->report.flags & HF_REPORT_MAKER) != 0 && !auction) {
        return ours->taker;
    }
    for (size_t i = 0; i < story->execution_count; i++) {
        const struct executed *executed = &story->executions[i];
        if (executed->trade_index == ours->report.trade_index && executed->order != story->order) {
            return executed->order;
        }
    }
    return 0;
}

static void
tell_fill(struct story *story, const struct told *ours)
{
    const struct hf_report *report = &ours->report;
    const struct told *other = other_report(story, ours);
    const char *part = (report->flags & HF_REPORT_AUCTION) != 0 ? "in the auction"
                       : (report->flags & HF_REPORT_MAKER) != 0 ? "resting"
                                                                : "taking";
    begin_line(report->lsn, report->time_ns);
    (void)printf("trades %" PRIu64 " at %" PRId64 ", %s, with order %" PRIu64, report->quantity,
                 report->price, part, other_order(story, ours));
    if (other != NULL) {
        (void)printf(" of session %s (client order %" PRIu64 ")", other->name,
                     other->report.client_order_id);
    }
    (void)printf("; %" PRIu64 " left; trade %" PRIu64 ".%" PRIu32 "\n", report->leaves, report->lsn,
                 report->trade_index);
    story->traded += report->quantity;
    story->ended = report->leaves == 0;
    story->trades = grow(story, story->trades, story->trade_count, &story->trade_capacity,
                         sizeof(*story->trades));
    if (!story->failed) {
        story->trades[story->trade_count++] =
            (struct trade){.lsn = report->lsn, .index = report->trade_index};
    }
}

static void
tell_busted(const struct story *story, const struct hf_report *report)
{
    for (size_t i = 0; i < story->trade_count; i++) {
        if (story->trades[i].lsn == report->trade_lsn &&
            story->trades[i].index == report->trade_index) {
            begin_line(report->lsn, report->time_ns);
            (void)printf("trade %" PRIu64 ".%" PRIu32 " is %s", report->trade_lsn,
                         report->trade_index, report->quantity == 0 ? "void\n" : "corrected");
            if (report->quantity != 0) {
                (void)printf(": %" PRIu64 " at %" PRId64 "\n", report->quantity, report->price);
            }
        }
    }
}

static void
tell_rejected(struct story *story, const struct hf_report *report)
{
    begin_line(report->lsn, report->time_ns);
    (void)printf("refused: %s (%s)\n", hf_reason_text(report->reason),
                 hf_reason_name(report->reason));
    story->ended = story->ended || report->lsn == story->order;
}

static void
tell_changed(struct story *story, const struct told *ours)
{
    const struct hf_report *report = &ours->report;
    begin_line(report->lsn, report->time_ns);
    switch (report->type) {
    case HF_REPORT_REPLACED:
        (void)printf("replaced: %" PRIu64 " open at %" PRId64 ", as client order %" PRIu64 "\n",
                     report->quantity, report->price, report->client_order_id);
        story->client_order_id = report->client_order_id;
        break;
    case HF_REPORT_REDUCED:
        (void)printf("reduced: %" PRIu64 " open, its place is kept\n", report->quantity);
        break;
    case HF_REPORT_TRIGGERED:
        (void)printf("triggered: %" PRIu64 " enter the book\n", report->quantity);
        break;
    default:
        (void)printf("cancelled, %" PRIu64 " were open: %s (%s)\n", report->quantity,
                     hf_reason_text(report->reason), hf_reason_name(report->reason));
        story->ended = true;
        break;
    }
}

static bool
is_ours(const struct story *story, const struct told *told)
{
    return told->session == story->session &&
           told->report.client_order_id == story->client_order_id;
}

/** The order that a report of a change names; 0: none. */
static uint64_t
order_named(const struct told *told)
{
    switch (told->report.type) {
    case HF_REPORT_REPLACED:
        return told->more.order_id;
    case HF_REPORT_REDUCED:
    case HF_REPORT_TRIGGERED:
    case HF_REPORT_CANCELLED:
        return told->report.order_id;
    default:
        return 0;
    }
}

/** @param concerned  the record is a command about the order */
static void
tell_report(struct story *story, const struct told *told, bool concerned)
{
    const struct hf_report *report = &told->report;
    if (order_named(told) == story->order) {
        tell_changed(story, told);
    } else if (report->type == HF_REPORT_FILL && !story->ended && is_ours(story, told)) {
        tell_fill(story, told);
    } else if (report->type == HF_REPORT_BUSTED && told->session == story->session) {
        tell_busted(story, report);
    } else if (report->type == HF_REPORT_REJECTED && concerned && told->session == story->session) {
        tell_rejected(story, report);
    } else if (report->type == HF_REPORT_ACCEPTED && report->lsn == story->order) {
        begin_line(report->lsn, report->time_ns);
        (void)printf("accepted\n");
    }
}

static void
tell_place(const struct story *story)
{
    struct hf_look_order order;
    if (story->ended || !hf_look_order(story->replay.core, story->order, &order)) {
        return;
    }
    (void)printf("             ");
    if (order.waits) {
        (void)printf("it waits for a trade at or through %" PRId64 ", behind %" PRIu32 " others\n",
                     order.price, order.orders_before);
        return;
    }
    (void)printf("it rests with %" PRIu64 " at %" PRId64 ", ", order.open, order.price);
    if (order.orders_before == 0) {
        (void)printf("first in the queue\n");
    } else {
        (void)printf("behind %" PRIu32 " orders that show %" PRIu64 "\n", order.orders_before,
                     order.quantity_before);
    }
}

/* The replay */

static bool
places_anew(const struct story *story)
{
    for (size_t i = 0; i < story->report_count; i++) {
        const struct told *told = &story->reports[i];
        bool entered = told->report.type == HF_REPORT_ACCEPTED && told->report.lsn == story->order;
        bool moved =
            order_named(told) == story->order &&
            (told->report.type == HF_REPORT_REPLACED || told->report.type == HF_REPORT_TRIGGERED);
        if (entered || moved) {
            return true;
        }
    }
    return false;
}

static bool
begins(struct story *story, const struct hf_record *record, const struct hf_record *more)
{
    bool refused =
        record->type == HF_RECORD_REFUSED && record->refused.command_type == HF_COMMAND_NEW;
    if (record->lsn != story->order || (record->type != HF_COMMAND_NEW && !refused)) {
        return false;
    }
    story->found = true;
    story->session = record->session;
    if (refused) {
        (void)printf("Order %" PRIu64 ", of session %s, its client order %" PRIu64 "\n",
                     record->lsn, hf_look_session(story->replay.core, record->session),
                     record->refused.client_order_id);
        return true;
    }
    story->client_order_id = record->client_order_id;
    tell_entry(story, record, more);
    return true;
}

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct story *story = context;
    bool concerned = begins(story, record, more);
    story->report_count = 0;
    story->execution_count = 0;
    story->taker = record->type == HF_COMMAND_NEW ? record->lsn : 0;
    if (!concerned && story->found && !story->ended && record->session == story->session &&
        hf_look_target(story->replay.core, record) == story->order) {
        concerned = true;
        tell_request(story, record);
    }
    int code = hf_replay_record(&story->replay, record, more, file, offset);
    for (size_t i = 0; code == HF_OK && story->found && i < story->report_count; i++) {
        tell_report(story, &story->reports[i], concerned);
    }
    if (code == HF_OK && story->found && places_anew(story)) {
        tell_place(story);
    }
    return story->failed ? HF_E_MEMORY : code;
}

static void
on_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    struct story *story = context;
    hf_recover_progress_draw(&story->progress, done_bytes, total_bytes);
}

static void
tell_end(const struct story *story)
{
    struct hf_look_order order;
    if (story->ended) {
        (void)printf("It has ended; it traded %" PRIu64 " in %zu trades\n", story->traded,
                     story->trade_count);
    } else if (hf_look_order(story->replay.core, story->order, &order)) {
        (void)printf("It is open at the end of the log, LSN %" PRIu64 "; it traded %" PRIu64
                     " in %zu trades\n",
                     hf_core_lsn(story->replay.core), story->traded, story->trade_count);
        tell_place(story);
    }
}

static int
tell(struct story *story, const char *directory)
{
    struct hf_scan_result result;
    const struct hf_scan_watch watch = {
        .context = story, .record = on_record, .progress = on_progress};
    hf_recover_progress_begin(&story->progress, "explain", true);
    int code = hf_scan_watched(directory, 0, &watch, &result);
    hf_recover_progress_end(&story->progress);
    if (code != HF_OK) {
        return hf_recover_fail("explain", code, "%s",
                               story->replay.text[0] != '\0' ? story->replay.text : result.text);
    }
    if (!story->found) {
        return hf_recover_fail("explain", HF_E_UNKNOWN,
                               "LSN %" PRIu64 " entered no order (the log ends with LSN %" PRIu64
                               "); see dump --from %" PRIu64,
                               story->order, result.end_lsn, story->order);
    }
    tell_end(story);
    return EX_OK;
}

int
hf_recover_explain(int argc, char **argv)
{
    static struct story story;
    struct arguments arguments = {.directory = NULL};
    if (argp_parse(&explain_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return EX_USAGE;
    }
    int exit_code = hf_recover_check_directory("explain", arguments.directory);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    story.order = arguments.order;
    story.replay.sink =
        (struct hf_core_sink){.context = &story, .report = on_report, .market = on_market};
    story.replay.numa_node = -1;
    exit_code = tell(&story, arguments.directory);
    hf_replay_free(&story.replay);
    free(story.reports);
    free(story.executions);
    free(story.trades);
    return exit_code;
}
