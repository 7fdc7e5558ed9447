/* waker.c - futex wakes on behalf of the engine. */
#include "daemon/waker.h"

#include "base/atomic.h"
#include "base/futex.h"

#include <holdfast/error.h>
#include <stdlib.h>

int
hf_waker_init(struct hf_waker *waker, const struct hf_registry *registry)
{
    waker->registry = registry;
    waker->words = registry->sessions_max / 64 + 1;
    waker->pending = calloc(waker->words, sizeof(*waker->pending));
    return waker->pending == NULL ? HF_E_MEMORY : HF_OK;
}

void
hf_waker_destroy(struct hf_waker *waker)
{
    free(waker->pending);
    waker->pending = NULL;
}

void
hf_waker_add(struct hf_waker *waker, uint32_t slot)
{
    /* Sequentially consistent: the bit is set before we look whether the waker sleeps (T1). */
    hf_fetch_or_seq_cst(&waker->pending[slot / 64], (uint64_t)1 << (slot % 64));
}

static void
wake_client(const struct hf_link_table *table, uint32_t slot)
{
    const struct hf_link *link = slot < table->slots ? table->by_slot[slot] : NULL;
    const struct hf_report_object *object = /* pairs with the control thread's release */
        link == NULL ? NULL : hf_load_acquire(&link->report_object);
    if (object != NULL) {
        hf_futex_wake((const uint32_t *)&object->report_head);
    }
}

int64_t
hf_waker_do_work(struct hf_waker *waker)
{
    const struct hf_link_table *table = hf_registry_read(waker->registry);
    int64_t woken = 0;
    for (uint32_t word = 0; word < waker->words; word++) {
        uint64_t bits = hf_exchange_seq_cst(&waker->pending[word], 0);
        while (bits != 0) {
            uint32_t bit = (uint32_t)__builtin_ctzll(bits);
            bits &= bits - 1;
            wake_client(table, word * 64 + bit);
            woken++;
        }
    }
    return woken;
}
