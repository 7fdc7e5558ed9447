/*
 * play_run.c - files, their cases, the steps of a case, and what is counted.
 */
#include "cli/play.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int
hf_play_fail(struct hf_play *play, int code, const char *format, ...)
{
    if (play->code != 0) {
        return play->code; /* the first error is the cause */
    }
    play->code = code;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(play->error, sizeof play->error, format, arguments);
    va_end(arguments);
    return code;
}

static void
skip(struct hf_play *play, const char *reason)
{
    struct hf_play_counts *counts = &play->counts;
    size_t i = 0;
    counts->skipped++;
    while (i < counts->skip_count && strcmp(counts->skips[i].reason, reason) != 0) {
        i++;
    }
    if (i == counts->skip_count && i < HF_PLAY_SKIPS_MAX - 1) {
        (void)snprintf(counts->skips[i].reason, sizeof counts->skips[i].reason, "%s", reason);
        counts->skip_count++;
    } else if (i == counts->skip_count) {
        (void)snprintf(counts->skips[i].reason, sizeof counts->skips[i].reason, "other reasons");
    }
    counts->skips[i].count++;
    if (!play->options.check) {
        (void)fprintf(stderr, "holdfast play: %s: case %s: left out, %s\n", play->path,
                      play->play_case.name, reason);
    } else if (play->options.verbose) {
        (void)fprintf(play->out, "skipped  %s: %s: %s\n", play->path, play->play_case.name, reason);
    }
}

/** Something that no expectation is about went wrong in this case. @return 0 */
static int
complain(struct hf_play *play, size_t first, size_t at, const char *what)
{
    if (play->options.check) {
        hf_play_print_place(play, first, at, what);
    } else {
        (void)fprintf(stderr, "holdfast play: %s: case %s: %s %llu: %s\n", play->path,
                      play->play_case.name, play->play_case.is_stream ? "command" : "line",
                      (unsigned long long)hf_play_line(&play->play_case, at), what);
    }
    return 0;
}

static int
apply_admin(struct hf_play *play, size_t first, size_t at, const struct hf_command *slots)
{
    const struct hf_play_command *command = &play->play_case.steps[at].command;
    uint32_t reason;
    char words[128];
    if (play->driver.admin(play, slots, &reason) < 0) {
        return play->code;
    }
    if (reason != HF_REASON_NONE) {
        (void)snprintf(words, sizeof words, "the engine refuses this: %s", hf_reason_text(reason));
        return complain(play, first, at + 1, words);
    }
    if (command->op == HF_PLAY_SET_LAST) {
        play->state.has_last_price = true;
        play->state.last_price = command->price;
    }
    return 1;
}

/** Carry out the command of a step. @return 1, 0 when its reports cannot be right, negative */
static int
apply(struct hf_play *play, size_t first, size_t at)
{
    struct hf_play_state *state = &play->state;
    struct hf_command slots[HF_MESSAGE_SLOTS_MAX];
    int result = 1;
    state->command = &play->play_case.steps[at].command;
    size_t trades = state->trades.count;
    switch (hf_play_command_make(state, play->instrument, state->command, slots)) {
    case HF_PLAY_SUBMIT:
        result = play->driver.submit(play, slots) < 0 ? play->code : 1;
        break;
    case HF_PLAY_SUBMIT_ADMIN:
        result = apply_admin(play, first, at, slots);
        break;
    case HF_PLAY_TICK:
        result = play->driver.tick(play, (uint64_t)state->command->time) < 0 ? play->code : 1;
        break;
    case HF_PLAY_NOTHING:
        break;
    }
    play->counts.commands++;
    play->counts.trades += state->trades.count - trades;
    if (state->no_memory) {
        return hf_play_fail(play, HF_E_MEMORY, "out of memory");
    }
    if (result == 1 && state->half.number != 0) {
        state->broken = "a fill without its other side";
    }
    return result == 1 && state->broken != NULL ? complain(play, first, at + 1, state->broken)
                                                : result;
}

/** Is the book of the reports the engine's own? @return as apply() */
static int
compare(struct hf_play *play, size_t first, size_t at)
{
    bool equal = false;
    if (play->driver.compare(play, &equal) < 0) {
        return play->code;
    }
    return equal ? 1 : complain(play, first, at, "the engine's book is not that of its reports");
}

/** One step of a check; `*first` is where the present run of commands began. @return as apply() */
static int
check_step(struct hf_play *play, size_t *first, size_t at)
{
    const struct hf_play_step *steps = play->play_case.steps;
    bool after_command = at > 0 && steps[at - 1].is_command;
    if (steps[at].is_command) {
        if (!after_command) {
            *first = at;
            hf_play_state_forget_events(&play->state);
        }
        return apply(play, *first, at);
    }
    /* A stream has an expectation after each of many commands: there the last book will do. */
    if (after_command && !play->play_case.is_stream) {
        int result = compare(play, *first, at);
        if (result != 1) {
            return result;
        }
    }
    return hf_play_check(play, *first, at);
}

static int
check_case(struct hf_play *play)
{
    size_t count = play->play_case.step_count;
    size_t first = 0;
    int result = 1;
    for (size_t at = 0; at < count && result == 1; at++) {
        result = check_step(play, &first, at);
    }
    return result == 1 ? compare(play, first, count) : result;
}

static int
print_case(struct hf_play *play)
{
    int result = hf_play_print_header(play) < 0 ? play->code : 1;
    for (size_t at = 0; at < play->play_case.step_count && result == 1; at++) {
        const struct hf_play_step *step = &play->play_case.steps[at];
        if (!step->is_command) {
            continue;
        }
        result = apply(play, at, at);
        if (result == 1) {
            result = compare(play, at, at);
        }
        if (result == 1 && hf_play_print_outcome(play, &step->command) < 0) {
            result = play->code;
        }
        hf_play_state_forget_trades(&play->state);
        hf_play_state_forget_events(&play->state);
    }
    return result;
}

static int
print_stream(struct hf_play *play)
{
    json_t *trades = json_array();
    int result = 1;
    for (size_t at = 0; at < play->play_case.step_count && result == 1; at++) {
        if (play->play_case.steps[at].is_command) {
            result = apply(play, at, at);
            (void)json_array_append_new(trades, hf_play_trades_json(play));
            hf_play_state_forget_trades(&play->state);
            hf_play_state_forget_events(&play->state);
        }
    }
    if (result == 1) {
        result = compare(play, 0, play->play_case.step_count);
    }
    if (result == 1 && hf_play_print_stream(play, trades) < 0) {
        result = play->code;
    }
    json_decref(trades);
    return result;
}

static int
play_steps(struct hf_play *play)
{
    if (play->options.check) {
        return check_case(play);
    }
    return play->play_case.is_stream ? print_stream(play) : print_case(play);
}

/** Play the case with its engine ready. @return as apply() */
static int
play_case(struct hf_play *play)
{
    const char *reason = NULL;
    int result = play->driver.begin(play, &reason) < 0 ? play->code : 1;
    if (result == 1 && reason != NULL) {
        skip(play, reason);
    } else if (result == 1) {
        result = play_steps(play);
        play->counts.passed += result == 1;
        play->counts.differ += result == 0;
        if (result >= 0 && play->options.check && play->options.verbose) {
            (void)fprintf(play->out, "%s  %s: %s\n", result == 1 ? "passed " : "differs",
                          play->path, play->play_case.name);
        }
    }
    return play->driver.end(play) < 0 ? play->code : result;
}

/** Decide whether the case is for us. @return 0 or negative */
static int
take_case(struct hf_play *play)
{
    char reason[sizeof play->counts.skips[0].reason];
    uint32_t flags;
    play->counts.cases++;
    if (hf_play_rules_missing(&play->play_case, &flags, reason, sizeof reason) &&
        !play->options.all) {
        skip(play, reason);
        return 0;
    }
    if (play->play_case.inexpressible != NULL) {
        (void)snprintf(reason, sizeof reason, "cannot be entered: %s",
                       play->play_case.inexpressible);
        skip(play, reason);
        return 0;
    }
    if (!hf_play_state_init(&play->state, &play->play_case, flags | play->options.flags)) {
        hf_play_state_free(&play->state);
        return hf_play_fail(play, HF_E_MEMORY, "out of memory");
    }
    int result = play_case(play);
    hf_play_state_free(&play->state);
    return result < 0 ? result : 0;
}

static int
play_file(struct hf_play *play, const char *path)
{
    struct hf_play_reader *reader;
    play->path = path;
    play->counts.files++;
    int code = hf_play_reader_open(&reader, path);
    while (code >= 0 && (code = hf_play_reader_next(reader, &play->play_case)) == 1) {
        code = take_case(play);
        hf_play_case_free(&play->play_case);
    }
    if (code < 0) {
        /* An error of the reader, unless the case has told of one of its own. */
        code = hf_play_fail(play, code, "%s",
                            reader == NULL ? hf_strerror(code) : hf_play_reader_error(reader));
        hf_play_case_free(&play->play_case);
    }
    hf_play_reader_close(reader);
    return code;
}

int
hf_play_run(struct hf_play *play, char *const *paths, size_t count)
{
    int code = play->options.instance == NULL ? hf_play_local_open(play) : hf_play_via_open(play);
    for (size_t i = 0; i < count && code >= 0; i++) {
        code = play_file(play, paths[i]);
    }
    return code;
}

void
hf_play_print_summary(const struct hf_play *play)
{
    const struct hf_play_counts *counts = &play->counts;
    (void)fprintf(play->out,
                  "%llu cases in %llu files: %llu passed, %llu differ, %llu skipped (%s; %llu "
                  "commands, %llu trades)\n",
                  (unsigned long long)counts->cases, (unsigned long long)counts->files,
                  (unsigned long long)counts->passed, (unsigned long long)counts->differ,
                  (unsigned long long)counts->skipped, play->driver.name,
                  (unsigned long long)counts->commands, (unsigned long long)counts->trades);
    for (size_t i = 0; i < HF_PLAY_SKIPS_MAX; i++) {
        if (counts->skips[i].count > 0) {
            (void)fprintf(play->out, "%5llu %s\n", (unsigned long long)counts->skips[i].count,
                          counts->skips[i].reason);
        }
    }
}

void
hf_play_free(struct hf_play *play)
{
    if (play->driver.self != NULL) {
        play->driver.close(play);
    }
}
