/*
 * play_lines.h - lines of any length: a whole stream of commands is one line of megabytes.
 */
#ifndef HF_CLI_PLAY_LINES_H
#define HF_CLI_PLAY_LINES_H

#include <stddef.h>
#include <stdint.h>

/** Longest line. */
#define HF_PLAY_LINE_BYTES_MAX ((size_t)1 << 26)

struct hf_input;

struct hf_play_lines {
    struct hf_input *input;
    char *text;
    size_t length;
    size_t capacity;
    uint64_t number; /* 1, 2, 3... */
};

/** As hf_input_open(). */
int hf_play_lines_open(struct hf_play_lines *lines, const char *path);

/** Read the next line, without its end, to lines->text. @return 1, 0 at the end, negative with
 *  hf_input_error(): HF_E_CORRUPT (too long, damaged), HF_E_IO; or HF_E_MEMORY */
int hf_play_lines_next(struct hf_play_lines *lines);

void hf_play_lines_close(struct hf_play_lines *lines);

#endif
