/*
 * waker.h - wakes sleeping clients, so that the engine does not: the engine sets one bit per session
 * whose client sleeps, and at most rings the waker once per round.
 */
#ifndef HF_DAEMON_WAKER_H
#define HF_DAEMON_WAKER_H

#include "daemon/registry.h"
#include "daemon/stage.h"

struct hf_waker {
    const struct hf_registry *registry;
    uint32_t words;
    uint64_t *pending; /**< one bit per session slot; engine sets, waker clears */
    struct hf_stage_bell bell;
};

int hf_waker_init(struct hf_waker *waker, const struct hf_registry *registry);
void hf_waker_destroy(struct hf_waker *waker);

/** Ask for a wake of a session's client. Thread: any */
void hf_waker_add(struct hf_waker *waker, uint32_t slot);

/** Wake all that were asked for. @return how many. Thread: waker, a registered QSBR reader */
int64_t hf_waker_do_work(struct hf_waker *waker);

#endif
