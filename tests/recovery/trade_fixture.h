/*
 * trade_fixture.h - a log of real trading, written by the daemon's own stages, and the state machine that
 * goes with it: genesis, an instrument, two sessions, orders that rest and trade, digests.
 */
#ifndef HF_TESTS_RECOVERY_TRADE_FIXTURE_H
#define HF_TESTS_RECOVERY_TRADE_FIXTURE_H

#include "wal/log_fixture.h"

#include "base/numa.h"
#include "recovery/replay.h"
#include "recovery/scan.h"
#include "recovery/snapshot.h"

#include <holdfast/error.h>

#define TRADE_ORDERS_MAX 4096u

struct trade {
    struct fixture log;
    struct hf_replay replay; /**< the state behind the last record put */
    uint64_t orders;
};

static inline void
trade_put(struct trade *trade, struct hf_record record, struct hf_record *more)
{
    struct hf_record message[2] = {record};
    unsigned slots = more == NULL ? 1 : 2;
    message[0].lsn = trade->log.producer.next;
    message[0].time_ns = 1000 + message[0].lsn;
    message[0].slots = (uint8_t)slots;
    if (more != NULL) {
        message[1] = *more;
        message[1].lsn = message[0].lsn + 1;
        message[1].time_ns = message[0].time_ns;
        message[1].type = HF_RECORD_MORE;
        message[1].slots = 1;
    }
    cr_assert_eq(
        hf_replay_record(&trade->replay, &message[0], more == NULL ? NULL : &message[1], NULL, 0),
        HF_OK, "%s", trade->replay.text);
    cr_assert_eq(hf_ring_claim(&trade->log.producer, slots), 0);
    hf_ring_publish_copy(&trade->log.producer, message, slots);
    trade->log.words.sequenced_lsn = trade->log.producer.next - 1;
}

static inline void
trade_genesis(struct trade *trade)
{
    struct hf_record record = {.type = HF_RECORD_GENESIS};
    struct hf_record more = {0};
    record.genesis.rules_version = HF_RULES_VERSION;
    record.genesis.sessions_max = 4;
    record.genesis.instruments_max = 4;
    record.genesis.orders_max = TRADE_ORDERS_MAX;
    record.genesis.levels_max = 64;
    record.genesis.session_orders_max = TRADE_ORDERS_MAX;
    more.genesis_more.extras_max = 16;
    more.genesis_more.accounts_max = 16;
    more.genesis_more.entitlements_max = 16;
    more.genesis_more.events_max = 64;
    trade_put(trade, record, &more);
}

static inline void
trade_instrument(struct trade *trade)
{
    struct hf_record record = {.type = HF_COMMAND_INSTRUMENT_ADD};
    struct hf_record more = {0};
    memcpy(record.instrument_add.symbol, "ONE", 4);
    record.instrument_add.tick = 1;
    more.instrument_more.lot = 1;
    more.instrument_more.price_min = 1;
    more.instrument_more.price_max = 1000000;
    more.instrument_more.quantity_max = 1000000;
    trade_put(trade, record, &more);
}

static inline void
trade_epoch(struct trade *trade)
{
    struct hf_record record = {.type = HF_RECORD_EPOCH};
    record.epoch.epoch = trade->log.start.epoch;
    record.epoch.history = 1;
    record.epoch.boot = 77;
    record.epoch.rules_version = HF_RULES_VERSION;
    trade_put(trade, record, NULL);
}

static inline void
trade_session(struct trade *trade, const char *name, uint32_t slot)
{
    struct hf_record record = {.type = HF_RECORD_OPEN, .session = slot};
    memcpy(record.open.name, name, strlen(name));
    trade_put(trade, record, NULL);
}

static inline void
trade_digest(struct trade *trade)
{
    struct hf_record record = {.type = HF_RECORD_DIGEST};
    record.digest.digest = hf_core_digest(trade->replay.core);
    trade_put(trade, record, NULL);
}

/** One order of a fixed sequence: prices go round, every third one trades. */
static inline void
trade_order(struct trade *trade)
{
    uint64_t n = trade->orders++;
    bool takes = n % 3 == 2;
    struct hf_record record = {.type = HF_COMMAND_NEW, .session = takes ? 2 : 1};
    record.side = takes ? HF_SELL : HF_BUY;
    record.order_type = HF_LIMIT;
    record.time_in_force = HF_GTC;
    record.instrument = 1;
    record.client_order_id = n + 1;
    record.price = 100 + (int64_t)(n % 7) - (takes ? 10 : 0);
    record.quantity = takes ? 9 : 5;
    trade_put(trade, record, NULL);
}

static inline void
trade_orders(struct trade *trade, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        trade_order(trade);
        if (trade->orders % 20 == 0) {
            trade_digest(trade);
        }
        if (trade->orders % 500 == 0) {
            fixture_write_all(&trade->log);
        }
    }
    fixture_write_all(&trade->log);
}

/** Everything is in the files, and durable. */
static inline void
trade_flush(struct trade *trade)
{
    fixture_write_all(&trade->log);
    cr_assert_geq(hf_wal_sync_all(trade->log.wal), 0);
}

static inline void
trade_begin(struct trade *trade)
{
    memset(trade, 0, sizeof(*trade));
    fixture_begin(&trade->log, "/dev/shm");
    fixture_open(&trade->log);
    trade->replay.numa_node = -1;
    trade->replay.background = true;
    trade_genesis(trade);
    trade_instrument(trade);
    trade_epoch(trade);
    trade_session(trade, "buyer", 1);
    trade_session(trade, "seller", 2);
    trade_flush(trade);
}

/** A clean stop and the next start: the epoch after. */
static inline void
trade_next_epoch(struct trade *trade)
{
    struct hf_scan_result scan;
    trade_flush(trade);
    fixture_close(&trade->log);
    cr_assert_eq(hf_scan(trade->log.directory, 0, NULL, NULL, &scan), 0, "%s", scan.text);
    cr_assert_eq(hf_scan_seal(trade->log.directory, NULL, 0, &scan), 0, "%s", scan.text);
    trade->log.start = (struct hf_wal_start){.epoch = scan.epoch + 1,
                                             .segment = scan.end_segment + 1,
                                             .base_lsn = scan.end_lsn + 1,
                                             .chain = scan.end_chain,
                                             .durable_lsn = scan.end_lsn};
    fixture_open(&trade->log);
    trade_epoch(trade);
    trade_flush(trade);
}

static inline uint64_t
trade_lsn(const struct trade *trade)
{
    return hf_core_lsn(trade->replay.core);
}

static inline void
trade_end(struct trade *trade)
{
    hf_replay_free(&trade->replay);
    fixture_end(&trade->log);
}

/** Whether two cores are the same state, by what can be asked and by all their bytes. */
static inline void
trade_expect_same(const struct hf_core *a, const struct hf_core *b)
{
    size_t bytes = hf_core_footprint(hf_core_limits(a));
    cr_expect_eq(hf_core_lsn(a), hf_core_lsn(b));
    cr_expect_eq(hf_core_digest(a), hf_core_digest(b));
    cr_expect_eq(memcmp(a, b, bytes), 0, "the states differ");
}

static inline size_t
trade_snapshots(const struct trade *trade, uint64_t lsns[8])
{
    uint64_t *list = NULL;
    size_t count = 0;
    cr_assert_eq(hf_snapshot_list(trade->log.directory, &list, &count), 0);
    cr_assert_leq(count, 8);
    for (size_t i = 0; i < count; i++) {
        lsns[i] = list[i];
    }
    free(list);
    return count;
}

/** Damage the newest but `back` snapshots. */
static inline void
trade_spoil(const struct trade *trade, size_t back)
{
    uint64_t lsns[8];
    char path[512];
    size_t count = trade_snapshots(trade, lsns);
    cr_assert_gt(count, back);
    hf_snapshot_path(path, sizeof(path), trade->log.directory, lsns[count - 1 - back]);
    int fd = open(path, O_RDWR);
    cr_assert_eq(pwrite(fd, "spoilt", 6, HF_SNAPSHOT_HEADER_BYTES + 100), 6);
    close(fd);
}

#endif
