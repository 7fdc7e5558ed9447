/* test_play_rows.c - lists of rows: merged, subtracted, compared. */
#include "cli/play_rows.h"

#include <criterion/criterion.h>

#include <string.h>

#define ROWS_MAX 8

struct list {
    struct hf_play_row rows[ROWS_MAX];
    size_t count;
};

static struct hf_play_rows
rows_of(const struct list *list)
{
    struct hf_play_rows rows = {0};
    for (size_t i = 0; i < list->count; i++) {
        cr_assert(hf_play_rows_add(&rows, list->rows[i]));
    }
    return rows;
}

static void
expect_rows(struct hf_play_rows *rows, const struct list *expected)
{
    struct hf_play_rows other = rows_of(expected);
    cr_expect(hf_play_rows_equal(rows, &other), "%zu rows", rows->count);
    hf_play_rows_free(&other);
}

Test(play_rows, equal_means_the_same_rows_in_the_same_order)
{
    const struct list first = {{{{1, 2, 3, 4}}, {{5, 6, 7, 8}}}, 2};
    const struct list others[] = {
        {{{{1, 2, 3, 4}}}, 1},
        {{{{5, 6, 7, 8}}, {{1, 2, 3, 4}}}, 2},
        {{{{1, 2, 3, 4}}, {{5, 6, 7, 9}}}, 2},
        {{{{1, 2, 3, 4}}, {{5, 6, 7, 8}}, {{5, 6, 7, 8}}}, 3},
        {{{{0}}}, 0},
    };
    struct hf_play_rows rows = rows_of(&first);
    expect_rows(&rows, &first);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct hf_play_rows other = rows_of(&others[i]);
        cr_expect_not(hf_play_rows_equal(&rows, &other), "list %zu", i);
        hf_play_rows_free(&other);
    }
    hf_play_rows_free(&rows);
}

Test(play_rows, merging_adds_up_what_differs_in_the_last_number_only)
{
    const struct list list = {
        {{{1, 2, 10, 5}}, {{3, 2, 10, 5}}, {{1, 2, 10, 7}}, {{1, 2, 11, 1}}, {{1, 2, 10, 1}}}, 5};
    const struct list merged = {{{{1, 2, 10, 13}}, {{3, 2, 10, 5}}, {{1, 2, 11, 1}}}, 3};
    struct hf_play_rows rows = rows_of(&list);
    hf_play_rows_merge(&rows);
    expect_rows(&rows, &merged);
    hf_play_rows_free(&rows);
}

Test(play_rows, subtracting_leaves_what_only_one_list_has_as_often_as_it_has_it)
{
    const struct list a = {{{{3}}, {{1}}, {{1}}, {{2}}}, 4};
    const struct list b = {{{{1}}, {{4}}, {{3}}, {{3}}}, 4};
    const struct list only_a = {{{{1}}, {{2}}}, 2};
    const struct list only_b = {{{{3}}, {{4}}}, 2};
    struct hf_play_rows left = rows_of(&a);
    struct hf_play_rows right = rows_of(&b);
    hf_play_rows_subtract(&left, &right);
    expect_rows(&left, &only_a);
    expect_rows(&right, &only_b);
    hf_play_rows_free(&left);
    hf_play_rows_free(&right);
}

Test(play_rows, sorting_looks_at_all_four_numbers)
{
    const struct list list = {{{{1, 1, 1, 2}}, {{-1, 9, 9, 9}}, {{1, 0, 5, 5}}, {{1, 1, 1, 1}}}, 4};
    const struct list sorted = {{{{-1, 9, 9, 9}}, {{1, 0, 5, 5}}, {{1, 1, 1, 1}}, {{1, 1, 1, 2}}},
                                4};
    struct hf_play_rows rows = rows_of(&list);
    hf_play_rows_sort(&rows);
    expect_rows(&rows, &sorted);
    hf_play_rows_clear(&rows);
    hf_play_rows_sort(&rows);
    cr_expect_eq(rows.count, 0);
    hf_play_rows_free(&rows);
}
