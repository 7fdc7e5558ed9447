/*
 * fake_daemon.h - a small daemon for the tests of the client library: a forked process that serves one
 * session over a real socket and real shared memory, and that does what its script says.
 *
 *   test process ── script (shared) ──► fake: takes commands, answers each with one report
 *        └─ client library ◄══ socket, status, report and command objects ══►┘
 *
 * It knows no books: a NEW is accepted, a REPLACE yields a report of two slots, all else is rejected.
 * Status and report object are made before the fork, so that tests can look at and poke them.
 */
#ifndef HF_TESTS_CLIENT_FAKE_DAEMON_H
#define HF_TESTS_CLIENT_FAKE_DAEMON_H

#include "base/clock.h"
#include "base/futex.h"
#include "shm/broadcast.h"
#include "shm/control.h"
#include "shm/region.h"
#include "shm/ring.h"
#include "shm/session.h"

#include <holdfast/record.h>

#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAKE_INSTANCE_ID 77u
#define FAKE_SESSION_ID 41u
#define FAKE_SLOTS 64u
#define FAKE_CONNECTIONS_MAX 8
#define FAKE_SESSION "alpha"
#define FAKE_BEST_BID                                                                              \
    1000 /* of the pages of LEVELS: a level at each price from here on downwards */
#define FAKE_BEST_ASK 1001 /* and upwards */
#define FAKE_LEVEL_QUANTITY 10u
#define FAKE_ENTITLEMENTS 102u

enum fake_answer {
    FAKE_GOOD,
    FAKE_SHORT,           /* half a message */
    FAKE_SILENT,          /* no answer at all */
    FAKE_HANG_UP,         /* end of file in place of an answer */
    FAKE_BAD_MAGIC,       /* of the answer */
    FAKE_OTHER_TYPE,      /* an answer to something else */
    FAKE_POSITIVE_CODE,   /* a code that is none */
    FAKE_UNKNOWN_CODE,    /* another one */
    FAKE_OTHER_VERSION,   /* of the answer */
    FAKE_NO_OBJECTS,      /* success without descriptors */
    FAKE_TWO_OBJECTS,     /* one is missing */
    FAKE_LONG_STATUS,     /* says that the status object is longer than it is */
    FAKE_SHORT_REPORT,    /* maps less than the header of the report object needs */
    FAKE_SWAPPED_OBJECTS, /* report and command object the wrong way round */
    FAKE_OTHER_SESSION,   /* session id of another session */
    FAKE_OLD_GENERATION,  /* a command object that was taken over */
};

struct fake_script {
    uint32_t open_answer;  /* enum fake_answer, for OPEN and HELLO */
    int32_t open_code;     /* refusal of OPEN, HELLO, DEPTH */
    int32_t reattach_code; /* refusal of REATTACH */
    int32_t close_code;
    uint64_t take_limit; /* commands with a higher seq stay in the ring */
    uint32_t hold_durable;
    uint32_t ignore_reports; /* take commands, publish nothing */
    uint32_t park;           /* sleep on the doorbell for seconds when idle */
    uint32_t no_heartbeat;
    uint32_t keep_parked_client; /* never wake a sleeping client */
    int32_t market_answer;       /* enum fake_answer, for MARKET */
    int32_t levels_code;         /* refusal of LEVELS */
    uint32_t levels_unknown;     /* an instrument that LEVELS does not know */
    uint32_t levels;             /* of each side of instrument 2 */
    uint64_t levels_number;      /* as of which they hold */
    uint64_t levels_lsn;
    /* the fake writes */
    uint32_t reattached;
    uint32_t disconnects;
    uint32_t doorbells;
    uint32_t woken; /* sleeping clients that a wake found */
    uint64_t wish_seen;
    uint64_t taken;
    uint32_t pages; /* of LEVELS, answered */
};

struct fake {
    struct fake_script *script;
    struct hf_region status_region;
    struct hf_region report_region;
    struct hf_region market_region;
    struct hf_broadcast_writer market; /* the test writes the ring */
    struct hf_status *status;
    struct hf_report_object *report;
    pid_t pid;
    char instance[HF_NAME_BYTES];
    char path[64];
};

/* What only the forked process has. */
struct fake_engine {
    struct fake *fake;
    struct hf_region command_region;
    struct hf_command_object *command;
    struct hf_ring_consumer commands;
    struct hf_ring_producer reports;
    int listener;
    int holder; /* connection that holds the session */
    struct pollfd connections[FAKE_CONNECTIONS_MAX];
    unsigned connection_count;
};

static struct hf_session_spec
fake_spec(const struct fake *fake, uint64_t generation, uint64_t first_seq, uint64_t first_report)
{
    return (struct hf_session_spec){.instance = fake->instance,
                                    .session = FAKE_SESSION,
                                    .instance_id = FAKE_INSTANCE_ID,
                                    .slot = 1,
                                    .command_slots = FAKE_SLOTS,
                                    .report_slots = FAKE_SLOTS,
                                    .generation = generation,
                                    .first_seq = first_seq,
                                    .first_report = first_report};
}

static void
fake_rings_init(struct fake_engine *engine)
{
    struct hf_report_object *report = engine->fake->report;
    engine->command = (struct hf_command_object *)engine->command_region.base;
    uint64_t tail = hf_load_acquire(&report->command_tail);
    uint64_t run = hf_ring_published(hf_session_slots(report), FAKE_SLOTS,
                                     hf_load_acquire(&report->report_head) + 1);
    hf_ring_consumer_init(&engine->commands, hf_session_slots(engine->command), FAKE_SLOTS,
                          &report->command_tail, tail + 1);
    hf_ring_producer_init(&engine->reports, hf_session_slots(report), FAKE_SLOTS,
                          &report->report_head, &engine->command->report_tail, run + 1);
}

/* A client opens: a new command object that goes on where the old one ended. */
static void
fake_takeover(struct fake_engine *engine)
{
    struct fake *fake = engine->fake;
    uint64_t tail = hf_load_acquire(&fake->report->command_tail);
    uint64_t released = hf_load_acquire(&fake->report->report_head);
    uint64_t last = tail;
    struct hf_region old = engine->command_region;
    if (engine->command != NULL) {
        released = hf_load_acquire(&engine->command->report_tail);
        last = hf_ring_published(hf_session_slots(engine->command), FAKE_SLOTS, tail + 1);
    }
    fake->report->generation++;
    struct hf_session_spec spec = fake_spec(fake, fake->report->generation, tail + 1, released + 1);
    if (hf_command_object_create(&engine->command_region, &spec) != HF_OK) {
        _exit(3);
    }
    /* What the old object still held moves over; the real daemon drains it instead. */
    struct hf_slot *to = (struct hf_slot *)hf_session_slots(engine->command_region.base);
    for (uint64_t seq = tail + 1; seq <= last; seq++) {
        const struct hf_slot *from = (const struct hf_slot *)hf_session_slots(old.base);
        to[seq % FAKE_SLOTS] = from[seq % FAKE_SLOTS];
    }
    hf_region_unlink(old.name);
    hf_region_detach(&old);
    fake_rings_init(engine);
}

static void
fake_wake_client(struct fake_engine *engine, const uint64_t *word)
{
    if (hf_load_seq_cst(&engine->command->parked) != 0 &&
        !engine->fake->script->keep_parked_client) {
        long woken = syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
        engine->fake->script->woken += woken > 0 ? (uint32_t)woken : 0;
    }
}

static void
fake_report(struct fake_engine *engine, const struct hf_command *command, uint64_t lsn)
{
    struct hf_report slots[2];
    memset(slots, 0, sizeof(slots));
    unsigned count = command->type == HF_COMMAND_REPLACE ? 2 : 1;
    slots[0] = (struct hf_report){.lsn = lsn,
                                  .slots = (uint8_t)count,
                                  .client_order_id = command->client_order_id,
                                  .price = command->price,
                                  .quantity = command->quantity,
                                  .command_seq = command->seq};
    slots[0].type = command->type == HF_COMMAND_NEW       ? HF_REPORT_ACCEPTED
                    : command->type == HF_COMMAND_REPLACE ? HF_REPORT_REPLACED
                                                          : HF_REPORT_REJECTED;
    if (slots[0].type == HF_REPORT_REJECTED) {
        slots[0].reason = HF_REASON_UNKNOWN_ORDER;
        slots[0].command_type = command->type;
    }
    struct hf_report_more *more = (struct hf_report_more *)(void *)&slots[1];
    more->lsn = lsn;
    more->type = HF_REPORT_MORE;
    more->order_id = 5;
    more->total = command->quantity;
    hf_ring_publish_copy(&engine->reports, slots, count);
    hf_ring_announce(&engine->reports);
    fake_wake_client(engine, &engine->fake->report->report_head);
}

/* Steps 1 to 5 of one command. */
static bool
fake_take(struct fake_engine *engine)
{
    struct fake *fake = engine->fake;
    struct hf_command command;
    const struct hf_slot *slot = hf_ring_peek(&engine->commands);
    if (slot == NULL || engine->commands.next > hf_load_acquire(&fake->script->take_limit) ||
        hf_ring_claim(&engine->reports, 2) != HF_OK) {
        return false;
    }
    memcpy(&command, slot, sizeof(command));
    uint64_t lsn = fake->status->sequenced_lsn + 1;
    hf_store_release(&fake->status->sequenced_lsn, lsn);
    if (!fake->script->ignore_reports) {
        fake_report(engine, &command, lsn);
    }
    hf_store_release(&fake->report->sequenced_lsn, lsn);
    hf_ring_advance(&engine->commands, 1);
    hf_ring_release(&engine->commands);
    hf_store_release(&fake->script->taken, command.seq);
    return true;
}

static void
fake_flush(struct fake_engine *engine)
{
    struct hf_status *status = engine->fake->status;
    if (engine->command != NULL) {
        engine->fake->script->wish_seen = hf_load_acquire(&engine->command->durable_wish);
    }
    if (!hf_load_acquire(&engine->fake->script->hold_durable) &&
        status->durable_lsn != status->sequenced_lsn) {
        hf_store_release(&status->written_lsn, status->sequenced_lsn);
        hf_store_seq_cst(&status->durable_lsn, status->sequenced_lsn);
        if (engine->command != NULL) {
            fake_wake_client(engine, &status->durable_lsn);
        }
    }
}

/* Which objects an OPEN passes, and what it says of them. */
static unsigned
fake_objects(struct fake_engine *engine, struct hf_control_answer *answer, int *fds)
{
    struct fake *fake = engine->fake;
    fds[0] = hf_region_reader_fd(&fake->status_region);
    if (answer->type == HF_CONTROL_HELLO) {
        answer->status_bytes =
            fake->status_region.len_bytes * (fake->script->open_answer == FAKE_LONG_STATUS ? 2 : 1);
        return fake->script->open_answer == FAKE_NO_OBJECTS ? 0 : 1;
    }
    fds[1] = hf_region_reader_fd(&fake->report_region);
    fds[2] = dup(engine->command_region.fd);
    answer->status_bytes = fake->status_region.len_bytes;
    answer->report_bytes = fake->report_region.len_bytes;
    answer->command_bytes = engine->command_region.len_bytes;
    switch (fake->script->open_answer) {
    case FAKE_NO_OBJECTS:
        return 0;
    case FAKE_TWO_OBJECTS:
        return 2;
    case FAKE_LONG_STATUS:
        answer->status_bytes *= 2;
        break;
    case FAKE_SHORT_REPORT:
        answer->report_bytes = HF_SESSION_SLOTS_OFFSET;
        break;
    case FAKE_SWAPPED_OBJECTS: {
        int fd = fds[1];
        fds[1] = fds[2];
        fds[2] = fd;
        break;
    }
    default:
        break;
    }
    return 3;
}

static void
fake_spoil(const struct fake_script *script, struct hf_control_answer *answer)
{
    switch (script->open_answer) {
    case FAKE_BAD_MAGIC:
        answer->magic++;
        break;
    case FAKE_OTHER_TYPE:
        answer->type = HF_CONTROL_DEPTH;
        break;
    case FAKE_POSITIVE_CODE:
        answer->code = 5;
        break;
    case FAKE_UNKNOWN_CODE:
        answer->code = HF_LAPPED - 1;
        break;
    case FAKE_OTHER_VERSION:
        answer->version = HF_PROTOCOL_VERSION + 1;
        break;
    case FAKE_OTHER_SESSION:
        answer->session_id++;
        break;
    default:
        break;
    }
}

static void
fake_send(const struct fake_script *script, int fd, const struct hf_control_answer *answer,
          int *fds, unsigned fd_count)
{
    size_t len_bytes = script->open_answer == FAKE_SHORT ? sizeof(*answer) / 2 : sizeof(*answer);
    if (script->open_answer == FAKE_HANG_UP) {
        (void)shutdown(fd, SHUT_RDWR);
    } else if (script->open_answer != FAKE_SILENT) {
        (void)hf_control_send(fd, answer, len_bytes, fds, fd_count);
    }
}

static void
fake_open(struct fake_engine *engine, int fd, struct hf_control_answer *answer)
{
    struct fake *fake = engine->fake;
    int fds[3] = {-1, -1, -1};
    unsigned fd_count = 0;
    answer->code = fake->script->open_code;
    if (answer->code != HF_OK) {
        (void)snprintf(answer->text, sizeof(answer->text), "refused with %d", answer->code);
    } else {
        answer->resumed = fake->report->command_tail != 0;
        if (answer->type == HF_CONTROL_OPEN) {
            fake_takeover(engine);
            if (fake->script->open_answer == FAKE_OLD_GENERATION) {
                engine->command->generation--;
            }
            engine->holder = fd;
        }
        fd_count = fake_objects(engine, answer, fds);
    }
    fake_spoil(fake->script, answer);
    fake_send(fake->script, fd, answer, fds, fd_count);
    for (unsigned i = 0; i < 3; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

static void
fake_depth(const struct fake_script *script, const struct hf_control_request *request,
           struct hf_control_answer *answer)
{
    answer->code = request->instrument == 2 ? script->open_code : HF_E_UNKNOWN;
    answer->lsn = 9;
    answer->bid_count = request->first < 3 ? request->first : 3;
    answer->ask_count = request->first < 2 ? request->first : 2;
    for (uint32_t i = 0; i < 3; i++) {
        answer->bids[i] = (struct hf_depth_level){.price = 100 - (int64_t)i, .quantity = i + 1};
        answer->asks[i] = (struct hf_depth_level){.price = 101 + (int64_t)i, .quantity = i + 1};
    }
}

/* Forty sessions: two messages. */
static void
fake_sessions(const struct hf_control_request *request, struct hf_control_answer *answer)
{
    uint32_t first = request->first == 0 ? 1 : request->first;
    for (uint32_t slot = first; slot <= 40 && answer->row_count < HF_SESSION_ROWS_MAX; slot++) {
        struct hf_session_row *row = &answer->rows[answer->row_count++];
        row->session = slot;
        row->session_id = 1000 + slot;
        (void)snprintf(row->name, sizeof(row->name), "session%u", slot);
    }
    answer->next_slot = first + answer->row_count <= 40 ? first + answer->row_count : 0;
}

/* A hundred names with limits: two messages. */
static void
fake_limits(const struct hf_control_request *request, struct hf_control_answer *answer)
{
    uint32_t at = request->first;
    for (; at < 100 && answer->row_count < HF_LIMITS_ROWS_MAX; at++) {
        struct hf_limits_row *row = &answer->limits[answer->row_count++];
        *row = (struct hf_limits_row){.rate_max = at, .orders_max = 2 * at, .killed = 1};
        (void)snprintf(row->name, sizeof(row->name), "limited%u", at);
    }
    answer->next_slot = at < 100 ? at : 0;
}

/* Account N of session N, a hundred times; then alpha's: instrument 2, and user 0. Two messages. */
static void
fake_entitlements(const struct hf_control_request *request, struct hf_control_answer *answer)
{
    static const struct hf_entitlement_row last[] = {
        {.kind = HF_ENTITLE_INSTRUMENT, .id = 2, .name = "alpha"},
        {.kind = HF_ENTITLE_USER, .id = 0, .name = "alpha"},
    };
    uint32_t at = request->first;
    for (; at < FAKE_ENTITLEMENTS && answer->row_count < HF_ENTITLEMENT_ROWS_MAX; at++) {
        struct hf_entitlement_row *row = &answer->entitlements[answer->row_count++];
        if (at >= 100) {
            *row = last[at - 100];
            continue;
        }
        row->kind = HF_ENTITLE_ACCOUNT;
        row->id = at;
        (void)snprintf(row->name, sizeof(row->name), "session%u", at);
    }
    answer->next_slot = at < FAKE_ENTITLEMENTS ? at : 0;
}

/* Account 7 has settings. */
static void
fake_account(const struct hf_control_request *request, struct hf_control_answer *answer)
{
    answer->code = request->first == 7 ? HF_OK : HF_E_UNKNOWN;
    answer->account = (struct hf_account_row){
        .account = 7, .group = 3, .self_trade = HF_SELF_TRADE_CANCEL_BOTH, .notional_max = 5000};
}

/* The one level at this price; orders that are as many as its distance from the best, and one. */
static void
fake_page(const struct fake_script *script, const struct hf_control_request *request,
          struct hf_control_answer *answer)
{
    bool bids = request->side == HF_BUY;
    for (uint32_t i = 0; i < script->levels && answer->level_count < request->first; i++) {
        int64_t price = bids ? FAKE_BEST_BID - (int64_t)i : FAKE_BEST_ASK + (int64_t)i;
        if (bids ? price < request->price : price > request->price) {
            answer->levels[answer->level_count++] = (struct hf_depth_level){
                .price = price, .quantity = FAKE_LEVEL_QUANTITY * (i + 1), .orders = i + 1};
        }
    }
}

static void
fake_levels(struct fake_script *script, const struct hf_control_request *request,
            struct hf_control_answer *answer)
{
    answer->code =
        request->instrument == script->levels_unknown ? HF_E_UNKNOWN : script->levels_code;
    answer->market_number = script->levels_number;
    answer->lsn = script->levels_lsn;
    answer->phase = HF_PHASE_OPEN;
    if (answer->code == HF_OK && request->instrument == 2) {
        fake_page(script, request, answer);
    }
    hf_store_release(&script->pages, script->pages + 1);
}

static void
fake_market(const struct fake *fake, int fd, struct hf_control_answer *answer)
{
    int fds[2] = {hf_region_reader_fd(&fake->status_region),
                  hf_region_reader_fd(&fake->market_region)};
    unsigned fd_count = fake->script->market_answer == FAKE_NO_OBJECTS ? 1 : 2;
    answer->status_bytes = fake->status_region.len_bytes;
    answer->market_bytes = fake->market_region.len_bytes;
    if (fake->script->market_answer == FAKE_SWAPPED_OBJECTS) {
        int other = fds[0];
        fds[0] = fds[1];
        fds[1] = other;
    }
    answer->code = fake->script->open_code;
    (void)snprintf(answer->text, sizeof(answer->text), "refused with %d", answer->code);
    (void)hf_control_send(fd, answer, sizeof(*answer), fds, fd_count);
    close(fds[0]);
    close(fds[1]);
}

static void
fake_answer(struct fake_engine *engine, int fd, const struct hf_control_request *request)
{
    struct fake *fake = engine->fake;
    struct hf_control_answer answer;
    memset(&answer, 0, sizeof(answer));
    answer.magic = HF_CONTROL_MAGIC;
    answer.version = HF_PROTOCOL_VERSION;
    answer.type = request->type;
    answer.session_id = FAKE_SESSION_ID;
    answer.session = 1;
    switch (request->type) {
    case HF_CONTROL_HELLO:
    case HF_CONTROL_OPEN:
        fake_open(engine, fd, &answer);
        return;
    case HF_CONTROL_REATTACH:
        answer.code = request->generation != fake->report->generation ? HF_E_SESSION
                                                                      : fake->script->reattach_code;
        if (answer.code == HF_OK) {
            engine->holder = fd;
            fake->script->reattached++;
        }
        break;
    case HF_CONTROL_CLOSE:
        answer.code = fake->script->close_code;
        if (answer.code == HF_OK) {
            hf_store_release(&fake->report->state, HF_SESSION_CLOSED);
        }
        break;
    case HF_CONTROL_DEPTH:
        fake_depth(fake->script, request, &answer);
        break;
    case HF_CONTROL_SESSIONS:
        fake_sessions(request, &answer);
        break;
    case HF_CONTROL_ENTITLEMENTS:
        fake_entitlements(request, &answer);
        break;
    case HF_CONTROL_LIMITS:
        fake_limits(request, &answer);
        break;
    case HF_CONTROL_ACCOUNT:
        fake_account(request, &answer);
        break;
    case HF_CONTROL_MARKET:
        fake_market(fake, fd, &answer);
        return;
    case HF_CONTROL_LEVELS:
        fake_levels(fake->script, request, &answer);
        break;
    default:
        answer.code = HF_E_PROTOCOL;
        break;
    }
    (void)hf_control_send(fd, &answer, sizeof(answer), NULL, 0);
}

static void
fake_hang_up(struct fake_engine *engine, unsigned index)
{
    if (engine->connections[index].fd == engine->holder) {
        engine->fake->script->disconnects++;
        engine->holder = -1;
    }
    close(engine->connections[index].fd);
    engine->connections[index] = engine->connections[--engine->connection_count];
}

static void
fake_serve(struct fake_engine *engine)
{
    struct hf_control_request request;
    int fd = engine->connection_count < FAKE_CONNECTIONS_MAX
                 ? accept4(engine->listener, NULL, NULL, SOCK_CLOEXEC)
                 : -1;
    if (fd >= 0) {
        engine->connections[engine->connection_count++] =
            (struct pollfd){.fd = fd, .events = POLLIN};
    }
    if (poll(engine->connections, engine->connection_count, 0) <= 0) {
        return;
    }
    for (unsigned i = engine->connection_count; i-- > 0;) {
        if (engine->connections[i].revents == 0) {
            continue;
        }
        int client = engine->connections[i].fd;
        if (hf_control_receive(client, &request, sizeof(request), NULL, NULL) == HF_OK) {
            fake_answer(engine, client, &request);
        } else {
            fake_hang_up(engine, i);
        }
    }
}

/* As the engine parks: announce it, look a last time, sleep until the doorbell changes. */
static void
fake_park(struct fake_engine *engine)
{
    struct fake *fake = engine->fake;
    if (!hf_load_acquire(&fake->script->park) || engine->command == NULL) {
        hf_clock_sleep_ns(50000);
        return;
    }
    uint32_t before = hf_load_seq_cst(&engine->command->doorbell);
    hf_store_seq_cst(&fake->status->parked, 1);
    if (hf_ring_peek(&engine->commands) == NULL || hf_ring_claim(&engine->reports, 2) != HF_OK) {
        (void)hf_futex_wait(&engine->command->doorbell, before, UINT64_C(10000000000));
    }
    hf_store_seq_cst(&fake->status->parked, 0);
    if (hf_load_seq_cst(&engine->command->doorbell) != before) {
        fake->script->doorbells++;
    }
}

static _Noreturn void
fake_run(struct fake *fake, int listener)
{
    struct fake_engine engine = {.fake = fake, .listener = listener, .holder = -1};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    fake->status->epoch++;
    fake->status->pid = (uint64_t)getpid();
    fake->status->pid_start = hf_process_start(fake->status->pid);
    engine.command_region.fd = -1;
    if (fake->report->generation != 0) { /* a restart: the session's objects are there */
        char name[HF_REGION_NAME_BYTES];
        hf_session_command_name(name, fake->instance, FAKE_SESSION, fake->report->generation);
        if (hf_region_open(&engine.command_region, name, true) != HF_OK) {
            _exit(2);
        }
        fake_rings_init(&engine);
    }
    hf_store_release(&fake->status->heartbeat_ns, hf_clock_monotonic_ns());
    hf_store_release(&fake->status->state, HF_STATE_RUNNING);
    for (;;) {
        if (!hf_load_acquire(&fake->script->no_heartbeat)) {
            hf_store_release(&fake->status->heartbeat_ns, hf_clock_monotonic_ns());
        }
        fake_serve(&engine);
        bool worked = engine.command != NULL && fake_take(&engine);
        fake_flush(&engine);
        if (!worked) {
            fake_park(&engine);
        }
    }
}

/* Start the process, the first or the next one of the instance. */
static void
fake_start(struct fake *fake)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", fake->path);
    (void)unlink(fake->path);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 8) != 0) {
        abort();
    }
    fflush(NULL);
    fake->pid = fork();
    if (fake->pid == 0) {
        fake_run(fake, listener);
    }
    close(listener);
}

/* kill -9 */
static void
fake_kill(struct fake *fake)
{
    (void)kill(fake->pid, SIGKILL);
    (void)waitpid(fake->pid, NULL, 0);
    fake->pid = -1;
}

static void
fake_make_status(struct fake *fake)
{
    char name[HF_REGION_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "/holdfast.%s.status", fake->instance);
    if (hf_region_create(&fake->status_region, name, HF_STATUS_PAGE_BYTES + 4096) != HF_OK) {
        abort();
    }
    fake->status = (struct hf_status *)fake->status_region.base;
    fake->status->version = HF_PROTOCOL_VERSION;
    fake->status->instruments_max = 4096 / sizeof(struct hf_instrument_info);
    fake->status->bytes = fake->status_region.len_bytes;
    fake->status->instance_id = FAKE_INSTANCE_ID;
    fake->status->history = 1;
    memcpy(fake->status->instance, fake->instance, sizeof(fake->instance));
    struct hf_instrument_info *table =
        (struct hf_instrument_info *)(void *)((char *)fake->status + HF_STATUS_PAGE_BYTES);
    table[0] = (struct hf_instrument_info){.id = 1, .symbol = "REUSED", .tick = 1};
    table[1] = (struct hf_instrument_info){.id = 2,
                                           .symbol = "ACME",
                                           .tick = 5,
                                           .lot = 1,
                                           .price_min = 1,
                                           .price_max = HF_PRICE_MAX - 1,
                                           .quantity_max = HF_QUANTITY_MAX,
                                           .phase = 1};
    table[2] =
        (struct hf_instrument_info){.id = 3, .symbol = "SIXTEENBYTESYM.", .tick = 1, .phase = 1};
    table[3] = (struct hf_instrument_info){.id = 4, .symbol = "REUSED", .tick = 7, .phase = 1};
    table[4] = (struct hf_instrument_info){.id = 5, .symbol = "REMOVED", .tick = 1};
    fake->status->instruments = 5;
    hf_store_release(&fake->status->magic, HF_STATUS_MAGIC);
}

/* A ring, the first or another one, that begins behind a number. Made before the process starts. */
static inline void
fake_make_market(struct fake *fake, uint64_t first_number)
{
    const struct hf_broadcast_spec spec = {.instance = fake->instance,
                                           .instance_id = FAKE_INSTANCE_ID,
                                           .first_number = first_number,
                                           .slots = FAKE_SLOTS};
    char name[HF_REGION_NAME_BYTES];
    hf_broadcast_name(name, fake->instance);
    hf_region_detach(&fake->market_region);
    (void)hf_region_unlink(name);
    if (hf_broadcast_create(&fake->market_region, &spec) != HF_OK) {
        abort();
    }
    hf_broadcast_writer_init(&fake->market, &fake->market_region, first_number);
}

static struct fake
fake_create(void)
{
    struct fake fake = {.pid = -1};
    (void)snprintf(fake.instance, sizeof(fake.instance), "fake%d", (int)getpid());
    (void)snprintf(fake.path, sizeof(fake.path), "/tmp/holdfast.%s.sock", fake.instance);
    fake.script = (struct fake_script *)mmap(NULL, sizeof(*fake.script), PROT_READ | PROT_WRITE,
                                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fake.script->take_limit = UINT64_MAX;
    fake_make_status(&fake);
    struct hf_session_spec spec = fake_spec(&fake, 0, 1, 1);
    if (hf_report_object_create(&fake.report_region, &spec) != HF_OK) {
        abort();
    }
    fake.report = (struct hf_report_object *)fake.report_region.base;
    fake.report->session_id = FAKE_SESSION_ID;
    fake_make_market(&fake, 1);
    return fake;
}

static void
fake_unlink(void *context, const char *name)
{
    (void)context;
    (void)hf_region_unlink(name);
}

static void
fake_destroy(struct fake *fake)
{
    char prefix[64];
    if (fake->pid > 0) {
        fake_kill(fake);
    }
    (void)snprintf(prefix, sizeof(prefix), "/holdfast.%s.", fake->instance);
    (void)hf_region_list(prefix, fake_unlink, NULL);
    (void)unlink(fake->path);
    hf_region_detach(&fake->status_region);
    hf_region_detach(&fake->report_region);
    hf_region_detach(&fake->market_region);
    (void)munmap(fake->script, sizeof(*fake->script));
}

#endif
