/*
 * extra.c - extras come and go with their orders; a binary heap by expiry.
 */
#include "core/extra.h"

static bool
expires_before(const struct hf_core *core, uint32_t a, uint32_t b)
{
    const struct hf_extra *extras = hf_core_extras(core);
    const struct hf_order *orders = hf_core_order_pool(core);
    if (extras[a].expire_ns != extras[b].expire_ns) {
        return extras[a].expire_ns < extras[b].expire_ns;
    }
    return orders[extras[a].order].order_id < orders[extras[b].order].order_id;
}

static void
heap_put(struct hf_core *core, uint32_t at, uint32_t extra)
{
    hf_core_heap(core)[at] = extra;
    hf_core_extras(core)[extra].heap_at = at;
}

static void
sift_up(struct hf_core *core, uint32_t at)
{
    uint32_t *heap = hf_core_heap(core);
    uint32_t extra = heap[at];
    while (at > 1 && expires_before(core, extra, heap[at / 2])) {
        heap_put(core, at, heap[at / 2]);
        at /= 2;
    }
    heap_put(core, at, extra);
}

static void
sift_down(struct hf_core *core, uint32_t at)
{
    uint32_t *heap = hf_core_heap(core);
    uint32_t extra = heap[at];
    for (;;) {
        uint32_t child = at * 2;
        if (child > core->heap_count) {
            break;
        }
        if (child < core->heap_count && expires_before(core, heap[child + 1], heap[child])) {
            child++;
        }
        if (!expires_before(core, heap[child], extra)) {
            break;
        }
        heap_put(core, at, heap[child]);
        at = child;
    }
    heap_put(core, at, extra);
}

static void
heap_remove(struct hf_core *core, uint32_t at)
{
    uint32_t last = hf_core_heap(core)[core->heap_count--];
    if (at <= core->heap_count) {
        heap_put(core, at, last);
        sift_up(core, at);
        sift_down(core, hf_core_extras(core)[last].heap_at);
    }
}

void
hf_extra_attach(struct hf_core *core, uint32_t order_index, const struct hf_extra *extra)
{
    uint32_t index = hf_pool_next(&core->extras);
    struct hf_extra *own = &hf_core_extras(core)[index];
    hf_pool_take(&core->extras, &own->order);
    *own = *extra;
    own->order = order_index;
    own->heap_at = 0;
    hf_core_extra_of(core)[order_index] = index;
    hf_core_order_pool(core)[order_index].flags |= HF_ORDER_EXTRA;
    if (own->expire_ns != 0) {
        hf_core_heap(core)[++core->heap_count] = index;
        sift_up(core, core->heap_count);
    }
}

void
hf_extra_drop(struct hf_core *core, uint32_t order_index)
{
    struct hf_extra *extra = hf_extra_of(core, order_index);
    if (extra->heap_at != 0) {
        heap_remove(core, extra->heap_at);
    }
    uint32_t *extra_of = &hf_core_extra_of(core)[order_index];
    *extra = (struct hf_extra){0};
    hf_pool_give(&core->extras, *extra_of, &extra->order);
    *extra_of = 0;
    struct hf_order *order = &hf_core_order_pool(core)[order_index];
    order->flags = (uint8_t)(order->flags & ~HF_ORDER_EXTRA);
}

uint32_t
hf_extra_first_to_expire(const struct hf_core *core)
{
    return core->heap_count == 0 ? 0 : hf_core_extras(core)[hf_core_heap(core)[1]].order;
}
