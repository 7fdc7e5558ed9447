/* stage.c - park and wake between the daemon's threads. */
#include "daemon/stage.h"

#include "base/atomic.h"
#include "base/futex.h"

#include <stdbool.h>

void
hf_bell_ring(struct hf_stage_bell *bell, int urgent)
{
    uint32_t parked = hf_load_seq_cst(&bell->parked); /* T1 */
    bool wanted = parked == HF_PARKED || (parked == HF_PARKED_TIMED && urgent);
    /* T2. Whoever finds AWAKE here comes before the worker's next store of `parked`, and so does his work. */
    if (wanted && hf_exchange_seq_cst(&bell->parked, (uint32_t)HF_AWAKE) != HF_AWAKE) {
        hf_fetch_add_seq_cst(&bell->doorbell, 1);
        hf_futex_wake(&bell->doorbell);
    }
}

uint32_t
hf_bell_prepare(struct hf_stage_bell *bell, enum hf_parked how)
{
    uint32_t seen = hf_load_relaxed(&bell->doorbell); /* T2; an older value only ends the sleep */
    hf_store_seq_cst(&bell->parked, (uint32_t)how);   /* T1; partner: the load in hf_bell_ring() */
    return seen;
}

void
hf_bell_sleep(struct hf_stage_bell *bell, uint32_t seen, uint64_t timeout_ns)
{
    (void)hf_futex_wait(&bell->doorbell, seen, timeout_ns);
    hf_bell_cancel(bell);
}

void
hf_bell_cancel(struct hf_stage_bell *bell)
{
    hf_store_relaxed(&bell->parked, HF_AWAKE); /* a late ring only costs one empty round */
}
