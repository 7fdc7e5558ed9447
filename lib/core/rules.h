/*
 * rules.h - what an instrument says about prices and quantities.
 *
 * Each returns HF_REASON_NONE or the first reason that applies, in this order:
 *   price     HF_REASON_PRICE_OFF_TICK, HF_REASON_PRICE_OUT_OF_BAND
 *   quantity  HF_REASON_QUANTITY_ZERO, HF_REASON_QUANTITY_OFF_LOT, HF_REASON_QUANTITY_TOO_LARGE
 */
#ifndef HF_CORE_RULES_H
#define HF_CORE_RULES_H

#include "core/state.h"

static inline uint32_t
hf_rules_price(const struct hf_book *book, int64_t price)
{
    if (book->tick != 1 && price % book->tick != 0) {
        return HF_REASON_PRICE_OFF_TICK;
    }
    if (price < book->price_min || price > book->price_max) {
        return HF_REASON_PRICE_OUT_OF_BAND;
    }
    return HF_REASON_NONE;
}

static inline uint32_t
hf_rules_lot(const struct hf_book *book, uint64_t quantity)
{
    if (quantity == 0) {
        return HF_REASON_QUANTITY_ZERO;
    }
    if (book->lot != 1 && quantity % book->lot != 0) {
        return HF_REASON_QUANTITY_OFF_LOT;
    }
    return HF_REASON_NONE;
}

static inline uint32_t
hf_rules_quantity(const struct hf_book *book, uint64_t quantity)
{
    uint32_t reason = hf_rules_lot(book, quantity);
    if (reason == HF_REASON_NONE && quantity > book->quantity_max) {
        return HF_REASON_QUANTITY_TOO_LARGE;
    }
    return reason;
}

#endif
