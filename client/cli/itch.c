/* itch.c - see itch.h. Offsets are those of the specification, Nasdaq TotalView-ITCH 5.0. */
#include "cli/itch.h"

#include <holdfast/error.h>
#include <holdfast/units.h>

#include <string.h>

static const struct {
    char type;
    uint8_t length;
} lengths[] = {
    {'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35}, {'W', 12}, {'K', 28},
    {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40}, {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19},
    {'U', 35}, {'P', 44}, {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48},
};

size_t
hf_itch_length(unsigned char type)
{
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if ((unsigned char)lengths[i].type == type) {
            return lengths[i].length;
        }
    }
    return 0;
}

static uint64_t
big_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void
copy_symbol(char symbol[9], const unsigned char *bytes)
{
    memcpy(symbol, bytes, 8);
    symbol[8] = '\0';
    for (size_t i = 8; i > 0 && symbol[i - 1] == ' '; i--) {
        symbol[i - 1] = '\0';
    }
}

/** A, F and P share their layout: reference, side, shares, symbol, price. */
static const char *
parse_order(const unsigned char *bytes, struct hf_itch_message *message)
{
    if (bytes[19] != 'B' && bytes[19] != 'S') {
        return "side is not B or S";
    }
    message->side = bytes[19] == 'B' ? HF_BUY : HF_SELL;
    message->shares = (uint32_t)big_endian(bytes + 20, 4);
    copy_symbol(message->symbol, bytes + 24);
    message->price = (uint32_t)big_endian(bytes + 32, 4);
    return NULL;
}

const char *
hf_itch_parse(const unsigned char *bytes, size_t length, struct hf_itch_message *message)
{
    memset(message, 0, sizeof *message);
    message->type = (char)bytes[0];
    size_t expected = hf_itch_length(bytes[0]);
    if (expected == 0) {
        return NULL;
    }
    if (length != expected) {
        return "message has not the length of its type";
    }
    message->known = true;
    message->locate = (uint16_t)big_endian(bytes + 1, 2);
    message->time_ns = big_endian(bytes + 5, 6);
    if (strchr("AFECXDUP", message->type) != NULL) {
        message->reference = big_endian(bytes + 11, 8);
    }
    switch (message->type) {
    case 'R':
        copy_symbol(message->symbol, bytes + 11);
        return NULL;
    case 'A':
    case 'F':
    case 'P':
        return parse_order(bytes, message);
    case 'C':
        message->price = (uint32_t)big_endian(bytes + 32, 4);
        message->shares = (uint32_t)big_endian(bytes + 19, 4);
        return NULL;
    case 'E':
    case 'X':
        message->shares = (uint32_t)big_endian(bytes + 19, 4);
        return NULL;
    case 'U':
        message->new_reference = big_endian(bytes + 19, 8);
        message->shares = (uint32_t)big_endian(bytes + 27, 4);
        message->price = (uint32_t)big_endian(bytes + 31, 4);
        return NULL;
    default:
        return NULL;
    }
}

/** Read the two bytes before a message. @return 1 and the length (0: not told), 0 or negative */
static int
read_prefix(struct hf_itch_reader *reader, size_t *length)
{
    const unsigned char *bytes;
    *length = 0;
    if (!reader->started) {
        int64_t there = hf_input_peek(reader->input, 1, &bytes);
        if (there <= 0) {
            return (int)there;
        }
        reader->started = true;
        reader->prefixed = bytes[0] == 0;
    }
    if (!reader->prefixed) {
        return 1;
    }
    int result = hf_input_bytes(reader->input, 2, &bytes);
    if (result == 1) {
        *length = big_endian(bytes, 2);
    }
    return result;
}

int
hf_itch_next(struct hf_itch_reader *reader, struct hf_itch_message *message)
{
    const unsigned char *bytes;
    size_t length;
    int result = read_prefix(reader, &length);
    if (result <= 0) {
        return result;
    }
    uint64_t start = hf_input_offset(reader->input);
    if (length == 0) {
        int64_t there = hf_input_peek(reader->input, 1, &bytes);
        if (there < 0) {
            return (int)there;
        }
        if (there == 0) {
            return 0; /* a zero length without a message marks the end of some files */
        }
        length = hf_itch_length(bytes[0]);
        if (length == 0) {
            return hf_input_reject_at(reader->input, start, "unknown message type");
        }
    }
    result = hf_input_bytes(reader->input, length, &bytes);
    if (result < 0) {
        return result;
    }
    if (result == 0) {
        return hf_input_reject_at(reader->input, start, "file ends in the middle of a message");
    }
    const char *wrong = hf_itch_parse(bytes, length, message);
    return wrong == NULL ? 1 : hf_input_reject_at(reader->input, start, wrong);
}
