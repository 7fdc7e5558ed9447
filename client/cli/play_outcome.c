/*
 * play_outcome.c - what happened, in the format of the cases: the output is a file that a check of
 * this engine passes, and that another engine can be checked against.
 */
#include "cli/play.h"

#include <holdfast/error.h>

#include <string.h>

static void
remove_keys(json_t *object, const char *const keys[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)json_object_del(object, keys[i]);
    }
}

/** The case's header; what it says of expectations and rules is replaced by ours. */
int
hf_play_print_header(struct hf_play *play)
{
    static const char *const foreign[] = {"recorded",     "checked", "rules",    "depends",
                                          "out_of_scope", "source",  "agreed_by"};
    json_t *header = json_copy(play->play_case.header);
    uint32_t flags = play->state.flags;
    if (header == NULL) {
        return hf_play_fail(play, HF_E_MEMORY, "out of memory");
    }
    remove_keys(header, foreign, sizeof foreign / sizeof foreign[0]);
    (void)json_object_set_new(header, "source", json_string("holdfast " HF_VERSION));
    (void)json_object_set_new(
        header, "rules",
        json_sprintf("Holdfast, version %u of the rules; replace: %s; refilled iceberg: %s",
                     HF_RULES_VERSION,
                     (flags & HF_REPLACE_LOSES_PRIORITY) != 0
                         ? "always loses priority"
                         : "keeps priority when the price stays and the quantity does not grow",
                     (flags & HF_ICEBERG_KEEPS_PLACE) != 0 ? "keeps its place"
                                                           : "goes to the back of its level"));
    (void)json_object_set_new(header, "depends", hf_play_rules_depends(flags));
    hf_play_print_json(play, "", header);
    json_decref(header);
    return 0;
}

static int
print_trades(struct hf_play *play)
{
    json_t *list = hf_play_trades_json(play);
    json_t *json = json_pack("{s:s, s:o}", "exp", "trades", "list", list);
    hf_play_print_json(play, "", json);
    json_decref(json);
    return json != NULL ? 0 : hf_play_fail(play, HF_E_MEMORY, "out of memory");
}

static void
print_events(struct hf_play *play)
{
    for (size_t i = 0; i < play->state.event_count; i++) {
        json_t *json = hf_play_event_json(&play->state, &play->state.events[i]);
        hf_play_print_json(play, "", json);
        json_decref(json);
    }
}

static bool
any_live(const struct hf_play_state *state, bool iceberg)
{
    for (size_t i = 0; i < state->live_count; i++) {
        const struct hf_play_order *order = &state->orders[state->live[i]];
        if (iceberg ? order->display != 0 && !order->waiting : order->waiting) {
            return true;
        }
    }
    return false;
}

static int
print_book(struct hf_play *play, bool visible)
{
    json_t *json = json_pack("{s:s, s:s}", "exp", "book", "by", "order");
    if (visible) {
        (void)json_object_set_new(json, "visible", json_true());
    }
    int code = hf_play_book_json(play, visible, json);
    if (code == 0) {
        hf_play_print_json(play, "", json);
    }
    json_decref(json);
    return code;
}

static int
print_levels(struct hf_play *play)
{
    int64_t figure[HF_PLAY_FIGURES];
    if (!hf_play_state_levels(&play->state, figure)) {
        return hf_play_fail(play, HF_E_MEMORY, "out of memory");
    }
    json_t *json = json_pack(
        "{s:s, s:I, s:I, s:I, s:I}", "exp", "levels", "bids", (json_int_t)figure[HF_PLAY_BIDS],
        "asks", (json_int_t)figure[HF_PLAY_ASKS], "stop_bids",
        (json_int_t)figure[HF_PLAY_STOP_BIDS], "stop_asks", (json_int_t)figure[HF_PLAY_STOP_ASKS]);
    hf_play_print_json(play, "", json);
    json_decref(json);
    return 0;
}

int
hf_play_print_outcome(struct hf_play *play, const struct hf_play_command *command)
{
    hf_play_print_json(play, "", command->json);
    if (print_trades(play) < 0 || (print_events(play), print_book(play, false)) < 0) {
        return play->code;
    }
    if (any_live(&play->state, true) && print_book(play, true) < 0) {
        return play->code;
    }
    return any_live(&play->state, false) ? print_levels(play) : 0;
}

int
hf_play_print_stream(struct hf_play *play, json_t *trades)
{
    json_t *stream = json_copy(play->play_case.header);
    if (stream == NULL) {
        return hf_play_fail(play, HF_E_MEMORY, "out of memory");
    }
    (void)json_object_set_new(stream, "agreed_by", json_pack("[s]", "holdfast"));
    (void)json_object_set_new(stream, "depends", hf_play_rules_depends(play->state.flags));
    (void)json_object_set(stream, "trades", trades);
    int code = hf_play_book_json(play, false, stream);
    if (code == 0) {
        hf_play_print_json(play, "", stream);
    }
    json_decref(stream);
    return code;
}
