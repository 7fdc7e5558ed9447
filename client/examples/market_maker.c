/*
 * market_maker.c - quotes one tick around the last price. Filled, it moves its quotes; a daemon that is
 * restarted it waits for; killed and started again it has the position that it had. It keeps no file: the
 * reports of its session, read again from the first, tell all that it has done.
 *
 *     example_market_maker [SOCKET [SYMBOL]]        SIGTERM ends it; its quotes are cancelled then
 */
#define _POSIX_C_SOURCE 200809L /* nanosleep: with -std=c17 */
#include <holdfast/holdfast.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MS_NS UINT64_C(1000000)
#define PATIENCE_NS (200 * MS_NS) /* of one try: no signal ends it */
#define TRIES 300u                /* a minute */

enum { BID, ASK };

struct quote {
    uint64_t id; /* 0: none is live */
    int64_t price;
    uint64_t open;
    uint64_t executed;
};

struct maker {
    struct hf_client *client;
    struct hf_market *market;
    struct hf_market_book *book;
    struct hf_instrument_info what;
    struct quote quotes[2];
    int64_t position;
    uint64_t answered; /* the last command that was */
};

static volatile sig_atomic_t stopped;

static void
stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* What a report says of our quote: there are two at most, so that its side tells which. */
static void
on_fill(struct maker *maker, struct quote *quote, const struct hf_report *report)
{
    bool bought = report->side == HF_BUY;
    maker->position += bought ? (int64_t)report->quantity : -(int64_t)report->quantity;
    quote->open = report->leaves;
    quote->executed += report->quantity;
    if (quote->open == 0) {
        quote->id = 0;
    }
    printf("%s %" PRIu64 " at %" PRId64 ", position %" PRId64 "\n", bought ? "bought" : "sold",
           report->quantity, report->price, maker->position);
    (void)fflush(stdout);
}

static void
on_refusal(const struct hf_report *report)
{
    const struct timespec pause = {.tv_nsec = 100 * (long)MS_NS}; /* not again at once */
    printf("refused: %s\n", hf_reason_text(report->reason));
    (void)fflush(stdout);
    nanosleep(&pause, NULL);
}

static void
on_report(struct maker *maker, const struct hf_report *report, const struct hf_report_more *more)
{
    struct quote *quote = &maker->quotes[report->side == HF_SELL ? ASK : BID];
    if (report->type != HF_REPORT_FILL && report->type != HF_REPORT_BUSTED &&
        report->command_seq > maker->answered) {
        maker->answered = report->command_seq;
    }
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
    case HF_REPORT_REPLACED:
    case HF_REPORT_ORDER:
        *quote = (struct quote){.id = report->client_order_id,
                                .price = report->price,
                                .open = report->quantity,
                                .executed = more != NULL ? more->executed : 0};
        break;
    case HF_REPORT_FILL:
        on_fill(maker, quote, report);
        break;
    case HF_REPORT_CANCELLED:
        *quote = (struct quote){0};
        break;
    case HF_REPORT_REJECTED:
        on_refusal(report);
        break;
    default:
        break;
    }
}

static void
read_reports(struct maker *maker)
{
    struct hf_client *client = maker->client;
    for (const struct hf_report *report; (report = hf_peek(client)) != NULL; hf_next(client)) {
        on_report(maker, report, hf_more(client, report));
    }
    hf_release(client);
}

/* One side's quote as it should be. When the ring is full, it is tried again in the next round. */
static void
requote(struct maker *maker, int which, int64_t price)
{
    const struct quote *quote = &maker->quotes[which];
    const uint64_t size = 10 * maker->what.lot;
    struct hf_session_facts facts;
    hf_facts(maker->client, &facts);
    struct hf_command command = {.type = HF_COMMAND_NEW,
                                 .slots = 1,
                                 .side = which == BID ? HF_BUY : HF_SELL,
                                 .order_type = HF_LIMIT,
                                 .time_in_force = HF_GTC,
                                 .instrument = maker->what.id,
                                 .client_order_id =
                                     facts.last_submitted + 1, /* never used before */
                                 .price = price,
                                 .quantity = size};
    if (quote->id != 0) {
        if (quote->price == price && quote->open == size) {
            return;
        }
        command = (struct hf_command){.type = HF_COMMAND_REPLACE,
                                      .slots = 1,
                                      .target_client_order_id = quote->id,
                                      .client_order_id = facts.last_submitted + 1,
                                      .price = price,
                                      .quantity = quote->executed + size};
    }
    (void)hf_submit(maker->client, &command, NULL);
}

/* Around the last price, when all that was submitted has been answered and the book is known. */
static void
requote_both(struct maker *maker)
{
    struct hf_market_book_facts book;
    (void)hf_market_poll(maker->market, NULL, NULL); /* the book follows what has happened */
    hf_market_book_facts(maker->book, &book);
    if (book.whole == 0 || !hf_is_last_command(maker->client, maker->answered)) {
        return;
    }
    int64_t middle = book.has_last != 0 ? book.last_price : 100 * maker->what.tick;
    requote(maker, BID, middle - maker->what.tick);
    requote(maker, ASK, middle + maker->what.tick);
}

/* The log of our first reports was removed: what is open we ask for, the position counts from now on. */
static void
begin_anew(struct maker *maker)
{
    struct hf_command ask = {.type = HF_COMMAND_OPEN_ORDERS, .slots = 1};
    memset(maker->quotes, 0, sizeof(maker->quotes));
    maker->position = 0;
    (void)hf_submit(maker->client, &ask, NULL);
}

/* Returns HF_OK when told to stop, or why it cannot go on with this session. */
static int
make_market(struct maker *maker)
{
    while (stopped == 0) {
        int code = hf_wait_report(maker->client, 20 * MS_NS);
        if (code == HF_LOST) {
            begin_anew(maker);
        } else if (code != HF_OK && !hf_error_is_retriable(code)) {
            return code;
        }
        read_reports(maker);
        requote_both(maker);
    }
    return HF_OK;
}

static int
open_all(struct maker *maker, const struct hf_client_options *options, const char *symbol)
{
    int code = hf_open(&maker->client, options);
    if (code == HF_OK) {
        code = hf_instrument(maker->client, symbol, &maker->what);
    }
    if (code == HF_OK) {
        code = hf_market_open_patiently(&maker->market, options->instance, options->socket_path, 0,
                                        options->patience_ns);
    }
    return code == HF_OK ? hf_market_book_open(maker->market, maker->what.id, &maker->book) : code;
}

static void
close_all(struct maker *maker)
{
    hf_market_close(maker->market);
    hf_detach(maker->client);
    *maker = (struct maker){.answered = 0};
}

/* While the daemon is being restarted, say: again, unless told to stop. */
static int
open_unless_stopped(struct maker *maker, const struct hf_client_options *options,
                    const char *symbol)
{
    int code = open_all(maker, options, symbol);
    for (unsigned tries = 1; hf_error_is_retriable(code) && tries < TRIES && stopped == 0;
         tries++) {
        close_all(maker);
        code = open_all(maker, options, symbol);
    }
    return code;
}

/* Opening tells more than its code; an unknown symbol is the one that was asked for. */
static void
complain(int code, const char *symbol)
{
    const char *words = hf_open_error();
    if (code == HF_E_UNKNOWN) {
        fprintf(stderr, "market maker: instrument %s: %s\n", symbol, hf_strerror(code));
    } else {
        fprintf(stderr, "market maker: %s\n", words[0] != '\0' ? words : hf_strerror(code));
    }
}

static int
trade(const struct hf_client_options *options, const char *symbol)
{
    struct maker maker = {.answered = 0};
    int code = open_unless_stopped(&maker, options, symbol);
    if (code == HF_OK) {
        code = make_market(&maker);
    }
    if (stopped != 0 && hf_error_is_retriable(code)) {
        code = HF_OK; /* told to stop while nobody answered */
    }
    if (code != HF_OK) {
        complain(code, symbol);
    }
    close_all(&maker);
    return code;
}

int
main(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == '-') {
        fprintf(stderr, "usage: %s [SOCKET [SYMBOL]]\n", argv[0]);
        return 64;
    }
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = "holdfast",
                                        .socket_path = argc > 1 ? argv[1] : NULL,
                                        .session = "maker_c",
                                        .flags = HF_OPEN_CANCEL_ON_DISCONNECT,
                                        .next_report = 1, /* all of them again: see above */
                                        .patience_ns = PATIENCE_NS};
    (void)signal(SIGTERM, stop);
    (void)signal(SIGINT, stop);
    int code;
    do { /* anew, when a tail of the log was lost or the session was taken away */
        code = trade(&options, argc > 2 ? argv[2] : "DEMO");
    } while (code == HF_E_HISTORY || code == HF_E_SESSION);
    return code == HF_OK ? 0 : 1;
}
