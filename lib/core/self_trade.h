/*
 * self_trade.h - self-trade prevention: what happens when an order meets one of its own account group.
 */
#ifndef HF_CORE_SELF_TRADE_H
#define HF_CORE_SELF_TRADE_H

#include "core/account.h"

/** The taker's side of the question; mode HF_SELF_TRADE_ALLOW: nobody need look at the makers. */
struct hf_self {
    uint32_t group; /**< 0: its own account is all that concerns it */
    uint32_t account;
    uint8_t mode;
};

/** Settings of the account of a taker. */
static inline struct hf_self
hf_self_of(const struct hf_core *core, uint32_t account_number)
{
    const struct hf_account *account = hf_account_find(core, account_number);
    if (HF_LIKELY(account == NULL)) {
        return (struct hf_self){0};
    }
    return (struct hf_self){
        .group = account->group, .account = account_number, .mode = account->mode};
}

/** Whether a maker is of the taker's group, or, if it has none, of its account. */
static inline bool
hf_self_owns(const struct hf_core *core, struct hf_self self, const struct hf_order *maker)
{
    if (self.group == 0) {
        return maker->account == self.account;
    }
    const struct hf_account *account = hf_account_find(core, maker->account);
    return account != NULL && account->group == self.group;
}

/** Instead of a trade between `taker` (in no queue) and the maker at `maker_index`, which is its own
 *  (hf_self_owns()): cancel or decrement, by the mode. A taker that is to go on no more is left with open == 0. */
void hf_self_prevent(struct hf_apply *apply, struct hf_self self, struct hf_order *taker,
                     uint32_t maker_index);

/** As hf_book_can_fill(), for a taker whose own orders must not trade with it: they count for nothing. In mode
 *  cancel-oldest they are passed by; in mode decrement too, and what is left of the taker then is less by all
 *  that they have; in the others counting ends at the first of them. */
bool hf_self_can_fill(struct hf_core *core, struct hf_self self, struct hf_book *book,
                      const struct hf_order *taker, int64_t limit, uint64_t quantity);

#endif
