/* test_page.c - the status object as a client reads it, whatever it says of itself. */
#include "page.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 3u

/** A page with room for three instruments, and two in it; the memory behind it is not ours. */
static struct hf_region
page_make(void)
{
    size_t len_bytes = HF_STATUS_PAGE_BYTES + ROOM * sizeof(struct hf_instrument_info);
    struct hf_region region = {.base = calloc(1, len_bytes), .len_bytes = len_bytes, .fd = -1};
    struct hf_status *page = region.base;
    struct hf_instrument_info *table =
        (void *)((unsigned char *)region.base + HF_STATUS_PAGE_BYTES);
    page->magic = HF_STATUS_MAGIC;
    page->version = HF_PROTOCOL_VERSION;
    page->instruments_max = ROOM;
    page->instruments = 2;
    strcpy(table[0].symbol, "GONE");
    strcpy(table[1].symbol, "HERE");
    table[1].id = 2;
    table[1].phase = 1;
    return region;
}

Test(page, instruments_that_were_removed_are_left_out)
{
    struct hf_region region = page_make();
    struct hf_instrument_info rows[ROOM];
    cr_assert_eq(hf_page_check(&region), HF_OK);
    cr_assert_eq(hf_page_instruments(&region, rows, ROOM), 1);
    cr_expect_eq(rows[0].id, 2);
    cr_expect_eq(hf_page_instrument(&region, "HERE", rows), HF_OK);
    cr_expect_eq(hf_page_instrument(&region, "GONE", rows), HF_E_UNKNOWN);
    free(region.base);
}

Test(page, counts_that_grow_behind_the_check_reach_no_further_than_the_mapping)
{
    struct hf_region region = page_make();
    struct hf_status *page = region.base;
    struct hf_instrument_info *rows = calloc(1000, sizeof(*rows));
    cr_assert_eq(hf_page_check(&region), HF_OK);
    page->instruments = 1000;
    page->instruments_max = 1000;
    cr_expect_leq(hf_page_instruments(&region, rows, 1000), ROOM);
    cr_expect_eq(hf_page_instrument(&region, "NONE", rows), HF_E_UNKNOWN);
    cr_expect_eq(hf_page_check(&region), HF_E_PROTOCOL);
    free(rows);
    free(region.base);
}

Test(page, that_is_too_short_or_of_another_version_is_refused)
{
    struct hf_region region = page_make();
    struct hf_status *page = region.base;
    region.len_bytes = HF_STATUS_PAGE_BYTES - 1;
    cr_expect_eq(hf_page_check(&region), HF_E_PROTOCOL);
    region.len_bytes = HF_STATUS_PAGE_BYTES + ROOM * sizeof(struct hf_instrument_info);
    page->version++;
    cr_expect_eq(hf_page_check(&region), HF_E_VERSION);
    page->magic++;
    cr_expect_eq(hf_page_check(&region), HF_E_PROTOCOL);
    free(region.base);
}
