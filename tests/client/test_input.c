/* test_input.c - lines and bytes of plain, gzip and xz files, and every way in which they can end. */
#include "client/temporary_files.h"

#include "cli/input.h"

#include <holdfast/error.h>

TestSuite(input, .init = make_directory, .fini = remove_directory, .timeout = 60);

static struct hf_input *
open_input(const char *path)
{
    struct hf_input *input;
    int code = hf_input_open(&input, path);
    cr_assert_eq(code, 0, "%s", hf_input_error(input));
    return input;
}

struct lines_case {
    const char *text;
    size_t count;
    const char *lines[4];
};

static const struct lines_case lines_cases[] = {
    {"", 0, {0}},
    {"\n", 1, {""}},
    {"a", 1, {"a"}},
    {"a\n", 1, {"a"}},
    {"a\nb", 2, {"a", "b"}},
    {"a\r\nb\r\n", 2, {"a", "b"}},
    {"\n\nc\n", 3, {"", "", "c"}},
    {"a\rb\n\r\n", 2, {"a\rb", ""}},
};

static void
expect_lines(const char *path, const struct lines_case *expected)
{
    struct hf_input *input = open_input(path);
    const char *line;
    size_t length;
    for (size_t i = 0; i < expected->count; i++) {
        cr_assert_eq(hf_input_line(input, &line, &length), 1);
        cr_expect_str_eq(line, expected->lines[i]);
        cr_expect_eq(length, strlen(expected->lines[i]));
        cr_expect_eq(hf_input_line_number(input), i + 1);
    }
    cr_expect_eq(hf_input_line(input, &line, &length), 0);
    cr_expect_eq(hf_input_line(input, &line, &length), 0, "the end stays the end");
    cr_expect_eq(hf_input_offset(input), strlen(expected->text));
    hf_input_close(input);
}

Test(input, lines_are_the_same_however_the_file_is_packed)
{
    for (size_t i = 0; i < sizeof lines_cases / sizeof lines_cases[0]; i++) {
        const char *text = lines_cases[i].text;
        for (enum packing packing = PLAIN; packing < PACKINGS; packing++) {
            expect_lines(write_packed("f", packing, text, strlen(text)), &lines_cases[i]);
        }
    }
}

/** Lines of random length, from none to a few thousand bytes, far longer in sum than any buffer. */
static char *
long_text(size_t *length)
{
    enum { TOTAL = 600000 };
    char *text = malloc(TOTAL);
    uint64_t state = 42;
    size_t until_end = 1;
    for (size_t i = 0; i < TOTAL; i++) {
        bool end = --until_end == 0;
        text[i] = end ? '\n' : (char)('a' + draw(&state) % 26);
        until_end = end ? 1 + draw(&state) % 5000 : until_end;
    }
    *length = TOTAL;
    return text;
}

Test(input, a_file_longer_than_every_buffer_comes_whole)
{
    size_t total;
    char *text = long_text(&total);
    for (enum packing packing = PLAIN; packing < PACKINGS; packing++) {
        struct hf_input *input = open_input(write_packed("f", packing, text, total));
        const char *line;
        size_t length;
        size_t at = 0;
        int code;
        while ((code = hf_input_line(input, &line, &length)) == 1) {
            cr_assert(at + length <= total && memcmp(line, text + at, length) == 0);
            at += length + 1;
            cr_assert_eq(hf_input_offset(input), at < total ? at : total);
        }
        cr_assert_eq(code, 0);
        cr_assert(at == total || at == total + 1);
        hf_input_close(input);
    }
    free(text);
}

Test(input, bytes_come_in_the_pieces_asked_for)
{
    for (enum packing packing = PLAIN; packing < PACKINGS; packing++) {
        struct hf_input *input = open_input(write_packed("f", packing, "abcdefg", 7));
        const unsigned char *bytes;
        cr_assert_eq(hf_input_peek(input, 3, &bytes), 3);
        cr_assert_eq(hf_input_bytes(input, 3, &bytes), 1);
        cr_expect_eq(memcmp(bytes, "abc", 3), 0);
        cr_expect_eq(hf_input_offset(input), 3);
        cr_assert_eq(hf_input_bytes(input, 4, &bytes), 1);
        cr_expect_eq(memcmp(bytes, "defg", 4), 0);
        cr_expect_eq(hf_input_peek(input, 1, &bytes), 0);
        cr_expect_eq(hf_input_bytes(input, 1, &bytes), 0);
        hf_input_close(input);
    }
}

Test(input, a_piece_that_is_cut_off_is_named_with_its_offset)
{
    struct hf_input *input = open_input(write_text("f", "abcde"));
    const unsigned char *bytes;
    cr_assert_eq(hf_input_bytes(input, 3, &bytes), 1);
    cr_assert_eq(hf_input_bytes(input, 3, &bytes), HF_E_CORRUPT);
    cr_expect_not_null(strstr(hf_input_error(input), "/f: byte 3: "));
    cr_expect_eq(hf_input_bytes(input, 1, &bytes), HF_E_CORRUPT, "an error stays");
    hf_input_close(input);
}

/** Read a file to its end. @return 0 or the error */
static int
drain(const char *path, size_t *total)
{
    struct hf_input *input;
    const unsigned char *bytes;
    *total = 0;
    int code = hf_input_open(&input, path);
    while (code == 0 && (code = hf_input_bytes(input, 1, &bytes)) == 1) {
        *total += 1;
        code = 0;
        if (hf_input_peek(input, 1, &bytes) == 0) {
            break;
        }
    }
    if (code < 0) {
        cr_expect_not_null(strstr(hf_input_error(input), path), "the file is named");
    }
    hf_input_close(input);
    return code;
}

Test(input, a_compressed_file_that_ends_early_is_an_error_wherever_it_ends)
{
    char text[3000];
    uint64_t state = 7;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('0' + draw(&state) % 10);
    }
    for (enum packing packing = GZIP; packing < PACKINGS; packing++) {
        size_t length = sizeof text;
        unsigned char *packed = compress_bytes(packing, text, &length);
        size_t total;
        for (size_t cut = 6; cut < length; cut += 1 + length / 97) {
            cr_expect_lt(drain(write_plain("f", packed, cut), &total), 0, "cut at %zu of %zu", cut,
                         length);
        }
        cr_expect_eq(drain(write_plain("f", packed, length), &total), 0);
        cr_expect_eq(total, sizeof text);
        free(packed);
    }
}

Test(input, a_flipped_bit_in_a_compressed_file_is_an_error)
{
    char text[3000];
    memset(text, 'x', sizeof text);
    for (enum packing packing = GZIP; packing < PACKINGS; packing++) {
        size_t length = sizeof text;
        unsigned char *packed = compress_bytes(packing, text, &length);
        size_t total;
        packed[length / 2] ^= 0x10;
        cr_expect_lt(drain(write_plain("f", packed, length), &total), 0);
        free(packed);
    }
}

Test(input, several_members_in_one_file_are_read_as_one_text)
{
    for (enum packing packing = GZIP; packing < PACKINGS; packing++) {
        size_t first = 5;
        size_t second = 4;
        unsigned char *a = compress_bytes(packing, "one\nt", &first);
        unsigned char *b = compress_bytes(packing, "wo\n3", &second);
        unsigned char both[1024];
        memcpy(both, a, first);
        memcpy(both + first, b, second);
        struct lines_case expected = {"one\ntwo\n3", 3, {"one", "two", "3"}};
        expect_lines(write_plain("f", both, first + second), &expected);
        free(a);
        free(b);
    }
}

Test(input, bytes_behind_a_compressed_stream_are_an_error)
{
    for (enum packing packing = GZIP; packing < PACKINGS; packing++) {
        size_t length = 3;
        size_t total;
        unsigned char *packed = compress_bytes(packing, "abc", &length);
        memcpy(packed + length, "trailing garbage", 16);
        cr_expect_lt(drain(write_plain("f", packed, length + 16), &total), 0);
        free(packed);
    }
}

Test(input, a_line_may_be_as_long_as_the_limit_and_no_longer)
{
    static char text[HF_INPUT_LINE_BYTES_MAX + 8];
    const char *line;
    size_t length;
    for (size_t extra = 0; extra < 3; extra++) {
        size_t size = HF_INPUT_LINE_BYTES_MAX + extra;
        memset(text, 'x', sizeof text);
        text[0] = '\n';
        text[1 + size] = '\n';
        struct hf_input *input = open_input(write_plain("f", text, size + 2));
        cr_assert_eq(hf_input_line(input, &line, &length), 1);
        int code = hf_input_line(input, &line, &length);
        if (extra == 0) {
            cr_expect_eq(code, 1);
            cr_expect_eq(length, size);
        } else {
            cr_expect_eq(code, HF_E_CORRUPT);
            cr_expect_not_null(strstr(hf_input_error(input), "line 2: line is too long"));
        }
        hf_input_close(input);
    }
}

Test(input, a_file_that_cannot_be_read_says_why)
{
    struct hf_input *input;
    cr_expect_eq(hf_input_open(&input, path_of("absent")), HF_E_IO);
    cr_expect_not_null(strstr(hf_input_error(input), "absent: cannot be opened: No such file"));
    hf_input_close(input);
    cr_expect_eq(hf_input_open(&input, temporary_directory), HF_E_IO);
    cr_expect_not_null(strstr(hf_input_error(input), "Is a directory"));
    hf_input_close(input);
}

Test(input, a_rejected_line_is_named_by_its_number)
{
    struct hf_input *input = open_input(write_text("f", "a\nb\n"));
    const char *line;
    size_t length;
    cr_assert_eq(hf_input_line(input, &line, &length), 1);
    cr_assert_eq(hf_input_line(input, &line, &length), 1);
    cr_expect_eq(hf_input_reject(input, "nonsense"), HF_E_CORRUPT);
    cr_expect_not_null(strstr(hf_input_error(input), "/f: line 2: nonsense"));
    cr_expect_eq(hf_input_line(input, &line, &length), HF_E_CORRUPT);
    hf_input_close(input);
}
