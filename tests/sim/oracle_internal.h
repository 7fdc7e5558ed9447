/* oracle_internal.h - between the oracle's records and its state machine. */
#ifndef SIM_ORACLE_INTERNAL_H
#define SIM_ORACLE_INTERNAL_H

#include <holdfast/market.h>
#include <holdfast/record.h>
#include <stdbool.h>

#define ORACLE_RECORDS_MAX 8192u

void oracle_machine_reset(void);
/** @param fresh  just sequenced; else one of those that survived a lost tail */
void oracle_machine_apply(const struct hf_record *record, const struct hf_record *more, bool fresh);
uint64_t oracle_machine_digest(void);

/* oracle_market.c */
void oracle_market_reset(void);       /**< no events yet */
void oracle_market_forget_ring(void); /**< another run */
void oracle_market_event(void *context, const struct hf_market_event *event);
void oracle_market_observe(void);
bool oracle_market_is_complete(void);

#endif
