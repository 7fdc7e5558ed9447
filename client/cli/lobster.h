/*
 * lobster.h - the two files of a LOBSTER recording, line by line (both CSV without header):
 *
 *   message    time, type, order id, size, price, direction
 *   orderbook  ask price 1, ask size 1, bid price 1, bid size 1, ask price 2...   after that message
 *
 * Times are seconds after midnight, prices dollars times 10,000. A side with fewer levels than the
 * window has is filled up with price +-9999999999 and size 0.
 */
#ifndef HF_CLI_LOBSTER_H
#define HF_CLI_LOBSTER_H

#include <stddef.h>
#include <stdint.h>

enum hf_lobster_type {
    HF_LOBSTER_SUBMIT = 1,
    HF_LOBSTER_REDUCE = 2,
    HF_LOBSTER_DELETE = 3,
    HF_LOBSTER_EXECUTE = 4,
    HF_LOBSTER_HIDDEN = 5, /**< execution of an order that the book does not show */
    HF_LOBSTER_CROSS = 6,  /**< trade of an auction */
    HF_LOBSTER_HALT = 7,
};

struct hf_lobster_message {
    uint64_t time_ns; /**< after midnight */
    uint64_t order_id;
    uint64_t quantity;
    int64_t price;
    uint8_t type; /**< enum hf_lobster_type */
    uint8_t side; /**< enum hf_side of the resting order */
};

/** The widest window that LOBSTER sells. */
#define HF_LOBSTER_LEVELS_MAX 200u

struct hf_lobster_level {
    int64_t price;
    uint64_t quantity;
};

struct hf_lobster_row {
    uint32_t window;   /**< levels a side that the file shows */
    uint32_t count[2]; /**< [0] bids, [1] asks: levels that are there, best first */
    struct hf_lobster_level levels[2][HF_LOBSTER_LEVELS_MAX];
};

/**
 * Parse one line (without its end) of a message or an orderbook file.
 *
 * @return NULL, or what is wrong with the line, in words
 */
const char *hf_lobster_parse_message(const char *line, size_t length,
                                     struct hf_lobster_message *message);
const char *hf_lobster_parse_row(const char *line, size_t length, struct hf_lobster_row *row);

#endif
