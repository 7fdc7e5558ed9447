/*
 * account.c - a small hash table of accounts; entries are never removed.
 */
#include "core/account.h"

#include "core/extra.h"

static struct hf_account *
entry_of(const struct hf_core *core, uint32_t number)
{
    struct hf_account *accounts = hf_core_part(core, core->accounts_at);
    uint32_t entries = hf_account_entries(&core->limits);
    uint64_t hash = hf_mix(number ^ core->ids.key[0], core->ids.key[1]);
    uint32_t at = (uint32_t)((hash >> 32) * entries >> 32);
    while (accounts[at].used && accounts[at].number != number) {
        at = at + 1 == entries ? 0 : at + 1;
    }
    return &accounts[at];
}

struct hf_account *
hf_account_lookup(const struct hf_core *core, uint32_t number)
{
    struct hf_account *account = entry_of(core, number);
    return account->used ? account : NULL;
}

void
hf_account_add(struct hf_core *core, uint32_t number, int64_t price, uint64_t quantity)
{
    struct hf_account *account = hf_account_find(core, number);
    if (account != NULL) {
        account->open_notional += hf_notional_of(price, quantity);
    }
}

void
hf_account_take(struct hf_core *core, uint32_t number, int64_t price, uint64_t quantity)
{
    struct hf_account *account = hf_account_find(core, number);
    if (account != NULL) {
        hf_notional less = hf_notional_of(price, quantity);
        HF_ASSERT("A1", account->open_notional >= less);
        account->open_notional -= less;
    }
}

int64_t
hf_account_price(const struct hf_core *core, uint32_t order_index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[order_index];
    if ((order->flags & HF_ORDER_STOP) != 0) {
        const struct hf_extra *extra = hf_extra_of(core, order_index);
        return extra->order_type == HF_STOP_LIMIT ? extra->limit : extra->stop_price;
    }
    return hf_core_level_pool(core)[order->level].price;
}

/** An account gets settings in mid-life: what does it have open? */
static void
count_open(const struct hf_core *core, struct hf_account *account)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    for (uint32_t index = 1; index <= core->orders.high; index++) {
        if (pool[index].order_id != 0 && pool[index].account == account->number) {
            account->open_notional += hf_notional_of(
                hf_account_price(core, index), pool[index].open + hf_extra_hidden(core, index));
        }
    }
}

struct hf_account *
hf_account_make(struct hf_core *core, uint32_t number)
{
    struct hf_account *account = entry_of(core, number);
    if (account->used) {
        return account;
    }
    if (core->accounts == core->limits.accounts_max) {
        return NULL;
    }
    *account = (struct hf_account){.number = number, .used = 1};
    core->accounts++;
    count_open(core, account);
    return account;
}

bool
hf_core_account(const struct hf_core *core, uint32_t account, struct hf_account_row *row)
{
    const struct hf_account *settings = hf_account_find(core, account);
    if (settings == NULL) {
        return false;
    }
    *row = (struct hf_account_row){
        .account = account,
        .group = settings->group,
        .self_trade = settings->mode,
        .killed = settings->killed,
        .notional_max = settings->notional_max,
    };
    return true;
}
