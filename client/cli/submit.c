/*
 * submit.c - holdfast submit: one command by hand, and what became of it.
 *
 *   options ─► command ─► answer.c: hf_submit ─► hf_wait(level) ─► reports
 *
 * The session stays open behind it, so that the order rests and a later call can cancel it.
 */
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/target.h"

#include "base/clock.h"

#include <holdfast/client.h>
#include <string.h>

#define SESSION_DEFAULT "cli"
#define TIMEOUT_DEFAULT_MS 5000u
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

enum option_key { /* options without a letter */
                  KEY_CANCEL = 256,
                  KEY_REPLACE,
                  KEY_REDUCE,
                  KEY_TO,
                  KEY_ID,
                  KEY_ACCOUNT,
                  KEY_TYPE,
                  KEY_TIF,
                  KEY_POST_ONLY,
                  KEY_STOP_PRICE,
                  KEY_DISPLAY,
                  KEY_MINIMUM,
                  KEY_EXPIRES,
                  KEY_LEVEL,
                  KEY_TIMEOUT,
};

struct arguments {
    struct hf_cli_target target;
    const char *session;
    const char *symbol;
    struct hf_command slots[HF_MESSAGE_SLOTS_MAX];
    struct hf_command_more more; /* becomes the second slot where a field of it is used */
    uint64_t new_id;             /* --to */
    bool has_id;
    bool has_price;
    bool has_quantity;
    bool has_stop_price;
    bool only_sequenced;
    uint64_t timeout_ns;
    bool json;
};

static const char doc[] =
    "Submit one command by hand: a new order, or (with --cancel, --replace or --reduce) a change "
    "of one; wait until it is durable, and print every report.\v"
    "Prices and quantities are whole numbers in the instrument's units. The session stays open: "
    "its orders rest, and the next call with the same --session sees the reports since.\n\n"
    "  holdfast submit --symbol ACME --side buy --quantity 100 --price 995 --id 7\n"
    "  holdfast submit -s ACME -b sell -q 500 -p 1010 --display 100\n"
    "  holdfast submit -s ACME -b sell -q 5 -p 1010 --tif gtd --expires +3600\n"
    "  holdfast submit -s ACME -b sell -q 100 --type stop --stop-price 980\n"
    "  holdfast submit --replace 7 --to 8 --quantity 150 --price 990\n"
    "  holdfast submit --cancel 8\n\n" HF_EXIT_CODES_TEXT;

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "A new order:", 1},
    {"symbol", 's', "SYMBOL", 0, "Instrument", 1},
    {"side", 'b', "buy|sell", 0, "Side", 1},
    {"quantity", 'q', "N", 0,
     "Quantity; with --replace the new total (executed and open), with --reduce how much less", 1},
    {"price", 'p', "N", 0, "Limit price; also for --replace", 1},
    {"type", KEY_TYPE, "TYPE", 0,
     "Order type: limit (default), market, stop, stop-limit, market-to-limit", 1},
    {"tif", KEY_TIF, "gtc|ioc|fok|day|gtd", 0,
     "Time in force: good till cancelled, immediate or cancel, fill or kill, until the day ends, "
     "until --expires (default gtc, for a market order ioc)",
     1},
    {"expires", KEY_EXPIRES, "TIME", 0,
     "With --tif gtd: seconds since 1970, or +SECONDS from now on by this host's clock", 1},
    {"stop-price", KEY_STOP_PRICE, "N", 0, "Of a stop or stop-limit order: what triggers it", 1},
    {"display", KEY_DISPLAY, "N", 0, "Iceberg: show no more than this of it at a time", 1},
    {"minimum", KEY_MINIMUM, "N", 0, "Be cancelled unless so much trades on entry", 1},
    {"post-only", KEY_POST_ONLY, NULL, 0, "Be rejected rather than take liquidity", 1},
    {"id", KEY_ID, "N", 0, "Client order id, 1 or more (default: from the clock)", 1},
    {"account", KEY_ACCOUNT, "N", 0, "Account (default 0)", 1},
    {NULL, 0, NULL, 0, "Or a change of a live order of the session, by client order id:", 2},
    {"cancel", KEY_CANCEL, "ID", 0, "Cancel what is open of it", 2},
    {"replace", KEY_REPLACE, "ID", 0, "Give it --price and --quantity", 2},
    {"to", KEY_TO, "ID", 0, "With --replace: its id from now on (default: the same)", 2},
    {"reduce", KEY_REDUCE, "ID", 0, "Take --quantity off what is open of it; keeps its priority",
     2},
    {NULL, 0, NULL, 0, "How:", 3},
    {"session", 'n', "NAME", 0, "Session, opened if there is none (default \"cli\")", 3},
    {"level", KEY_LEVEL, "sequenced|durable", 0,
     "What to wait for: survives the daemon's death, or a loss of power (default durable; in "
     "memory mode, sequenced)",
     3},
    {"timeout", KEY_TIMEOUT, "MS", 0, "Milliseconds to wait at most (default 5000)", 3},
    {"json", 'j', NULL, 0, "One JSON object a line", 3},
    {0}};

static const struct argp_child children[] = {{&hf_cli_target_argp, 0, "Which daemon:", 9}, {0}};

/* Options */

static const struct hf_cli_choice sides[] = {{"buy", HF_BUY}, {"sell", HF_SELL}, {NULL, 0}};
static const struct hf_cli_choice types[] = {{"limit", HF_LIMIT},
                                             {"market", HF_MARKET},
                                             {"stop", HF_STOP},
                                             {"stop-limit", HF_STOP_LIMIT},
                                             {"market-to-limit", HF_MARKET_TO_LIMIT},
                                             {NULL, 0}};
static const struct hf_cli_choice tifs[] = {{"gtc", HF_GTC}, {"ioc", HF_IOC}, {"fok", HF_FOK},
                                            {"day", HF_DAY}, {"gtd", HF_GTD}, {NULL, 0}};
static const struct hf_cli_choice levels[] = {
    {"sequenced", HF_LEVEL_SEQUENCED}, {"durable", HF_LEVEL_DURABLE}, {NULL, 0}};

static uint64_t
order_id(struct argp_state *state, const char *option, const char *text)
{
    return hf_cli_unsigned(state, option, text, 1, UINT64_MAX);
}

static void
set_change(struct argp_state *state, struct arguments *arguments, enum hf_command_type type,
           const char *option, const char *text)
{
    struct hf_command *command = &arguments->slots[0];
    if (command->type != HF_COMMAND_NEW) {
        argp_error(state, "one of --cancel, --replace and --reduce at a time");
    }
    command->type = (uint8_t)type;
    command->client_order_id = order_id(state, option, text);
}

static uint64_t
parse_expiry(struct argp_state *state, const char *text)
{
    bool from_now = text[0] == '+';
    uint64_t seconds = hf_cli_unsigned(state, "--expires", text + from_now, 1,
                                       UINT32_MAX); /* till the year 2106 */
    return seconds * NS_PER_S + (from_now ? hf_clock_wall_ns() : 0);
}

/* Fields of the second slot. */
static error_t
parse_more(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct hf_command_more *more = &arguments->more;
    switch (key) {
    case KEY_STOP_PRICE:
        more->stop_price = hf_cli_signed(state, "--stop-price", argument, INT64_MIN, INT64_MAX);
        arguments->has_stop_price = true;
        return 0;
    case KEY_DISPLAY:
        more->display = hf_cli_unsigned(state, "--display", argument, 1, UINT64_MAX);
        return 0;
    case KEY_MINIMUM:
        more->minimum = hf_cli_unsigned(state, "--minimum", argument, 1, UINT64_MAX);
        return 0;
    case KEY_EXPIRES:
        more->expire_ns = parse_expiry(state, argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* What a new order or a change consists of. */
static error_t
parse_command(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct hf_command *command = &arguments->slots[0];
    switch (key) {
    case 'b':
        command->side = (uint8_t)hf_cli_choose(state, "--side", argument, sides);
        return 0;
    case 'q':
        command->quantity = hf_cli_unsigned(state, "--quantity", argument, 0, UINT64_MAX);
        arguments->has_quantity = true;
        return 0;
    case 'p':
        command->price = hf_cli_signed(state, "--price", argument, INT64_MIN, INT64_MAX);
        arguments->has_price = true;
        return 0;
    case KEY_TYPE:
        command->order_type = (uint8_t)hf_cli_choose(state, "--type", argument, types);
        return 0;
    case KEY_TIF:
        command->time_in_force = (uint8_t)hf_cli_choose(state, "--tif", argument, tifs);
        return 0;
    case KEY_POST_ONLY:
        command->flags = HF_POST_ONLY;
        return 0;
    case KEY_ACCOUNT:
        command->account = (uint32_t)hf_cli_unsigned(state, "--account", argument, 0, UINT32_MAX);
        return 0;
    case KEY_CANCEL:
        set_change(state, arguments, HF_COMMAND_CANCEL, "--cancel", argument);
        return 0;
    case KEY_REPLACE:
        set_change(state, arguments, HF_COMMAND_REPLACE, "--replace", argument);
        return 0;
    case KEY_REDUCE:
        set_change(state, arguments, HF_COMMAND_REDUCE, "--reduce", argument);
        return 0;
    default:
        return parse_more(key, argument, state);
    }
}

static void
need(struct argp_state *state, bool there, const char *what)
{
    if (!there) {
        argp_error(state, "%s", what);
    }
}

static bool
uses_more(const struct arguments *arguments)
{
    const struct hf_command_more *more = &arguments->more;
    return arguments->has_stop_price || more->display != 0 || more->minimum != 0 ||
           more->expire_ns != 0;
}

static void
finish_new(struct argp_state *state, struct arguments *arguments)
{
    struct hf_command *command = &arguments->slots[0];
    command->order_type = command->order_type != 0 ? command->order_type : HF_LIMIT;
    bool limited = command->order_type == HF_LIMIT || command->order_type == HF_STOP_LIMIT;
    bool stop = command->order_type == HF_STOP || command->order_type == HF_STOP_LIMIT;
    need(state, arguments->symbol != NULL, "a new order needs --symbol");
    need(state, command->side != 0, "a new order needs --side");
    need(state, arguments->has_quantity, "a new order needs --quantity");
    need(state, !limited || arguments->has_price, "a limit or stop-limit order needs --price");
    need(state, stop == arguments->has_stop_price,
         stop ? "a stop order needs --stop-price"
              : "--stop-price is for stop and stop-limit orders");
    need(state, (command->time_in_force == HF_GTD) == (arguments->more.expire_ns != 0),
         "--tif gtd and --expires go together");
    need(state, arguments->new_id == 0, "--to goes with --replace");
    if (command->time_in_force == 0) {
        command->time_in_force = command->order_type == HF_MARKET ? HF_IOC : HF_GTC;
    }
    command->client_order_id = arguments->has_id ? command->client_order_id : hf_clock_wall_ns();
    if (uses_more(arguments)) {
        command->slots = 2;
        arguments->more.type = HF_COMMAND_MORE;
        arguments->more.slots = 1;
        memcpy(&arguments->slots[1], &arguments->more, sizeof(arguments->more));
    }
}

static void
finish_change(struct argp_state *state, struct arguments *arguments)
{
    struct hf_command *command = &arguments->slots[0];
    bool replace = command->type == HF_COMMAND_REPLACE;
    bool foreign = arguments->symbol != NULL || command->side != 0 || command->order_type != 0 ||
                   command->time_in_force != 0 || command->flags != 0 || command->account != 0 ||
                   uses_more(arguments);
    need(state, !foreign && !arguments->has_id,
         "--symbol, --side, --type, --tif, --expires, --stop-price, --display, --minimum, "
         "--post-only, --account and --id are for new orders");
    need(state, replace == arguments->has_price,
         replace ? "--replace needs --price" : "--price is for new orders and --replace");
    need(state, (command->type == HF_COMMAND_CANCEL) != arguments->has_quantity,
         arguments->has_quantity ? "--cancel takes no --quantity" : "--quantity is missing");
    need(state, replace || arguments->new_id == 0, "--to goes with --replace");
    if (replace) {
        command->target_client_order_id = command->client_order_id;
        command->client_order_id =
            arguments->new_id != 0 ? arguments->new_id : command->target_client_order_id;
    }
}

static void
finish(struct argp_state *state, struct arguments *arguments)
{
    if (arguments->slots[0].type == HF_COMMAND_NEW) {
        finish_new(state, arguments);
    } else {
        finish_change(state, arguments);
    }
}

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->target;
        return 0;
    case 's':
        arguments->symbol = argument;
        return 0;
    case 'n':
        arguments->session = argument;
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case KEY_ID:
        arguments->has_id = true;
        arguments->slots[0].client_order_id = order_id(state, "--id", argument);
        return 0;
    case KEY_TO:
        arguments->new_id = order_id(state, "--to", argument);
        return 0;
    case KEY_LEVEL:
        arguments->only_sequenced =
            hf_cli_choose(state, "--level", argument, levels) == HF_LEVEL_SEQUENCED;
        return 0;
    case KEY_TIMEOUT:
        arguments->timeout_ns =
            hf_cli_unsigned(state, "--timeout", argument, 0, UINT32_MAX) * NS_PER_MS;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no argument is expected, but there is '%s'", argument);
        return 0;
    case ARGP_KEY_END:
        finish(state, arguments);
        return 0;
    default:
        return parse_command(key, argument, state);
    }
}

static const struct argp submit_argp = {
    .options = options, .parser = parse, .doc = doc, .children = children};

static int
run(struct hf_client *client, struct arguments *arguments)
{
    struct hf_cli_answer answer = {.command = "submit",
                                   .client = client,
                                   .json = arguments->json,
                                   .only_sequenced = arguments->only_sequenced,
                                   .timeout_ns = arguments->timeout_ns};
    if (arguments->symbol != NULL) {
        struct hf_instrument_info info;
        int code = hf_instrument(client, arguments->symbol, &info);
        if (code != HF_OK) {
            return hf_cli_fail("submit", arguments->symbol, code);
        }
        arguments->slots[0].instrument = info.id;
    }
    return hf_cli_answer(&answer, arguments->slots);
}

int
hf_cli_submit(int argc, char **argv)
{
    struct arguments arguments = {.session = SESSION_DEFAULT,
                                  .slots = {{.type = HF_COMMAND_NEW, .slots = 1}},
                                  .timeout_ns = TIMEOUT_DEFAULT_MS * NS_PER_MS};
    if (argp_parse(&submit_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return HF_EXIT_USAGE;
    }
    struct hf_client *client = NULL;
    arguments.target.timeout_ns = arguments.timeout_ns;
    int code = hf_cli_open(&client, &arguments.target, arguments.session);
    if (code != HF_OK) {
        return hf_cli_fail("submit", NULL, code);
    }
    int exit_code = run(client, &arguments);
    hf_detach(client);
    return exit_code;
}
