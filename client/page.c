/* page.c - reading the status object. */
#include "page.h"

#include "base/atomic.h"

#include <holdfast/error.h>
#include <string.h>

#define PAGE_WORDS (sizeof(struct hf_status) / sizeof(uint64_t))
#define ENTRY_WORDS (sizeof(struct hf_instrument_info) / sizeof(uint64_t))

/** Only a daemon that died while it changed the table can be that long about it (milliseconds); then what
 *  there is will do. */
#define LOOKS_MAX 1000000u
#define TRIES_MAX 16u

HF_STATIC_ASSERT(sizeof(struct hf_status) % sizeof(uint64_t) == 0, "the page is whole words");

/** How many instruments the mapping has room for. */
static size_t
table_room(const struct hf_region *region)
{
    return (region->len_bytes - HF_STATUS_PAGE_BYTES) / sizeof(struct hf_instrument_info);
}

int
hf_page_check(const struct hf_region *region)
{
    const struct hf_status *page = region->base;
    if (region->len_bytes < HF_STATUS_PAGE_BYTES) {
        return HF_E_PROTOCOL;
    }
    /* Pairs with the daemon's release store of the magic, after all else in the page. */
    if (hf_load_acquire(&page->magic) != HF_STATUS_MAGIC) {
        return HF_E_PROTOCOL;
    }
    if (page->version != HF_PROTOCOL_VERSION) {
        return HF_E_VERSION;
    }
    return page->instruments_max <= table_room(region) ? HF_OK : HF_E_PROTOCOL;
}

void
hf_page_copy(const struct hf_status *page, struct hf_status *copy)
{
    const uint64_t *from = (const uint64_t *)(const void *)page;
    uint64_t words[PAGE_WORDS];
    for (size_t i = PAGE_WORDS; i-- > 0;) {
        /* Acquire keeps the order of the loads; pairs with the release stores of the watermarks. */
        words[i] = hf_load_acquire(&from[i]);
    }
    memcpy(copy, words, sizeof(*copy));
    if (copy->sequenced_lsn < copy->written_lsn) {
        copy->sequenced_lsn =
            copy->written_lsn; /* the engine tells once a round, the writer at once */
    }
}

static const struct hf_instrument_info *
instrument_entry(const struct hf_status *page, uint32_t index)
{
    const unsigned char *table = (const unsigned char *)page + HF_STATUS_PAGE_BYTES;
    return (const struct hf_instrument_info *)(const void *)table + index;
}

/** Never more than the mapping has room for, whatever the page says. */
static uint32_t
instrument_count(const struct hf_region *region)
{
    const struct hf_status *page = region->base;
    /* Acquire pairs with the daemon's release of the count, after it filled the entries. */
    uint32_t count = hf_load_acquire(&page->instruments);
    size_t room = table_room(region);
    return count < room ? count : (uint32_t)room;
}

/** Acquire pairs with the release of each word: see daemon/sequencer.c, store_instrument(). */
static void
load_entry(const struct hf_status *page, uint32_t index, struct hf_instrument_info *info)
{
    const uint64_t *from = (const uint64_t *)(const void *)instrument_entry(page, index);
    uint64_t words[ENTRY_WORDS];
    for (size_t i = 0; i < ENTRY_WORDS; i++) {
        words[i] = hf_load_acquire(&from[i]);
    }
    memcpy(info, words, sizeof(*info));
}

/** The table's version, as soon as it does not change. */
static uint32_t
settled_version(const struct hf_status *page)
{
    uint32_t version = hf_load_acquire(&page->table_version);
    for (unsigned looks = 0; (version & 1) != 0 && looks < LOOKS_MAX; looks++) {
        version = hf_load_acquire(&page->table_version);
    }
    return version;
}

/** Whether what was read since `version` was loaded is of one moment (or will have to do). */
static bool
is_whole(const struct hf_status *page, uint32_t version)
{
    return hf_load_acquire(&page->table_version) == version;
}

static int
find_instrument(const struct hf_region *region, const char *symbol, struct hf_instrument_info *info)
{
    uint32_t count = instrument_count(region);
    for (uint32_t i = 0; i < count; i++) {
        struct hf_instrument_info entry;
        load_entry(region->base, i, &entry);
        /* The symbol of one that was removed may belong to another by now. */
        if (entry.phase != 0 && strncmp(entry.symbol, symbol, HF_SYMBOL_BYTES) == 0) {
            *info = entry;
            return HF_OK;
        }
    }
    return HF_E_UNKNOWN;
}

int
hf_page_instrument(const struct hf_region *region, const char *symbol,
                   struct hf_instrument_info *info)
{
    const struct hf_status *page = region->base;
    int result = HF_E_UNKNOWN;
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        uint32_t version = settled_version(page);
        result = find_instrument(region, symbol, info);
        if (is_whole(page, version)) {
            break;
        }
    }
    return result;
}

static size_t
copy_instruments(const struct hf_region *region, struct hf_instrument_info *rows, size_t capacity)
{
    uint32_t count = instrument_count(region);
    size_t copied = 0;
    for (uint32_t i = 0; i < count && copied < capacity; i++) {
        load_entry(region->base, i, &rows[copied]);
        copied += rows[copied].phase != 0;
    }
    return copied;
}

size_t
hf_page_instruments(const struct hf_region *region, struct hf_instrument_info *rows,
                    size_t capacity)
{
    const struct hf_status *page = region->base;
    size_t copied = 0;
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        uint32_t version = settled_version(page);
        copied = copy_instruments(region, rows, capacity);
        if (is_whole(page, version)) {
            break;
        }
    }
    return copied;
}
