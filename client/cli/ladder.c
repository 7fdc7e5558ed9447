/* ladder.c - price levels side by side. */
#include "cli/ladder.h"

#include <inttypes.h>

static void
print_bid(FILE *file, struct hf_cli_side bids, size_t i)
{
    if (i < bids.count) {
        const struct hf_depth_level *level = &bids.levels[i];
        (void)fprintf(file, "%8" PRIu32 " %16" PRIu64 " %16" PRId64, level->orders, level->quantity,
                      level->price);
    } else {
        (void)fprintf(file, "%8s %16s %16s", "", "", "");
    }
}

static void
print_ask(FILE *file, struct hf_cli_side asks, size_t i)
{
    if (i < asks.count) {
        const struct hf_depth_level *level = &asks.levels[i];
        (void)fprintf(file, "%-16" PRId64 " %-16" PRIu64 " %-8" PRIu32, level->price,
                      level->quantity, level->orders);
    }
}

void
hf_cli_ladder_print(FILE *file, struct hf_cli_side bids, struct hf_cli_side asks, const char *end)
{
    size_t rows = bids.count > asks.count ? bids.count : asks.count;
    (void)fprintf(file, "%8s %16s %16s | %-16s %-16s %-8s%s", "orders", "quantity", "bid", "ask",
                  "quantity", "orders", end);
    for (size_t i = 0; i < rows; i++) {
        print_bid(file, bids, i);
        (void)fprintf(file, " | ");
        print_ask(file, asks, i);
        (void)fprintf(file, "%s", end);
    }
    if (rows == 0) {
        (void)fprintf(file, "%42s | %s%s", "(empty)", "(empty)", end);
    }
}

json_t *
hf_cli_ladder_json(struct hf_cli_side side)
{
    json_t *array = json_array();
    for (size_t i = 0; i < side.count; i++) {
        (void)json_array_append_new(array, json_pack("{s:I, s:I, s:I}", "price",
                                                     (json_int_t)side.levels[i].price, "quantity",
                                                     (json_int_t)side.levels[i].quantity, "orders",
                                                     (json_int_t)side.levels[i].orders));
    }
    return array;
}
