/* test_histogram.c - bounds, percentiles and merging. */
#include "base/histogram.h"

#include <criterion/criterion.h>
#include <string.h>

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

Test(histogram, publishing_counts_like_recording_so_many_times)
{
    static struct hf_histogram shared;
    hf_histogram_init(&histogram);
    hf_histogram_init(&shared);
    static const uint64_t values[] = {0, 63, 64, 1000, (uint64_t)1 << 39, UINT64_MAX};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        for (unsigned times = 0; times < 3; times++) {
            hf_histogram_record(&histogram, values[i]);
        }
        hf_histogram_publish(&shared, values[i], 3);
    }
    cr_assert_eq(memcmp(&histogram, &shared, sizeof(shared)), 0);
}

Test(histogram, what_was_counted_since_a_copy_has_percentiles_of_its_own)
{
    static struct hf_histogram before;
    static struct hf_histogram now;
    hf_histogram_init(&histogram);
    hf_histogram_publish(&histogram, 5000000, 1000); /* long ago */
    hf_metrics_histogram(&histogram, &before);
    hf_histogram_publish(&histogram, 100, 99);
    hf_histogram_publish(&histogram, 2000, 1);
    hf_metrics_histogram(&histogram, &now);
    cr_assert_eq(now.total, 1100);
    hf_metrics_since(&now, &before);
    cr_assert_eq(now.total, 100);
    cr_assert_eq(now.sum, 99 * 100 + 2000);
    cr_assert_eq(hf_metrics_percentile(&now, 50), 100);
    cr_assert_leq(now.min, 100);
    cr_assert_geq(now.max, 2000);
    cr_assert_leq(now.max, 2000 + 2000 / 64);
}

Test(histogram, a_copy_of_another_past_is_not_taken_off)
{
    static struct hf_histogram other;
    hf_histogram_init(&histogram);
    hf_histogram_init(&other);
    hf_histogram_publish(&histogram, 7, 10);
    hf_histogram_publish(&other, 8, 3); /* of a daemon before */
    hf_metrics_since(&histogram, &other);
    cr_assert_eq(histogram.total, 10);
}

Test(histogram, a_copy_counts_what_it_holds)
{
    static struct hf_histogram copy;
    hf_histogram_init(&histogram);
    hf_histogram_publish(&histogram, 7, 10);
    histogram.total = 9; /* between two stores of its writer */
    hf_metrics_histogram(&histogram, &copy);
    cr_assert_eq(copy.total, 10);
    cr_assert_eq(hf_metrics_percentile(&copy, 100), 7);
}
