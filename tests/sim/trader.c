/* trader.c - what clients do, and what they may expect (trader.h). */
#include "sim/trader.h"

#include "sim/hostile.h"
#include "sim/oracle.h"
#include "sim/orders.h"
#include "sim/world.h"

#include "client/gap.h"
#include "wal/wal.h"

#include <holdfast/client.h>
#include <string.h>

#define COMMANDS_MAX 8192u
#define RING_SLOTS 64u
#define OPEN_NS 20000000u
#define ASLEEP_PER_100 98

struct trader {
    struct hf_client *client; /**< NULL: not connected */
    bool stale;               /**< to memory that was given up */
    uint64_t session_id;      /**< 0: no session that it knows of */
    uint64_t confirmed;       /**< hf_submit() returned success up to this seq */
    uint64_t intended;        /**< and was about to submit up to this one */
    uint64_t released;        /**< reports up to this number will not come again */
    uint64_t next_report;
    struct hf_command commands[COMMANDS_MAX]; /**< by seq */
    struct orders orders;
};

static struct trader traders[SIM_CLIENTS + 1]; /**< by process */

void
trader_reset(void)
{
    for (int process = 1; process <= SIM_CLIENTS; process++) {
        struct trader *trader = &traders[process];
        trader->client = NULL;
        trader->stale = false;
        trader->session_id = 0;
        trader->confirmed = trader->intended = trader->released = 0;
        trader->next_report = 1;
        orders_reset(&trader->orders);
    }
    hostile_reset();
}

void
trader_killed(int process)
{
    traders[process].client = NULL;
    if (hostile_is(process)) {
        hostile_killed();
    }
}

void
trader_power_cut(void)
{
    for (int process = 1; process <= SIM_CLIENTS; process++) {
        traders[process].client = NULL;
    }
    hostile_killed();
}

void
trader_memory_abandoned(void)
{
    for (int process = 1; process <= SIM_CLIENTS; process++) {
        traders[process].stale = traders[process].client != NULL;
    }
}

void
trader_resume_from_log(void)
{
    for (int process = 1; process <= SIM_CLIENTS; process++) {
        struct trader *trader = &traders[process];
        struct oracle_session session = {0};
        (void)oracle_session(process, &session);
        trader->session_id = session.id;
        trader->confirmed = trader->intended = session.last_seq;
        trader->released = session.last_report; /* of this memory: what it begins with is told */
        trader->next_report = 0;
    }
}

void
trader_session_opened(int process, uint64_t session_id)
{
    struct trader *trader = &traders[process];
    trader->session_id = session_id;
    trader->confirmed = trader->intended = trader->released = 0;
    trader->next_report = 1;
}

/* P1 */

static void
check_seq(const struct trader *trader, int process, uint64_t seq, uint64_t lsn)
{
    if (seq > trader->intended) {
        sim_violation("P1: LSN %llu is command %llu of client %d, which submitted only %llu",
                      (unsigned long long)lsn, (unsigned long long)seq, process,
                      (unsigned long long)trader->intended);
    }
}

void
trader_check_sequenced(int process, uint64_t seq, const struct hf_record *record)
{
    const struct trader *trader = &traders[process];
    if (hostile_is(process)) {
        return; /* what stood there when it was read is what it submitted */
    }
    check_seq(trader, process, seq, record->lsn);
    const char *command = (const char *)&trader->commands[seq];
    if (memcmp((const char *)record + 24, command + 24, sizeof(*record) - 24) != 0) {
        sim_violation("P1: LSN %llu is not the command %llu that client %d submitted",
                      (unsigned long long)record->lsn, (unsigned long long)seq, process);
    }
}

void
trader_check_refused(int process, uint64_t seq, const struct hf_record *record)
{
    const struct trader *trader = &traders[process];
    if (hostile_is(process)) {
        return;
    }
    check_seq(trader, process, seq, record->lsn);
    const struct hf_command *command = &trader->commands[seq];
    bool deserved = hf_command_check(command) == record->refused.reason ||
                    record->refused.reason == HF_REASON_DISK_LOW;
    if (!deserved || record->refused.command_type != command->type ||
        record->refused.client_order_id != command->client_order_id) {
        sim_violation("P1: LSN %llu refuses command %llu of client %d, which deserved it not",
                      (unsigned long long)record->lsn, (unsigned long long)seq, process);
    }
}

/* Turns */

/** What a session that was opened again says of itself, against what we know. */
static void
check_facts(struct trader *trader, int process)
{
    struct hf_session_facts facts;
    hf_facts(trader->client, &facts);
    if (facts.session_id != trader->session_id) {
        sim_violation("client %d is given session %llu in place of its %llu", process,
                      (unsigned long long)facts.session_id, (unsigned long long)trader->session_id);
    }
    if (facts.last_submitted < trader->confirmed || facts.last_submitted > trader->intended) {
        sim_violation("P1: client %d submitted %llu (or was about to: %llu), but is told %llu",
                      process, (unsigned long long)trader->confirmed,
                      (unsigned long long)trader->intended,
                      (unsigned long long)facts.last_submitted);
    }
    bool fresh = trader->next_report == 0; /* after a reboot */
    uint64_t most = fresh ? UINT64_MAX : trader->next_report - 1;
    if (facts.last_released < (fresh ? 0 : trader->released) || facts.last_released > most) {
        sim_violation("P2: client %d released %llu, but is told %llu", process,
                      (unsigned long long)trader->released,
                      (unsigned long long)facts.last_released);
    }
    trader->confirmed = trader->intended = facts.last_submitted;
    trader->released = facts.last_released;
    trader->next_report = facts.last_released + 1;
}

struct hf_client_options
trader_options(int process, const char *name)
{
    return (struct hf_client_options){
        .size = sizeof(struct hf_client_options),
        .socket_path = SIM_SOCKET,
        .session = name,
        .flags = (sim_world.params.durable_sessions ? (uint32_t)HF_OPEN_DURABLE : 0u) |
                 (process == 2 ? (uint32_t)HF_OPEN_CANCEL_ON_DISCONNECT : 0u),
        .command_slots = RING_SLOTS,
        .report_slots = RING_SLOTS,
        .timeout_ns = OPEN_NS,
    };
}

static void
open_session(struct trader *trader, int process)
{
    const char name[] = {(char)('a' + process - 1), '\0'};
    const struct hf_client_options options = trader_options(process, name);
    struct hf_client *client;
    if (!sim_world.alive[process]) {
        sim_process_begin(process);
    }
    int code = hf_open(&client, &options);
    sim_trace("open: %s %s", hf_error_name(code), code == HF_OK ? "" : hf_open_error());
    if (code != HF_OK) {
        return; /* no daemon, or it was killed, or it halted: another time */
    }
    trader->client = client;
    trader->stale = false;
    oracle_observe();
    check_facts(trader, process);
}

static void
leave(struct trader *trader, int process)
{
    struct hf_client *client = trader->client;
    trader->client = NULL;
    hf_detach(client);
    sim_process_end(process);
}

static bool
is_halted(const struct trader *trader)
{
    struct hf_status status;
    hf_status(trader->client, &status);
    return status.state == HF_STATE_HALTED;
}

static void
submit(struct trader *trader, int process)
{
    uint64_t first = trader->confirmed + 1;
    unsigned slots = orders_make(&trader->orders, &trader->commands[first]);
    uint64_t seq = 0;
    bool halted = is_halted(trader);
    if (first + slots >= COMMANDS_MAX) {
        return;
    }
    trader->intended = trader->confirmed + slots;
    int code = hf_submit(trader->client, &trader->commands[first], &seq);
    if (code != HF_OK) {
        trader->intended = trader->confirmed;
        return;
    }
    sim_trace("submits %llu", (unsigned long long)seq);
    if (halted || seq != first) {
        sim_violation("P1: client %d submits %llu and is told %llu%s", process,
                      (unsigned long long)first, (unsigned long long)seq,
                      halted ? ", although the daemon had halted" : "");
    }
    trader->confirmed = trader->intended;
}

/** A wish for a flush; in memory mode there is none. */
static void
wish_durable(struct trader *trader, int process, uint64_t lsn)
{
    bool never = sim_world.params.mode == HF_WAL_MEMORY;
    int code = hf_wait_durable_lsn(trader->client, lsn, 0);
    oracle_observe();
    if (code == HF_OK ? lsn > oracle_durable() : (code == HF_E_ARGUMENT) != never) {
        sim_violation("P3: client %d reads of LSN %llu, and is told %s of its durability", process,
                      (unsigned long long)lsn, hf_error_name(code));
    }
}

static void
read_reports(struct trader *trader, int process)
{
    const struct hf_report *report;
    for (uint64_t left = sim_below(32); left > 0; left--) {
        report = hf_peek(trader->client);
        if (report == NULL) {
            break;
        }
        if (report->number != trader->next_report) {
            sim_violation("P2: client %d reads report %llu in place of %llu", process,
                          (unsigned long long)report->number,
                          (unsigned long long)trader->next_report);
        }
        oracle_report_read(process, report, hf_more(trader->client, report));
        if (sim_below(1000) < sim_world.params.wish_per_1000) {
            wish_durable(trader, process, report->lsn);
        }
        sim_world.counts.gap_reports += hf_client_gap_holds(trader->client, report);
        trader->next_report += report->slots;
        hf_next(trader->client);
    }
    if (sim_below(4) != 0) {
        hf_release(trader->client);
        trader->released = trader->next_report - 1;
    }
}

/** It was away, and the log of what it missed has been removed since; or it fell behind by too much. */
static void
pass_lost(struct trader *trader, int process)
{
    struct hf_session_facts facts;
    hf_facts(trader->client, &facts);
    sim_trace("reports %llu to %llu are lost", (unsigned long long)facts.lost_first,
              (unsigned long long)facts.lost_last);
    bool ordered = facts.lost_first == trader->next_report && facts.lost_last >= facts.lost_first;
    bool far = facts.lost_last - facts.lost_first >= sim_world.params.lag_max;
    if (!ordered || (sim_world.params.keep_bytes == 0 && !far)) {
        sim_violation(
            "P2: client %d, which expects report %llu, is told that %llu to %llu are lost", process,
            (unsigned long long)trader->next_report, (unsigned long long)facts.lost_first,
            (unsigned long long)facts.lost_last);
    }
    sim_world.counts.reports_lost += facts.lost_last - facts.lost_first + 1;
    trader->next_report = facts.lost_last + 1;
}

static void
look_after(struct trader *trader, int process)
{
    int code = hf_maintain(trader->client);
    if (code == HF_LOST) {
        pass_lost(trader, process);
    }
    if (code == HF_E_SESSION || code == HF_E_HISTORY) {
        sim_trace("session is gone: %s", hf_error_name(code));
        leave(trader, process);
    }
}

static void
close_session(struct trader *trader, int process)
{
    if (hf_close(trader->client) == HF_OK) {
        trader->client = NULL;
        trader->session_id = 0;
        sim_process_end(process);
    }
}

/** O7 */
static void
try_abandoned(struct trader *trader, int process)
{
    struct hf_command command = {
        .type = HF_COMMAND_MASS_CANCEL, .slots = 1, .instrument = 1, .account = 1};
    uint64_t seq = 0;
    if (hf_submit(trader->client, &command, &seq) == HF_OK) {
        sim_violation("P1: client %d submits %llu into memory that was given up", process,
                      (unsigned long long)seq);
    }
    look_after(trader, process);
}

static uint32_t
lazy_per_100(int process)
{
    bool asleep = sim_world.params.asleep && process == SIM_CLIENTS;
    return asleep ? ASLEEP_PER_100 : sim_world.params.lazy_per_100;
}

void
trader_step(void *context)
{
    const struct trader_turn *turn = context;
    struct trader *trader = &traders[turn->process];
    if (hostile_is(turn->process)) {
        hostile_step(turn);
        return;
    }
    uint64_t what = sim_below(100);
    if (trader->client == NULL) {
        if (turn->may_wait) {
            open_session(trader, turn->process);
        }
        return;
    }
    if (trader->stale) {
        try_abandoned(trader, turn->process);
        return;
    }
    if (sim_below(1000) < sim_world.params.wish_per_1000 && trader->confirmed > 0) {
        (void)hf_wait(trader->client, trader->confirmed, HF_LEVEL_DURABLE, 0);
    }
    if (what < 50 && !sim_world.calm) {
        for (uint64_t count = 1 + sim_below(sim_world.params.submit_max); count > 0; count--) {
            submit(trader, turn->process);
        }
    } else if (what < 85) {
        if (sim_world.calm || !sim_chance(lazy_per_100(turn->process))) {
            read_reports(trader, turn->process);
        }
    } else if (what < 97 || sim_world.calm) {
        look_after(trader, turn->process);
    } else if (what < 99) {
        leave(trader, turn->process);
    } else if (turn->may_wait) {
        close_session(trader, turn->process);
    }
}

bool
trader_is_content(int process)
{
    const struct trader *trader = &traders[process];
    struct oracle_session session;
    if (hostile_is(process)) {
        return true;
    }
    return trader->client != NULL && !trader->stale && oracle_session(process, &session) &&
           session.last_seq == trader->confirmed && trader->next_report == session.last_report + 1;
}
