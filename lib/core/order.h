/*
 * order.h - one resting order: exactly one cache line.
 *
 * O1  a live order has order_id != 0, open != 0, and is in exactly one level, one session list and
 *     both id tables; a free one has order_id == 0
 * O2  `open` is what the order shows; an iceberg's hidden rest is in its extra (extra.h), which it has
 *     exactly when HF_ORDER_EXTRA is set
 */
#ifndef HF_CORE_ORDER_H
#define HF_CORE_ORDER_H

#include <holdfast/record.h>

/** Bits of hf_order.flags */
enum hf_order_flag {
    HF_ORDER_POST_ONLY = 1, /**< stays with the order through replaces */
    HF_ORDER_EXTRA = 2,     /**< iceberg, waiting stop or GTD: there is more in extra.h */
    HF_ORDER_STOP = 4,      /**< waits for its trigger; its level is one of the stop queues */
    HF_ORDER_DAY = 8,       /**< expires with the session-end command */
};

struct hf_order {
    uint64_t order_id; /**< LSN of the command that entered it */
    uint64_t client_order_id;
    uint64_t open;
    uint64_t executed;
    uint32_t next; /**< in its level, towards the back; in a free order: the pool's link */
    uint32_t prev;
    uint32_t level;
    uint32_t account;
    uint32_t session_next;
    uint32_t session_prev;
    uint32_t place; /**< low half of the LSN at which it took its place in the queue; the audit's */
    uint16_t session;
    uint8_t side; /**< enum hf_side */
    uint8_t flags;
};

HF_STATIC_ASSERT(sizeof(struct hf_order) == 64, "an order is one cache line");

/** The order that a NEW asks for. */
static inline struct hf_order
hf_order_make(const struct hf_record *record, uint8_t flags)
{
    return (struct hf_order){
        .order_id = record->lsn,
        .client_order_id = record->client_order_id,
        .open = record->quantity,
        .account = record->account,
        .session = (uint16_t)record->session,
        .side = record->side,
        .flags = flags,
    };
}

/** Copy an order that has just been made. Field by field, as they were stored: a load of several has to wait
 *  until their stores have reached the cache. */
static inline void
hf_order_copy(struct hf_order *to, const struct hf_order *from)
{
    to->order_id = from->order_id;
    to->client_order_id = from->client_order_id;
    to->open = from->open;
    to->executed = from->executed;
    to->next = from->next;
    to->prev = from->prev;
    to->level = from->level;
    to->account = from->account;
    to->session_next = from->session_next;
    to->session_prev = from->session_prev;
    to->place = from->place;
    to->session = from->session;
    to->side = from->side;
    to->flags = from->flags;
}

#endif
