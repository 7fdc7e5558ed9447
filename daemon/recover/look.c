/* look.c - look things up in a rebuilt state machine (look.h). */
#include "recover/look.h"

#include "core/extra.h"

#include <string.h>

const char *
hf_look_session(const struct hf_core *core, uint32_t slot)
{
    const struct hf_core_session *session = core == NULL ? NULL : hf_core_session(core, slot);
    return session == NULL ? "" : session->name;
}

bool
hf_look_symbol(const struct hf_core *core, uint32_t id, char symbol[HF_SYMBOL_BYTES])
{
    struct hf_instrument_info info;
    if (core == NULL || !hf_core_instrument(core, id, &info)) {
        symbol[0] = '\0';
        return false;
    }
    memcpy(symbol, info.symbol, HF_SYMBOL_BYTES);
    return true;
}

uint32_t
hf_look_instrument(const struct hf_core *core, const char *symbol)
{
    char other[HF_SYMBOL_BYTES];
    for (uint32_t id = 1; core != NULL && id <= hf_core_instruments(core); id++) {
        if (hf_look_symbol(core, id, other) && strncmp(symbol, other, HF_SYMBOL_BYTES) == 0) {
            return id;
        }
    }
    return 0;
}

/** Those that are nearer to the head of its level. */
static void
count_before(const struct hf_core *core, uint32_t index, struct hf_look_order *found)
{
    const struct hf_order *orders = hf_core_order_pool(core);
    for (uint32_t at = orders[index].prev; at != 0; at = orders[at].prev) {
        found->orders_before++;
        found->quantity_before += orders[at].open;
    }
}

uint32_t
hf_look_order_index(const struct hf_core *core, uint64_t order_id)
{
    return hf_ids_find_order(hf_core_order_ids(core), hf_core_order_pool(core), order_id);
}

bool
hf_look_order(const struct hf_core *core, uint64_t order_id, struct hf_look_order *found)
{
    const struct hf_order *orders = hf_core_order_pool(core);
    uint32_t index = hf_look_order_index(core, order_id);
    if (index == 0) {
        return false;
    }
    const struct hf_order *order = &orders[index];
    const struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    uint64_t hidden = hf_extra_hidden(core, index);
    *found = (struct hf_look_order){.order_id = order_id,
                                    .client_order_id = order->client_order_id,
                                    .open = order->open + hidden,
                                    .hidden = hidden,
                                    .executed = order->executed,
                                    .price = level->price,
                                    .instrument = level->instrument,
                                    .session = order->session,
                                    .account = order->account,
                                    .side = order->side,
                                    .waits = (order->flags & HF_ORDER_STOP) != 0};
    count_before(core, index, found);
    return true;
}

uint64_t
hf_look_order_id(const struct hf_core *core, uint32_t session, uint64_t client_order_id)
{
    const struct hf_order *orders = hf_core_order_pool(core);
    uint32_t index = hf_ids_find_client(hf_core_client_ids(core), orders, session, client_order_id);
    return index == 0 ? 0 : orders[index].order_id;
}

uint64_t
hf_look_target(const struct hf_core *core, const struct hf_record *record)
{
    switch (record->type) {
    case HF_COMMAND_NEW:
        return record->lsn;
    case HF_COMMAND_CANCEL:
    case HF_COMMAND_REDUCE:
        if ((record->flags & HF_BY_ORDER_ID) != 0) {
            return record->client_order_id;
        }
        return core == NULL ? 0 : hf_look_order_id(core, record->session, record->client_order_id);
    case HF_COMMAND_REPLACE:
        return core == NULL
                   ? 0
                   : hf_look_order_id(core, record->session, record->target_client_order_id);
    default:
        return 0;
    }
}
