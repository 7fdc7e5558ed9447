/* wrap.c - text in lines (wrap.h). */
#include "config/wrap.h"

#include <string.h>

void
hf_print_wrapped(FILE *out, const char *indent, int width, const char *text)
{
    int column = 0; /* 0: nothing is on the line yet */
    while (*(text += strspn(text, " ")) != '\0') {
        int len = (int)strcspn(text, " ");
        if (column > 0 && column + 1 + len > width) {
            fputc('\n', out);
            column = 0;
        }
        column += fprintf(out, "%s%.*s", column == 0 ? indent : " ", len, text);
        text += len;
    }
    fputc('\n', out);
}
