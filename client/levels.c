/* levels.c - a level book: two sorted arrays, and the pages that it was built from. */
#include "levels.h"

#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_FIRST 128u
#define PAGES_FIRST 16u

/** Its own inverse. The complement, because the least price of all has no negative. */
static int64_t
rank_of(enum hf_side side, int64_t price)
{
    return side == HF_BUY ? price : ~price;
}

static struct hf_depth_level *
used(const struct hf_levels_side *side)
{
    return side->room + side->start;
}

void
hf_levels_reset(struct hf_levels *levels)
{
    for (size_t i = 0; i < 2; i++) {
        struct hf_levels_side *side = &levels->sides[i];
        side->start = side->capacity / 2;
        side->count = 0;
        side->page_count = 0;
        side->covered = false;
    }
    levels->newest = 0;
}

void
hf_levels_free(struct hf_levels *levels)
{
    for (size_t i = 0; i < 2; i++) {
        free(levels->sides[i].room);
        free(levels->sides[i].pages);
    }
    memset(levels, 0, sizeof(*levels));
}

/* The array */

/** Twice the room, with what is used in the middle of it. */
static int
grow(struct hf_levels_side *side)
{
    size_t capacity = side->capacity == 0 ? LEVELS_FIRST : 2 * side->capacity;
    size_t start = (capacity - side->count) / 2;
    struct hf_depth_level *room = calloc(capacity, sizeof(*room));
    if (room == NULL) {
        return HF_E_MEMORY;
    }
    if (side->count != 0) {
        memcpy(room + start, used(side), side->count * sizeof(*room));
    }
    free(side->room);
    side->room = room;
    side->capacity = capacity;
    side->start = start;
    return HF_OK;
}

/** Make a free entry at index `at`: the shorter part moves, unless it has no room. */
static int
open_gap(struct hf_levels_side *side, size_t at)
{
    if (side->start == 0 && side->count == side->capacity) {
        int code = grow(side);
        if (code != HF_OK) {
            return code;
        }
    }
    bool room_behind = side->start + side->count < side->capacity;
    bool forward = side->start == 0 || (room_behind && at >= side->count / 2);
    if (forward) {
        struct hf_depth_level *gap = used(side) + at;
        memmove(gap + 1, gap, (side->count - at) * sizeof(*gap));
    } else {
        side->start--;
        memmove(used(side), used(side) + 1, at * sizeof(*side->room));
    }
    side->count++;
    return HF_OK;
}

static void
close_gap(struct hf_levels_side *side, size_t at)
{
    struct hf_depth_level *gap = used(side) + at;
    if (at < side->count / 2) {
        memmove(used(side) + 1, used(side), at * sizeof(*gap));
        side->start++;
    } else {
        memmove(gap, gap + 1, (side->count - at - 1) * sizeof(*gap));
    }
    side->count--;
}

/** Index of the first level that is not worse than `rank`; count when all are. */
static size_t
find(const struct hf_levels_side *side, enum hf_side which, int64_t rank)
{
    size_t low = 0;
    size_t high = side->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rank_of(which, used(side)[middle].price) < rank) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Pages */

bool
hf_levels_wants(const struct hf_levels *levels, enum hf_side *side, int64_t *price)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct hf_levels_side *one = &levels->sides[i];
        *side = i == 0 ? HF_BUY : HF_SELL;
        if (!one->covered) {
            *price = one->page_count == 0 ? (i == 0 ? INT64_MAX : INT64_MIN)
                                          : rank_of(*side, one->pages[one->page_count - 1].bound);
            return true;
        }
    }
    return false;
}

static int
push_page(struct hf_levels_side *side, struct hf_levels_page page)
{
    if (side->page_count == side->page_capacity) {
        size_t capacity = side->page_capacity == 0 ? PAGES_FIRST : 2 * side->page_capacity;
        struct hf_levels_page *pages = realloc(side->pages, capacity * sizeof(*pages));
        if (pages == NULL) {
            return HF_E_MEMORY;
        }
        side->pages = pages;
        side->page_capacity = capacity;
    }
    side->pages[side->page_count++] = page;
    return HF_OK;
}

/** A level that is worse than all that are there. */
static int
push_worst(struct hf_levels_side *side, const struct hf_depth_level *level)
{
    int code = open_gap(side, 0);
    if (code == HF_OK) {
        used(side)[0] = *level;
    }
    return code;
}

int
hf_levels_add_page(struct hf_levels *levels, enum hf_side side, const struct hf_depth_level *page,
                   size_t count, bool ends, uint64_t number)
{
    struct hf_levels_side *one = &levels->sides[side - 1];
    int64_t bound = one->page_count == 0 ? INT64_MAX : one->pages[one->page_count - 1].bound;
    if (one->covered || number < levels->newest || (count == 0 && !ends)) {
        return HF_E_PROTOCOL;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t rank = rank_of(side, page[i].price);
        if (rank >= bound || page[i].orders == 0 || page[i].quantity == 0) {
            return HF_E_PROTOCOL;
        }
        int code = push_worst(one, &page[i]);
        if (code != HF_OK) {
            return code;
        }
        bound = rank;
    }
    one->covered = ends;
    levels->newest = number;
    return push_page(one, (struct hf_levels_page){ends ? INT64_MIN : bound, number});
}

/** Whether the book has an event already, or will have it by a page to come (K1, K2). */
static bool
passed_over(const struct hf_levels *levels, const struct hf_levels_side *side, int64_t rank,
            uint64_t number)
{
    if (side->covered && number > levels->newest) {
        return false; /* the usual case: all pages are older */
    }
    for (size_t i = 0; i < side->page_count; i++) {
        if (rank >= side->pages[i].bound) {
            return number <= side->pages[i].number;
        }
    }
    return true;
}

/* Events */

static int
add_order(struct hf_levels_side *side, size_t at, bool there, const struct hf_market_event *event)
{
    if (!there) {
        int code = open_gap(side, at);
        if (code != HF_OK) {
            return code;
        }
        used(side)[at] = (struct hf_depth_level){.price = event->price};
    }
    used(side)[at].quantity += event->quantity;
    used(side)[at].orders++;
    return HF_OK;
}

static int
take_off(struct hf_levels_side *side, size_t at, bool there, const struct hf_market_event *event)
{
    uint32_t gone = (event->flags & HF_MARKET_GONE) != 0;
    if (!there) { /* perhaps in a book that never had a level, nor room for any */
        return HF_E_PROTOCOL;
    }
    struct hf_depth_level *level = used(side) + at;
    if (level->quantity < event->quantity || level->orders < gone) {
        return HF_E_PROTOCOL;
    }
    level->quantity -= event->quantity;
    level->orders -= gone;
    if ((level->orders == 0) != (level->quantity == 0)) {
        return HF_E_PROTOCOL;
    }
    if (level->orders == 0) {
        close_gap(side, at);
    }
    return HF_OK;
}

int
hf_levels_apply(struct hf_levels *levels, const struct hf_market_event *event)
{
    if (event->type < HF_MARKET_ADD || event->type > HF_MARKET_CANCEL) {
        return HF_OK; /* no order comes, goes or changes */
    }
    if (event->side != HF_BUY && event->side != HF_SELL) {
        return HF_E_PROTOCOL;
    }
    enum hf_side which = (enum hf_side)event->side;
    struct hf_levels_side *side = &levels->sides[which - 1];
    int64_t rank = rank_of(which, event->price);
    if (passed_over(levels, side, rank, event->number)) {
        return HF_OK;
    }
    size_t at = find(side, which, rank);
    bool there = at < side->count && used(side)[at].price == event->price;
    return event->type == HF_MARKET_ADD ? add_order(side, at, there, event)
                                        : take_off(side, at, there, event);
}

bool
hf_levels_whole(const struct hf_levels *levels, uint64_t read)
{
    return levels->sides[0].covered && levels->sides[1].covered && read >= levels->newest;
}

size_t
hf_levels_copy(const struct hf_levels *levels, enum hf_side side, struct hf_depth_level *to,
               size_t capacity)
{
    const struct hf_levels_side *one = &levels->sides[side - 1];
    size_t count = one->count < capacity ? one->count : capacity;
    for (size_t i = 0; i < count; i++) {
        to[i] = used(one)[one->count - 1 - i];
    }
    return count;
}
