/* config.c - the configuration's values: defaults, a file's, those of --set. */
#include "config/table.h"

#include <ctype.h>
#include <errno.h>
#include <holdfast/error.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** What is being read, and where we are in it. */
struct origin {
    struct hf_config *config;
    struct hf_config_place place;
    bool seen[HF_PARAM_COUNT];
    uint32_t instrument_seen; /**< bits of the fields of the present instrument section */
    size_t file_instruments;  /**< the first one of a file replaces the built-in */
};

/* Mistakes */

#define MORE_BYTES 64   /* the last line, which counts what found no room */
#define ERROR_BYTES 512 /* of one mistake, at most: its place and twice its value */

/** "FILE:LINE", "--set", or "configuration" for what nobody has set. */
static int
print_place(const struct hf_config_place *place, char *text, size_t len_bytes)
{
    const char *path = place->path != NULL ? place->path : "configuration";
    return place->line > 0 ? snprintf(text, len_bytes, "%.255s:%d: ", path, place->line)
                           : snprintf(text, len_bytes, "%.255s: ", path);
}

static void
complain_of_place(struct hf_config *config, const struct hf_config_place *place, const char *format,
                  va_list arguments)
{
    char *end = config->errors + config->errors_len;
    config->error_count++;
    if (config->errors_len + ERROR_BYTES + MORE_BYTES > sizeof(config->errors)) {
        config->unnamed_errors++;
        snprintf(end, MORE_BYTES, "and %u more mistakes\n", config->unnamed_errors);
        return;
    }
    size_t used = (size_t)print_place(place, end, ERROR_BYTES);
    vsnprintf(end + used, ERROR_BYTES - 1 - used, format, arguments);
    used = strlen(end);
    end[used] = '\n';
    end[used + 1] = '\0';
    config->errors_len += used + 1;
}

void
hf_config_complain_at(struct hf_config *config, const struct hf_config_place *place,
                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain_of_place(config, place, format, arguments);
    va_end(arguments);
}

void
hf_config_complain_of(struct hf_config *config, enum hf_param_index param, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain_of_place(config, &config->places[param], format, arguments);
    va_end(arguments);
}

static void __attribute__((format(printf, 2, 3)))
complain(const struct origin *origin, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain_of_place(origin->config, &origin->place, format, arguments);
    va_end(arguments);
}

/* Values */

static bool
parse_number(const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0') {
        return false;
    }
    *number = value;
    return true;
}

static bool
choice_allowed(const char *choices, const char *value)
{
    size_t len = strlen(value);
    if (strchr(value, '|') != NULL) {
        return false; /* several choices are none */
    }
    for (const char *at = choices; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (len > 0 && strncmp(at, value, len) == 0 && (at[len] == '|' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

/** Into a member of the configuration; `text` is known to fit. */
static void
copy_text(char *target, const char *text)
{
    memcpy(target, text, strlen(text) + 1);
}

static void
set_param(const struct origin *origin, const struct hf_param *param, const char *value)
{
    char *target = (char *)origin->config + param->offset;
    int64_t number;
    origin->config->places[param - hf_params] = origin->place;
    switch (param->kind) {
    case HF_PARAM_STRING:
        if (strlen(value) >= HF_CONFIG_STRING_BYTES) {
            complain(origin, "%s.%s: longer than %d bytes", param->section, param->name,
                     HF_CONFIG_STRING_BYTES - 1);
            return;
        }
        copy_text(target, value);
        return;
    case HF_PARAM_NUMBER:
        if (!parse_number(value, &number) || number < param->min || number > param->max) {
            complain(origin, "%s.%s: '%s' is not a whole number from %lld to %lld (%s)",
                     param->section, param->name, value, (long long)param->min,
                     (long long)param->max, param->unit);
            return;
        }
        memcpy(target, &number, sizeof(number));
        return;
    case HF_PARAM_CHOICE:
        if (!choice_allowed(param->unit, value)) {
            complain(origin, "%s.%s: '%s' is none of %s", param->section, param->name, value,
                     param->unit);
            return;
        }
        copy_text(target, value);
        return;
    }
}

/* Instruments */

#define INSTRUMENT_SECTION "instrument."

static void
instrument_defaults(struct hf_instrument_info *info, const char *symbol)
{
    memset(info, 0, sizeof(*info));
    snprintf(info->symbol, sizeof(info->symbol), "%s", symbol);
    for (size_t i = 0; i < HF_INSTRUMENT_PARAM_COUNT; i++) {
        memcpy((char *)info + hf_instrument_params[i].offset,
               &hf_instrument_params[i].default_number, sizeof(int64_t));
    }
}

static bool
symbol_valid(const char *symbol)
{
    size_t len = strlen(symbol);
    for (size_t i = 0; i < len; i++) {
        if (symbol[i] <= ' ' || symbol[i] > '~') {
            return false;
        }
    }
    return len > 0 && len < HF_SYMBOL_BYTES;
}

/** A file's lines are of the section that was begun last; --set may name any. (All of them for each line
 *  would be hours for a million.) */
static struct hf_instrument_info *
find_instrument(const struct origin *origin, const char *symbol)
{
    struct hf_config *config = origin->config;
    bool is_file = origin->place.line > 0 && config->instrument_count > 0;
    for (size_t i = is_file ? config->instrument_count - 1 : 0; i < config->instrument_count; i++) {
        if (strcmp(config->instruments[i].symbol, symbol) == 0) {
            return &config->instruments[i];
        }
    }
    return NULL;
}

/** Room for one more: there is room for a power of two, so that a million are not copied for each.
 *  @return false: out of memory, said */
static bool
make_room(struct origin *origin)
{
    struct hf_config *config = origin->config;
    size_t count = config->instrument_count;
    if (count == 0 || (count & (count - 1)) != 0) {
        return true; /* for one there is room from the beginning */
    }
    count *= 2;
    struct hf_instrument_info *grown =
        reallocarray(config->instruments, count, sizeof(*config->instruments));
    if (grown != NULL) {
        config->instruments = grown;
    }
    struct hf_config_instrument_places *places =
        reallocarray(config->instrument_places, count, sizeof(*config->instrument_places));
    if (places != NULL) {
        config->instrument_places = places;
    }
    if (grown == NULL || places == NULL) {
        complain(origin, "out of memory");
        return false;
    }
    return true;
}

/** @return the new one, with its place; NULL: out of memory, said */
static struct hf_instrument_info *
grow_instruments(struct origin *origin)
{
    struct hf_config *config = origin->config;
    size_t index = config->instrument_count;
    if (!make_room(origin)) {
        return NULL;
    }
    config->instrument_places[index] =
        (struct hf_config_instrument_places){.section = origin->place};
    config->instrument_count++;
    return &config->instruments[index];
}

static void
add_instrument(struct origin *origin, const char *symbol)
{
    if (origin->file_instruments == 0) {
        origin->config->instrument_count = 0;
    }
    struct hf_instrument_info *info = grow_instruments(origin);
    if (info != NULL) {
        instrument_defaults(info, symbol);
        origin->file_instruments++;
        origin->instrument_seen = 0;
    }
}

static void
set_instrument_field(struct origin *origin, struct hf_instrument_info *info, const char *name,
                     const char *value)
{
    int64_t number;
    size_t field = 0;
    while (field < HF_INSTRUMENT_PARAM_COUNT &&
           strcmp(name, hf_instrument_params[field].name) != 0) {
        field++;
    }
    if (field == HF_INSTRUMENT_PARAM_COUNT) {
        complain(origin, "instrument.%s: unknown parameter '%s'", info->symbol, name);
    } else if (origin->instrument_seen & (1u << field)) {
        complain(origin, "instrument.%s: '%s' is given twice", info->symbol, name);
    } else {
        struct hf_config *config = origin->config;
        origin->instrument_seen |= 1u << field;
        config->instrument_places[info - config->instruments].fields[field] = origin->place;
        if (!parse_number(value, &number)) {
            complain(origin, "instrument.%s: %s: '%s' is not a whole number", info->symbol, name,
                     value);
            return;
        }
        memcpy((char *)info + hf_instrument_params[field].offset, &number, sizeof(number));
    }
}

/** A section, or --set, names an instrument for the first time. */
static void
enter_instrument(struct origin *origin, const char *symbol)
{
    if (!symbol_valid(symbol)) {
        complain(origin, "instrument symbol '%s': 1 to %u printable characters without space",
                 symbol, HF_SYMBOL_BYTES - 1);
    } else {
        add_instrument(origin, symbol);
    }
}

struct named {
    const char *symbol;
    size_t index;
};

/** By symbol; of the same one, as they stand in the file. */
static int
compare_named(const void *one, const void *other)
{
    const struct named *a = one;
    const struct named *b = other;
    int order = strcmp(a->symbol, b->symbol);
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

/** Behind the whole file: sorted, since a search for each would be quadratic. */
static void
complain_of_doubles(struct origin *origin)
{
    struct hf_config *config = origin->config;
    size_t count = origin->file_instruments;
    struct named *sorted = reallocarray(NULL, count + 1, sizeof(*sorted));
    if (sorted == NULL) {
        complain(origin, "out of memory");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (struct named){.symbol = config->instruments[i].symbol, .index = i};
    }
    qsort(sorted, count, sizeof(*sorted), compare_named);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i - 1].symbol, sorted[i].symbol) == 0) {
            hf_config_complain_at(config, &config->instrument_places[sorted[i].index].section,
                                  "[instrument.%s] is given twice", sorted[i].symbol);
        }
    }
    free(sorted);
}

static bool
is_instrument(const char *section)
{
    return strncmp(section, INSTRUMENT_SECTION, strlen(INSTRUMENT_SECTION)) == 0;
}

static bool
section_known(const char *section)
{
    bool known = is_instrument(section);
    for (size_t i = 0; i < HF_PARAM_COUNT && !known; i++) {
        known = strcmp(section, hf_params[i].section) == 0;
    }
    return known;
}

static void
enter_section(struct origin *origin, const char *section)
{
    if (!section_known(section)) {
        complain(origin, "unknown section [%s]; --print-config lists all", section);
    } else if (is_instrument(section)) {
        enter_instrument(origin, section + strlen(INSTRUMENT_SECTION));
    }
}

static int
handle(void *context, const char *section, const char *name, const char *value)
{
    struct origin *origin = context;
    if (is_instrument(section)) {
        struct hf_instrument_info *info =
            find_instrument(origin, section + strlen(INSTRUMENT_SECTION));
        if (info != NULL) { /* else its section's line was refused */
            set_instrument_field(origin, info, name, value);
        }
        return 1;
    }
    if (origin->place.line > 0 && *section != '\0' && !section_known(section)) {
        return 1; /* said at the section's line, unless there is none */
    }
    for (size_t i = 0; i < HF_PARAM_COUNT; i++) {
        if (strcmp(section, hf_params[i].section) == 0 && strcmp(name, hf_params[i].name) == 0) {
            if (origin->seen[i]) {
                complain(origin, "%s.%s is given twice", section, name);
            }
            origin->seen[i] = true;
            set_param(origin, &hf_params[i], value);
            return 1;
        }
    }
    complain(origin, "unknown parameter '%s' in section [%s]; --print-config lists all", name,
             section);
    return 1;
}

/* Reading a file: inih sees only lines that it reads as they are meant. It tells its handler no line
 * number, cuts lines at 200 bytes and at a NUL without a word, names only the first malformed one, takes an
 * indented line for the rest of the one before, ignores what stands behind a ']', and says nothing of
 * sections without parameters. */

#define LINE_BYTES_MAX 199   /* what inih takes, its newline included */
#define ENDLESS_BYTES 65536u /* what has no newline for so long is no text; a comment may be long */

struct reader {
    FILE *file;
    struct origin *origin;
};

/** A line as it stands in the file. */
struct line {
    size_t len_bytes;
    bool has_nul;
};

static void
trim(char *line)
{
    char *start = line + strspn(line, " \t\r\n\f\v");
    size_t left = strlen(start);
    while (left > 0 && isspace((unsigned char)start[left - 1])) {
        left--;
    }
    memmove(line, start, left);
    line[left] = '\0';
}

/** Read one line without blanks around it; the rest of an over-long one is dropped, up to ENDLESS_BYTES.
 *  @return what it was; no bytes: the end of the file */
static struct line
fetch_line(FILE *file, char *text, size_t size)
{
    struct line line = {0};
    int byte = 0;
    while (byte != '\n' && line.len_bytes < ENDLESS_BYTES && (byte = fgetc(file)) != EOF) {
        if (line.len_bytes < size - 1) {
            text[line.len_bytes] = (char)byte;
        }
        line.has_nul = line.has_nul || byte == '\0';
        line.len_bytes++;
    }
    text[line.len_bytes < size - 1 ? line.len_bytes : size - 1] = '\0';
    trim(text);
    return line;
}

/** Some editors begin a file with it; nobody sees it there. */
static void
drop_byte_order_mark(char *line)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (strncmp(line, mark, strlen(mark)) == 0) {
        memset(line, ' ', strlen(mark));
        trim(line);
    }
}

static bool
is_comment(const char *text)
{
    return *text == ';' || *text == '#';
}

static void
judge_section(struct origin *origin, const char *line, const char *end)
{
    char section[LINE_BYTES_MAX + 1];
    const char *rest = end + 1 + strspn(end + 1, " \t");
    snprintf(section, sizeof(section), "%.*s", (int)(end - line - 1), line + 1);
    enter_section(origin, section);
    if (*rest != '\0' && !is_comment(rest)) {
        complain(origin, "'%s' behind [%s] belongs on a line of its own", rest, section);
    }
}

/** @return whether inih may see the line */
static bool
judge_line(struct origin *origin, const char *line)
{
    if (*line == '\0' || is_comment(line)) {
        return true;
    }
    const char *end = strchr(line, ']');
    if (*line == '[' && end != NULL) {
        judge_section(origin, line, end);
        return true;
    }
    if (*line != '[' && strpbrk(line, "=:") != NULL) {
        return true;
    }
    complain(origin, "neither [section] nor name = value");
    return false;
}

static char *
read_line(char *text, int size, void *context)
{
    struct reader *reader = context;
    struct origin *origin = reader->origin;
    origin->place.line++;
    const struct line line = fetch_line(reader->file, text, (size_t)size);
    if (line.len_bytes == 0) {
        return NULL;
    }
    if (line.len_bytes == ENDLESS_BYTES) {
        complain(origin, "a line of %u bytes or more: this is no configuration", ENDLESS_BYTES);
        return NULL; /* a device, or a file of gigabytes, would go on */
    }
    if (origin->place.line == 1) {
        drop_byte_order_mark(text);
    }
    if (line.has_nul) {
        complain(origin, "a NUL byte: text behind it would be lost");
        *text = '\0';
    } else if (line.len_bytes > LINE_BYTES_MAX && !is_comment(text)) {
        complain(origin, "line is longer than %d bytes", LINE_BYTES_MAX);
        *text = '\0';
    } else if (!judge_line(origin, text)) {
        *text = '\0';
    }
    return text;
}

/** A file, or a pipe, as of <(command) and /dev/stdin. A terminal or a device has no end. */
static bool
may_be_read(struct origin *origin, FILE *file)
{
    struct stat about;
    if (fstat(fileno(file), &about) != 0) {
        complain(origin, "cannot read: %s", strerror(errno));
        return false;
    }
    if (S_ISCHR(about.st_mode) || S_ISBLK(about.st_mode)) {
        complain(origin, "cannot read: a device, and neither a file nor a pipe");
        return false;
    }
    return true;
}

static void
read_file(struct origin *origin, FILE *file)
{
    struct reader reader = {.file = file, .origin = origin};
    int bad_line = ini_parse_stream(read_line, &reader, handle, origin);
    if (bad_line != 0) {
        origin->place.line = bad_line;
        complain(origin, "cannot be parsed");
    } else if (ferror(file)) {
        complain(origin, "cannot read: %s", strerror(errno));
    }
    complain_of_doubles(origin);
}

void
hf_config_load(struct hf_config *config, const char *path)
{
    struct origin origin = {.config = config, .place = {.path = path}};
    config->path = path;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        complain(&origin, "cannot read: %s", strerror(errno));
        return;
    }
    if (may_be_read(&origin, file)) {
        read_file(&origin, file);
    }
    fclose(file);
}

void
hf_config_set(struct hf_config *config, const char *assignment)
{
    struct origin origin = {.config = config, .place = {.path = "--set"}};
    char text[HF_CONFIG_STRING_BYTES * 2];
    snprintf(text, sizeof(text), "%s", assignment);
    char *value = strchr(text, '=');
    if (value != NULL) {
        *value++ = '\0';
    }
    char *name = strrchr(text, '.');
    if (value == NULL || name == NULL) {
        complain(&origin, "'%s' is not section.name=value", assignment);
        return;
    }
    *name++ = '\0';
    origin.file_instruments = config->instrument_count; /* adds to what is there */
    if (is_instrument(text) &&
        find_instrument(&origin, text + strlen(INSTRUMENT_SECTION)) == NULL) {
        enter_instrument(&origin, text + strlen(INSTRUMENT_SECTION));
    }
    handle(&origin, text, name, value);
}

int
hf_config_init(struct hf_config *config)
{
    memset(config, 0, sizeof(*config));
    for (size_t i = 0; i < HF_PARAM_COUNT; i++) {
        char *target = (char *)config + hf_params[i].offset;
        if (hf_params[i].kind == HF_PARAM_NUMBER) {
            memcpy(target, &hf_params[i].default_number, sizeof(int64_t));
        } else {
            copy_text(target, hf_params[i].default_text);
        }
    }
    config->instruments = calloc(1, sizeof(*config->instruments));
    config->instrument_places = calloc(1, sizeof(*config->instrument_places));
    if (config->instruments == NULL || config->instrument_places == NULL) {
        return HF_E_MEMORY;
    }
    config->instrument_count = 1;
    instrument_defaults(config->instruments, "DEMO");
    return HF_OK;
}

void
hf_config_free(struct hf_config *config)
{
    free(config->instruments);
    free(config->instrument_places);
    memset(config, 0, sizeof(*config));
}

int
hf_config_read(struct hf_config *config, const struct hf_config_source *source)
{
    int code = hf_config_init(config);
    if (code != HF_OK) {
        return code;
    }
    if (source->path != NULL) {
        hf_config_load(config, source->path);
    }
    for (int i = 0; i < source->set_count; i++) {
        hf_config_set(config, source->sets[i]);
    }
    return hf_config_check(config) ? HF_OK : HF_E_ARGUMENT;
}
