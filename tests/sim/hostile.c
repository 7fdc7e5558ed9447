/* hostile.c - a client that writes into every word it can (hostile.h). */
#include "sim/hostile.h"

#include "sim/orders.h"
#include "sim/world.h"

#include "client/handle.h"
#include "shm/session.h"

#include <string.h>

#define PROCESS SIM_CLIENTS
#define SLOT_WORDS (HF_SLOT_BYTES / sizeof(uint64_t))
#define NEAR 130 /* of a position: further than a ring is long */

static struct hf_client *client; /**< NULL: not connected */
static struct orders orders;

void
hostile_reset(void)
{
    client = NULL;
    orders_reset(&orders);
}

bool
hostile_is(int process)
{
    return sim_world.params.hostile && process == PROCESS;
}

void
hostile_killed(void)
{
    client = NULL;
}

/* Its memory */

/** Another value for a word: near to what it was, at an edge, a small one, or any. */
static uint64_t
another(uint64_t value)
{
    static const uint64_t edges[] = {0, 1, UINT64_MAX, UINT32_MAX, (uint64_t)1 << 63, INT64_MAX};
    switch (sim_below(7)) {
    case 0:
        return value + sim_below(NEAR) - NEAR / 2;
    case 1:
        return edges[sim_below(sizeof(edges) / sizeof(edges[0]))];
    case 2:
        return sim_below(NEAR);
    case 3:
        return value ^ ((uint64_t)1 << sim_below(64));
    case 4:
        return (uint64_t)1 << sim_below(64);
    case 5:
        return sim_below(4); /* a type, a count of slots, another session */
    default:
        return sim_random();
    }
}

/** A field of the word, whatever its width. */
static void
change(unsigned char *word)
{
    size_t width = (size_t)1 << sim_below(4);
    unsigned char *field = word + width * sim_below(sizeof(uint64_t) / width);
    uint64_t value = 0;
    memcpy(&value, field, width);
    value = another(value);
    memcpy(field, &value, width); /* little-endian: its low bytes */
}

/** A word of the header: those that mean something come first. */
static size_t
header_word(void)
{
    static const size_t means[] = {
        offsetof(struct hf_command_object, command_slots),
        offsetof(struct hf_command_object, generation),
        offsetof(struct hf_command_object, first_seq),
        offsetof(struct hf_command_object, command_head),
        offsetof(struct hf_command_object, report_tail),
        offsetof(struct hf_command_object, parked),
        offsetof(struct hf_command_object, durable_wish),
    };
    return sim_chance(50)
               ? means[sim_below(sizeof(means) / sizeof(means[0]))]
               : sizeof(uint64_t) * sim_below(HF_SESSION_SLOTS_OFFSET / sizeof(uint64_t));
}

/** A word of a slot that it has just published, or is about to; or of any slot. */
static size_t
slot_word(void)
{
    uint64_t slots = client->command_slots;
    uint64_t position =
        sim_chance(80) ? client->commands.next + sim_below(8) - 6 : sim_below(slots);
    return HF_SESSION_SLOTS_OFFSET + (position & (slots - 1)) * HF_SLOT_BYTES +
           sim_below(SLOT_WORDS) * sizeof(uint64_t);
}

/** Publish what stands in a slot, without the library. */
static void
forge(void)
{
    struct hf_slot *slots = hf_session_slots(client->command_object);
    uint64_t position = client->commands.next + sim_below(3);
    slots[position & (client->command_slots - 1)].number = position;
}

void
hostile_scribble(void)
{
    if (client == NULL) {
        return;
    }
    unsigned char *object = (unsigned char *)client->command_object;
    if (sim_below(16) == 0) {
        forge();
    }
    change(object + (sim_chance(30) ? header_word() : slot_word()));
}

/* Its turns */

static void
open_session(void)
{
    const char name[] = {(char)('a' + PROCESS - 1), '\0'};
    const struct hf_client_options options = trader_options(PROCESS, name);
    struct hf_client *opened;
    if (!sim_world.alive[PROCESS]) {
        sim_process_begin(PROCESS);
    }
    if (hf_open(&opened, &options) == HF_OK) {
        client = opened;
    }
}

static void
submit(void)
{
    struct hf_command slots[HF_MESSAGE_SLOTS_MAX];
    (void)orders_make(&orders, slots);
    (void)hf_submit(client, slots, NULL);
}

/** Without a word, as a process that ends. */
static void
leave(void)
{
    client = NULL;
    sim_process_end(PROCESS);
}

void
hostile_step(const struct trader_turn *turn)
{
    uint64_t what = sim_below(100);
    if (client == NULL) {
        if (turn->may_wait) {
            open_session();
        }
    } else if (what < 40 && !sim_world.calm) {
        submit();
    } else if (what < 70) {
        hostile_scribble();
    } else if (what < 90) {
        int code = hf_maintain(client);
        if (code == HF_E_SESSION || code == HF_E_HISTORY) {
            leave();
        }
    } else if (what < 92) {
        leave();
    }
}
