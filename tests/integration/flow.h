/*
 * flow.h - a deterministic order flow: the command that a session submits as its seq-th is a pure
 * function of (session index, seq), so that a producer can go on after any crash and a checker can
 * tell what every record of the log must hold.
 *
 * Mix: limit orders around a price that wanders slowly (some cross), cancels and replaces of earlier
 * ids (alive or not), reduces, IOC and FOK sweeps, and a few commands that must be rejected.
 */
#ifndef HF_TEST_FLOW_H
#define HF_TEST_FLOW_H

#include <holdfast/command.h>
#include <string.h>

static inline uint64_t
flow_mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
}

static inline void
flow_new(struct hf_command *command, uint64_t seq, uint64_t dice)
{
    int64_t middle = 10000 + (int64_t)((seq >> 10) % 64);
    int64_t away = (int64_t)((dice >> 8) % 40) - 4;
    command->type = HF_COMMAND_NEW;
    command->side = (dice >> 20) & 1 ? HF_BUY : HF_SELL;
    command->order_type = HF_LIMIT;
    command->time_in_force = HF_GTC;
    command->instrument = 1 + (uint32_t)((dice >> 24) % 3); /* the third does not exist */
    if (command->instrument == 3 && (dice >> 28) % 64 != 0) {
        command->instrument = 1;
    }
    command->client_order_id = seq;
    command->price = command->side == HF_BUY ? middle - away : middle + away;
    command->quantity = 1 + (dice >> 32) % 100;
}

static inline void
flow_sweep(struct hf_command *command, uint64_t seq, uint64_t dice)
{
    flow_new(command, seq, dice);
    command->time_in_force = (dice >> 40) & 3 ? HF_IOC : HF_FOK;
    command->price += command->side == HF_BUY ? 30 : -30;
    command->quantity = 1 + (dice >> 32) % 300;
}

static inline void
flow_command(struct hf_command *command, uint32_t session, uint64_t seq)
{
    uint64_t dice = flow_mix(seq * 0x9e3779b97f4a7c15u + session);
    uint64_t earlier = 1 + (dice >> 16) % 64;
    memset(command, 0, sizeof(*command));
    command->slots = 1;
    unsigned kind = (unsigned)(dice % 100);
    if (kind < 50 || earlier >= seq) {
        flow_new(command, seq, dice);
    } else if (kind < 62) {
        flow_sweep(command, seq, dice);
    } else if (kind < 90) {
        command->type = HF_COMMAND_CANCEL;
        command->client_order_id = seq - earlier;
    } else if (kind < 96) {
        command->type = HF_COMMAND_REPLACE;
        command->target_client_order_id = seq - earlier;
        command->client_order_id = seq;
        command->price = 9990 + (int64_t)((dice >> 40) % 80);
        command->quantity = 1 + (dice >> 32) % 120;
    } else if (kind < 99) {
        command->type = HF_COMMAND_REDUCE;
        command->client_order_id = seq - earlier;
        command->quantity = 1 + (dice >> 32) % 20;
    } else {
        command->type = 40; /* malformed: must be rejected, logged and numbered like all others */
        command->client_order_id = seq;
    }
}

/** Order-sensitive hash of the reports of a session, all 64 bytes of every slot. */
static inline uint64_t
flow_hash(uint64_t hash, const void *slot)
{
    uint64_t words[8];
    memcpy(words, slot, sizeof(words));
    for (unsigned i = 0; i < 8; i++) {
        hash = flow_mix(hash ^ words[i]) + i;
    }
    return hash;
}

#endif
