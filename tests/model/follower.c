/*
 * follower.c - level books out of pages and events, at moments that chance chooses.
 */
#include "model/follower.h"

#include "base/panic.h"

#include <holdfast/error.h>
#include <string.h>

#define LEVELS_COMPARED 256u
#define PAGE_LEVELS_MAX 3u /* few, so that a book of few levels has several pages */

static uint64_t
random_below(struct follower *follower, uint64_t bound)
{
    follower->random = follower->random * 6364136223846793005u + 1442695040888963407u;
    return (follower->random >> 33) % bound;
}

void
follower_start(struct follower *follower, uint64_t seed, bool is_late)
{
    for (uint32_t id = 1; id <= FOLLOWER_BOOKS; id++) {
        hf_levels_reset(&follower->books[id]);
    }
    follower->unread_count = 0;
    follower->read = 0;
    follower->random = seed;
    follower->is_late = is_late;
}

void
follower_free(struct follower *follower)
{
    for (uint32_t id = 1; id <= FOLLOWER_BOOKS; id++) {
        hf_levels_free(&follower->books[id]);
    }
}

static const char *
read_events(struct follower *follower, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct hf_market_event *event = &follower->unread[i];
        if (event->instrument <= FOLLOWER_BOOKS &&
            hf_levels_apply(&follower->books[event->instrument], event) != HF_OK) {
            return "an event does not fit the follower's book";
        }
        follower->read = event->number;
    }
    follower->unread_count -= count;
    memmove(follower->unread, follower->unread + count,
            follower->unread_count * sizeof(follower->unread[0]));
    return NULL;
}

static bool
pages_differ(const struct hf_levels *book)
{
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < book->sides[side].page_count; i++) {
            if (book->sides[side].pages[i].number != book->newest) {
                return true;
            }
        }
    }
    return false;
}

/** One page of what the core has now, however far behind the events are read. */
static const char *
fetch_page(struct follower *follower, const struct hf_core *core, uint32_t instrument,
           size_t wanted)
{
    struct hf_levels *book = &follower->books[instrument];
    struct hf_depth_level page[LEVELS_COMPARED];
    enum hf_side side;
    int64_t price;
    if (!hf_levels_wants(book, &side, &price)) {
        return NULL;
    }
    size_t count = hf_core_depth_behind(core, instrument, side, price, page, wanted);
    if (hf_levels_add_page(book, side, page, count, count < wanted, hf_core_market_number(core)) !=
        HF_OK) {
        return "a page of the core's levels does not fit the follower's book";
    }
    follower->joins += !hf_levels_wants(book, &side, &price) && pages_differ(book);
    return NULL;
}

static const char *
compare_side(const struct hf_levels *book, const struct hf_core *core, uint32_t instrument,
             enum hf_side side)
{
    struct hf_depth_level ours[LEVELS_COMPARED];
    struct hf_depth_level theirs[LEVELS_COMPARED];
    size_t count = hf_levels_copy(book, side, ours, LEVELS_COMPARED);
    HF_ASSERT("the test's arrays are large enough", count < LEVELS_COMPARED);
    bool equal = hf_core_depth(core, instrument, side, theirs, LEVELS_COMPARED) == count;
    for (size_t i = 0; i < count && equal; i++) {
        equal = ours[i].price == theirs[i].price && ours[i].quantity == theirs[i].quantity &&
                ours[i].orders == theirs[i].orders;
    }
    return equal ? NULL : "the follower's levels are not the core's";
}

/** K3: whole books are the core's, when every event has been read. */
static const char *
compare(struct follower *follower, const struct hf_core *core)
{
    const char *wrong = NULL;
    for (uint32_t id = 1; id <= FOLLOWER_BOOKS && wrong == NULL; id++) {
        const struct hf_levels *book = &follower->books[id];
        if (!hf_levels_whole(book, follower->read)) {
            wrong = follower->is_late ? NULL : "a prompt follower's book is not whole";
            continue;
        }
        follower->compared++;
        wrong = compare_side(book, core, id, HF_BUY);
        wrong = wrong != NULL ? wrong : compare_side(book, core, id, HF_SELL);
    }
    return wrong;
}

static const char *
step_promptly(struct follower *follower, const struct hf_core *core)
{
    const char *wrong = read_events(follower, follower->unread_count);
    for (uint32_t id = 1; id <= FOLLOWER_BOOKS && wrong == NULL; id++) {
        for (int pages = 0; pages < 2 && wrong == NULL; pages++) {
            wrong = fetch_page(follower, core, id, LEVELS_COMPARED);
        }
    }
    return wrong != NULL ? wrong : compare(follower, core);
}

static const char *
step_late(struct follower *follower, const struct hf_core *core)
{
    uint32_t id = (uint32_t)random_below(follower, FOLLOWER_BOOKS) + 1;
    if (random_below(follower, 16) == 0) {
        hf_levels_reset(&follower->books[id]);
    }
    size_t count = follower->unread_count;
    switch (random_below(follower, 4)) {
    case 0:
        count = 0;
        break;
    case 1:
        count = random_below(follower, count + 1);
        break;
    default:
        break;
    }
    const char *wrong = read_events(follower, count);
    uint64_t pages = random_below(follower, 4);
    for (uint64_t i = 0; i < pages && wrong == NULL; i++) {
        id = (uint32_t)random_below(follower, 3) + 1; /* those in which most happens */
        wrong = fetch_page(follower, core, id, random_below(follower, PAGE_LEVELS_MAX) + 1);
    }
    if (wrong != NULL || follower->unread_count != 0) {
        return wrong;
    }
    return compare(follower, core);
}

const char *
follower_step(struct follower *follower, const struct hf_core *core,
              const struct hf_market_event *events, size_t count)
{
    const char *wrong = NULL;
    if (follower->unread_count + count > FOLLOWER_UNREAD) {
        wrong = read_events(follower, follower->unread_count);
    }
    HF_ASSERT("a record's events fit", count <= FOLLOWER_UNREAD);
    if (count != 0) {
        memcpy(follower->unread + follower->unread_count, events, count * sizeof(*events));
        follower->unread_count += count;
    }
    if (wrong != NULL) {
        return wrong;
    }
    return follower->is_late ? step_late(follower, core) : step_promptly(follower, core);
}
