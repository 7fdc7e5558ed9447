/* submit.c - from the caller's command to a published slot of the command ring. */
#include "handle.h"

#include "base/futex.h"

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

/* Why nothing was submitted. An impossible tail is what a daemon of another history leaves. */
static int
claim_failure(const struct hf_client *client, int claim)
{
    if (claim == HF_AGAIN) {
        return HF_AGAIN;
    }
    int verdict = hf_client_verdict(client);
    return verdict != HF_OK ? verdict : HF_E_SESSION;
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
    int claim = HF_OK;
    size_t done = 0;
    while (done < count && (claim = hf_ring_claim(&client->commands, 1)) == HF_OK) {
        hf_ring_publish_copy(&client->commands, &commands[done], 1);
        done++;
    }
    if (HF_UNLIKELY(done == 0)) {
        return claim == HF_OK ? 0 : claim_failure(client, claim);
    }
    hf_ring_announce(&client->commands);
    hf_client_ring_doorbell(client);
    if (first_seq != NULL) {
        *first_seq = first;
    }
    return (int64_t)done;
}

int
hf_submit(struct hf_client *client, const struct hf_command *command, uint64_t *seq)
{
    int64_t result = hf_submit_many(client, command, 1, seq);
    return result == 1 ? HF_OK : (int)result;
}
