/*
 * play_state.h - what the reports of one case have said so far: orders, their queue, trades, events.
 *
 * One command is under way at a time, and all its reports are in before the next one: a report belongs
 * to the command under way, or to an order that it touched. The book is rebuilt from reports alone; the
 * drivers compare it with the engine's, so that reports and book cannot disagree unseen.
 *
 * S1: an order is live from ACCEPTED to its last fill or its cancel, and `live` lists exactly those.
 * S2: every fill is followed by that of its other side, with the same (lsn, trade_index).
 * S3: there is room for all the orders of a case from its beginning on.
 */
#ifndef HF_CLI_PLAY_STATE_H
#define HF_CLI_PLAY_STATE_H

#include "cli/play_case.h"

#include <holdfast/command.h>
#include <holdfast/report.h>

struct hf_play_order {
    uint32_t id; /**< its name now */
    uint32_t owner;
    uint32_t live_at; /**< place in `live` */
    uint8_t side, order_type;
    bool live;
    bool waiting; /**< a stop that is not triggered: live, but in no queue */
    int64_t price, stop_price;
    uint64_t open; /**< when it has ended: what was open then */
    uint64_t executed;
    uint64_t display; /**< 0: no iceberg */
    uint64_t shown;
    uint64_t place; /**< the greater, the later in the queue of its price */
};

struct hf_play_event {
    enum hf_play_event_type type;
    uint32_t id;
    uint32_t reason;   /**< enum hf_reason, or 0 */
    uint64_t quantity; /**< CANCELLED: cancelled; REJECTED: of the order refused; else open */
    bool is_refusal;   /**< the order ended without a trade because of its post-only, IOC or FOK */
    bool answers_replace; /**< CANCELLED: as the answer to a replace that left nothing open */
    bool is_stop;
};

struct hf_play_state {
    const struct hf_play_case *play_case;
    const struct hf_play_command *command; /**< under way */
    uint32_t flags;                        /**< enum hf_instrument_flag bits of the instrument */
    struct hf_play_order *orders;          /**< all that there ever were; [0] is none */
    size_t order_count, order_capacity;
    uint32_t *by_id; /**< by name: the last order of that name; 0: none */
    uint32_t *live;  /**< numbers of the live orders, in no order */
    size_t live_count, live_capacity;
    struct hf_play_event *events; /**< since hf_play_state_forget_events() */
    size_t event_count, event_capacity;
    struct hf_play_rows trades, owner_trades; /**< since hf_play_state_forget_trades() */
    struct hf_report half; /**< a fill that waits for its other side; number 0: none */
    bool has_last_price;
    int64_t last_price;
    uint64_t next_place;
    const char *broken; /**< what in the reports cannot be; NULL: nothing */
    bool no_memory;
};

/** Begin a case. @return false: no memory; hf_play_state_free() it in any case */
bool hf_play_state_init(struct hf_play_state *state, const struct hf_play_case *play_case,
                        uint32_t flags);
void hf_play_state_free(struct hf_play_state *state);

/** The last order of a name; NULL: none. Check `live` and `id`: it may have ended, or be renamed. */
const struct hf_play_order *hf_play_state_find(const struct hf_play_state *state, uint32_t id);

/** Take in one report of the session. @param report all its slots */
void hf_play_state_report(struct hf_play_state *state, const struct hf_report *report);

void hf_play_state_forget_events(struct hf_play_state *state);
void hf_play_state_forget_trades(struct hf_play_state *state);

/** Live orders that are in the queue, best bid first, then best ask first, each price in priority
 *  order: numbers into `orders`, in a block of malloc that the caller frees. NULL: no memory (or, with
 *  `*count` 0, nothing there). */
uint32_t *hf_play_state_queue(const struct hf_play_state *state, size_t *count);

/** The book by order or by level, as HF_PLAY rows. @param visible what is shown of an iceberg
 *  @return false: no memory */
bool hf_play_state_book(const struct hf_play_state *state, bool by_level, bool visible,
                        struct hf_play_rows *rows);

/** Price levels on both sides of the book, and stop prices on both sides. @return false: no memory */
bool hf_play_state_levels(const struct hf_play_state *state, int64_t figure[HF_PLAY_FIGURES]);

/** A sum over one side's live orders. */
int64_t hf_play_state_total(const struct hf_play_state *state, enum hf_play_total total,
                            uint8_t side);

#endif
