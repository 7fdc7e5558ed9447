/* play_rows.c - lists of four numbers. */
#include "cli/play_rows.h"

#include <stdlib.h>
#include <string.h>

bool
hf_play_rows_add(struct hf_play_rows *rows, struct hf_play_row row)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity == 0 ? 16 : 2 * rows->capacity;
        struct hf_play_row *grown = reallocarray(rows->rows, capacity, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        rows->rows = grown;
        rows->capacity = capacity;
    }
    rows->rows[rows->count++] = row;
    return true;
}

bool
hf_play_rows_add_all(struct hf_play_rows *rows, const struct hf_play_rows *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!hf_play_rows_add(rows, from->rows[i])) {
            return false;
        }
    }
    return true;
}

void
hf_play_rows_clear(struct hf_play_rows *rows)
{
    rows->count = 0;
}

void
hf_play_rows_free(struct hf_play_rows *rows)
{
    free(rows->rows);
    *rows = (struct hf_play_rows){0};
}

static int
compare(const void *left, const void *right)
{
    const struct hf_play_row *a = left;
    const struct hf_play_row *b = right;
    for (size_t i = 0; i < 4; i++) {
        if (a->v[i] != b->v[i]) {
            return a->v[i] < b->v[i] ? -1 : 1;
        }
    }
    return 0;
}

void
hf_play_rows_sort(struct hf_play_rows *rows)
{
    if (rows->count > 1) {
        qsort(rows->rows, rows->count, sizeof *rows->rows, compare);
    }
}

static struct hf_play_row *
find_same(const struct hf_play_rows *rows, size_t count, const struct hf_play_row *row)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(rows->rows[i].v, row->v, 3 * sizeof row->v[0]) == 0) {
            return &rows->rows[i];
        }
    }
    return NULL;
}

/** The sum as the engine would have it: without overflow in 64 bits, whatever a file says. */
static int64_t
sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

void
hf_play_rows_merge(struct hf_play_rows *rows)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct hf_play_row row = rows->rows[i];
        struct hf_play_row *first = find_same(rows, kept, &row);
        if (first != NULL) {
            first->v[3] = sum(first->v[3], row.v[3]);
        } else {
            rows->rows[kept++] = row;
        }
    }
    rows->count = kept;
}

void
hf_play_rows_subtract(struct hf_play_rows *a, struct hf_play_rows *b)
{
    size_t i = 0;
    size_t j = 0;
    size_t kept_a = 0;
    size_t kept_b = 0;
    hf_play_rows_sort(a);
    hf_play_rows_sort(b);
    while (i < a->count && j < b->count) {
        int order = compare(&a->rows[i], &b->rows[j]);
        if (order < 0) {
            a->rows[kept_a++] = a->rows[i++];
        } else if (order > 0) {
            b->rows[kept_b++] = b->rows[j++];
        } else {
            i++;
            j++;
        }
    }
    while (i < a->count) {
        a->rows[kept_a++] = a->rows[i++];
    }
    while (j < b->count) {
        b->rows[kept_b++] = b->rows[j++];
    }
    a->count = kept_a;
    b->count = kept_b;
}

bool
hf_play_rows_equal(const struct hf_play_rows *a, const struct hf_play_rows *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->rows, b->rows, a->count * sizeof a->rows[0]) == 0);
}
