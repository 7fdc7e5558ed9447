/* submit.c - from the caller's command to a published slot of the command ring. */
#include "handle.h"

#include "base/clock.h"
#include "base/futex.h"

#include <holdfast/metrics.h>

/*
 * Partners of the sequentially consistent pair "announce, then look at parked":
 * the engine stores parked = 1 and then looks at every ring a last time. One of the two sees the
 * other's store; so it never sleeps over a command.
 */
void
hf_client_ring_doorbell(struct hf_client *client)
{
    if (HF_LIKELY(hf_load_seq_cst(&client->status->parked) == 0)) {
        return;
    }
    /* The engine took the doorbell's value before its last look: a changed value ends its wait also
       when our wake comes before it sleeps. */
    (void)hf_fetch_add_seq_cst(&client->command_object->doorbell, 1);
    hf_futex_wake(&client->command_object->doorbell);
}

/* What a daemon of another history leaves. */
static int
impossible_tail(const struct hf_client *client)
{
    int verdict = hf_client_verdict(client);
    return verdict != HF_OK ? verdict : HF_E_SESSION;
}

/* A slot count that no command has goes into the ring as it is: the engine's reject says more. */
static unsigned
slots_of(const struct hf_command *command)
{
    return command->slots == HF_MESSAGE_SLOTS_MAX ? HF_MESSAGE_SLOTS_MAX : 1;
}

/* One in some dozens says when it was submitted, for the daemon's statistics (holdfast/metrics.h). What the caller
 * put where nothing may stand is no time, and has to be refused as in any other command: it moves by a word. */
static void
publish_with_time(struct hf_ring_producer *ring, const struct hf_command *command, unsigned slots)
{
    struct hf_command copy[HF_MESSAGE_SLOTS_MAX];
    memcpy(copy, command, slots * sizeof(*command));
    copy[0].reserved[1] |= copy[0].reserved[0];
    copy[0].reserved[0] = hf_clock_monotonic_ns();
    hf_ring_publish_copy(ring, copy, slots);
}

static void
publish_command(struct hf_ring_producer *ring, const struct hf_command *command, unsigned slots)
{
    if (HF_UNLIKELY(ring->next % HF_METRICS_WAIT_EVERY == 0)) {
        publish_with_time(ring, command, slots);
    } else {
        hf_ring_publish_copy(ring, command, slots);
    }
}

/* Publish as many whole commands as there is room for; `*slots` receives how many slots they took.
 * Returns why it ended: HF_OK, HF_AGAIN, HF_E_PROTOCOL (impossible tail), HF_E_ARGUMENT (half a
 * command: the engine would answer it and what follows one by one). */
static int
publish_commands(struct hf_ring_producer *ring, const struct hf_command *commands, size_t count,
                 size_t *slots)
{
    *slots = 0;
    while (*slots < count) {
        unsigned needed = slots_of(&commands[*slots]);
        if (needed > count - *slots ||
            (needed == 2 && commands[*slots + 1].type != HF_COMMAND_MORE)) {
            return HF_E_ARGUMENT;
        }
        int claim = hf_ring_claim(ring, needed);
        if (claim != HF_OK) {
            return claim;
        }
        publish_command(ring, &commands[*slots], needed);
        *slots += needed;
    }
    return HF_OK;
}

int64_t
hf_submit_many(struct hf_client *client, const struct hf_command *commands, size_t count,
               uint64_t *first_seq)
{
    int verdict = hf_client_verdict(client);
    if (HF_UNLIKELY(verdict != HF_OK)) {
        return verdict;
    }
    uint64_t first = client->commands.next;
    size_t slots;
    int ended = publish_commands(&client->commands, commands, count, &slots);
    if (HF_UNLIKELY(slots == 0)) {
        return ended == HF_E_PROTOCOL ? impossible_tail(client) : ended;
    }
    hf_ring_announce(&client->commands);
    hf_client_ring_doorbell(client);
    if (first_seq != NULL) {
        *first_seq = first;
    }
    return (int64_t)slots;
}

int
hf_submit(struct hf_client *client, const struct hf_command *command, uint64_t *seq)
{
    int64_t result = hf_submit_many(client, command, slots_of(command), seq);
    return result > 0 ? HF_OK : (int)result;
}
