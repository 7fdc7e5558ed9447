/*
 * check.c - what depends on several values, or on more than a range; each mistake with the line that made
 * it: of two values that do not go together, the one that somebody has set.
 */
#include "config/table.h"

#include "base/name.h"

#include <holdfast/client.h>
#include <string.h>

#define LOG_DIRECTORY "/var/lib/holdfast" /* a directory for each instance */
#define INSTANCE "holdfast"               /* without a name, and without a file to have it from */
#define FILE_ENDING ".conf"

/** Of two parameters the one to complain of: the first, unless only the second was set. */
static enum hf_param_index
set_one(const struct hf_config *config, enum hf_param_index one, enum hf_param_index other)
{
    return config->places[one].path == NULL && config->places[other].path != NULL ? other : one;
}

/* Instruments */

/** The place of a field that was set, of the other one, or of the section. */
static const struct hf_config_place *
field_place(const struct hf_config *config, size_t instrument, enum hf_instrument_param_index one,
            enum hf_instrument_param_index other)
{
    const struct hf_config_instrument_places *places = &config->instrument_places[instrument];
    if (places->fields[one].path != NULL) {
        return &places->fields[one];
    }
    return places->fields[other].path != NULL ? &places->fields[other] : &places->section;
}

#define COMPLAIN(one, other, ...)                                                                  \
    hf_config_complain_at(                                                                         \
        config, field_place(config, i, HF_INSTRUMENT_PARAM_##one, HF_INSTRUMENT_PARAM_##other),    \
        __VA_ARGS__)

bool
hf_config_has_price(const struct hf_instrument_info *info)
{
    int64_t beyond = info->price_max % info->tick; /* of the sign of price_max */
    int64_t highest = info->price_max - beyond - (beyond < 0 ? info->tick : 0);
    return highest >= info->price_min;
}

bool
hf_config_has_quantity(const struct hf_instrument_info *info)
{
    return info->quantity_max >= info->lot;
}

static void
check_prices(struct hf_config *config, size_t i)
{
    const struct hf_instrument_info *info = &config->instruments[i];
    long long most = (long long)HF_PRICE_MAX - 1;
    bool ticks = info->tick >= 1 && info->tick <= most;
    if (!ticks) {
        COMPLAIN(tick, tick, "instrument.%s: tick must be from 1 to %lld", info->symbol, most);
    }
    if (info->price_min < -most || info->price_min > most) {
        COMPLAIN(price_min, price_min, "instrument.%s: price_min must be from %lld to %lld",
                 info->symbol, -most, most);
    } else if (info->price_max < -most || info->price_max > most) {
        COMPLAIN(price_max, price_max, "instrument.%s: price_max must be from %lld to %lld",
                 info->symbol, -most, most);
    } else if (info->price_min > info->price_max) {
        COMPLAIN(price_min, price_max, "instrument.%s: price_min must not exceed price_max",
                 info->symbol);
    } else if (ticks && !hf_config_has_price(info)) { /* so a tick was set */
        COMPLAIN(tick, tick, "instrument.%s: no multiple of tick lies in price_min to price_max",
                 info->symbol);
    }
}

static void
check_quantities(struct hf_config *config, size_t i)
{
    const struct hf_instrument_info *info = &config->instruments[i];
    unsigned long long most = HF_QUANTITY_MAX;
    if (info->lot < 1 || info->lot > most) {
        COMPLAIN(lot, lot, "instrument.%s: lot must be from 1 to %llu", info->symbol, most);
    }
    if (info->quantity_max < 1 || info->quantity_max > most) {
        COMPLAIN(quantity_max, quantity_max, "instrument.%s: quantity_max must be from 1 to %llu",
                 info->symbol, most);
    } else if (info->quantity_max > UINT64_MAX / (uint64_t)config->limits_orders_max) {
        COMPLAIN(quantity_max, quantity_max,
                 "instrument.%s: quantity_max x limits.orders_max must stay below 2^64",
                 info->symbol);
    } else if (info->lot <= most && !hf_config_has_quantity(info)) {
        COMPLAIN(quantity_max, lot, "instrument.%s: quantity_max must not be less than lot",
                 info->symbol);
    }
}

static void
check_instruments(struct hf_config *config)
{
    if ((int64_t)config->instrument_count > config->limits_instruments_max) {
        hf_config_complain_of(config, HF_PARAM_limits_instruments_max,
                              "%zu instruments, but limits.instruments_max is %lld",
                              config->instrument_count, (long long)config->limits_instruments_max);
    }
    for (size_t i = 0; i < config->instrument_count; i++) {
        check_prices(config, i);
        check_quantities(config, i);
    }
}

/* Administrators */

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
check_admins(struct hf_config *config)
{
    char name[HF_NAME_BYTES];
    const char *list = config->instance_admin;
    const char *rest = list;
    int64_t count = 0;
    size_t len;
    while ((len = hf_config_next_admin(&rest, name)) > 0) {
        count += !is_repeated(list, rest, name);
        if (len >= HF_NAME_BYTES || !hf_name_valid(name)) {
            hf_config_complain_of(config, HF_PARAM_instance_admin,
                                  "instance.admin: '%s' can be no session's name", name);
        }
    }
    if (count > config->limits_entitlements_max) {
        hf_config_complain_of(
            config, HF_PARAM_instance_admin,
            "instance.admin names %lld sessions, but limits.entitlements_max is %lld",
            (long long)count, (long long)config->limits_entitlements_max);
    }
}

/* Parameters */

/** A share of the order pool that was left at its default follows a pool that is smaller: who lowers
 *  orders_max need not know of it. */
static void
check_share(struct hf_config *config, enum hf_param_index param, int64_t *share)
{
    int64_t orders_max = config->limits_orders_max;
    if (*share > orders_max && *share == hf_params[param].default_number) {
        *share = orders_max;
    }
    if (*share > orders_max) {
        hf_config_complain_of(config, param, "limits.%s must not exceed limits.orders_max",
                              hf_params[param].name);
    }
}

static void
check_power_of_two(struct hf_config *config, enum hf_param_index param, int64_t value)
{
    if ((value & (value - 1)) != 0) {
        hf_config_complain_of(config, param, "%s.%s must be a power of two",
                              hf_params[param].section, hf_params[param].name);
    }
}

/** Whether a value is left to follow from another: then nobody has set it, although a line may name it. */
static bool
is_left(struct hf_config *config, enum hf_param_index param, const char *value)
{
    if (value[0] == '\0') {
        config->places[param] = (struct hf_config_place){0};
    }
    return value[0] == '\0';
}

/** venue of /etc/holdfast/venue.conf. Whoever copies a file for a second instance, and runs a command by
 *  hand that destroys something, means that instance and not the one that the file was made for. */
static void
name_after_file(struct hf_config *config)
{
    const char *slash = config->path == NULL ? NULL : strrchr(config->path, '/');
    const char *file = slash != NULL ? slash + 1 : config->path;
    size_t len = file == NULL ? 0 : strlen(file);
    size_t ending = strlen(FILE_ENDING);
    if (len <= ending || strcmp(file + len - ending, FILE_ENDING) != 0) {
        file = INSTANCE FILE_ENDING; /* also of a pipe */
        len = strlen(file);
    }
    snprintf(config->instance_name, sizeof(config->instance_name), "%.*s", (int)(len - ending),
             file);
}

static void
check_instance(struct hf_config *config)
{
    bool named = !is_left(config, HF_PARAM_instance_name, config->instance_name);
    if (!named) {
        name_after_file(config);
    }
    /* A dot separates the parts of an object's name: no instance may look like part of another. */
    if (!hf_name_valid(config->instance_name) || strchr(config->instance_name, '.') != NULL) {
        hf_config_complain_of(config, HF_PARAM_instance_name,
                              "instance.name '%s'%s: 1 to 23 letters, digits, '_', '-'",
                              config->instance_name,
                              named ? "" : ", which the file's name gives (or write another)");
    }
    if (is_left(config, HF_PARAM_instance_directory, config->instance_directory)) {
        snprintf(config->instance_directory, sizeof(config->instance_directory),
                 LOG_DIRECTORY "/%.23s", config->instance_name);
    }
    if (config->instance_directory[0] != '/') {
        hf_config_complain_of(config, HF_PARAM_instance_directory,
                              "instance.directory '%s' is no absolute path",
                              config->instance_directory);
    }
}

static void
check_wal(struct hf_config *config)
{
    if (config->wal_segment_kib % 4 != 0) {
        hf_config_complain_of(config, HF_PARAM_wal_segment_kib,
                              "wal.segment_kib must be a multiple of 4");
    }
    if (strcmp(config->wal_mode, "memory") == 0 && strcmp(config->wal_io, "direct") == 0) {
        hf_config_complain_of(
            config, set_one(config, HF_PARAM_wal_io, HF_PARAM_wal_mode),
            "wal.io=direct writes when it flushes, which wal.mode=memory never does");
    }
}

bool
hf_config_check(struct hf_config *config)
{
    check_instance(config);
    check_wal(config);
    check_power_of_two(config, HF_PARAM_limits_events_max, config->limits_events_max);
    check_power_of_two(config, HF_PARAM_wal_queue_slots, config->wal_queue_slots);
    check_power_of_two(config, HF_PARAM_market_slots, config->market_slots);
    check_share(config, HF_PARAM_limits_session_orders_max, &config->limits_session_orders_max);
    check_share(config, HF_PARAM_limits_extras_max, &config->limits_extras_max);
    check_admins(config);
    check_instruments(config);
    if (is_left(config, HF_PARAM_instance_socket, config->instance_socket)) {
        snprintf(config->instance_socket, sizeof(config->instance_socket),
                 HF_SOCKET_DIRECTORY "/%.23s.sock", config->instance_name);
    }
    return config->error_count == 0;
}
