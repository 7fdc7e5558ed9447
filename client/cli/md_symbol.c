/* md_symbol.c - which instrument a symbol is, followed. */
#include "cli/md_symbol.h"

#include "base/clock.h"

#define LOOK_NS UINT64_C(20000000)
/* The engine enters an instrument in the table right behind its event; a daemon that died in between does so
 * when it is back, and then hf_md_symbol_look() finds it. */
#define ENTRY_PAUSE_NS UINT64_C(100000)
#define ENTRY_TRIES 1000u

int
hf_md_symbol_find(struct hf_md_symbol *symbol, const struct hf_market *market)
{
    return symbol->name == NULL ? HF_OK : hf_market_instrument(market, symbol->name, &symbol->info);
}

/** The table has an entry of this number, or does not get one. */
static void
await_entry(const struct hf_market *market, uint32_t number)
{
    struct hf_status status;
    hf_market_status(market, &status);
    for (unsigned tries = 0; status.instruments < number && tries < ENTRY_TRIES; tries++) {
        hf_clock_sleep_ns(ENTRY_PAUSE_NS);
        hf_market_status(market, &status);
    }
}

static enum hf_md_symbol_news
take(struct hf_md_symbol *symbol, const struct hf_instrument_info *info)
{
    bool is_other = info->id != symbol->info.id;
    symbol->info = *info; /* it may have been changed, too */
    symbol->is_removed = false;
    return is_other ? HF_MD_SYMBOL_OTHER : HF_MD_SYMBOL_SAME;
}

enum hf_md_symbol_news
hf_md_symbol_event(struct hf_md_symbol *symbol, const struct hf_market *market,
                   const struct hf_market_event *event)
{
    struct hf_instrument_info info;
    if (symbol->name == NULL || event->type != HF_MARKET_INSTRUMENT ||
        event->instrument <= symbol->info.id) {
        return HF_MD_SYMBOL_SAME;
    }
    await_entry(market, event->instrument);
    bool is_ours = hf_market_instrument(market, symbol->name, &info) == HF_OK &&
                   info.id == event->instrument; /* Y1 */
    return is_ours ? take(symbol, &info) : HF_MD_SYMBOL_SAME;
}

/** Y1, and the table is a living daemon's. */
static bool
is_up_to_date(struct hf_market *market)
{
    struct hf_market_facts facts;
    bool is_silent = hf_market_wait(market, 0) == HF_TIMEOUT;
    hf_market_facts(market, &facts); /* silent too: what is there, but not yet durable */
    return is_silent && facts.number == facts.head;
}

enum hf_md_symbol_news
hf_md_symbol_look(struct hf_md_symbol *symbol, struct hf_market *market)
{
    struct hf_instrument_info info;
    uint64_t now_ns = hf_clock_monotonic_ns();
    if (symbol->name == NULL || now_ns < symbol->looked_ns + LOOK_NS) {
        return HF_MD_SYMBOL_SAME;
    }
    symbol->looked_ns = now_ns;
    bool is_there = hf_market_instrument(market, symbol->name, &info) == HF_OK;
    /* Behind the look: an event comes before its entry in the table. */
    if (!is_up_to_date(market)) {
        return HF_MD_SYMBOL_SAME;
    }
    if (is_there) {
        return take(symbol, &info);
    }
    bool is_news = !symbol->is_removed;
    symbol->is_removed = true;
    return is_news ? HF_MD_SYMBOL_REMOVED : HF_MD_SYMBOL_SAME;
}
