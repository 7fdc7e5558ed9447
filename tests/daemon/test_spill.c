/* test_spill.c - a queue of reports that grows up to a bound and keeps the two slots of one together. */
#include "daemon/spill.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

static struct hf_report
report_of(uint64_t number, unsigned slots)
{
    return (struct hf_report){.number = number, .slots = (uint8_t)slots, .quantity = number * 3};
}

static bool
push(struct hf_spill *spill, uint64_t number, unsigned slots, uint64_t count_max)
{
    struct hf_report both[2] = {report_of(number, slots), report_of(number + 1, 1)};
    return hf_spill_push(spill, both, count_max);
}

Test(spill, an_empty_one_has_no_front)
{
    struct hf_spill spill = {0};
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    cr_expect_eq(hf_spill_count(&spill), 0);
    cr_expect_not(hf_spill_front(&spill, slots));
    hf_spill_free(&spill);
}

Test(spill, reports_come_out_as_they_went_in_over_many_growths_and_laps)
{
    struct hf_spill spill = {0};
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    uint64_t in = 1;
    uint64_t out = 1;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 30 + round; i++) {
            unsigned count = 1 + (in % 5 == 0);
            cr_assert(push(&spill, in, count, UINT64_MAX));
            in += count;
        }
        for (int i = 0; i < 25; i++) {
            cr_assert(hf_spill_front(&spill, slots));
            cr_assert_eq(slots[0].number, out);
            cr_assert_eq(slots[0].quantity, out * 3);
            cr_assert_eq(slots[0].slots, 1 + (out % 5 == 0));
            if (slots[0].slots == 2) {
                cr_assert_eq(slots[1].number, out + 1);
            }
            hf_spill_pop(&spill, slots[0].slots);
            out += slots[0].slots;
        }
        cr_assert_eq(hf_spill_count(&spill), in - out);
    }
    hf_spill_free(&spill);
    cr_expect_eq(hf_spill_count(&spill), 0);
}

Test(spill, the_bound_holds_to_the_slot)
{
    struct hf_spill spill = {0};
    for (uint64_t i = 1; i <= 9; i++) {
        cr_assert(push(&spill, i, 1, 10));
    }
    cr_expect_not(push(&spill, 10, 2, 10), "two slots are one too many");
    cr_expect_eq(hf_spill_count(&spill), 9, "and nothing of it is there");
    cr_expect(push(&spill, 10, 1, 10));
    cr_expect_not(push(&spill, 11, 1, 10));
    hf_spill_pop(&spill, 1);
    cr_expect(push(&spill, 11, 1, 10));
    hf_spill_free(&spill);
}

Test(spill, more_cannot_be_popped_than_is_there, .signal = SIGABRT)
{
    struct hf_spill spill = {0};
    push(&spill, 1, 1, 10);
    hf_spill_pop(&spill, 2);
}
