/*
 * diff.c - holdfast-recover diff: where two logs part.
 *
 * Two scans cannot run in step, and a log may be larger than memory. So each is first scanned into one
 * checksum for every BLOCK_LSNS records; then both once more for the first block that differs, which is
 * small enough to be kept. Checksums of the log itself do not help: they contain instance and segment.
 *
 * Where a log is kept short, what both have is compared: from the later one of their first LSNs on.
 */
#include "recover/diff_snapshots.h"
#include "recover/options.h"
#include "recover/record_print.h"
#include "recover/tool.h"

#include "base/crc32c.h"
#include "cli/report_print.h"
#include "recovery/beginning.h"
#include "recovery/scan.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define BLOCK_LSNS 4096u

struct arguments {
    const char *directory[2]; /**< or snapshots */
    bool json;
};

static const char doc[] =
    "Compare two snapshots, or the records of two logs, LSN by LSN, and print the first at which "
    "they differ, from both. How they are cut into segments and groups, and of which instance they "
    "are, does not matter.\v"
    "Both must be sound up to there. A log that is a whole copy of the beginning of the other one "
    "differs from it at the LSN behind its end. Of logs that are kept short the LSNs are compared "
    "that both have, and it is said which.\n\n"
    "Of two snapshots (LSN.snap) every instrument, price level, order, session, account, limit and "
    "entitlement is named that differs, field by field.\n\n"
    "Example:  holdfast-recover diff /var/lib/holdfast/holdfast /backup/monday\n\n" //
    HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "the first DIRECTORY, or snapshot,",
     .at = offsetof(struct arguments, directory[0]),
     .needed = true},
    {.argument = "the second DIRECTORY, or snapshot,",
     .at = offsetof(struct arguments, directory[1]),
     .needed = true},
    {"json", 'j', NULL, "One JSON object", HF_OPTION_FLAG, .at = offsetof(struct arguments, json)}};

static const struct hf_recover_usage usage = {.operands = "DIRECTORY DIRECTORY\nLSN.snap LSN.snap",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0])};

/** One of the two logs. */
struct side {
    const char *directory;
    struct hf_beginning beginning;
    uint64_t from_lsn; /**< first one to compare */
    uint64_t end_lsn;
    uint32_t *blocks; /**< checksum of records LSN from_lsn + i * BLOCK_LSNS and on */
    size_t block_count;
    size_t capacity;
    uint64_t keep_from; /**< second pass: first LSN to keep */
    struct hf_record kept[BLOCK_LSNS];
    uint64_t kept_end; /**< last LSN that is in `kept` */
    struct hf_recover_progress progress;
};

/** A record without what depends on instance and segment. */
static struct hf_record
plain(const struct hf_record *slot)
{
    struct hf_record copy = *slot;
    copy.crc = 0;
    return copy;
}

static int
add_to_block(void *context, const struct hf_record *slot, const char *file, uint64_t offset)
{
    struct side *side = context;
    (void)file;
    (void)offset;
    if (slot->type == HF_RECORD_GROUP || slot->lsn < side->from_lsn) {
        return 0;
    }
    size_t index = (size_t)((slot->lsn - side->from_lsn) / BLOCK_LSNS);
    if (index == side->capacity) {
        size_t capacity = side->capacity == 0 ? 1024 : 2 * side->capacity;
        uint32_t *grown = realloc(side->blocks, capacity * sizeof(*grown));
        if (grown == NULL) {
            return HF_E_MEMORY;
        }
        side->blocks = grown;
        side->capacity = capacity;
    }
    if (index == side->block_count) {
        side->blocks[side->block_count++] = 0;
    }
    struct hf_record copy = plain(slot);
    side->blocks[index] = hf_crc32c(side->blocks[index], &copy, sizeof(copy));
    return 0;
}

static int
keep(void *context, const struct hf_record *slot, const char *file, uint64_t offset)
{
    struct side *side = context;
    (void)file;
    (void)offset;
    if (slot->type != HF_RECORD_GROUP && slot->lsn >= side->keep_from) {
        side->kept[slot->lsn - side->keep_from] = plain(slot);
        side->kept_end = slot->lsn;
    }
    return 0;
}

static void
on_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    struct side *side = context;
    hf_recover_progress_draw(&side->progress, done_bytes, total_bytes);
}

static int
scan_side(struct side *side, int (*slot)(void *, const struct hf_record *, const char *, uint64_t),
          uint64_t last_lsn)
{
    struct hf_scan_result result;
    const struct hf_scan_watch watch = {.context = side,
                                        .slot = slot,
                                        .progress = on_progress,
                                        .last_lsn = last_lsn,
                                        .from = hf_beginning_from(&side->beginning)};
    hf_recover_progress_begin(&side->progress, "diff", false);
    int code = hf_scan_watched(side->directory, 0, &watch, &result);
    hf_recover_progress_end(&side->progress);
    if (code != HF_OK) {
        return hf_recover_fail("diff", code, "%s", result.text);
    }
    side->end_lsn = last_lsn == 0 ? result.end_lsn : side->end_lsn;
    return EX_OK;
}

/** First block that is not the same in both; the number of blocks when all are. */
static size_t
first_block(const struct side sides[2])
{
    size_t count =
        sides[0].block_count < sides[1].block_count ? sides[0].block_count : sides[1].block_count;
    size_t index = 0;
    while (index < count && sides[0].blocks[index] == sides[1].blocks[index]) {
        index++;
    }
    return index;
}

/** First LSN of the kept block at which they differ, or one of them has ended. */
static uint64_t
first_lsn(const struct side sides[2])
{
    uint64_t lsn = sides[0].keep_from;
    while (lsn <= sides[0].kept_end && lsn <= sides[1].kept_end &&
           memcmp((const void *)&sides[0].kept[lsn - sides[0].keep_from],
                  (const void *)&sides[1].kept[lsn - sides[1].keep_from],
                  sizeof(struct hf_record)) == 0) {
        lsn++;
    }
    return lsn;
}

/** The record of a side at an LSN, with its second slot; NULL: it has ended. */
static json_t *
record_at(const struct side *side, uint64_t lsn)
{
    if (lsn > side->kept_end) {
        return NULL;
    }
    const struct hf_record *record = &side->kept[lsn - side->keep_from];
    bool pair = record->slots == 2 && lsn < side->kept_end;
    return hf_record_json(record, pair ? record + 1 : NULL, NULL);
}

/** Where a log is kept short, what is compared. */
static void
print_shortness(const struct side sides[2])
{
    for (int i = 0; i < 2; i++) {
        if (sides[i].beginning.position.lsn != 0) {
            (void)printf("%s begins with LSN %" PRIu64 "; what was before is gone\n",
                         sides[i].directory, sides[i].beginning.position.lsn + 1);
        }
    }
    if (sides[0].from_lsn > 1) {
        (void)printf("compared from LSN %" PRIu64 " on, the first one that both have\n",
                     sides[0].from_lsn);
    }
}

static void
print_words(const struct side sides[2], uint64_t lsn)
{
    print_shortness(sides);
    if (lsn == sides[0].from_lsn) {
        (void)printf("the logs differ at LSN %" PRIu64 ":\n", lsn);
    } else {
        (void)printf("the logs are the same up to LSN %" PRIu64 " and differ at LSN %" PRIu64 ":\n",
                     lsn - 1, lsn);
    }
    for (int i = 0; i < 2; i++) {
        json_t *record = record_at(&sides[i], lsn);
        (void)printf("%s:\n  ", sides[i].directory);
        if (record != NULL) {
            hf_record_print_words(stdout, record);
        } else {
            (void)printf("ends with LSN %" PRIu64 "\n", sides[i].end_lsn);
        }
    }
}

static void
print_json(const struct side sides[2], uint64_t lsn, bool differ)
{
    json_t *object = json_pack("{s:b, s:I, s:[I, I]}", "same", (int)!differ, "from_lsn",
                               (json_int_t)sides[0].from_lsn, "last_lsn",
                               (json_int_t)sides[0].end_lsn, (json_int_t)sides[1].end_lsn);
    if (differ) {
        (void)json_object_set_new(object, "lsn", json_integer((json_int_t)lsn));
        json_t *records = json_array();
        for (int i = 0; i < 2; i++) {
            json_t *record = record_at(&sides[i], lsn);
            (void)json_array_append_new(records, record != NULL ? record : json_null());
        }
        (void)json_object_set_new(object, "records", records);
    }
    hf_json_print_line(stdout, object);
}

/** What both may have. */
static int
find_beginnings(struct side sides[2])
{
    for (int i = 0; i < 2; i++) {
        int code = hf_beginning(sides[i].directory, &sides[i].beginning);
        if (code != HF_OK) {
            return hf_recover_fail("diff", code, "%s", sides[i].beginning.text);
        }
    }
    uint64_t lsn[2] = {sides[0].beginning.position.lsn + 1, sides[1].beginning.position.lsn + 1};
    sides[0].from_lsn = lsn[0] > lsn[1] ? lsn[0] : lsn[1];
    sides[1].from_lsn = sides[0].from_lsn;
    return EX_OK;
}

/** One of them ends before the other begins. */
static int
check_common(const struct side sides[2])
{
    for (int i = 0; i < 2; i++) {
        if (sides[i].from_lsn > 1 && sides[i].end_lsn < sides[i].from_lsn) {
            (void)hf_recover_fail("diff", HF_E_UNKNOWN,
                                  "the logs have no LSN in common: %s ends with LSN %" PRIu64
                                  ", the other one begins with LSN %" PRIu64,
                                  sides[i].directory, sides[i].end_lsn, sides[i].from_lsn);
            return 1;
        }
    }
    return EX_OK;
}

static int
compare(struct side sides[2], bool json)
{
    int exit_code = find_beginnings(sides);
    for (int i = 0; i < 2 && exit_code == EX_OK; i++) {
        exit_code = scan_side(&sides[i], add_to_block, 0);
    }
    if (exit_code == EX_OK) {
        exit_code = check_common(sides);
    }
    size_t block = first_block(sides);
    bool differ = block < sides[0].block_count || block < sides[1].block_count;
    for (int i = 0; i < 2 && exit_code == EX_OK && differ; i++) {
        sides[i].keep_from = (uint64_t)block * BLOCK_LSNS + sides[i].from_lsn;
        exit_code = scan_side(&sides[i], keep, sides[i].keep_from + BLOCK_LSNS - 1);
    }
    if (exit_code != EX_OK) {
        return exit_code;
    }
    uint64_t lsn = differ ? first_lsn(sides) : 0;
    if (json) {
        print_json(sides, lsn, differ);
    } else if (differ) {
        print_words(sides, lsn);
    } else {
        print_shortness(sides);
        (void)printf("the logs are the same: LSN %" PRIu64 " to %" PRIu64 "\n", sides[0].from_lsn,
                     sides[0].end_lsn);
    }
    return differ ? 1 : EX_OK;
}

int
hf_recover_diff(int argc, char **argv)
{
    static struct side sides[2];
    struct arguments arguments = {.json = false};
    hf_recover_parse(&usage, argc, argv, &arguments);
    if (hf_diff_is_snapshot(arguments.directory[0]) &&
        hf_diff_is_snapshot(arguments.directory[1])) {
        return hf_diff_snapshots(arguments.directory, arguments.json);
    }
    int exit_code = EX_OK;
    for (int i = 0; i < 2 && exit_code == EX_OK; i++) {
        sides[i].directory = arguments.directory[i];
        exit_code = hf_recover_hold_directory("diff", sides[i].directory);
    }
    if (exit_code == EX_OK) {
        exit_code = compare(sides, arguments.json);
        free(sides[0].blocks);
        free(sides[1].blocks);
    }
    return exit_code;
}
