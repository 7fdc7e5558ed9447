/*
 * play_rows.h - lists of four numbers: what is compared, whatever it means.
 *
 * A trade, an order of a book and a level of a book are rows; expected and actual ones are brought
 * into the same form first (merged, sorted, as the expectation's flags say), then compared number by
 * number, and printed only when they differ.
 *
 *   kind     v[0]   v[1]   v[2]      v[3]
 *   TRADE    buy    sell   price     quantity    names of orders, or of owners
 *   ORDER    side   name   price     quantity
 *   LEVEL    side   price  quantity  0
 */
#ifndef HF_CLI_PLAY_ROWS_H
#define HF_CLI_PLAY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hf_play_row {
    int64_t v[4];
};

/** A zeroed struct is an empty list. */
struct hf_play_rows {
    struct hf_play_row *rows;
    size_t count;
    size_t capacity;
};

/** Append. @return false: no memory, nothing changed */
bool hf_play_rows_add(struct hf_play_rows *rows, struct hf_play_row row);

/** Append all of `from`. @return as hf_play_rows_add() */
bool hf_play_rows_add_all(struct hf_play_rows *rows, const struct hf_play_rows *from);

/** Keep the memory, drop the rows. */
void hf_play_rows_clear(struct hf_play_rows *rows);

void hf_play_rows_free(struct hf_play_rows *rows);

/** Order by v[0], v[1], v[2], v[3]. */
void hf_play_rows_sort(struct hf_play_rows *rows);

/** Add up v[3] of rows with equal v[0] to v[2], at the place of the first one. */
void hf_play_rows_merge(struct hf_play_rows *rows);

/** Drop from both what both have, as often as both have it. What is left is sorted. */
void hf_play_rows_subtract(struct hf_play_rows *a, struct hf_play_rows *b);

bool hf_play_rows_equal(const struct hf_play_rows *a, const struct hf_play_rows *b);

#endif
