/* status.c - holdfast status: how the daemon is doing. */
#include "cli/cli.h"
#include "cli/status_print.h"
#include "cli/target.h"
#include "watch/look.h"

#include "base/clock.h"

#include <stdlib.h>

#define ROWS_MAX 65535u /* the most sessions that an instance can have */
#define INTERVAL_DEFAULT_S 0.5
#define INTERVAL_MAX_S 3600.0
#define NS_PER_S 1e9

struct arguments {
    struct hf_cli_target target;
    double interval_s;
    bool json;
};

static const char doc[] =
    "Show how the daemon is doing: its state, how far the log is behind, rates, and the sessions.\v"
    "Sequenced commands survive the death of the daemon; written ones are in the log file; durable "
    "ones survive a loss of power. A batch is one round of the engine: from its first look at the "
    "rings to all records in the log's queue and all reports published. The time of a command is "
    "that of its batch divided by the commands in it. Averages are those of the measured interval, "
    "or since the start where nothing happened in it. The table of stages is of the interval (with "
    "--interval 0: since the start); holdfast top says what each of them "
    "is.\n\n" HF_EXIT_CODES_TEXT;

static const struct argp_option options[] = {
    {"interval", 't', "SECONDS", 0,
     "Measure rates over this time (default 0.5; 0: no rates, answer at once)", 0},
    {"json", 'j', NULL, 0, "One JSON object; times in nanoseconds", 0},
    {0}};

static const struct argp_child children[] = {{&hf_cli_target_argp, 0, "Which daemon:", 9}, {0}};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->target;
        return 0;
    case 't':
        arguments->interval_s = hf_cli_seconds(state, "--interval", argument, 0, INTERVAL_MAX_S);
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no argument is expected, but there is '%s'", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp status_argp = {
    .options = options, .parser = parse, .doc = doc, .children = children};

/* Fill the view but for the session table: one look, or two with the interval between them. */
static void
sample(struct hf_watch *watch, double interval_s, struct hf_status_view *view)
{
    uint64_t start_ns = watch->now->taken_ns;
    view->before = watch->now->status;
    if (interval_s > 0.0) {
        hf_clock_sleep_ns((uint64_t)(interval_s * NS_PER_S));
        hf_watch_look(watch);
        view->interval_ns = watch->now->taken_ns - start_ns;
    }
    view->now = watch->now->status;
    view->heartbeat_age_ns = watch->now->heartbeat_age_ns;
    view->measured = watch->now->measured;
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        view->stages[i] = hf_watch_stage(watch, i);
    }
}

static int
show(struct hf_watch *watch, const struct arguments *arguments)
{
    struct hf_observer *observer = watch->observer;
    struct hf_status_view view = {.row_count = ROWS_MAX};
    struct hf_session_row *rows = calloc(ROWS_MAX, sizeof(*rows));
    if (rows == NULL) {
        return hf_cli_fail("status", "session table", HF_E_MEMORY);
    }
    sample(watch, arguments->interval_s, &view);
    view.rows = rows;
    view.rows_code = hf_observer_sessions(observer, rows, &view.row_count);
    view.instrument_count = view.now.instruments;
    struct hf_instrument_info *instruments =
        calloc(view.instrument_count + 1, sizeof(*instruments));
    if (instruments == NULL) {
        free(rows);
        return hf_cli_fail("status", "instruments", HF_E_MEMORY);
    }
    hf_observer_instruments(observer, instruments, &view.instrument_count);
    view.instruments = instruments;
    if (arguments->json) {
        hf_status_print_json(stdout, &view);
    } else {
        hf_status_print(stdout, &view);
    }
    free(instruments);
    free(rows);
    return view.now.state == HF_STATE_HALTED ? hf_cli_exit_code(HF_E_HALTED) : HF_EXIT_OK;
}

int
hf_cli_status(int argc, char **argv)
{
    struct arguments arguments = {.interval_s = INTERVAL_DEFAULT_S};
    struct hf_watch watch;
    if (argp_parse(&status_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return HF_EXIT_USAGE;
    }
    int code = hf_watch_init(&watch, arguments.target.instance, arguments.target.socket_path);
    if (code == HF_OK) {
        hf_watch_look(&watch);
        code = watch.observer == NULL ? watch.now->code : HF_OK;
    }
    int exit_code = code != HF_OK ? hf_cli_fail("status", NULL, code) : show(&watch, &arguments);
    hf_watch_free(&watch);
    return exit_code;
}
