/*
 * core_swing.c - books whose price moves far: the same mix of commands around a middle that stays, that
 * swings, or that crashes and recovers. The calm one is what the others are compared with.
 *
 *   of 100 commands: 42 orders within 50 ticks of the middle, 5 within 50,000 ticks of it, 22 cancels,
 *   12 modifies, 11 IOC through the middle, 8 orders through the middle whose rest stays
 */
#include "core_stream.h"

#define MID 500000
#define PRICE_MAX (2 * MID)
#define NEAR 50
#define FAR 50000
#define ORDERS_WANTED 20000u /* above this many an order is cancelled in place of a new one */

/** Where the middle is, `part` (0 to 1) of the way through the stream. */
static int64_t
middle(enum core_path path, double part)
{
    double width = path == CORE_SWING_25 ? 0.25 : path == CORE_SWING_40 ? 0.40 : 0;
    if (path == CORE_CRASH) { /* by half within 2 % of the stream, back within 40 % */
        double low = part < 0.4    ? 0
                     : part < 0.42 ? (part - 0.4) / 0.02
                     : part < 0.82 ? 1 - (part - 0.42) / 0.4
                                   : 0;
        return MID - (int64_t)(low * MID / 2);
    }
    double phase = part * 4; /* four times up, down and back */
    phase -= (double)(int)phase;
    double wave = phase < 0.25 ? phase * 4 : phase < 0.75 ? 2 - phase * 4 : phase * 4 - 4;
    return MID + (int64_t)(wave * width * MID);
}

static void
make_passive(struct core_maker *maker, int64_t mid, uint64_t width)
{
    bool buys = core_random(maker, 2) == 0;
    int64_t away = 1 + (int64_t)core_random(maker, width);
    (void)core_make_new(maker, 1, buys ? HF_BUY : HF_SELL, mid + (buys ? -away : away),
                        1 + core_random(maker, 100), HF_GTC);
}

static void
make_modify(struct core_maker *maker, int64_t mid)
{
    int64_t away = (int64_t)core_random(maker, 2 * NEAR + 1) - NEAR;
    core_make_replace(maker, core_live(maker), mid + away, 100 + core_random(maker, 100));
}

static void
make_taker(struct core_maker *maker, int64_t mid, int64_t through, enum hf_time_in_force force)
{
    bool buys = core_random(maker, 2) == 0;
    (void)core_make_new(maker, 1, buys ? HF_BUY : HF_SELL, mid + (buys ? through : -through),
                        1 + core_random(maker, 300), force);
}

static void
make_one(struct core_maker *maker, int64_t mid)
{
    uint64_t dice = core_random(maker, 100);
    if (maker->live_count > ORDERS_WANTED || (dice < 22 && maker->live_count > 0)) {
        core_make_cancel(maker, core_live(maker));
    } else if (dice < 34 && maker->live_count > 0) {
        make_modify(maker, mid);
    } else if (dice < 45) {
        make_taker(maker, mid, 10, HF_IOC);
    } else if (dice < 53) {
        make_taker(maker, mid, NEAR, HF_GTC);
    } else {
        make_passive(maker, mid, dice < 58 ? FAR : NEAR);
    }
}

void
core_make_swing(struct core_stream *stream, enum core_path path, uint64_t count)
{
    static const char *const names[] = {
        [CORE_CALM] = "swing mix, calm",
        [CORE_SWING_25] = "swing mix, price swings by 25 %",
        [CORE_SWING_40] = "swing mix, price swings by 40 %",
        [CORE_CRASH] = "swing mix, crash by 50 % and recovery",
    };
    const uint64_t warm = count / 20;
    struct core_maker maker;
    core_stream_init(stream, 1, count < ORDERS_WANTED ? count + warm : 8 * ORDERS_WANTED, "%s",
                     names[path]);
    stream->price_max = PRICE_MAX;
    core_maker_init(&maker, stream, 7);
    for (uint64_t i = 0; i < warm; i++) {
        make_one(&maker, MID);
    }
    core_maker_start(&maker);
    for (uint64_t i = 0; i < count; i++) {
        make_one(&maker, middle(path, (double)i / (double)count));
    }
    core_maker_finish(&maker);
}
