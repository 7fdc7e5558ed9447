/*
 * admin.h - holdfast admin: the admin commands of command.h by hand, through a session with the rights.
 *
 *   words and options ─► admin_parse.c ─► struct hf_admin_request
 *                                              │
 *        admin_verbs.c: the table of verbs: words, options, what parses them, what carries them out
 *                                              │
 *   admin_command.c (one command)   admin_apply.c (the configuration)   admin_show.c (reading only)
 *                                              │
 *                           admin.c: session, submission, what to do without rights
 */
#ifndef HF_CLI_ADMIN_H
#define HF_CLI_ADMIN_H

#include "cli/answer.h"
#include "cli/target.h"

#define HF_ADMIN_WORDS_MAX 4u
#define HF_ADMIN_SIDES_MAX 2u

/** Options that belong to single verbs, as bits of what was given. */
enum hf_admin_option {
    HF_ADMIN_TICK = 1 << 0,
    HF_ADMIN_LOT = 1 << 1,
    HF_ADMIN_PRICE_MIN = 1 << 2,
    HF_ADMIN_PRICE_MAX = 1 << 3,
    HF_ADMIN_QUANTITY_MAX = 1 << 4,
    HF_ADMIN_LOSES_PRIORITY = 1 << 5,
    HF_ADMIN_KEEPS_PLACE = 1 << 6,
    HF_ADMIN_COLLAR = 1 << 7,
    HF_ADMIN_NOTIONAL = 1 << 8,
    HF_ADMIN_GROUP = 1 << 9,
    HF_ADMIN_SELF_TRADE = 1 << 10,
    HF_ADMIN_KILL = 1 << 11,
    HF_ADMIN_RATE = 1 << 12,
    HF_ADMIN_ORDERS = 1 << 13,
    HF_ADMIN_SIDE = 1 << 14,
    HF_ADMIN_PRICE = 1 << 15,
    HF_ADMIN_QUANTITY = 1 << 16,
    HF_ADMIN_CONFIG = 1 << 17,
    HF_ADMIN_DRY_RUN = 1 << 18,
    HF_ADMIN_PHASE = 1 << 19,
    HF_ADMIN_ANY = 1 << 20, /**< no option: a verb without any sets nothing */
};

struct hf_admin;
struct hf_admin_request;

/** One thing that can be asked for. */
struct hf_admin_verb {
    const char *name;    /**< one word or two: "instrument add" */
    const char *words;   /**< what follows them, for the usage: "SYMBOL" */
    uint32_t words_min;  /**< how many of these there must, */
    uint32_t words_max;  /**< and may be */
    uint32_t options;    /**< enum hf_admin_option bits that it takes, */
    uint32_t needed;     /**< and those that it must have; HF_ADMIN_ANY: one of them all */
    const char *summary; /**< for --help */
    /** Read its words; NULL: they are names. Ends with a usage error where they are wrong. */
    void (*parse)(struct argp_state *state, struct hf_admin_request *request);
    int (*run)(struct hf_admin *admin); /**< @return an exit code */
};

/** One side of a trade: the client order id of a session; an empty name: its session is gone. */
struct hf_admin_side {
    char session[HF_NAME_BYTES];
    uint64_t client_order_id;
};

/** What was asked for. Values that were not given are 0. */
struct hf_admin_request {
    struct hf_cli_target target;
    const char *session; /**< whose rights are used */
    bool json;
    uint64_t timeout_ns;
    const struct hf_admin_verb *verb;
    const char *words[HF_ADMIN_WORDS_MAX]; /**< behind the verb's name */
    uint32_t word_count;
    uint32_t given; /**< enum hf_admin_option bits */
    int64_t tick;
    uint64_t lot;
    int64_t price_min;
    int64_t price_max;
    uint64_t quantity_max;
    bool loses_priority;
    bool keeps_place;
    uint32_t phase; /**< in which an instrument begins; 0: open */
    int64_t collar;
    uint64_t notional;
    uint32_t group;
    uint32_t self_trade;
    bool kill;
    uint32_t rate;
    uint32_t orders;
    struct hf_admin_side sides[HF_ADMIN_SIDES_MAX];
    uint32_t side_count;
    int64_t price;
    uint64_t quantity;
    const char *config;
    bool dry_run;
    /* of the words */
    uint32_t number;   /**< account; phase; kind of an entitlement */
    uint32_t entitled; /**< account, user or group of an entitlement */
    uint64_t trade_lsn;
    uint64_t trade_index;
};

/** A request being carried out. */
struct hf_admin {
    const struct hf_admin_request *request;
    struct hf_observer *observer;
    struct hf_cli_answer answer; /**< its client: NULL until the first command */
    bool is_new;                 /**< the session was opened by us, and will be closed */
};

/** The verbs, ended by one without a name. */
extern const struct hf_admin_verb hf_admin_verbs[];

/** Fill a request; ends the process with a usage error where words or options are wrong. */
void hf_admin_parse(struct hf_admin_request *request, int argc, char **argv);

/** Submit a command in the admin session, which is opened at the first one, and print its reports.
 *  @return an exit code */
int hf_admin_submit(struct hf_admin *admin, const struct hf_command *command);

/* admin_command.c: verbs that are one command. */
int hf_admin_instrument_add(struct hf_admin *admin);
int hf_admin_instrument_change(struct hf_admin *admin);
int hf_admin_instrument_remove(struct hf_admin *admin);
int hf_admin_instrument_limits(struct hf_admin *admin);
int hf_admin_phase(struct hf_admin *admin);
int hf_admin_account(struct hf_admin *admin);
int hf_admin_session(struct hf_admin *admin);
int hf_admin_entitle(struct hf_admin *admin);
int hf_admin_revoke(struct hf_admin *admin);
int hf_admin_end_of_day(struct hf_admin *admin);
int hf_admin_bust(struct hf_admin *admin);
int hf_admin_reference(struct hf_admin *admin);

/** Submit INSTRUMENT_ADD or _CHANGE. @param info  id 0: add it. @param sets  CHANGE: enum
 *  hf_set_instrument; what it does not set is 0 */
int hf_admin_submit_instrument(struct hf_admin *admin, const struct hf_instrument_info *info,
                               uint8_t sets);

/** Submit ENTITLE for admin rights. */
int hf_admin_submit_rights(struct hf_admin *admin, const char *name);

/* admin_apply.c: what the configuration has and the log has not. */
int hf_admin_apply_config(struct hf_admin *admin);

/* admin_show.c: reading back. */
int hf_admin_show_instruments(struct hf_admin *admin);
int hf_admin_show_entitlements(struct hf_admin *admin);
int hf_admin_show_limits(struct hf_admin *admin);
int hf_admin_show_account(const struct hf_admin *admin, const struct hf_account_row *row);
int hf_admin_show_session(const struct hf_admin *admin, const struct hf_session_row *row);

/** Read the whole table of entitlements or limits: an array of the caller's, to be freed. NULL: the
 *  reason has been said, and stands in `*exit_code`. */
struct hf_entitlement_row *hf_admin_entitlements(struct hf_admin *admin, size_t *count,
                                                 int *exit_code);
struct hf_limits_row *hf_admin_limits(struct hf_admin *admin, size_t *count, int *exit_code);

/** Words for enumerations, for parsing and printing. */
extern const struct hf_cli_choice hf_admin_phases[];
extern const struct hf_cli_choice hf_admin_self_trades[];
extern const struct hf_cli_choice hf_admin_kinds[]; /**< of entitlements */
const char *hf_admin_word(const struct hf_cli_choice *choices, uint32_t value); /**< or "?" */

#endif
