/*
 * ladder.h - a two-sided ladder of price levels: bids left, asks right, best on top.
 */
#ifndef HF_CLI_LADDER_H
#define HF_CLI_LADDER_H

#include <holdfast/engine.h>
#include <jansson.h>
#include <stdio.h>

struct hf_cli_side {
    const struct hf_depth_level *levels;
    size_t count;
};

/** Print the head and a row a level, or that both sides are empty. @param end  ends each line */
void hf_cli_ladder_print(FILE *file, struct hf_cli_side bids, struct hf_cli_side asks,
                         const char *end);

/** An array of objects with price, quantity, orders. */
json_t *hf_cli_ladder_json(struct hf_cli_side side);

#endif
