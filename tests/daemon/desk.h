/*
 * desk.h - the engine's stage with everything around it, in one thread: real shared-memory objects, a
 * real WAL queue, and tests that play client, WAL writer, sync thread and control thread by turns.
 *
 *   desk_submit ──► command object ──► hf_sequencer_do_work (desk_round) ──► queue: desk_record
 *                                              │
 *   desk_report ◄── report object ◄────────────┘          desk_flush: durable_lsn and queue slots
 */
#ifndef HF_TESTS_DAEMON_DESK_H
#define HF_TESTS_DAEMON_DESK_H

#include "base/clock.h"
#include "daemon/sequencer.h"
#include "recovery/replay.h"
#include "shm/guard.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DESK_ID 0x1234567890abcdefu
#define DESK_LAG_MAX 1024u
#define DESK_EVENTS_MAX 1024u
#define DESK_LINKS_MAX 8
#define DESK_MARKET_SLOTS 256u

struct desk {
    char instance[HF_NAME_BYTES];
    struct hf_status *status;
    struct hf_region queue;
    struct hf_region market_region;
    struct hf_broadcast_writer market;
    struct hf_replay replay;
    struct hf_registry registry;
    struct hf_waker waker;
    struct hf_halt halt;
    struct hf_stage_bell writer_bell;
    struct hf_stage_bell sync_bell;
    struct hf_sequencer *sequencer;
    uint64_t now_ns;
};

/** What a client process has: its two objects, and the positions of its library. */
struct desk_client {
    struct hf_link *link;
    struct hf_ring_producer commands;
    struct hf_ring_consumer reports;
};

static inline void
desk_append(struct desk *desk, struct hf_record record, struct hf_record *more)
{
    cr_assert_eq(hf_sequencer_append(desk->sequencer, &record, more), HF_OK);
}

static inline void
desk_genesis(struct desk *desk)
{
    struct hf_record slots[2] = {
        {.lsn = 1, .time_ns = 1, .type = HF_RECORD_GENESIS, .slots = 2},
        {.lsn = 2, .time_ns = 1, .type = HF_RECORD_MORE, .slots = 1},
    };
    slots[0].genesis.rules_version = HF_RULES_VERSION;
    slots[0].genesis.sessions_max = DESK_LINKS_MAX;
    slots[0].genesis.instruments_max = 4;
    slots[0].genesis.orders_max = 16384;
    slots[0].genesis.levels_max = 4096;
    slots[0].genesis.session_orders_max = 16384;
    slots[1].genesis_more.extras_max = 16;
    slots[1].genesis_more.accounts_max = 16;
    slots[1].genesis_more.entitlements_max = 128;
    slots[1].genesis_more.events_max = DESK_EVENTS_MAX;
    desk->replay.numa_node = -1;
    cr_assert_eq(hf_replay_record(&desk->replay, &slots[0], &slots[1], NULL, 0), HF_OK, "%s",
                 desk->replay.text);
    desk->sequencer->core = desk->replay.core;
    cr_assert_eq(hf_sequencer_init(desk->sequencer, &desk->queue), HF_OK);
    hf_ring_publish_copy(&desk->sequencer->queue, slots, 2);
}

static inline void
desk_instrument(struct desk *desk)
{
    struct hf_record record = {.type = HF_COMMAND_INSTRUMENT_ADD};
    struct hf_record more = {0};
    memcpy(record.instrument_add.symbol, "ONE", 4);
    record.instrument_add.tick = 1;
    more.instrument_more.lot = 1;
    more.instrument_more.price_min = 1;
    more.instrument_more.price_max = 1000000;
    more.instrument_more.quantity_max = 1000000;
    desk_append(desk, record, &more);
}

static inline void
desk_epoch(struct desk *desk)
{
    struct hf_record record = {.type = HF_RECORD_EPOCH};
    record.epoch.epoch = 1;
    record.epoch.history = 1;
    record.epoch.boot = 77;
    record.epoch.rules_version = HF_RULES_VERSION;
    desk_append(desk, record, NULL);
}

/** Everything up to here is durable, and its queue slots are free. */
static inline void
desk_flush(struct desk *desk)
{
    struct hf_queue_object *queue = desk->queue.base;
    desk->status->written_lsn = desk->sequencer->queue.next - 1;
    desk->status->durable_lsn = desk->status->written_lsn;
    hf_store_release(&queue->released, desk->status->durable_lsn);
}

static inline void
desk_init(struct desk *desk, enum hf_wal_mode mode, uint32_t queue_slots)
{
    memset(desk, 0, sizeof(*desk));
    snprintf(desk->instance, sizeof(desk->instance), "desk%d", (int)getpid());
    cr_assert_eq(hf_guard_install(), HF_OK);
    desk->status = aligned_alloc(128, HF_STATUS_PAGE_BYTES * 2);
    desk->sequencer = aligned_alloc(128, sizeof(*desk->sequencer));
    memset(desk->status, 0, HF_STATUS_PAGE_BYTES * 2);
    memset(desk->sequencer, 0, sizeof(*desk->sequencer));
    desk->status->instruments_max = 4;
    desk->halt.status = desk->status;
    cr_assert_eq(hf_queue_create(&desk->queue, desk->instance, queue_slots), HF_OK);
    hf_queue_stamp(&desk->queue, DESK_ID, 77, 1, 1);
    const struct hf_broadcast_spec market = {
        .instance = desk->instance, .first_number = 1, .slots = DESK_MARKET_SLOTS};
    cr_assert_eq(hf_broadcast_create(&desk->market_region, &market), HF_OK);
    hf_broadcast_writer_init(&desk->market, &desk->market_region, 1);
    cr_assert_eq(hf_registry_init(&desk->registry, DESK_LINKS_MAX), HF_OK);
    cr_assert_eq(hf_waker_init(&desk->waker, &desk->registry), HF_OK);
    struct hf_sequencer *s = desk->sequencer;
    s->status = desk->status;
    s->halt = &desk->halt;
    s->registry = &desk->registry;
    s->waker = &desk->waker;
    s->market = &desk->market;
    s->writer_bell = &desk->writer_bell;
    s->sync_bell = &desk->sync_bell;
    s->mode = mode;
    s->burst = 64;
    s->lag_max = DESK_LAG_MAX;
    desk_genesis(desk);
    desk_epoch(desk);
    desk_instrument(desk);
    desk->now_ns = 1000000000;
    desk_flush(desk);
}

static inline void
desk_unlink(void *context, const char *name)
{
    (void)context;
    hf_region_unlink(name);
}

static inline void
desk_destroy(struct desk *desk)
{
    char prefix[HF_REGION_NAME_BYTES];
    snprintf(prefix, sizeof(prefix), "/holdfast.%s.", desk->instance);
    hf_sequencer_destroy(desk->sequencer);
    hf_waker_destroy(&desk->waker);
    hf_registry_destroy(&desk->registry);
    hf_replay_free(&desk->replay);
    hf_region_detach(&desk->queue);
    hf_region_detach(&desk->market_region);
    (void)hf_region_list(prefix, desk_unlink, NULL);
    free(desk->sequencer);
    free(desk->status);
}

/** One round of the engine, a millisecond after the last. */
static inline int64_t
desk_round(struct desk *desk)
{
    desk->now_ns += 1000000;
    return hf_sequencer_do_work(desk->sequencer, desk->now_ns);
}

/** Rounds until nothing is left to do. */
static inline void
desk_settle(struct desk *desk)
{
    while (desk_round(desk) > 0) {
    }
}

static inline const struct hf_record *
desk_record(const struct desk *desk, uint64_t lsn)
{
    const struct hf_record *record = hf_queue_record(&desk->queue, lsn);
    cr_assert_eq(record->lsn, lsn, "LSN %llu is not in the queue", (unsigned long long)lsn);
    return record;
}

static inline uint64_t
desk_last_lsn(const struct desk *desk)
{
    return desk->sequencer->queue.next - 1;
}

/* Sessions */

static inline struct hf_session_spec
desk_spec(const struct desk *desk, const char *name, uint32_t command_slots, uint32_t report_slots)
{
    return (struct hf_session_spec){.instance = desk->instance,
                                    .session = name,
                                    .instance_id = DESK_ID,
                                    .command_slots = command_slots,
                                    .report_slots = report_slots,
                                    .generation = 1,
                                    .first_seq = 1,
                                    .first_report = 1};
}

static inline void
desk_open(struct desk *desk, struct desk_client *client, const char *name, uint32_t command_slots,
          uint32_t report_slots)
{
    struct hf_session_spec spec = desk_spec(desk, name, command_slots, report_slots);
    uint32_t slot = hf_core_session_free(desk->replay.core);
    struct hf_record record = {.type = HF_RECORD_OPEN, .session = slot};
    memcpy(record.open.name, name, strlen(name));
    desk_append(desk, record, NULL);
    struct hf_link *link = hf_link_create(slot, desk_last_lsn(desk), name, 1);
    cr_assert_eq(hf_report_object_create(&link->report_region, &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&link->command_region, &spec), HF_OK);
    cr_assert_eq(hf_link_guard(link), HF_OK);
    link->report_object = link->report_region.base;
    link->report_object->session_id = link->session_id;
    cr_assert_eq(hf_link_attach(link, 1, 1), HF_OK);
    cr_assert_eq(hf_registry_add(&desk->registry, link), HF_OK);
    struct hf_command_object *object = link->command_region.base;
    client->link = link;
    hf_ring_producer_init(&client->commands, hf_session_slots(object), command_slots,
                          &object->command_head, &link->report_object->command_tail, 1);
    hf_ring_consumer_init(&client->reports, hf_session_slots(link->report_object), report_slots,
                          &object->report_tail, 1);
}

static inline struct hf_command
desk_order(enum hf_side side, uint64_t id, int64_t price, uint64_t quantity)
{
    return (struct hf_command){.type = HF_COMMAND_NEW,
                               .slots = 1,
                               .side = (uint8_t)side,
                               .order_type = HF_LIMIT,
                               .time_in_force = HF_GTC,
                               .instrument = 1,
                               .client_order_id = id,
                               .price = price,
                               .quantity = quantity};
}

/** @return whether there was room */
static inline bool
desk_submit(struct desk_client *client, const struct hf_command *command, unsigned slots)
{
    if (hf_ring_claim(&client->commands, slots) != HF_OK) {
        return false;
    }
    hf_ring_publish_copy(&client->commands, command, slots);
    hf_ring_announce(&client->commands);
    return true;
}

/** Resting orders that meet nobody, as many as wanted or as there is room. @return how many */
static inline uint64_t
desk_flood(struct desk_client *client, uint64_t count)
{
    uint64_t done = 0;
    for (; done < count; done++) {
        struct hf_command command = desk_order(HF_BUY, client->commands.next, 1, 1);
        if (!desk_submit(client, &command, 1)) {
            break;
        }
    }
    return done;
}

/** The next report, stepped over but not released; NULL: none. */
static inline const struct hf_report *
desk_report(struct desk_client *client)
{
    const struct hf_slot *slot = hf_ring_peek(&client->reports);
    const struct hf_report *report = (const struct hf_report *)(const void *)slot;
    if (report != NULL) {
        hf_ring_advance(&client->reports, report->slots);
    }
    return report;
}

/** Read all that is there, release it. @return how many slots */
static inline uint64_t
desk_read_all(struct desk_client *client)
{
    uint64_t before = client->reports.next;
    while (desk_report(client) != NULL) {
    }
    hf_ring_release(&client->reports);
    return client->reports.next - before;
}

#endif
