/*
 * md.c - holdfast md [SYMBOL]: market data on the terminal.
 *
 *   ladder: book of the library ──► md_print ──► drawn in place (md_screen), or once
 *   events: every event, or trades only ──► a line each
 *   both: a symbol that is removed and added anew is followed (md_symbol)
 */
#include "cli/cli.h"
#include "cli/md_print.h"
#include "cli/md_screen.h"
#include "cli/md_symbol.h"
#include "cli/signals.h"
#include "cli/target.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

#define LEVELS_DEFAULT 10
#define DRAW_NS UINT64_C(100000000) /* ten pictures a second are as many as anybody can read */
#define JOIN_NS UINT64_C(10000000000)
#define SLICE_NS UINT64_C(50000000)
#define SLICE_MS 50
#define ROWS_AROUND                                                                                \
    5u /* two of the head, an empty one, the ladder's own head, one before the trades */

struct arguments {
    struct hf_cli_target target;
    const char *symbol; /**< NULL: all instruments */
    size_t levels;
    uint64_t count; /**< 0: no end */
    bool once;
    bool events;
    bool trades;
    bool json;
    bool durable;
};

struct md {
    const struct arguments *arguments;
    struct hf_market *market;
    struct hf_market_book *book;
    struct hf_md_symbol symbol;
    struct hf_md_view view;
    uint64_t printed;
    uint64_t missed; /**< that was told */
    bool is_alone;   /**< that the daemon is gone was told */
};

static const char doc[] =
    "Show market data of SYMBOL: a ladder that follows the book, or the events themselves.\v"
    "On a terminal the ladder is drawn in place; q or Ctrl-C quits. Elsewhere, and with --once or "
    "--json, it is printed once. With --events or --trades (time and sales) there is a line for "
    "each event, of all instruments without a SYMBOL, until Ctrl-C or --count. \"behind\" is how "
    "many events are there and not read; \"lapped\" how often this reader was overtaken. When the "
    "instrument of SYMBOL is removed, that is said, and another of this name followed.\n\n"
    "Prices are whole numbers in the instrument's price unit, quantities in its quantity "
    "unit.\n\n" //
    HF_EXIT_CODES_TEXT;

static const struct argp_option options[] = {
    {"levels", 'n', "N", 0, "Levels a side, 1 to 64 (default 10)", 0},
    {"once", '1', NULL, 0, "Print the ladder once", 0},
    {"events", 'e', NULL, 0, "Every event, order by order", 0},
    {"trades", 't', NULL, 0, "Trades only", 0},
    {"count", 'c', "N", 0, "End after N lines of events or trades", 0},
    {"durable", 'd', NULL, 0, "Show what is durable only", 0},
    {"json", 'j', NULL, 0, "One JSON object for the ladder, or one for each event", 0},
    {0}};

static const struct argp_child children[] = {{&hf_cli_target_argp, 0, "Which daemon:", 9}, {0}};

static void
check_combination(const struct arguments *arguments, struct argp_state *state)
{
    bool lines = arguments->events || arguments->trades;
    if (arguments->events && arguments->trades) {
        argp_error(state, "--events has the trades already");
    } else if (arguments->once && lines) {
        argp_error(state, "--once is for the ladder");
    } else if (arguments->count != 0 && !lines) {
        argp_error(state, "--count is for --events and --trades");
    } else if (arguments->symbol == NULL && !lines) {
        argp_error(state, "a SYMBOL is missing");
    }
}

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->target;
        return 0;
    case 'n':
        arguments->levels = hf_cli_unsigned(state, "--levels", argument, 1, HF_DEPTH_LEVELS_MAX);
        return 0;
    case 'c':
        arguments->count = hf_cli_unsigned(state, "--count", argument, 1, UINT64_MAX);
        return 0;
    case '1':
        arguments->once = true;
        return 0;
    case 'e':
        arguments->events = true;
        return 0;
    case 't':
        arguments->trades = true;
        return 0;
    case 'd':
        arguments->durable = true;
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            argp_error(state, "one SYMBOL only");
        }
        arguments->symbol = argument;
        return 0;
    case ARGP_KEY_END:
        check_combination(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp md_argp = {
    .options = options, .parser = parse, .args_doc = "[SYMBOL]", .doc = doc, .children = children};

/* Events */

/** On stderr, as all that is no event. */
static void
tell_symbol(const struct md *md, enum hf_md_symbol_news news)
{
    if (news == HF_MD_SYMBOL_SAME) {
        return;
    }
    (void)fflush(stdout); /* it comes behind what it follows */
    if (news == HF_MD_SYMBOL_REMOVED) {
        (void)fprintf(stderr, "holdfast md: %s was removed; waiting for another of this name\n",
                      md->symbol.name);
    } else {
        (void)fprintf(stderr, "holdfast md: %s is instrument %" PRIu32 " now\n", md->symbol.name,
                      md->symbol.info.id);
    }
}

static void
print_line(struct md *md, const struct hf_market_event *event)
{
    const struct arguments *arguments = md->arguments;
    struct hf_md_trade trade;
    bool is_trade = hf_md_trade_of(event, &trade);
    tell_symbol(md, hf_md_symbol_event(&md->symbol, md->market, event));
    bool is_ours = arguments->symbol == NULL || event->instrument == md->symbol.info.id ||
                   event->type == HF_MARKET_BUST; /* busts name a trade, not an instrument */
    if (!is_ours || (arguments->trades && !is_trade)) {
        return;
    }
    if (arguments->json) {
        hf_md_print_event_json(stdout, event, arguments->symbol);
    } else if (arguments->trades) {
        hf_md_print_trade(stdout, &trade, arguments->symbol);
    } else {
        hf_md_print_event(stdout, event, arguments->symbol);
    }
    md->printed++;
}

static void
tell_missed(struct md *md)
{
    struct hf_market_facts facts;
    hf_market_facts(md->market, &facts);
    hf_md_print_lapped(stdout, facts.missed - md->missed, md->arguments->json);
    md->missed = facts.missed;
    md->symbol.looked_ns = 0; /* among them may be that of its instrument: look at once */
}

static bool
is_done(const struct md *md)
{
    return hf_cli_stops() || ferror(stdout) != 0 ||
           (md->arguments->count != 0 && md->printed >= md->arguments->count);
}

/** What the library said when there was no event. @return 0, or that it is over */
static int
explain(struct md *md, int code)
{
    switch (code) {
    case HF_AGAIN:
        md->is_alone = false;
        return HF_OK;
    case HF_LAPPED:
    case HF_E_HISTORY:
        tell_missed(md);
        return HF_OK;
    case HF_E_NO_DAEMON:
    case HF_E_HALTED:
    case HF_TIMEOUT:
        if (!md->is_alone) {
            (void)fprintf(stderr, "holdfast md: %s; waiting\n", hf_strerror(code));
        }
        md->is_alone = true;
        return HF_OK;
    default:
        return code;
    }
}

static int
follow_events(struct md *md)
{
    int code = HF_OK;
    while (code == HF_OK && !is_done(md)) {
        struct hf_market_event event;
        (void)hf_market_wait(md->market, SLICE_NS);
        int read = HF_AGAIN;
        while (!is_done(md) && (read = hf_market_next(md->market, &event)) == HF_OK) {
            print_line(md, &event);
        }
        code = is_done(md) ? HF_OK : explain(md, read);
        tell_symbol(md, hf_md_symbol_look(&md->symbol, md->market));
        (void)fflush(stdout);
    }
    return code;
}

/* Ladder */

static void
remember(void *context, const struct hf_market_event *event)
{
    struct md *md = context;
    struct hf_md_trade trade;
    if (event->instrument == md->symbol.info.id && hf_md_trade_of(event, &trade)) {
        hf_md_remember(&md->view, &trade);
    }
}

/** What the book is now; the last whole one while it is being rebuilt. */
static void
look(struct md *md, size_t levels)
{
    struct hf_md_view *view = &md->view;
    hf_market_facts(md->market, &view->facts);
    hf_market_book_facts(md->book, &view->book);
    hf_market_status(md->market, &view->status);
    view->info = md->symbol.info;
    view->is_removed = md->symbol.is_removed;
    if (view->is_removed) {
        view->bid_count = view->ask_count = 0;
    } else if (view->book.whole != 0) {
        view->bid_count = (size_t)hf_market_book_levels(md->book, HF_BUY, view->bids, levels);
        view->ask_count = (size_t)hf_market_book_levels(md->book, HF_SELL, view->asks, levels);
    }
}

static int
join(struct md *md)
{
    uint64_t deadline_ns = hf_clock_monotonic_ns() + JOIN_NS;
    struct hf_depth_level level;
    while (!hf_cli_stops()) {
        int64_t code = hf_market_poll(md->market, remember, md);
        if (hf_market_book_levels(md->book, HF_BUY, &level, 1) >= 0) {
            return HF_OK;
        }
        if (hf_clock_monotonic_ns() > deadline_ns) {
            return code < 0 ? (int)code : HF_TIMEOUT;
        }
        (void)hf_market_wait(md->market, SLICE_NS);
    }
    return HF_OK;
}

static int
print_once(struct md *md)
{
    int code = join(md);
    if (code != HF_OK || hf_cli_stops()) {
        return code;
    }
    look(md, md->arguments->levels);
    if (md->arguments->json) {
        hf_md_print_view_json(stdout, &md->view);
    } else {
        hf_md_print_view(stdout, &md->view, 0, "\n");
    }
    return HF_OK;
}

static void
draw(struct md *md)
{
    size_t rows = hf_md_screen_rows();
    size_t room = rows > ROWS_AROUND + 1 ? rows - ROWS_AROUND : 1;
    size_t levels = md->arguments->levels < room ? md->arguments->levels : room;
    look(md, levels);
    size_t depth =
        md->view.bid_count > md->view.ask_count ? md->view.bid_count : md->view.ask_count;
    depth = depth == 0 ? 1 : depth;
    hf_md_screen_begin();
    hf_md_print_view(stdout, &md->view, room > depth + 1 ? room - depth - 1 : 0, HF_MD_SCREEN_EOL);
    hf_md_screen_end();
}

/** The symbol is another instrument: nothing of the one before is its own. The picture has the number. */
static int
change_book(struct md *md)
{
    hf_market_book_close(md->book);
    md->view = (struct hf_md_view){0};
    return hf_market_book_open(md->market, md->symbol.info.id, &md->book);
}

/** One slice of following. @return 0, or that it is over */
static int
follow_book_once(struct md *md, uint64_t *drawn_ns)
{
    (void)hf_market_poll(md->market, remember, md); /* the picture says what is wrong */
    if (hf_md_symbol_look(&md->symbol, md->market) == HF_MD_SYMBOL_OTHER) {
        int code = change_book(md);
        if (code != HF_OK) {
            return code;
        }
    }
    uint64_t now_ns = hf_clock_monotonic_ns();
    if (now_ns - *drawn_ns >= DRAW_NS) {
        draw(md);
        *drawn_ns = now_ns;
    }
    return HF_OK;
}

static int
follow_book(struct md *md)
{
    int code = hf_md_screen_open();
    uint64_t drawn_ns = 0;
    bool quit = false;
    if (code != HF_OK) {
        return code;
    }
    while (code == HF_OK && !quit && !hf_cli_stops()) {
        code = follow_book_once(md, &drawn_ns);
        quit = hf_md_screen_quit_key(SLICE_MS);
    }
    hf_md_screen_close();
    return code;
}

/* All together */

static int
run(struct md *md)
{
    const struct arguments *arguments = md->arguments;
    md->symbol.name = arguments->symbol;
    int code = hf_md_symbol_find(&md->symbol, md->market);
    if (code != HF_OK) {
        return code;
    }
    if (arguments->events || arguments->trades) {
        return follow_events(md);
    }
    code = hf_market_book_open(md->market, md->symbol.info.id, &md->book);
    if (code != HF_OK) {
        return code;
    }
    bool live = !arguments->once && !arguments->json && hf_md_screen_possible();
    return live ? follow_book(md) : print_once(md);
}

int
hf_cli_md(int argc, char **argv)
{
    struct arguments arguments = {.levels = LEVELS_DEFAULT};
    struct md md = {.arguments = &arguments};
    if (argp_parse(&md_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return HF_EXIT_USAGE;
    }
    int code = hf_market_open(&md.market, arguments.target.instance, arguments.target.socket_path,
                              arguments.durable ? HF_MARKET_DURABLE : 0);
    if (code != HF_OK) {
        return hf_cli_fail("md", NULL, code);
    }
    hf_cli_catch_signals();
    code = run(&md);
    int exit_code = code == HF_OK ? HF_EXIT_OK : hf_cli_fail("md", arguments.symbol, code);
    hf_market_close(md.market);
    return exit_code;
}
