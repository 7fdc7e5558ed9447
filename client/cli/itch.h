/*
 * itch.h - NASDAQ TotalView-ITCH 5.0: binary messages of a fixed length by type, big-endian.
 *
 *   offset 0      1        3          5      11
 *          | type | locate | tracking | time | by type      time: nanoseconds after midnight
 *
 * In files each message is preceded by its length in two bytes (zero in some files), or by nothing.
 * The first byte tells which: no type is a zero byte, and no message has 256 bytes or more.
 */
#ifndef HF_CLI_ITCH_H
#define HF_CLI_ITCH_H

#include "cli/input.h"

#include <stdbool.h>

struct hf_itch_message {
    char type;
    uint8_t side; /**< A, F, P: enum hf_side */
    bool known;   /**< false: a type that this version of the protocol does not have */
    uint16_t locate;
    uint32_t shares; /**< A, F, E, C, X, U, P */
    uint32_t price;  /**< A, F, C (of the execution), U (the new one), P; dollars times 10,000 */
    uint64_t time_ns;
    uint64_t reference;     /**< A, F, E, C, X, D, U (the old order), P: order reference number */
    uint64_t new_reference; /**< U */
    char symbol[9];         /**< R, A, F, P: without the spaces behind it; "" elsewhere */
};

/** Bytes of a message of this type, without length prefix; 0: unknown type. */
size_t hf_itch_length(unsigned char type);

/**
 * Parse one message (without length prefix).
 *
 * @param length  at least 1
 * @return NULL, or what is wrong with it, in words
 */
const char *hf_itch_parse(const unsigned char *bytes, size_t length,
                          struct hf_itch_message *message);

/** Splits a file into messages. */
struct hf_itch_reader {
    struct hf_input *input; /**< borrowed */
    bool started;
    bool prefixed;
};

/** The next message. @return 1, 0 at the end, or negative: hf_input_error() says what */
int hf_itch_next(struct hf_itch_reader *reader, struct hf_itch_message *message);

#endif
