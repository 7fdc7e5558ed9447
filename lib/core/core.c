/*
 * core.c - the block, the dispatch of records, and what may be asked of the state.
 *
 * Records that are not of clients: GENESIS, EPOCH, DIGEST and STOP make no report (EPOCH may halt all
 * instruments, which is market data);
 * TICK lets orders expire; LOST lists a session's open orders, as far as one page goes;
 * DISCONNECT and CLOSE cancel orders without being asked; REFUSED answers a command that never reached
 * matching.
 */
#include "core/core.h"

#include "core/account.h"
#include "core/admin.h"
#include "core/change.h"
#include "core/emit.h"
#include "core/entitle.h"
#include "core/entry.h"
#include "core/events.h"
#include "core/extra.h"
#include "core/limit.h"
#include "core/many.h"
#include "core/phase.h"
#include "core/plain.h"
#include "core/session.h"
#include "core/total.h"

#define LINE_BYTES 64u
#define SECOND_NS 1000000000u
#define MS_NS 1000000u

/* T1 of ladder.h: wherever the prices lie, levels run out before nodes do. */
uint32_t
hf_core_nodes_for(uint32_t levels_max)
{
    return 2 * levels_max;
}

static bool
limits_are_valid(const struct hf_engine_limits *limits)
{
    return limits->sessions_max >= 1 && limits->sessions_max <= UINT16_MAX &&
           limits->instruments_max >= 1 && limits->instruments_max <= 1000000 &&
           limits->orders_max >= 1 && limits->orders_max <= 1u << 30 && limits->levels_max >= 1 &&
           limits->levels_max <= 1u << 28 && limits->session_orders_max >= 1 &&
           limits->session_orders_max <= limits->orders_max && limits->extras_max >= 1 &&
           limits->extras_max <= limits->orders_max && limits->accounts_max >= 1 &&
           limits->accounts_max <= 1u << 20 && limits->entitlements_max >= 1 &&
           limits->entitlements_max <= 1u << 20 && limits->events_max >= 64 &&
           limits->events_max <= 1u << 24 && (limits->events_max & (limits->events_max - 1)) == 0;
}

/** Reserve an array at the end of a block that has `bytes` so far; returns its offset. */
static size_t
reserve(size_t *bytes, size_t count, size_t size)
{
    size_t offset = *bytes;
    *bytes += (count * size + LINE_BYTES - 1) & ~(size_t)(LINE_BYTES - 1);
    return offset;
}

size_t
hf_core_lay_out(struct hf_core *core, const struct hf_engine_limits *limits)
{
    size_t bytes = 0;
    reserve(&bytes, 1, sizeof(struct hf_core));
    core->sessions_at =
        reserve(&bytes, (size_t)limits->sessions_max + 1, sizeof(struct hf_core_session));
    core->books_at = reserve(&bytes, (size_t)limits->instruments_max + 1, sizeof(struct hf_book));
    core->symbols_at = reserve(&bytes, 2 * (size_t)limits->instruments_max, sizeof(uint32_t));
    core->orders_at = reserve(&bytes, (size_t)limits->orders_max + 1, sizeof(struct hf_order));
    core->levels_at =
        reserve(&bytes, (size_t)limits->levels_max + 1, sizeof(struct hf_level_queue));
    core->nodes_at = reserve(&bytes, (size_t)hf_core_nodes_for(limits->levels_max) + 1,
                             sizeof(struct hf_ladder_node));
    size_t buckets = hf_ids_buckets_max(limits->orders_max);
    core->client_ids_at = reserve(&bytes, buckets, sizeof(uint32_t));
    core->order_ids_at = reserve(&bytes, buckets, sizeof(uint32_t));
    core->id_links_at = reserve(&bytes, (size_t)limits->orders_max + 1, sizeof(struct hf_id_links));
    core->extra_of_at = reserve(&bytes, (size_t)limits->orders_max + 1, sizeof(uint32_t));
    core->extras_at = reserve(&bytes, (size_t)limits->extras_max + 1, sizeof(struct hf_extra));
    core->heap_at = reserve(&bytes, (size_t)limits->extras_max + 1, sizeof(uint32_t));
    core->accounts_at = reserve(&bytes, hf_account_entries(limits), sizeof(struct hf_account));
    core->entitlements_at =
        reserve(&bytes, limits->entitlements_max, sizeof(struct hf_entitlement_entry));
    core->entitlement_index_at =
        reserve(&bytes, hf_entitle_index_entries(limits), sizeof(uint32_t));
    core->limits_at = reserve(&bytes, hf_limit_entries(limits), sizeof(struct hf_limit_entry));
    core->events_at = reserve(&bytes, limits->events_max, sizeof(struct hf_report));
    core->event_marks_at = reserve(&bytes, limits->events_max, sizeof(struct hf_event_mark));
    return bytes;
}

size_t
hf_core_image_bytes(const struct hf_engine_limits *limits)
{
    struct hf_core unused;
    return limits_are_valid(limits) ? hf_core_lay_out(&unused, limits) : 0;
}

size_t
hf_core_footprint(const struct hf_engine_limits *limits)
{
    size_t bytes = hf_core_image_bytes(limits);
    return bytes == 0 ? 0 : bytes + hf_total_bytes(limits);
}

/** Field by field: what the caller's struct has between them is no state, and equal states are equal bytes. */
static void
copy_limits(struct hf_engine_limits *to, const struct hf_engine_limits *from)
{
    to->sessions_max = from->sessions_max;
    to->instruments_max = from->instruments_max;
    to->orders_max = from->orders_max;
    to->levels_max = from->levels_max;
    to->session_orders_max = from->session_orders_max;
    to->hash_seed = from->hash_seed;
    to->extras_max = from->extras_max;
    to->accounts_max = from->accounts_max;
    to->entitlements_max = from->entitlements_max;
    to->events_max = from->events_max;
}

struct hf_core *
hf_core_new(void *memory, const struct hf_engine_limits *limits)
{
    HF_ASSERT("limits", limits_are_valid(limits));
    HF_ASSERT("alignment", (uintptr_t)memory % LINE_BYTES == 0);
    struct hf_core *core = memory;
    hf_core_lay_out(core, limits);
    copy_limits(&core->limits, limits);
    core->digest = hf_digest_start();
    hf_pool_init(&core->orders, limits->orders_max);
    hf_pool_init(&core->levels, limits->levels_max);
    hf_pool_init(&core->nodes, hf_core_nodes_for(limits->levels_max));
    hf_pool_init(&core->extras, limits->extras_max);
    hf_ids_init(&core->ids, limits->orders_max, limits->hash_seed);
    return core;
}

/** Clients have to look at what was lost before anybody trades on it. */
static void
halt_all(struct hf_apply *apply)
{
    struct hf_book *books = hf_core_books(apply->core);
    for (uint32_t id = 1; id <= apply->core->instruments; id++) {
        if (books[id].phase == HF_PHASE_OPEN || books[id].phase == HF_PHASE_PRE_OPEN) {
            hf_phase_set(apply, &books[id], HF_PHASE_HALTED);
        }
    }
}

static void
apply_epoch(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core *core = apply->core;
    uint64_t grace_ns = (uint64_t)record->epoch.grace_ms * MS_NS;
    if (record->epoch.boot != core->boot) {
        hf_session_disconnect_all(core);
    } else {
        bool fits = grace_ns <= UINT64_MAX - record->time_ns;
        hf_session_await_all(core, fits ? record->time_ns + grace_ns : UINT64_MAX);
    }
    if (record->epoch.boot != core->boot || record->epoch.history != core->history) {
        hf_session_leave_all(core);
    }
    core->epoch = record->epoch.epoch;
    core->history = record->epoch.history;
    core->boot = record->epoch.boot;
    if ((record->flags & HF_EPOCH_HALTS) != 0) {
        halt_all(apply);
    }
}

/** Every message counts in its second of the wall clock: a limit may be set in the midst of one. */
static inline void
count_rate(struct hf_core_session *session, uint64_t time_ns)
{
    if (HF_UNLIKELY(time_ns >= session->rate_end_ns)) {
        session->rate_end_ns = (time_ns / SECOND_NS + 1) * SECOND_NS;
        session->rate_count = 0;
    }
    session->rate_count++;
}

/** The session of a client's command. */
static inline struct hf_core_session *
session_of(const struct hf_core *core, const struct hf_record *record)
{
    HF_ASSERT("C2", record->session <= core->limits.sessions_max);
    struct hf_core_session *session = &hf_core_sessions(core)[record->session];
    HF_ASSERT("C2", session->id != 0);
    return session;
}

/** A command takes its place in the session's numbering. */
static HF_ALWAYS_INLINE void
count_command(struct hf_apply *apply, const struct hf_record *record, uint32_t slots)
{
    struct hf_core_session *session = apply->own;
    apply->command_seq = session->last_seq + 1;
    session->last_seq += slots;
    count_rate(session, record->time_ns);
    session->last_lsn = apply->core->lsn; /* of its last slot */
}

static void
apply_command(struct hf_apply *apply, const struct hf_record *record, const struct hf_record *more)
{
    if (record->session != 0) {
        apply->own = session_of(apply->core, record);
        count_command(apply, record, record->slots);
    } else {
        HF_ASSERT("C2", hf_admin_is_command(record->type));
    }
    switch (record->type) {
    case HF_COMMAND_NEW:
        hf_entry_new(apply, record, more);
        return;
    case HF_COMMAND_CANCEL:
        hf_change_cancel(apply, record);
        return;
    case HF_COMMAND_REPLACE:
        hf_change_replace(apply, record);
        return;
    case HF_COMMAND_REDUCE:
        hf_change_reduce(apply, record);
        return;
    case HF_COMMAND_MASS_CANCEL:
        hf_many_mass_cancel(apply, record);
        return;
    case HF_COMMAND_OPEN_ORDERS:
        hf_many_list(apply, record);
        return;
    default:
        hf_admin_apply(apply, record, more);
    }
}

static void
apply_refused(struct hf_apply *apply, const struct hf_record *record)
{
    HF_ASSERT("C2", record->session != 0);
    apply->own = session_of(apply->core, record);
    count_command(apply, record, record->refused.command_slots);
    hf_emit_rejected(apply, record->session, record->refused.command_type,
                     record->refused.client_order_id, record->refused.reason);
}

static void
apply_daemon(struct hf_apply *apply, const struct hf_record *record)
{
    switch (record->type) {
    case HF_RECORD_GENESIS:
    case HF_RECORD_DIGEST:
    case HF_RECORD_STOP:
        return;
    case HF_RECORD_EPOCH:
        apply_epoch(apply, record);
        return;
    case HF_RECORD_TICK:
        hf_many_expire(apply);
        return;
    case HF_RECORD_OPEN:
        hf_session_open(apply, record);
        return;
    case HF_RECORD_CONNECT:
        hf_session_connect(apply, record);
        return;
    case HF_RECORD_DISCONNECT:
        hf_session_disconnect(apply, record);
        return;
    case HF_RECORD_CLOSE:
        hf_session_close(apply, record);
        return;
    case HF_RECORD_REFUSED:
        apply_refused(apply, record);
        return;
    case HF_RECORD_LOST:
        hf_many_list_lost(apply, record);
        return;
    default:
        HF_PANIC("C1: record type %u", record->type);
    }
}

/** A record takes its place in the log. */
static HF_ALWAYS_INLINE struct hf_apply
begin(struct hf_core *core, struct hf_core_session *own, const struct hf_record *record,
      uint32_t slots, const struct hf_core_sink *sink)
{
    HF_ASSERT("C1", record->lsn == core->lsn + 1);
    core->lsn += slots;
    core->time_ns = record->time_ns;
    return (struct hf_apply){
        .core = core, .sink = sink, .own = own, .lsn = record->lsn, .time_ns = record->time_ns};
}

/* What comes most has a function of its own, with its whole way in it: what calls save and restore on the way
 * would be a tenth of a command. */

static __attribute__((noinline)) void
apply_new(struct hf_core *core, const struct hf_record *record, const struct hf_core_sink *sink)
{
    struct hf_apply apply = begin(core, session_of(core, record), record, 1, sink);
    count_command(&apply, record, 1);
    if (HF_UNLIKELY(!hf_plain_new(&apply, record))) {
        hf_entry_new(&apply, record, NULL);
    }
}

static __attribute__((noinline)) void
apply_cancel(struct hf_core *core, const struct hf_record *record, const struct hf_core_sink *sink)
{
    struct hf_apply apply = begin(core, session_of(core, record), record, 1, sink);
    count_command(&apply, record, 1);
    if (HF_UNLIKELY(!hf_plain_cancel(&apply, record))) {
        hf_change_cancel(&apply, record);
    }
}

static __attribute__((noinline)) void
apply_any(struct hf_core *core, const struct hf_record *record, const struct hf_record *more,
          const struct hf_core_sink *sink)
{
    HF_ASSERT("C1", record->slots == (more == NULL ? 1 : 2));
    struct hf_apply apply = begin(core, hf_core_sessions(core), record, record->slots, sink);
    if (record->type < HF_RECORD_GENESIS) {
        apply_command(&apply, record, more);
    } else {
        apply_daemon(&apply, record);
    }
}

/** A record of this type and one slot. */
static inline bool
is_short(const struct hf_record *record, const struct hf_record *more, uint32_t type)
{
    uint16_t bytes; /* type and slots: one load, one branch */
    memcpy(&bytes, (const char *)record + offsetof(struct hf_record, type), sizeof(bytes));
    return more == NULL && bytes == (type | 1u << 8);
}

HF_STATIC_ASSERT(offsetof(struct hf_record, slots) == offsetof(struct hf_record, type) + 1,
                 "is_short() reads them as one");

void
hf_core_apply(struct hf_core *core, const struct hf_record *record, const struct hf_record *more,
              const struct hf_core_sink *sink)
{
    if (HF_LIKELY(is_short(record, more, HF_COMMAND_NEW))) {
        apply_new(core, record, sink);
    } else if (HF_LIKELY(is_short(record, more, HF_COMMAND_CANCEL))) {
        apply_cancel(core, record, sink);
    } else {
        apply_any(core, record, more, sink);
    }
#ifdef HF_EXPENSIVE_CHECKS
    if (hf_core_audit_is_due(core)) {
        hf_core_audit(core);
    }
#endif
}

uint64_t
hf_core_lsn(const struct hf_core *core)
{
    return core->lsn;
}

uint64_t
hf_core_time(const struct hf_core *core)
{
    return core->time_ns;
}

uint64_t
hf_core_digest(const struct hf_core *core)
{
    return hf_digest_value(&core->digest);
}

uint64_t
hf_core_epoch(const struct hf_core *core)
{
    return core->epoch;
}

uint64_t
hf_core_history(const struct hf_core *core)
{
    return core->history;
}

uint64_t
hf_core_boot(const struct hf_core *core)
{
    return core->boot;
}

uint64_t
hf_core_next_expiry(const struct hf_core *core)
{
    uint32_t order = hf_extra_first_to_expire(core);
    return order == 0 ? UINT64_MAX : hf_extra_of(core, order)->expire_ns;
}

uint64_t
hf_core_market_number(const struct hf_core *core)
{
    return core->market_number;
}

uint64_t
hf_core_trades(const struct hf_core *core)
{
    return core->trades;
}

uint64_t
hf_core_work(const struct hf_core *core)
{
    return core->work;
}

uint32_t
hf_core_open_orders(const struct hf_core *core)
{
    return core->orders.used;
}

uint32_t
hf_core_instruments(const struct hf_core *core)
{
    return core->instruments;
}

const struct hf_engine_limits *
hf_core_limits(const struct hf_core *core)
{
    return &core->limits;
}
