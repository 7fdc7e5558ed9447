/* admin_verbs.c - the table of what can be administrated, and how its words are read. */
#include "cli/admin.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

const struct hf_cli_choice hf_admin_phases[] = {{"open", HF_PHASE_OPEN},
                                                {"pre-open", HF_PHASE_PRE_OPEN},
                                                {"halted", HF_PHASE_HALTED},
                                                {"closed", HF_PHASE_CLOSED},
                                                {NULL, 0}};

const struct hf_cli_choice hf_admin_self_trades[] = {{"allow", HF_SELF_TRADE_ALLOW},
                                                     {"cancel-newest", HF_SELF_TRADE_CANCEL_NEWEST},
                                                     {"cancel-oldest", HF_SELF_TRADE_CANCEL_OLDEST},
                                                     {"cancel-both", HF_SELF_TRADE_CANCEL_BOTH},
                                                     {"decrement", HF_SELF_TRADE_DECREMENT},
                                                     {NULL, 0}};

const struct hf_cli_choice hf_admin_kinds[] = {{"account", HF_ENTITLE_ACCOUNT},
                                               {"instrument", HF_ENTITLE_INSTRUMENT},
                                               {"user", HF_ENTITLE_USER},
                                               {"admin", HF_ENTITLE_ADMIN},
                                               {"drop-copy", HF_ENTITLE_DROP_COPY},
                                               {"group", HF_ENTITLE_GROUP},
                                               {NULL, 0}};

const char *
hf_admin_word(const struct hf_cli_choice *choices, uint32_t value)
{
    for (; choices->name != NULL; choices++) {
        if ((uint32_t)choices->value == value) {
            return choices->name;
        }
    }
    return "?";
}

static void
parse_phase(struct argp_state *state, struct hf_admin_request *request)
{
    request->number = (uint32_t)hf_cli_choose(state, "phase", request->words[1], hf_admin_phases);
}

static void
parse_account(struct argp_state *state, struct hf_admin_request *request)
{
    request->number = (uint32_t)hf_cli_unsigned(state, "account", request->words[0], 0, UINT32_MAX);
}

/** A user by name or number. */
static uint32_t
parse_user(struct argp_state *state, const char *word)
{
    const struct passwd *user = getpwnam(word); /* NOLINT(concurrency-mt-unsafe): one thread */
    return user != NULL ? user->pw_uid
                        : (uint32_t)hf_cli_unsigned(state, "user", word, 0, UINT32_MAX - 1);
}

static void
parse_entitlement(struct argp_state *state, struct hf_admin_request *request)
{
    const char *kind = request->words[1];
    request->number = (uint32_t)hf_cli_choose(state, "entitle", kind, hf_admin_kinds);
    bool has_id = request->number != HF_ENTITLE_ADMIN;
    if (has_id != (request->word_count == 3)) {
        argp_error(state,
                   has_id ? "%s of what? A third word is missing" : "%s takes no further word",
                   kind);
    }
    if (has_id && request->number == HF_ENTITLE_USER) {
        request->entitled = parse_user(state, request->words[2]);
    } else if (has_id && request->number != HF_ENTITLE_INSTRUMENT) {
        request->entitled =
            (uint32_t)hf_cli_unsigned(state, kind, request->words[2], 0, UINT32_MAX);
    }
}

/** LSN.INDEX, as reports print a trade. */
static void
parse_trade(struct argp_state *state, struct hf_admin_request *request)
{
    char lsn[32];
    const char *dot = strchr(request->words[0], '.');
    size_t len = dot == NULL ? 0 : (size_t)(dot - request->words[0]);
    if (len == 0 || len >= sizeof(lsn)) {
        argp_error(state, "trade '%s' is not LSN.INDEX, as in the report of a fill",
                   request->words[0]);
        return;
    }
    memcpy(lsn, request->words[0], len);
    lsn[len] = '\0';
    request->trade_lsn = hf_cli_unsigned(state, "trade", lsn, 1, UINT64_MAX);
    request->trade_index = hf_cli_unsigned(state, "trade", dot + 1, 0, UINT32_MAX);
}

static void
parse_price(struct argp_state *state, struct hf_admin_request *request)
{
    request->price =
        hf_cli_signed(state, "price", request->words[1], 1 - HF_PRICE_MAX, HF_PRICE_MAX - 1);
}

#define DATA                                                                                       \
    (HF_ADMIN_TICK | HF_ADMIN_LOT | HF_ADMIN_PRICE_MIN | HF_ADMIN_PRICE_MAX |                      \
     HF_ADMIN_QUANTITY_MAX | HF_ADMIN_LOSES_PRIORITY | HF_ADMIN_KEEPS_PLACE)
#define ENTITLEMENT "account N|instrument SYMBOL|user UID|admin|drop-copy N|group N"
#define CORRECTION (HF_ADMIN_PRICE | HF_ADMIN_QUANTITY)

const struct hf_admin_verb hf_admin_verbs[] = {
    {"instrument add", "SYMBOL", 1, 1, DATA | HF_ADMIN_PHASE, 0,
     "a new instrument, open at once without --phase", NULL, hf_admin_instrument_add},
    {"instrument change", "SYMBOL", 1, 1, DATA, HF_ADMIN_ANY, "what is not given stays as it is",
     NULL, hf_admin_instrument_change},
    {"instrument remove", "SYMBOL", 1, 1, 0, 0,
     "cancels its orders; its number is never used again", NULL, hf_admin_instrument_remove},
    {"instrument limits", "SYMBOL", 1, 1, HF_ADMIN_COLLAR | HF_ADMIN_NOTIONAL, HF_ADMIN_ANY,
     "what is not given stays as it is", NULL, hf_admin_instrument_limits},
    {"instrument list", "", 0, 0, 0, 0, "with phases and limits", NULL, hf_admin_show_instruments},
    {"phase", "SYMBOL|all open|pre-open|halted|closed", 2, 2, 0, 0,
     "halted: cancels and reductions only", parse_phase, hf_admin_phase},
    {"account", "N", 1, 1, HF_ADMIN_GROUP | HF_ADMIN_SELF_TRADE | HF_ADMIN_NOTIONAL | HF_ADMIN_KILL,
     0, "what is not given stays as it is; without any, shows it", parse_account, hf_admin_account},
    {"session", "NAME", 1, 1, HF_ADMIN_RATE | HF_ADMIN_ORDERS | HF_ADMIN_KILL, 0,
     "limits of the name, over all its sessions, warns if none is there;\n      what is not given "
     "stays as it is; without any, shows it",
     NULL, hf_admin_session},
    {"limits", "[NAME]", 0, 1, 0, 0, "lists the names that have limits, or whose kill switch is on",
     NULL, hf_admin_show_limits},
    {"entitle", "NAME " ENTITLEMENT, 2, 3, 0, 0,
     "gives the name one of these, as told below; drop-copy: copies of the\n      reports of all "
     "sessions of group N",
     parse_entitlement, hf_admin_entitle},
    {"revoke", "NAME " ENTITLEMENT, 2, 3, 0, 0,
     "takes one of these back (there must be it); with its last account\n      (instrument), the "
     "name may use all again",
     parse_entitlement, hf_admin_revoke},
    {"entitlements", "[NAME]", 0, 1, 0, 0, "lists them", NULL, hf_admin_show_entitlements},
    {"end-of-day", "", 0, 0, 0, 0, "DAY orders expire", NULL, hf_admin_end_of_day},
    {"bust", "LSN.INDEX", 1, 1, HF_ADMIN_SIDE, HF_ADMIN_SIDE,
     "a trade is void; both sides and the market are told. That there was\n      such a trade is "
     "not checked, only that LSN and INDEX are possible",
     parse_trade, hf_admin_bust},
    {"correct", "LSN.INDEX", 1, 1, HF_ADMIN_SIDE | CORRECTION, HF_ADMIN_SIDE | CORRECTION,
     "a trade counts at another price and quantity, as little checked", parse_trade, hf_admin_bust},
    {"reference", "SYMBOL PRICE", 2, 2, 0, 0,
     "last price, as if it had traded there: triggers the stops that it meets", parse_price,
     hf_admin_reference},
    {"apply", "", 0, 0, HF_ADMIN_CONFIG | HF_ADMIN_DRY_RUN, HF_ADMIN_CONFIG,
     "logs what the configuration has and the log has not", NULL, hf_admin_apply_config},
    {0}};
