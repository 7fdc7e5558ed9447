/* catalog.c - every figure that is told of an instance, once. */
#include "watch/catalog.h"

#include "base/atomic.h"

#include <string.h>

#define NS_PER_S 1e9
#define STATUS(field)                                                                              \
    HF_WATCH_STATUS, offsetof(struct hf_status, field), sizeof(((struct hf_status *)0)->field)
#define METRICS(field)                                                                             \
    HF_WATCH_METRICS, offsetof(struct hf_metrics, field), sizeof(((struct hf_metrics *)0)->field)

/* clang-format off: a table */
const struct hf_watch_value hf_watch_values[] = {
    {"commands_total", "Commands taken from the sessions' rings.", HF_WATCH_COUNTER,
     STATUS(commands), 1},
    {"reports_total", "Reports made for sessions.", HF_WATCH_COUNTER, STATUS(reports), 1},
    {"trades_total", "Trades.", HF_WATCH_COUNTER, STATUS(trades), 1},
    {"rejects_total", "Commands that were answered with a reject.", HF_WATCH_COUNTER,
     STATUS(rejects), 1},
    {"rounds_total", "Rounds of the engine that did something.", HF_WATCH_COUNTER,
     METRICS(engine.rounds), 1},
    {"engine_sleeps_total", "Times that the engine went to sleep for want of work.",
     HF_WATCH_COUNTER, METRICS(engine.parks), 1},
    {"engine_busy_seconds_total", "Time that the engine spent in rounds that took commands.",
     HF_WATCH_COUNTER, STATUS(path_ns_sum), NS_PER_S},
    {"engine_loop_max_seconds",
     "Longest time between two looks of the engine at its rings since its start, sleep left out.",
     HF_WATCH_GAUGE, METRICS(engine.loop_ns_max), NS_PER_S},
    {"wal_queue_waits_total",
     "Times that the engine found the queue of the log full, and had to wait for a flush.",
     HF_WATCH_COUNTER, STATUS(wal_waits), 1},
    {"wal_groups_total", "Batches of records written into the log.", HF_WATCH_COUNTER,
     STATUS(groups), 1},
    {"wal_flushes_total", "Flushes of the log.", HF_WATCH_COUNTER, STATUS(flushes), 1},
    {"wal_flushed_bytes_total", "Bytes of the log that were flushed.", HF_WATCH_COUNTER,
     METRICS(sync.flushed_bytes), 1},
    {"wal_position_bytes", "Length of the log since its beginning, removed segments included.",
     HF_WATCH_GAUGE, STATUS(written_position), 1},
    {"wal_segments", "Segment files of the log in its directory, those prepared ahead included.",
     HF_WATCH_GAUGE, METRICS(prepare.log_segments), 1},
    {"wal_segment_bytes", "Size of a segment file.", HF_WATCH_GAUGE, METRICS(segment_bytes), 1},
    {"wal_queue_slots", "Records that the queue between engine and log holds.", HF_WATCH_GAUGE,
     METRICS(queue_slots), 1},
    {"disk_free_bytes", "Free space of the file system of the log, for the daemon's user.",
     HF_WATCH_GAUGE, METRICS(prepare.disk_free_bytes), 1},
    {"disk_size_bytes", "Size of the file system of the log.", HF_WATCH_GAUGE,
     METRICS(prepare.disk_bytes), 1},
    {"disk_low", "1: space for the log is low, new orders are refused, cancels are not.",
     HF_WATCH_GAUGE, STATUS(disk_low), 1},
    {"sequenced_lsn",
     "Log sequence number up to which commands have their place in the order of all: they survive "
     "the death of the daemon.",
     HF_WATCH_GAUGE, STATUS(sequenced_lsn), 1},
    {"written_lsn", "Log sequence number up to which records are in the log's file.",
     HF_WATCH_GAUGE, STATUS(written_lsn), 1},
    {"durable_lsn",
     "Log sequence number up to which records are flushed: they survive a loss of power.",
     HF_WATCH_GAUGE, STATUS(durable_lsn), 1},
    {"snapshot_lsn",
     "Log sequence number of the newest snapshot: a start replays the log from here on. 0: there "
     "is none.",
     HF_WATCH_GAUGE, STATUS(snapshot_lsn), 1},
    {"snapshots_total", "Snapshots written.", HF_WATCH_COUNTER, STATUS(snapshots), 1},
    {"snapshot_failures_total",
     "Snapshots that could not be written, or did not agree with the log.", HF_WATCH_COUNTER,
     STATUS(snapshot_failures), 1},
    {"open_orders", "Orders in the books.", HF_WATCH_GAUGE, STATUS(open_orders), 1},
    {"orders_max", "Open orders that the instance can hold.", HF_WATCH_GAUGE, METRICS(orders_max),
     1},
    {"sessions_open", "Sessions that exist, with or without a client.", HF_WATCH_GAUGE,
     STATUS(sessions_open), 1},
    {"sessions_max", "Sessions that the instance can hold.", HF_WATCH_GAUGE, METRICS(sessions_max),
     1},
    {"instruments",
     "Instruments that the log ever had; numbers of removed ones are not used again.",
     HF_WATCH_GAUGE, STATUS(instruments), 1},
    {"instruments_max", "Instruments that the log can ever have.", HF_WATCH_GAUGE,
     STATUS(instruments_max), 1},
    {"epoch", "Starts of the daemon over the life of the log.", HF_WATCH_GAUGE, STATUS(epoch), 1},
    {"history", "Goes up when a tail of the log was lost (power, --abandon-shm, repair).",
     HF_WATCH_GAUGE, STATUS(history), 1},
    {"start_time_seconds", "When the daemon started, since the Unix epoch.", HF_WATCH_GAUGE,
     METRICS(started_time_ns), NS_PER_S},
};
const size_t hf_watch_value_count = sizeof(hf_watch_values) / sizeof(hf_watch_values[0]);

#define STAGE(field) offsetof(struct hf_metrics, field)
const struct hf_watch_stage hf_watch_stages[HF_WATCH_STAGES] = {
    [HF_WATCH_RING_WAIT] =
        {"ring_wait_seconds", "wait in the ring",
         "From hf_submit() until the engine took the command; measured of one command in 61.",
         STAGE(engine.ring_wait_ns), NS_PER_S},
    [HF_WATCH_ROUND] = {"round_seconds", "sequence, match, report",
                        "All that the round of the engine took that took this command: never less "
                        "than from its sequencing to its reports. Of each command.",
                        STAGE(engine.round_ns), NS_PER_S},
    [HF_WATCH_WRITE] = {"write_seconds", "sequenced to written",
                        "From sequencing until the record was in the log's file; measured of one "
                        "record a millisecond.",
                        STAGE(writer.write_ns), NS_PER_S},
    [HF_WATCH_STORE] =
        {"store_seconds", "written to durable",
         "From being in the log's file until it was flushed; measured of one record a millisecond.",
         STAGE(sync.store_ns), NS_PER_S},
    [HF_WATCH_DURABLE] = {"durable_seconds", "sequenced to durable",
                          "From sequencing until the record was flushed, the whole way to the "
                          "medium; measured of one record a millisecond.",
                          STAGE(sync.durable_ns), NS_PER_S},
    [HF_WATCH_FLUSH] = {"flush_seconds", "one flush", "Time of one flush of the log.",
                        STAGE(sync.flush_ns), NS_PER_S},
    [HF_WATCH_LOOP] =
        {"loop_seconds", "engine loops over 10 us",
         "Time between two looks of the engine at its rings, sleep left out, those of 10 "
         "microseconds and more: its own work, or the host took the processor away.",
         STAGE(engine.loop_ns), NS_PER_S},
    [HF_WATCH_ROUND_COMMANDS] = {"round_commands", "commands a round",
                                 "Commands in a round of the engine that took any.",
                                 STAGE(engine.round_commands), 1},
    [HF_WATCH_BATCH_RECORDS] = {"batch_records", "records a batch",
                                "Records that the log's writer took at once.",
                                STAGE(writer.batch_records), 1},
    [HF_WATCH_FLUSH_RECORDS] = {"flush_records", "records a flush",
                                "Records that one flush made durable.", STAGE(sync.flush_records),
                                1},
    [HF_WATCH_FLUSH_BYTES] = {"flush_bytes", "bytes a flush", "Bytes that one flush covered.",
                              STAGE(sync.flush_bytes), 1},
    [HF_WATCH_QUEUE_DEPTH] =
        {"wal_queue_depth_records", "queue at a flush",
         "Records in the queue of the log (sequenced and not yet durable) when a flush began.",
         STAGE(sync.queue_depth), 1},
};
/* clang-format on */

double
hf_watch_read(const struct hf_watch_value *value, const struct hf_status *status,
              const struct hf_metrics *metrics)
{
    const unsigned char *base = value->place == HF_WATCH_STATUS ? (const unsigned char *)status
                                                                : (const unsigned char *)metrics;
    const void *at = base + value->offset;
    /* Relaxed: each is a figure of its own. */
    uint64_t word = value->size == sizeof(uint32_t) ? hf_load_relaxed((const uint32_t *)at)
                                                    : hf_load_relaxed((const uint64_t *)at);
    return (double)word / value->unit;
}

static const char *
name_of(const char *const *names, size_t count, uint32_t value)
{
    return value < count ? names[value] : "?";
}

const char *
hf_watch_state_name(uint32_t state)
{
    static const char *const names[] = {"none",   "recovering", "running",
                                        "halted", "stopped",    "abandoned"};
    return name_of(names, sizeof(names) / sizeof(names[0]), state);
}

const char *
hf_watch_mode_name(uint32_t mode)
{
    static const char *const names[] = {"group", "sync", "memory"};
    return name_of(names, sizeof(names) / sizeof(names[0]), mode);
}

const char *
hf_watch_phase_name(uint32_t phase)
{
    static const char *const names[] = {"removed", "open", "pre-open", "halted", "closed"};
    return name_of(names, sizeof(names) / sizeof(names[0]), phase);
}
