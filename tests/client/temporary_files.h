/*
 * temporary_files.h - a directory of a test's own, and files in it: plain, gzip and xz.
 */
#ifndef HF_TESTS_CLIENT_TEMPORARY_FILES_H
#define HF_TESTS_CLIENT_TEMPORARY_FILES_H

#include "client/draw.h"

#include <criterion/criterion.h>

#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum packing { PLAIN, GZIP, XZ, PACKINGS };

static char temporary_directory[64];

static void
make_directory(void)
{
    strcpy(temporary_directory, "/tmp/hf-cli-XXXXXX");
    cr_assert_not_null(mkdtemp(temporary_directory));
}

static void
remove_directory(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", temporary_directory);
    cr_assert_eq(system(command), 0);
}

/** Path of a file in the directory; valid until the eighth call after this one. */
static inline const char *
path_of(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", temporary_directory, name);
    return path;
}

static inline const char *
write_plain(const char *name, const void *bytes, size_t length)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
    return path;
}

/** Compress into a block of malloc; `*length` in: plain bytes, out: compressed ones. */
static inline unsigned char *
compress_bytes(enum packing packing, const void *bytes, size_t *length)
{
    size_t room = *length + *length / 2 + 4096;
    unsigned char *packed = malloc(room);
    cr_assert_not_null(packed);
    if (packing == GZIP) {
        z_stream stream = {0};
        cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        stream.next_in = (unsigned char *)bytes;
        stream.avail_in = (uInt)*length;
        stream.next_out = packed;
        stream.avail_out = (uInt)room;
        cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
        *length = stream.total_out;
        deflateEnd(&stream);
    } else if (packing == XZ) {
        size_t used = 0;
        cr_assert_eq(
            lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, bytes, *length, packed, &used, room),
            LZMA_OK);
        *length = used;
    } else {
        memcpy(packed, bytes, *length);
    }
    return packed;
}

static inline const char *
write_packed(const char *name, enum packing packing, const void *bytes, size_t length)
{
    unsigned char *packed = compress_bytes(packing, bytes, &length);
    const char *path = write_plain(name, packed, length);
    free(packed);
    return path;
}

static inline const char *
write_text(const char *name, const char *text)
{
    return write_plain(name, text, strlen(text));
}

#endif
