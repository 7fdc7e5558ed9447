/*
 * admin_apply.c - what the configuration has and the log has not becomes logged commands, one for each
 * difference. What the log has beyond the configuration stays.
 */
#include "cli/admin.h"

#include "cli/cli.h"
#include "cli/report_print.h"

#include "config/difference.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 512

struct application {
    struct hf_admin *admin;
    struct hf_entitlement_row *entitlements; /**< of the log, as read at the beginning */
    size_t entitlement_count;
    uint32_t differences;
    uint32_t rejected;
    int exit_code; /**< anything but success and rejects ends the application */
};

/* What the log has */

static bool
logged_instrument(void *context, const char *symbol, struct hf_instrument_info *info)
{
    const struct application *application = context;
    return hf_observer_instrument(application->admin->observer, symbol, info) == HF_OK;
}

static bool
logged_admin(void *context, const char *name)
{
    const struct application *application = context;
    for (size_t i = 0; i < application->entitlement_count; i++) {
        const struct hf_entitlement_row *row = &application->entitlements[i];
        if (row->kind == HF_ENTITLE_ADMIN && strcmp(row->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* What is done about a difference */

static void
print_difference(const struct hf_difference *difference, bool json)
{
    char text[TEXT_BYTES];
    hf_difference_text(difference, text, sizeof(text));
    if (json) {
        hf_json_print_line(stdout, json_pack("{s:s, s:s}", "type", "difference", "text", text));
    } else {
        (void)printf("%s\n", text);
    }
}

/** What of an instrument is other than wanted; all else is left out. @return what the rest sets */
static uint8_t
reduce_to_changes(struct hf_instrument_info *info, const struct hf_instrument_info *logged)
{
    const struct hf_instrument_info wanted = *info;
    uint8_t sets = (wanted.tick != logged->tick ? HF_SET_TICK : 0) |
                   (wanted.lot != logged->lot ? HF_SET_LOT : 0) |
                   (wanted.price_min != logged->price_min ? HF_SET_PRICE_MIN : 0) |
                   (wanted.price_max != logged->price_max ? HF_SET_PRICE_MAX : 0) |
                   (wanted.quantity_max != logged->quantity_max ? HF_SET_QUANTITY_MAX : 0);
    info->id = logged->id;
    info->flags = 0; /* they stand in no configuration */
    info->tick = (sets & HF_SET_TICK) != 0 ? wanted.tick : 0;
    info->lot = (sets & HF_SET_LOT) != 0 ? wanted.lot : 0;
    info->price_min = (sets & HF_SET_PRICE_MIN) != 0 ? wanted.price_min : 0;
    info->price_max = (sets & HF_SET_PRICE_MAX) != 0 ? wanted.price_max : 0;
    info->quantity_max = (sets & HF_SET_QUANTITY_MAX) != 0 ? wanted.quantity_max : 0;
    return sets;
}

static int
submit_difference(struct hf_admin *admin, const struct hf_difference *difference)
{
    if (difference->type == HF_DIFFERENCE_ADMIN) {
        return hf_admin_submit_rights(admin, difference->admin);
    }
    struct hf_instrument_info info = *difference->wanted;
    uint8_t sets = difference->type == HF_DIFFERENCE_CHANGED
                       ? reduce_to_changes(&info, &difference->logged)
                       : 0;
    return hf_admin_submit_instrument(admin, &info, sets);
}

static bool
on_difference(void *context, const struct hf_difference *difference)
{
    struct application *application = context;
    application->differences++;
    print_difference(difference, application->admin->request->json);
    if (application->admin->request->dry_run) {
        return true;
    }
    int exit_code = submit_difference(application->admin, difference);
    bool rejected = exit_code == HF_EXIT_FAILED;
    application->rejected += rejected;
    /* Without rights the others fare no better. */
    if (!rejected || application->admin->answer.reason == HF_REASON_NOT_ADMIN) {
        application->exit_code = exit_code;
    }
    return application->exit_code == HF_EXIT_OK;
}

static void
print_summary(const struct application *application)
{
    const struct hf_admin_request *request = application->admin->request;
    uint32_t logged = request->dry_run ? 0 : application->differences - application->rejected;
    if (request->json) {
        hf_json_print_line(stdout, json_pack("{s:s, s:I, s:I, s:I}", "type", "applied",
                                             "differences", (json_int_t)application->differences,
                                             "logged", (json_int_t)logged, "rejected",
                                             (json_int_t)application->rejected));
    } else {
        (void)printf("%u differences, %u logged, %u rejected\n", application->differences, logged,
                     application->rejected);
    }
}

static int
apply(struct hf_admin *admin, const struct hf_config *config)
{
    struct application application = {.admin = admin};
    application.entitlements =
        hf_admin_entitlements(admin, &application.entitlement_count, &application.exit_code);
    if (application.entitlements == NULL) {
        return application.exit_code;
    }
    const struct hf_config_log log = {
        .context = &application, .instrument = logged_instrument, .is_admin = logged_admin};
    hf_config_compare(config, &log, on_difference, &application);
    free(application.entitlements);
    if (application.exit_code == HF_EXIT_OK) {
        print_summary(&application);
    }
    return application.exit_code == HF_EXIT_OK && application.rejected > 0 ? HF_EXIT_FAILED
                                                                           : application.exit_code;
}

/** The configuration of another instance is a mistake of the caller's. */
static bool
is_of_instance(const struct hf_admin *admin, const struct hf_config *config)
{
    struct hf_status status;
    hf_observer_status(admin->observer, &status);
    if (strncmp(status.instance, config->instance_name, sizeof(status.instance)) == 0) {
        return true;
    }
    (void)fprintf(stderr, "holdfast admin: %s is of instance '%s', but this is '%.23s'\n",
                  admin->request->config, config->instance_name, status.instance);
    return false;
}

int
hf_admin_apply_config(struct hf_admin *admin)
{
    struct hf_config config;
    if (hf_config_init(&config) != HF_OK) {
        return hf_cli_fail("admin", "configuration", HF_E_MEMORY);
    }
    hf_config_load(&config, admin->request->config);
    int exit_code = HF_EXIT_CONFIG;
    if (!hf_config_check(&config)) {
        (void)fputs(config.errors, stderr);
    } else if (is_of_instance(admin, &config)) {
        exit_code = apply(admin, &config);
    }
    hf_config_free(&config);
    return exit_code;
}
