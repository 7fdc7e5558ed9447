/*
 * play_check.c - one expectation against what the reports said.
 *
 * Lists are brought into the form that the expectation's flags ask for, on both sides, then compared
 * row by row. Events are looked for among those since the last run of commands: each expected one must
 * be there, others may.
 */
#include "cli/play.h"

#include <holdfast/error.h>

#include <string.h>

static const struct hf_play_expectation *
expectation_at(const struct hf_play *play, size_t at)
{
    return &play->play_case.steps[at].expectation;
}

static int
no_memory(struct hf_play *play)
{
    return hf_play_fail(play, HF_E_MEMORY, "out of memory");
}

/** Compare two lists in their final form, print what differs. */
static int
judge_rows(struct hf_play *play, size_t first, size_t at, const char *what,
           const struct hf_play_rows *expected, const struct hf_play_rows *actual, bool same)
{
    if (same) {
        return 1;
    }
    hf_play_print_place(play, first, at, what);
    hf_play_print_rows(play, expectation_at(play, at), expected, actual);
    return 0;
}

static int
check_trades(struct hf_play *play, size_t first, size_t at)
{
    const struct hf_play_expectation *expectation = expectation_at(play, at);
    struct hf_play_rows expected = {0};
    struct hf_play_rows actual = {0};
    int result;
    if (!hf_play_rows_add_all(&expected, &expectation->rows) ||
        !hf_play_rows_add_all(&actual, expectation->by_owner ? &play->state.owner_trades
                                                             : &play->state.trades)) {
        result = no_memory(play);
    } else {
        if (expectation->merged_per_pair) {
            hf_play_rows_merge(&expected);
            hf_play_rows_merge(&actual);
        }
        if (expectation->unordered) {
            hf_play_rows_sort(&expected);
            hf_play_rows_sort(&actual);
        }
        if (expectation->incomplete) {
            hf_play_rows_subtract(&expected, &actual);
        }
        bool same =
            expectation->incomplete ? expected.count == 0 : hf_play_rows_equal(&expected, &actual);
        result = judge_rows(play, first, at, "trades", &expected, &actual, same);
    }
    hf_play_rows_free(&expected);
    hf_play_rows_free(&actual);
    hf_play_state_forget_trades(&play->state);
    return result;
}

/** Keep the first row of each side, and only its price when that is all that counts. */
static void
keep_top(struct hf_play_rows *rows, bool price_only)
{
    size_t kept = 0;
    int64_t side = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].v[0] == side) {
            continue;
        }
        side = rows->rows[i].v[0];
        rows->rows[kept] = rows->rows[i];
        if (price_only) {
            rows->rows[kept].v[2] = 0;
        }
        kept++;
    }
    rows->count = kept;
}

static int
check_book(struct hf_play *play, size_t first, size_t at)
{
    const struct hf_play_expectation *expectation = expectation_at(play, at);
    struct hf_play_rows expected = {0};
    struct hf_play_rows actual = {0};
    bool is_top = expectation->kind == HF_PLAY_TOP;
    int result;
    if (!hf_play_rows_add_all(&expected, &expectation->rows) ||
        !hf_play_state_book(&play->state, expectation->by_level, expectation->visible, &actual)) {
        result = no_memory(play);
    } else {
        if (is_top) {
            keep_top(&expected, expectation->price_only);
            keep_top(&actual, expectation->price_only);
        } else if (expectation->unordered) {
            hf_play_rows_sort(&expected);
            hf_play_rows_sort(&actual);
        }
        result = judge_rows(play, first, at, is_top ? "top" : "book", &expected, &actual,
                            hf_play_rows_equal(&expected, &actual));
    }
    hf_play_rows_free(&expected);
    hf_play_rows_free(&actual);
    return result;
}

/** Does the same run of expectations also say that the order was cancelled or rejected? */
static bool
ends_in_this_run(const struct hf_play *play, size_t first, size_t at)
{
    const struct hf_play_case *play_case = &play->play_case;
    uint32_t id = expectation_at(play, at)->id;
    for (size_t i = first; i < play_case->step_count; i++) {
        const struct hf_play_step *step = &play_case->steps[i];
        if (step->is_command && i > at) {
            return false;
        }
        if (!step->is_command && step->expectation.kind == HF_PLAY_EVENT &&
            step->expectation.id == id &&
            (step->expectation.event == HF_PLAY_CANCELLED ||
             step->expectation.event == HF_PLAY_REJECTED)) {
            return true;
        }
    }
    return false;
}

/** Other engines say some things in other words. */
static bool
means(const struct hf_play *play, size_t first, size_t at, const struct hf_play_event *event)
{
    enum hf_play_event_type expected = expectation_at(play, at)->event;
    if (expected == event->type) {
        return true;
    }
    switch (expected) {
    case HF_PLAY_ACCEPTED: /* accepted, then cancelled: a refusal in two words */
        return event->type == HF_PLAY_REJECTED && event->is_refusal &&
               ends_in_this_run(play, first, at);
    case HF_PLAY_CANCELLED:
        return event->type == HF_PLAY_REJECTED && event->is_refusal;
    case HF_PLAY_REJECTED:
        return event->type == HF_PLAY_CANCELLED && event->is_refusal;
    case HF_PLAY_REPLACED: /* by nothing: we answer with the cancel alone */
        return event->type == HF_PLAY_CANCELLED && event->answers_replace;
    case HF_PLAY_ACCEPTED_STOP:
        return event->type == HF_PLAY_ACCEPTED && event->is_stop;
    case HF_PLAY_CANCEL_REJECTED:
        return event->type == HF_PLAY_REDUCE_REJECTED;
    default:
        return false;
    }
}

/** Our own reasons are compared, other engines' words cannot be. */
static bool
reason_fits(const char *expected, uint32_t reason)
{
    return expected == NULL || strncmp(expected, "HF_REASON_", 10) != 0 ||
           strcmp(expected, hf_reason_name(reason)) == 0;
}

static void
print_events(const struct hf_play *play, uint32_t id)
{
    const struct hf_play_state *state = &play->state;
    bool any = false;
    for (size_t i = 0; i < state->event_count; i++) {
        if (state->events[i].id == id) {
            json_t *json = hf_play_event_json(state, &state->events[i]);
            hf_play_print_json(play, "+", json);
            json_decref(json);
            any = true;
        }
    }
    if (!any) {
        (void)fprintf(play->out, "+(no event of this order)\n");
    }
}

static int
check_event(struct hf_play *play, size_t first, size_t at)
{
    const struct hf_play_expectation *expectation = expectation_at(play, at);
    const struct hf_play_state *state = &play->state;
    for (size_t i = 0; i < state->event_count; i++) {
        const struct hf_play_event *event = &state->events[i];
        if (event->id == expectation->id && means(play, first, at, event) &&
            (!expectation->has_open || expectation->open == (int64_t)event->quantity) &&
            reason_fits(expectation->reason, event->reason)) {
            return 1;
        }
    }
    hf_play_print_place(play, first, at, "event");
    hf_play_print_json(play, "-", expectation->json);
    print_events(play, expectation->id);
    return 0;
}

/** Compare one number. @return 1 or 0, after printing; the place is printed before the first one */
static int
judge_number(struct hf_play *play, size_t first, size_t at, const char *what, const char *name,
             int64_t expected, int64_t actual, int so_far)
{
    if (expected == actual) {
        return so_far;
    }
    if (so_far == 1) {
        hf_play_print_place(play, first, at, what);
    }
    (void)fprintf(play->out, "-%s %lld\n+%s %lld\n", name, (long long)expected, name,
                  (long long)actual);
    return 0;
}

static int
check_order(struct hf_play *play, size_t first, size_t at)
{
    const struct hf_play_expectation *expectation = expectation_at(play, at);
    const struct hf_play_order *order = hf_play_state_find(&play->state, expectation->id);
    bool live = order != NULL && order->live && order->id == expectation->id;
    uint64_t open = order == NULL ? 0 : expectation->visible ? order->shown : order->open;
    int result = 1;
    if (expectation->has_live) {
        result = judge_number(play, first, at, "order", "live", expectation->live, live, result);
    }
    if (expectation->has_open) {
        result = judge_number(play, first, at, "order", "open", expectation->open, (int64_t)open,
                              result);
    }
    return result;
}

static int
check_levels(struct hf_play *play, size_t first, size_t at)
{
    static const char *const names[] = {"bids", "asks", "stop_bids", "stop_asks"};
    const struct hf_play_expectation *expectation = expectation_at(play, at);
    int64_t actual[HF_PLAY_FIGURES];
    int result = 1;
    if (!hf_play_state_levels(&play->state, actual)) {
        return no_memory(play);
    }
    for (size_t i = 0; i < HF_PLAY_FIGURES; i++) {
        if (expectation->has_figure[i]) {
            result = judge_number(play, first, at, "levels", names[i], expectation->figure[i],
                                  actual[i], result);
        }
    }
    return result;
}

static int
check_totals(struct hf_play *play, size_t first, size_t at)
{
    static const char *const names[] = {"bid", "ask"};
    const struct hf_play_expectation *expectation = expectation_at(play, at);
    int result = 1;
    for (uint8_t i = 0; i < 2; i++) {
        if (expectation->has_figure[i]) {
            int64_t actual = hf_play_state_total(&play->state, expectation->total,
                                                 (uint8_t)(i == 0 ? HF_BUY : HF_SELL));
            result = judge_number(play, first, at, "totals", names[i], expectation->figure[i],
                                  actual, result);
        }
    }
    return result;
}

static int
check_last_price(struct hf_play *play, size_t first, size_t at)
{
    const struct hf_play_expectation *expectation = expectation_at(play, at);
    const struct hf_play_state *state = &play->state;
    int result = judge_number(play, first, at, "last_px", "known", expectation->has_price,
                              state->has_last_price, 1);
    if (result == 1 && expectation->has_price) {
        result = judge_number(play, first, at, "last_px", "px", expectation->price,
                              state->last_price, 1);
    }
    return result;
}

int
hf_play_check(struct hf_play *play, size_t first, size_t at)
{
    switch (expectation_at(play, at)->kind) {
    case HF_PLAY_TRADES:
        return check_trades(play, first, at);
    case HF_PLAY_BOOK:
    case HF_PLAY_TOP:
        return check_book(play, first, at);
    case HF_PLAY_EVENT:
        return check_event(play, first, at);
    case HF_PLAY_ORDER:
        return check_order(play, first, at);
    case HF_PLAY_LEVELS:
        return check_levels(play, first, at);
    case HF_PLAY_TOTALS:
        return check_totals(play, first, at);
    case HF_PLAY_LAST_PRICE:
        return check_last_price(play, first, at);
    }
    return 1;
}
