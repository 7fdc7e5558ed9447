/* test_replay_book.c - levels in price order, orders in time order, and sums that add up. */
#include "client/draw.h"

#include "cli/replay_book.h"

#include <criterion/criterion.h>

static struct hf_replay_books books;

static void
add(uint64_t id, uint8_t side, int64_t price, uint64_t open)
{
    struct hf_replay_order order = {.id = id, .side = side, .price = price, .open = open};
    cr_assert(hf_replay_order_add(&books, &order));
}

static void
take(uint64_t id, uint64_t quantity)
{
    hf_replay_order_take(&books, hf_replay_order_find(&books, id), quantity);
}

static void
make_book(void)
{
    books = (struct hf_replay_books){0};
    cr_assert_not_null(hf_replay_book_new(&books, "AMZN", 1));
}

static void
free_books(void)
{
    hf_replay_books_free(&books);
}

TestSuite(replay_book, .init = make_book, .fini = free_books, .timeout = 60);

Test(replay_book, the_best_level_is_the_highest_bid_and_the_lowest_ask)
{
    const struct hf_replay_book *book = books.books[0];
    cr_expect_null(hf_replay_best(book, HF_BUY));
    add(1, HF_BUY, 10, 1);
    add(2, HF_BUY, 12, 2);
    add(3, HF_BUY, -11, 3);
    add(4, HF_SELL, 15, 4);
    add(5, HF_SELL, 13, 5);
    add(6, HF_SELL, 14, 6);
    static const int64_t bids[] = {12, 10, -11};
    static const int64_t asks[] = {13, 14, 15};
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect_eq(hf_replay_level_at(book, HF_BUY, i)->price, bids[i]);
        cr_expect_eq(hf_replay_level_at(book, HF_SELL, i)->price, asks[i]);
    }
    cr_expect_null(hf_replay_level_at(book, HF_BUY, 3));
    cr_expect_null(hf_replay_level_find(book, HF_BUY, 11));
    cr_expect_eq(hf_replay_level_find(book, HF_SELL, 14)->quantity, 6);
}

static const struct {
    uint8_t side;
    int64_t price;
    bool crosses;
} crossings[] = {
    {HF_BUY, 12, false},  {HF_BUY, 13, true},  {HF_BUY, 14, true},
    {HF_SELL, 11, false}, {HF_SELL, 10, true}, {HF_SELL, 9, true},
};

Test(replay_book, an_order_crosses_at_the_other_sides_best_price_or_through_it)
{
    cr_expect_not(hf_replay_crosses(books.books[0], HF_BUY, INT64_MAX));
    add(1, HF_BUY, 10, 1);
    add(2, HF_SELL, 13, 1);
    for (size_t i = 0; i < sizeof crossings / sizeof crossings[0]; i++) {
        cr_expect_eq(hf_replay_crosses(books.books[0], crossings[i].side, crossings[i].price),
                     crossings[i].crosses);
    }
}

Test(replay_book, orders_stand_in_the_order_in_which_they_came)
{
    for (uint64_t id = 1; id <= 5; id++) {
        add(id, HF_BUY, 10, id);
    }
    take(1, 1);
    take(3, 3);
    take(4, 1);
    add(1, HF_BUY, 10, 9);
    static const uint64_t expected[] = {2, 4, 5, 1};
    static const uint64_t open[] = {2, 3, 5, 9};
    const struct hf_replay_level *level = hf_replay_best(books.books[0], HF_BUY);
    const struct hf_replay_order *order = hf_replay_order_first(&books, level);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_not_null(order);
        cr_expect_eq(order->id, expected[i]);
        cr_expect_eq(order->open, open[i]);
        order = hf_replay_order_next(&books, order);
    }
    cr_expect_null(order);
    cr_expect_eq(level->quantity, 2 + 3 + 5 + 9);
}

Test(replay_book, a_level_goes_with_its_last_order)
{
    add(1, HF_SELL, 10, 3);
    add(2, HF_SELL, 10, 4);
    add(3, HF_SELL, 11, 1);
    take(2, 4);
    take(1, 3);
    cr_expect_eq(hf_replay_best(books.books[0], HF_SELL)->price, 11);
    cr_expect_null(hf_replay_level_find(books.books[0], HF_SELL, 10));
    cr_expect_null(hf_replay_order_find(&books, 1));
    take(3, 1);
    cr_expect_null(hf_replay_best(books.books[0], HF_SELL));
}

/** Every level's sum, recomputed. */
static void
check_sums(uint8_t side, size_t *orders)
{
    const struct hf_replay_level *level;
    for (uint32_t rank = 0; (level = hf_replay_level_at(books.books[0], side, rank)); rank++) {
        uint64_t sum = 0;
        const struct hf_replay_order *order = hf_replay_order_first(&books, level);
        for (; order != NULL; order = hf_replay_order_next(&books, order)) {
            cr_assert(order->price == level->price && order->open > 0);
            sum += order->open;
            *orders += 1;
        }
        cr_assert_eq(sum, level->quantity);
    }
}

Test(replay_book, sums_stay_right_over_random_changes)
{
    enum { IDS = 500 };
    uint64_t state = 11;
    for (unsigned round = 0; round < 20000; round++) {
        uint64_t id = draw(&state) % IDS;
        const struct hf_replay_order *order = hf_replay_order_find(&books, id);
        if (order == NULL) {
            add(id, draw(&state) % 2 == 0 ? HF_BUY : HF_SELL, (int64_t)(draw(&state) % 50),
                1 + draw(&state) % 100);
        } else {
            take(id, 1 + draw(&state) % order->open);
        }
        if (round % 100 == 0) {
            size_t orders = 0;
            check_sums(HF_BUY, &orders);
            check_sums(HF_SELL, &orders);
            cr_assert_eq(orders, books.by_id.count);
        }
    }
}
