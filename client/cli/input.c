/*
 * input.c - one window of decompressed bytes over a file that is plain, gzip or xz.
 *
 *     file ──read──► raw ──inflate / lzma_code──► window [at, length) ──► lines, bytes
 *
 * I1: at <= length <= sizeof window - 1 (one byte is kept for the NUL behind a last line).
 * I2: once `code` is negative nothing is read any more.
 */
#include "cli/input.h"

#include "base/panic.h"

#include <holdfast/error.h>

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum hf_input_kind {
    HF_INPUT_PLAIN,
    HF_INPUT_GZIP,
    HF_INPUT_XZ,
};

#define HF_INPUT_RAW_BYTES 65536u
/* Twice the longest line, so that moving the unread rest to the front is rare and always enough. */
#define HF_INPUT_WINDOW_BYTES (2u * HF_INPUT_LINE_BYTES_MAX + 4096u)
/* xz -9 needs 65 MiB to decompress; what asks for much more is not one of our files. */
#define HF_INPUT_XZ_MEMORY_BYTES ((uint64_t)1 << 30)

struct hf_input {
    const char *path;
    int fd;
    enum hf_input_kind kind;
    int code; /* the first error, 0: none */
    bool raw_end;
    bool stream_open; /* inside a gzip member or xz file: an end of file here is an error */
    bool end;         /* no byte will come after the window's */
    size_t raw_at, raw_length;
    size_t at, length;
    uint64_t offset; /* of window[at] in the decompressed file */
    uint64_t line;
    z_stream gzip;
    lzma_stream xz;
    char error[384];
    unsigned char raw[HF_INPUT_RAW_BYTES];
    unsigned char window[HF_INPUT_WINDOW_BYTES];
};

static int fail(struct hf_input *input, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail(struct hf_input *input, int code, const char *format, ...)
{
    if (input->code != 0) {
        return input->code; /* the first error is the cause */
    }
    input->code = code;
    int used = snprintf(input->error, sizeof input->error, "%s: ", input->path);
    if (used < 0 || (size_t)used >= sizeof input->error) {
        return code;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(input->error + used, sizeof input->error - (size_t)used, format, arguments);
    va_end(arguments);
    return code;
}

/** Read more of the file behind what is left of raw. */
static int
raw_fill(struct hf_input *input)
{
    memmove(input->raw, input->raw + input->raw_at, input->raw_length - input->raw_at);
    input->raw_length -= input->raw_at;
    input->raw_at = 0;
    while (!input->raw_end && input->raw_length < sizeof input->raw) {
        ssize_t got =
            read(input->fd, input->raw + input->raw_length, sizeof input->raw - input->raw_length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(input, HF_E_IO, "cannot be read: %s", strerror(errno));
        }
        input->raw_end = got == 0;
        input->raw_length += (size_t)got;
    }
    return 0;
}

static int
recognise(struct hf_input *input)
{
    static const unsigned char gzip_magic[2] = {0x1f, 0x8b};
    static const unsigned char xz_magic[6] = {0xfd, '7', 'z', 'X', 'Z', 0};
    if (raw_fill(input) < 0) {
        return input->code;
    }
    if (input->raw_length >= sizeof gzip_magic && memcmp(input->raw, gzip_magic, 2) == 0) {
        if (inflateInit2(&input->gzip, 15 + 16) != Z_OK) { /* 15: largest window; 16: gzip header */
            return fail(input, HF_E_MEMORY, "no memory to decompress");
        }
        input->kind = HF_INPUT_GZIP;
        input->stream_open = true;
    } else if (input->raw_length >= sizeof xz_magic && memcmp(input->raw, xz_magic, 6) == 0) {
        if (lzma_stream_decoder(&input->xz, HF_INPUT_XZ_MEMORY_BYTES, LZMA_CONCATENATED) !=
            LZMA_OK) {
            return fail(input, HF_E_MEMORY, "no memory to decompress");
        }
        input->kind = HF_INPUT_XZ;
        input->stream_open = true;
    }
    return 0;
}

int
hf_input_open(struct hf_input **input, const char *path)
{
    struct hf_input *made = calloc(1, sizeof *made);
    *input = made;
    if (made == NULL) {
        return HF_E_MEMORY;
    }
    made->path = path;
    made->xz = (lzma_stream)LZMA_STREAM_INIT;
    made->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (made->fd < 0) {
        return fail(made, HF_E_IO, "cannot be opened: %s", strerror(errno));
    }
    return recognise(made);
}

void
hf_input_close(struct hf_input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->kind == HF_INPUT_GZIP) {
        inflateEnd(&input->gzip);
    } else if (input->kind == HF_INPUT_XZ) {
        lzma_end(&input->xz);
    }
    if (input->fd > STDIN_FILENO) {
        close(input->fd);
    }
    free(input);
}

static size_t
room(const struct hf_input *input)
{
    return sizeof input->window - 1 - input->length;
}

static int
produce_plain(struct hf_input *input)
{
    size_t count = input->raw_length - input->raw_at;
    if (count > room(input)) {
        count = room(input);
    }
    memcpy(input->window + input->length, input->raw + input->raw_at, count);
    input->raw_at += count;
    input->length += count;
    input->end = input->raw_end && input->raw_at == input->raw_length;
    return 0;
}

static int
produce_gzip(struct hf_input *input)
{
    input->gzip.next_in = input->raw + input->raw_at;
    input->gzip.avail_in = (uInt)(input->raw_length - input->raw_at);
    input->gzip.next_out = input->window + input->length;
    input->gzip.avail_out = (uInt)room(input);
    if (input->gzip.avail_in > 0) {
        input->stream_open = true;
    }
    int result = inflate(&input->gzip, Z_NO_FLUSH);
    input->raw_at = input->raw_length - input->gzip.avail_in;
    input->length = sizeof input->window - 1 - input->gzip.avail_out;
    if (result == Z_STREAM_END) {
        input->stream_open = false; /* the file may end here, or another member follow */
        inflateReset(&input->gzip);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return fail(input, HF_E_CORRUPT, "damaged gzip stream after %llu bytes",
                    (unsigned long long)(input->offset + input->length - input->at));
    }
    return 0;
}

static int
produce_xz(struct hf_input *input)
{
    input->xz.next_in = input->raw + input->raw_at;
    input->xz.avail_in = input->raw_length - input->raw_at;
    input->xz.next_out = input->window + input->length;
    input->xz.avail_out = room(input);
    lzma_ret result = lzma_code(&input->xz, input->raw_end ? LZMA_FINISH : LZMA_RUN);
    input->raw_at = input->raw_length - input->xz.avail_in;
    input->length = sizeof input->window - 1 - input->xz.avail_out;
    if (result == LZMA_STREAM_END) {
        input->stream_open = false;
    } else if (result != LZMA_OK && result != LZMA_BUF_ERROR) {
        return fail(input, HF_E_CORRUPT, "damaged xz stream after %llu bytes",
                    (unsigned long long)(input->offset + input->length - input->at));
    }
    return 0;
}

/** Decompress one piece more into the window. */
static int
produce(struct hf_input *input)
{
    if (input->raw_at == input->raw_length && raw_fill(input) < 0) {
        return input->code;
    }
    if (input->kind == HF_INPUT_PLAIN) {
        return produce_plain(input);
    }
    size_t before = input->length;
    int code = input->kind == HF_INPUT_GZIP ? produce_gzip(input) : produce_xz(input);
    if (code < 0) {
        return code;
    }
    bool dry = input->raw_end && input->raw_at == input->raw_length;
    if (dry && !input->stream_open) {
        input->end = true;
    } else if (dry && input->length == before) {
        return fail(input, HF_E_CORRUPT, "compressed stream ends early, after %llu bytes",
                    (unsigned long long)(input->offset + input->length - input->at));
    }
    return 0;
}

/** Bring the window to at least `count` unread bytes, fewer only at the end of the file. */
static int
need(struct hf_input *input, size_t count)
{
    HF_ASSERT("I1", input->at <= input->length && count <= HF_INPUT_LINE_BYTES_MAX + 2);
    if (input->code < 0) {
        return input->code;
    }
    if (input->at + count > sizeof input->window - 1) {
        memmove(input->window, input->window + input->at, input->length - input->at);
        input->length -= input->at;
        input->at = 0;
    }
    while (!input->end && input->length - input->at < count) {
        if (produce(input) < 0) {
            return input->code;
        }
    }
    return 0;
}

static void
consume(struct hf_input *input, size_t count)
{
    input->at += count;
    input->offset += count;
}

/** Find the end of the line that starts at the window's front; SIZE_MAX: not there yet. */
static size_t
line_length(const struct hf_input *input, size_t from)
{
    size_t unread = input->length - input->at;
    if (from >= unread) {
        return SIZE_MAX;
    }
    const unsigned char *start = input->window + input->at;
    const unsigned char *found = memchr(start + from, '\n', unread - from);
    return found == NULL ? SIZE_MAX : (size_t)(found - start);
}

int
hf_input_line(struct hf_input *input, const char **line, size_t *length)
{
    size_t wanted = 1;
    size_t found;
    for (;;) {
        size_t searched = input->length - input->at;
        if (need(input, wanted) < 0) {
            return input->code;
        }
        found = line_length(input, wanted == 1 ? 0 : searched);
        size_t unread = input->length - input->at;
        if (found != SIZE_MAX || unread < wanted) {
            break; /* a whole line, or the end of the file */
        }
        if (unread > HF_INPUT_LINE_BYTES_MAX) {
            input->line++;
            return hf_input_reject(input, "line is too long");
        }
        wanted = unread + 1;
    }
    bool terminated = found != SIZE_MAX;
    size_t count = terminated ? found : input->length - input->at;
    if (!terminated && count == 0) {
        return 0;
    }
    char *text = (char *)input->window + input->at;
    input->line++;
    consume(input, count + (terminated ? 1 : 0));
    if (count > HF_INPUT_LINE_BYTES_MAX) {
        return hf_input_reject(input, "line is too long");
    }
    if (count > 0 && text[count - 1] == '\r') {
        count--;
    }
    text[count] = '\0';
    *line = text;
    *length = count;
    return 1;
}

int64_t
hf_input_peek(struct hf_input *input, size_t count, const unsigned char **bytes)
{
    HF_ASSERT("I1", count <= HF_INPUT_LINE_BYTES_MAX);
    if (need(input, count) < 0) {
        return input->code;
    }
    size_t unread = input->length - input->at;
    *bytes = input->window + input->at;
    return (int64_t)(unread < count ? unread : count);
}

int
hf_input_bytes(struct hf_input *input, size_t count, const unsigned char **bytes)
{
    int64_t there = hf_input_peek(input, count, bytes);
    if (there <= 0) {
        return (int)there;
    }
    if ((size_t)there < count) {
        return hf_input_reject_at(input, input->offset, "file ends in the middle of a message");
    }
    consume(input, count);
    return 1;
}

uint64_t
hf_input_line_number(const struct hf_input *input)
{
    return input->line;
}

uint64_t
hf_input_offset(const struct hf_input *input)
{
    return input->offset;
}

int
hf_input_reject(struct hf_input *input, const char *what)
{
    return fail(input, HF_E_CORRUPT, "line %llu: %s", (unsigned long long)input->line, what);
}

int
hf_input_reject_at(struct hf_input *input, uint64_t offset, const char *what)
{
    return fail(input, HF_E_CORRUPT, "byte %llu: %s", (unsigned long long)offset, what);
}

const char *
hf_input_error(const struct hf_input *input)
{
    return input->error;
}
