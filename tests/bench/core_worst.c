/* core_worst.c - streams that are meant to hurt: what a matching engine is usually not shown. */
#include "core_stream.h"

#include "base/panic.h"

#define MID 1000000
#define PRICE_MAX (2 * MID)

/* One level with very many orders: from its midst orders are cancelled and reduced, at its end they
 * are entered, at its front they trade. */
void
core_make_one_level(struct core_stream *stream, uint64_t orders, uint64_t count)
{
    struct core_maker maker;
    core_stream_init(stream, 1, orders + count, "one level of %llu orders",
                     (unsigned long long)orders);
    stream->price_max = PRICE_MAX;
    core_maker_init(&maker, stream, 1);
    for (uint64_t i = 0; i < orders; i++) {
        (void)core_make_new(&maker, 1, HF_BUY, MID, 10, HF_GTC);
    }
    core_maker_start(&maker);
    while (stream->operations < count) {
        switch (core_random(&maker, 4)) {
        case 0:
            core_make_cancel(&maker, core_live(&maker));
            break;
        case 1:
            core_make_reduce(&maker, core_live(&maker), 1);
            break;
        case 2:
            (void)core_make_new(&maker, 1, HF_SELL, MID, 10, HF_IOC);
            break;
        default:
            (void)core_make_new(&maker, 1, HF_BUY, MID, 10, HF_GTC);
            break;
        }
        if (maker.live_count < orders) {
            (void)core_make_new(&maker, 1, HF_BUY, MID, 10, HF_GTC);
        }
    }
    core_maker_finish(&maker);
}

/* A book of so many levels is built, and one order takes them all. */
void
core_make_sweeps(struct core_stream *stream, uint64_t levels, uint64_t count)
{
    struct core_maker maker;
    core_stream_init(stream, 1, 8 * levels, "sweeps through %llu levels",
                     (unsigned long long)levels);
    stream->price_max = PRICE_MAX;
    core_maker_init(&maker, stream, 2);
    core_maker_start(&maker);
    while (stream->operations < count) {
        for (uint64_t i = 0; i < levels; i++) {
            (void)core_make_new(&maker, 1, HF_SELL, MID + (int64_t)i, 1, HF_GTC);
        }
        (void)core_make_new(&maker, 1, HF_BUY, PRICE_MAX, levels, HF_IOC);
        HF_ASSERT("a sweep takes all", maker.live_count == 0);
    }
    core_maker_finish(&maker);
}

/* A deep book is built, then everything is cancelled in no order; again and again. */
void
core_make_cancel_storm(struct core_stream *stream, uint64_t orders, uint64_t count)
{
    struct core_maker maker;
    core_stream_init(stream, 1, orders, "cancel storms from the midst of %llu orders",
                     (unsigned long long)orders);
    stream->price_max = PRICE_MAX;
    core_maker_init(&maker, stream, 3);
    core_maker_start(&maker);
    while (stream->operations < count) {
        for (uint64_t i = 0; i < orders; i++) {
            bool buys = core_random(&maker, 2) == 0;
            int64_t away = 1 + (int64_t)core_random(&maker, 1000);
            (void)core_make_new(&maker, 1, buys ? HF_BUY : HF_SELL, MID + (buys ? -away : away),
                                1 + core_random(&maker, 100), HF_GTC);
        }
        while (maker.live_count > 0) {
            core_make_cancel(&maker, core_live(&maker));
        }
    }
    core_maker_finish(&maker);
}

/* Icebergs that show one lot in a hundred stand in one level; an order takes half of what is hidden, in
 * as many trades and refills. */
void
core_make_icebergs(struct core_stream *stream, uint64_t count)
{
    struct core_maker maker;
    core_stream_init(stream, 1, 20, "iceberg refills, 1,000 in one order");
    stream->price_max = PRICE_MAX;
    core_maker_init(&maker, stream, 4);
    core_maker_start(&maker);
    while (stream->operations < count) {
        for (unsigned i = 0; i < 20; i++) {
            (void)core_make_iceberg(&maker, HF_SELL, MID, 100, 1);
        }
        (void)core_make_new(&maker, 1, HF_BUY, MID, 1000, HF_IOC);
        (void)core_make_new(&maker, 1, HF_BUY, MID, 1000, HF_IOC);
        HF_ASSERT("icebergs are taken", maker.live_count == 0);
    }
    core_maker_finish(&maker);
}

/* A ladder of sells, and between its steps buy stops: each trade at a step sets off the stop there, whose
 * trade is one step higher. One order of one lot sets off a hundred. */
void
core_make_stops(struct core_stream *stream, uint64_t count)
{
    const int64_t steps = 100;
    struct core_maker maker;
    core_stream_init(stream, 1, 2 * (uint64_t)steps, "stop cascades of %d", (int)steps);
    stream->price_max = PRICE_MAX;
    core_maker_init(&maker, stream, 5);
    core_maker_start(&maker);
    while (stream->operations < count) {
        /* A trade at the bottom, or the stops would be above the last price no more. */
        (void)core_make_new(&maker, 1, HF_SELL, MID, 1, HF_GTC);
        (void)core_make_new(&maker, 1, HF_BUY, MID, 1, HF_IOC);
        for (int64_t i = 1; i <= steps; i++) {
            (void)core_make_new(&maker, 1, HF_SELL, MID + i, 1, HF_GTC);
            if (i < steps) {
                (void)core_make_stop(&maker, HF_BUY, MID + i, 1);
            }
        }
        (void)core_make_new(&maker, 1, HF_BUY, MID + 1, 1, HF_IOC);
        HF_ASSERT("a cascade goes to its end", maker.live_count == 0);
    }
    core_maker_finish(&maker);
}

void
core_make_resting(struct core_stream *stream, uint64_t resting, uint64_t count)
{
    struct core_maker maker;
    uint64_t width = resting / 20 < 100 ? 100 : resting / 20 > 50000 ? 50000 : resting / 20;
    core_stream_init(stream, 1, resting + 1, "%llu resting orders", (unsigned long long)resting);
    stream->price_max = PRICE_MAX;
    core_maker_init(&maker, stream, 6);
    while (stream->operations < count) {
        if (maker.live_count == resting && !maker.timed) {
            core_maker_start(&maker);
        }
        if (maker.live_count >= resting) {
            core_make_cancel(&maker, core_live(&maker));
        }
        bool buys = core_random(&maker, 2) == 0;
        int64_t away = 1 + (int64_t)core_random(&maker, width);
        (void)core_make_new(&maker, 1, buys ? HF_BUY : HF_SELL, MID + (buys ? -away : away),
                            1 + core_random(&maker, 100), HF_GTC);
    }
    core_maker_finish(&maker);
}
