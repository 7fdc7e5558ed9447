/*
 * core_common.c - the common stream (stream.h), on which other engines were run too: its reference
 * matcher knows the exact end state, and at full length the state that was published.
 */
#include "bench.h"
#include "core_stream.h"
#include "stream.h"
#include "stream_length.h"

#include <string.h>

HF_STATIC_ASSERT(STREAM_LENGTH_WARM == STREAM_WARMUP, "the published warm-up");
HF_STATIC_ASSERT(STREAM_LENGTH_TIMED == STREAM_OPS, "the published length");

/** Hash of all trades at full length. */
static const struct {
    uint32_t instruments;
    uint64_t hash;
} published[] = {{1, 0xd7001db5320c8f40u}, {100, 0x59aa550b0a03eadbu}};

/** What the reports of a run add up to. */
struct sum {
    stream_result is;
    stream_result want;
    uint32_t instruments;
    uint64_t maker; /**< of the trade whose second report is to come */
};

static void
sum_begin(void *context)
{
    struct sum *sum = context;
    memset(&sum->is, 0, sizeof(sum->is));
    sum->is.hash = 0xCBF29CE484222325u;
}

static void
sum_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct sum *sum = context;
    (void)session;
    if (report->type != HF_REPORT_FILL) {
        return;
    }
    if ((report->flags & HF_REPORT_MAKER) != 0) {
        sum->maker = report->client_order_id;
    } else {
        stream_trade(&sum->is, sum->maker, report->client_order_id, report->price,
                     report->quantity);
    }
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

static const char *
sum_end(void *context, const struct hf_core *core)
{
    struct sum *sum = context;
    const stream_result *is = &sum->is;
    const stream_result *want = &sum->want;
    add_resting(core, sum->instruments, &sum->is);
    if (is->trades != want->trades || is->hash != want->hash) {
        return "trades and their hash";
    }
    if (is->volume != want->volume || is->notional != want->notional) {
        return "volume and notional";
    }
    bool same = is->rest_orders[0] == want->rest_orders[0] &&
                is->rest_orders[1] == want->rest_orders[1] &&
                is->rest_qty[0] == want->rest_qty[0] && is->rest_qty[1] == want->rest_qty[1];
    return same ? NULL : "resting orders";
}

/** Everybody else's published figures are of this state. */
static const char *
check_published(uint32_t instruments, uint64_t count, uint64_t hash)
{
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        if (published[i].instruments == instruments && count == STREAM_WARMUP + STREAM_OPS &&
            published[i].hash != hash) {
            return "the published hash of trades";
        }
    }
    return NULL;
}

const char *
core_make_common(struct core_stream *stream, uint32_t instruments, uint64_t warm, uint64_t count)
{
    struct core_maker maker;
    struct sum *sum = calloc(1, sizeof(*sum));
    /* A third of the commands leave an order in the book. */
    uint64_t orders = warm + count < 1u << 20 ? warm + count : 1u << 20;
    core_stream_init(stream, instruments, orders, "common stream, %u instrument%s",
                     (unsigned)instruments, instruments == 1 ? "" : "s");
    if (instruments > 1000) { /* up to some 64 levels of each are in use */
        stream->limits.levels_max = stream->limits.orders_max;
    }
    stream->price_max = STREAM_PMAX;
    if (sum == NULL) {
        bench_die("no memory for a stream");
    }
    stream_op *ops = stream_build(STREAM_SEED + instruments, instruments, warm + count, &sum->want);
    sum->instruments = instruments;
    stream->judge = (struct core_judge){sum, sum_begin, sum_report, sum_end};
    core_maker_init(&maker, stream, 0);
    for (uint64_t i = 0; i < warm + count; i++) {
        const stream_op *op = &ops[i];
        if (i == warm) {
            core_maker_start(&maker);
        }
        if (op->type == OP_CANCEL) {
            core_make_cancel(&maker, op->id);
        } else {
            maker.next_id = op->id;
            (void)core_make_new(&maker, op->sym + 1u, op->side == SIDE_BUY ? HF_BUY : HF_SELL,
                                op->price, op->qty, HF_GTC);
        }
    }
    core_maker_finish(&maker);
    free(ops);
    return check_published(instruments, warm + count, sum->want.hash);
}
