/* play_print.c - differences to read, and outcomes in the format of the cases. */
#include "cli/play.h"

#include <holdfast/error.h>

#include <string.h>

/** Equal lines around a difference, the most lines of it on each side, and the most commands. */
#define CONTEXT 3u
#define DIFFERENT_MAX 20u
#define COMMANDS_MAX 8u

void
hf_play_print_json(const struct hf_play *play, const char *prefix, const json_t *json)
{
    (void)fputs(prefix, play->out);
    (void)json_dumpf(json, play->out, JSON_ENCODE_ANY);
    (void)fputc('\n', play->out);
}

uint64_t
hf_play_line(const struct hf_play_case *play_case, size_t at)
{
    if (at < play_case->step_count) {
        return play_case->steps[at].line;
    }
    return at == 0 ? play_case->line : play_case->steps[at - 1].line; /* the end */
}

/** The commands among steps first to at, the last ones of them in full. */
static void
print_commands(const struct hf_play *play, size_t first, size_t at, const char *unit)
{
    const struct hf_play_step *steps = play->play_case.steps;
    size_t count = 0;
    for (size_t i = first; i < at; i++) {
        count += steps[i].is_command;
    }
    if (count > COMMANDS_MAX) {
        (void)fprintf(play->out, "    ... %zu commands\n", count - COMMANDS_MAX);
    }
    for (size_t i = first; i < at; i++) {
        if (steps[i].is_command && count-- <= COMMANDS_MAX) {
            (void)fprintf(play->out, "    %s %llu: ", unit, (unsigned long long)steps[i].line);
            hf_play_print_json(play, "", steps[i].command.json);
        }
    }
}

void
hf_play_print_place(const struct hf_play *play, size_t first, size_t at, const char *what)
{
    const struct hf_play_case *play_case = &play->play_case;
    const char *unit = play_case->is_stream ? "command" : "line";
    (void)fprintf(play->out, "--- %s: case %s\n+++ %s\n", play->path, play_case->name,
                  play->driver.name);
    print_commands(play, first, at, unit);
    (void)fprintf(play->out, "@@ %s %llu: %s @@\n", unit,
                  (unsigned long long)hf_play_line(play_case, at), what);
}

static void
append_name(json_t *list, const struct hf_play_names *names, int64_t number)
{
    (void)json_array_append(list, hf_play_names_value(names, (uint32_t)number));
}

static void
append_integer(json_t *list, int64_t value)
{
    (void)json_array_append_new(list, json_integer(value));
}

static json_t *
trade_json(const struct hf_play_names *names, const struct hf_play_row *row)
{
    json_t *list = json_array();
    append_name(list, names, row->v[0]);
    append_name(list, names, row->v[1]);
    append_integer(list, row->v[2]);
    append_integer(list, row->v[3]);
    return list;
}

static json_t *
order_json(const struct hf_play_names *names, const struct hf_play_row *row)
{
    json_t *list = json_array();
    append_name(list, names, row->v[1]);
    append_integer(list, row->v[2]);
    append_integer(list, row->v[3]);
    return list;
}

static json_t *
level_json(const struct hf_play_row *row, bool price_only)
{
    json_t *list = json_array();
    append_integer(list, row->v[1]);
    if (!price_only) {
        append_integer(list, row->v[2]);
    }
    return list;
}

static void
print_row(const struct hf_play *play, const struct hf_play_expectation *expectation, char sign,
          const struct hf_play_row *row)
{
    const struct hf_play_case *play_case = &play->play_case;
    const char *side = row->v[0] == HF_BUY ? "bid " : "ask ";
    json_t *json;
    if (expectation->kind == HF_PLAY_TRADES) {
        side = "";
        json = trade_json(expectation->by_owner ? &play_case->owners : &play_case->ids, row);
    } else if (expectation->by_level) {
        json = level_json(row, expectation->price_only);
    } else {
        json = order_json(&play_case->ids, row);
    }
    (void)fputc(sign, play->out);
    hf_play_print_json(play, side, json);
    json_decref(json);
}

static bool
same_row(const struct hf_play_row *a, const struct hf_play_row *b)
{
    return memcmp(a->v, b->v, sizeof a->v) == 0;
}

static void
print_range(const struct hf_play *play, const struct hf_play_expectation *expectation, char sign,
            const struct hf_play_rows *rows, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (i - from == DIFFERENT_MAX) {
            (void)fprintf(play->out, "%c... and %zu more\n", sign, to - i);
            return;
        }
        print_row(play, expectation, sign, &rows->rows[i]);
    }
}

void
hf_play_print_rows(const struct hf_play *play, const struct hf_play_expectation *expectation,
                   const struct hf_play_rows *expected, const struct hf_play_rows *actual)
{
    size_t least = expected->count < actual->count ? expected->count : actual->count;
    size_t head = 0; /* equal rows at the beginning, and at the end */
    size_t tail = 0;
    while (head < least && same_row(&expected->rows[head], &actual->rows[head])) {
        head++;
    }
    while (tail < least - head && same_row(&expected->rows[expected->count - 1 - tail],
                                           &actual->rows[actual->count - 1 - tail])) {
        tail++;
    }
    size_t after = tail < CONTEXT ? tail : CONTEXT;
    print_range(play, expectation, ' ', expected, head < CONTEXT ? 0 : head - CONTEXT, head);
    print_range(play, expectation, '-', expected, head, expected->count - tail);
    print_range(play, expectation, '+', actual, head, actual->count - tail);
    print_range(play, expectation, ' ', expected, expected->count - tail,
                expected->count - tail + after);
}

json_t *
hf_play_event_json(const struct hf_play_state *state, const struct hf_play_event *event)
{
    json_t *json = json_pack("{s:s, s:O, s:s}", "exp", "event", "id",
                             hf_play_names_value(&state->play_case->ids, event->id), "ev",
                             hf_play_event_name(event->type));
    if (event->type == HF_PLAY_CANCELLED) {
        (void)json_object_set_new(json, "open", json_integer((json_int_t)event->quantity));
    }
    if (event->reason != HF_REASON_NONE) {
        (void)json_object_set_new(json, "reason", json_string(hf_reason_name(event->reason)));
    }
    return json;
}

json_t *
hf_play_trades_json(const struct hf_play *play)
{
    json_t *list = json_array();
    for (size_t i = 0; i < play->state.trades.count; i++) {
        (void)json_array_append_new(list,
                                    trade_json(&play->play_case.ids, &play->state.trades.rows[i]));
    }
    return list;
}

int
hf_play_book_json(struct hf_play *play, bool visible, json_t *json)
{
    struct hf_play_rows rows = {0};
    json_t *sides[2] = {json_array(), json_array()};
    bool good = hf_play_state_book(&play->state, false, visible, &rows);
    for (size_t i = 0; i < rows.count; i++) {
        (void)json_array_append_new(sides[rows.rows[i].v[0] == HF_BUY ? 0 : 1],
                                    order_json(&play->play_case.ids, &rows.rows[i]));
    }
    (void)json_object_set_new(json, "bids", sides[0]);
    (void)json_object_set_new(json, "asks", sides[1]);
    hf_play_rows_free(&rows);
    return good ? 0 : hf_play_fail(play, HF_E_MEMORY, "out of memory");
}
