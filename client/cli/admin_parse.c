/*
 * admin_parse.c - words and options of holdfast admin.
 *
 * Options may stand anywhere. When all are read, the first one or two words are looked up as a verb, and
 * what else was given must be what the verb takes.
 */
#include "cli/admin.h"

#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_DEFAULT "admin"
#define TIMEOUT_DEFAULT_MS 5000u
#define NS_PER_MS UINT64_C(1000000)
#define ALL_WORDS_MAX (HF_ADMIN_WORDS_MAX + 2)

enum option_key { /* options without a letter */
                  KEY_TIMEOUT = 256,
                  KEY_TICK,
                  KEY_LOT,
                  KEY_PRICE_MIN,
                  KEY_PRICE_MAX,
                  KEY_QUANTITY_MAX,
                  KEY_LOSES_PRIORITY,
                  KEY_KEEPS_PLACE,
                  KEY_COLLAR,
                  KEY_NOTIONAL,
                  KEY_GROUP,
                  KEY_SELF_TRADE,
                  KEY_KILL,
                  KEY_RATE,
                  KEY_ORDERS,
                  KEY_SIDE,
                  KEY_DRY_RUN,
                  KEY_PHASE,
};

struct parsing {
    struct hf_admin_request *request;
    const char *words[ALL_WORDS_MAX];
    uint32_t word_count;
};

static const char doc[] =
    "Administrate an instance: every change is a logged command of a session with admin rights, "
    "which those that instance.admin names have from the start, and others by `entitle`. Waits "
    "until the command is durable (in memory mode: sequenced) and prints every report.\v"
    "Prices and quantities are whole numbers in the instrument's units; one below zero as a word "
    "stands behind `--`. A session that was opened for the command is closed after it.\n\n"
    "A session's limits and entitlements are its name's: they outlive it, and can be there before "
    "it. Without an account (or instrument), a name may use all accounts (or instruments); with "
    "one or more, only these. With one or more users, only they may open the name, and a session "
    "of anybody else that has it is closed, its orders cancelled; without any, all that may "
    "connect, unless session.names is `listed` or the name has admin or drop-copy rights. Such "
    "rights count for its users alone. Root and the daemon's own user may open every name. So who "
    "is to be restricted must have no other name: set session.names = listed, and give each user "
    "the names that are his.\n\n"
    "  holdfast admin instrument add ACME --tick 5 --price-max 100000\n"
    "  holdfast admin phase ACME halted\n"
    "  holdfast admin account 7 --kill on\n"
    "  holdfast admin session alpha --rate 1000 --orders 50\n"
    "  holdfast admin entitle alpha account 7\n"
    "  holdfast admin entitle alpha user 1001\n"
    "  holdfast admin --session ops entitle admin admin\n"
    "  holdfast admin bust 4711.0 --side alpha:12 --side beta:7\n"
    "  holdfast admin apply --config /etc/holdfast/holdfast.conf --dry-run\n\n" HF_EXIT_CODES_TEXT;

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "instrument add, instrument change:", 1},
    {"tick", KEY_TICK, "N", 0, "Prices are multiples of it (new: 1)", 1},
    {"lot", KEY_LOT, "N", 0, "Quantities are multiples of it (new: 1)", 1},
    {"price-min", KEY_PRICE_MIN, "N", 0, "Lowest price (new: 1)", 1},
    {"price-max", KEY_PRICE_MAX, "N", 0, "Highest price (new: the highest possible)", 1},
    {"quantity-max", KEY_QUANTITY_MAX, "N", 0, "Of one order (new: the largest possible)", 1},
    {"replace-loses-priority", KEY_LOSES_PRIORITY, "on|off", 0,
     "A replace always goes to the back of its level", 1},
    {"iceberg-keeps-place", KEY_KEEPS_PLACE, "on|off", 0,
     "A refilled iceberg stays where it is in its level", 1},
    {"phase", KEY_PHASE, "PHASE", 0,
     "instrument add: open (default), pre-open, halted or closed at first", 1},
    {NULL, 0, NULL, 0, "instrument limits; account:", 2},
    {"collar", KEY_COLLAR, "N", 0,
     "Greatest distance from the last price: of limit prices (beyond it they are rejected), and of "
     "the prices at which market orders and triggered stops trade (the rest is cancelled); 0: none",
     2},
    {"notional", KEY_NOTIONAL, "N", 0,
     "Greatest price times quantity: of one order of the instrument, or of all open orders of the "
     "account; 0: none. A market order is judged at the best opposite price, though it may trade "
     "beyond it, as far as the collar lets it",
     2},
    {NULL, 0, NULL, 0, "account, session:", 3},
    {"group", KEY_GROUP, "N", 0,
     "Accounts of one group may be kept from trading with each other, see --self-trade; 0: none, "
     "the account is kept from itself alone",
     3},
    {"self-trade", KEY_SELF_TRADE, "MODE", 0,
     "What happens when an order of this account meets one of its group, or without a group one of "
     "the account itself: allow (default), cancel-newest, cancel-oldest, cancel-both, decrement. "
     "The incoming order's account decides: set it for every account of the group",
     3},
    {"kill", KEY_KILL, "on|off", 0, "Kill switch: on cancels all open orders and refuses new ones",
     3},
    {"rate", KEY_RATE, "N", 0, "Messages per second; 0: no limit", 3},
    {"orders", KEY_ORDERS, "N", 0, "Open orders; 0: the instance's limit", 3},
    {NULL, 0, NULL, 0, "bust, correct:", 4},
    {"side", KEY_SIDE, "SESSION:ID", 0,
     "One side of the trade: session and client order id. Given twice, for both; 0 for a side "
     "whose session is gone: then only the market and the other side are told",
     4},
    {"price", 'p', "N", 0, "Price from now on", 4},
    {"quantity", 'q', "N", 0, "Quantity from now on", 4},
    {NULL, 0, NULL, 0, "apply:", 5},
    {"config", 'c', "FILE", 0, "The daemon's configuration", 5},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "List the differences only", 5},
    {NULL, 0, NULL, 0, "How:", 8},
    {"session", 'n', "NAME", 0, "Session whose rights are used (default \"admin\")", 8},
    {"timeout", KEY_TIMEOUT, "MS", 0, "Milliseconds to wait at most (default 5000)", 8},
    {"json", 'j', NULL, 0, "One JSON object a line", 8},
    {0}};

static const struct argp_child children[] = {{&hf_cli_target_argp, 0, "Which daemon:", 9}, {0}};

static const struct hf_cli_choice switches[] = {{"on", 1}, {"off", 0}, {NULL, 0}};

/* Options */

static bool
parse_switch(struct argp_state *state, const char *option, const char *text)
{
    return hf_cli_choose(state, option, text, switches) != 0;
}

static int64_t
parse_a_price(struct argp_state *state, const char *option, const char *text)
{
    return hf_cli_signed(state, option, text, 1 - HF_PRICE_MAX, HF_PRICE_MAX - 1);
}

static uint64_t
parse_a_quantity(struct argp_state *state, const char *option, const char *text)
{
    return hf_cli_unsigned(state, option, text, 1, HF_QUANTITY_MAX);
}

static uint32_t
parse_a_count(struct argp_state *state, const char *option, const char *text)
{
    return (uint32_t)hf_cli_unsigned(state, option, text, 0, UINT32_MAX);
}

/** Options of instruments. @return the bit of the option; 0: it is none of these */
static uint32_t
parse_instrument(int key, const char *text, struct argp_state *state,
                 struct hf_admin_request *request)
{
    switch (key) {
    case KEY_TICK:
        request->tick = hf_cli_signed(state, "--tick", text, 1, HF_PRICE_MAX - 1);
        return HF_ADMIN_TICK;
    case KEY_LOT:
        request->lot = parse_a_quantity(state, "--lot", text);
        return HF_ADMIN_LOT;
    case KEY_PRICE_MIN:
        request->price_min = parse_a_price(state, "--price-min", text);
        return HF_ADMIN_PRICE_MIN;
    case KEY_PRICE_MAX:
        request->price_max = parse_a_price(state, "--price-max", text);
        return HF_ADMIN_PRICE_MAX;
    case KEY_QUANTITY_MAX:
        request->quantity_max = parse_a_quantity(state, "--quantity-max", text);
        return HF_ADMIN_QUANTITY_MAX;
    case KEY_LOSES_PRIORITY:
        request->loses_priority = parse_switch(state, "--replace-loses-priority", text);
        return HF_ADMIN_LOSES_PRIORITY;
    case KEY_KEEPS_PLACE:
        request->keeps_place = parse_switch(state, "--iceberg-keeps-place", text);
        return HF_ADMIN_KEEPS_PLACE;
    case KEY_PHASE:
        request->phase = (uint32_t)hf_cli_choose(state, "--phase", text, hf_admin_phases);
        return HF_ADMIN_PHASE;
    case KEY_COLLAR:
        request->collar = hf_cli_signed(state, "--collar", text, 0, INT64_MAX);
        return HF_ADMIN_COLLAR;
    default:
        return 0;
    }
}

/** Options of accounts and sessions; as above. */
static uint32_t
parse_limits(int key, const char *text, struct argp_state *state, struct hf_admin_request *request)
{
    switch (key) {
    case KEY_NOTIONAL:
        request->notional = hf_cli_unsigned(state, "--notional", text, 0, UINT64_MAX);
        return HF_ADMIN_NOTIONAL;
    case KEY_GROUP:
        request->group = parse_a_count(state, "--group", text);
        return HF_ADMIN_GROUP;
    case KEY_SELF_TRADE:
        request->self_trade =
            (uint32_t)hf_cli_choose(state, "--self-trade", text, hf_admin_self_trades);
        return HF_ADMIN_SELF_TRADE;
    case KEY_KILL:
        request->kill = parse_switch(state, "--kill", text);
        return HF_ADMIN_KILL;
    case KEY_RATE:
        request->rate = parse_a_count(state, "--rate", text);
        return HF_ADMIN_RATE;
    case KEY_ORDERS:
        request->orders = parse_a_count(state, "--orders", text);
        return HF_ADMIN_ORDERS;
    default:
        return 0;
    }
}

static void
parse_side(struct argp_state *state, const char *text, struct hf_admin_request *request)
{
    const char *colon = strchr(text, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - text);
    if (request->side_count == HF_ADMIN_SIDES_MAX) {
        argp_error(state, "a trade has two sides");
    } else if (strcmp(text, "0") == 0) {
        request->side_count++;
    } else if (len == 0 || len >= HF_NAME_BYTES) {
        argp_error(state, "--side '%s' is neither SESSION:ID nor 0", text);
    } else {
        struct hf_admin_side *side = &request->sides[request->side_count++];
        memcpy(side->session, text, len);
        side->client_order_id = hf_cli_unsigned(state, "--side", colon + 1, 1, UINT64_MAX);
    }
}

/** Options of trades and of apply; as above. */
static uint32_t
parse_trade(int key, const char *text, struct argp_state *state, struct hf_admin_request *request)
{
    switch (key) {
    case KEY_SIDE:
        parse_side(state, text, request);
        return HF_ADMIN_SIDE;
    case 'p':
        request->price = parse_a_price(state, "--price", text);
        return HF_ADMIN_PRICE;
    case 'q':
        request->quantity = parse_a_quantity(state, "--quantity", text);
        return HF_ADMIN_QUANTITY;
    case 'c':
        request->config = text;
        return HF_ADMIN_CONFIG;
    case KEY_DRY_RUN:
        request->dry_run = true;
        return HF_ADMIN_DRY_RUN;
    default:
        return 0;
    }
}

static error_t
parse_option(int key, const char *text, struct argp_state *state, struct hf_admin_request *request)
{
    uint32_t bit = parse_instrument(key, text, state, request);
    bit = bit != 0 ? bit : parse_limits(key, text, state, request);
    bit = bit != 0 ? bit : parse_trade(key, text, state, request);
    request->given |= bit;
    return bit != 0 ? 0 : ARGP_ERR_UNKNOWN;
}

/* Verbs */

/** How many of the words are the verb's name; 0: they are another's. */
static uint32_t
match(const struct hf_admin_verb *verb, const struct parsing *parsing)
{
    size_t first = strcspn(verb->name, " ");
    const char *second = verb->name[first] == ' ' ? verb->name + first + 1 : NULL;
    if (strncmp(parsing->words[0], verb->name, first) != 0 || parsing->words[0][first] != '\0') {
        return 0;
    }
    if (second == NULL) {
        return 1;
    }
    return parsing->word_count > 1 && strcmp(parsing->words[1], second) == 0 ? 2 : 0;
}

static void
find_verb(struct argp_state *state, struct parsing *parsing)
{
    struct hf_admin_request *request = parsing->request;
    if (parsing->word_count == 0) {
        argp_error(state, "what is to be done?");
        return;
    }
    for (const struct hf_admin_verb *verb = hf_admin_verbs; verb->name != NULL; verb++) {
        uint32_t count = match(verb, parsing);
        if (count > 0) {
            request->verb = verb;
            request->word_count = parsing->word_count - count;
            memcpy(request->words, parsing->words + count,
                   request->word_count * sizeof(request->words[0]));
            return;
        }
    }
    argp_error(state, "there is no 'admin %s%s%s'", parsing->words[0],
               parsing->word_count > 1 ? " " : "",
               parsing->word_count > 1 ? parsing->words[1] : "");
}

/** The first option of a set. */
static const char *
option_name(uint32_t bits)
{
    static const char *const names[] = {"tick",
                                        "lot",
                                        "price-min",
                                        "price-max",
                                        "quantity-max",
                                        "replace-loses-priority",
                                        "iceberg-keeps-place",
                                        "collar",
                                        "notional",
                                        "group",
                                        "self-trade",
                                        "kill",
                                        "rate",
                                        "orders",
                                        "side",
                                        "price",
                                        "quantity",
                                        "config",
                                        "dry-run",
                                        "phase"};
    return names[__builtin_ctz(bits)];
}

static void
finish(struct argp_state *state, struct parsing *parsing)
{
    find_verb(state, parsing);
    struct hf_admin_request *request = parsing->request;
    const struct hf_admin_verb *verb = request->verb;
    uint32_t foreign = request->given & ~verb->options;
    uint32_t missing = verb->needed & ~request->given & ~(uint32_t)HF_ADMIN_ANY;
    if (request->word_count < verb->words_min || request->word_count > verb->words_max) {
        argp_error(state, "it is: admin %s %s", verb->name, verb->words);
    }
    if (foreign != 0) {
        argp_error(state, "--%s does not go with '%s'", option_name(foreign), verb->name);
    }
    if (missing != 0) {
        argp_error(state, "'%s' needs --%s", verb->name, option_name(missing));
    }
    if ((verb->needed & HF_ADMIN_ANY) != 0 && request->given == 0) {
        argp_error(state, "'%s' of what? It needs one of its options", verb->name);
    }
    if (verb->parse != NULL) {
        verb->parse(state, request);
    }
}

static void
take_word(struct argp_state *state, struct parsing *parsing, const char *word)
{
    if (parsing->word_count == ALL_WORDS_MAX) {
        argp_error(state, "there is a word too many: '%s'", word);
        return;
    }
    parsing->words[parsing->word_count++] = word;
}

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct parsing *parsing = state->input;
    struct hf_admin_request *request = parsing->request;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &request->target;
        return 0;
    case 'n':
        request->session = argument;
        return 0;
    case 'j':
        request->json = true;
        return 0;
    case KEY_TIMEOUT:
        request->timeout_ns =
            hf_cli_unsigned(state, "--timeout", argument, 0, UINT32_MAX) * NS_PER_MS;
        return 0;
    case ARGP_KEY_ARG:
        take_word(state, parsing, argument);
        return 0;
    case ARGP_KEY_END:
        finish(state, parsing);
        return 0;
    default:
        return parse_option(key, argument, state, request);
    }
}

/** The table of verbs, between the options and the rest of --help. */
static char *
help_filter(int key, const char *text, void *input)
{
    (void)input;
    char *list = NULL;
    size_t size;
    FILE *stream = key == ARGP_KEY_HELP_POST_DOC ? open_memstream(&list, &size) : NULL;
    if (stream == NULL) {
        return (char *)text;
    }
    fputs("What can be done:\n", stream);
    for (const struct hf_admin_verb *verb = hf_admin_verbs; verb->name != NULL; verb++) {
        fprintf(stream, "  %s%s%s\n      %s\n", verb->name, verb->words[0] != '\0' ? " " : "",
                verb->words, verb->summary);
    }
    fprintf(stream, "\n%s", text);
    fclose(stream);
    return list; /* argp frees it */
}

static const struct argp admin_argp = {.options = options,
                                       .parser = parse,
                                       .args_doc = "WHAT...",
                                       .doc = doc,
                                       .children = children,
                                       .help_filter = help_filter};

void
hf_admin_parse(struct hf_admin_request *request, int argc, char **argv)
{
    struct parsing parsing = {.request = request};
    *request = (struct hf_admin_request){.session = SESSION_DEFAULT,
                                         .timeout_ns = TIMEOUT_DEFAULT_MS * NS_PER_MS};
    if (argp_parse(&admin_argp, argc, argv, 0, NULL, &parsing) != 0) {
        exit(HF_EXIT_USAGE);
    }
}
