/*
 * top.c - holdfast top: an instance, live.
 *
 *   look (client/watch) ──► view ──► lines (top_picture) ──► terminal (top_screen), or standard output
 */
#include "cli/cli.h"
#include "cli/signals.h"
#include "cli/target.h"
#include "cli/top_picture.h"
#include "cli/top_screen.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define INTERVAL_DEFAULT_S 1.0
#define INTERVAL_MIN_S 0.1
#define INTERVAL_MAX_S 3600.0
#define NS_PER_S 1e9
#define SCROLL_LINES 3u
#define HELP_LINES_MAX 38u /* of the help on 80 columns: its end stays in sight */
#define NS_PER_MS 1000000u

struct arguments {
    struct hf_cli_target target;
    double interval_s;
    uint64_t count; /**< pictures; 0: no end */
    bool batch;
};

static const char doc[] =
    "Show an instance live: rates, how far the log is, latencies of each stage, tops of books, "
    "sessions.\v"
    "On a terminal it is drawn in place: q quits, h explains every figure, t shows the daemon's "
    "threads. With --count N pictures are printed as text, one interval apart, the first after "
    "one interval; with --once, or where standard output is no terminal, one is.\n\n"
    "It reads memory that the daemon writes anyway, and asks the engine for nothing. A daemon "
    "that is absent, dies or restarts is waited for. Who may look: root, the daemon's user, users "
    "in instance.allow or instance.watch.\n\n"
    "The exit code of --once is 69 while the verdict is absent, dead, stopped, recovering, halted "
    "or stuck; denied (this user may not look); full (log space is low, new orders are refused); "
    "or shut (every instrument is halted or closed).\n\n" HF_EXIT_CODES_TEXT;

static const struct argp_option options[] = {
    {"interval", 't', "SECONDS", 0, "Between two pictures, 0.1 to 3600 (default 1)", 0},
    {"once", '1', NULL, 0, "Print one picture as text, and end", 0},
    {"count", 'c', "N", 0, "Print N pictures as text, and end", 0},
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
        arguments->interval_s =
            hf_cli_seconds(state, "--interval", argument, INTERVAL_MIN_S, INTERVAL_MAX_S);
        return 0;
    case '1':
        arguments->batch = true;
        arguments->count = 1;
        return 0;
    case 'c':
        arguments->batch = true;
        arguments->count = hf_cli_unsigned(state, "--count", argument, 1, UINT64_MAX);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no argument is expected, but there is '%s'", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp top_argp = {
    .options = options, .parser = parse, .doc = doc, .children = children};

struct top {
    const struct arguments *arguments;
    struct hf_watch watch;
    struct hf_watch_view view;
    enum hf_top_page page;
    unsigned skip; /**< lines of the help */
};

/** @return the lines, to be freed; NULL: out of memory */
static char *
draw(const struct top *top, unsigned rows, unsigned columns)
{
    const struct hf_top_layout layout = {.rows = rows,
                                         .columns = columns,
                                         .page = top->page,
                                         .skip = top->skip,
                                         .interval_s = top->arguments->interval_s};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    hf_top_draw(out, &top->view, &layout);
    (void)fclose(out);
    return text;
}

/* On a terminal */

static void
show(const struct top *top)
{
    unsigned rows = 0;
    unsigned columns = 0;
    hf_top_screen_size(&rows, &columns);
    char *text = draw(top, rows, columns);
    if (text != NULL) {
        hf_top_screen_show(text);
    }
    free(text);
}

/** @return whether it is a key that quits */
static bool
follow_key(struct top *top, enum hf_top_key key)
{
    if (key == HF_TOP_KEY_DOWN) {
        top->skip = top->skip < HELP_LINES_MAX ? top->skip + SCROLL_LINES : top->skip;
    } else if (key == HF_TOP_KEY_UP) {
        top->skip = top->skip > SCROLL_LINES ? top->skip - SCROLL_LINES : 0;
    } else if (key == HF_TOP_KEY_HELP) {
        top->skip = 0;
        top->page = top->page == HF_TOP_HELP ? HF_TOP_OVERVIEW : HF_TOP_HELP;
    } else if (key == HF_TOP_KEY_THREADS) {
        top->page = top->page == HF_TOP_THREADS ? HF_TOP_OVERVIEW : HF_TOP_THREADS;
    }
    return key == HF_TOP_KEY_QUIT;
}

/** Keys, up to the time of the next look. @return whether it is to end */
static bool
wait_with_keys(struct top *top, uint64_t due_ns)
{
    for (uint64_t now = hf_clock_monotonic_ns(); now < due_ns; now = hf_clock_monotonic_ns()) {
        enum hf_top_key key = hf_top_screen_key((int)((due_ns - now) / NS_PER_MS) + 1);
        if (hf_cli_stops() || follow_key(top, key)) {
            return true;
        }
        if (key == HF_TOP_KEY_LOOK) {
            return false;
        }
        if (key != HF_TOP_KEY_NONE) {
            show(top);
        }
    }
    return false;
}

static int
run_screen(struct top *top)
{
    uint64_t interval_ns = (uint64_t)(top->arguments->interval_s * NS_PER_S);
    bool ends = false;
    if (!hf_top_screen_open()) {
        const char *kind = getenv("TERM");
        fprintf(
            stderr,
            "holdfast top: no terminal of kind TERM=%s is known here: set TERM, or take --once\n",
            kind == NULL ? "" : kind);
        return HF_EXIT_SYSTEM;
    }
    hf_cli_catch_signals(); /* in place of those of ncurses */
    while (!ends) {
        hf_watch_see(&top->watch, HF_WATCH_STUCK_NS_DEFAULT, &top->view);
        show(top);
        ends = hf_cli_stops() || wait_with_keys(top, hf_clock_monotonic_ns() + interval_ns);
    }
    hf_top_screen_close();
    return HF_EXIT_OK;
}

/* As text */

/** A sleep that signals end. */
static void
pause_for(double seconds)
{
    (void)poll(NULL, 0, (int)(seconds * 1000));
}

static int
print(const struct top *top)
{
    char *text = draw(top, 0, 100);
    if (text == NULL) {
        return HF_EXIT_SYSTEM;
    }
    hf_top_plain(stdout, text);
    free(text);
    return fflush(stdout) == 0 ? HF_EXIT_OK : HF_EXIT_OUTPUT;
}

static int
run_batch(struct top *top)
{
    uint64_t count = top->arguments->count;
    int exit_code = HF_EXIT_OK;
    hf_watch_see(&top->watch, HF_WATCH_STUCK_NS_DEFAULT, &top->view);
    hf_cli_catch_signals();
    for (uint64_t i = 0; (count == 0 || i < count) && exit_code == HF_EXIT_OK; i++) {
        pause_for(top->arguments->interval_s);
        if (hf_cli_stops()) {
            return HF_EXIT_OK;
        }
        hf_watch_see(&top->watch, HF_WATCH_STUCK_NS_DEFAULT, &top->view);
        (void)fputs(i == 0 ? "" : "\n", stdout);
        exit_code = print(top);
    }
    bool ill = hf_watch_is_ill(top->view.verdict.health);
    return exit_code == HF_EXIT_OK && count == 1 && ill ? HF_EXIT_UNAVAILABLE : exit_code;
}

int
hf_cli_top(int argc, char **argv)
{
    struct arguments arguments = {.interval_s = INTERVAL_DEFAULT_S};
    struct top top = {.arguments = &arguments};
    if (argp_parse(&top_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return HF_EXIT_USAGE;
    }
    int code = hf_watch_init(&top.watch, arguments.target.instance, arguments.target.socket_path);
    if (code != HF_OK) {
        return hf_cli_fail("top", NULL, code);
    }
    bool batch = arguments.batch || !hf_top_screen_possible();
    if (batch && !arguments.batch) {
        arguments.count = 1;
    }
    int exit_code = batch ? run_batch(&top) : run_screen(&top);
    hf_watch_view_free(&top.view);
    hf_watch_free(&top.watch);
    return exit_code;
}
