/*
 * input.h - read a file by lines or by bytes, whether it is plain, gzip or xz.
 *
 * What a file is, its first bytes say, not its name. A compressed file that ends early, or holds
 * anything but whole streams, is an error: a replay of half a day must not look like one of a day.
 *
 * Results: 1 something was read; 0 the end; negative an error, which hf_input_error() puts in words
 * that name the file and the place. After an error every call returns it again.
 */
#ifndef HF_CLI_INPUT_H
#define HF_CLI_INPUT_H

#include <stddef.h>
#include <stdint.h>

/** Longest line, and most bytes that one hf_input_bytes() can ask for. */
#define HF_INPUT_LINE_BYTES_MAX 65536u

struct hf_input;

/**
 * Open a file and recognise its compression.
 *
 * @param input  receives the handle; free with hf_input_close(). Set on errors too (but for
 *               HF_E_MEMORY), so that hf_input_error() can be asked.
 * @param path   borrowed until hf_input_close(); "-" is standard input
 * @return 0, HF_E_IO (cannot be opened or read), HF_E_CORRUPT, HF_E_MEMORY
 */
int hf_input_open(struct hf_input **input, const char *path);

/** Close and free; NULL is allowed. */
void hf_input_close(struct hf_input *input);

/**
 * The next line, without its end (LF or CR LF). A last line without LF counts.
 *
 * @param line    receives a NUL-terminated text, valid until the next call
 * @param length  receives its length (the line may hold further NULs)
 * @return 1, 0 at the end, HF_E_CORRUPT (too long, damaged stream), HF_E_IO
 */
int hf_input_line(struct hf_input *input, const char **line, size_t *length);

/**
 * The next `count` bytes (at most HF_INPUT_LINE_BYTES_MAX), all of them or none.
 *
 * @param bytes  receives the bytes, valid until the next call
 * @return 1, 0 at the end, HF_E_CORRUPT (fewer are left, damaged stream), HF_E_IO
 */
int hf_input_bytes(struct hf_input *input, size_t count, const unsigned char **bytes);

/** As hf_input_bytes(), but the bytes stay unread; fewer than `count` at the end.
 *  @return the number of bytes there, or negative as above */
int64_t hf_input_peek(struct hf_input *input, size_t count, const unsigned char **bytes);

/** Number of the last line read (1, 2, 3...), and decompressed bytes read so far. */
uint64_t hf_input_line_number(const struct hf_input *input);
uint64_t hf_input_offset(const struct hf_input *input);

/** Declare the line last read (or the bytes before hf_input_offset()) wrong. @return HF_E_CORRUPT */
int hf_input_reject(struct hf_input *input, const char *what);
int hf_input_reject_at(struct hf_input *input, uint64_t offset, const char *what);

/** The error in words, "FILE: line 7: what"; "" when there is none. Lives as long as the handle. */
const char *hf_input_error(const struct hf_input *input);

#endif
