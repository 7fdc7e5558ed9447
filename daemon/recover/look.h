/*
 * look.h - look things up in a rebuilt state machine: names of sessions and instruments, and one order
 * with its place in the queue.
 */
#ifndef HF_RECOVER_LOOK_H
#define HF_RECOVER_LOOK_H

#include "core/core.h"

/** The name of an open session; "" when the slot is free or there is no state machine. */
const char *hf_look_session(const struct hf_core *core, uint32_t slot);

/** The symbol of an instrument; false: there is none. */
bool hf_look_symbol(const struct hf_core *core, uint32_t id, char symbol[HF_SYMBOL_BYTES]);

/** The instrument with this symbol; 0: there is none. */
uint32_t hf_look_instrument(const struct hf_core *core, const char *symbol);

/** The place of a live order in the pool; 0: no live order has this id. */
uint32_t hf_look_order_index(const struct hf_core *core, uint64_t order_id);

/** A live order. */
struct hf_look_order {
    uint64_t order_id;
    uint64_t client_order_id;
    uint64_t open; /**< the hidden part of an iceberg included */
    uint64_t hidden;
    uint64_t executed;
    int64_t price; /**< of its level: of a waiting stop its stop price */
    uint32_t instrument;
    uint32_t session;
    uint32_t account;
    uint8_t side;
    bool waits;               /**< a stop that is not triggered */
    uint32_t orders_before;   /**< at the same price, to trade first */
    uint64_t quantity_before; /**< what these show */
};

/** @return false: no live order has this id */
bool hf_look_order(const struct hf_core *core, uint64_t order_id, struct hf_look_order *found);

/** The id of a session's live order by its client order id; 0: none. */
uint64_t hf_look_order_id(const struct hf_core *core, uint32_t session, uint64_t client_order_id);

/** The order that a command is about, before it is applied: NEW's own, else the live one that it names;
 *  0: none. */
uint64_t hf_look_target(const struct hf_core *core, const struct hf_record *record);

#endif
