/*
 * core_mixed.c - what a log holds: commands for many instruments by turns, around middles that stay, over a
 * book of about so many resting orders.
 *
 *   of 100 commands: 50 orders within WIDTH ticks of the middle, 35 cancels, 8 replaces, 7 orders through
 *   the middle (IOC); and a cancel in place of a new order when there are too many, the other way round when
 *   there are too few
 */
#include "bench.h"
#include "core_stream.h"

#define MID 100000
#define WIDTH 100u
#define SLACK 16u /* the book stays within 1/16 of the size that is wanted */

static uint32_t
some_instrument(struct core_maker *maker)
{
    return 1 + (uint32_t)core_random(maker, maker->stream->instruments);
}

static void
make_passive(struct core_maker *maker)
{
    bool buys = core_random(maker, 2) == 0;
    int64_t away = 1 + (int64_t)core_random(maker, WIDTH);
    (void)core_make_new(maker, some_instrument(maker), buys ? HF_BUY : HF_SELL,
                        MID + (buys ? -away : away), 1 + core_random(maker, 100), HF_GTC);
}

static void
make_taker(struct core_maker *maker)
{
    bool buys = core_random(maker, 2) == 0;
    (void)core_make_new(maker, some_instrument(maker), buys ? HF_BUY : HF_SELL,
                        MID + (buys ? 50 : -50), 1 + core_random(maker, 150), HF_IOC);
}

/** Near the middle: some trade at once. */
static void
make_replace(struct core_maker *maker)
{
    core_make_replace(maker, core_live(maker), MID + (int64_t)core_random(maker, 101) - 50,
                      100 + core_random(maker, 100));
}

static void
make_one(struct core_maker *maker, uint64_t resting)
{
    uint64_t dice = core_random(maker, 100);
    if (maker->live_count < resting - resting / SLACK) {
        make_passive(maker);
    } else if (dice < 35 || maker->live_count >= resting) {
        core_make_cancel(maker, core_live(maker));
    } else if (dice < 43) {
        make_replace(maker);
    } else if (dice < 50) {
        make_taker(maker);
    } else {
        make_passive(maker);
    }
}

void
core_make_mixed(struct core_stream *stream, uint32_t instruments, uint64_t resting, uint64_t count)
{
    struct core_maker maker;
    core_stream_init(stream, instruments, resting + 1, "%u instruments, %llu resting orders",
                     (unsigned)instruments, (unsigned long long)resting);
    stream->price_max = 2 * MID;
    stream->limits.levels_max = instruments * 4 * (WIDTH + 100);
    core_maker_init(&maker, stream, 8);
    while (maker.live_count < resting) {
        make_passive(&maker);
    }
    core_maker_start(&maker);
    while (stream->operations < count) {
        make_one(&maker, resting);
    }
    core_maker_finish(&maker);
}
