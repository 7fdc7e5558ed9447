/*
 * check.c - whether a record may be applied: the gate before hf_core_apply() for records that come
 * from a medium. Whatever passes cannot make it panic or break an invariant.
 */
#include "core/admin.h"
#include "core/session.h"

#include <string.h>

/** The command as its client wrote it, from the record that was made of it. */
static void
copy_command(void *slot, const struct hf_record *record)
{
    memset(slot, 0, sizeof(struct hf_command));
    memcpy((char *)slot + offsetof(struct hf_command, type),
           (const char *)record + offsetof(struct hf_record, type),
           sizeof(struct hf_command) - offsetof(struct hf_command, type));
}

static const char *
check_command(const struct hf_core *core, const struct hf_record *record,
              const struct hf_record *more)
{
    struct hf_command command[2];
    copy_command(&command[0], record);
    if (more != NULL) {
        copy_command(&command[1], more);
    }
    bool of_daemon = record->session == 0 && hf_admin_is_command(record->type);
    if (!of_daemon && hf_core_session(core, record->session) == NULL) {
        return "command of a session that is not open";
    }
    return hf_command_check(command) != HF_REASON_NONE ? "malformed command" : NULL;
}

static const char *
check_refused(const struct hf_core *core, const struct hf_record *record)
{
    if (hf_core_session(core, record->session) == NULL) {
        return "refused command of a session that is not open";
    }
    if (record->refused.reason == HF_REASON_NONE || record->refused.command_type > UINT8_MAX ||
        record->refused.command_slots < 1 || record->refused.command_slots > 2) {
        return "refused command without a valid reason, type or slots";
    }
    return NULL;
}

static const char *
check_genesis(const struct hf_core *core, const struct hf_record *record,
              const struct hf_record *more)
{
    const struct hf_engine_limits *limits = &core->limits;
    if (core->lsn != 0) {
        return "genesis record in mid-log";
    }
    if (record->genesis.rules_version != HF_RULES_VERSION) {
        return "log was written under another version of the matching rules";
    }
    if (record->genesis.sessions_max != limits->sessions_max ||
        record->genesis.instruments_max != limits->instruments_max ||
        record->genesis.orders_max != limits->orders_max ||
        record->genesis.levels_max != limits->levels_max ||
        record->genesis.session_orders_max != limits->session_orders_max ||
        record->genesis.hash_seed != limits->hash_seed ||
        more->genesis_more.extras_max != limits->extras_max ||
        more->genesis_more.accounts_max != limits->accounts_max ||
        more->genesis_more.entitlements_max != limits->entitlements_max ||
        more->genesis_more.events_max != limits->events_max) {
        return "genesis record has other capacities than this core";
    }
    return NULL;
}

static const char *
check_epoch(const struct hf_core *core, const struct hf_record *record)
{
    if (record->epoch.rules_version != HF_RULES_VERSION) {
        return "epoch was written under another version of the matching rules";
    }
    if ((record->flags & ~(unsigned)HF_EPOCH_HALTS) != 0) {
        return "unknown epoch flags";
    }
    if (record->epoch.epoch <= core->epoch) {
        return "epoch does not grow";
    }
    return record->epoch.history < core->history || record->epoch.history == 0
               ? "history id runs backwards"
               : NULL;
}

static const char *
check_open(const struct hf_core *core, const struct hf_record *record)
{
    if (record->session == 0 || record->session > core->limits.sessions_max) {
        return "session slot is out of range";
    }
    if (hf_core_session(core, record->session) != NULL) {
        return "session slot is in use";
    }
    if (!hf_session_name_is_valid(record->open.name)) {
        return "session name is malformed";
    }
    if (hf_core_session_find(core, record->open.name) != 0) {
        return "session name is in use";
    }
    const uint32_t known =
        HF_SESSION_CANCEL_ON_DISCONNECT | HF_SESSION_DURABLE | HF_SESSION_OF_DAEMON;
    return (record->open.flags & ~known) != 0 ? "unknown session flags" : NULL;
}

static const char *
check_connect(const struct hf_core *core, const struct hf_record *record)
{
    if (hf_core_session(core, record->session) == NULL) {
        return "session is not open";
    }
    const uint32_t known = HF_SESSION_OF_DAEMON;
    return (record->open.flags & ~known) != 0 ? "unknown session flags" : NULL;
}

static const char *
check_lost(const struct hf_core *core, const struct hf_record *record)
{
    const struct hf_core_session *session = hf_core_session(core, record->session);
    if (session == NULL) {
        return "session is not open";
    }
    bool possible = record->lost.first >= 1 && record->lost.first <= record->lost.last &&
                    record->lost.last <= session->last_report;
    return possible ? NULL : "lost reports are not some that the session was given";
}

static const char *
check_digest(const struct hf_core *core, const struct hf_record *record)
{
    return record->digest.digest != hf_core_digest(core)
               ? "replay differs from the original: digest"
               : NULL;
}

static const char *
check_by_type(const struct hf_core *core, const struct hf_record *record,
              const struct hf_record *more)
{
    switch (record->type) {
    case HF_RECORD_GENESIS:
        return check_genesis(core, record, more);
    case HF_RECORD_EPOCH:
        return check_epoch(core, record);
    case HF_RECORD_OPEN:
        return check_open(core, record);
    case HF_RECORD_CONNECT:
        return check_connect(core, record);
    case HF_RECORD_DISCONNECT:
    case HF_RECORD_CLOSE:
        return hf_core_session(core, record->session) == NULL ? "session is not open" : NULL;
    case HF_RECORD_REFUSED:
        return check_refused(core, record);
    case HF_RECORD_DIGEST:
        return check_digest(core, record);
    case HF_RECORD_LOST:
        return check_lost(core, record);
    case HF_RECORD_STOP:
    case HF_RECORD_TICK:
        return NULL;
    default:
        return record->type < HF_RECORD_GENESIS ? check_command(core, record, more)
                                                : "unknown record type";
    }
}

static const char *
check_slots(const struct hf_record *record, const struct hf_record *more)
{
    bool is_command = record->type < HF_RECORD_GENESIS; /* whose form is checked later */
    if (!is_command && record->slots != (record->type == HF_RECORD_GENESIS ? 2 : 1)) {
        return "wrong number of slots";
    }
    if ((record->slots == 2) != (more != NULL)) {
        return "second slot is missing or unexpected";
    }
    if (more != NULL && (more->type != HF_RECORD_MORE || more->lsn != record->lsn + 1)) {
        return "second slot does not belong to the first";
    }
    return NULL;
}

const char *
hf_core_check(const struct hf_core *core, const struct hf_record *record,
              const struct hf_record *more)
{
    if (record->lsn != core->lsn + 1) {
        return "LSN does not follow the last one";
    }
    if (record->time_ns < core->time_ns) {
        return "time runs backwards";
    }
    if (core->lsn == 0 && record->type != HF_RECORD_GENESIS) {
        return "log does not begin with a genesis record";
    }
    const char *wrong = check_slots(record, more);
    return wrong != NULL ? wrong : check_by_type(core, record, more);
}
