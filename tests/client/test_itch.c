/* test_itch.c - framing and fields of ITCH 5.0 messages. */
#include "client/itch_bytes.h"
#include "client/temporary_files.h"

#include <holdfast/error.h>
#include <holdfast/units.h>

TestSuite(itch, .init = make_directory, .fini = remove_directory, .timeout = 60);

static const char types[] = "SRHYLVWKJhAFECXDUPQBINO";

Test(itch, every_type_has_the_length_of_the_specification)
{
    static const uint8_t lengths[] = {12, 39, 25, 20, 26, 35, 12, 28, 35, 21, 36, 40,
                                      31, 36, 23, 19, 35, 44, 40, 19, 50, 20, 48};
    for (size_t i = 0; i < sizeof lengths; i++) {
        cr_expect_eq(hf_itch_length((unsigned char)types[i]), lengths[i], "%c", types[i]);
    }
    cr_expect_eq(hf_itch_length(0), 0);
    cr_expect_eq(hf_itch_length('Z'), 0);
}

/** Read a file's messages and count them by type. @return 0 or the error, with its words */
static int
read_to_end(const char *path, uint64_t count[256], char error[256])
{
    struct hf_itch_reader reader = {0};
    struct hf_itch_message message;
    memset(count, 0, 256 * sizeof *count);
    int code = hf_input_open(&reader.input, path);
    if (code == 0) {
        while ((code = hf_itch_next(&reader, &message)) == 1) {
            count[(unsigned char)message.type]++;
        }
    }
    snprintf(error, 256, "%s", hf_input_error(reader.input));
    hf_input_close(reader.input);
    return code;
}

Test(itch, every_framing_gives_the_same_messages)
{
    static struct itch_bytes file;
    uint64_t count[256];
    char error[256];
    for (enum framing framing = BARE; framing < FRAMINGS; framing++) {
        file.framing = framing;
        file.length = 0;
        for (size_t i = 0; i < sizeof types - 1; i++) {
            unsigned char *message = put_message(&file, types[i]);
            message[19] = strchr("AFP", types[i]) != NULL ? 'B' : message[19];
        }
        for (enum packing packing = PLAIN; packing < PACKINGS; packing++) {
            const char *path = write_packed("f", packing, file.bytes, file.length);
            cr_assert_eq(read_to_end(path, count, error), 0, "%s", error);
            for (size_t i = 0; i < sizeof types - 1; i++) {
                cr_expect_eq(count[(unsigned char)types[i]], 1, "%c", types[i]);
            }
        }
    }
}

static struct hf_itch_message
parse(const struct itch_bytes *file)
{
    struct hf_itch_message message;
    cr_assert_null(hf_itch_parse(file->bytes, file->length, &message));
    return message;
}

Test(itch, an_order_has_its_reference_side_shares_symbol_and_price)
{
    static struct itch_bytes file = {.framing = BARE};
    put_order(&file, 'A', 0x0102030405060708, 'S', 0xfffffffe, "AMZN", 0x80000001);
    struct hf_itch_message message = parse(&file);
    cr_expect_eq(message.type, 'A');
    cr_expect_eq(message.locate, 1);
    cr_expect_eq(message.time_ns, 1000000007);
    cr_expect_eq(message.reference, 0x0102030405060708);
    cr_expect_eq(message.side, HF_SELL);
    cr_expect_eq(message.shares, 0xfffffffe);
    cr_expect_str_eq(message.symbol, "AMZN");
    cr_expect_eq(message.price, 0x80000001);
}

Test(itch, a_symbol_may_fill_its_field)
{
    static struct itch_bytes file = {.framing = BARE};
    put_order(&file, 'F', 1, 'B', 1, "ABCDEFGH", 1);
    struct hf_itch_message message = parse(&file);
    cr_expect_str_eq(message.symbol, "ABCDEFGH");
    cr_expect_eq(message.side, HF_BUY);
}

Test(itch, changes_have_their_fields)
{
    static struct itch_bytes file;
    static const char changes[] = "ECXD";
    for (size_t i = 0; i < 4; i++) {
        file = (struct itch_bytes){.framing = BARE};
        put_change(&file, changes[i], 77, 5, 1234);
        struct hf_itch_message message = parse(&file);
        cr_expect_eq(message.reference, 77);
        cr_expect_eq(message.shares, changes[i] == 'D' ? 0 : 5);
        cr_expect_eq(message.price, changes[i] == 'C' ? 1234 : 0);
    }
    file = (struct itch_bytes){.framing = BARE};
    put_replace(&file, 77, 78, 9, 4321);
    struct hf_itch_message message = parse(&file);
    cr_expect_eq(message.reference, 77);
    cr_expect_eq(message.new_reference, 78);
    cr_expect_eq(message.shares, 9);
    cr_expect_eq(message.price, 4321);
}

Test(itch, a_wrong_side_or_length_is_refused)
{
    static struct itch_bytes file = {.framing = BARE};
    struct hf_itch_message message;
    put_order(&file, 'A', 1, 'X', 1, "A", 1);
    cr_expect_not_null(hf_itch_parse(file.bytes, file.length, &message));
    file.bytes[19] = 'B';
    cr_expect_null(hf_itch_parse(file.bytes, file.length, &message));
    cr_expect_not_null(hf_itch_parse(file.bytes, file.length - 1, &message));
    cr_expect_not_null(hf_itch_parse(file.bytes, file.length + 1, &message));
}

Test(itch, a_type_of_a_later_version_is_stepped_over_where_its_length_is_told)
{
    static const unsigned char later[] = {0, 12, 'S', 0, 1, 0, 0,   0, 0, 0,
                                          0, 0,  0,   0, 0, 3, 'Z', 9, 9};
    uint64_t count[256];
    char error[256];
    cr_assert_eq(read_to_end(write_plain("f", later, sizeof later), count, error), 0, "%s", error);
    cr_expect_eq(count['S'], 1);
    cr_expect_eq(count['Z'], 1);
}

static const struct {
    const char *what;
    size_t length;
    const char *bytes;
    const char *error;
} damaged[] = {
    {"unknown type, bare", 2, "Zx", "byte 0: unknown message type"},
    {"unknown type behind a zero length", 4, "\0\0Zx", "byte 2: unknown message type"},
    {"half a length", 1, "\0", "byte 0: file ends in the middle of a message"},
    {"length without message", 2, "\0\14", "byte 2: file ends in the middle of a message"},
    {"cut message", 5, "\0\0S12", "byte 2: file ends in the middle of a message"},
    {"cut bare message", 4, "S123", "byte 0: file ends in the middle of a message"},
    {"length of another type", 15, "\0\15S1234567890123", "byte 2: message has not the length"},
};

Test(itch, damage_is_named_with_its_offset)
{
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        uint64_t count[256];
        char error[256];
        const char *path = write_plain("f", damaged[i].bytes, damaged[i].length);
        cr_expect_eq(read_to_end(path, count, error), HF_E_CORRUPT, "%s", damaged[i].what);
        cr_expect_not_null(strstr(error, damaged[i].error), "%s: %s", damaged[i].what, error);
    }
}

Test(itch, a_zero_length_without_message_ends_the_file)
{
    uint64_t count[256];
    char error[256];
    cr_expect_eq(read_to_end(write_plain("f", "\0\0", 2), count, error), 0);
    cr_expect_eq(read_to_end(write_plain("f", "", 0), count, error), 0);
}

static const struct {
    const char *file;
    const char *types;
    uint64_t counts[10];
} real_files[] = {
    {"ex20101224.TEST_ITCH_50.xz", "APDEXUFSRH", {4997, 5000, 1745, 198, 45, 12, 3, 6, 3, 3}},
    {"nasdaq_head1000.itch50.xz", "RHYS", {993, 3, 3, 1}},
};

Test(itch, real_files_have_their_message_counts)
{
    for (size_t i = 0; i < sizeof real_files / sizeof real_files[0]; i++) {
        char path[512];
        uint64_t count[256];
        char error[256];
        uint64_t total = 0;
        snprintf(path, sizeof path, "%s/itch/%s", HF_DATA_DIR, real_files[i].file);
        if (access(path, R_OK) != 0) {
            fprintf(stderr, "%s is not here: not checked\n", path);
            continue;
        }
        cr_assert_eq(read_to_end(path, count, error), 0, "%s", error);
        for (size_t k = 0; k < strlen(real_files[i].types); k++) {
            unsigned char type = (unsigned char)real_files[i].types[k];
            cr_expect_eq(count[type], real_files[i].counts[k], "%c", type);
            total += real_files[i].counts[k];
        }
        for (size_t k = 0; k < 256; k++) {
            total -= count[k];
        }
        cr_expect_eq(total, 0, "messages of other types");
    }
}
