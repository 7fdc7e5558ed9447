/* drain.c - begin and end of a drain (drain.h). */
#include "daemon/drain.h"

#include "base/atomic.h"
#include "base/panic.h"
#include "base/planted.h"

static bool
is_read(const struct hf_link *link)
{
    return link->command_object != NULL && link->condemned == HF_OK;
}

void
hf_drain_begin(struct hf_link *link)
{
    HF_ASSERT("F2: one drain at a time", !link->draining);
    link->draining = true;
    hf_store_relaxed(&link->drained, 0); /* before the request is answered */
    if (is_read(link)) {
        link->frozen = false; /* a disconnected client may have published since */
        link->drain_to =
            hf_ring_published(link->commands.slots, link->commands.mask + 1, link->commands.next);
    }
}

bool
hf_drain_is_over(const struct hf_link *link)
{
    return !is_read(link) || link->commands.next > link->drain_to || HF_PLANTED(DRAIN_FORGOTTEN) ||
           hf_ring_peek(&link->commands) == NULL; /* F1 */
}

void
hf_drain_end(struct hf_link *link)
{
    link->draining = false;
    link->frozen = true;
    if (is_read(link)) {
        (void)hf_ring_refresh(&link->reports); /* an impossible tail leaves the last good one */
    }
    hf_store_release(&link->drained, 1); /* pairs with the load in hf_control_look_after() */
}
