/* wrap.h - text in lines of a given width. */
#ifndef HF_CONFIG_WRAP_H
#define HF_CONFIG_WRAP_H

#include <stdio.h>

/** Print words in lines of at most `width` characters, each behind `indent`; a longer word has a line of its
 *  own. */
void hf_print_wrapped(FILE *out, const char *indent, int width, const char *text);

#endif
