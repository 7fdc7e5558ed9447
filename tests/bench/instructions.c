/*
 * instructions.c - what instructions.sh counts: the common stream through the state machine, its timed
 * part within one function, at whose borders valgrind is told to count.
 *
 *     core_instructions INSTRUMENTS WARM COUNT       exit code 1: a wrong end state
 */
#include "core_stream.h"

#include <stdio.h>
#include <stdlib.h>

struct counted {
    const struct core_stream *stream;
    struct hf_core *core;
    struct hf_core_sink sink;
};

/** Never inlined: its name is the border (--toggle-collect). */
__attribute__((noinline)) void counted_part(const struct counted *counted);

void
counted_part(const struct counted *counted)
{
    const struct core_stream *stream = counted->stream;
    for (size_t at = stream->warm; at < stream->count; at += stream->records[at].slots) {
        core_apply(counted->core, &stream->records[at], &counted->sink);
    }
}

int
main(int argc, char **argv)
{
    struct core_stream stream;
    void *memory;
    size_t bytes;
    if (argc != 4) {
        (void)fprintf(stderr, "usage: core_instructions INSTRUMENTS WARM COUNT\n");
        return 64;
    }
    (void)core_make_common(&stream, (uint32_t)strtoul(argv[1], NULL, 10),
                           strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    struct counted counted = {.stream = &stream, .core = core_open(&stream, &memory, &bytes)};
    counted.sink = (struct hf_core_sink){stream.judge.context, stream.judge.report, NULL};
    stream.judge.begin(stream.judge.context);
    for (size_t at = 0; at < stream.warm; at += stream.records[at].slots) {
        core_apply(counted.core, &stream.records[at], &counted.sink);
    }
    counted_part(&counted);
    const char *wrong = stream.judge.end(stream.judge.context, counted.core);
    (void)printf("%s: %llu commands: %s\n", stream.name, (unsigned long long)stream.operations,
                 wrong == NULL ? "right" : wrong);
    return wrong != NULL;
}
