/* admin_show.c - what administrators have set, read back and printed. */
#include "cli/admin.h"

#include "cli/cli.h"
#include "cli/report_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ENTITLEMENTS_MAX 1048576u /* of limits.entitlements_max, also for names with limits */

/* Reading tables */

struct hf_entitlement_row *
hf_admin_entitlements(struct hf_admin *admin, size_t *count, int *exit_code)
{
    struct hf_entitlement_row *rows = calloc(ENTITLEMENTS_MAX, sizeof(*rows));
    *count = ENTITLEMENTS_MAX;
    int code = rows == NULL ? HF_E_MEMORY : hf_observer_entitlements(admin->observer, rows, count);
    if (code != HF_OK) {
        free(rows);
        *exit_code = hf_cli_fail("admin", "entitlements", code);
        return NULL;
    }
    return rows;
}

struct hf_limits_row *
hf_admin_limits(struct hf_admin *admin, size_t *count, int *exit_code)
{
    struct hf_limits_row *rows = calloc(ENTITLEMENTS_MAX, sizeof(*rows));
    *count = ENTITLEMENTS_MAX;
    int code = rows == NULL ? HF_E_MEMORY : hf_observer_limits(admin->observer, rows, count);
    if (code != HF_OK) {
        free(rows);
        *exit_code = hf_cli_fail("admin", "limits", code);
        return NULL;
    }
    return rows;
}

/* Instruments */

static const char *
switch_name(bool on)
{
    return on ? "on" : "off";
}

static void
print_instrument(const struct hf_instrument_info *info, bool json)
{
    const char *phase = hf_admin_word(hf_admin_phases, info->phase);
    if (json) {
        hf_json_print_line(
            stdout,
            json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "type",
                      "instrument", "symbol", info->symbol, "instrument", (json_int_t)info->id,
                      "phase", phase, "tick", (json_int_t)info->tick, "lot", (json_int_t)info->lot,
                      "price_min", (json_int_t)info->price_min, "price_max",
                      (json_int_t)info->price_max, "quantity_max", (json_int_t)info->quantity_max,
                      "collar", (json_int_t)info->collar, "notional_max",
                      (json_int_t)info->notional_max, "replace_loses_priority",
                      (info->flags & HF_REPLACE_LOSES_PRIORITY) != 0, "iceberg_keeps_place",
                      (info->flags & HF_ICEBERG_KEEPS_PLACE) != 0));
        return;
    }
    (void)printf("%-15s instrument %" PRIu32 ", %s, tick %" PRId64 ", lot %" PRIu64
                 ", prices %" PRId64 " to %" PRId64 ", quantity up to %" PRIu64 ", collar %" PRId64
                 ", notional %" PRIu64 ", replace-loses-priority %s, iceberg-keeps-place %s\n",
                 info->symbol, info->id, phase, info->tick, info->lot, info->price_min,
                 info->price_max, info->quantity_max, info->collar, info->notional_max,
                 switch_name((info->flags & HF_REPLACE_LOSES_PRIORITY) != 0),
                 switch_name((info->flags & HF_ICEBERG_KEEPS_PLACE) != 0));
}

int
hf_admin_show_instruments(struct hf_admin *admin)
{
    struct hf_status status;
    hf_observer_status(admin->observer, &status);
    size_t count = status.instruments;
    struct hf_instrument_info *rows = calloc(count + 1, sizeof(*rows));
    if (rows == NULL) {
        return hf_cli_fail("admin", "instruments", HF_E_MEMORY);
    }
    hf_observer_instruments(admin->observer, rows, &count);
    for (size_t i = 0; i < count; i++) {
        print_instrument(&rows[i], admin->request->json);
    }
    free(rows);
    return HF_EXIT_OK;
}

/* Entitlements */

static void
print_entitlement(const struct hf_entitlement_row *row, bool json)
{
    const char *kind = hf_admin_word(hf_admin_kinds, row->kind);
    if (json) {
        hf_json_print_line(stdout,
                           json_pack("{s:s, s:s, s:s, s:I}", "type", "entitlement", "session",
                                     row->name, "kind", kind, "id", (json_int_t)row->id));
    } else if (row->kind == HF_ENTITLE_ADMIN) {
        (void)printf("%s: %s\n", row->name, kind);
    } else {
        (void)printf("%s: %s %" PRIu32 "\n", row->name, kind, row->id);
    }
}

int
hf_admin_show_entitlements(struct hf_admin *admin)
{
    const struct hf_admin_request *request = admin->request;
    size_t count;
    int exit_code = HF_EXIT_OK;
    struct hf_entitlement_row *rows = hf_admin_entitlements(admin, &count, &exit_code);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        if (request->word_count == 0 || strcmp(rows[i].name, request->words[0]) == 0) {
            print_entitlement(&rows[i], request->json);
        }
    }
    free(rows);
    return exit_code;
}

/* Limits of names */

static void
print_limits(const struct hf_limits_row *row, bool json)
{
    if (json) {
        hf_json_print_line(stdout,
                           json_pack("{s:s, s:s, s:I, s:I, s:b}", "type", "limits", "session",
                                     row->name, "rate", (json_int_t)row->rate_max, "orders",
                                     (json_int_t)row->orders_max, "killed", row->killed != 0));
    } else {
        (void)printf("%s: rate %" PRIu32 ", orders %" PRIu32 ", kill %s\n", row->name,
                     row->rate_max, row->orders_max, switch_name(row->killed != 0));
    }
}

int
hf_admin_show_limits(struct hf_admin *admin)
{
    const struct hf_admin_request *request = admin->request;
    size_t count;
    int exit_code = HF_EXIT_OK;
    struct hf_limits_row *rows = hf_admin_limits(admin, &count, &exit_code);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        if (request->word_count == 0 || strcmp(rows[i].name, request->words[0]) == 0) {
            print_limits(&rows[i], request->json);
        }
    }
    free(rows);
    return exit_code;
}

/* One account, one session */

int
hf_admin_show_account(const struct hf_admin *admin, const struct hf_account_row *row)
{
    const char *mode = hf_admin_word(hf_admin_self_trades, row->self_trade);
    if (admin->request->json) {
        hf_json_print_line(stdout,
                           json_pack("{s:s, s:I, s:I, s:s, s:I, s:b}", "type", "account", "account",
                                     (json_int_t)row->account, "group", (json_int_t)row->group,
                                     "self_trade", mode, "notional_max",
                                     (json_int_t)row->notional_max, "killed", row->killed != 0));
    } else {
        (void)printf("account %" PRIu32 ": group %" PRIu32 ", self-trade %s, notional %" PRIu64
                     ", kill %s\n",
                     row->account, row->group, mode, row->notional_max,
                     switch_name(row->killed != 0));
    }
    return HF_EXIT_OK;
}

int
hf_admin_show_session(const struct hf_admin *admin, const struct hf_session_row *row)
{
    const char *kill = switch_name(row->killed != 0);
    if (admin->request->json) {
        hf_json_print_line(
            stdout, json_pack("{s:s, s:s, s:b, s:I, s:I, s:I, s:b, s:b}", "type", "session",
                              "session", row->name, "open", row->session_id != 0, "rate",
                              (json_int_t)row->rate_max, "orders", (json_int_t)row->orders_max,
                              "open_orders", (json_int_t)row->open_orders, "killed",
                              row->killed != 0, "admin", row->admin != 0));
    } else if (row->session_id == 0) {
        (void)printf("session %s: rate %" PRIu32 ", orders %" PRIu32 ", kill %s; none is open\n",
                     row->name, row->rate_max, row->orders_max, kill);
    } else {
        (void)printf("session %s: rate %" PRIu32 ", orders %" PRIu32 " (%" PRIu32
                     " open), kill %s, admin %s\n",
                     row->name, row->rate_max, row->orders_max, row->open_orders, kill,
                     switch_name(row->admin != 0));
    }
    return HF_EXIT_OK;
}
