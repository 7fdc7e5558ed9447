/* replay.c - holdfast-recover replay: what came of a log, up to any LSN. */
#include "recover/begin.h"
#include "recover/look.h"
#include "recover/options.h"
#include "recover/record_print.h"
#include "recover/tool.h"

#include "cli/report_print.h"
#include "recovery/replay.h"
#include "recovery/scan.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#define LEVELS_DEFAULT 10
#define LEVELS_MAX 1000
#define TYPES 256

struct arguments {
    const char *directory;
    const char *session;
    uint64_t to_lsn;
    uint64_t levels;
    bool json;
};

static const char doc[] =
    "Rebuild the state machine from the log in DIRECTORY, as a start would, and print its digest, "
    "its books, its sessions, and how many records and reports of each kind there were.\v"
    "Nothing is changed; shared memory is not looked at, so that records that are only in the WAL "
    "queue are not there. Of a log that is kept short what was before is gone: it is gone on from "
    "the oldest snapshot, or, with --to and without --session, from the newest that is not behind "
    "that LSN; records and reports are counted from there.\n\n"
    "Examples:\n"
    "  holdfast-recover replay /var/lib/holdfast/holdfast --to 5000\n"
    "  holdfast-recover replay --session me /backup/log    with all of its "
    "reports\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
    {"to", 0, "LSN", "Up to this LSN (default: the last one)", HF_OPTION_NUMBER,
     .at = offsetof(struct arguments, to_lsn), .least = 1},
    {"session", 's', "NAME", "Print every report of this session first, one a line", HF_OPTION_TEXT,
     .at = offsetof(struct arguments, session)},
    {"levels", 'n', "N", "Price levels a side of each book, 1 to 1000 (default 10)",
     HF_OPTION_NUMBER, .at = offsetof(struct arguments, levels), .least = 1, .most = LEVELS_MAX},
    {"json", 'j', NULL, "One JSON object a line: the reports, if any, then all the rest",
     HF_OPTION_FLAG, .at = offsetof(struct arguments, json)}};

static const struct hf_recover_usage usage = {.operands = "DIRECTORY",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0])};

struct rebuilt {
    const struct arguments *arguments;
    struct hf_begin begin;
    struct hf_replay replay;
    struct hf_recover_progress progress;
    uint64_t records[TYPES];
    uint64_t reports[TYPES];
};

static void
print_report(const struct rebuilt *rebuilt, const struct hf_report *report)
{
    struct hf_report_more more;
    if (report->slots == 2) {
        memcpy(&more, report + 1, sizeof(more));
    }
    const struct hf_report_more *second = report->slots == 2 ? &more : NULL;
    if (rebuilt->arguments->json) {
        hf_json_print_line(stdout, hf_report_json(report, second));
    } else {
        hf_report_print(stdout, report, second);
    }
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct rebuilt *rebuilt = context;
    rebuilt->reports[report->type]++;
    if (rebuilt->arguments->session != NULL &&
        strcmp(rebuilt->arguments->session, hf_look_session(rebuilt->replay.core, session)) == 0) {
        print_report(rebuilt, report);
    }
}

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct rebuilt *rebuilt = context;
    rebuilt->records[record->type]++;
    return hf_replay_record(&rebuilt->replay, record, more, file, offset);
}

static void
on_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    struct rebuilt *rebuilt = context;
    hf_recover_progress_draw(&rebuilt->progress, done_bytes, total_bytes);
}

/* In words */

static void
print_counts(const char *title, const uint64_t counts[TYPES], const char *(*name)(unsigned))
{
    (void)printf("%-11s", title);
    for (unsigned type = 0; type < TYPES; type++) {
        if (counts[type] != 0) {
            (void)printf(" %s %" PRIu64, name(type), counts[type]);
        }
    }
    (void)printf("\n");
}

static void
print_state(const struct rebuilt *rebuilt)
{
    const struct hf_core *core = rebuilt->replay.core;
    char time[HF_TIME_TEXT_BYTES];
    hf_time_text(hf_core_time(core), time);
    if (rebuilt->begin.snapshot_lsn != 0) {
        (void)printf("kept short  the log begins with LSN %" PRIu64 " (segment %" PRIu64
                     "), what was before is gone; gone on from the snapshot of "
                     "LSN %" PRIu64 "\n",
                     rebuilt->begin.log.position.lsn + 1, rebuilt->begin.log.segment,
                     rebuilt->begin.snapshot_lsn);
    }
    (void)printf("replayed    LSN %" PRIu64 " to %" PRIu64 ", the last one of %s\n",
                 rebuilt->begin.snapshot_lsn + 1, hf_core_lsn(core), time);
    (void)printf("state       epoch %" PRIu64 ", history %" PRIu64 ", digest %016" PRIx64 "\n",
                 hf_core_epoch(core), hf_core_history(core), hf_core_digest(core));
    (void)printf("so far      %" PRIu64 " trades, %" PRIu64 " market events, %" PRIu32
                 " open orders\n",
                 hf_core_trades(core), hf_core_market_number(core), hf_core_open_orders(core));
    print_counts("records", rebuilt->records, hf_record_type_name);
    print_counts("reports", rebuilt->reports, hf_report_type_name);
}

static void
print_sessions(const struct hf_core *core)
{
    for (uint32_t slot = 1; slot <= hf_core_limits(core)->sessions_max; slot++) {
        const struct hf_core_session *session = hf_core_session(core, slot);
        if (session != NULL) {
            (void)printf("session     %s (slot %" PRIu32 ", id %" PRIu64 ", %s): %" PRIu64
                         " commands, %" PRIu64 " reports, %" PRIu32 " open orders\n",
                         session->name, slot, session->id,
                         session->connected ? "connected" : "not connected", session->last_seq,
                         session->last_report, session->open_orders);
        }
    }
}

static void
print_side(const struct rebuilt *rebuilt, uint32_t instrument, enum hf_side side, const char *title)
{
    struct hf_depth_level levels[LEVELS_MAX];
    size_t count = hf_core_depth(rebuilt->replay.core, instrument, side, levels,
                                 (size_t)rebuilt->arguments->levels);
    for (size_t i = 0; i < count; i++) {
        (void)printf("  %s %16" PRId64 " %16" PRIu64 " in %" PRIu32 " orders\n", title,
                     levels[i].price, levels[i].quantity, levels[i].orders);
    }
}

static void
print_books(const struct rebuilt *rebuilt)
{
    const struct hf_core *core = rebuilt->replay.core;
    struct hf_instrument_info info;
    for (uint32_t id = 1; id <= hf_core_instruments(core); id++) {
        if (hf_core_instrument(core, id, &info)) {
            (void)printf("book        %s (instrument %" PRIu32 ", %s)\n", info.symbol, id,
                         hf_phase_name(info.phase));
            print_side(rebuilt, id, HF_SELL, "ask");
            print_side(rebuilt, id, HF_BUY, "bid");
        }
    }
}

/* As JSON */

static json_t *
counts_json(const uint64_t counts[TYPES], const char *(*name)(unsigned))
{
    json_t *object = json_object();
    for (unsigned type = 0; type < TYPES; type++) {
        if (counts[type] != 0) {
            (void)json_object_set_new(object, name(type), json_integer((json_int_t)counts[type]));
        }
    }
    return object;
}

static json_t *
sessions_json(const struct hf_core *core)
{
    json_t *array = json_array();
    for (uint32_t slot = 1; slot <= hf_core_limits(core)->sessions_max; slot++) {
        const struct hf_core_session *session = hf_core_session(core, slot);
        if (session != NULL) {
            (void)json_array_append_new(
                array,
                json_pack("{s:s, s:I, s:I, s:b, s:I, s:I, s:I}", "name", session->name, "slot",
                          (json_int_t)slot, "id", (json_int_t)session->id, "connected",
                          (int)(session->connected != 0), "commands", (json_int_t)session->last_seq,
                          "reports", (json_int_t)session->last_report, "open_orders",
                          (json_int_t)session->open_orders));
        }
    }
    return array;
}

static json_t *
side_json(const struct rebuilt *rebuilt, uint32_t instrument, enum hf_side side)
{
    struct hf_depth_level levels[LEVELS_MAX];
    json_t *array = json_array();
    size_t count = hf_core_depth(rebuilt->replay.core, instrument, side, levels,
                                 (size_t)rebuilt->arguments->levels);
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(array, json_pack("{s:I, s:I, s:I}", "price",
                                                     (json_int_t)levels[i].price, "quantity",
                                                     (json_int_t)levels[i].quantity, "orders",
                                                     (json_int_t)levels[i].orders));
    }
    return array;
}

static json_t *
books_json(const struct rebuilt *rebuilt)
{
    const struct hf_core *core = rebuilt->replay.core;
    struct hf_instrument_info info;
    json_t *array = json_array();
    for (uint32_t id = 1; id <= hf_core_instruments(core); id++) {
        if (hf_core_instrument(core, id, &info)) {
            (void)json_array_append_new(array, json_pack("{s:s, s:I, s:s, s:o, s:o}", "symbol",
                                                         info.symbol, "instrument", (json_int_t)id,
                                                         "phase", hf_phase_name(info.phase), "bids",
                                                         side_json(rebuilt, id, HF_BUY), "asks",
                                                         side_json(rebuilt, id, HF_SELL)));
        }
    }
    return array;
}

static void
print_json(const struct rebuilt *rebuilt)
{
    const struct hf_core *core = rebuilt->replay.core;
    char digest[24];
    (void)snprintf(digest, sizeof(digest), "%016" PRIx64, hf_core_digest(core));
    hf_json_print_line(
        stdout, json_pack("{s:I, s:I, s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
                          "lsn", (json_int_t)hf_core_lsn(core), "snapshot_lsn",
                          (json_int_t)rebuilt->begin.snapshot_lsn, "time_ns",
                          (json_int_t)hf_core_time(core), "epoch", (json_int_t)hf_core_epoch(core),
                          "history", (json_int_t)hf_core_history(core), "digest", digest, "trades",
                          (json_int_t)hf_core_trades(core), "market_events",
                          (json_int_t)hf_core_market_number(core), "open_orders",
                          (json_int_t)hf_core_open_orders(core), "records",
                          counts_json(rebuilt->records, hf_record_type_name), "reports",
                          counts_json(rebuilt->reports, hf_report_type_name), "sessions",
                          sessions_json(core), "books", books_json(rebuilt)));
}

static void
show(const struct rebuilt *rebuilt)
{
    if (rebuilt->replay.core == NULL) {
        (void)printf(rebuilt->arguments->json ? "{\"lsn\":0}\n" : "no records\n");
    } else if (rebuilt->arguments->json) {
        print_json(rebuilt);
    } else {
        print_state(rebuilt);
        print_sessions(rebuilt->replay.core);
        print_books(rebuilt);
    }
}

/** Reports of a session are wanted from as far back as there are any; a state is reached sooner from near. */
static int
begin(struct rebuilt *rebuilt)
{
    const struct arguments *arguments = rebuilt->arguments;
    rebuilt->begin =
        (struct hf_begin){.command = "replay",
                          .lsn_max = arguments->to_lsn,
                          .oldest = arguments->to_lsn == 0 || arguments->session != NULL};
    int exit_code = hf_begin(&rebuilt->begin, arguments->directory, &rebuilt->replay);
    return exit_code == EX_OK ? hf_begin_needs(&rebuilt->begin, arguments->directory) : exit_code;
}

static int
rebuild(struct rebuilt *rebuilt)
{
    static struct hf_scan_result result;
    int exit_code = begin(rebuilt);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    const struct hf_scan_watch watch = {.context = rebuilt,
                                        .record = on_record,
                                        .progress = on_progress,
                                        .ahead = hf_replay_ahead,
                                        .ahead_context = &rebuilt->replay,
                                        .last_lsn = rebuilt->arguments->to_lsn,
                                        .from = hf_begin_state(&rebuilt->begin)};
    hf_recover_progress_begin(&rebuilt->progress, "replay", rebuilt->arguments->session != NULL);
    int code = hf_scan_watched(rebuilt->arguments->directory, 0, &watch, &result);
    hf_recover_progress_end(&rebuilt->progress);
    if (code != HF_OK) {
        return hf_recover_fail("replay", code, "%s",
                               rebuilt->replay.text[0] != '\0' ? rebuilt->replay.text
                                                               : result.text);
    }
    show(rebuilt);
    return EX_OK;
}

int
hf_recover_replay(int argc, char **argv)
{
    struct arguments arguments = {.levels = LEVELS_DEFAULT};
    struct rebuilt rebuilt = {.arguments = &arguments, .replay = {.numa_node = -1}};
    rebuilt.replay.sink = (struct hf_core_sink){.context = &rebuilt, .report = on_report};
    hf_recover_parse(&usage, argc, argv, &arguments);
    int exit_code = hf_recover_hold_directory("replay", arguments.directory);
    if (exit_code == EX_OK) {
        exit_code = rebuild(&rebuilt);
        hf_replay_free(&rebuilt.replay);
    }
    return exit_code;
}
