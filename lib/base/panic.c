/*
 * panic.c - the last words of a process that has found itself wrong.
 */
#include "base/panic.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PANIC_LINE_BYTES 512

/* snprintf returns what it would have written; the buffer holds at most capacity - 1 of it. */
static size_t
clamp_written(int written, size_t capacity)
{
    if (written < 0) {
        return 0;
    }
    return (size_t)written < capacity ? (size_t)written : capacity - 1;
}

void
hf_panic(const char *file, int line, const char *format, ...)
{
    char text[PANIC_LINE_BYTES];
    size_t capacity = sizeof(text) - 1; /* the last byte is the newline's */
    size_t len = clamp_written(snprintf(text, capacity, "PANIC %s:%d: ", file, line), capacity);
    va_list arguments;
    va_start(arguments, format);
    len += clamp_written(vsnprintf(text + len, capacity - len, format, arguments), capacity - len);
    va_end(arguments);
    text[len++] = '\n';
    /* One write, so that lines of several threads do not mix. Nobody is left to tell if it fails. */
    ssize_t ignored = write(STDERR_FILENO, text, len);
    (void)ignored;
    abort();
}
