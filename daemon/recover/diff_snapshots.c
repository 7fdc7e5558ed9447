/*
 * diff_snapshots.c - two snapshots, and what differs in them: in words a line for each difference, as JSON one
 * object.
 */
#include "recover/diff_snapshots.h"

#include "recover/compare.h"
#include "recover/record_print.h"
#include "recover/tool.h"

#include "base/numa.h"
#include "cli/report_print.h"
#include "recovery/snapshot.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/** A path in two: its folder, and the LSN that its name says. @return 0: no name of a snapshot */
static uint64_t
split(const char *path, char directory[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 0 : (int)(slash - path);
    (void)snprintf(directory, PATH_MAX, "%.*s", length, path);
    if (length == 0) {
        (void)snprintf(directory, PATH_MAX, "%s", slash == NULL ? "." : "/");
    }
    return hf_snapshot_name_lsn(slash == NULL ? path : slash + 1);
}

bool
hf_diff_is_snapshot(const char *path)
{
    char directory[PATH_MAX];
    return split(path, directory) != 0;
}

static int
read_snapshot(const char *path, struct hf_snapshot *snapshot)
{
    char directory[PATH_MAX];
    uint64_t lsn = split(path, directory);
    int code = hf_snapshot_read(directory, lsn, -1, true, snapshot);
    return code == HF_OK ? EX_OK : hf_recover_fail("diff", code, "%s", snapshot->text);
}

/* In words */

static void
print_value(const json_t *value)
{
    if (json_is_string(value)) {
        (void)printf("%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        (void)printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        (void)printf("%s", json_is_true(value) ? "yes" : "no");
    } else {
        (void)printf("none");
    }
}

/** What a thing has that is only in one of them. */
static void
print_thing(const json_t *thing)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_t *object = json_deep_copy(thing); /* the iterator wants one that may be changed */
    json_object_foreach(object, key, value)
    {
        (void)printf(" %s=", key);
        print_value(value);
    }
    json_decref(object);
}

static void
say(void *context, const char *what, const char *field, const json_t *first, const json_t *second)
{
    (void)context;
    if (field != NULL) {
        (void)printf("%s: %s ", what, field);
        print_value(first);
        (void)printf(" | ");
        print_value(second);
    } else {
        (void)printf("%s: only in the %s one", what, json_is_null(first) ? "second" : "first");
        print_thing(json_is_null(first) ? second : first);
    }
    (void)printf("\n");
}

static void
print_headers(const char *const path[2], const struct hf_snapshot snapshots[2])
{
    for (int i = 0; i < 2; i++) {
        const struct hf_snapshot_header *header = &snapshots[i].header;
        (void)printf("%s: LSN %" PRIu64 ", instance %016" PRIx64 ", digest %016" PRIx64 "\n",
                     path[i], header->lsn, header->instance_id, header->digest);
    }
}

/* As JSON */

static void
collect(void *context, const char *what, const char *field, const json_t *first,
        const json_t *second)
{
    json_t *object = json_object();
    (void)json_object_set_new(object, "what", json_string(what));
    (void)json_object_set_new(object, "field", field == NULL ? json_null() : json_string(field));
    (void)json_object_set_new(object, "values",
                              json_pack("[o, o]", json_deep_copy(first), json_deep_copy(second)));
    (void)json_array_append_new(context, object);
}

static void
print_json(const struct hf_snapshot snapshots[2], json_t *differences, bool same)
{
    char digest[2][24];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(digest[i], sizeof(digest[i]), "%016" PRIx64, snapshots[i].header.digest);
    }
    hf_json_print_line(stdout, json_pack("{s:b, s:[I, I], s:[s, s], s:o}", "same", (int)same, "lsn",
                                         (json_int_t)snapshots[0].header.lsn,
                                         (json_int_t)snapshots[1].header.lsn, "digest", digest[0],
                                         digest[1], "differences", differences));
}

/** What is the same in all that can be told may still differ in its bytes: places that are free, the order in
 *  which tables were filled, the event buffer. */
static bool
same_bytes(const struct hf_snapshot snapshots[2])
{
    return snapshots[0].core_bytes == snapshots[1].core_bytes &&
           memcmp(snapshots[0].core, snapshots[1].core, snapshots[0].core_bytes) == 0;
}

static int
compare(const char *const path[2], const struct hf_snapshot snapshots[2], bool json)
{
    json_t *differences = json ? json_array() : NULL;
    struct hf_compare work = {.core = {snapshots[0].core, snapshots[1].core},
                              .context = differences,
                              .differs = json ? collect : say};
    if (!json) {
        print_headers(path, snapshots);
    }
    hf_compare(&work);
    bool same = work.differences == 0 && same_bytes(snapshots);
    if (json) {
        print_json(snapshots, differences, same);
    } else if (work.differences != 0) {
        (void)printf("the snapshots differ in %" PRIu64 " places\n", work.differences);
    } else {
        (void)printf(same ? "the snapshots are the same\n"
                          : "the snapshots are the same in all that can be told, but their bytes "
                            "differ\n");
    }
    return same ? EX_OK : 1;
}

int
hf_diff_snapshots(const char *const path[2], bool json)
{
    struct hf_snapshot snapshots[2] = {{.core = NULL}, {.core = NULL}};
    int exit_code = read_snapshot(path[0], &snapshots[0]);
    if (exit_code == EX_OK) {
        exit_code = read_snapshot(path[1], &snapshots[1]);
    }
    if (exit_code == EX_OK) {
        exit_code = compare(path, snapshots, json);
    }
    for (int i = 0; i < 2; i++) {
        hf_memory_free(snapshots[i].core, snapshots[i].core_bytes);
    }
    return exit_code;
}
