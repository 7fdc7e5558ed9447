/*
 * core.c - nanoseconds per operation of the state machine alone, all reports made, on the common
 * stream (stream.h), whose exact end state is known: another end state is a MISMATCH and exit code 1.
 *
 *     bench_core [INSTRUMENTS [RUNS]]        default: 1 and 100 instruments, 5 runs each
 *
 * Times drift with the placement of virtual processors and with what else runs, so
 *   median   of the runs, wall clock
 *   calm     the stream is timed in slices, and the fastest run of each slice is added up
 *   loop     ns per step of a loop of dependent multiplications that touches no memory, fastest run:
 *            quote calm / loop when hosts differ
 */
#include "stream.h"

#include "base/clock.h"
#include "base/numa.h"
#include "base/panic.h"
#include "core/core.h"

#include <stdio.h>

#define RUNS_MAX 99
#define SLICES 100u
#define SLICE_OPS (STREAM_OPS / SLICES)
#define LOOP_STEPS 20000000u
#define SESSION 1u

static const struct hf_engine_limits limits = {
    .sessions_max = 1,
    .instruments_max = 1000,
    .orders_max = 1u << 20,
    .levels_max = 1u << 17,
    .session_orders_max = 1u << 20,
    .hash_seed = 0x5eed,
    .extras_max = 1u << 18,
    .accounts_max = 1024,
    .entitlements_max = 1024,
    .events_max = 1u << 14,
};

/** What the reports add up to. */
struct sum {
    stream_result result;
    uint64_t maker;
    uint64_t reports;
};

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct sum *sum = context;
    (void)session;
    sum->reports++;
    if (report->type != HF_REPORT_FILL) {
        return;
    }
    if ((report->flags & HF_REPORT_MAKER) != 0) {
        sum->maker = report->client_order_id;
    } else {
        stream_trade(&sum->result, sum->maker, report->client_order_id, report->price,
                     report->quantity);
    }
}

static void
apply(struct hf_core *core, struct hf_record *record, struct hf_record *more,
      const struct hf_core_sink *sink)
{
    record->lsn = hf_core_lsn(core) + 1;
    record->slots = more == NULL ? 1 : 2;
    if (more != NULL) {
        more->lsn = record->lsn + 1;
        more->type = HF_RECORD_MORE;
        more->slots = 1;
    }
    const char *wrong = hf_core_check(core, record, more);
    if (wrong != NULL) {
        HF_PANIC("bad record: %s", wrong);
    }
    hf_core_apply(core, record, more, sink);
}

static void
prepare(struct hf_core *core, uint32_t instruments)
{
    struct hf_record more = {0};
    struct hf_record genesis = {.type = HF_RECORD_GENESIS,
                                .genesis = {.rules_version = HF_RULES_VERSION,
                                            .sessions_max = limits.sessions_max,
                                            .instruments_max = limits.instruments_max,
                                            .orders_max = limits.orders_max,
                                            .levels_max = limits.levels_max,
                                            .session_orders_max = limits.session_orders_max,
                                            .hash_seed = limits.hash_seed}};
    more.genesis_more.extras_max = limits.extras_max;
    more.genesis_more.accounts_max = limits.accounts_max;
    more.genesis_more.entitlements_max = limits.entitlements_max;
    more.genesis_more.events_max = limits.events_max;
    apply(core, &genesis, &more, NULL);
    struct hf_record open = {.type = HF_RECORD_OPEN, .session = SESSION, .open = {.name = "bench"}};
    apply(core, &open, NULL, NULL);
    for (uint32_t id = 1; id <= instruments; id++) {
        struct hf_record add = {.type = HF_COMMAND_INSTRUMENT_ADD, .instrument_add = {.tick = 1}};
        more = (struct hf_record){0};
        more.instrument_more.lot = 1;
        more.instrument_more.price_min = 1;
        more.instrument_more.price_max = STREAM_PMAX;
        more.instrument_more.quantity_max = 1000000;
        (void)snprintf(add.instrument_add.symbol, HF_SYMBOL_BYTES, "S%u", (unsigned)id);
        apply(core, &add, &more, NULL);
    }
}

static inline void
drive(struct hf_core *core, const stream_op *op, const struct hf_core_sink *sink)
{
    struct hf_record record = {
        .lsn = hf_core_lsn(core) + 1, .session = SESSION, .slots = 1, .client_order_id = op->id};
    if (op->type == OP_CANCEL) {
        record.type = HF_COMMAND_CANCEL;
    } else {
        record.type = HF_COMMAND_NEW;
        record.side = op->side == SIDE_BUY ? HF_BUY : HF_SELL;
        record.order_type = HF_LIMIT;
        record.time_in_force = HF_GTC;
        record.instrument = op->sym + 1u;
        record.price = op->price;
        record.quantity = op->qty;
    }
    hf_core_apply(core, &record, NULL, sink);
}

static void
add_resting(const struct hf_core *core, uint32_t instruments, stream_result *result)
{
    static struct hf_depth_level levels[STREAM_PMAX];
    for (uint32_t id = 1; id <= instruments; id++) {
        for (unsigned side = 0; side < 2; side++) {
            size_t count =
                hf_core_depth(core, id, side == 0 ? HF_BUY : HF_SELL, levels, STREAM_PMAX);
            for (size_t i = 0; i < count; i++) {
                result->rest_orders[side] += levels[i].orders;
                result->rest_qty[side] += levels[i].quantity;
            }
        }
    }
}

static int
is_equal(const stream_result *is, const stream_result *want)
{
    return is->trades == want->trades && is->volume == want->volume &&
           is->notional == want->notional && is->hash == want->hash &&
           is->rest_orders[0] == want->rest_orders[0] &&
           is->rest_orders[1] == want->rest_orders[1] && is->rest_qty[0] == want->rest_qty[0] &&
           is->rest_qty[1] == want->rest_qty[1];
}

/** Nanoseconds per dependent multiplication, now. */
static double
loop_ns(void)
{
    uint64_t start_ns = hf_clock_monotonic_ns();
    uint64_t value = start_ns | 1;
    for (uint32_t i = 0; i < LOOP_STEPS; i++) {
        value = value * 0x9e3779b97f4a7c15u + i;
    }
    uint64_t end_ns = hf_clock_monotonic_ns();
    if (value == 0) {
        puts(""); /* so that the loop has a result */
    }
    return (double)(end_ns - start_ns) / LOOP_STEPS;
}

/** Drive the timed part; the fastest time of each slice so far is kept. Returns all nanoseconds. */
static uint64_t
drive_slices(struct hf_core *core, const stream_op *ops, const struct hf_core_sink *sink,
             uint64_t *fastest_ns)
{
    uint64_t all_ns = 0;
    for (uint32_t slice = 0; slice < SLICES; slice++) {
        uint64_t start_ns = hf_clock_monotonic_ns();
        for (uint64_t i = 0; i < SLICE_OPS; i++) {
            drive(core, &ops[slice * SLICE_OPS + i], sink);
        }
        uint64_t slice_ns = hf_clock_monotonic_ns() - start_ns;
        all_ns += slice_ns;
        fastest_ns[slice] = slice_ns < fastest_ns[slice] ? slice_ns : fastest_ns[slice];
    }
    return all_ns;
}

/** One run; returns ns per operation, or a negative number when the end state differs. */
static double
run(const stream_op *ops, uint32_t instruments, const stream_result *want, uint64_t *fastest_ns)
{
    size_t bytes = hf_core_footprint(&limits);
    void *memory = hf_memory_alloc(bytes, -1);
    HF_ASSERT("memory", memory != NULL);
    struct hf_core *core = hf_core_new(memory, &limits);
    struct sum sum = {.result = {.hash = 0xCBF29CE484222325u}};
    struct hf_core_sink sink = {.context = &sum, .report = on_report};
    prepare(core, instruments);
    for (uint64_t i = 0; i < STREAM_WARMUP; i++) {
        drive(core, &ops[i], &sink);
    }
    uint64_t all_ns = drive_slices(core, ops + STREAM_WARMUP, &sink, fastest_ns);
    double op_ns = (double)all_ns / (double)STREAM_OPS;
    add_resting(core, instruments, &sum.result);
    if (!is_equal(&sum.result, want)) {
        printf("MISMATCH instruments=%u trades=%llu (expected %llu) hash=%016llx "
               "(expected %016llx)\n",
               (unsigned)instruments, (unsigned long long)sum.result.trades,
               (unsigned long long)want->trades, (unsigned long long)sum.result.hash,
               (unsigned long long)want->hash);
        op_ns = -1;
    }
    hf_core_audit(core);
    hf_memory_free(memory, bytes);
    return op_ns;
}

static int
compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void
print_times(uint32_t instruments, unsigned runs, double *op_ns, const uint64_t *fastest_ns,
            double loop)
{
    uint64_t calm_ns = 0;
    for (uint32_t slice = 0; slice < SLICES; slice++) {
        calm_ns += fastest_ns[slice];
    }
    double calm = (double)calm_ns / (double)STREAM_OPS;
    qsort(op_ns, runs, sizeof(op_ns[0]), compare_doubles);
    printf("OK instruments=%u runs=%u ns/op: median=%.1f calm=%.1f loop=%.3f calm/loop=%.1f\n",
           (unsigned)instruments, runs, op_ns[runs / 2], calm, loop, calm / loop);
}

static int
bench(uint32_t instruments, unsigned runs)
{
    stream_result want;
    stream_op *ops =
        stream_build(STREAM_SEED + instruments, instruments, STREAM_WARMUP + STREAM_OPS, &want);
    double op_ns[RUNS_MAX];
    uint64_t fastest_ns[SLICES];
    double loop = 1e9;
    int code = 0;
    memset(fastest_ns, 0xff, sizeof(fastest_ns));
    for (unsigned i = 0; i < runs && code == 0; i++) {
        double now = loop_ns();
        loop = now < loop ? now : loop;
        op_ns[i] = run(ops, instruments, &want, fastest_ns);
        code = op_ns[i] < 0;
    }
    free(ops);
    if (code == 0) {
        print_times(instruments, runs, op_ns, fastest_ns, loop);
    }
    return code;
}

int
main(int argc, char **argv)
{
    unsigned long instruments = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
    if (instruments > limits.instruments_max || runs < 1 || runs > RUNS_MAX || argc > 3) {
        (void)fprintf(stderr, "usage: bench_core [INSTRUMENTS [RUNS]]\n");
        return 64;
    }
    if (instruments != 0) {
        return bench((uint32_t)instruments, (unsigned)runs);
    }
    return bench(1, (unsigned)runs) | bench(100, (unsigned)runs);
}
