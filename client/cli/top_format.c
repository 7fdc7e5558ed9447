/* top_format.c - numbers for people's eyes. */
#include "cli/top_picture.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define GROUPED_MAX 1e6 /* from here on with a unit */

/** With a comma between each three digits. */
static void
put_grouped(uint64_t value, char text[HF_TOP_NUMBER_BYTES])
{
    char digits[HF_TOP_NUMBER_BYTES];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    char *to = text;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
}

const char *
hf_top_count(double value, char text[HF_TOP_NUMBER_BYTES])
{
    static const char units[] = "MGTP";
    unsigned unit = 0;
    if (!(value > 0)) {
        return memcpy(text, "0", 2);
    }
    if (value < GROUPED_MAX) {
        if (value < 10 && value != floor(value)) {
            (void)snprintf(text, HF_TOP_NUMBER_BYTES, "%.1f", value);
        } else {
            put_grouped((uint64_t)(value + 0.5), text);
        }
        return text;
    }
    for (value /= GROUPED_MAX; value >= 1000 && unit + 2 < sizeof(units); value /= 1000) {
        unit++;
    }
    (void)snprintf(text, HF_TOP_NUMBER_BYTES, "%.*f %c", value < 100 ? 2 : 1, value, units[unit]);
    return text;
}

const char *
hf_top_duration(double seconds, char text[HF_TOP_NUMBER_BYTES])
{
    static const struct {
        double below;
        double unit;
        const char *name;
    } scales[] = {{1e-6, 1e9, "ns"}, {1e-3, 1e6, "us"}, {1, 1e3, "ms"}, {INFINITY, 1, "s"}};
    unsigned scale = 0;
    if (!(seconds > 0)) {
        return memcpy(text, "0", 2);
    }
    while (seconds >= scales[scale].below) {
        scale++;
    }
    double value = seconds * scales[scale].unit;
    (void)snprintf(text, HF_TOP_NUMBER_BYTES, "%.*f %s",
                   scale == 0     ? 0
                   : value < 10   ? 2
                   : value < 1000 ? 1
                                  : 0,
                   value, scales[scale].name);
    return text;
}

const char *
hf_top_bytes(double bytes, char text[HF_TOP_NUMBER_BYTES])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    unsigned unit = 0;
    for (; bytes >= 1000 && unit < 4; bytes /= 1000) {
        unit++;
    }
    (void)snprintf(text, HF_TOP_NUMBER_BYTES, "%.*f %s", unit > 0 && bytes < 100 ? 1 : 0, bytes,
                   units[unit]);
    return text;
}

void
hf_top_plain(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= HF_TOP_STYLES) {
            (void)fputc(*text, out);
        }
    }
}
