/* verify.c - holdfast-recover verify: is a log sound, and what would the daemon do with it? */
#include "recover/check.h"
#include "recover/live.h"
#include "recover/options.h"
#include "recover/tool.h"

#include "cli/report_print.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

struct arguments {
    const char *directory;
    uint64_t floor_lsn;
    bool json;
};

static const char doc[] =
    "Read every byte of the log in DIRECTORY, replay it, and say whether it is sound. Each damage "
    "is named by file, offset and LSN, also behind the first one.\v"
    "A torn tail is what a crash leaves behind the last record: never called durable, and cut by "
    "the next start. Everything else is damage: restore the files that are named, or "
    "`holdfast-recover repair`. Where this host's shared memory knows the log's instance, what "
    "that calls durable must be there.\n\n"
    "A start begins with the newest snapshot that can be used (an older one, where the report ring "
    "of a session needs that), and looks at nothing before it. So both are said: what is damaged, "
    "and whether a start is hurt by it. Either is exit code 65. In JSON \"verdict\" is \"damaged\" "
    "if anything is, \"start_refuses\" says whether a start would refuse (then \"refusal\" says "
    "why), and \"start_snapshot_lsn\" is the snapshot that it begins with, 0 for none. "
    "\"segments\" and \"archived\" count from the snapshot at \"snapshot_lsn\" on, which is 0 "
    "where all is read. \"memory_lsn\" is the last LSN that this host's shared memory knows, 0 for "
    "none: where it is above \"last_lsn\", a start here replays what is between, and goes on "
    "behind it.\n\n"
    "Example:  holdfast-recover verify /var/lib/holdfast/holdfast\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
    {"floor", 0, "LSN",
     "This LSN was durable: a log that ends before it is damaged (for copies whose original is "
     "lost)",
     HF_OPTION_NUMBER, .at = offsetof(struct arguments, floor_lsn)},
    {"json", 'j', NULL, "One JSON object", HF_OPTION_FLAG, .at = offsetof(struct arguments, json)}};

static const struct hf_recover_usage usage = {.operands = "DIRECTORY",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0])};

/** Of the whole log, wherever a start begins. */
static const char *
verdict_name(const struct hf_check *check)
{
    static const char *const names[] = {
        [HF_CHECK_SOUND] = "sound", [HF_CHECK_TORN] = "torn", [HF_CHECK_DAMAGED] = "damaged"};
    return names[hf_check_is_passed_by(check) ? HF_CHECK_DAMAGED : check->verdict];
}

/** Up to where shared memory has the records, of which the log may lack the last; 0: it knows nothing. */
static uint64_t
memory_lsn(const struct hf_live *live)
{
    return live->found ? live->status.sequenced_lsn : 0;
}

/* In words */

static void
print_start(const struct hf_check *check)
{
    if (check->snapshots_refused != 0) {
        (void)printf("snapshots   %" PRIu64 " cannot be used: %s\n", check->snapshots_refused,
                     check->refusal);
    }
    if (check->start_lsn != 0) {
        (void)printf("a start     begins with the snapshot of LSN %" PRIu64 "\n", check->start_lsn);
    } else {
        (void)printf("a start     begins with the first record: there is no snapshot\n");
    }
}

/** Of what was read: behind a snapshot, if the log is kept short or damaged before it. */
static void
print_records(const struct hf_check *check)
{
    const struct hf_scan_result *scan = &check->scan;
    (void)printf("segments    %" PRIu64, scan->segments);
    if (check->from_lsn != 0) {
        (void)printf(" from the snapshot of LSN %" PRIu64 " on", check->from_lsn);
    } else {
        (void)printf(" with records");
    }
    (void)printf(" (%" PRIu64 " archived), highest number %" PRIu64 "\n", check->archives,
                 scan->last_number);
    if (scan->end_lsn == check->from_lsn) {
        (void)printf("records     none behind LSN %" PRIu64, scan->end_lsn);
    } else {
        (void)printf("records     LSN %" PRIu64 " to %" PRIu64, check->from_lsn + 1, scan->end_lsn);
    }
    (void)printf(", epoch %" PRIu64 "%s\n", scan->epoch,
                 check->stopped ? ", ended by a clean stop" : "");
}

static void
print_facts(const struct hf_check *check)
{
    const struct hf_scan_result *scan = &check->scan;
    if (scan->segments == 0) {
        (void)printf("no records\n");
        return;
    }
    (void)printf("instance    %016" PRIx64 "\n", scan->instance_id);
    print_records(check);
    if (check->first_number != 0) {
        (void)printf("kept short  it begins with segment %" PRIu64 "; LSN 1 to %" PRIu64
                     " are in a snapshot\n",
                     check->first_number, check->from_lsn);
    }
    (void)printf("durable     at least up to LSN %" PRIu64 "\n", scan->floor_lsn);
    print_start(check);
    if (check->replay.core != NULL) {
        (void)printf("replayed    history %" PRIu64 ", digest %016" PRIx64 ", %" PRIu64
                     " digest records agree\n",
                     hf_core_history(check->replay.core), hf_core_digest(check->replay.core),
                     check->digests);
    }
}

static void
print_live(const struct hf_live *live)
{
    if (live->found) {
        (void)printf("on this host instance '%s' has it; its daemon %s; shared memory knows LSN "
                     "%" PRIu64 ", durable %" PRIu64 "\n",
                     live->status.instance, live->running ? "is running" : "is not running",
                     live->status.sequenced_lsn, live->status.durable_lsn);
    }
}

static void
print_places(const struct hf_check *check)
{
    for (size_t i = 0; i < check->place_count; i++) {
        const struct hf_survey_finding *finding = &check->places[i].finding;
        (void)printf("%s: offset %" PRIu64 ", ", finding->file, finding->offset);
        if (finding->len_bytes != 0) {
            (void)printf("%" PRIu64 " bytes, ", finding->len_bytes);
        }
        (void)printf("LSN %" PRIu64 ": %s%s\n", finding->lsn, finding->what,
                     check->places[i].torn ? " (torn: never called durable)" : "");
    }
    if (check->place_count != 0) {
        (void)printf("%" PRIu64 " places are not as they should be; in all %" PRIu64
                     " records and %" PRIu64 " groups are authentic, up to LSN %" PRIu64 "\n",
                     check->survey.findings, check->survey.records, check->survey.groups,
                     check->survey.last_lsn);
    }
}

/** Which LSN a start goes on with. Where the log ends is not the end of what shared memory holds. */
static void
print_next(const struct hf_check *check, const struct hf_live *live)
{
    const struct hf_scan_result *scan = &check->scan;
    (void)printf("go on with LSN %" PRIu64 " in epoch %" PRIu64, scan->end_lsn + 1,
                 scan->epoch + 1);
    if (memory_lsn(live) > scan->end_lsn) {
        (void)printf("; with what shared memory holds, LSN %" PRIu64, memory_lsn(live) + 1);
    }
    (void)printf("\n");
}

static void
print_verdict(const struct hf_check *check, const struct hf_live *live)
{
    const struct hf_scan_result *scan = &check->scan;
    if (check->verdict == HF_CHECK_DAMAGED) {
        (void)printf("DAMAGED: a start would refuse:\n  %s\n", check->text);
        return;
    }
    if (hf_check_is_passed_by(check)) {
        (void)printf("DAMAGED before the snapshot of LSN %" PRIu64 ", where no start looks. Its "
                     "records cannot be told or replayed any more\n",
                     check->start_lsn);
    }
    if (check->verdict == HF_CHECK_TORN) {
        (void)printf("TORN: a start would cut %" PRIu64 " bytes behind LSN %" PRIu64
                     ", which were never durable, and ",
                     scan->torn_bytes, scan->end_lsn);
    } else {
        (void)printf("%s: a start would ", hf_check_is_passed_by(check) ? "NOT HURT" : "SOUND");
    }
    print_next(check, live);
}

/* As JSON */

static json_t *
places_json(const struct hf_check *check)
{
    json_t *array = json_array();
    for (size_t i = 0; i < check->place_count; i++) {
        const struct hf_survey_finding *finding = &check->places[i].finding;
        (void)json_array_append_new(
            array, json_pack("{s:s, s:I, s:I, s:I, s:s, s:b}", "file", finding->file, "offset",
                             (json_int_t)finding->offset, "bytes", (json_int_t)finding->len_bytes,
                             "lsn", (json_int_t)finding->lsn, "what", finding->what, "torn",
                             (int)check->places[i].torn));
    }
    return array;
}

static void
print_json(const struct hf_check *check, const struct hf_live *live)
{
    const struct hf_scan_result *scan = &check->scan;
    char instance[24];
    char digest[24];
    const struct hf_core *core = check->replay.core;
    (void)snprintf(instance, sizeof(instance), "%016" PRIx64, scan->instance_id);
    (void)snprintf(digest, sizeof(digest), "%016" PRIx64, core == NULL ? 0 : hf_core_digest(core));
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:b, "
        "s:o}",
        "verdict", verdict_name(check), "instance_id", instance, "digest", digest, "segments",
        (json_int_t)scan->segments, "archived", (json_int_t)check->archives, "snapshot_lsn",
        (json_int_t)check->from_lsn, "last_lsn", (json_int_t)scan->end_lsn, "memory_lsn",
        (json_int_t)memory_lsn(live), "durable_lsn", (json_int_t)scan->floor_lsn, "epoch",
        (json_int_t)scan->epoch, "digests", (json_int_t)check->digests, "torn_bytes",
        (json_int_t)scan->torn_bytes, "start_snapshot_lsn", (json_int_t)check->start_lsn,
        "snapshots_refused", (json_int_t)check->snapshots_refused, "start_refuses",
        (int)(check->verdict == HF_CHECK_DAMAGED), "stopped", (int)check->stopped, "running",
        (int)live->running, "places", places_json(check));
    if (check->verdict == HF_CHECK_DAMAGED) {
        (void)json_object_set_new(object, "refusal", json_string(check->text));
    }
    hf_json_print_line(stdout, object);
}

static int
show(const struct arguments *arguments, const struct hf_check *check, const struct hf_live *live)
{
    if (arguments->json) {
        print_json(check, live);
    } else {
        print_facts(check);
        print_live(live);
        print_places(check);
        print_verdict(check, live);
    }
    bool damaged = check->verdict == HF_CHECK_DAMAGED || hf_check_is_passed_by(check);
    return damaged ? EX_DATAERR : EX_OK;
}

/** What shared memory calls durable counts as for the daemon's start: if it is that log's. */
static uint64_t
floor_known(const struct arguments *arguments, const struct hf_live *live)
{
    uint64_t durable = live->found ? live->status.durable_lsn : 0;
    return durable > arguments->floor_lsn ? durable : arguments->floor_lsn;
}

int
hf_recover_verify(int argc, char **argv)
{
    struct arguments arguments = {.directory = NULL};
    struct hf_recover_progress progress;
    struct hf_check check;
    struct hf_live live;
    hf_recover_parse(&usage, argc, argv, &arguments);
    int exit_code = hf_recover_hold_directory("verify", arguments.directory);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    hf_live_by_directory(arguments.directory, &live); /* before the log, which only grows */
    hf_recover_progress_begin(&progress, "verify", false);
    int code = hf_check(arguments.directory, floor_known(&arguments, &live), &progress, &check);
    hf_recover_progress_end(&progress);
    exit_code = code == HF_OK ? show(&arguments, &check, &live)
                              : hf_recover_fail("verify", code, "%s", check.text);
    hf_check_free(&check);
    return exit_code;
}
