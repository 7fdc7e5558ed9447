/*
 * fuzz.h - what the fuzz targets share: their three functions, input taken apart, files in memory.
 *
 *   libFuzzer ── bytes ──► LLVMFuzzerTestOneInput (of the target) ── struct fuzz_input ──► code under test
 *        ▲                                                                  │
 *        └── corpus ◄── fuzz_target_seeds: by the project's own writers     └─► FUZZ_CHECK: what must hold
 *
 * A target is one program. With `--seeds DIRECTORY` it writes its seed corpus there and ends; otherwise it
 * takes the options of libFuzzer.
 */
#ifndef HF_TESTS_FUZZ_FUZZ_H
#define HF_TESTS_FUZZ_FUZZ_H

#include "base/panic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What must hold for any input: a panic, which libFuzzer reports with the input. */
#define FUZZ_CHECK(what, condition) HF_ASSERT(what, condition)

/* Of each target */

/** Once, before the first input, and before seeds are made. */
void fuzz_target_init(void);
/** Hand every seed to fuzz_seed(). */
void fuzz_target_seeds(void);
/** One input. @return 0 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/** Store one seed. */
void fuzz_seed(const void *bytes, size_t count);
void fuzz_seed_text(const char *text);

/* An input, taken apart from its front; behind its end there are zeros. */

struct fuzz_input {
    const uint8_t *bytes;
    size_t left;
};

/** The next bytes as they are. */
void fuzz_take(struct fuzz_input *input, void *to, size_t count);
uint8_t fuzz_byte(struct fuzz_input *input);
/** Two bytes, little-endian. */
uint32_t fuzz_word(struct fuzz_input *input);

/** Overwrite some bytes of an object: a number of patches, each place (2 bytes), length (1 byte), bytes.
 *  @param align  places are multiples of it */
void fuzz_patch(struct fuzz_input *input, void *object, size_t count, size_t align);

/* Seeds put together */

#define FUZZ_SEED_BYTES 65536u

struct fuzz_bytes {
    uint8_t bytes[FUZZ_SEED_BYTES];
    size_t count;
};

void fuzz_put(struct fuzz_bytes *seed, const void *bytes, size_t count);
void fuzz_put_byte(struct fuzz_bytes *seed, unsigned value);
void fuzz_put_word(struct fuzz_bytes *seed, unsigned value);

/* A file in memory that has a path. */

struct fuzz_file {
    int fd;
    char path[32];
};

void fuzz_file_open(struct fuzz_file *file);
/** Its whole content. */
void fuzz_file_store(const struct fuzz_file *file, const void *bytes, size_t count);

#endif
