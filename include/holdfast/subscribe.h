/*
 * subscribe.h - reading market data: every event in order, and level books that keep themselves right.
 *
 *     hf_market_open ──► hf_market_next ──► an event ... HF_AGAIN, HF_LAPPED
 *           └──► hf_market_book_open ──► hf_market_poll ──► hf_market_book_levels
 *
 *     struct hf_market *market;
 *     struct hf_market_book *book;
 *     struct hf_depth_level best;
 *     if (hf_market_open(&market, "holdfast", NULL, 0) == HF_OK &&
 *         hf_market_book_open(market, instrument, &book) == HF_OK) {
 *         for (;;) {
 *             hf_market_wait(market, 1000000000);
 *             hf_market_poll(market, NULL, NULL);
 *             if (hf_market_book_levels(book, HF_BUY, &best, 1) == 1) { ... }
 *         }
 *     }
 *
 * Events lie in one ring in shared memory that subscribers can read and cannot write. The engine does not
 * know that they are there: a slow one is overtaken, and learns that. It then misses events, but its level
 * books rebuild themselves from snapshots; who follows single orders begins anew (HF_LAPPED).
 *
 * A restart of the daemon goes unnoticed but for the pause. After a reboot there is a new ring: HF_E_HISTORY
 * if the log had lost a tail (numbers and LSNs of before mean nothing), else HF_LAPPED.
 *
 * What is not durable may be taken back by a power loss. With HF_MARKET_DURABLE, and always on an instance
 * in sync mode, events and books are shown when they are durable.
 *
 * Thread-safety: a handle and its books belong to one thread at a time; different handles are independent.
 * There is no hidden thread. Reading makes no system call, but for a look every few milliseconds, when
 * nothing is there, whether the daemon lives.
 */
#ifndef HOLDFAST_SUBSCRIBE_H
#define HOLDFAST_SUBSCRIBE_H

#include <holdfast/engine.h>
#include <holdfast/market.h>
#include <holdfast/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hf_market;
struct hf_market_book;

/** Bits of the flags of hf_market_open() */
enum hf_market_open_flag {
    HF_MARKET_DURABLE = 1, /**< show what is durable only */
};

/** What a subscriber has seen. */
struct hf_market_facts {
    uint64_t number; /**< of the last event that was shown; where it began when there is none */
    uint64_t lsn;    /**< of that event; 0: none yet */
    uint64_t head;   /**< number of the newest event in the ring: head - number are to come */
    uint64_t durable_lsn; /**< of the instance, now */
    uint64_t history;     /**< of the instance: goes up when a tail of the log was lost */
    uint64_t lapped;      /**< how often it was overtaken, or found a new ring */
    uint64_t missed;      /**< events that it has not seen for that, as far as numbers tell */
    uint32_t connected;   /**< 1: the daemon answers */
    uint32_t reserved;
};

/** What a level book is. */
struct hf_market_book_facts {
    uint64_t number;    /**< of the last event that it contains */
    uint64_t lsn;       /**< of that event, or of the snapshot where that is newer */
    int64_t last_price; /**< of the last trade; or of the reference that an operator gave */
    uint64_t
        last_quantity; /**< 0: not known (it traded before this book was joined), or no trade: the last
                            price is a reference, or there is none */
    uint64_t joins;    /**< how often it was built from a snapshot, the first time included */
    uint32_t has_last; /**< 0: there is no last price */
    uint32_t phase;    /**< enum hf_phase; 0: the instrument was removed, or not yet known */
    uint32_t whole;    /**< 0: being built; the rest is as of before, or unknown */
    uint32_t instrument;
};

/**
 * Connect to an instance and map its market data. The first event will be the next that happens.
 *
 * @param market       receives the handle; free with hf_market_close()
 * @param instance     name of the instance; may be NULL when there is a socket_path
 * @param socket_path  its control socket in place of the usual one; may be NULL
 * @param flags        enum hf_market_open_flag
 * @return 0, HF_E_ARGUMENT (also: durable only, of an instance in memory mode), HF_E_NO_DAEMON,
 *         HF_AGAIN (it recovers: try again), HF_E_VERSION, HF_E_DENIED, HF_TIMEOUT, HF_E_MEMORY,
 *         HF_E_SYSTEM, HF_E_PROTOCOL; hf_open_error() has the words
 */
int hf_market_open(struct hf_market **market, const char *instance, const char *socket_path,
                   uint32_t flags);

/** The same, tried again for so long as hf_client_options.patience_ns says. */
int hf_market_open_patiently(struct hf_market **market, const char *instance,
                             const char *socket_path, uint32_t flags, uint64_t patience_ns);

/** Unmap, disconnect, free the handle and its books. NULL: ok */
void hf_market_close(struct hf_market *market);

/**
 * Read the next event. Open books follow it.
 *
 * @param event  receives a copy; unchanged unless 0 is returned
 * @return 0; HF_AGAIN: none now; HF_LAPPED: events were missed, once each time, the next call goes on with
 *         new ones (numbers tell how many); HF_E_HISTORY: as HF_LAPPED, and numbers and LSNs of before are
 *         void. When none is there: HF_E_NO_DAEMON (it is dead or restarting: call again), HF_E_HALTED, or
 *         as hf_market_open()
 * May wait for an answer, up to 5 s, when the daemon has been restarted; else it never blocks.
 */
int hf_market_next(struct hf_market *market, struct hf_market_event *event);

/** Receives an event after the open books have it; valid during the call. Books must not be opened or
 *  closed, nor the handle, from within. */
typedef void (*hf_market_event_fn)(void *context, const struct hf_market_event *event);

/**
 * Read what is there, and build the books that need it: those just opened, and all after HF_LAPPED.
 *
 * @param on_event  called with each event; may be NULL
 * @return events read (at most a ring's length, so that a flood leaves it again); or, when there was none,
 *         0, HF_E_NO_DAEMON, HF_E_HALTED, HF_E_UNKNOWN (a book's instrument does not exist), HF_TIMEOUT,
 *         HF_E_MEMORY, or as hf_market_open(). Being lapped is no error here: hf_market_facts() counts.
 * May wait for answers of the daemon, up to 5 s each, while a book is built.
 */
int64_t hf_market_poll(struct hf_market *market, hf_market_event_fn on_event, void *context);

/**
 * As hf_market_poll(), but with copies of the events in an array: for callers to whom a call is dear.
 *
 * @param events  array of `capacity` entries, at least 1
 * @return events copied, else as hf_market_poll()
 */
int64_t hf_market_read_many(struct hf_market *market, struct hf_market_event *events,
                            size_t capacity);

/**
 * Wait until hf_market_next() has something to say. Spins, yields, then looks again after a pause of up to
 * a millisecond: subscribers cannot ask to be woken, because the engine does not know them.
 *
 * @param timeout_ns  0: do not wait
 * @return 0, HF_TIMEOUT; HF_E_NO_DAEMON, HF_E_HALTED: that was so when the time ended
 */
int hf_market_wait(struct hf_market *market, uint64_t timeout_ns);

void hf_market_facts(const struct hf_market *market, struct hf_market_facts *facts);

/** Copy the status page. */
void hf_market_status(const struct hf_market *market, struct hf_status *status);

/** Look up an instrument by symbol. @return 0 or HF_E_UNKNOWN (none, or it was removed) */
int hf_market_instrument(const struct hf_market *market, const char *symbol,
                         struct hf_instrument_info *info);

/**
 * Keep the level book of an instrument. It is empty until hf_market_poll() has built it.
 *
 * The instrument need not exist yet, its id may be one that the instance will give: its book is built when
 * the instrument is added. Until then it is not whole, other books are kept as ever, and a poll that reads
 * nothing returns HF_E_UNKNOWN.
 *
 * @param book  receives the book; the market's, until hf_market_book_close() or hf_market_close()
 * @return 0, HF_E_UNKNOWN (the instance cannot have that many instruments), HF_E_BUSY (this handle has that
 *         book already), HF_E_MEMORY
 */
int hf_market_book_open(struct hf_market *market, uint32_t instrument,
                        struct hf_market_book **book);

void hf_market_book_close(struct hf_market_book *book); /**< NULL: ok */

/**
 * Read the best levels of one side.
 *
 * @param levels  array of `capacity` entries, best price first, with the number of orders in each
 * @return levels written; HF_AGAIN: the book is being built, hf_market_poll() goes on with it;
 *         HF_E_ARGUMENT: no such side
 */
int64_t hf_market_book_levels(const struct hf_market_book *book, enum hf_side side,
                              struct hf_depth_level *levels, size_t capacity);

void hf_market_book_facts(const struct hf_market_book *book, struct hf_market_book_facts *facts);

#ifdef __cplusplus
}
#endif

#endif
