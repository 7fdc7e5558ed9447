/*
 * itch_bytes.h - write ITCH 5.0 messages, for the tests.
 */
#ifndef HF_TESTS_CLIENT_ITCH_BYTES_H
#define HF_TESTS_CLIENT_ITCH_BYTES_H

#include "cli/itch.h"

#include <stdint.h>
#include <string.h>

enum framing { BARE, ZERO_PREFIX, LENGTH_PREFIX, FRAMINGS };

struct itch_bytes {
    enum framing framing;
    size_t length;
    unsigned char bytes[65536];
};

static inline void
put_number(unsigned char *at, uint64_t value, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        at[i - 1] = (unsigned char)value;
        value >>= 8;
    }
}

/** Append a message of this type, all zero behind its header. @return its first byte */
static inline unsigned char *
put_message(struct itch_bytes *file, char type)
{
    size_t length = hf_itch_length((unsigned char)type);
    if (file->framing != BARE) {
        put_number(file->bytes + file->length, file->framing == LENGTH_PREFIX ? length : 0, 2);
        file->length += 2;
    }
    unsigned char *message = file->bytes + file->length;
    memset(message, 0, length);
    message[0] = (unsigned char)type;
    put_number(message + 1, 1, 2);
    put_number(message + 5, 1000000007, 6);
    file->length += length;
    return message;
}

static inline void
put_symbol(unsigned char *at, const char *symbol)
{
    memset(at, ' ', 8);
    memcpy(at, symbol, strlen(symbol));
}

/** A, F, P */
static inline void
put_order(struct itch_bytes *file, char type, uint64_t reference, char side, uint32_t shares,
          const char *symbol, uint32_t price)
{
    unsigned char *message = put_message(file, type);
    put_number(message + 11, reference, 8);
    message[19] = (unsigned char)side;
    put_number(message + 20, shares, 4);
    put_symbol(message + 24, symbol);
    put_number(message + 32, price, 4);
}

/** E, C, X, D: `shares` and `price` as far as the type has them. */
static inline void
put_change(struct itch_bytes *file, char type, uint64_t reference, uint32_t shares, uint32_t price)
{
    unsigned char *message = put_message(file, type);
    put_number(message + 11, reference, 8);
    if (type != 'D') {
        put_number(message + 19, shares, 4);
    }
    if (type == 'C') {
        put_number(message + 32, price, 4);
    }
}

static inline void
put_replace(struct itch_bytes *file, uint64_t reference, uint64_t new_reference, uint32_t shares,
            uint32_t price)
{
    unsigned char *message = put_message(file, 'U');
    put_number(message + 11, reference, 8);
    put_number(message + 19, new_reference, 8);
    put_number(message + 27, shares, 4);
    put_number(message + 31, price, 4);
}

#endif
