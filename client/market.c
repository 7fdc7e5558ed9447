/*
 * market.c - reading the market-data ring, over restarts of the daemon.
 *
 *   next: read the ring ── 0 ──► durable, if that is asked for? ──► books, caller
 *              ├ LAPPED: go on behind the head, books begin anew
 *              └ AGAIN: does the daemon live? ── a new one ──► the same ring: go on
 *                                                        └──► another: LAPPED or HISTORY
 */
#include "market.h"

#include "base/clock.h"
#include "base/idle.h"
#include "handle.h"
#include "page.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_NS UINT64_C(5000000) /* between two looks for the daemon */
#define PAUSE_NS_MAX UINT64_C(1000000)
#define PAUSE_NS_MIN UINT64_C(50000)

/* The connection */

static const struct hf_status *
status_page(const struct hf_market *market)
{
    return market->status_region.base;
}

/** The descriptor is of the ring that is mapped already. Ours keeps its inode from being used again. */
static bool
is_same_ring(const struct hf_market *market, const struct stat *status)
{
    return market->ring_region.base != NULL && status->st_dev == market->ring_device &&
           status->st_ino == market->ring_inode;
}

static int
map_status(struct hf_region *region, int fd, uint64_t bytes)
{
    int code = hf_region_map_fd(region, fd, bytes, false);
    if (code == HF_OK) {
        code = hf_page_check(region);
    }
    return code == HF_E_CORRUPT ? HF_E_PROTOCOL : code;
}

static int
map_ring(struct hf_region *region, int fd, uint64_t bytes)
{
    int code = hf_region_map_fd(region, fd, bytes, false);
    if (code == HF_OK) {
        code = hf_broadcast_check(region);
    }
    return code == HF_E_CORRUPT || code == HF_E_UNKNOWN ? HF_E_PROTOCOL : code;
}

/** Begin behind what the ring holds. */
static void
begin(struct hf_market *market)
{
    hf_broadcast_reader_init(&market->reader, &market->ring_region, 1);
    market->reader.next = hf_broadcast_head(&market->reader) + 1;
    market->read = market->reader.next - 1;
    market->read_lsn = 0;
    market->has_held = false;
}

/** Another ring than before: what was read belongs to the old one. */
static void
change_ring(struct hf_market *market, uint64_t history)
{
    uint64_t read = market->read;
    begin(market);
    market->told = history != market->history ? HF_E_HISTORY : HF_LAPPED;
    market->lapped++;
    market->missed += market->read > read ? market->read - read : 0;
    hf_market_books_reset(market);
}

static void
take_status(struct hf_market *market, struct hf_region *region)
{
    hf_region_detach(&market->status_region);
    market->status_region = *region;
    const struct hf_status *status = status_page(market);
    market->durable = market->wants_durable || status->mode == HF_MODE_SYNC;
    market->durable_seen = 0;
}

/** Map what the daemon passed; takes over both descriptors. */
static int
adopt(struct hf_market *market, const struct hf_control_answer *answer, const int fds[2])
{
    struct hf_region status = {.fd = -1};
    struct hf_region ring = {.fd = -1};
    struct stat about;
    bool known = fstat(fds[1], &about) == 0;
    bool same = known && is_same_ring(market, &about);
    bool first = market->ring_region.base == NULL;
    int code = map_status(&status, fds[0], answer->status_bytes);
    int ring_code = map_ring(&ring, fds[1], answer->market_bytes);
    code = code != HF_OK ? code : known ? ring_code : HF_E_SYSTEM;
    if (code != HF_OK) {
        hf_region_detach(&status);
        hf_region_detach(&ring);
        return code;
    }
    take_status(market, &status);
    uint64_t history = hf_load_acquire(&status_page(market)->history); /* of a running daemon */
    if (same) {
        hf_region_detach(&ring);
    } else {
        hf_region_detach(&market->ring_region);
        market->ring_region = ring;
        market->ring_device = about.st_dev;
        market->ring_inode = about.st_ino;
    }
    if (first) {
        begin(market);
    } else if (!same) {
        change_ring(market, history);
    }
    market->history = history;
    return HF_OK;
}

static int
ask_for_ring(struct hf_market *market, uint64_t deadline_ns)
{
    int fds[HF_CONNECTION_FDS_MAX];
    unsigned fd_count = 0;
    struct hf_control_answer answer;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_MARKET);
    int code = hf_connection_ask(market->socket_fd, &request, deadline_ns, &answer, fds, &fd_count);
    if (code != HF_OK) {
        return code;
    }
    if (answer.code != HF_OK) {
        hf_open_error_set("%s", answer.text);
        return answer.code;
    }
    if (fd_count == 2) {
        return adopt(market, &answer, fds);
    }
    for (unsigned i = 0; i < fd_count; i++) {
        hf_connection_close(&fds[i]);
    }
    return HF_E_PROTOCOL;
}

static int
connect_anew(struct hf_market *market, uint64_t deadline_ns)
{
    hf_open_error_set("%s", "");
    int code = hf_connection_connect(market->path, deadline_ns, &market->socket_fd);
    if (code == HF_OK) {
        code = ask_for_ring(market, hf_connection_deadline(HF_CONNECTION_TIMEOUT_NS_DEFAULT));
    }
    if (code != HF_OK) {
        if (hf_open_error()[0] == '\0') {
            hf_open_error_of(market->path, code);
        }
        hf_connection_close(&market->socket_fd);
    }
    market->trouble = code == HF_AGAIN ? HF_E_NO_DAEMON : code; /* it is restarting */
    return code;
}

int
hf_market_contact(struct hf_market *market)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    if (now_ns - market->looked_ns < LOOK_NS) {
        return market->trouble;
    }
    market->looked_ns = now_ns;
    if (market->socket_fd >= 0 && hf_connection_ended(market->socket_fd)) {
        hf_connection_close(&market->socket_fd);
    }
    if (market->socket_fd >= 0) {
        return HF_OK;
    }
    (void)connect_anew(market, 0);
    return market->trouble;
}

int
hf_market_ask(struct hf_market *market, const struct hf_control_request *request,
              struct hf_control_answer *answer)
{
    if (market->socket_fd < 0) {
        return market->trouble;
    }
    int code = hf_connection_ask(market->socket_fd, request,
                                 hf_connection_deadline(HF_CONNECTION_TIMEOUT_NS_DEFAULT), answer,
                                 NULL, NULL);
    if (code != HF_OK) { /* a late answer would fit no request */
        hf_connection_close(&market->socket_fd);
        market->trouble = code;
        return code;
    }
    return answer->code;
}

/* Open and close */

static int
make_table(struct hf_market *market)
{
    market->instruments_max = status_page(market)->instruments_max;
    size_t entry_bytes = sizeof(struct hf_market_book *); /* NOLINT: pointers are what it holds */
    market->by_instrument = calloc((size_t)market->instruments_max + 1, entry_bytes);
    return market->by_instrument == NULL ? HF_E_MEMORY : HF_OK;
}

static int
open_market(struct hf_market *market, const char *instance, const char *socket_path)
{
    int code = hf_open_path(market->path, instance, socket_path);
    if (code != HF_OK) {
        return code;
    }
    code = connect_anew(market, hf_connection_deadline(HF_CONNECTION_TIMEOUT_NS_DEFAULT));
    if (code == HF_OK && market->wants_durable && status_page(market)->mode == HF_MODE_MEMORY) {
        hf_open_error_set("the instance runs in memory mode: nothing becomes durable");
        code = HF_E_ARGUMENT;
    }
    return code == HF_OK ? make_table(market) : code;
}

static int
open_once(struct hf_market **market, const char *instance, const char *socket_path, uint32_t flags)
{
    struct hf_market *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return HF_E_MEMORY;
    }
    made->socket_fd = -1;
    made->status_region.fd = -1;
    made->ring_region.fd = -1;
    made->wants_durable = (flags & HF_MARKET_DURABLE) != 0;
    int code = open_market(made, instance, socket_path);
    if (code != HF_OK) {
        hf_market_close(made);
        return code;
    }
    *market = made;
    return HF_OK;
}

int
hf_market_open_patiently(struct hf_market **market, const char *instance, const char *socket_path,
                         uint32_t flags, uint64_t patience_ns)
{
    uint64_t deadline_ns = hf_connection_deadline(patience_ns);
    int code;
    *market = NULL;
    if ((flags & ~(uint32_t)HF_MARKET_DURABLE) != 0) {
        hf_open_error_set("unknown flags");
        return HF_E_ARGUMENT;
    }
    do {
        code = open_once(market, instance, socket_path, flags);
    } while (hf_connection_again(code, deadline_ns));
    return code;
}

int
hf_market_open(struct hf_market **market, const char *instance, const char *socket_path,
               uint32_t flags)
{
    return hf_market_open_patiently(market, instance, socket_path, flags, 0);
}

void
hf_market_close(struct hf_market *market)
{
    if (market == NULL) {
        return;
    }
    hf_market_books_free(market);
    free(market->by_instrument);
    hf_connection_close(&market->socket_fd);
    hf_region_detach(&market->ring_region);
    hf_region_detach(&market->status_region);
    free(market);
}

/* Reading */

/** Whether an LSN may be shown. */
static bool
shows(struct hf_market *market, uint64_t lsn)
{
    if (!market->durable || lsn <= market->durable_seen) {
        return true;
    }
    /* Acquire pairs with the sync thread's release: it is flushed. */
    market->durable_seen = hf_load_acquire(&status_page(market)->durable_lsn);
    return lsn <= market->durable_seen;
}

static int
take_told(struct hf_market *market)
{
    int told = market->told;
    market->told = HF_OK;
    return told;
}

/** Nothing is there: because nothing happens, or because of the daemon? */
static int
explain_silence(struct hf_market *market)
{
    int trouble = hf_market_contact(market);
    if (market->told != HF_OK) {
        return take_told(market);
    }
    if (trouble != HF_OK) {
        return trouble;
    }
    uint32_t state = hf_load_acquire(&status_page(market)->state); /* halt_text comes before it */
    return state == HF_STATE_HALTED ? HF_E_HALTED : HF_AGAIN;
}

static int
note_lapped(struct hf_market *market)
{
    market->lapped++;
    market->missed += hf_broadcast_skip(&market->reader);
    market->read = market->reader.next - 1;
    hf_market_books_reset(market);
    return HF_LAPPED;
}

/** Have the next event in `held` and may show it. */
static int
hold(struct hf_market *market)
{
    if (market->told != HF_OK) {
        return take_told(market);
    }
    if (!market->has_held) {
        int code = hf_broadcast_read(&market->reader, &market->held);
        if (code == HF_LAPPED) {
            return note_lapped(market);
        }
        market->has_held = code == HF_OK;
    }
    return market->has_held && shows(market, market->held.lsn) ? HF_OK : explain_silence(market);
}

int
hf_market_next(struct hf_market *market, struct hf_market_event *event)
{
    int code = hold(market);
    if (code != HF_OK) {
        return code;
    }
    market->has_held = false;
    market->read = market->held.number;
    market->read_lsn = market->held.lsn;
    *event = market->held;
    hf_market_books_apply(market, event);
    return HF_OK;
}

/** Read until nothing is there. @return why it ended; 0: at `count_max` */
static int
drain(struct hf_market *market, hf_market_event_fn on_event, void *context, int64_t count_max,
      int64_t *count)
{
    while (*count < count_max) {
        struct hf_market_event event;
        int code = hf_market_next(market, &event);
        if (code == HF_OK) {
            (*count)++;
            if (on_event != NULL) {
                on_event(context, &event);
            }
        } else if (code != HF_LAPPED && code != HF_E_HISTORY) {
            return code;
        }
    }
    return HF_OK;
}

/** hf_market_poll(), of at most `count_max` events. */
static int64_t
poll_some(struct hf_market *market, hf_market_event_fn on_event, void *context, int64_t count_max)
{
    int64_t count = 0;
    int code;
    int fetched;
    do { /* a page, then what has happened meanwhile: a big book must not make us lapped */
        code = drain(market, on_event, context, count_max, &count);
        fetched = hf_market_books_fetch(market);
    } while (fetched == 1 && count < count_max);
    if (count == 0 && code != HF_AGAIN) {
        return code;
    }
    return count == 0 && fetched < 0 ? fetched : count;
}

int64_t
hf_market_poll(struct hf_market *market, hf_market_event_fn on_event, void *context)
{
    return poll_some(market, on_event, context, (int64_t)market->reader.mask + 1);
}

static void
put(void *context, const struct hf_market_event *event)
{
    struct hf_market_event **next = context;
    *(*next)++ = *event;
}

int64_t
hf_market_read_many(struct hf_market *market, struct hf_market_event *events, size_t capacity)
{
    uint64_t ring = market->reader.mask + 1;
    return poll_some(market, put, &events, (int64_t)(capacity < ring ? capacity : ring));
}

/** Whether the next read would say something else than HF_AGAIN; looks for the daemon, too. */
static int
look(struct hf_market *market)
{
    bool news = market->told != HF_OK || (market->has_held ? shows(market, market->held.lsn)
                                                           : hf_broadcast_ready(&market->reader));
    if (news) {
        return HF_OK;
    }
    int trouble = hf_market_contact(market);
    if (market->told != HF_OK || trouble != HF_OK) {
        return market->told != HF_OK ? HF_OK : trouble;
    }
    uint32_t state = hf_load_acquire(&status_page(market)->state); /* as in explain_silence() */
    return state == HF_STATE_HALTED ? HF_E_HALTED : HF_AGAIN;
}

int
hf_market_wait(struct hf_market *market, uint64_t timeout_ns)
{
    struct hf_idle idle;
    uint64_t deadline_ns = hf_connection_deadline(timeout_ns);
    uint64_t pause_ns = PAUSE_NS_MIN;
    hf_idle_init(&idle, HF_IDLE_ADAPTIVE);
    for (;;) {
        int code = look(market);
        if (code == HF_OK) {
            return HF_OK;
        }
        uint64_t now_ns = hf_clock_monotonic_ns();
        if (now_ns >= deadline_ns) {
            return code == HF_AGAIN ? HF_TIMEOUT : code;
        }
        if (hf_idle_wait(&idle)) {
            uint64_t left_ns = deadline_ns - now_ns;
            hf_clock_sleep_ns(pause_ns < left_ns ? pause_ns : left_ns);
            pause_ns = 2 * pause_ns < PAUSE_NS_MAX ? 2 * pause_ns : PAUSE_NS_MAX;
        }
    }
}

/* Facts */

void
hf_market_facts(const struct hf_market *market, struct hf_market_facts *facts)
{
    uint64_t head = hf_broadcast_head(&market->reader);
    *facts = (struct hf_market_facts){
        .number = market->read,
        .lsn = market->read_lsn,
        .head = head > market->read ? head : market->read,
        .durable_lsn = hf_load_acquire(&status_page(market)->durable_lsn), /* it is flushed */
        .history = market->history,
        .lapped = market->lapped,
        .missed = market->missed,
        .connected = market->socket_fd >= 0,
    };
}

void
hf_market_status(const struct hf_market *market, struct hf_status *status)
{
    hf_page_copy(status_page(market), status);
}

int
hf_market_instrument(const struct hf_market *market, const char *symbol,
                     struct hf_instrument_info *info)
{
    return hf_page_instrument(&market->status_region, symbol, info);
}
