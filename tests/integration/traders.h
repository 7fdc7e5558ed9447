/*
 * traders.h - one trader's decisions: a flow that looks like a market's.
 *
 * The fair price wanders: two layers of value noise over the monotonic clock, which all traders of a
 * host share, as they would share the news. A trader keeps up to TRADER_ORDERS orders around it, most
 * of them near, in round lots; it cancels or moves them again, and now and then takes what the others
 * offer. About half of the commands are cancels and replaces, one in ten takes.
 */
#ifndef HF_TEST_TRADERS_H
#define HF_TEST_TRADERS_H

#include "flow.h"

#include <holdfast/report.h>
#include <stdbool.h>

#define TRADER_ORDERS 4096u /* a power of two, more than commands are ever under way */
#define TRADER_PRICE 10000  /* where the fair price starts, in ticks */

struct trader_order {
    uint64_t id; /**< client order id; 0: free. Its low bits are the index of this entry */
    uint8_t side;
    uint8_t busy; /**< a command about it is under way */
};

struct trader {
    uint64_t seed;
    uint64_t decisions;
    struct trader_order orders[TRADER_ORDERS];
};

/** Noise between -range and range that is smooth over one period. */
static inline int64_t
trader_noise(uint64_t now_ns, uint64_t period_ns, int64_t range)
{
    uint64_t knot = now_ns / period_ns;
    int64_t width = 2 * range + 1;
    int64_t before = (int64_t)(flow_mix(knot + period_ns) % (uint64_t)width) - range;
    int64_t after = (int64_t)(flow_mix(knot + 1 + period_ns) % (uint64_t)width) - range;
    double part = (double)(now_ns % period_ns) / (double)period_ns;
    return before + (int64_t)((double)(after - before) * part);
}

static inline int64_t
trader_fair_price(uint64_t now_ns)
{
    return TRADER_PRICE + trader_noise(now_ns, 1000000000u, 60) +
           trader_noise(now_ns, 50000000u, 6);
}

/** Ticks from the fair price: half of the orders stand at the nearest, a quarter at the next, ... */
static inline int64_t
trader_distance(uint64_t dice)
{
    return 1 + __builtin_ctzll(dice | (uint64_t)1 << 12);
}

static inline uint64_t
trader_quantity(uint64_t dice)
{
    return 100 * (1 + (uint64_t)__builtin_ctzll(dice | (uint64_t)1 << 6)) +
           (dice >> 8) % 8 / 7 * 50;
}

static inline void
trader_enter(struct hf_command *command, struct trader_order *order, uint64_t now_ns, uint64_t dice)
{
    bool takes = dice % 5 == 0;
    int64_t away = takes ? -2 : trader_distance(dice >> 16);
    order->side = (dice >> 8) & 1 ? HF_BUY : HF_SELL;
    command->type = HF_COMMAND_NEW;
    command->side = order->side;
    command->order_type = HF_LIMIT;
    command->time_in_force = takes ? HF_IOC : HF_GTC;
    command->price = trader_fair_price(now_ns) + (order->side == HF_BUY ? -away : away);
    command->quantity = trader_quantity(dice >> 32);
}

static inline void
trader_move(struct hf_command *command, const struct trader_order *order, uint64_t now_ns,
            uint64_t dice)
{
    int64_t away = trader_distance(dice >> 16);
    command->type = HF_COMMAND_REPLACE;
    command->target_client_order_id = order->id;
    command->price = trader_fair_price(now_ns) + (order->side == HF_BUY ? -away : away);
    command->quantity = trader_quantity(dice >> 32);
}

/** An entry without a command under way: the dice's, or one of those after it. */
static inline unsigned
trader_pick(const struct trader *trader, uint64_t dice)
{
    unsigned index = (unsigned)(dice >> 48) % TRADER_ORDERS;
    for (unsigned tries = 0; tries < 16 && trader->orders[index].busy != 0; tries++) {
        index = (index + 1) % TRADER_ORDERS;
    }
    return index;
}

/** The next command. Never a malformed one; a cancel may come too late, as in life. */
static inline void
trader_decide(struct trader *trader, struct hf_command *command, uint32_t instrument,
              uint64_t now_ns)
{
    uint64_t dice = flow_mix(++trader->decisions * 0x9e3779b97f4a7c15u + trader->seed);
    unsigned index = trader_pick(trader, dice);
    struct trader_order *order = &trader->orders[index];
    memset(command, 0, sizeof(*command));
    command->slots = 1;
    command->client_order_id = trader->decisions * TRADER_ORDERS + index;
    if (order->id == 0) {
        order->id = command->client_order_id;
        command->instrument = instrument;
        trader_enter(command, order, now_ns, dice);
    } else if (dice % 4 == 0) {
        trader_move(command, order, now_ns, dice);
    } else {
        command->type = HF_COMMAND_CANCEL;
        command->client_order_id = order->id;
    }
    order->busy = 1;
}

/** What became of an order. An incoming one that is refused, or has traded or lost all, is gone too. */
static inline void
trader_learn(struct trader *trader, const struct hf_report *report)
{
    struct trader_order *order = &trader->orders[report->client_order_id % TRADER_ORDERS];
    bool answers = report->type != HF_REPORT_FILL;
    bool ends = report->type == HF_REPORT_CANCELLED || report->type == HF_REPORT_REJECTED ||
                (report->type == HF_REPORT_FILL && report->leaves == 0);
    if (report->type == HF_REPORT_REPLACED) {
        order->id = report->client_order_id;
    }
    if (answers) {
        order->busy = 0;
    }
    if (ends && order->id == report->client_order_id) {
        order->id = 0;
    }
}

#endif
