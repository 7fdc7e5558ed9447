/*
 * replay_print.c - the result of a replay, for people and for scripts.
 */
#include "cli/replay.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

static const char *const group_names[HF_REPLAY_GROUPS] = {
    [HF_APPLIED] = "applied",
    [HF_LEFT] = "left_out",
    [HF_DIFFERS] = "differs",
    [HF_BOOKKEEPING] = "bookkeeping",
};
static const char *const group_titles[HF_REPLAY_GROUPS] = {
    [HF_APPLIED] = "applied",
    [HF_LEFT] = "left out",
    [HF_DIFFERS] = "differs from the record",
    [HF_BOOKKEEPING] = "bookkeeping",
};

static const struct {
    enum hf_replay_group group;
    const char *key;
    const char *text;
} counts[HF_REPLAY_COUNT_MAX] = {
#define HF_REPLAY_COUNT_TEXT(group, name, key, text) {HF_##group, key, text},
    HF_REPLAY_COUNTS(HF_REPLAY_COUNT_TEXT)
#undef HF_REPLAY_COUNT_TEXT
};

static double
percent(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0.0 : 100.0 * (double)part / (double)whole;
}

static double
seconds(const struct hf_replay_result *result)
{
    return result->start_ns == 0 ? 0.0 : (double)(result->end_ns - result->start_ns) / 1e9;
}

static double
rate(const struct hf_replay_result *result)
{
    double took = seconds(result);
    return took <= 0.0 ? 0.0 : (double)result->commands / took;
}

static void
print_group(const struct hf_replay_result *result, enum hf_replay_group group)
{
    bool titled = false;
    for (unsigned i = 0; i < HF_REPLAY_COUNT_MAX; i++) {
        if (counts[i].group != group || result->count[i] == 0) {
            continue;
        }
        if (!titled) {
            printf("%s:\n", group_titles[group]);
            titled = true;
        }
        printf("  %12" PRIu64 "  %s\n", result->count[i], counts[i].text);
    }
}

static void
print_types(const struct hf_replay_result *result)
{
    printf("messages: %" PRIu64 " (", result->messages);
    const char *gap = "";
    for (unsigned i = 0; i < 256; i++) {
        if (result->types[i] == 0) {
            continue;
        }
        if (i > ' ' && i < 127) {
            printf("%s%c %" PRIu64, gap, (char)i, result->types[i]);
        } else {
            printf("%s0x%02x %" PRIu64, gap, i, result->types[i]);
        }
        gap = ", ";
    }
    printf(")\n");
}

static void
print_makers(const struct hf_replay *replay)
{
    const struct hf_replay_result *result = &replay->result;
    const char *unit = replay->options.format == HF_REPLAY_ITCH ? "message" : "row";
    if (result->executions == 0) {
        return;
    }
    printf("visible executions: %" PRIu64 ", maker right: %" PRIu64 " (%.4f %%), wrong: %" PRIu64
           "\n",
           result->executions, result->maker_right,
           percent(result->maker_right, result->executions), result->maker_wrong);
    for (uint32_t i = 0; i < result->wrong_count; i++) {
        printf("  %s %" PRIu64 ": the record took order %" PRIu64 ", the engine's first is %" PRIu64
               "\n",
               unit, result->wrong[i].row, result->wrong[i].record, result->wrong[i].engine);
    }
}

static void
print_rows(const struct hf_replay_result *result)
{
    if (result->rows == 0) {
        return;
    }
    printf("rows: %" PRIu64 ", equal: %" PRIu64 " (%.4f %%)\n", result->rows, result->rows_equal,
           percent(result->rows_equal, result->rows));
    uint64_t unequal = result->rows - result->rows_equal;
    for (uint64_t i = 0; i < unequal && i < HF_REPLAY_LISTED; i++) {
        printf("  row %" PRIu64 " is not equal\n", result->unequal[i]);
    }
}

static void
print_rejects(const struct hf_replay_result *result)
{
    for (uint32_t i = 0; i < HF_REPLAY_REASONS; i++) {
        if (result->rejected[i] != 0) {
            printf("  %12" PRIu64 "  %s: %s\n", result->rejected[i], hf_reason_name(i),
                   hf_reason_text(i));
        }
    }
}

void
hf_replay_print(const struct hf_replay *replay)
{
    const struct hf_replay_result *result = &replay->result;
    printf("%s through %s\n", replay->options.file,
           replay->options.instance == NULL ? "the in-process engine" : replay->options.instance);
    print_types(result);
    print_rows(result);
    print_makers(replay);
    for (unsigned group = 0; group < HF_REPLAY_GROUPS; group++) {
        print_group(result, (enum hf_replay_group)group);
    }
    printf("commands: %" PRIu64 ", trades: %" PRIu64 ", rejected: %" PRIu64 "\n", result->commands,
           result->trades, result->rejects);
    print_rejects(result);
    if (result->books_differ != 0) {
        printf("books that the engine shows otherwise than its reports told: %u of %u\n",
               result->books_differ, replay->books.book_count);
    }
    printf("%.3f s, %.0f commands/s\n", seconds(result), rate(result));
}

static void
set_count(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static json_t *
json_share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? json_null() : json_real(percent(part, whole));
}

static json_t *
json_group(const struct hf_replay_result *result, enum hf_replay_group group)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < HF_REPLAY_COUNT_MAX; i++) {
        if (counts[i].group == group) {
            set_count(object, counts[i].key, result->count[i]);
        }
    }
    return object;
}

static json_t *
json_types(const struct hf_replay_result *result)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < 256; i++) {
        char name[8];
        if (result->types[i] != 0) {
            snprintf(name, sizeof name, i > ' ' && i < 127 ? "%c" : "0x%02x", i);
            set_count(object, name, result->types[i]);
        }
    }
    return object;
}

static json_t *
json_makers(const struct hf_replay_result *result)
{
    json_t *object = json_object();
    json_t *list = json_array();
    set_count(object, "executions", result->executions);
    set_count(object, "right", result->maker_right);
    set_count(object, "wrong", result->maker_wrong);
    json_object_set_new(object, "right_percent",
                        json_share(result->maker_right, result->executions));
    for (uint32_t i = 0; i < result->wrong_count; i++) {
        json_t *entry = json_object();
        set_count(entry, "row", result->wrong[i].row);
        set_count(entry, "record", result->wrong[i].record);
        set_count(entry, "engine", result->wrong[i].engine);
        json_array_append_new(list, entry);
    }
    json_object_set_new(object, "first_wrong", list);
    return object;
}

static json_t *
json_rows(const struct hf_replay_result *result)
{
    json_t *object = json_object();
    json_t *list = json_array();
    uint64_t unequal = result->rows - result->rows_equal;
    set_count(object, "compared", result->rows);
    set_count(object, "equal", result->rows_equal);
    json_object_set_new(object, "equal_percent", json_share(result->rows_equal, result->rows));
    for (uint64_t i = 0; i < unequal && i < HF_REPLAY_LISTED; i++) {
        json_array_append_new(list, json_integer((json_int_t)result->unequal[i]));
    }
    json_object_set_new(object, "first_unequal", list);
    return object;
}

static json_t *
json_rejects(const struct hf_replay_result *result)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < HF_REPLAY_REASONS; i++) {
        if (result->rejected[i] != 0) {
            set_count(object, hf_reason_name(i), result->rejected[i]);
        }
    }
    return object;
}

void
hf_replay_print_json(const struct hf_replay *replay)
{
    const struct hf_replay_result *result = &replay->result;
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(replay->options.file));
    json_object_set_new(object, "driver", json_string(replay->driver.name));
    json_object_set_new(object, "passed", json_boolean(hf_replay_passed(replay)));
    set_count(object, "messages", result->messages);
    json_object_set_new(object, "types", json_types(result));
    json_object_set_new(object, "rows", json_rows(result));
    json_object_set_new(object, "makers", json_makers(result));
    for (unsigned group = 0; group < HF_REPLAY_GROUPS; group++) {
        json_object_set_new(object, group_names[group],
                            json_group(result, (enum hf_replay_group)group));
    }
    set_count(object, "commands", result->commands);
    set_count(object, "trades", result->trades);
    json_object_set_new(object, "rejected", json_rejects(result));
    set_count(object, "books", replay->books.book_count);
    set_count(object, "books_differ", result->books_differ);
    json_object_set_new(object, "seconds", json_real(seconds(result)));
    json_object_set_new(object, "commands_per_second", json_real(rate(result)));
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
}
