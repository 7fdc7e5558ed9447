/*
 * account.h - settings of accounts: self-trade prevention group, limit of open notional, kill switch.
 *
 * An account needs no settings to trade; the table holds those that have some. What it costs others is
 * one test of core->accounts.
 *
 * A1  open_notional == sum over the account's orders in any queue of |price| x whole open quantity;
 *     the price of a waiting stop is its limit, or its stop price when it has none
 * A2  an account, or a session, whose kill switch is on has no live order
 */
#ifndef HF_CORE_ACCOUNT_H
#define HF_CORE_ACCOUNT_H

#include "core/state.h"

__extension__ typedef unsigned __int128 hf_notional; /* |price| < 2^60 times quantity <= 2^43 */

struct hf_account {
    hf_notional open_notional;
    uint64_t notional_max; /**< 0: none */
    uint32_t number;
    uint32_t group; /**< self-trade prevention; 0: none, the account alone */
    uint8_t mode;   /**< enum hf_self_trade */
    uint8_t killed;
    uint8_t used; /**< 0: a free entry */
    uint8_t reserved[13];
};

/** Entries of the table: never more than half full. */
static inline uint32_t
hf_account_entries(const struct hf_engine_limits *limits)
{
    return 2 * limits->accounts_max;
}

static inline hf_notional
hf_notional_of(int64_t price, uint64_t quantity)
{
    return (hf_notional)(price < 0 ? -(uint64_t)price : (uint64_t)price) * quantity;
}

/** The settings of an account; NULL: it has none. */
struct hf_account *hf_account_lookup(const struct hf_core *core, uint32_t number);

static inline struct hf_account *
hf_account_find(const struct hf_core *core, uint32_t number)
{
    return HF_LIKELY(core->accounts == 0) ? NULL : hf_account_lookup(core, number);
}

/** A1: an order came into a queue, or grew. */
void hf_account_add(struct hf_core *core, uint32_t number, int64_t price, uint64_t quantity);

/** A1: an order left a queue, traded or shrank. */
void hf_account_take(struct hf_core *core, uint32_t number, int64_t price, uint64_t quantity);

/** The price at which an order in a queue counts. */
int64_t hf_account_price(const struct hf_core *core, uint32_t order_index);

/** The settings of an account, made if need be, its open notional counted; NULL: the table is full. */
struct hf_account *hf_account_make(struct hf_core *core, uint32_t number);

#endif
