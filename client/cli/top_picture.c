/* top_picture.c - what `holdfast top` shows, as lines of text. */
#include "cli/top_picture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define ROWS_ALL 10000u     /* of a picture that is not cut */
#define ROWS_FOR_COUNTS 36u /* a terminal with fewer rows shows the stages that are times alone */
#define TIME_STAGES (HF_WATCH_LOOP + 1)
#define GAUGE_CELLS 20u
#define DAY_MINUTES 1440ul
#define HELP_INDENT "    "
#define HELP_COLUMNS_MIN 40u

/* Styles, as a part of text. */
#define NORMAL "\001"
#define STRONG "\002"
#define SOFT "\003"
#define GOOD "\004"
#define WARN "\005"
#define BAD "\006"
#define TITLE "\007"
HF_STATIC_ASSERT(HF_TOP_TITLE == 7 && HF_TOP_NORMAL == 1, "the styles' bytes");

struct picture {
    FILE *out;
    unsigned left; /**< rows */
    unsigned skip; /**< lines that are left out before the next one */
    const struct hf_watch_view *view;
    const struct hf_top_layout *layout;
};

__attribute__((format(printf, 2, 3))) static void
line(struct picture *picture, const char *format, ...)
{
    if (picture->skip > 0 || picture->left == 0) {
        picture->skip -= picture->skip > 0;
        return;
    }
    picture->left--;
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(picture->out, format, arguments);
    va_end(arguments);
    (void)fputc('\n', picture->out);
}

#define COUNT(value) hf_top_count((double)(value), (char[HF_TOP_NUMBER_BYTES]){0})
#define TIME(value) hf_top_duration((value), (char[HF_TOP_NUMBER_BYTES]){0})
#define BYTES(value) hf_top_bytes((value), (char[HF_TOP_NUMBER_BYTES]){0})

static double
value_of(const struct hf_watch_view *view, const char *name)
{
    for (size_t i = 0; i < hf_watch_value_count; i++) {
        if (strcmp(hf_watch_values[i].name, name) == 0) {
            return view->values[i];
        }
    }
    return 0;
}

/** Between two parts, where there is room. */
static void
gap(struct picture *picture)
{
    if (picture->layout->rows == 0 || picture->layout->rows >= ROWS_FOR_COUNTS) {
        line(picture, "%s", "");
    }
}

/* The head */

static const char *
health_style(enum hf_watch_health health)
{
    return health == HF_WATCH_WELL ? GOOD : health == HF_WATCH_FRAIL ? WARN : BAD;
}

static void
put_uptime(char *text, size_t size, double seconds)
{
    unsigned long minutes = (unsigned long)(seconds / 60);
    if (minutes >= DAY_MINUTES) {
        (void)snprintf(text, size, ", up %lud %luh", minutes / DAY_MINUTES, minutes / 60 % 24);
    } else {
        (void)snprintf(text, size, ", up %luh %lum", minutes / 60, minutes % 60);
    }
}

static void
draw_title(struct picture *picture)
{
    const struct hf_watch_view *view = picture->view;
    const struct hf_status *status = &view->status;
    const char *style = health_style(view->verdict.health);
    char facts[80] = "";
    char uptime[64] = "";
    if (view->seen) {
        (void)snprintf(facts, sizeof(facts), "%s %.*s, pid %" PRIu64,
                       hf_watch_mode_name(status->mode), (int)sizeof(status->io), status->io,
                       status->pid);
    }
    if (view->measured && view->alive) {
        put_uptime(uptime, sizeof(uptime), view->uptime_s);
    }
    line(picture, STRONG "holdfast %.*s  %s%s" NORMAL "  %s%s", (int)sizeof(status->instance),
         view->seen ? status->instance : "", style, view->verdict.word, facts, uptime);
    line(picture, "%s%s", view->verdict.health == HF_WATCH_WELL ? SOFT : style, view->verdict.text);
}

/** What is below is not of now. */
static void
draw_staleness(struct picture *picture)
{
    if (picture->view->seen && !picture->view->alive) {
        line(picture,
             WARN "What is shown is what it said last. It is looked for every second or so.");
    }
}

static void
draw_rates(struct picture *picture)
{
    const struct hf_watch_view *view = picture->view;
    uint32_t there = 0;
    for (uint32_t i = 0; i < view->session_count; i++) {
        there += view->sessions[i].connected;
    }
    line(picture,
         TITLE "per second" NORMAL "  commands " STRONG "%s" NORMAL "  reports %s  trades " STRONG
               "%s" NORMAL "  rejects %s",
         COUNT(view->commands_per_s), COUNT(view->reports_per_s), COUNT(view->trades_per_s),
         COUNT(view->rejects_per_s));
    line(picture,
         TITLE "now" NORMAL "         orders %s of %s  sessions %" PRIu32 " of %s, %" PRIu32
               " there  heartbeat %s",
         COUNT(view->status.open_orders), COUNT(value_of(view, "orders_max")), view->session_count,
         COUNT(value_of(view, "sessions_max")), there, TIME(view->heartbeat_age_s));
}

/* Watermarks */

static uint64_t
distance(uint64_t from, uint64_t to)
{
    return from > to ? from - to : 0;
}

static void
draw_gauge(char cells[GAUGE_CELLS + 1], double part)
{
    unsigned full = part >= 1 ? GAUGE_CELLS : (unsigned)(part * GAUGE_CELLS + 0.999);
    for (unsigned i = 0; i < GAUGE_CELLS; i++) {
        cells[i] = i < full ? '#' : '.';
    }
    cells[GAUGE_CELLS] = '\0';
}

static void
draw_watermarks(struct picture *picture)
{
    const struct hf_watch_view *view = picture->view;
    const struct hf_status *status = &view->status;
    uint64_t waiting = distance(status->sequenced_lsn, status->durable_lsn);
    double slots = value_of(view, "wal_queue_slots");
    double part = slots > 0 && status->mode != 2 ? (double)waiting / slots : 0;
    char cells[GAUGE_CELLS + 1];
    draw_gauge(cells, part);
    line(picture,
         TITLE "log" NORMAL "         sequenced %12" PRIu64 "  queue %s[%s]" NORMAL
               " full %s times",
         status->sequenced_lsn,
         part > 0.8   ? BAD
         : part > 0.5 ? WARN
                      : GOOD,
         cells, COUNT(status->wal_waits));
    line(picture, "            written   %12" PRIu64 "  %s to write", status->written_lsn,
         COUNT(distance(status->sequenced_lsn, status->written_lsn)));
    line(picture,
         "            durable   " STRONG "%12" PRIu64 NORMAL "  %s to flush; %s/s by %s flushes/s",
         status->durable_lsn, COUNT(distance(status->written_lsn, status->durable_lsn)),
         BYTES(view->flushed_bytes_per_s), COUNT(view->flushes_per_s));
    line(picture, "            snapshot  %12" PRIu64 "  %s to replay at a start; %s free",
         status->snapshot_lsn, COUNT(distance(status->durable_lsn, status->snapshot_lsn)),
         BYTES(value_of(view, "disk_free_bytes")));
}

/* Stages */

static void
draw_stage(struct picture *picture, unsigned stage)
{
    const struct hf_watch_summary *s = &picture->view->stages[stage];
    bool is_time = hf_watch_stages[stage].unit > 1;
    const char *(*form)(double, char[HF_TOP_NUMBER_BYTES]) =
        is_time ? hf_top_duration : hf_top_count;
    char text[5][HF_TOP_NUMBER_BYTES];
    if (s->count == 0) { /* that nothing was measured is not that it took no time */
        line(picture, "%-24s%9s%9s%9s%9s%9s%9s", hf_watch_stages[stage].title, "0", "-", "-", "-",
             "-", "-");
        return;
    }
    line(picture, "%-24s%9s%9s%9s" STRONG "%9s" NORMAL "%9s%9s", hf_watch_stages[stage].title,
         COUNT(s->per_second), form(s->p50, text[0]), form(s->p90, text[1]), form(s->p99, text[2]),
         form(s->p999, text[3]), form(s->max, text[4]));
}

static void
draw_stages(struct picture *picture)
{
    unsigned rows = picture->layout->rows;
    unsigned count = rows != 0 && rows < ROWS_FOR_COUNTS ? TIME_STAGES : HF_WATCH_STAGES;
    line(picture, TITLE "%-24s%9s%9s%9s%9s%9s%9s", "last 10 seconds", "per s", "p50", "p90", "p99",
         "p99.9", "longest");
    for (unsigned i = 0; i < count; i++) {
        draw_stage(picture, i);
    }
}

/* Books */

static const char *
level_text(const struct hf_metrics_level *level, char text[64])
{
    if (level == NULL) {
        return memcpy(text, "-", 2);
    }
    (void)snprintf(text, 64, "%" PRIi64 " x %" PRIu64, level->price, level->quantity);
    return text;
}

static void
draw_book(struct picture *picture, const struct hf_watch_instrument *instrument)
{
    const struct hf_metrics_ladder *ladder = instrument->ladder;
    bool there = ladder != NULL;
    char bid[64];
    char ask[64];
    char last[32] = "-";
    if (there && ladder->has_last != 0) {
        (void)snprintf(last, sizeof(last), "%" PRIi64, ladder->last_price);
    }
    line(picture, "%-16s%-9s%20s%20s%13s", instrument->symbol,
         hf_watch_phase_name(instrument->phase),
         level_text(there && ladder->bid_count > 0 ? &ladder->bids[0] : NULL, bid),
         level_text(there && ladder->ask_count > 0 ? &ladder->asks[0] : NULL, ask), last);
}

static void
draw_books(struct picture *picture, unsigned rows)
{
    const struct hf_watch_view *view = picture->view;
    unsigned shown = view->instrument_count < rows ? view->instrument_count : rows;
    char title[32] = "symbol";
    if (shown < view->instrument_count) {
        (void)snprintf(title, sizeof(title), "%u of %" PRIu32, shown, view->instrument_count);
    }
    line(picture, TITLE "%-16s%-9s%20s%20s%13s", title, "phase", "best bid x quantity",
         "best ask x quantity", "last price");
    for (unsigned i = 0; i < shown; i++) {
        draw_book(picture, &view->instruments[i]);
    }
}

/* Sessions */

static void
draw_session(struct picture *picture, const struct hf_watch_session *session)
{
    line(picture, "%-24s%s%-6s" NORMAL "%10s%12s%10s%s%9s" NORMAL "%8s", session->name,
         session->connected ? GOOD : SOFT, session->connected ? "there" : "gone",
         COUNT(session->commands), COUNT(session->waiting), COUNT(session->reports),
         session->behind ? BAD : "", COUNT(session->unread), COUNT(session->open_orders));
}

static void
draw_sessions(struct picture *picture)
{
    const struct hf_watch_view *view = picture->view;
    line(picture, TITLE "%-24s%-6s%10s%12s%10s%9s%8s", "session", "client", "commands",
         "in its ring", "reports", "unread", "orders");
    if (view->session_count == 0) {
        line(picture, SOFT "no session is open");
    }
    for (uint32_t i = 0; i < view->session_count; i++) {
        bool is_last_row = picture->left == 1;
        if (is_last_row && view->session_count - i > 1) {
            line(picture, SOFT "and %" PRIu32 " more", view->session_count - i);
        } else {
            draw_session(picture, &view->sessions[i]);
        }
    }
}

/* Threads */

static void
draw_threads(struct picture *picture)
{
    const struct hf_watch_view *view = picture->view;
    line(picture, TITLE "%-16s%10s%10s%10s%11s%12s%10s", "thread", "processor", "ran", "waited",
         "taken off", "page faults", "from disk");
    for (uint32_t i = 0; i < view->thread_count; i++) {
        const struct hf_metrics_thread *thread = &view->threads[i];
        line(picture, "%-16s%10" PRIu32 "%10s%10s%11s%12s%10s", thread->name, thread->cpu,
             TIME((double)thread->run_ns / 1e9), TIME((double)thread->wait_ns / 1e9),
             COUNT(thread->preemptions), COUNT(thread->minor_faults), COUNT(thread->major_faults));
    }
    line(picture, "%s", "");
    line(picture,
         SOFT "Since the thread's start, as the kernel counts. waited: it was ready to run,");
    line(picture,
         SOFT "and others had the processor; taken off: others took it in the middle. On a");
    line(picture, SOFT "host set up for trading both stay the same for hf-engine.");
}

/* Help */

/** A paragraph, broken at spaces. */
static void
draw_words(struct picture *picture, const char *words)
{
    unsigned width = picture->layout->columns > HELP_COLUMNS_MIN ? picture->layout->columns - 8
                                                                 : HELP_COLUMNS_MIN;
    while (*words != '\0') {
        size_t len = strlen(words);
        size_t cut = len;
        if (len > width) {
            for (cut = width; cut > 0 && words[cut] != ' '; cut--) {
            }
            cut = cut == 0 ? width : cut;
        }
        line(picture, HELP_INDENT "%.*s", (int)cut, words);
        words += cut + (words[cut] == ' ');
    }
}

static void
draw_help(struct picture *picture)
{
    line(picture, TITLE "keys" NORMAL
                        "  q quit  h back  t threads  space look at once  up, down: more of this");
    line(picture, STRONG "sequenced, written, durable, snapshot");
    draw_words(picture, "How far the log is, by the number (LSN) of the last command. What is "
                        "sequenced survives the death of the daemon, what is durable a loss of "
                        "power; a start replays what lies behind the snapshot.");
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        line(picture, STRONG "%s", hf_watch_stages[i].title);
        draw_words(picture, hf_watch_stages[i].help);
    }
    line(picture, STRONG "p50, p90, p99, p99.9");
    draw_words(picture, "So many of 100 took no longer; at most 1/64 too high, never too low.");
    line(picture, STRONG "in its ring, unread");
    draw_words(picture,
               "Commands that a client has submitted and the engine has not taken; reports that "
               "were made and the client has not released. Looked at once a second.");
}

/* All */

static void
draw_footer(struct picture *picture)
{
    line(picture, SOFT "q quit  h help  t threads  every %g s", picture->layout->interval_s);
}

static void
draw_overview(struct picture *picture, unsigned footer_rows)
{
    draw_stages(picture);
    gap(picture);
    unsigned rows = picture->left > footer_rows ? picture->left - footer_rows : 0;
    picture->left = rows;
    unsigned for_books = rows > 4 ? (rows - 2) / 2 : 1; /* two titles; the rest in halves */
    unsigned sessions = picture->view->session_count > 0 ? picture->view->session_count : 1;
    if (sessions + 2 < rows && for_books < rows - 2 - sessions) {
        for_books = rows - 2 - sessions; /* what sessions do not need */
    }
    draw_books(picture, for_books);
    gap(picture);
    draw_sessions(picture);
}

void
hf_top_draw(FILE *out, const struct hf_watch_view *view, const struct hf_top_layout *layout)
{
    struct picture picture = {.out = out,
                              .left = layout->rows == 0 ? ROWS_ALL : layout->rows,
                              .view = view,
                              .layout = layout};
    unsigned footer_rows = layout->rows == 0 ? 0 : 1;
    draw_title(&picture);
    if (layout->page == HF_TOP_HELP) {
        picture.skip = layout->skip;
        draw_help(&picture);
        return;
    }
    draw_staleness(&picture);
    if (view->measured) {
        gap(&picture);
        draw_rates(&picture);
        draw_watermarks(&picture);
        gap(&picture);
        if (layout->page == HF_TOP_THREADS) {
            draw_threads(&picture);
        } else {
            draw_overview(&picture, footer_rows);
        }
    }
    if (footer_rows > 0) {
        picture.left = 1;
        draw_footer(&picture);
    }
}
