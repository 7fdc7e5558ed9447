/* orders.c - commands by chance (orders.h). */
#include "sim/orders.h"

#include "sim/world.h"

#include <string.h>

#define PRICE_FIRST 95
#define PRICES 10
#define RECENT 12 /* ids that a cancel may name */

void
orders_reset(struct orders *orders)
{
    orders->next_id = 1;
}

static uint64_t
recent_id(const struct orders *orders)
{
    uint64_t back = 1 + sim_below(RECENT);
    return orders->next_id > back ? orders->next_id - back : 1;
}

static void
make_new(struct orders *orders, struct hf_command *command)
{
    command->type = HF_COMMAND_NEW;
    command->side = (uint8_t)(HF_BUY + sim_below(2));
    command->order_type = HF_LIMIT;
    command->time_in_force = sim_below(4) == 0 ? HF_IOC : HF_GTC;
    command->instrument = 1;
    command->account = 1;
    command->client_order_id = orders->next_id++;
    command->price = PRICE_FIRST + (int64_t)sim_below(PRICES);
    command->quantity = 1 + sim_below(9);
}

static void
make_iceberg(struct orders *orders, struct hf_command slots[HF_MESSAGE_SLOTS_MAX])
{
    struct hf_command_more more = {.type = HF_COMMAND_MORE, .slots = 1, .display = 1};
    make_new(orders, slots);
    slots->time_in_force = HF_GTC;
    slots->quantity = 3 + sim_below(9);
    slots->slots = 2;
    memcpy((void *)&slots[1], (const void *)&more, sizeof(more));
}

/** The first client may, the others are refused. Mostly open: after a loss all waits for that. */
static void
make_phase(struct hf_command *command)
{
    command->type = HF_COMMAND_PHASE;
    command->order_type =
        (uint8_t)(sim_below(8) != 0 ? HF_PHASE_OPEN : HF_PHASE_OPEN + sim_below(4));
}

unsigned
orders_make(struct orders *orders, struct hf_command slots[HF_MESSAGE_SLOTS_MAX])
{
    uint64_t what = sim_below(100);
    slots[0] = (struct hf_command){.slots = 1};
    if (sim_below(10) == 0) {
        make_phase(slots);
    } else if (what < 50) {
        make_new(orders, slots);
    } else if (what < 60) {
        make_iceberg(orders, slots);
    } else if (what < 78) {
        slots->type = HF_COMMAND_CANCEL;
        slots->client_order_id = recent_id(orders);
    } else if (what < 90) {
        slots->type = HF_COMMAND_REPLACE;
        slots->target_client_order_id = recent_id(orders);
        slots->client_order_id = orders->next_id++;
        slots->price = PRICE_FIRST + (int64_t)sim_below(PRICES);
        slots->quantity = 1 + sim_below(12);
    } else if (what < 94) {
        slots->type = HF_COMMAND_OPEN_ORDERS;
    } else if (what < 97) {
        slots->type = HF_COMMAND_MASS_CANCEL;
    } else {
        slots->type = 99; /* malformed: refused, and numbered like all others */
    }
    return slots->slots;
}
