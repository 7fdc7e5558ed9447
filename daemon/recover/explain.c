/*
 * explain.c - holdfast-recover explain: the life of one order, in words.
 *
 * The log is replayed. Of each record the reports and the executions of resting orders are gathered, and
 * those that concern the order are told once the record is applied: only then it is known who was on the
 * other side of a trade, and where in the queue the order stands.
 */
#include "recover/begin.h"
#include "recover/look.h"
#include "recover/options.h"
#include "recover/tale.h"
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
    bool json;
};

static const char doc[] =
    "Tell the life of order ID from the log in DIRECTORY: who entered it, when and at which LSN, "
    "what it met, its place in the queue, each trade with the order on its other side, each "
    "change, why it was refused or did not trade, and how it ended. An order's id is the LSN of "
    "the command that entered it.\v"
    "Of a log that is kept short, what was before is gone: of an order that was entered before the "
    "oldest snapshot, that has it open, the life is told from there.\n\n"
    "Example:  holdfast-recover explain /var/lib/holdfast/holdfast 4711\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
    {.argument = "ID",
     .kind = HF_OPTION_NUMBER,
     .at = offsetof(struct arguments, order),
     .least = 1,
     .needed = true},
    {"json", 'j', NULL, "One JSON object a line, for each thing that happened", HF_OPTION_FLAG,
     .at = offsetof(struct arguments, json)}};

static const struct hf_recover_usage usage = {.operands = "DIRECTORY ID",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0])};

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
    bool json;
    struct hf_begin begin;
    struct hf_replay replay;
    struct hf_recover_progress progress;
    bool found; /**< a command that enters an order has this LSN */
    bool ended;
    bool failed; /**< no memory */
    uint32_t session;
    uint64_t client_order_id; /**< replaces change it */
    uint64_t traded;
    uint64_t traded_before; /**< of that, before the state is known */
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

/** What a drop-copy session gets of another's report: the same thing once more. */
static bool
is_copy(const struct hf_report *report)
{
    return report->slots == 2 && report[1].type == HF_REPORT_COPY;
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct story *story = context;
    if (is_copy(report)) {
        return;
    }
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
say(const struct story *story, const struct hf_tale *tale)
{
    if (story->json) {
        hf_tale_print_json(tale);
    } else {
        hf_tale_print_words(tale);
    }
}

static bool
is_stop(const struct hf_record *record)
{
    return record->order_type == HF_STOP || record->order_type == HF_STOP_LIMIT;
}

/** Of a stop, the last price against its own. @return whether it is one that waits: it meets nobody */
static bool
look_at_trigger(const struct hf_core *core, const struct hf_record *record,
                const struct hf_record *more, struct hf_tale *tale)
{
    if (!is_stop(record) || more == NULL) {
        return false;
    }
    tale->stop_price = more->new_more.stop_price;
    tale->has_last_price = hf_core_last_price(core, record->instrument, &tale->last_price);
    bool met = record->side == HF_BUY ? tale->last_price >= tale->stop_price
                                      : tale->last_price <= tale->stop_price;
    return !tale->has_last_price || !met;
}

static void
look_at_opposite(const struct hf_core *core, const struct hf_record *record, struct hf_tale *tale)
{
    struct hf_depth_level best;
    enum hf_side opposite = record->side == HF_BUY ? HF_SELL : HF_BUY;
    if (hf_core_depth(core, record->instrument, opposite, &best, 1) != 0) {
        int64_t away =
            record->side == HF_BUY ? best.price - record->price : record->price - best.price;
        bool limited = record->order_type == HF_LIMIT || record->order_type == HF_STOP_LIMIT;
        tale->price = best.price;
        tale->quantity = best.quantity;
        tale->orders = best.orders;
        tale->away = limited && away > 0 ? (uint64_t)away : 0;
    }
}

/** What it meets as it comes in, and whether it may trade with that. */
static void
tell_opposite(const struct story *story, const struct hf_record *record,
              const struct hf_record *more)
{
    const struct hf_core *core = story->replay.core;
    struct hf_tale tale = {
        .event = HF_TALE_MET, .lsn = record->lsn, .time_ns = record->time_ns, .side = record->side};
    struct hf_instrument_info info;
    if (hf_core_instrument(core, record->instrument, &info)) {
        tale.phase = info.phase;
    }
    if (tale.phase == HF_PHASE_OPEN) {
        tale.waits = look_at_trigger(core, record, more, &tale);
        if (!tale.waits) {
            look_at_opposite(core, record, &tale);
        }
    }
    say(story, &tale);
}

static void
tell_entry(const struct story *story, const struct hf_record *record, const struct hf_record *more)
{
    const struct hf_core *core = story->replay.core;
    struct hf_tale tale = {.event = HF_TALE_ENTERED,
                           .lsn = record->lsn,
                           .time_ns = record->time_ns,
                           .order = record->lsn,
                           .session = hf_look_session(core, record->session),
                           .client_order_id = record->client_order_id,
                           .account = record->account,
                           .side = record->side,
                           .order_type = record->order_type,
                           .time_in_force = record->time_in_force,
                           .post_only = (record->flags & HF_POST_ONLY) != 0,
                           .price = record->price,
                           .quantity = record->quantity};
    if (more != NULL) {
        tale.stop_price = more->new_more.stop_price;
        tale.display = more->new_more.display;
    }
    (void)hf_look_symbol(core, record->instrument, tale.symbol);
    say(story, &tale);
    tell_opposite(story, record, more);
}

/** A command about the order, before it is applied. */
static void
tell_request(const struct story *story, const struct hf_record *record)
{
    const struct hf_tale tale = {.event = HF_TALE_ASKED,
                                 .lsn = record->lsn,
                                 .time_ns = record->time_ns,
                                 .session = hf_look_session(story->replay.core, record->session),
                                 .command = record->type,
                                 .quantity = record->quantity,
                                 .price = record->price,
                                 .client_order_id = record->client_order_id};
    say(story, &tale);
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

static struct hf_tale
tale_of(enum hf_tale_event event, const struct hf_report *report)
{
    return (struct hf_tale){.event = event,
                            .lsn = report->lsn,
                            .time_ns = report->time_ns,
                            .client_order_id = report->client_order_id,
                            .quantity = report->quantity,
                            .price = report->price,
                            .reason = report->reason};
}

static void
tell_fill(struct story *story, const struct told *ours)
{
    const struct hf_report *report = &ours->report;
    const struct told *other = other_report(story, ours);
    struct hf_tale tale = tale_of(HF_TALE_TRADED, report);
    tale.means = (report->flags & HF_REPORT_AUCTION) != 0 ? "in the auction"
                 : (report->flags & HF_REPORT_MAKER) != 0 ? "resting"
                                                          : "taking";
    tale.leaves = report->leaves;
    tale.trade_lsn = report->lsn;
    tale.trade_index = report->trade_index;
    tale.other_order = other_order(story, ours);
    if (other != NULL) {
        tale.other_session = other->name;
        tale.other_client_order_id = other->report.client_order_id;
    }
    say(story, &tale);
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
    struct hf_tale tale = tale_of(HF_TALE_BUSTED, report);
    tale.trade_lsn = report->trade_lsn;
    tale.trade_index = report->trade_index;
    for (size_t i = 0; i < story->trade_count; i++) {
        if (story->trades[i].lsn == report->trade_lsn &&
            story->trades[i].index == report->trade_index) {
            say(story, &tale);
        }
    }
}

static void
tell_rejected(struct story *story, const struct hf_report *report)
{
    const struct hf_tale tale = tale_of(HF_TALE_REJECTED, report);
    say(story, &tale);
    story->ended = story->ended || report->lsn == story->order;
}

static void
tell_changed(struct story *story, const struct told *ours)
{
    const struct hf_report *report = &ours->report;
    struct hf_tale tale = tale_of(HF_TALE_CANCELLED, report);
    switch (report->type) {
    case HF_REPORT_REPLACED:
        tale.event = HF_TALE_REPLACED;
        story->client_order_id = report->client_order_id;
        break;
    case HF_REPORT_REDUCED:
        tale.event = HF_TALE_REDUCED;
        break;
    case HF_REPORT_TRIGGERED:
        tale.event = HF_TALE_TRIGGERED;
        break;
    default:
        story->ended = true;
        break;
    }
    say(story, &tale);
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
        const struct hf_tale tale = tale_of(HF_TALE_ACCEPTED, report);
        say(story, &tale);
    }
}

static void
tell_place(const struct story *story)
{
    struct hf_look_order order;
    if (story->ended || !hf_look_order(story->replay.core, story->order, &order)) {
        return;
    }
    const struct hf_tale tale = {.event = order.waits ? HF_TALE_WAITS : HF_TALE_RESTS,
                                 .lsn = hf_core_lsn(story->replay.core),
                                 .time_ns = hf_core_time(story->replay.core),
                                 .quantity = order.open,
                                 .price = order.price,
                                 .orders_before = order.orders_before,
                                 .quantity_before = order.quantity_before};
    say(story, &tale);
}

/** It was entered before the state is known: what the snapshot has of it. */
static void
tell_found(struct story *story)
{
    const struct hf_core *core = story->replay.core;
    struct hf_look_order order;
    if (story->begin.snapshot_lsn == 0 || !hf_look_order(core, story->order, &order)) {
        return;
    }
    struct hf_tale tale = {.event = HF_TALE_FOUND,
                           .lsn = hf_core_lsn(core),
                           .time_ns = hf_core_time(core),
                           .order = story->order,
                           .session = hf_look_session(core, order.session),
                           .client_order_id = order.client_order_id,
                           .account = order.account,
                           .side = order.side,
                           .quantity = order.open,
                           .price = order.price,
                           .traded = order.executed};
    (void)hf_look_symbol(core, order.instrument, tale.symbol);
    story->found = true;
    story->session = order.session;
    story->client_order_id = order.client_order_id;
    story->traded = order.executed;
    story->traded_before = order.executed;
    say(story, &tale);
    tell_place(story);
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
        const struct hf_tale tale = {.event = HF_TALE_RETURNED,
                                     .lsn = record->lsn,
                                     .time_ns = record->time_ns,
                                     .order = record->lsn,
                                     .session =
                                         hf_look_session(story->replay.core, record->session),
                                     .client_order_id = record->refused.client_order_id};
        say(story, &tale);
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
    const struct hf_core *core = story->replay.core;
    struct hf_look_order order;
    if (!story->ended && !hf_look_order(core, story->order, &order)) {
        return; /* a command that was refused before it was judged */
    }
    const struct hf_tale tale = {.event = story->ended ? HF_TALE_ENDED : HF_TALE_OPEN,
                                 .lsn = hf_core_lsn(core),
                                 .time_ns = hf_core_time(core),
                                 .traded = story->traded,
                                 .traded_before = story->traded_before,
                                 .trades = story->trade_count};
    say(story, &tale);
    tell_place(story);
}

/** Where it could have been entered: the order is not there. */
static int
fail_not_found(const struct story *story, uint64_t end_lsn)
{
    const struct hf_begin *begin = &story->begin;
    if (story->order <= begin->snapshot_lsn) {
        return hf_recover_fail("explain", HF_E_UNKNOWN,
                               "no order %" PRIu64 " was open at LSN %" PRIu64
                               ", where the oldest snapshot stands: it had ended, or never was. "
                               "What was before LSN %" PRIu64
                               " is gone; of what is there, dump tells more",
                               story->order, begin->snapshot_lsn, begin->log.position.lsn + 1);
    }
    return hf_recover_fail("explain", HF_E_UNKNOWN,
                           "LSN %" PRIu64 " entered no order (the log ends with LSN %" PRIu64
                           "); see dump --from %" PRIu64,
                           story->order, end_lsn, story->order);
}

static int
begin(struct story *story, const char *directory)
{
    story->begin = (struct hf_begin){.command = "explain", .oldest = true};
    int exit_code = hf_begin(&story->begin, directory, &story->replay);
    if (exit_code == EX_OK) {
        exit_code = hf_begin_needs(&story->begin, directory);
    }
    if (exit_code == EX_OK && hf_begin_short(&story->begin)) {
        if (story->json) {
            hf_json_print_line(stdout, hf_begin_json(&story->begin, "event"));
        } else {
            hf_begin_print_words(&story->begin, "the lives of orders are");
        }
        tell_found(story);
    }
    return exit_code;
}

static int
tell(struct story *story, const char *directory)
{
    struct hf_scan_result result;
    int exit_code = begin(story, directory);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    const struct hf_scan_watch watch = {.context = story,
                                        .record = on_record,
                                        .progress = on_progress,
                                        .from = hf_begin_state(&story->begin)};
    hf_recover_progress_begin(&story->progress, "explain", true);
    int code = hf_scan_watched(directory, 0, &watch, &result);
    hf_recover_progress_end(&story->progress);
    if (code != HF_OK) {
        return hf_recover_fail("explain", code, "%s",
                               story->replay.text[0] != '\0' ? story->replay.text : result.text);
    }
    if (!story->found) {
        return fail_not_found(story, result.end_lsn);
    }
    tell_end(story);
    return EX_OK;
}

int
hf_recover_explain(int argc, char **argv)
{
    static struct story story;
    struct arguments arguments = {.directory = NULL};
    hf_recover_parse(&usage, argc, argv, &arguments);
    int exit_code = hf_recover_hold_directory("explain", arguments.directory);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    story.order = arguments.order;
    story.json = arguments.json;
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
