/*
 * test_md_symbol.c - a symbol that is removed and added anew while it is followed: found by the event, by
 * looking again where the event was missed, and not before what belongs to the number before was read.
 */
#include "client/fake_daemon.h"

#include "cli/md_symbol.h"

#include <criterion/criterion.h>

#define ACME 2u  /* of the small daemon's table */
#define AGAIN 6u /* the next free number */
#define PATIENCE_NS UINT64_C(20000000000)

static struct fake fake;
static struct hf_market *market;
static struct hf_md_symbol symbol;

static void
start(void)
{
    fake = fake_create();
    fake_start(&fake);
    symbol = (struct hf_md_symbol){.name = "ACME"};
    cr_assert_eq(hf_market_open(&market, NULL, fake.path, 0), HF_OK);
    cr_assert_eq(hf_md_symbol_find(&symbol, market), HF_OK);
    cr_assert_eq(symbol.info.id, ACME);
}

static void
stop(void)
{
    hf_market_close(market);
    fake_destroy(&fake);
}

TestSuite(md_symbol, .init = start, .fini = stop, .timeout = 60);

static struct hf_instrument_info *
entry(uint32_t number)
{
    char *table = (char *)fake.status + HF_STATUS_PAGE_BYTES;
    return (struct hf_instrument_info *)(void *)table + (number - 1);
}

static void
remove_acme(void)
{
    entry(ACME)->phase = 0;
}

static void
add(const char *name)
{
    *entry(AGAIN) = (struct hf_instrument_info){.id = AGAIN, .tick = 9, .phase = HF_PHASE_OPEN};
    (void)snprintf(entry(AGAIN)->symbol, HF_SYMBOL_BYTES, "%s", name);
    hf_store_release(&fake.status->instruments, AGAIN);
}

static void
publish(uint32_t number)
{
    struct hf_market_event event = {.lsn = 1, .type = HF_MARKET_INSTRUMENT, .instrument = number};
    hf_broadcast_publish(&fake.market, &event);
    hf_broadcast_announce(&fake.market);
}

/* Read one event, and what the symbol makes of it. */
static enum hf_md_symbol_news
read_event(void)
{
    struct hf_market_event event;
    cr_assert_eq(hf_market_wait(market, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_market_next(market, &event), HF_OK);
    return hf_md_symbol_event(&symbol, market, &event);
}

/* Look now, although it was looked a moment ago. */
static enum hf_md_symbol_news
look(void)
{
    symbol.looked_ns = 0;
    return hf_md_symbol_look(&symbol, market);
}

Test(md_symbol, the_event_of_its_next_number_makes_it_that)
{
    remove_acme();
    publish(ACME);
    cr_expect_eq(read_event(), HF_MD_SYMBOL_SAME, "it may be another one in a moment");
    cr_expect_eq(symbol.info.id, ACME);
    add("ACME");
    publish(AGAIN);
    cr_expect_eq(read_event(), HF_MD_SYMBOL_OTHER);
    cr_expect_eq(symbol.info.id, AGAIN);
    cr_expect_eq(symbol.info.tick, 9);
    cr_expect_eq(look(), HF_MD_SYMBOL_SAME);
}

Test(md_symbol, another_instrument_is_none_of_its_business)
{
    add("OTHER");
    publish(AGAIN);
    cr_expect_eq(read_event(), HF_MD_SYMBOL_SAME);
    cr_expect_eq(look(), HF_MD_SYMBOL_SAME);
    cr_expect_eq(symbol.info.id, ACME);
}

Test(md_symbol, its_removal_is_told_once_and_it_may_come_back)
{
    remove_acme();
    cr_expect_eq(look(), HF_MD_SYMBOL_REMOVED);
    cr_expect(symbol.is_removed);
    cr_expect_eq(look(), HF_MD_SYMBOL_SAME);
    add("ACME"); /* and its event is missed */
    cr_expect_eq(look(), HF_MD_SYMBOL_OTHER);
    cr_expect_not(symbol.is_removed);
    cr_expect_eq(symbol.info.id, AGAIN);
}

Test(md_symbol, events_that_are_behind_still_belong_to_the_number_before)
{
    remove_acme();
    add("ACME");
    publish(ACME);
    publish(AGAIN);
    cr_expect_eq(look(), HF_MD_SYMBOL_SAME, "Y1: the table is ahead of what was read");
    cr_expect_eq(read_event(), HF_MD_SYMBOL_SAME);
    cr_expect_eq(symbol.info.id, ACME);
    cr_expect_eq(read_event(), HF_MD_SYMBOL_OTHER);
}

Test(md_symbol, an_event_may_come_a_moment_before_its_entry)
{
    remove_acme();
    publish(AGAIN);
    pid_t engine = fork();
    if (engine == 0) {
        hf_clock_sleep_ns(5000000);
        add("ACME");
        _exit(0);
    }
    cr_expect_eq(read_event(), HF_MD_SYMBOL_OTHER, "it was waited for");
    (void)waitpid(engine, NULL, 0);
}

Test(md_symbol, a_dead_daemons_table_says_nothing)
{
    fake_kill(&fake);
    remove_acme();
    while (hf_market_wait(market, 0) != HF_E_NO_DAEMON) {
        hf_clock_sleep_ns(1000000);
    }
    cr_expect_eq(look(), HF_MD_SYMBOL_SAME);
    cr_expect_not(symbol.is_removed);
}

Test(md_symbol, looks_are_rare_unless_they_are_asked_for)
{
    cr_expect_eq(look(), HF_MD_SYMBOL_SAME);
    symbol.looked_ns +=
        UINT64_C(3600000000000); /* a look that was a moment ago, however slow we are */
    remove_acme();
    cr_expect_eq(hf_md_symbol_look(&symbol, market), HF_MD_SYMBOL_SAME);
}

Test(md_symbol, no_symbol_is_all_instruments)
{
    struct hf_md_symbol all = {.name = NULL};
    struct hf_market_event event = {.type = HF_MARKET_INSTRUMENT, .instrument = ACME};
    cr_expect_eq(hf_md_symbol_find(&all, market), HF_OK);
    cr_expect_eq(hf_md_symbol_event(&all, market, &event), HF_MD_SYMBOL_SAME);
    cr_expect_eq(hf_md_symbol_look(&all, market), HF_MD_SYMBOL_SAME);
}
