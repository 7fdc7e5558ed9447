/* sequencer.c - the five steps of a command. */
#include "daemon/sequencer.h"

#include "base/clock.h"
#include "base/futex.h"
#include "base/planted.h"
#include "daemon/backlog.h"
#include "daemon/drain.h"
#include "shm/guard.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/sequencer_request.h"

/** Records that one step may need: a message of two slots and a digest. */
#define QUEUE_ROOM (HF_MESSAGE_SLOTS_MAX + 1u)

int
hf_sequencer_init(struct hf_sequencer *s, const struct hf_region *queue)
{
    s->touched = calloc(s->registry->sessions_max + 1, sizeof(struct hf_link *));
    if (s->touched == NULL) {
        return HF_E_MEMORY;
    }
    hf_queue_producer(queue, &s->queue);
    s->links = hf_registry_read(s->registry);
    s->digest_lsn = hf_core_lsn(s->core);
    s->trades_before = hf_core_trades(s->core);
    s->control_fd = -1;
    s->claims_changed = hf_core_claims_changed(s->core);
    return HF_OK;
}

void
hf_sequencer_destroy(struct hf_sequencer *s)
{
    free(s->touched);
    s->touched = NULL;
}

/** Readers compare an event's LSN with durable_lsn where that matters to them; in `sync` mode all do. */
static void
publish_event(void *context, const struct hf_market_event *event)
{
    struct hf_sequencer *s = context;
    HF_ASSERT("D2: market events are numbered without a gap", s->market->next == event->number);
    hf_broadcast_publish(s->market, event);
}

/* Sequencing */

static bool
queue_has_room(struct hf_sequencer *s)
{
    int result = hf_ring_claim(&s->queue, QUEUE_ROOM);
    if (result == HF_E_PROTOCOL) {
        hf_halt(s->halt, HF_E_CORRUPT, "the WAL queue's release mark is impossible");
    }
    if (HF_UNLIKELY(result == HF_AGAIN && !s->queue_full)) {
        hf_store_relaxed(&s->status->wal_waits, s->status->wal_waits + 1); /* statistics */
    }
    s->queue_full = result == HF_AGAIN;
    return result == HF_OK; /* E2 */
}

/** Readers (client/page.c) load word by word with acquire, and the version before and after: who saw one
 *  of these stores sees the odd version behind it. */
static void
store_instrument(struct hf_sequencer *s, uint32_t id)
{
    struct hf_instrument_info info;
    uint64_t words[sizeof(info) / sizeof(uint64_t)];
    uint64_t *entry = (uint64_t *)((unsigned char *)s->status + HF_STATUS_PAGE_BYTES) +
                      (id - 1) * (sizeof(info) / sizeof(uint64_t));
    hf_core_instrument(s->core, id, &info);
    memcpy(words, &info, sizeof(info));
    for (size_t i = 0; i < sizeof(info) / sizeof(uint64_t); i++) {
        hf_store_release(&entry[i], words[i]);
    }
}

/** Entries first to last of the table. A predecessor that died in here left the version odd. */
static void
publish_entries(struct hf_sequencer *s, uint32_t first, uint32_t last)
{
    uint32_t changing = s->status->table_version | 1;
    hf_store_relaxed(&s->status->table_version, changing); /* released with each word */
    for (uint32_t id = first; id <= last; id++) {
        store_instrument(s, id);
    }
    hf_store_release(&s->status->instruments, hf_core_instruments(s->core));
    hf_store_release(&s->status->table_version, changing + 1); /* partner: client/page.c */
}

static void
publish_instruments(struct hf_sequencer *s)
{
    publish_entries(s, 1, hf_core_instruments(s->core));
}

static void
publish_open_orders(struct hf_sequencer *s)
{
    hf_store_relaxed(&s->status->open_orders, hf_core_open_orders(s->core)); /* statistics */
}

void
hf_sequencer_publish_books(struct hf_sequencer *s)
{
    publish_instruments(s);
    publish_open_orders(s);
}

/** After a record that may have changed reference data: of one instrument, or of all. */
static void
follow_instruments(struct hf_sequencer *s, const struct hf_record *record)
{
    uint32_t count = hf_core_instruments(s->core);
    uint32_t id = record->type == HF_COMMAND_INSTRUMENT_ADD ? count : record->instrument;
    if (id == 0) {
        publish_instruments(s);
    } else if (id <= count) {
        publish_entries(s, id, id);
    }
}

static bool
changes_instruments(const struct hf_record *record)
{
    return record->type >= HF_COMMAND_INSTRUMENT_ADD && record->type <= HF_COMMAND_PHASE;
}

/** Steps 2 and 3: log, then effect. */
static void
commit(struct hf_sequencer *s, const struct hf_record *record, const struct hf_record *more)
{
    const struct hf_core_sink sink = {
        .context = s, .report = hf_sequencer_report, .market = publish_event};
    HF_ASSERT("E1: LSNs have no gap", s->queue.next == hf_core_lsn(s->core) + 1);
    if (HF_PLANTED(REPORT_BEFORE_RECORD)) {
        hf_core_apply(s->core, record, more, &sink);
    }
    /* Publication is the point of no return (Q1); of two slots the second comes first (R3). */
    if (more == NULL) {
        hf_ring_publish_copy(&s->queue, record, 1);
    } else {
        const struct hf_record both[HF_MESSAGE_SLOTS_MAX] = {*record, *more};
        hf_ring_publish_copy(&s->queue, both, 2);
    }
    /* W1; partner: hf_wait_durable_lsn(). Before anybody is shown an LSN, it is one that there is. */
    hf_store_release(&s->status->sequenced_lsn, s->queue.next - 1);
    if (!HF_PLANTED(REPORT_BEFORE_RECORD)) {
        hf_core_apply(s->core, record, more, &sink);
    }
    if (HF_UNLIKELY(changes_instruments(record))) {
        follow_instruments(s, record);
    }
    if (HF_UNLIKELY(record->type == HF_COMMAND_ENTITLE)) {
        /* Relaxed: the control thread looks now and then, and asks the engine what it is about. */
        hf_store_relaxed(&s->claims_changed, hf_core_claims_changed(s->core));
    }
}

static void
append_digest(struct hf_sequencer *s)
{
    struct hf_record record = {
        .lsn = s->queue.next,
        .time_ns = s->record_time_ns,
        .type = HF_RECORD_DIGEST,
        .slots = 1,
        .digest = {.digest = hf_core_digest(s->core)},
    };
    commit(s, &record, NULL);
    s->digest_lsn = record.lsn;
}

static void
append_digest_if_due(struct hf_sequencer *s)
{
    if (s->queue.next - 1 - s->digest_lsn >= HF_DIGEST_RECORDS) {
        append_digest(s);
    }
}

/** Record time: the wall clock, but never backwards. While that is behind, because it was set back, the
 *  monotonic clock goes on from the last record: rates, days and expiry never stand still. */
static uint64_t
record_time(const struct hf_sequencer *s)
{
    uint64_t now = hf_clock_wall_ns();
    uint64_t last = hf_core_time(s->core);
    if (HF_LIKELY(now > last)) {
        return now;
    }
    uint64_t elapsed = s->round_ns - s->stamped_ns;
    return elapsed <= UINT64_MAX - last ? last + elapsed : UINT64_MAX;
}

static void
stamp_time(struct hf_sequencer *s)
{
    s->record_time_ns = record_time(s);
    s->stamped_ns = s->round_ns;
}

static void
refuse(struct hf_record *record, const struct hf_command *command, uint32_t slots, uint32_t reason)
{
    memset((unsigned char *)record + 24, 0, sizeof(*record) - 24);
    record->type = HF_RECORD_REFUSED;
    record->slots = 1;
    record->refused.reason = reason;
    record->refused.command_type = command->type;
    record->refused.client_order_id = command->client_order_id;
    record->refused.command_slots = slots;
}

static struct hf_record
make_record(const struct hf_sequencer *s, uint32_t session, uint64_t lsn, const void *slot)
{
    struct hf_record record;
    memcpy(&record, slot, sizeof(record));
    if (HF_PLANTED(SESSION_BELIEVED) && hf_core_session(s->core, record.session) != NULL) {
        session = record.session;
    }
    record.lsn = lsn;
    record.time_ns = s->record_time_ns;
    record.crc = 0;
    record.session = session;
    return record;
}

/** Steps 1 to 4 for one command of `slots` slots, already copied out of the client's memory. */
static void
sequence(struct hf_sequencer *s, uint32_t session, const struct hf_command *command, uint32_t slots)
{
    struct hf_record record = make_record(s, session, s->queue.next, command);
    uint32_t reason =
        slots == command->slots ? hf_command_check(command) : (uint32_t)HF_REASON_MALFORMED_SLOTS;
    if (reason == HF_REASON_NONE && command->type == HF_COMMAND_NEW && s->disk_low) {
        reason = HF_REASON_DISK_LOW;
    }
    if (reason != HF_REASON_NONE) {
        refuse(&record, command, slots, reason);
    }
    if (record.slots == 2) {
        const struct hf_record more = make_record(s, session, record.lsn + 1, command + 1);
        commit(s, &record, &more);
    } else {
        commit(s, &record, NULL);
    }
    append_digest_if_due(s);
}

/* Log space is low */

/** What gets through although log space is low: it takes open quantity away. */
static bool
is_cancel(uint8_t type)
{
    return type == HF_COMMAND_CANCEL || type == HF_COMMAND_REDUCE || type == HF_COMMAND_MASS_CANCEL;
}

/** E6: whether a session's next command stays in its ring for now. */
static bool
holds_back(const struct hf_sequencer *s, const struct hf_link *link, uint8_t type)
{
    return s->disk_low && link->drain_to == 0 && !is_cancel(type) &&
           link->low_window == s->round_ns / HF_LOW_WINDOW_NS && link->low_taken >= HF_LOW_COMMANDS;
}

void
hf_sequencer_charge_low(const struct hf_sequencer *s, struct hf_link *link)
{
    if (s->disk_low) {
        uint64_t from = link->low_paid_ns > s->round_ns ? link->low_paid_ns : s->round_ns;
        link->low_paid_ns = from + HF_LOW_WINDOW_NS / HF_LOW_COMMANDS;
    }
}

uint64_t
hf_sequencer_low_wait_ns(const struct hf_sequencer *s, const struct hf_link *link)
{
    uint64_t free_ns = s->round_ns + HF_LOW_AHEAD_NS;
    return s->disk_low && link->low_paid_ns > free_ns ? link->low_paid_ns - free_ns : 0;
}

static void
count_low(const struct hf_sequencer *s, struct hf_link *link, uint8_t type)
{
    uint64_t window = s->round_ns / HF_LOW_WINDOW_NS;
    if (!is_cancel(type)) {
        link->low_taken = link->low_window == window ? link->low_taken + 1 : 1;
        link->low_window = window;
        hf_sequencer_charge_low(s, link);
    }
}

/** Where the library puts the time at which a command was submitted (holdfast/metrics.h) it is taken out: it is no
 *  field of the command. Elsewhere there is none, or a client could have us read the clock for each command: what
 *  stands there is refused, as hf_command_check() says. */
static void
take_time(const struct hf_sequencer *s, const struct hf_link *link, struct hf_command *command)
{
    if (link->commands.next % HF_METRICS_WAIT_EVERY == 0) {
        hf_meter_wait(&s->meter, command->reserved[0]);
        command->reserved[0] = 0;
    }
}

/** Step 1: copy the next command out of the client's memory (E5). Its second slot was published before
 *  its first (R3): where there is none of the right kind, the first alone is a malformed command.
 *  @return slots taken, 0: nothing is there, or it is held back (E6) */
static uint32_t
take(const struct hf_sequencer *s, struct hf_link *link,
     struct hf_command command[HF_MESSAGE_SLOTS_MAX])
{
    const struct hf_slot *slot = hf_ring_peek(&link->commands);
    uint32_t slots = 1;
    if (slot == NULL || (link->drain_to != 0 && link->commands.next > link->drain_to)) {
        return 0;
    }
    memcpy(&command[0], slot, sizeof(command[0]));
    if (HF_UNLIKELY(s->disk_low)) {
        if (holds_back(s, link, command[0].type)) {
            return 0;
        }
        count_low(s, link, command[0].type);
    }
    if (HF_UNLIKELY(command[0].slots == 2)) {
        slot = hf_ring_peek_ahead(&link->commands, 1);
        if (slot != NULL) {
            memcpy(&command[1], slot, sizeof(command[1]));
            slots = command[1].type == HF_COMMAND_MORE ? 2 : 1;
        }
    }
    if (HF_UNLIKELY(command[0].reserved[0] != 0)) {
        take_time(s, link, &command[0]);
    }
    hf_ring_advance(&link->commands, slots);
    if (HF_PLANTED(SLOT_RELEASED_EARLY)) {
        hf_ring_release(&link->commands);
    }
    return slots;
}

/** Commands wait behind the next one: hint at what they need. Only where many do, or the slot that is looked at
 *  would be the client's still, and its cache line be taken from it. @return whether so many wait */
static bool
look_ahead(const struct hf_sequencer *s, struct hf_link *link)
{
    struct hf_record far;
    const struct hf_slot *slot = hf_ring_peek_ahead(&link->commands, HF_AHEAD_FAR);
    if (slot != NULL) {
        memcpy((void *)&far, slot, sizeof(far)); /* E5; a command's fields are its record's */
        far.session = link->slot;
    }
    hf_ahead_look(&link->ahead, s->core, link->commands.next, slot != NULL ? &far : NULL);
    return slot != NULL;
}

/** Step 5. The release pairs with the client's acquire of the tail; the LSN is stored before it. */
static void
release_commands(struct hf_sequencer *s, struct hf_link *link)
{
    const struct hf_core_session *session = hf_core_session(s->core, link->slot);
    HF_ASSERT("ring position is the session's sequence number",
              session->last_seq == link->commands.next - 1);
    hf_store_relaxed(&link->report_object->sequenced_lsn, session->last_lsn);
    hf_ring_release(&link->commands);
}

/** E3: a session's share of this round, less its debt. @return work that it may have done now */
static uint64_t
pay_debt(uint32_t burst, struct hf_link *link)
{
    uint64_t share = (uint64_t)burst * HF_COMMAND_WORK;
    uint64_t paid = link->debt < share ? link->debt : share;
    link->debt -= paid;
    return share - paid;
}

/** @return commands taken; 1 also when there are some, and the round went by for the session's debt */
static int64_t
take_burst(struct hf_sequencer *s, struct hf_link *link)
{
    struct hf_command command[HF_MESSAGE_SLOTS_MAX];
    int64_t taken = 0;
    uint32_t burst = hf_load_relaxed(&s->burst); /* an old one does for this round */
    uint64_t share = pay_debt(burst, link);
    uint64_t begin = hf_core_work(s->core);
    uint64_t done = 0;
    if (share == 0) {
        return hf_ring_peek(&link->commands) != NULL; /* or nobody would come again */
    }
    while (taken < burst && done < share && queue_has_room(s) && !hf_backlog_waits_for_flush(s)) {
        if (HF_UNLIKELY(link->deep)) {
            link->deep = look_ahead(s, link);
        }
        uint32_t slots = take(s, link, command);
        if (slots == 0) {
            break;
        }
        if (taken == 0) {
            stamp_time(s);
        }
        sequence(s, link->slot, command, slots);
        taken++;
        done = hf_core_work(s->core) - begin;
        if (link->condemned != HF_OK || hf_backlog_blocks(s, link)) {
            break; /* K2, E4 */
        }
    }
    link->debt = done > share ? done - share : link->debt;
    if (taken > 0) {
        s->commands += (uint64_t)taken;
        link->deep = taken == burst;
        release_commands(s, link);
    }
    return taken;
}

/* Serving sessions */

/** A client waits for durability: pass its wish on to the sync thread, once. One for an LSN that there is
 *  not yet means the last one that there is: it must not hurry each record that comes after. */
static void
note_wish(struct hf_sequencer *s, struct hf_link *link)
{
    uint64_t wish = hf_load_relaxed(&link->command_object->durable_wish); /* only a request */
    uint64_t last = s->queue.next - 1;
    if (wish == link->wish) {
        return;
    }
    link->wish = wish;
    wish = wish < last ? wish : last;
    if (wish > s->durable_wanted) {
        hf_store_seq_cst(&s->durable_wanted, wish); /* then ring: T1 */
        hf_bell_ring(s->sync_bell, 1);
    }
}

static int64_t
serve_client(struct hf_sequencer *s, struct hf_link *link)
{
    if (HF_UNLIKELY(hf_guard_lost(link->guard))) {
        hf_link_condemn(link, HF_E_PROTOCOL);
        return 0;
    }
    int64_t work = link->behind != 0 ? hf_backlog_drain(s, link) : 0;
    if (link->frozen) {
        return work; /* nobody waits there */
    }
    note_wish(s, link);
    if (!hf_backlog_blocks(s, link)) {
        work += take_burst(s, link);
    }
    return work;
}

/** A system call, but once in a client's life. */
static void
end_drain(const struct hf_sequencer *s, struct hf_link *link)
{
    const uint64_t one = 1;
    hf_drain_end(link);
    if (s->control_fd >= 0) {
        (void)!write(s->control_fd, &one,
                     sizeof(one)); /* the control thread looks by itself, too */
    }
}

static int64_t
serve(struct hf_sequencer *s, struct hf_link *link)
{
    bool is_read = link->command_object != NULL && link->condemned == HF_OK;
    int64_t work = is_read ? serve_client(s, link) : 0;
    if (HF_UNLIKELY(link->draining) && hf_drain_is_over(link)) {
        end_drain(s, link);
        work++;
    }
    return work;
}

/** Nothing is to be done for it: found out by few loads, for most sessions are idle in most rounds. (In sync
 *  mode serving it goes on with what hf_backlog_waits_for_flush() looks through.) */
static bool
is_quiet(const struct hf_sequencer *s, const struct hf_link *link)
{
    return s->mode != HF_WAL_SYNC && link->command_object != NULL && link->condemned == HF_OK &&
           link->behind == 0 && link->debt == 0 && !link->draining &&
           hf_ring_peek(&link->commands) == NULL &&
           hf_load_relaxed(&link->command_object->durable_wish) == link->wish && /* note_wish() */
           !hf_guard_lost(link->guard);
}

#define QUIET_SESSIONS_MAX 16u /* more, and a look at all would be no less than a round */

bool
hf_sequencer_is_quiet(const struct hf_sequencer *s)
{
    const struct hf_link_table *links = hf_registry_read(s->registry); /* s->links may be freed */
    if (links->count > QUIET_SESSIONS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < links->count; i++) {
        if (!is_quiet(s, links->dense[i])) {
            return false;
        }
    }
    return true;
}

static int64_t
serve_all(struct hf_sequencer *s)
{
    uint32_t count = s->links->count;
    int64_t work = 0;
    if (s->turn >= count) {
        s->turn = 0; /* sessions have been closed since */
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = s->turn + i; /* E3 */
        struct hf_link *link = s->links->dense[at < count ? at : at - count];
        work += is_quiet(s, link) ? 0 : serve(s, link);
    }
    s->turn++;
    return work;
}

/* The end of a round: tell others */

/** Publish heads; then, in this order, see who sleeps upon them (T1). */
static void
announce(struct hf_sequencer *s)
{
    for (uint32_t i = 0; i < s->touched_count; i++) {
        struct hf_link *link = s->touched[i];
        link->touched = false;
        hf_meter_session(&s->meter, link->slot, hf_core_session(s->core, link->slot),
                         link->behind != 0);
        if (link->command_object == NULL) {
            continue;
        }
        hf_ring_announce(&link->reports);
        if (hf_load_seq_cst(&link->command_object->parked) != 0) {
            hf_waker_add(s->waker, link->slot);
            hf_bell_ring(&s->waker->bell, 1);
        }
    }
    s->touched_count = 0;
    if (s->market->next - 1 != s->market_announced) {
        hf_broadcast_announce(s->market);
        s->market_announced = s->market->next - 1;
    }
}

/** @param batch  whether the round took commands, or only drained a backlog, or served the daemon */
static void
publish_counters(struct hf_sequencer *s, bool batch, uint64_t path_ns)
{
    struct hf_status *status = s->status;
    hf_store_relaxed(&status->commands, s->commands); /* statistics: staleness is harmless */
    hf_store_relaxed(&status->reports, s->reports);
    hf_store_relaxed(&status->rejects, s->rejects);
    hf_store_relaxed(&status->trades, hf_core_trades(s->core) - s->trades_before);
    publish_open_orders(s);
    if (!batch) {
        return;
    }
    hf_store_relaxed(&status->batches, status->batches + 1);
    hf_store_relaxed(&status->path_ns_sum, status->path_ns_sum + path_ns);
    if (path_ns > status->path_ns_max) {
        hf_store_relaxed(&status->path_ns_max, path_ns);
    }
}

static void
finish_records(struct hf_sequencer *s)
{
    hf_ring_announce(&s->queue);
    hf_bell_ring(s->writer_bell, 1);
}

/** GTD orders expire by a logged tick, within a millisecond or two of their time while anything goes
 *  on, within a heartbeat on an idle instance. */
static void
tick_when_due(struct hf_sequencer *s, uint64_t now_ns)
{
    if (now_ns - s->expiry_seen_ns < HF_TICK_LOOK_NS) {
        return;
    }
    s->expiry_seen_ns = now_ns;
    struct hf_record record = {.type = HF_RECORD_TICK};
    if (hf_core_next_expiry(s->core) <= record_time(s)) {
        (void)hf_sequencer_append(s, &record, NULL); /* a full queue: at the next look */
    }
}

/** The idle log's closing digest; later groups then carry a floor that covers everything. */
static void
close_when_idle(struct hf_sequencer *s, uint64_t now_ns)
{
    bool open = s->queue.next - 1 > s->digest_lsn;
    if (open && now_ns - s->last_record_ns >= HF_DIGEST_IDLE_NS && queue_has_room(s)) {
        stamp_time(s);
        append_digest(s);
        finish_records(s);
    }
}

int64_t
hf_sequencer_do_work(struct hf_sequencer *s, uint64_t now_ns)
{
    s->links = hf_registry_read(s->registry);
    hf_store_relaxed(&s->status->heartbeat_ns, now_ns); /* an age; nothing hangs on its order */
    if (hf_halted(s->halt)) {
        return hf_sequencer_refuse_request(s);
    }
    hf_meter_begin(&s->meter, now_ns);
    s->round_ns = now_ns;
    s->stamped_ns = s->stamped_ns == 0 ? now_ns : s->stamped_ns;
    s->disk_low = hf_load_relaxed(&s->status->disk_low) != 0; /* a round later is soon enough */
    uint64_t before = s->queue.next;
    uint64_t commands = s->commands;
    int64_t work = hf_sequencer_serve_request(s);
    int64_t served = serve_all(s);
    tick_when_due(s, now_ns);
    if (s->queue.next != before) {
        finish_records(s);
        s->last_record_ns = now_ns;
    }
    announce(s);
    if (served > 0 || s->queue.next != before) {
        const struct hf_meter_round round = {.commands = s->commands - commands,
                                             .path_ns = hf_clock_monotonic_ns() - now_ns,
                                             .lsn =
                                                 s->queue.next != before ? s->queue.next - 1 : 0};
        publish_counters(s, round.commands != 0, round.path_ns);
        hf_meter_end(&s->meter, now_ns, &round);
    }
    hf_meter_ladders(&s->meter, s->core, now_ns);
    close_when_idle(s, now_ns);
    return work + served;
}

static bool
link_has_work(struct hf_sequencer *s, struct hf_link *link)
{
    if (link->draining && hf_drain_is_over(link)) {
        return true;
    }
    if (link->command_object == NULL || link->condemned != HF_OK) {
        return false;
    }
    /* T1; partner: wish_durable() */
    if (!link->frozen && hf_load_seq_cst(&link->command_object->durable_wish) != link->wish) {
        return true;
    }
    if (hf_backlog_has_work(s, link)) {
        return true;
    }
    if (link->frozen || hf_backlog_blocks(s, link) || hf_backlog_waits_for_flush(s)) {
        return false;
    }
    hf_ring_catch_up(&link->command_object->command_head); /* T1; partner: hf_submit_many() */
    const struct hf_slot *slot = hf_ring_peek(&link->commands);
    if (slot == NULL) {
        return false;
    }
    struct hf_command command;
    memcpy(&command, slot, sizeof(command)); /* E5 */
    return !holds_back(s, link, command.type);
}

bool
hf_sequencer_has_work(struct hf_sequencer *s)
{
    if (hf_load_seq_cst(&s->request) != NULL) { /* T1; partner: hf_sequencer_ask() */
        return true;
    }
    if (hf_halted(s->halt) || hf_ring_claim(&s->queue, QUEUE_ROOM) != HF_OK) {
        return false; /* the sync thread rings when it has released queue slots */
    }
    for (uint32_t i = 0; i < s->links->count; i++) {
        if (link_has_work(s, s->links->dense[i])) {
            return true;
        }
    }
    return false;
}

int
hf_sequencer_append(struct hf_sequencer *s, struct hf_record *record, struct hf_record *more)
{
    if (!queue_has_room(s)) {
        return HF_AGAIN;
    }
    stamp_time(s);
    record->lsn = s->queue.next;
    record->time_ns = s->record_time_ns;
    record->slots = more == NULL ? 1 : 2;
    if (more != NULL) {
        more->lsn = record->lsn + 1;
        more->time_ns = record->time_ns;
        more->session = record->session;
        more->type = HF_RECORD_MORE;
        more->slots = 1;
    }
    const char *why = hf_core_check(s->core, record, more);
    HF_ASSERT("the daemon's own records are valid", why == NULL);
    commit(s, record, more);
    append_digest_if_due(s);
    return HF_OK;
}
