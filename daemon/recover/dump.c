/* dump.c - holdfast-recover dump: the records of a log, all or some. */
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

struct arguments {
    const char *directory;
    uint64_t from_lsn;
    uint64_t to_lsn; /**< 0: to the end */
    uint64_t order;  /**< 0: all */
    const char *session;
    const char *symbol;
    bool json;
};

static const char doc[] =
    "Print the records of the log in DIRECTORY, one a line, in the order of their LSNs, and the "
    "GROUP records that close what was flushed together.\v"
    "A record is printed before it is applied; names of sessions and instruments, and the order "
    "that a cancel or a replace is about, are those of that moment. With --session, --instrument "
    "or --order only commands that concern these are printed, and no groups; where there is none, "
    "that is said on standard error, and the exit code is 0. Behind a damage nothing is printed "
    "(see verify). Of a log that is kept short it is said first where it begins; up to its oldest "
    "snapshot sessions and instruments have no names, and what concerns an order can be told only "
    "where the record has its id.\n\n"
    "Examples:\n"
    "  holdfast-recover dump /var/lib/holdfast/holdfast --from 1000 --to 1100\n"
    "  holdfast-recover dump --json --order 4711 /backup/log | jq .type\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
    {"from", 0, "LSN", "Begin with this LSN (default: the first that is there)", HF_OPTION_NUMBER,
     .at = offsetof(struct arguments, from_lsn), .least = 1},
    {"to", 0, "LSN", "End with this LSN (default: the last one)", HF_OPTION_NUMBER,
     .at = offsetof(struct arguments, to_lsn), .least = 1},
    {"session", 's', "NAME", "Only records of this session", HF_OPTION_TEXT,
     .at = offsetof(struct arguments, session)},
    {"instrument", 'i', "SYMBOL", "Only commands on this instrument", HF_OPTION_TEXT,
     .at = offsetof(struct arguments, symbol)},
    {"order", 'o', "ID", "Only commands about this order (its id is the LSN that entered it)",
     HF_OPTION_NUMBER, .at = offsetof(struct arguments, order), .least = 1},
    {"json", 'j', NULL, "One JSON object a line", HF_OPTION_FLAG,
     .at = offsetof(struct arguments, json)}};

static const char *
check(const void *context)
{
    const struct arguments *arguments = context;
    return arguments->to_lsn != 0 && arguments->to_lsn < arguments->from_lsn
               ? "--to is an LSN before that of --from"
               : NULL;
}

static const struct hf_recover_usage usage = {.operands = "DIRECTORY",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0]),
                                              .check = check};

struct dump {
    const struct arguments *arguments;
    struct hf_begin begin;
    struct hf_replay replay;
    const struct hf_core *core; /**< the state before the record at hand; NULL: not known */
    bool met;                   /**< a record that is asked for */
};

static bool
is_filtered(const struct arguments *arguments)
{
    return arguments->session != NULL || arguments->symbol != NULL || arguments->order != 0;
}

/** The instrument that a record is about, as it is known before the record; 0: none. */
static uint32_t
instrument_of(const struct hf_core *core, const struct hf_record *record)
{
    struct hf_look_order order;
    switch (record->type) {
    case HF_COMMAND_NEW:
    case HF_COMMAND_MASS_CANCEL:
    case HF_COMMAND_INSTRUMENT_REMOVE:
    case HF_COMMAND_INSTRUMENT_LIMITS:
    case HF_COMMAND_PHASE:
    case HF_COMMAND_REFERENCE:
        return record->instrument;
    case HF_COMMAND_INSTRUMENT_CHANGE:
        return record->instrument_add.id;
    default:
        return hf_look_order(core, hf_look_target(core, record), &order) ? order.instrument : 0;
    }
}

static bool
instrument_matches(const struct dump *dump, const struct hf_record *record)
{
    const struct hf_core *core = dump->core;
    char symbol[HF_SYMBOL_BYTES];
    if (record->type == HF_COMMAND_INSTRUMENT_ADD) {
        return strncmp(record->instrument_add.symbol, dump->arguments->symbol, HF_SYMBOL_BYTES) ==
               0;
    }
    return core != NULL && hf_look_symbol(core, instrument_of(core, record), symbol) &&
           strncmp(symbol, dump->arguments->symbol, HF_SYMBOL_BYTES) == 0;
}

static bool
session_matches(const struct dump *dump, const struct hf_record *record)
{
    const char *name = record->type == HF_RECORD_OPEN
                           ? record->open.name
                           : hf_look_session(dump->core, record->session);
    return strncmp(name, dump->arguments->session, HF_NAME_BYTES) == 0;
}

static bool
matches(const struct dump *dump, const struct hf_record *record)
{
    const struct arguments *arguments = dump->arguments;
    return record->lsn >= arguments->from_lsn &&
           (arguments->session == NULL || session_matches(dump, record)) &&
           (arguments->order == 0 || hf_look_target(dump->core, record) == arguments->order) &&
           (arguments->symbol == NULL || instrument_matches(dump, record));
}

static void
print(const struct dump *dump, const struct hf_record *record, const struct hf_record *more)
{
    json_t *object = hf_record_json(record, more, dump->core);
    if (dump->arguments->json) {
        hf_json_print_line(stdout, object);
    } else {
        hf_record_print_words(stdout, object);
    }
}

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct dump *dump = context;
    bool applied = record->lsn <= dump->begin.snapshot_lsn; /* it is in the snapshot */
    bool stateless = applied || (hf_begin_short(&dump->begin) && dump->replay.core == NULL);
    dump->core = stateless ? NULL : dump->replay.core;
    if (matches(dump, record)) {
        dump->met = true;
        print(dump, record, more);
    }
    return stateless ? HF_OK : hf_replay_record(&dump->replay, record, more, file, offset);
}

static int
on_slot(void *context, const struct hf_record *slot, const char *file, uint64_t offset)
{
    const struct dump *dump = context;
    const struct arguments *arguments = dump->arguments;
    (void)file;
    (void)offset;
    if (slot->type == HF_RECORD_GROUP && !is_filtered(arguments) &&
        slot->lsn >= arguments->from_lsn) {
        print(dump, slot, NULL);
    }
    return 0;
}

static void
ignore_report(void *context, uint32_t session, const struct hf_report *report)
{
    (void)context;
    (void)session;
    (void)report;
}

static void
print_beginning(const struct dump *dump)
{
    if (dump->arguments->json) {
        hf_json_print_line(stdout, hf_begin_json(&dump->begin, "type"));
    } else {
        hf_begin_print_words(&dump->begin, "names, and which order is meant, are");
    }
}

/** A name may have been misspelt. */
static void
say_not_met(const struct arguments *arguments)
{
    (void)fprintf(stderr, "holdfast-recover dump: no record was met");
    if (arguments->session != NULL) {
        (void)fprintf(stderr, " of session '%s'", arguments->session);
    }
    if (arguments->symbol != NULL) {
        (void)fprintf(stderr, " on instrument '%s'", arguments->symbol);
    }
    if (arguments->order != 0) {
        (void)fprintf(stderr, " about order %" PRIu64, arguments->order);
    }
    (void)fputc('\n', stderr);
}

static int
print_all(struct dump *dump)
{
    static struct hf_scan_result result;
    const struct arguments *arguments = dump->arguments;
    int exit_code = hf_begin(&dump->begin, arguments->directory, &dump->replay);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    if (hf_begin_short(&dump->begin)) {
        print_beginning(dump);
    }
    const struct hf_scan_watch watch = {.context = dump,
                                        .record = on_record,
                                        .slot = on_slot,
                                        .last_lsn = arguments->to_lsn,
                                        .from = hf_beginning_from(&dump->begin.log)};
    int code = hf_scan_watched(arguments->directory, 0, &watch, &result);
    if (code == HF_OK && is_filtered(arguments) && !dump->met) {
        say_not_met(arguments);
    }
    return code == HF_OK
               ? EX_OK
               : hf_recover_fail("dump", code, "%s",
                                 dump->replay.text[0] != '\0' ? dump->replay.text : result.text);
}

int
hf_recover_dump(int argc, char **argv)
{
    struct arguments arguments = {.from_lsn = 1};
    struct dump dump = {.arguments = &arguments,
                        .begin = {.command = "dump", .oldest = true},
                        .replay = {.sink = {.report = ignore_report}, .numa_node = -1}};
    hf_recover_parse(&usage, argc, argv, &arguments);
    int exit_code = hf_recover_hold_directory("dump", arguments.directory);
    if (exit_code == EX_OK) {
        exit_code = print_all(&dump);
    }
    hf_replay_free(&dump.replay);
    return exit_code;
}
