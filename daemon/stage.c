/* stage.c - park and wake between the daemon's threads. */
#include "daemon/stage.h"

#include "base/atomic.h"
#include "base/futex.h"

void
hf_bell_ring(struct hf_stage_bell *bell, int urgent)
{
    uint32_t parked = hf_load_seq_cst(&bell->parked); /* T1 */
    if (parked == HF_PARKED || (parked == HF_PARKED_TIMED && urgent)) {
        hf_fetch_add_seq_cst(&bell->doorbell, 1);
        hf_futex_wake(&bell->doorbell);
    }
}

uint32_t
hf_bell_prepare(struct hf_stage_bell *bell, enum hf_parked how)
{
    hf_store_seq_cst(&bell->parked, (uint32_t)how); /* T1; partner: the load in hf_bell_ring() */
    return hf_load_seq_cst(&bell->doorbell);        /* partner: its fetch_add */
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
