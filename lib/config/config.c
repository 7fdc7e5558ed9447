/* config.c - parse, check and print the configuration. */
#include "config/config.h"

#include "base/panic.h"
#include "shm/session.h"

#include <ctype.h>
#include <errno.h>
#include <holdfast/client.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_STRING, KIND_NUMBER, KIND_CHOICE };

struct param {
    enum kind kind;
    const char *section;
    const char *name;
    size_t offset;
    int64_t min;
    int64_t max;
    const char *unit; /**< of choices: the choices */
    const char *text;
    const char *default_text;
    int64_t default_number;
};

static const struct param PARAMS[] = {
#define HF_STRING(section, name, value, unit, text)                                                \
    {KIND_STRING, #section, #name, offsetof(struct hf_config, section##_##name), 0, 0, unit,       \
     text,        value,    0},
#define HF_NUMBER(section, name, value, min, max, unit, text)                                      \
    {KIND_NUMBER, #section, #name, offsetof(struct hf_config, section##_##name), min, max, unit,   \
     text,        NULL,     value},
#define HF_CHOICE(section, name, value, choices, text)                                             \
    {KIND_CHOICE, #section, #name, offsetof(struct hf_config, section##_##name), 0, 0, choices,    \
     text,        value,    0},
    HF_PARAMS(HF_STRING, HF_NUMBER, HF_CHOICE)
#undef HF_STRING
#undef HF_NUMBER
#undef HF_CHOICE
};
#define PARAM_COUNT (sizeof(PARAMS) / sizeof(PARAMS[0]))

/** Where a value came from, for messages; line 0: the command line. */
struct origin {
    struct hf_config *config;
    const char *path;
    int line;
    bool seen[PARAM_COUNT];
    uint32_t instrument_seen; /**< bits of the fields of the present instrument section */
    size_t file_instruments;  /**< the first one of a file replaces the built-in */
};

static void __attribute__((format(printf, 2, 3)))
complain(const struct origin *origin, const char *format, ...)
{
    struct hf_config *config = origin->config;
    size_t used = strlen(config->errors);
    char *end = config->errors + used;
    size_t room = sizeof(config->errors) - used;
    config->error_count++;
    int len = origin->line > 0 ? snprintf(end, room, "%s:%d: ", origin->path, origin->line)
                               : snprintf(end, room, "%s: ", origin->path);
    if (len < 0 || (size_t)len + 2 >= room) {
        *end = '\0'; /* no room: the count still tells */
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(end + len, room - (size_t)len - 1, format, arguments);
    va_end(arguments);
    size_t end_len = strlen(end);
    end[end_len] = '\n'; /* vsnprintf left room for it */
    end[end_len + 1] = '\0';
}

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
set_param(const struct origin *origin, const struct param *param, const char *value)
{
    char *target = (char *)origin->config + param->offset;
    int64_t number;
    switch (param->kind) {
    case KIND_STRING:
        if (strlen(value) >= HF_CONFIG_STRING_BYTES) {
            complain(origin, "%s.%s: longer than %d bytes", param->section, param->name,
                     HF_CONFIG_STRING_BYTES - 1);
            return;
        }
        copy_text(target, value);
        return;
    case KIND_NUMBER:
        if (!parse_number(value, &number) || number < param->min || number > param->max) {
            complain(origin, "%s.%s: '%s' is not a whole number from %lld to %lld (%s)",
                     param->section, param->name, value, (long long)param->min,
                     (long long)param->max, param->unit);
            return;
        }
        memcpy(target, &number, sizeof(number));
        return;
    case KIND_CHOICE:
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

static const char *const INSTRUMENT_FIELDS[] = {"tick", "lot", "price_min", "price_max",
                                                "quantity_max"};
#define INSTRUMENT_SECTION "instrument."
#define INSTRUMENT_FIELD_COUNT (sizeof(INSTRUMENT_FIELDS) / sizeof(INSTRUMENT_FIELDS[0]))

static void
instrument_defaults(struct hf_instrument_info *info, const char *symbol)
{
    memset(info, 0, sizeof(*info));
    snprintf(info->symbol, sizeof(info->symbol), "%s", symbol);
    info->tick = 1;
    info->lot = 1;
    info->price_min = 1;
    info->price_max = HF_PRICE_MAX - 1;
    info->quantity_max = HF_QUANTITY_MAX;
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

static struct hf_instrument_info *
find_instrument(struct hf_config *config, const char *symbol)
{
    for (size_t i = 0; i < config->instrument_count; i++) {
        if (strcmp(config->instruments[i].symbol, symbol) == 0) {
            return &config->instruments[i];
        }
    }
    return NULL;
}

static void
add_instrument(struct origin *origin, const char *symbol)
{
    struct hf_config *config = origin->config;
    if (origin->file_instruments == 0) {
        config->instrument_count = 0;
    }
    struct hf_instrument_info *grown =
        reallocarray(config->instruments, config->instrument_count + 1, sizeof(*grown));
    if (grown == NULL) {
        complain(origin, "out of memory");
        return;
    }
    config->instruments = grown;
    instrument_defaults(&grown[config->instrument_count++], symbol);
    origin->file_instruments++;
    origin->instrument_seen = 0;
}

static void
set_instrument_field(struct origin *origin, struct hf_instrument_info *info, const char *name,
                     const char *value)
{
    int64_t number;
    size_t field = 0;
    while (field < INSTRUMENT_FIELD_COUNT && strcmp(name, INSTRUMENT_FIELDS[field]) != 0) {
        field++;
    }
    if (field == INSTRUMENT_FIELD_COUNT) {
        complain(origin, "instrument.%s: unknown parameter '%s'", info->symbol, name);
        return;
    }
    if (origin->instrument_seen & (1u << field)) {
        complain(origin, "instrument.%s: '%s' is given twice", info->symbol, name);
        return;
    }
    origin->instrument_seen |= 1u << field;
    if (!parse_number(value, &number)) {
        complain(origin, "instrument.%s: %s: '%s' is not a whole number", info->symbol, name,
                 value);
        return;
    }
    switch (field) {
    case 0:
        info->tick = number;
        break;
    case 1:
        info->lot = (uint64_t)number;
        break;
    case 2:
        info->price_min = number;
        break;
    case 3:
        info->price_max = number;
        break;
    default:
        info->quantity_max = (uint64_t)number;
        break;
    }
}

/** A section, or --set, names an instrument for the first time. */
static void
enter_instrument(struct origin *origin, const char *symbol)
{
    if (!symbol_valid(symbol)) {
        complain(origin, "instrument symbol '%s': 1 to %u printable characters without space",
                 symbol, HF_SYMBOL_BYTES - 1);
    } else if (origin->file_instruments > 0 && find_instrument(origin->config, symbol) != NULL) {
        complain(origin, "[instrument.%s] is given twice", symbol);
        origin->instrument_seen = 0;
    } else {
        add_instrument(origin, symbol);
    }
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
    for (size_t i = 0; i < PARAM_COUNT && !known; i++) {
        known = strcmp(section, PARAMS[i].section) == 0;
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
            find_instrument(origin->config, section + strlen(INSTRUMENT_SECTION));
        if (info != NULL) { /* else its section's line was refused */
            set_instrument_field(origin, info, name, value);
        }
        return 1;
    }
    if (origin->line > 0 && *section != '\0' && !section_known(section)) {
        return 1; /* said at the section's line, unless there is none */
    }
    for (size_t i = 0; i < PARAM_COUNT; i++) {
        if (strcmp(section, PARAMS[i].section) == 0 && strcmp(name, PARAMS[i].name) == 0) {
            if (origin->seen[i]) {
                complain(origin, "%s.%s is given twice", section, name);
            }
            origin->seen[i] = true;
            set_param(origin, &PARAMS[i], value);
            return 1;
        }
    }
    complain(origin, "unknown parameter '%s' in section [%s]; --print-config lists all", name,
             section);
    return 1;
}

/* Reading a file: inih sees only lines that it reads as they are meant. It tells its handler no line
 * number, cuts lines at 200 bytes without a word, names only the first malformed one, takes an indented
 * line for the rest of the one before, and says nothing of sections without parameters. */

#define LINE_BYTES_MAX 199 /* what inih takes, its newline included */

struct reader {
    FILE *file;
    struct origin *origin;
};

/** Read one line without blanks around it; the rest of an over-long one is dropped.
 *  @return its length as it stands in the file, or -1 at the end of it */
static int
fetch_line(FILE *file, char *line, int size)
{
    int len = 0;
    int byte = fgetc(file);
    if (byte == EOF) {
        return -1;
    }
    for (; byte != EOF; byte = fgetc(file)) {
        if (len < size - 1) {
            line[len] = (char)byte;
        }
        len++;
        if (byte == '\n') {
            break;
        }
    }
    line[len < size - 1 ? len : size - 1] = '\0';
    char *start = line + strspn(line, " \t\r\n\f\v");
    size_t left = strlen(start);
    while (left > 0 && isspace((unsigned char)start[left - 1])) {
        left--;
    }
    memmove(line, start, left);
    line[left] = '\0';
    return len;
}

/** @return whether inih may see the line */
static bool
judge_line(struct origin *origin, char *line)
{
    if (*line == '\0' || *line == ';' || *line == '#') {
        return true;
    }
    char *end = strchr(line, ']');
    if (*line == '[' && end != NULL) {
        char section[LINE_BYTES_MAX + 1];
        snprintf(section, sizeof(section), "%.*s", (int)(end - line - 1), line + 1);
        enter_section(origin, section);
        return true;
    }
    if (*line != '[' && strpbrk(line, "=:") != NULL) {
        return true;
    }
    complain(origin, "neither [section] nor name = value");
    return false;
}

static char *
read_line(char *line, int size, void *context)
{
    struct reader *reader = context;
    reader->origin->line++;
    int len = fetch_line(reader->file, line, size);
    if (len < 0) {
        return NULL;
    }
    if (len > LINE_BYTES_MAX) {
        complain(reader->origin, "line is longer than %d bytes", LINE_BYTES_MAX);
        *line = '\0';
    } else if (!judge_line(reader->origin, line)) {
        *line = '\0';
    }
    return line;
}

void
hf_config_load(struct hf_config *config, const char *path)
{
    struct origin origin = {.config = config, .path = path};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        complain(&origin, "cannot read: %s", strerror(errno));
        return;
    }
    struct reader reader = {.file = file, .origin = &origin};
    int bad_line = ini_parse_stream(read_line, &reader, handle, &origin);
    if (bad_line != 0) {
        origin.line = bad_line;
        complain(&origin, "cannot be parsed");
    } else if (ferror(file)) {
        complain(&origin, "cannot read: %s", strerror(errno));
    }
    fclose(file);
}

void
hf_config_set(struct hf_config *config, const char *assignment)
{
    struct origin origin = {.config = config, .path = "--set"};
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
    if (is_instrument(text) && find_instrument(config, text + strlen(INSTRUMENT_SECTION)) == NULL) {
        enter_instrument(&origin, text + strlen(INSTRUMENT_SECTION));
    }
    handle(&origin, text, name, value);
}

int
hf_config_init(struct hf_config *config)
{
    memset(config, 0, sizeof(*config));
    for (size_t i = 0; i < PARAM_COUNT; i++) {
        char *target = (char *)config + PARAMS[i].offset;
        if (PARAMS[i].kind == KIND_NUMBER) {
            memcpy(target, &PARAMS[i].default_number, sizeof(int64_t));
        } else {
            copy_text(target, PARAMS[i].default_text);
        }
    }
    config->instruments = calloc(1, sizeof(*config->instruments));
    if (config->instruments == NULL) {
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
    memset(config, 0, sizeof(*config));
}

static void
check_instrument(const struct origin *origin, const struct hf_instrument_info *info)
{
    if (info->tick < 1 || info->tick >= HF_PRICE_MAX) {
        complain(origin, "instrument.%s: tick must be at least 1", info->symbol);
    }
    if (info->lot < 1 || info->lot > HF_QUANTITY_MAX) {
        complain(origin, "instrument.%s: lot must be at least 1", info->symbol);
    }
    if (info->price_min <= -HF_PRICE_MAX || info->price_max >= HF_PRICE_MAX ||
        info->price_min > info->price_max) {
        complain(origin, "instrument.%s: price_min must not exceed price_max", info->symbol);
    }
    if (info->quantity_max < 1 || info->quantity_max > HF_QUANTITY_MAX) {
        complain(origin, "instrument.%s: quantity_max must be from 1 to %llu", info->symbol,
                 (unsigned long long)HF_QUANTITY_MAX);
    } else if (info->quantity_max > UINT64_MAX / (uint64_t)origin->config->limits_orders_max) {
        complain(origin, "instrument.%s: quantity_max x limits.orders_max must stay below 2^64",
                 info->symbol);
    }
}

#define ADMIN_SEPARATORS ", \t"

size_t
hf_config_next_admin(const char **rest, char name[HF_NAME_BYTES])
{
    const char *start = *rest + strspn(*rest, ADMIN_SEPARATORS);
    size_t len = strcspn(start, ADMIN_SEPARATORS);
    size_t kept = len < HF_NAME_BYTES ? len : HF_NAME_BYTES - 1;
    memset(name, 0, HF_NAME_BYTES);
    memcpy(name, start, kept);
    *rest = start + len;
    return len;
}

/** Whether a name stands in a list of administrators before `end`. */
static bool
is_repeated(const char *list, const char *end, const char *name)
{
    char other[HF_NAME_BYTES];
    while (hf_config_next_admin(&list, other) > 0 && list < end) {
        if (strcmp(other, name) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_admins(const struct origin *origin)
{
    char name[HF_NAME_BYTES];
    const char *list = origin->config->instance_admin;
    const char *rest = list;
    int64_t count = 0;
    size_t len;
    while ((len = hf_config_next_admin(&rest, name)) > 0) {
        count += !is_repeated(list, rest, name);
        if (len >= HF_NAME_BYTES || !hf_name_valid(name)) {
            complain(origin, "instance.admin: '%s' can be no session's name", name);
        }
    }
    if (count > origin->config->limits_entitlements_max) {
        complain(origin, "instance.admin names %lld sessions, but limits.entitlements_max is %lld",
                 (long long)count, (long long)origin->config->limits_entitlements_max);
    }
}

static int64_t
default_number(const char *section, const char *name)
{
    size_t i = 0;
    while (strcmp(PARAMS[i].section, section) != 0 || strcmp(PARAMS[i].name, name) != 0) {
        i++;
        HF_ASSERT("a default is asked for by its name", i < PARAM_COUNT);
    }
    return PARAMS[i].default_number;
}

/** A share of the order pool that was left at its default follows a pool that is smaller: who lowers
 *  orders_max need not know of it. */
static void
check_share(struct origin *origin, const char *name, int64_t *share)
{
    int64_t orders_max = origin->config->limits_orders_max;
    if (*share > orders_max && *share == default_number("limits", name)) {
        *share = orders_max;
    }
    if (*share > orders_max) {
        complain(origin, "limits.%s must not exceed limits.orders_max", name);
    }
}

bool
hf_config_check(struct hf_config *config)
{
    struct origin origin = {.config = config, .path = "configuration"};
    /* A dot separates the parts of an object's name: no instance may look like part of another. */
    if (!hf_name_valid(config->instance_name) || strchr(config->instance_name, '.') != NULL) {
        complain(&origin, "instance.name '%s': 1 to 23 letters, digits, '_', '-'",
                 config->instance_name);
    }
    if (config->instance_directory[0] != '/') {
        complain(&origin, "instance.directory '%s' is no absolute path",
                 config->instance_directory);
    }
    if (config->wal_segment_kib % 4 != 0) {
        complain(&origin, "wal.segment_kib must be a multiple of 4");
    }
    if ((config->limits_events_max & (config->limits_events_max - 1)) != 0) {
        complain(&origin, "limits.events_max must be a power of two");
    }
    if ((config->wal_queue_slots & (config->wal_queue_slots - 1)) != 0) {
        complain(&origin, "wal.queue_slots must be a power of two");
    }
    if (strcmp(config->wal_mode, "memory") == 0 && strcmp(config->wal_io, "direct") == 0) {
        complain(&origin, "wal.io=direct writes when it flushes, which wal.mode=memory never does");
    }
    if ((config->market_slots & (config->market_slots - 1)) != 0) {
        complain(&origin, "market.slots must be a power of two");
    }
    check_share(&origin, "session_orders_max", &config->limits_session_orders_max);
    check_share(&origin, "extras_max", &config->limits_extras_max);
    if ((int64_t)config->instrument_count > config->limits_instruments_max) {
        complain(&origin, "%zu instruments, but limits.instruments_max is %lld",
                 config->instrument_count, (long long)config->limits_instruments_max);
    }
    check_admins(&origin);
    for (size_t i = 0; i < config->instrument_count; i++) {
        check_instrument(&origin, &config->instruments[i]);
    }
    if (config->instance_socket[0] == '\0') {
        snprintf(config->instance_socket, sizeof(config->instance_socket),
                 HF_SOCKET_DIRECTORY "/%.23s.sock", config->instance_name);
    }
    return config->error_count == 0;
}

static void
print_param(const struct hf_config *config, const struct param *param, FILE *out)
{
    const char *value = (const char *)config + param->offset;
    fprintf(out, "\n# %s", param->text);
    switch (param->kind) {
    case KIND_STRING:
        fprintf(out, " (%s; default: %s)\n%s = %s\n", param->unit,
                param->default_text[0] != '\0' ? param->default_text : "empty", param->name, value);
        break;
    case KIND_NUMBER: {
        int64_t number;
        memcpy(&number, value, sizeof(number));
        fprintf(out, " (%s, %lld to %lld; default: %lld)\n%s = %lld\n", param->unit,
                (long long)param->min, (long long)param->max, (long long)param->default_number,
                param->name, (long long)number);
        break;
    }
    case KIND_CHOICE:
        fprintf(out, " (%s; default: %s)\n%s = %s\n", param->unit, param->default_text, param->name,
                value);
        break;
    }
}

void
hf_config_print(const struct hf_config *config, FILE *out)
{
    const char *section = "";
    fprintf(out, "# Configuration of a Holdfast instance. Every parameter is listed.\n");
    for (size_t i = 0; i < PARAM_COUNT; i++) {
        if (strcmp(section, PARAMS[i].section) != 0) {
            section = PARAMS[i].section;
            fprintf(out, "\n[%s]\n", section);
        }
        print_param(config, &PARAMS[i], out);
    }
    fprintf(out,
            "\n# Instruments seed an empty log; afterwards the log wins. Prices and quantities are "
            "whole numbers\n# in the instrument's own units: a price is a multiple of tick from "
            "price_min to price_max,\n# a quantity a multiple of lot up to quantity_max.\n");
    for (size_t i = 0; i < config->instrument_count; i++) {
        const struct hf_instrument_info *info = &config->instruments[i];
        fprintf(out,
                "\n[instrument.%s]\ntick = %lld\nlot = %llu\nprice_min = %lld\nprice_max = %lld\n"
                "quantity_max = %llu\n",
                info->symbol, (long long)info->tick, (unsigned long long)info->lot,
                (long long)info->price_min, (long long)info->price_max,
                (unsigned long long)info->quantity_max);
    }
}
