/*
 * check_picture.c - whether a screenshot shows what it should: how many of its pixels have a colour.
 *
 *   check_picture FILE.png RRGGBB:COUNT...      at least COUNT pixels of about this colour
 *   check_picture FILE.png RRGGBB:-COUNT...     at most COUNT
 *
 * Reads PNG as browsers write it: 8 bits a channel, RGB or RGBA, not interlaced. Exits 1 with what is wrong.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define FILE_BYTES_MAX ((size_t)32 << 20)
#define NEAR 8 /* of 255, in each channel */

struct picture {
    uint32_t width;
    uint32_t height;
    unsigned channels;
    unsigned char *pixels; /**< rows, each behind the byte of its filter */
};

static void
fail(const char *path, const char *why)
{
    (void)printf("%s: %s\n", path, why);
    exit(1);
}

static uint32_t
number(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static size_t
row_bytes(const struct picture *picture)
{
    return (size_t)picture->width * picture->channels + 1;
}

static void
read_header(const char *path, const unsigned char *data, struct picture *picture)
{
    picture->width = number(data);
    picture->height = number(data + 4);
    picture->channels = data[9] == 6 ? 4 : 3;
    if (data[8] != 8 || (data[9] != 2 && data[9] != 6) || data[12] != 0 || picture->width == 0 ||
        picture->width > 20000 || picture->height == 0 || picture->height > 20000) {
        fail(path, "not a PNG of 8 bits a channel, RGB or RGBA, not interlaced");
    }
}

/** @param joined  the IDAT chunks, one behind the other */
static void
inflate_pixels(const char *path, const unsigned char *joined, size_t size, struct picture *picture)
{
    uLongf bytes = row_bytes(picture) * picture->height;
    picture->pixels = malloc(bytes);
    if (picture->pixels == NULL || uncompress(picture->pixels, &bytes, joined, size) != Z_OK ||
        bytes != row_bytes(picture) * picture->height) {
        fail(path, "its pixels cannot be unpacked");
    }
}

static void
read_chunks(const char *path, const unsigned char *file, size_t size, struct picture *picture)
{
    unsigned char *joined = malloc(size);
    size_t joined_size = 0;
    size_t at = 8;
    while (joined != NULL && at + 12 <= size && number(file + at) <= size - at - 12) {
        uint32_t len = number(file + at);
        if (memcmp(file + at + 4, "IHDR", 4) == 0 && len == 13) {
            read_header(path, file + at + 8, picture);
        } else if (memcmp(file + at + 4, "IDAT", 4) == 0) {
            memcpy(joined + joined_size, file + at + 8, len);
            joined_size += len;
        }
        at += len + 12;
    }
    if (picture->channels == 0 || joined_size == 0) {
        fail(path, "has no picture in it");
    }
    inflate_pixels(path, joined, joined_size, picture);
    free(joined);
}

static unsigned char
paeth(int left, int up, int corner)
{
    int guess = left + up - corner;
    int a = abs(guess - left);
    int b = abs(guess - up);
    int c = abs(guess - corner);
    return (unsigned char)(a <= b && a <= c ? left : b <= c ? up : corner);
}

/** A row is told as differences from its neighbours: make it whole. */
static void
undo_filter(const struct picture *picture, uint32_t row)
{
    unsigned char *line = picture->pixels + row * row_bytes(picture);
    const unsigned char *above = row == 0 ? NULL : line - row_bytes(picture);
    for (size_t i = 1; i < row_bytes(picture); i++) {
        int left = i > picture->channels ? line[i - picture->channels] : 0;
        int up = above == NULL ? 0 : above[i];
        int corner = above == NULL || i <= picture->channels ? 0 : above[i - picture->channels];
        int add = line[0] == 1   ? left
                  : line[0] == 2 ? up
                  : line[0] == 3 ? (left + up) / 2
                  : line[0] == 4 ? paeth(left, up, corner)
                                 : 0;
        line[i] = (unsigned char)(line[i] + add);
    }
}

static void
read_picture(const char *path, struct picture *picture)
{
    unsigned char *file = malloc(FILE_BYTES_MAX);
    FILE *in = fopen(path, "rb");
    size_t size = in == NULL || file == NULL ? 0 : fread(file, 1, FILE_BYTES_MAX, in);
    if (size < 8 || memcmp(file, "\x89PNG\r\n\x1a\n", 8) != 0) {
        fail(path, "cannot be read, or is no PNG");
    }
    (void)fclose(in);
    read_chunks(path, file, size, picture);
    free(file);
    for (uint32_t row = 0; row < picture->height; row++) {
        undo_filter(picture, row);
    }
}

static unsigned long
count_pixels(const struct picture *picture, unsigned long colour)
{
    const int wanted[3] = {(int)(colour >> 16) & 255, (int)(colour >> 8) & 255, (int)colour & 255};
    unsigned long count = 0;
    for (uint32_t row = 0; row < picture->height; row++) {
        const unsigned char *at = picture->pixels + row * row_bytes(picture) + 1;
        for (uint32_t i = 0; i < picture->width; i++, at += picture->channels) {
            count += abs(at[0] - wanted[0]) <= NEAR && abs(at[1] - wanted[1]) <= NEAR &&
                     abs(at[2] - wanted[2]) <= NEAR;
        }
    }
    return count;
}

/** @param wish  RRGGBB:COUNT. @return whether it is fulfilled */
static bool
check(const char *path, const struct picture *picture, const char *wish)
{
    char *end = NULL;
    unsigned long colour = strtoul(wish, &end, 16);
    if (end != wish + 6 || *end != ':') {
        fail(wish, "is not RRGGBB:COUNT");
    }
    long limit = strtol(end + 1, NULL, 10);
    unsigned long count = count_pixels(picture, colour);
    bool good = limit >= 0 ? count >= (unsigned long)limit : count <= (unsigned long)-limit;
    (void)printf("%s: %lu pixels of #%06lx, %s %ld%s\n", path, count, colour,
                 limit >= 0 ? "at least" : "at most", labs(limit), good ? "" : ": WRONG");
    return good;
}

int
main(int argc, char **argv)
{
    struct picture picture = {0};
    bool good = true;
    if (argc < 3) {
        fail("usage", "check_picture FILE.png RRGGBB:COUNT...");
    }
    read_picture(argv[1], &picture);
    for (int i = 2; i < argc; i++) {
        good = check(argv[1], &picture, argv[i]) && good;
    }
    free(picture.pixels);
    return good ? 0 : 1;
}
