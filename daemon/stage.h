/*
 * stage.h - how one thread tells another that there is work, without a system call unless it sleeps.
 *
 *   worker:  seen = doorbell; parked = level; look once more; sleep while doorbell == seen; parked = 0
 *   caller:  publish work (seq_cst); if parked: parked = 0; doorbell += 1, wake
 *
 * T1  the worker stores `parked` (seq_cst) before its last look, and that look loads, seq_cst, the very word
 *     that the caller stores (seq_cst) before it loads `parked`: one of them sees the other, so no work is
 *     slept upon. Work that is published in other words, before that one, is looked at behind the load of
 *     it (hf_ring_catch_up()). Weaker orders do not do (tests/memory): a release store may be seen only
 *     after the load of `parked` behind it, on x86 too
 * T2  a sleep is rung for once, however many callers come and however long the worker, awake again, waits for
 *     a processor: who rings takes `parked` back. So the worker reads the doorbell before it parks: a ring
 *     that took `parked` moves it after that, and is not slept upon
 */
#ifndef HF_DAEMON_STAGE_H
#define HF_DAEMON_STAGE_H

#include <stdint.h>

enum hf_parked {
    HF_AWAKE = 0,
    HF_PARKED = 1,       /**< wake me for anything */
    HF_PARKED_TIMED = 2, /**< I sleep until a dead line; wake me only for what is urgent */
};

struct hf_stage_bell {
    uint32_t parked;   /**< enum hf_parked; the worker's, and taken back by who rings */
    uint32_t doorbell; /**< callers */
};

/** Ring when the worker sleeps; `urgent` also from a timed sleep. Thread: any. */
void hf_bell_ring(struct hf_stage_bell *bell, int urgent);

/** Begin to park: returns the doorbell's value to sleep upon. Look for work once more after it. */
uint32_t hf_bell_prepare(struct hf_stage_bell *bell, enum hf_parked how);

/** Sleep, at most timeout_ns, unless the bell has rung since hf_bell_prepare(); then awake again. */
void hf_bell_sleep(struct hf_stage_bell *bell, uint32_t seen, uint64_t timeout_ns);

/** Work turned up after hf_bell_prepare(): do not sleep. */
void hf_bell_cancel(struct hf_stage_bell *bell);

#endif
