/*
 * flow.c - recorded order flow: LOBSTER, ITCH, command streams, plain or compressed.
 *
 *   input: which (1 byte), the file
 */
#include "cli/itch.h"
#include "cli/lobster.h"
#include "cli/stream.h"
#include "fuzz/fuzz.h"

#include <holdfast/units.h>
#include <string.h>
#include <zlib.h>

enum format { LOBSTER_MESSAGES, LOBSTER_ROWS, STREAM, ITCH, FORMATS };

static struct fuzz_file file;

void
fuzz_target_init(void)
{
    fuzz_file_open(&file);
}

static void
check_amount(uint8_t side, uint64_t quantity)
{
    FUZZ_CHECK("a side", side == HF_BUY || side == HF_SELL);
    FUZZ_CHECK("a quantity that the engine takes", quantity <= HF_QUANTITY_MAX);
}

static void
read_message(const char *line, size_t length)
{
    struct hf_lobster_message message;
    if (hf_lobster_parse_message(line, length, &message) == NULL) {
        check_amount(message.side, message.quantity);
        FUZZ_CHECK("a type", message.type >= HF_LOBSTER_SUBMIT && message.type <= HF_LOBSTER_HALT);
    }
}

static void
read_row(const char *line, size_t length)
{
    struct hf_lobster_row row;
    if (hf_lobster_parse_row(line, length, &row) != NULL) {
        return;
    }
    FUZZ_CHECK("a window", row.window >= 1 && row.window <= HF_LOBSTER_LEVELS_MAX);
    for (unsigned side = 0; side < 2; side++) {
        FUZZ_CHECK("levels of the window", row.count[side] <= row.window);
        for (uint32_t i = 1; i < row.count[side]; i++) {
            int64_t better = row.levels[side][i - 1].price;
            int64_t price = row.levels[side][i].price;
            FUZZ_CHECK("best first", side == 0 ? price < better : price > better);
        }
    }
}

static void
read_operation(const char *line, size_t length)
{
    struct hf_stream_operation operation;
    if (hf_stream_parse(line, length, &operation) == NULL) {
        check_amount(operation.side, operation.quantity);
        FUZZ_CHECK("an operation", strchr("NRCXOUH", operation.operation) != NULL);
    }
}

static void
read_lines(struct hf_input *input, enum format format)
{
    const char *line;
    size_t length;
    while (hf_input_line(input, &line, &length) == 1) {
        FUZZ_CHECK("a line is ended", line[length] == '\0');
        switch (format) {
        case LOBSTER_MESSAGES:
            read_message(line, length);
            break;
        case LOBSTER_ROWS:
            read_row(line, length);
            break;
        default:
            read_operation(line, length);
            break;
        }
    }
}

static void
read_itch(struct hf_input *input)
{
    struct hf_itch_reader reader = {.input = input};
    struct hf_itch_message message;
    uint64_t offset = 0;
    while (hf_itch_next(&reader, &message) == 1) {
        FUZZ_CHECK("a symbol is ended", memchr(message.symbol, 0, sizeof(message.symbol)) != NULL);
        FUZZ_CHECK("a message takes bytes", hf_input_offset(input) > offset);
        offset = hf_input_offset(input);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct hf_input *input;
    if (count == 0) {
        return 0;
    }
    enum format format = bytes[0] % FORMATS;
    fuzz_file_store(&file, bytes + 1, count - 1);
    int code = hf_input_open(&input, file.path);
    if (code == 0 && format == ITCH) {
        read_itch(input);
    } else if (code == 0) {
        read_lines(input, format);
    }
    hf_input_close(input);
    return 0;
}

/* Seeds */

static void
seed(enum format format, const void *bytes, size_t count)
{
    struct fuzz_bytes seed = {.count = 0};
    fuzz_put_byte(&seed, format);
    fuzz_put(&seed, bytes, count);
    fuzz_seed(seed.bytes, seed.count);
}

static void
seed_gzip(enum format format, const char *text)
{
    unsigned char packed[512];
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)text,
                       .avail_in = (uInt)strlen(text),
                       .next_out = packed,
                       .avail_out = sizeof(packed)};
    HF_ASSERT("zlib packs",
              deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK &&
                  deflate(&stream, Z_FINISH) == Z_STREAM_END);
    size_t count = stream.total_out;
    (void)deflateEnd(&stream);
    seed(format, packed, count);
}

/** A message of each type, behind its length or not. */
static void
seed_itch(bool prefixed)
{
    struct fuzz_bytes messages = {.count = 0};
    for (unsigned type = 1; type < 256; type++) {
        size_t length = hf_itch_length((unsigned char)type);
        uint8_t message[64] = {(uint8_t)type};
        message[19] = 'B'; /* the side, where there is one */
        if (length > 0 && prefixed) {
            fuzz_put_byte(&messages, 0);
            fuzz_put_byte(&messages, (unsigned)length);
        }
        fuzz_put(&messages, message, length);
    }
    seed(ITCH, messages.bytes, messages.count);
}

void
fuzz_target_seeds(void)
{
    static const char messages[] =
        "34200.017459617,5,0,1,2238200,-1\n34200.18960767,1,11885113,21,2238100,1\r\n"
        "34201,3,11885113,21,2238100,1\n34202.5,4,1,9,100,-1\n34203,7,0,0,-1,-1\n";
    static const char rows[] = "2239500,100,2231800,100,2239900,100,2230700,200\n"
                               "5,1,4,1,9999999999,0,-9999999999,0\n";
    static const char stream[] = "row,op,id,side,price,qty,maker,sync\n1,N,7,B,100,5,,0\n"
                                 "2,X,,S,100,2,7,0\n3,U,8,B,101,3,7,1\n4,C,8,,,,,0\n5,H,,,,,,0\n"
                                 "6,R,7,S,1,1,,0\n7,O,7,S,1,1,,0\n";
    seed(LOBSTER_MESSAGES, messages, strlen(messages));
    seed(LOBSTER_ROWS, rows, strlen(rows));
    seed(STREAM, stream, strlen(stream));
    seed_gzip(LOBSTER_MESSAGES, messages);
    seed_itch(true);
    seed_itch(false);
}
