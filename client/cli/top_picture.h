/*
 * top_picture.h - what `holdfast top` shows, as lines of text: for the terminal, or as they are for scripts.
 *
 * A byte below HF_TOP_STYLES switches the style of what follows up to the end of the line; the screen turns it
 * into attributes, hf_top_plain() leaves it out.
 */
#ifndef HF_CLI_TOP_PICTURE_H
#define HF_CLI_TOP_PICTURE_H

#include "watch/view.h"

#include <stdio.h>

enum hf_top_style {
    HF_TOP_NORMAL = 1,
    HF_TOP_STRONG,
    HF_TOP_SOFT,
    HF_TOP_GOOD,
    HF_TOP_WARN,
    HF_TOP_BAD,
    HF_TOP_TITLE,
    HF_TOP_STYLES /**< no text has bytes below: 9 (tab) and 10 are above */
};

enum hf_top_page {
    HF_TOP_OVERVIEW,
    HF_TOP_THREADS,
    HF_TOP_HELP,
};

struct hf_top_layout {
    unsigned rows; /**< 0: as many as there is to show */
    unsigned columns;
    enum hf_top_page page;
    unsigned skip;     /**< lines of the help that are left out at its beginning */
    double interval_s; /**< between two pictures */
};

/** Write the picture: lines, each ended, no more than `rows`. */
void hf_top_draw(FILE *out, const struct hf_watch_view *view, const struct hf_top_layout *layout);

/** Write text without its styles. */
void hf_top_plain(FILE *out, const char *text);

/** "1,234", "12.3 M"; "850 ns", "12.3 us". @param text  receives it. @return text */
#define HF_TOP_NUMBER_BYTES 32
const char *hf_top_count(double value, char text[HF_TOP_NUMBER_BYTES]);
const char *hf_top_duration(double seconds, char text[HF_TOP_NUMBER_BYTES]);
const char *hf_top_bytes(double bytes, char text[HF_TOP_NUMBER_BYTES]);

#endif
