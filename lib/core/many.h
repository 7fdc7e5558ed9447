/*
 * many.h - what concerns many live orders at once: cancelling those that match, listing them.
 *
 * Always by session slot, and within a session from the oldest order to the newest.
 */
#ifndef HF_CORE_MANY_H
#define HF_CORE_MANY_H

#include "core/state.h"

/** Which live orders; 0 fields match all. */
struct hf_filter {
    uint32_t instrument;
    uint32_t account;
    bool has_account; /**< account 0 is an account too */
    uint8_t side;
    uint8_t flags;     /**< these flags (enum hf_order_flag) must be set */
    bool spare_closed; /**< not those of instruments whose phase is closed */
};

/** Cancel the orders of one session that match. @return how many */
uint64_t hf_many_cancel_session(struct hf_apply *apply, uint32_t session,
                                const struct hf_filter *filter, uint32_t reason);

/** Cancel the orders of all sessions that match. @return how many */
uint64_t hf_many_cancel(struct hf_apply *apply, const struct hf_filter *filter, uint32_t reason);

/** HF_COMMAND_MASS_CANCEL and HF_COMMAND_OPEN_ORDERS. */
void hf_many_mass_cancel(struct hf_apply *apply, const struct hf_record *record);
void hf_many_list(struct hf_apply *apply, const struct hf_record *record);

/** HF_RECORD_LOST: the first page, as if the session had asked for it. */
void hf_many_list_lost(struct hf_apply *apply, const struct hf_record *record);

/** HF_RECORD_TICK: GTD orders whose time has come expire, earliest first, ties by order id. */
void hf_many_expire(struct hf_apply *apply);

#endif
