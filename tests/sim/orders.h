/*
 * orders.h - a stream of commands: enough of each kind to fill books, rings and second slots.
 */
#ifndef SIM_ORDERS_H
#define SIM_ORDERS_H

#include <holdfast/command.h>

struct orders {
    uint64_t next_id;
};

void orders_reset(struct orders *orders);

/** Make the next command in one or two slots. @return slots */
unsigned orders_make(struct orders *orders, struct hf_command slots[HF_MESSAGE_SLOTS_MAX]);

#endif
