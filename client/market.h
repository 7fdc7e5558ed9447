/*
 * market.h - what a market-data handle holds.
 *
 *   market.c         the ring, read event by event; the connection that renews itself
 *   market_book.c    books, and the pages that they are built from
 *   levels.c         one level book, pure
 *
 * V1  every event up to `read` was shown and applied to all books, or is counted as missed
 * V2  the connection's daemon is the one that writes the mapped ring, as long as the connection lives:
 *     a page is asked for over the connection that the ring came by
 * V3  `held` is the event behind `read`; it is shown when its LSN is durable
 */
#ifndef HF_CLIENT_MARKET_H
#define HF_CLIENT_MARKET_H

#include "connection.h"
#include "levels.h"

#include "shm/broadcast.h"

#include <holdfast/subscribe.h>

#include <sys/stat.h>

struct hf_market_book {
    struct hf_market *market;
    struct hf_market_book *next;
    struct hf_levels levels;
    uint64_t page_lsn; /**< the largest LSN of a page */
    uint64_t joins;
    int64_t last_price;
    uint64_t last_quantity;
    uint32_t has_last;
    uint32_t phase;
    uint32_t instrument;
    bool unknown; /**< the daemon has no such instrument: asked again when it is announced */
};

struct hf_market {
    struct hf_broadcast_reader reader;
    struct hf_market_event held;
    bool has_held;
    bool durable; /**< asked for, or the instance's mode */
    bool wants_durable;
    uint64_t durable_seen; /**< durable_lsn as read last: saves fetching that line per event */
    uint64_t read;
    uint64_t read_lsn;
    uint64_t history;
    int told; /**< HF_LAPPED or HF_E_HISTORY: to be returned by the next read, once */
    uint64_t lapped;
    uint64_t missed;
    struct hf_market_book *books;
    struct hf_market_book **by_instrument; /**< instruments_max + 1 entries, NULL: not open */
    uint32_t instruments_max;
    /* connection */
    int socket_fd; /**< -1: none */
    int trouble;   /**< why there is none; 0 while there is */
    uint64_t looked_ns;
    struct hf_region status_region;
    struct hf_region ring_region;
    dev_t ring_device;
    ino_t ring_inode;
    char path[HF_CONNECTION_PATH_BYTES];
};

/* market.c */

/** Look whether the daemon lives, at most every few milliseconds; connect anew. @return 0 or why not */
int hf_market_contact(struct hf_market *market);

/** Ask over the living connection. @return as hf_connection_ask(), or answer->code */
int hf_market_ask(struct hf_market *market, const struct hf_control_request *request,
                  struct hf_control_answer *answer);

/* market_book.c */

/** Every book is to be built anew. */
void hf_market_books_reset(struct hf_market *market);

/** Give an event to the book of its instrument, if there is one. */
void hf_market_books_apply(struct hf_market *market, const struct hf_market_event *event);

/** Fetch one page for a book that wants one. @return 1: got one; 0: none is wanted; HF_E_UNKNOWN: none but by
 *  books of instruments that do not exist; or a code */
int hf_market_books_fetch(struct hf_market *market);

/** Free all books. */
void hf_market_books_free(struct hf_market *market);

#endif
