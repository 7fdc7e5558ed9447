/* output.c - standard output, looked at when the program ends. */
#include "base/output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
look_at_exit(void)
{
    bool failed = ferror(stdout) != 0; /* of what, is not known any more */
    errno = 0;
    if (fflush(stdout) == 0 && !failed) {
        return;
    }
    (void)fprintf(stderr, "standard output: %s\n",
                  errno != 0 ? strerror(errno) : "not all of it could be written");
    _exit(HF_OUTPUT_EXIT_CODE);
}

void
hf_output_guard(void)
{
    if (atexit(look_at_exit) != 0) {
        abort(); /* there is room for 32 of these */
    }
}
