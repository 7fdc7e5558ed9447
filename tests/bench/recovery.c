/*
 * recovery.c - how fast a log is read back: verified, replayed, and by a daemon that starts on it. What
 * bounds it is measured in the same run over the same bytes: the copy out of the page cache, CRC32C,
 * and the state machine alone on records in memory.
 *
 *   read of the log ─► CRC32C of the log ─► verified (lib/recovery's scan)    ─┐
 *   state machine alone ─► behind the gate of records that come from a medium ─┴► replayed
 *
 * All is done by one thread of a process of its own, on the first of --cpus. Logs are in the page cache.
 */
#include "bench.h"
#include "calibrate.h"
#include "instance.h"
#include "recovery_log.h"
#include "stream_length.h"

#include "base/clock.h"
#include "base/panic.h"
#include "recovery/archive.h"
#include "recovery/reader.h"
#include "recovery/restore.h"
#include "recovery/scan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "recovery"
#define SEGMENT_KIB_FULL 65536.0
#define INSTRUMENTS 100u

struct context {
    const struct bench_options *options;
    struct bench_results *results;
    struct bench_calibration calibration;
};

/** What the measuring process hands back. */
struct measured {
    uint64_t slots; /**< of the log, groups included */
    uint64_t records;
    uint64_t read_ns, crc_ns, scan_ns, gate_ns, core_ns;
    uint64_t replay_ns, unhinted_ns; /**< as it is, and without core/ahead.h */
    uint64_t restore_ns;             /**< of the snapshot */
    uint64_t memory_bytes;
    char wrong[128]; /**< B2; "": nothing is */
};

static void __attribute__((format(printf, 2, 3)))
fail(struct measured *measured, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (measured->wrong[0] == '\0') {
        (void)vsnprintf(measured->wrong, sizeof(measured->wrong), format, arguments);
    }
    va_end(arguments);
}

/* What bounds it */

/** Every slot through the reader, with its checksum if wanted. @return nanoseconds */
static uint64_t
read_segments(const char *directory, bool checksums, struct measured *measured)
{
    struct hf_reader reader;
    uint64_t *numbers = NULL;
    size_t count = 0;
    uint32_t chain = 0;
    measured->slots = 0;
    if (hf_archive_list(directory, &numbers, &count) != 0 || hf_reader_init(&reader) != 0) {
        fail(measured, "the log cannot be listed");
        return 0;
    }
    uint64_t start_ns = hf_clock_monotonic_ns();
    for (size_t i = 0; i < count && hf_reader_open(&reader, directory, numbers[i]) == 0; i++) {
        const unsigned char *data = NULL;
        size_t available = 0;
        uint64_t offset = HF_SEGMENT_HEADER_BYTES;
        while (hf_reader_at(&reader, offset, &data, &available) == 0 && available > 0) {
            for (size_t at = 0; checksums && at < available; at += HF_SLOT_BYTES) {
                struct hf_record record;
                memcpy(&record, data + at, sizeof(record));
                chain = hf_record_crc(&record, 0, chain);
            }
            measured->slots += available / HF_SLOT_BYTES;
            offset += available;
        }
    }
    uint64_t elapsed_ns = hf_clock_monotonic_ns() - start_ns;
    hf_reader_destroy(&reader);
    free(numbers);
    if (checksums && chain == 0) {
        fail(measured, "the checksum of a log is zero");
    }
    return elapsed_ns;
}

/** Records in memory, for a state machine that is measured without a log. */
struct loaded {
    struct hf_record *slots;
    size_t count;
};

static int
load_record(void *context, const struct hf_record *record, const struct hf_record *more,
            const char *file, uint64_t offset)
{
    struct loaded *loaded = context;
    (void)file;
    (void)offset;
    loaded->slots[loaded->count++] = *record;
    if (more != NULL) {
        loaded->slots[loaded->count++] = *more;
    }
    return 0;
}

/** The core is made by the first record; its time is not counted. @return nanoseconds of all others */
static uint64_t
drive(const struct loaded *loaded, struct hf_replay *replay, bool gate)
{
    uint64_t start_ns = 0;
    int code = 0;
    for (size_t at = 0; at < loaded->count && code == 0; at += loaded->slots[at].slots) {
        const struct hf_record *record = &loaded->slots[at];
        const struct hf_record *more = record->slots == 2 ? record + 1 : NULL;
        if (at == 0 || gate) {
            code = hf_replay_record(replay, record, more, NULL, 0);
        } else {
            hf_core_apply(replay->core, record, more, NULL);
        }
        if (at == 0) {
            start_ns = hf_clock_monotonic_ns();
        }
    }
    return hf_clock_monotonic_ns() - start_ns;
}

static void
check_end(const struct hf_replay *replay, const struct recovery_log *log, const char *what,
          struct measured *measured)
{
    if (replay->core == NULL || hf_core_lsn(replay->core) != log->last_lsn ||
        hf_core_digest(replay->core) != log->digest ||
        hf_core_open_orders(replay->core) != log->open_orders) {
        fail(measured, "%s: another end state%s%.60s", what, replay->text[0] == '\0' ? "" : ": ",
             replay->text);
    }
}

static void
measure_core(const struct loaded *loaded, const struct recovery_log *log, struct measured *measured)
{
    for (unsigned gate = 0; gate < 2; gate++) {
        struct hf_replay replay = {.numa_node = -1};
        uint64_t elapsed_ns = drive(loaded, &replay, gate == 1);
        *(gate == 1 ? &measured->gate_ns : &measured->core_ns) = elapsed_ns;
        check_end(&replay, log, "state machine", measured);
        hf_replay_free(&replay);
    }
}

/* Verified, replayed */

/** A replay, and when the books were there. */
struct timed_replay {
    struct hf_replay replay;
    uint64_t start_ns;
};

static int
replay_record(void *context, const struct hf_record *record, const struct hf_record *more,
              const char *file, uint64_t offset)
{
    struct timed_replay *timed = context;
    int code = hf_replay_record(&timed->replay, record, more, file, offset);
    if (HF_UNLIKELY(timed->start_ns == 0)) {
        timed->start_ns = hf_clock_monotonic_ns();
    }
    return code;
}

static uint64_t
peak_bytes(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

/** @param from  a position to go on from, with the core of the replay; NULL: from the first record */
static uint64_t
replay_log(const char *directory, const struct hf_log_position *from, bool hints,
           struct timed_replay *timed, struct measured *measured)
{
    struct hf_scan_result scan;
    const struct hf_scan_watch watch = {.context = timed,
                                        .record = replay_record,
                                        .from = from,
                                        .ahead = hints ? hf_replay_ahead : NULL,
                                        .ahead_context = &timed->replay};
    timed->start_ns = from == NULL ? 0 : hf_clock_monotonic_ns();
    if (hf_scan_watched(directory, 0, &watch, &scan) != HF_OK) {
        fail(measured, "replay: %.100s",
             timed->replay.code != HF_OK ? timed->replay.text : scan.text);
    }
    return hf_clock_monotonic_ns() - timed->start_ns;
}

static void
measure_replay(const char *directory, const struct recovery_log *log, struct measured *measured)
{
    struct timed_replay timed = {.replay = {.numa_node = -1}};
    uint64_t before_bytes = peak_bytes();
    measured->replay_ns = replay_log(directory, NULL, true, &timed, measured);
    uint64_t grown_bytes = peak_bytes() - before_bytes;
    check_end(&timed.replay, log, "replay", measured);
    measured->memory_bytes =
        grown_bytes > timed.replay.core_bytes ? grown_bytes - timed.replay.core_bytes : 0;
    hf_replay_free(&timed.replay);
    timed = (struct timed_replay){.replay = {.numa_node = -1}};
    measured->unhinted_ns = replay_log(directory, NULL, false, &timed, measured);
    check_end(&timed.replay, log, "replay without hints", measured);
    hf_replay_free(&timed.replay);
}

static void
measure_scan(const char *directory, const struct recovery_log *log, struct measured *measured)
{
    struct hf_scan_result scan;
    uint64_t start_ns = hf_clock_monotonic_ns();
    if (hf_scan(directory, 0, NULL, NULL, &scan) != HF_OK || scan.end_lsn != log->last_lsn) {
        fail(measured, "verify: %.100s", scan.text);
    }
    measured->scan_ns = hf_clock_monotonic_ns() - start_ns;
}

/** The replay comes first, so that its peak of memory is its own. */
static void
measure_log(const char *directory, const struct recovery_log *log, struct measured *measured)
{
    struct hf_scan_result scan;
    measure_replay(directory, log, measured);
    measured->read_ns = read_segments(directory, false, measured);
    measured->crc_ns = read_segments(directory, true, measured);
    measure_scan(directory, log, measured);
    struct loaded loaded = {.slots = calloc(log->last_lsn, sizeof(struct hf_record))};
    if (loaded.slots == NULL || hf_scan(directory, 0, load_record, &loaded, &scan) != HF_OK) {
        fail(measured, "the records cannot be loaded");
        return;
    }
    measured->records = loaded.count;
    measure_core(&loaded, log, measured);
    free(loaded.slots);
}

static void
measure_restore(const char *directory, const struct recovery_log *log, struct measured *measured)
{
    struct timed_replay timed = {.replay = {.numa_node = -1}};
    struct hf_restore restore = {.directory = directory};
    uint64_t start_ns = hf_clock_monotonic_ns();
    if (hf_restore(&restore, &timed.replay) != HF_OK || restore.position.lsn != log->snapshot_lsn) {
        fail(measured, "the snapshot of LSN %llu cannot be read",
             (unsigned long long)log->snapshot_lsn);
        return;
    }
    measured->restore_ns = hf_clock_monotonic_ns() - start_ns;
    measured->replay_ns = replay_log(directory, hf_restore_from(&restore), true, &timed, measured);
    measured->records = log->last_lsn - log->snapshot_lsn;
    check_end(&timed.replay, log, "replay behind a snapshot", measured);
    hf_replay_free(&timed.replay);
}

/** In a process of its own. @return what it measured, shared */
static struct measured *
measure_apart(const struct context *context, const char *directory, const struct recovery_log *log,
              void (*measure)(const char *, const struct recovery_log *, struct measured *))
{
    struct measured *measured = bench_shared(sizeof(*measured));
    pid_t child = bench_fork(context->options->cpus[0]);
    if (child == 0) {
        measure(directory, log, measured);
        _exit(0);
    }
    if (!bench_join(child)) {
        fail(measured, "the process that measured did not end well");
    }
    return measured;
}

/* Logs alone */

static void
add_rate(const struct context *context, const char *name, const char *what, uint64_t records,
         uint64_t elapsed_ns, double calibration_ns)
{
    char full[BENCH_NAME_BYTES];
    (void)snprintf(full, sizeof(full), "%s, %s", name, what);
    bench_add(context->results, GROUP, full, BENCH_M_PER_S,
              (double)records * 1e3 / (double)elapsed_ns, calibration_ns > 0 ? BENCH_LOG_CRC : NULL,
              calibration_ns);
}

static void
add_log(const struct context *context, const char *name, const struct measured *measured)
{
    char full[BENCH_NAME_BYTES];
    uint64_t records = measured->records;
    double crc_ns = (double)measured->crc_ns / (double)measured->slots;
    add_rate(context, name, "read of the log", measured->slots, measured->read_ns, 0);
    add_rate(context, name, BENCH_LOG_CRC, measured->slots, measured->crc_ns, 0);
    add_rate(context, name, "verified", records, measured->scan_ns, crc_ns);
    add_rate(context, name, "state machine alone", records, measured->core_ns, crc_ns);
    add_rate(context, name, "state machine behind its gate", records, measured->gate_ns, crc_ns);
    add_rate(context, name, "replayed", records, measured->replay_ns, crc_ns);
    add_rate(context, name, "replayed without hints", records, measured->unhinted_ns, crc_ns);
    (void)snprintf(full, sizeof(full), "%s, memory beside the books", name);
    bench_add(context->results, GROUP, full, BENCH_BYTES, (double)measured->memory_bytes, NULL, 0);
}

static struct recovery_log_setup
setup_of(const struct context *context, const char *directory)
{
    const struct bench_options *options = context->options;
    return (struct recovery_log_setup){
        .directory = directory,
        .segment_bytes = ((uint64_t)bench_scaled(options, SEGMENT_KIB_FULL, 64) & ~3u) << 10,
        .cpus = {options->cpus[0], options->cpus[1]}};
}

/** Made once for all runs: nothing changes it. */
struct plain_log {
    const char *name;
    void (*make_stream)(const struct context *context, struct core_stream *stream);
    bool wanted;
    char directory[BENCH_PATH_BYTES];
    struct recovery_log log;
};

static void
make_common(const struct context *context, struct core_stream *stream)
{
    const struct bench_options *options = context->options;
    const char *wrong =
        core_make_common(stream, 1, bench_scaled(options, (double)STREAM_LENGTH_WARM, 100),
                         bench_scaled(options, (double)STREAM_LENGTH_TIMED, 1000));
    if (wrong != NULL) {
        bench_fail(context->results, "recovery %s: %s", stream->name, wrong);
    }
}

static void
make_mixed(const struct context *context, struct core_stream *stream, uint64_t resting,
           uint64_t commands)
{
    core_make_mixed(stream, INSTRUMENTS, bench_scaled(context->options, (double)resting, 16),
                    bench_scaled(context->options, (double)commands, 16));
}

static void
make_large_books(const struct context *context, struct core_stream *stream)
{
    make_mixed(context, stream, 50000, context->options->log_records);
}

static void
plain_make(const struct context *context, struct plain_log *plain)
{
    struct core_stream stream;
    plain->make_stream(context, &stream);
    bench_directory_make(context->options, plain->directory);
    const struct recovery_log_setup setup = setup_of(context, plain->directory);
    recovery_log_make(&setup, &stream, &plain->log);
    core_stream_free(&stream);
}

static void
measure_plain(const struct context *context, const struct plain_log *plain)
{
    struct measured *measured = measure_apart(context, plain->directory, &plain->log, measure_log);
    if (measured->wrong[0] != '\0') {
        bench_fail(context->results, "recovery %s: %s", plain->name, measured->wrong);
    } else {
        add_log(context, plain->name, measured);
    }
    bench_unshare(measured, sizeof(*measured));
}

/* A daemon that starts */

static void
add_ms(const struct context *context, const char *name, const char *what, uint64_t elapsed_ns)
{
    char full[BENCH_NAME_BYTES];
    (void)snprintf(full, sizeof(full), "%s, %s", name, what);
    bench_add(context->results, GROUP, full, BENCH_MS, (double)elapsed_ns / 1e6, BENCH_RAW_FLUSH,
              context->calibration.flush_ns);
}

/** B2: it has what the log has, and stops as it should. */
static const char *
check_daemon(struct instance *instance, const struct recovery_log *log)
{
    struct hf_status status;
    instance_status(instance, &status);
    if (status.state != HF_STATE_RUNNING || status.sequenced_lsn < log->last_lsn) {
        return "the daemon does not run with all of the log";
    }
    if (status.open_orders != log->open_orders) {
        return "the daemon has other open orders";
    }
    return instance_stop(instance) ? NULL : "the daemon did not stop cleanly";
}

/** The log that a daemon of this instance would have left, made anew for each start: a start changes it. */
static void
fill_instance(const struct context *context, const struct instance *instance, char *directory,
              struct recovery_log *log)
{
    (void)snprintf(directory, BENCH_PATH_BYTES + 16, "%s/log", instance->directory);
    if (mkdir(directory, 0700) != 0) {
        bench_die("%s: %s", directory, strerror(errno));
    }
    struct core_stream stream;
    struct recovery_log_setup setup = setup_of(context, directory);
    setup.snapshot = true;
    make_mixed(context, &stream, 1000000, 1000000);
    recovery_log_make(&setup, &stream, log);
    core_stream_free(&stream);
}

static void
measure_start(const struct context *context, const char *name)
{
    char directory[BENCH_PATH_BYTES + 16];
    struct instance instance;
    struct recovery_log log;
    const struct instance_setup setup = {
        .mode = "group",
        .wait = "adaptive",
        .instruments = 1,
        .sessions_max = 1,
        .segment_kib = (uint32_t)bench_scaled(context->options, SEGMENT_KIB_FULL, 64) & ~3u,
        .cpus = context->options->cpus,
    };
    instance_make(&instance, context->options, &setup);
    fill_instance(context, &instance, directory, &log);
    struct measured *measured = measure_apart(context, directory, &log, measure_restore);
    uint64_t start_ns = instance_start(&instance);
    const char *wrong =
        measured->wrong[0] != '\0' ? measured->wrong : check_daemon(&instance, &log);
    instance_close(&instance);
    if (wrong != NULL) {
        bench_fail(context->results, "recovery %s: %s", name, wrong);
    } else {
        add_ms(context, name, "snapshot read", measured->restore_ns);
        add_rate(context, name, "replayed", measured->records, measured->replay_ns, 0);
        add_ms(context, name, "start of a daemon", start_ns);
    }
    bench_unshare(measured, sizeof(*measured));
}

void
bench_recovery(const struct bench_options *options, struct bench_results *results)
{
    struct plain_log plain[] = {
        {.name = "log of the common stream", .make_stream = make_common},
        {.name = "log of 50,000 orders", .make_stream = make_large_books},
    };
    const size_t count = sizeof(plain) / sizeof(plain[0]);
    const char *snapshot = "snapshot of 1 M orders + 1 M records";
    struct context context = {.options = options, .results = results};
    for (size_t i = 0; i < count; i++) {
        plain[i].wanted = bench_wanted(options, plain[i].name);
        if (plain[i].wanted) {
            plain_make(&context, &plain[i]);
        }
    }
    for (unsigned run = 0; run < options->runs; run++) {
        context.calibration = bench_calibrate(options, results, GROUP);
        bench_pin(-1);
        for (size_t i = 0; i < count; i++) {
            if (plain[i].wanted) {
                measure_plain(&context, &plain[i]);
            }
        }
        if (bench_wanted(options, snapshot)) {
            measure_start(&context, snapshot);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (plain[i].wanted) {
            bench_directory_remove(plain[i].directory);
        }
    }
}

static const struct argp_option OPTIONS[] = {
    {"daemon", BENCH_OPTION_DAEMON, "PROGRAM", 0,
     "The daemon (default: holdfastd of the same build or installation)", 0},
    {"log-records", BENCH_OPTION_LOG_RECORDS, "N", 0,
     "Commands in the log of 50,000 orders (default: 10,000,000)", 0},
    {0},
};

int
bench_recovery_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = OPTIONS,
        .parser = bench_parse,
        .doc =
            "How fast a log is read back: verified, replayed by one thread, and by a daemon that "
            "starts with a snapshot of a million resting orders and a million records behind it. "
            "Logs are made by the program: the common stream on one instrument; and new, cancel, "
            "replace, execute on books of 50,000 orders over 100 instruments.\v"
            "Rates of records stand beside their ratio to CRC32C over the same bytes out of the "
            "page cache. The state machine alone and behind its gate runs on the same records in "
            "memory: what is left of a replay is reading and verifying. Names for --only: log of "
            "the common stream, log of 50,000 orders, snapshot.",
        .children = bench_children};
    return bench_main(argc, argv, &argp, bench_recovery);
}
