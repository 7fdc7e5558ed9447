/* fuzz.c - see fuzz.h. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
const char *__asan_default_options(void);

/** Freed memory is held back for a while, to be seen when it is used: 256 MiB of it would be a page fault
 *  for nearly every allocation. */
const char *
__asan_default_options(void)
{
    return "quarantine_size_mb=8:allocator_release_to_os_interval_ms=-1:max_malloc_fill_size=0";
}

static const char *seed_directory;
static unsigned seed_count;

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
    fuzz_target_init();
    if (*count == 3 && strcmp((*arguments)[1], "--seeds") == 0) {
        seed_directory = (*arguments)[2];
        fuzz_target_seeds();
        exit(seed_count > 0 ? 0 : 1);
    }
    return 0;
}

void
fuzz_seed(const void *bytes, size_t count)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/seed-%u", seed_directory, seed_count++);
    FILE *file = fopen(path, "wb");
    HF_ASSERT("seeds can be written",
              file != NULL && fwrite(bytes, 1, count, file) == count && fclose(file) == 0);
}

void
fuzz_seed_text(const char *text)
{
    fuzz_seed(text, strlen(text));
}

void
fuzz_take(struct fuzz_input *input, void *to, size_t count)
{
    size_t there = input->left < count ? input->left : count;
    memset(to, 0, count);
    if (there > 0) {
        memcpy(to, input->bytes, there);
        input->bytes += there;
        input->left -= there;
    }
}

uint8_t
fuzz_byte(struct fuzz_input *input)
{
    uint8_t value;
    fuzz_take(input, &value, sizeof(value));
    return value;
}

uint32_t
fuzz_word(struct fuzz_input *input)
{
    uint16_t value;
    fuzz_take(input, &value, sizeof(value));
    return value;
}

void
fuzz_patch(struct fuzz_input *input, void *object, size_t count, size_t align)
{
    for (unsigned patches = fuzz_byte(input); patches > 0 && input->left > 0; patches--) {
        size_t at = fuzz_word(input) * align % count;
        size_t length = fuzz_byte(input);
        fuzz_take(input, (char *)object + at, length < count - at ? length : count - at);
    }
}

void
fuzz_put(struct fuzz_bytes *seed, const void *bytes, size_t count)
{
    HF_ASSERT("a seed is small", seed->count + count <= sizeof(seed->bytes));
    memcpy(seed->bytes + seed->count, bytes, count);
    seed->count += count;
}

void
fuzz_put_byte(struct fuzz_bytes *seed, unsigned value)
{
    const uint8_t byte = (uint8_t)value;
    fuzz_put(seed, &byte, sizeof(byte));
}

void
fuzz_put_word(struct fuzz_bytes *seed, unsigned value)
{
    const uint16_t word = (uint16_t)value;
    fuzz_put(seed, &word, sizeof(word));
}

void
fuzz_file_open(struct fuzz_file *file)
{
    file->fd = memfd_create("fuzz", MFD_CLOEXEC);
    HF_ASSERT("there is memory for a file", file->fd >= 0);
    (void)snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

void
fuzz_file_store(const struct fuzz_file *file, const void *bytes, size_t count)
{
    HF_ASSERT("the file is stored",
              ftruncate(file->fd, 0) == 0 && pwrite(file->fd, bytes, count, 0) == (ssize_t)count);
}
