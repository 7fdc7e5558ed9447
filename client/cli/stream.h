/*
 * stream.h - command streams: CSV with the header "row,op,id,side,price,qty,maker,sync".
 *
 *   N new limit order, must rest        X incoming IOC on `side`: one trade, against `maker`
 *   R reduce, priority kept             O execution that the visible queue does not explain: reduce
 *   C cancel                            U replace by id `maker`, to the back of the queue
 *   H halt: no effect                   sync 1: bookkeeping, no message of the recording
 *
 * After the last operation of a row the whole book must equal that line of the orderbook file.
 */
#ifndef HF_CLI_STREAM_H
#define HF_CLI_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF_STREAM_HEADER "row,op,id,side,price,qty,maker,sync"

struct hf_stream_operation {
    uint64_t row;
    uint64_t id;    /**< 0 for X and H */
    uint64_t maker; /**< X, U; else 0 */
    int64_t price;
    uint64_t quantity;
    uint8_t side; /**< enum hf_side; of the taker for X */
    char operation;
    bool sync;
};

/** Parse one line after the header. @return NULL, or what is wrong with it, in words */
const char *hf_stream_parse(const char *line, size_t length, struct hf_stream_operation *operation);

#endif
