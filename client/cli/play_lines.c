/* play_lines.c - lines of any length, put together from pieces of the input's window. */
#include "cli/play_lines.h"

#include "cli/input.h"

#include <holdfast/error.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** Bytes asked for at a time: they are all in the input's window. */
#define PIECE_BYTES 16384u

int
hf_play_lines_open(struct hf_play_lines *lines, const char *path)
{
    *lines = (struct hf_play_lines){0};
    return hf_input_open(&lines->input, path);
}

void
hf_play_lines_close(struct hf_play_lines *lines)
{
    hf_input_close(lines->input);
    free(lines->text);
    *lines = (struct hf_play_lines){0};
}

static int
append(struct hf_play_lines *lines, const unsigned char *bytes, size_t count)
{
    size_t needed = lines->length + count;
    if (needed > HF_PLAY_LINE_BYTES_MAX) {
        return hf_input_reject_at(lines->input, hf_input_offset(lines->input), "line is too long");
    }
    if (needed > lines->capacity || lines->text == NULL) { /* an empty first line is a line, too */
        size_t capacity = lines->capacity == 0 ? PIECE_BYTES : lines->capacity;
        while (capacity < needed) {
            capacity *= 2;
        }
        char *grown = realloc(lines->text, capacity);
        if (grown == NULL) {
            return HF_E_MEMORY;
        }
        lines->text = grown;
        lines->capacity = capacity;
    }
    memcpy(lines->text + lines->length, bytes, count);
    lines->length = needed;
    return 0;
}

/** Take one piece, up to the end of the line. @return 1, 0 at the end of the file, negative */
static int
take_piece(struct hf_play_lines *lines, bool *complete)
{
    const unsigned char *bytes;
    int64_t there = hf_input_peek(lines->input, PIECE_BYTES, &bytes);
    if (there <= 0) {
        return (int)there;
    }
    const unsigned char *end = memchr(bytes, '\n', (size_t)there);
    size_t count = end == NULL ? (size_t)there : (size_t)(end - bytes);
    int code = append(lines, bytes, count);
    if (code < 0) {
        return code;
    }
    *complete = end != NULL;
    return hf_input_bytes(lines->input, count + (*complete ? 1 : 0), &bytes);
}

int
hf_play_lines_next(struct hf_play_lines *lines)
{
    bool complete = false;
    int code = 1;
    lines->length = 0;
    lines->number++;
    while (!complete && code == 1) {
        code = take_piece(lines, &complete);
    }
    if (code == 0 && lines->length > 0) {
        return 1; /* a last line without an end */
    }
    return code;
}
