/* play_reader.c - a file as a sequence of cases. */
#include "cli/play_case.h"

#include "cli/input.h"
#include "cli/play_lines.h"
#include "cli/play_parse.h"

#include <holdfast/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hf_play_reader {
    struct hf_play_lines lines;
    const char *path;
    json_t *header; /* read already, of the next case; NULL: none */
    uint64_t header_line;
    int code; /* the first error, 0: none */
    char error[768];
};

static int
fail(struct hf_play_reader *reader, int code, const char *what)
{
    if (reader->code == 0) {
        reader->code = code;
        (void)snprintf(reader->error, sizeof reader->error, "%s: line %llu: %s", reader->path,
                       (unsigned long long)reader->lines.number, what);
    }
    return reader->code;
}

/** An error below the JSON: the file itself. */
static int
fail_input(struct hf_play_reader *reader, int code)
{
    reader->code = code;
    (void)snprintf(reader->error, sizeof reader->error, "%s",
                   code == HF_E_MEMORY ? hf_strerror(code) : hf_input_error(reader->lines.input));
    return code;
}

int
hf_play_reader_open(struct hf_play_reader **reader, const char *path)
{
    struct hf_play_reader *opened = calloc(1, sizeof *opened);
    *reader = opened;
    if (opened == NULL) {
        return HF_E_MEMORY;
    }
    opened->path = path;
    int code = hf_play_lines_open(&opened->lines, path);
    return code == 0 ? 0 : fail_input(opened, code);
}

void
hf_play_reader_close(struct hf_play_reader *reader)
{
    if (reader != NULL) {
        json_decref(reader->header);
        hf_play_lines_close(&reader->lines);
        free(reader);
    }
}

const char *
hf_play_reader_error(const struct hf_play_reader *reader)
{
    return reader->error;
}

static bool
is_blank(const struct hf_play_lines *lines)
{
    for (size_t i = 0; i < lines->length; i++) {
        if (lines->text[i] != ' ' && lines->text[i] != '\t' && lines->text[i] != '\r') {
            return false;
        }
    }
    return true;
}

/** The next line that is not blank, as a JSON object. @return 1, 0 at the end, negative */
static int
next_object(struct hf_play_reader *reader, json_t **object)
{
    json_error_t error;
    char words[JSON_ERROR_TEXT_LENGTH + 64];
    int code;
    while ((code = hf_play_lines_next(&reader->lines)) == 1 && is_blank(&reader->lines)) {
    }
    if (code <= 0) {
        return code == 0 ? 0 : fail_input(reader, code);
    }
    *object = json_loadb(reader->lines.text, reader->lines.length, JSON_REJECT_DUPLICATES, &error);
    if (*object == NULL) {
        (void)snprintf(words, sizeof words, "not JSON: %s (column %d)", error.text, error.column);
        return fail(reader, HF_E_CORRUPT, words);
    }
    if (!json_is_object(*object)) {
        json_decref(*object);
        return fail(reader, HF_E_CORRUPT, "not a JSON object");
    }
    return 1;
}

/** Room for one step more, zeroed; NULL: no memory. */
static struct hf_play_step *
add_step(struct hf_play_case *play_case, uint64_t line)
{
    if (play_case->step_count == play_case->step_capacity) {
        size_t capacity = play_case->step_capacity == 0 ? 64 : 2 * play_case->step_capacity;
        struct hf_play_step *grown = reallocarray(play_case->steps, capacity, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        play_case->steps = grown;
        play_case->step_capacity = capacity;
    }
    struct hf_play_step *step = &play_case->steps[play_case->step_count++];
    memset(step, 0, sizeof *step);
    step->line = line;
    return step;
}

static void
add_command(struct hf_play_fields *fields, struct hf_play_case *play_case, uint64_t line)
{
    struct hf_play_step *step = add_step(play_case, line);
    if (step == NULL) {
        hf_play_fields_fail(fields, HF_E_MEMORY, "out of memory");
        return;
    }
    step->is_command = true;
    step->command.json = json_incref(fields->object);
    hf_play_parse_command(fields, play_case, &step->command);
}

static void
add_expectation(struct hf_play_fields *fields, struct hf_play_case *play_case, uint64_t line)
{
    struct hf_play_step *step = add_step(play_case, line);
    if (step == NULL) {
        hf_play_fields_fail(fields, HF_E_MEMORY, "out of memory");
        return;
    }
    step->expectation.json = json_incref(fields->object);
    hf_play_parse_expectation(fields, play_case, &step->expectation);
}

/** An expectation of a stream, which has no object of its own. */
static struct hf_play_expectation *
add_stream_expectation(struct hf_play_fields *fields, struct hf_play_case *play_case, uint64_t line,
                       enum hf_play_kind kind)
{
    struct hf_play_step *step = add_step(play_case, line);
    if (step == NULL) {
        hf_play_fields_fail(fields, HF_E_MEMORY, "out of memory");
        return NULL;
    }
    step->expectation.kind = kind;
    return &step->expectation;
}

static void
add_stream_command(struct hf_play_fields *fields, struct hf_play_case *play_case, size_t i)
{
    struct hf_play_fields own = {.object =
                                     json_array_get(json_object_get(fields->object, "cmds"), i)};
    if (!json_is_object(own.object)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "command %zu is not an object", i + 1);
        return;
    }
    add_command(&own, play_case, i + 1);
    if (own.code != 0) {
        hf_play_fields_fail(fields, own.code, "command %zu: %s", i + 1, own.error);
    }
}

static void
add_stream_trades(struct hf_play_fields *fields, struct hf_play_case *play_case, size_t i)
{
    json_t *list = json_array_get(json_object_get(fields->object, "trades"), i);
    struct hf_play_expectation *expectation =
        add_stream_expectation(fields, play_case, i + 1, HF_PLAY_TRADES);
    if (expectation != NULL) {
        hf_play_parse_trades(fields, list, &play_case->ids, &expectation->rows);
    }
}

static void
add_stream(struct hf_play_fields *fields, struct hf_play_case *play_case)
{
    size_t count = json_array_size(json_object_get(fields->object, "cmds"));
    bool has_trades = hf_play_fields_has(fields, "trades");
    play_case->is_stream = true;
    if (!json_is_array(json_object_get(fields->object, "cmds"))) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'cmds' is not a list");
    }
    if (has_trades && json_array_size(json_object_get(fields->object, "trades")) != count) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'trades' has not one list for each command");
    }
    for (size_t i = 0; i < count && fields->code == 0; i++) {
        add_stream_command(fields, play_case, i);
        if (has_trades && fields->code == 0) {
            add_stream_trades(fields, play_case, i);
        }
    }
    if (fields->code == 0 &&
        (hf_play_fields_has(fields, "bids") || hf_play_fields_has(fields, "asks"))) {
        struct hf_play_expectation *expectation =
            add_stream_expectation(fields, play_case, count, HF_PLAY_BOOK);
        if (expectation != NULL) {
            hf_play_parse_book(fields, play_case, (struct hf_play_shape){"nii", 1},
                               &expectation->rows);
        }
    }
}

/** Read the steps up to the next header or the end. @return 1 or negative */
static int
read_steps(struct hf_play_reader *reader, struct hf_play_case *play_case)
{
    struct hf_play_fields fields = {0};
    int code;
    while ((code = next_object(reader, &fields.object)) == 1) {
        if (hf_play_fields_has(&fields, "op")) {
            add_command(&fields, play_case, reader->lines.number);
        } else if (hf_play_fields_has(&fields, "exp")) {
            add_expectation(&fields, play_case, reader->lines.number);
        } else if (hf_play_fields_has(&fields, "case")) {
            reader->header = fields.object;
            reader->header_line = reader->lines.number;
            return 1;
        } else {
            hf_play_fields_fail(&fields, HF_E_CORRUPT,
                                "neither a command (op), nor an expectation (exp), nor a header "
                                "(case)");
        }
        json_decref(fields.object);
        if (fields.code != 0) {
            return fail(reader, fields.code, fields.error);
        }
    }
    return code == 0 ? 1 : code;
}

static int
read_header(struct hf_play_reader *reader, struct hf_play_case *play_case)
{
    if (reader->header == NULL) {
        int code = next_object(reader, &reader->header);
        if (code <= 0) {
            reader->header = NULL;
            return code;
        }
        reader->header_line = reader->lines.number;
    }
    play_case->header = reader->header;
    play_case->line = reader->header_line;
    reader->header = NULL;
    return 1;
}

/** What decides whether a case is played must not be passed over because it was written otherwise. */
static void
check_header(struct hf_play_fields *fields)
{
    const json_t *scope = json_object_get(fields->object, "out_of_scope");
    json_t *depends = json_object_get(fields->object, "depends");
    json_t *value;
    const char *name;
    size_t i;
    if (scope != NULL && !json_is_array(scope)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'out_of_scope' is not a list");
    }
    json_array_foreach(scope, i, value)
    {
        if (!json_is_string(value)) {
            hf_play_fields_fail(fields, HF_E_CORRUPT, "'out_of_scope': an entry is not a string");
        }
    }
    if (depends != NULL && !json_is_object(depends)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'depends' is no object of rules by their names");
    }
    json_object_foreach(depends, name, value)
    {
        if (!json_is_string(value) && !json_is_boolean(value)) {
            hf_play_fields_fail(fields, HF_E_CORRUPT,
                                "'depends': rule '%.64s' is neither a string, nor true nor false",
                                name);
        }
    }
}

int
hf_play_reader_next(struct hf_play_reader *reader, struct hf_play_case *play_case)
{
    *play_case = (struct hf_play_case){0};
    if (reader->code != 0) {
        return reader->code;
    }
    int code = read_header(reader, play_case);
    if (code <= 0) {
        return code;
    }
    struct hf_play_fields fields = {.object = play_case->header};
    play_case->name = hf_play_fields_string(&fields, "case", true);
    check_header(&fields);
    if (fields.code == 0 && hf_play_fields_has(&fields, "cmds")) {
        add_stream(&fields, play_case);
    } else if (fields.code == 0) {
        return read_steps(reader, play_case);
    }
    return fields.code == 0 ? 1 : fail(reader, fields.code, fields.error);
}

void
hf_play_case_free(struct hf_play_case *play_case)
{
    for (size_t i = 0; i < play_case->step_count; i++) {
        struct hf_play_step *step = &play_case->steps[i];
        if (step->is_command) {
            json_decref(step->command.json);
        } else {
            json_decref(step->expectation.json);
            hf_play_rows_free(&step->expectation.rows);
        }
    }
    free(play_case->steps);
    hf_play_names_free(&play_case->ids);
    hf_play_names_free(&play_case->owners);
    json_decref(play_case->header);
    *play_case = (struct hf_play_case){0};
}
