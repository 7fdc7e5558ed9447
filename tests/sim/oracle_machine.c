/* oracle_machine.c - the oracle's own state machine, and its reports (oracle.h: O4, O5). */
#include "sim/oracle.h"

#include "sim/oracle_internal.h"
#include "sim/trader.h"
#include "sim/world.h"

#include "recovery/replay.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define REPORTS_MAX 8192u
#define SLOTS_MAX 8u /* sessions */

static struct hf_core *core;
static size_t core_bytes;
static bool core_made;
static struct hf_report reports[SIM_CLIENTS + 1][REPORTS_MAX]; /**< by process and number */
static uint64_t
    last_report[SIM_CLIENTS + 1]; /**< of its newest session, also when that is closed */
static int process_of[SLOTS_MAX]; /**< by session slot */

void
oracle_machine_reset(void)
{
    core_made = false;
    oracle_market_reset();
    memset(process_of, 0, sizeof(process_of));
    memset(last_report, 0, sizeof(last_report));
}

static void
make_core(const struct hf_record *genesis, const struct hf_record *more)
{
    const struct hf_engine_limits limits = hf_replay_limits(genesis, more);
    size_t bytes = hf_core_footprint(&limits);
    if (core == NULL || bytes > core_bytes) {
        core = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        core_bytes = bytes;
    }
    if (core == MAP_FAILED) {
        abort();
    }
    memset((void *)core, 0, core_bytes);
    core = hf_core_new(core, &limits);
    core_made = true;
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    (void)context;
    if (report->number + report->slots > REPORTS_MAX) {
        sim_violation("more reports than the simulator can remember");
    }
    int process = process_of[session];
    memcpy((void *)&reports[process][report->number], (const void *)report,
           report->slots * sizeof(*report));
    last_report[process] = report->number + report->slots - 1u;
}

static int
process_named(const char *name)
{
    return name[0] - 'a' + 1;
}

/** O4 */
static void
check_command(const struct hf_record *record, const struct hf_record *more)
{
    int process = process_of[record->session];
    uint64_t seq = hf_core_session(core, record->session)->last_seq + 1;
    if (record->type == HF_RECORD_REFUSED) {
        trader_check_refused(process, seq, record);
        return;
    }
    trader_check_sequenced(process, seq, record);
    if (more != NULL) {
        trader_check_sequenced(process, seq + 1, more);
    }
}

void
oracle_machine_apply(const struct hf_record *record, const struct hf_record *more, bool fresh)
{
    static const struct hf_core_sink sink = {.report = on_report, .market = oracle_market_event};
    if (!core_made) {
        if (record->type != HF_RECORD_GENESIS) {
            sim_violation("the log begins with a record of type %u", record->type);
        }
        make_core(record, more);
    }
    const char *why = hf_core_check(core, record, more);
    if (why != NULL) {
        sim_violation("LSN %llu cannot be applied: %s", (unsigned long long)record->lsn, why);
    }
    if (record->type == HF_RECORD_OPEN) {
        process_of[record->session] = process_named(record->open.name);
        last_report[process_of[record->session]] = 0;
    }
    bool of_client = record->session != 0 &&
                     (record->type < HF_RECORD_GENESIS || record->type == HF_RECORD_REFUSED);
    if (fresh && of_client) {
        check_command(record, more);
    }
    hf_core_apply(core, record, more, &sink);
    if (fresh && record->type == HF_RECORD_OPEN) {
        trader_session_opened(process_named(record->open.name), record->lsn);
    }
}

uint64_t
oracle_machine_digest(void)
{
    return core_made ? hf_core_digest(core) : 0;
}

bool
oracle_session(int process, struct oracle_session *session)
{
    const char name[] = {(char)('a' + process - 1), '\0'};
    uint32_t slot = core_made ? hf_core_session_find(core, name) : 0;
    if (slot == 0) {
        return false;
    }
    const struct hf_core_session *found = hf_core_session(core, slot);
    *session = (struct oracle_session){
        .id = found->id, .last_seq = found->last_seq, .last_report = found->last_report};
    return true;
}

void
oracle_report_read(int process, const struct hf_report *report, const struct hf_report_more *more)
{
    oracle_observe();
    if (report->number > last_report[process]) {
        sim_violation("P2: client %d reads report %llu, but the records give %llu", process,
                      (unsigned long long)report->number, (unsigned long long)last_report[process]);
    }
    const struct hf_report *mine = &reports[process][report->number];
    if (memcmp((const void *)report, (const void *)mine, sizeof(*mine)) != 0 ||
        (more != NULL &&
         memcmp((const void *)more, (const void *)(mine + 1), sizeof(*mine)) != 0)) {
        sim_violation("P2: client %d reads another report %llu than the records give", process,
                      (unsigned long long)report->number);
    }
    bool waits = sim_world.params.mode == 1 || sim_world.params.durable_sessions;
    if (waits && report->lsn > oracle_durable()) {
        sim_violation("O5: client %d reads report %llu of LSN %llu, but only %llu is durable",
                      process, (unsigned long long)report->number, (unsigned long long)report->lsn,
                      (unsigned long long)oracle_durable());
    }
    sim_world.counts.reports_read++;
}
