/* page.c - reading the status object. */
#include "page.h"

#include "base/atomic.h"

#include <holdfast/error.h>
#include <string.h>

#define PAGE_WORDS (sizeof(struct hf_status) / sizeof(uint64_t))

HF_STATIC_ASSERT(sizeof(struct hf_status) % sizeof(uint64_t) == 0, "the page is whole words");

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
    size_t room_bytes = region->len_bytes - HF_STATUS_PAGE_BYTES;
    return page->instruments_max <= room_bytes / sizeof(struct hf_instrument_info) ? HF_OK
                                                                                   : HF_E_PROTOCOL;
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

static uint32_t
instrument_count(const struct hf_status *page)
{
    /* Acquire pairs with the daemon's release of the count, after it filled the entries. */
    uint32_t count = hf_load_acquire(&page->instruments);
    return count < page->instruments_max ? count : page->instruments_max;
}

int
hf_page_instrument(const struct hf_status *page, const char *symbol,
                   struct hf_instrument_info *info)
{
    uint32_t count = instrument_count(page);
    for (uint32_t i = 0; i < count; i++) {
        const struct hf_instrument_info *entry = instrument_entry(page, i);
        /* The symbol of one that was removed may belong to another by now. */
        if (entry->phase != 0 && strncmp(entry->symbol, symbol, HF_SYMBOL_BYTES) == 0) {
            *info = *entry;
            return HF_OK;
        }
    }
    return HF_E_UNKNOWN;
}

size_t
hf_page_instruments(const struct hf_status *page, struct hf_instrument_info *rows, size_t capacity)
{
    uint32_t count = instrument_count(page);
    size_t copied = 0;
    for (uint32_t i = 0; i < count && copied < capacity; i++) {
        rows[copied] = *instrument_entry(page, i);
        copied += rows[copied].phase != 0;
    }
    return copied;
}
