/* test_histogram.c - bounds, percentiles and merging. */
#include "base/histogram.h"

#include <criterion/criterion.h>

static struct hf_histogram histogram;

Test(histogram, small_values_are_exact)
{
    hf_histogram_init(&histogram);
    for (uint64_t value = 0; value < 64; value++) {
        hf_histogram_record(&histogram, value);
    }
    cr_assert_eq(hf_histogram_percentile(&histogram, 50.0), 31);
    cr_assert_eq(hf_histogram_percentile(&histogram, 100.0), 63);
    cr_assert_eq(histogram.min, 0);
}

Test(histogram, a_percentile_is_never_below_the_value_and_at_most_a_64th_above)
{
    for (uint64_t value = 1; value < (uint64_t)1 << 39; value = value * 3 / 2 + 1) {
        hf_histogram_init(&histogram);
        hf_histogram_record(&histogram, value);
        hf_histogram_record(&histogram, (uint64_t)1 << 39); /* so that max does not clip */
        uint64_t told = hf_histogram_percentile(&histogram, 50.0);
        cr_assert_geq(told, value);
        cr_assert_leq(told, value + value / 64 + 1);
    }
}

Test(histogram, larger_values_count_as_the_largest)
{
    hf_histogram_init(&histogram);
    hf_histogram_record(&histogram, UINT64_MAX);
    cr_assert_eq(histogram.max, ((uint64_t)1 << 40) - 1);
    cr_assert_eq(hf_histogram_percentile(&histogram, 99.0), histogram.max);
}

Test(histogram, an_empty_one_has_percentile_zero)
{
    hf_histogram_init(&histogram);
    cr_assert_eq(hf_histogram_percentile(&histogram, 99.0), 0);
}

Test(histogram, merging_adds_counts)
{
    static struct hf_histogram other;
    hf_histogram_init(&histogram);
    hf_histogram_init(&other);
    hf_histogram_record(&histogram, 10);
    hf_histogram_record(&other, 30);
    hf_histogram_record(&other, 30);
    hf_histogram_merge(&histogram, &other);
    cr_assert_eq(histogram.total, 3);
    cr_assert_eq(histogram.sum, 70);
    cr_assert_eq(hf_histogram_percentile(&histogram, 30.0), 10);
    cr_assert_eq(hf_histogram_percentile(&histogram, 60.0), 30);
}
