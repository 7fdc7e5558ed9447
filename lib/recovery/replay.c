/* replay.c - records into a state machine. */
#include "recovery/replay.h"

#include "base/numa.h"

#include <stdarg.h>
#include <stdio.h>

static int __attribute__((format(printf, 6, 7)))
fail(struct hf_replay *replay, int code, const struct hf_record *record, const char *file,
     uint64_t offset, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    replay->code = code;
    snprintf(replay->text, sizeof(replay->text), "%s, offset %llu, LSN %llu: %s",
             file != NULL ? file : "WAL queue in shared memory", (unsigned long long)offset,
             (unsigned long long)record->lsn, what);
    return code;
}

static int
check_rules_version(struct hf_replay *replay, const struct hf_record *record, const char *file,
                    uint64_t offset)
{
    uint32_t version = record->type == HF_RECORD_GENESIS ? record->genesis.rules_version
                                                         : record->epoch.rules_version;
    if (version == HF_RULES_VERSION) {
        return HF_OK;
    }
    return fail(
        replay, HF_E_VERSION, record, file, offset,
        "written under rules version %u, this binary has version %u: use the binary of that "
        "version",
        version, HF_RULES_VERSION);
}

static int
make_core(struct hf_replay *replay, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    if (record->type != HF_RECORD_GENESIS || more == NULL) {
        return fail(replay, HF_E_CORRUPT, record, file, offset,
                    "the log does not begin with its genesis record");
    }
    const struct hf_engine_limits limits = hf_replay_limits(record, more);
    replay->core_bytes = hf_core_footprint(&limits);
    if (replay->core_bytes == 0) {
        return fail(replay, HF_E_CORRUPT, record, file, offset, "impossible capacities");
    }
    void *memory = replay->background ? hf_memory_reserve(replay->core_bytes)
                                      : hf_memory_alloc(replay->core_bytes, replay->numa_node);
    if (memory == NULL) {
        return fail(replay, HF_E_MEMORY, record, file, offset,
                    "no memory for the books: %zu bytes are needed", replay->core_bytes);
    }
    replay->core = hf_core_new(memory, &limits);
    return HF_OK;
}

int
hf_replay_record(void *context, const struct hf_record *record, const struct hf_record *more,
                 const char *file, uint64_t offset)
{
    struct hf_replay *replay = context;
    int result = HF_OK;
    if (record->type == HF_RECORD_GENESIS || record->type == HF_RECORD_EPOCH) {
        result = check_rules_version(replay, record, file, offset);
    }
    if (result == HF_OK && replay->core == NULL) {
        result = make_core(replay, record, more, file, offset);
    }
    if (result != HF_OK) {
        return result;
    }
    const char *why = hf_core_check(replay->core, record, more);
    if (why != NULL) {
        return fail(replay, HF_E_CORRUPT, record, file, offset, "%s", why);
    }
    const struct hf_core_sink *sink = replay->sink.report == NULL ? NULL : &replay->sink;
    hf_core_apply(replay->core, record, more, sink);
    return replay->applied == NULL ? HF_OK : replay->applied(replay->context, record);
}

void
hf_replay_ahead(void *context, const struct hf_record *slots, size_t count)
{
    struct hf_replay *replay = context;
    if (replay->core != NULL) {
        hf_ahead_look(&replay->ahead, replay->core, ++replay->ahead_position,
                      count > HF_AHEAD_FAR ? &slots[HF_AHEAD_FAR] : NULL);
    }
}

void
hf_replay_free(struct hf_replay *replay)
{
    hf_memory_free(replay->core, replay->core_bytes);
    replay->core = NULL;
}
