/*
 * script.h - records written as lines, and tables of scripts with what must come out (fixture.h).
 *
 * SESSION 0 is the daemon, which may use the admin commands and gets no reports. In brackets: options,
 * in any order. ID may be @SESSION.ID in cancel and reduce: that order, by its order id.
 *     SESSION new ID B|S PRICE|market|mtl QUANTITY [ioc|fok|day|gtdTIME] [post] [iINSTRUMENT]
 *             [aACCOUNT] [showDISPLAY] [minMINIMUM] [stopPRICE]        instrument 1, account 7
 *     SESSION cancel ID          SESSION reduce ID QUANTITY      SESSION replace OLD NEW PRICE TOTAL
 *     SESSION mass [iINSTRUMENT] [aACCOUNT] [B|S]                SESSION list [mostCOUNT] [behindLSN]
 *     SESSION open NAME [uidUID] [daemons]
 *     SESSION connect [uidUID] [daemons]        SESSION disconnect|close
 *     SESSION lost FIRST LAST
 *     SESSION add SYMBOL TICK LOT LOWEST HIGHEST MOST [loses] [keeps] [open|pre|halted|closed]
 *     SESSION change INSTRUMENT SYMBOL TICK LOT LOWEST HIGHEST MOST [loses] [keeps]
 *     SESSION change INSTRUMENT SYMBOL only [tickN] [lotN] [fromN] [toN] [mostN] [[no]loses] [[no]keeps]
 *     SESSION remove iINSTRUMENT
 *     SESSION limits iINSTRUMENT [collarDISTANCE] [notionalMOST]
 *     SESSION phase open|pre|halted|closed [iINSTRUMENT]          instrument 1; 0: all
 *     SESSION account ACCOUNT [groupGROUP] [newest|oldest|both|decrement] [notionalMOST] [kill]
 *     SESSION session NAME [ordersMOST] [rateMOST] [kill]
 *             limits, account, session: with the word `only` they set what is named, [no]kill; else all
 *     SESSION grant|revoke NAME account|instrument|admin|copies|group|user [ID]
 *     SESSION end                SESSION reference PRICE [iINSTRUMENT]
 *     SESSION bust LSN.INDEX ID.CLIENT ID.CLIENT [PRICExQUANTITY]   ID: a session's, its OPEN's LSN
 *     time NS                    of the records from here on
 *     tick [NS]                  a tick record, at that time
 *     events                     print market events too, from here on
 *     book [iINSTRUMENT]         prints: book ID@PRICExSHOWN[/OPEN] ... | ID@PRICExSHOWN[/OPEN] ...
 * The state is audited after each line.
 */
#ifndef HF_TESTS_CORE_SCRIPT_H
#define HF_TESTS_CORE_SCRIPT_H

#include "fixture.h"

#define SCRIPT_LINE_BYTES 256u
#define SCRIPT_WORDS_MAX 16u

struct words {
    char text[SCRIPT_LINE_BYTES];
    const char *at[SCRIPT_WORDS_MAX + 1]; /* "" behind the last */
    unsigned count;
};

static inline void
words_split(struct words *words, const char *line, size_t length)
{
    cr_assert_lt(length, SCRIPT_LINE_BYTES);
    memcpy(words->text, line, length);
    words->text[length] = '\0';
    words->count = 0;
    char *state = NULL;
    for (char *word = strtok_r(words->text, " ", &state); word != NULL;
         word = strtok_r(NULL, " ", &state)) {
        cr_assert_lt(words->count, SCRIPT_WORDS_MAX, "too many words");
        words->at[words->count++] = word;
    }
    for (unsigned i = words->count; i <= SCRIPT_WORDS_MAX; i++) {
        words->at[i] = "";
    }
}

static inline bool
words_have(const struct words *words, const char *word)
{
    for (unsigned i = 2; i < words->count; i++) {
        if (strcmp(words->at[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static inline int64_t
number_of(const char *word)
{
    char *end = NULL;
    int64_t number = strtoll(word, &end, 10);
    cr_assert(end != word && *end == '\0', "'%s' is no number", word);
    return number;
}

/** The number of an option KEYnumber, or `otherwise`. */
static inline int64_t
words_option(const struct words *words, const char *key, int64_t otherwise)
{
    size_t length = strlen(key);
    for (unsigned i = 1; i < words->count; i++) {
        const char *rest = words->at[i] + length;
        if (strncmp(words->at[i], key, length) == 0 &&
            ((*rest >= '0' && *rest <= '9') || *rest == '-')) {
            return number_of(rest);
        }
    }
    return otherwise;
}

/** What the words of a line become. */
struct line {
    struct hf_record record;
    struct hf_record more;
    bool two;
};

static inline uint8_t
side_of(const char *word)
{
    return word[0] == 'B' && word[1] == '\0'   ? HF_BUY
           : word[0] == 'S' && word[1] == '\0' ? HF_SELL
                                               : 0;
}

static inline void
new_type(const struct words *words, bool is_stop, struct hf_record *record)
{
    const char *price = words->at[4];
    record->order_type = HF_LIMIT;
    if (strcmp(price, "market") == 0) {
        record->order_type = is_stop ? HF_STOP : HF_MARKET;
    } else if (strcmp(price, "mtl") == 0) {
        record->order_type = HF_MARKET_TO_LIMIT;
    } else {
        record->price = number_of(price);
        record->order_type = is_stop ? HF_STOP_LIMIT : HF_LIMIT;
    }
}

static inline void
line_new(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    struct hf_record *record = &line->record;
    bool is_stop = words_option(words, "stop", INT64_MIN) != INT64_MIN;
    record->type = HF_COMMAND_NEW;
    record->client_order_id = (uint64_t)number_of(words->at[2]);
    record->side = side_of(words->at[3]);
    record->quantity = (uint64_t)number_of(words->at[5]);
    record->instrument = (uint32_t)words_option(words, "i", 1);
    record->account = (uint32_t)words_option(words, "a", 7);
    new_type(words, is_stop, record);
    line->more.new_more.display = (uint64_t)words_option(words, "show", 0);
    line->more.new_more.minimum = (uint64_t)words_option(words, "min", 0);
    line->more.new_more.stop_price = is_stop ? words_option(words, "stop", 0) : 0;
    line->more.new_more.expire_ns = (uint64_t)words_option(words, "gtd", 0);
    record->time_in_force = words_have(words, "ioc")             ? HF_IOC
                            : words_have(words, "fok")           ? HF_FOK
                            : words_have(words, "day")           ? HF_DAY
                            : line->more.new_more.expire_ns != 0 ? HF_GTD
                                                                 : HF_GTC;
    record->flags = words_have(words, "post") ? HF_POST_ONLY : 0;
    line->two = is_stop || line->more.new_more.display != 0 || line->more.new_more.minimum != 0 ||
                line->more.new_more.expire_ns != 0;
}

/** ID or @SESSION.ID */
static inline void
line_target(const struct fixture *fixture, const char *word, struct hf_record *record)
{
    unsigned session = 0;
    uint64_t id = 0;
    if (word[0] != '@') {
        record->client_order_id = (uint64_t)number_of(word);
        return;
    }
    cr_assert_eq(sscanf(word, "@%u.%" SCNu64, &session, &id), 2, "%s", word);
    uint32_t index = hf_resting_find(fixture->core, session, id);
    record->flags = HF_BY_ORDER_ID;
    record->client_order_id =
        index != 0 ? hf_core_order_pool(fixture->core)[index].order_id : 999999;
}

static inline void
line_cancel(const struct fixture *fixture, const struct words *words, struct line *line)
{
    line->record.type = HF_COMMAND_CANCEL;
    line_target(fixture, words->at[2], &line->record);
}

static inline void
line_reduce(const struct fixture *fixture, const struct words *words, struct line *line)
{
    line->record.type = HF_COMMAND_REDUCE;
    line_target(fixture, words->at[2], &line->record);
    line->record.quantity = (uint64_t)number_of(words->at[3]);
}

static inline void
line_replace(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_REPLACE;
    line->record.target_client_order_id = (uint64_t)number_of(words->at[2]);
    line->record.client_order_id = (uint64_t)number_of(words->at[3]);
    line->record.price = number_of(words->at[4]);
    line->record.quantity = (uint64_t)number_of(words->at[5]);
}

static inline void
line_mass(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_MASS_CANCEL;
    line->record.instrument = (uint32_t)words_option(words, "i", 0);
    line->record.account = (uint32_t)words_option(words, "a", 0);
    line->record.side = words_have(words, "B") ? HF_BUY : words_have(words, "S") ? HF_SELL : 0;
}

static inline void
line_instrument(const struct words *words, unsigned first, struct line *line)
{
    line->two = true;
    (void)snprintf(line->record.instrument_add.symbol, HF_SYMBOL_BYTES, "%s", words->at[first]);
    line->record.instrument_add.tick = number_of(words->at[first + 1]);
    line->record.instrument_add.flags =
        (words_have(words, "loses") ? HF_REPLACE_LOSES_PRIORITY : 0u) |
        (words_have(words, "keeps") ? HF_ICEBERG_KEEPS_PLACE : 0u);
    line->more.instrument_more.lot = (uint64_t)number_of(words->at[first + 2]);
    line->more.instrument_more.price_min = number_of(words->at[first + 3]);
    line->more.instrument_more.price_max = number_of(words->at[first + 4]);
    line->more.instrument_more.quantity_max = (uint64_t)number_of(words->at[first + 5]);
}

static inline void
line_add(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_INSTRUMENT_ADD;
    line_instrument(words, 2, line);
    for (uint8_t phase = HF_PHASE_OPEN; phase <= HF_PHASE_CLOSED; phase++) {
        if (words_have(words, phase_word(phase))) {
            line->record.order_type = phase;
        }
    }
}

/** A word, or the beginning of one, and what it sets. */
struct set_word {
    const char *word;
    uint8_t set;
};

/** Behind "only": what its words set; else all that there is. */
static inline uint8_t
sets_of(const struct words *words, const struct set_word *known, size_t count, uint8_t all)
{
    uint8_t sets = 0;
    for (size_t i = 0; i < count; i++) {
        for (unsigned at = 2; at < words->count; at++) {
            bool is_it = strncmp(words->at[at], known[i].word, strlen(known[i].word)) == 0;
            sets |= is_it ? known[i].set : 0;
        }
    }
    return words_have(words, "only") ? sets : all;
}

static inline void
line_change_some(const struct words *words, struct line *line)
{
    static const struct set_word known[] = {
        {"tick", HF_SET_TICK},
        {"lot", HF_SET_LOT},
        {"from", HF_SET_PRICE_MIN},
        {"to", HF_SET_PRICE_MAX},
        {"most", HF_SET_QUANTITY_MAX},
        {"loses", HF_SET_REPLACE_LOSES_PRIORITY},
        {"noloses", HF_SET_REPLACE_LOSES_PRIORITY},
        {"keeps", HF_SET_ICEBERG_KEEPS_PLACE},
        {"nokeeps", HF_SET_ICEBERG_KEEPS_PLACE},
    };
    line->two = true;
    line->record.sets = sets_of(words, known, sizeof(known) / sizeof(known[0]), HF_SET_INSTRUMENT);
    (void)snprintf(line->record.instrument_add.symbol, HF_SYMBOL_BYTES, "%s", words->at[3]);
    line->record.instrument_add.tick = words_option(words, "tick", 0);
    line->record.instrument_add.flags =
        (words_have(words, "loses") ? HF_REPLACE_LOSES_PRIORITY : 0u) |
        (words_have(words, "keeps") ? HF_ICEBERG_KEEPS_PLACE : 0u);
    line->more.instrument_more.lot = (uint64_t)words_option(words, "lot", 0);
    line->more.instrument_more.price_min = words_option(words, "from", 0);
    line->more.instrument_more.price_max = words_option(words, "to", 0);
    line->more.instrument_more.quantity_max = (uint64_t)words_option(words, "most", 0);
}

static inline void
line_change(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_INSTRUMENT_CHANGE;
    line->record.instrument_add.id = (uint32_t)number_of(words->at[2]);
    if (words_have(words, "only")) {
        line_change_some(words, line);
        return;
    }
    line_instrument(words, 3, line);
    line->record.sets = HF_SET_INSTRUMENT;
}

static inline void
line_remove(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_INSTRUMENT_REMOVE;
    line->record.instrument = (uint32_t)words_option(words, "i", 1);
}

static inline void
line_limits(const struct fixture *fixture, const struct words *words, struct line *line)
{
    static const struct set_word known[] = {{"collar", HF_SET_COLLAR},
                                            {"notional", HF_SET_NOTIONAL}};
    (void)fixture;
    line->record.type = HF_COMMAND_INSTRUMENT_LIMITS;
    line->record.sets = sets_of(words, known, 2, HF_SET_INSTRUMENT_LIMITS);
    line->record.instrument = (uint32_t)words_option(words, "i", 1);
    line->record.price = words_option(words, "collar", 0);
    line->record.quantity = (uint64_t)words_option(words, "notional", 0);
}

static inline void
line_phase(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_PHASE;
    line->record.instrument = (uint32_t)words_option(words, "i", 1);
    for (uint8_t phase = HF_PHASE_OPEN; phase <= HF_PHASE_CLOSED; phase++) {
        if (strcmp(words->at[2], phase_word(phase)) == 0) {
            line->record.order_type = phase;
        }
    }
}

static inline void
line_account(const struct fixture *fixture, const struct words *words, struct line *line)
{
    static const char *const modes[] = {"allow", "newest", "oldest", "both", "decrement"};
    static const struct set_word known[] = {
        {"group", HF_SET_GROUP},
        {"notional", HF_SET_NOTIONAL},
        {"kill", HF_SET_KILL},
        {"nokill", HF_SET_KILL},
        {"allow", HF_SET_SELF_TRADE},
        {"newest", HF_SET_SELF_TRADE},
        {"oldest", HF_SET_SELF_TRADE},
        {"both", HF_SET_SELF_TRADE},
        {"decrement", HF_SET_SELF_TRADE},
    };
    (void)fixture;
    line->record.type = HF_COMMAND_ACCOUNT;
    line->record.sets = sets_of(words, known, sizeof(known) / sizeof(known[0]), HF_SET_ACCOUNT);
    line->record.account = (uint32_t)number_of(words->at[2]);
    line->record.client_order_id = (uint64_t)words_option(words, "group", 0);
    line->record.quantity = (uint64_t)words_option(words, "notional", 0);
    line->record.flags = words_have(words, "kill") ? HF_ON : 0;
    for (uint8_t mode = 0; mode < sizeof(modes) / sizeof(modes[0]); mode++) {
        if (words_have(words, modes[mode])) {
            line->record.order_type = mode;
        }
    }
}

static inline void
line_session(const struct fixture *fixture, const struct words *words, struct line *line)
{
    static const struct set_word known[] = {{"orders", HF_SET_ORDERS},
                                            {"rate", HF_SET_RATE},
                                            {"kill", HF_SET_KILL},
                                            {"nokill", HF_SET_KILL}};
    (void)fixture;
    line->record.type = HF_COMMAND_SESSION_LIMITS;
    line->record.sets = sets_of(words, known, 4, HF_SET_SESSION_LIMITS);
    (void)snprintf(line->record.by_name.name, HF_NAME_BYTES, "%s", words->at[2]);
    line->record.by_name.value = (uint32_t)words_option(words, "orders", 0);
    line->record.by_name.rate = (uint32_t)words_option(words, "rate", 0);
    line->record.flags = words_have(words, "kill") ? HF_ON : 0;
}

static inline void
line_entitle(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_ENTITLE;
    (void)snprintf(line->record.by_name.name, HF_NAME_BYTES, "%s", words->at[2]);
    line->record.order_type = words_have(words, "account")      ? HF_ENTITLE_ACCOUNT
                              : words_have(words, "instrument") ? HF_ENTITLE_INSTRUMENT
                              : words_have(words, "copies")     ? HF_ENTITLE_DROP_COPY
                              : words_have(words, "group")      ? HF_ENTITLE_GROUP
                              : words_have(words, "user")       ? HF_ENTITLE_USER
                                                                : HF_ENTITLE_ADMIN;
    line->record.by_name.value = words->count > 4 ? (uint32_t)number_of(words->at[4]) : 0;
    line->record.flags = strcmp(words->at[1], "grant") == 0 ? HF_ON : 0;
}

static inline void
line_bust(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_BUST;
    line->two = true;
    uint64_t *side[2] = {line->more.trade_more.session_id, line->more.trade_more.client_order_id};
    cr_assert_eq(sscanf(words->at[2], "%" SCNu64 ".%" SCNu64, &line->record.trade.lsn,
                        &line->record.trade.index),
                 2);
    for (unsigned i = 0; i < 2; i++) {
        cr_assert_eq(sscanf(words->at[3 + i], "%" SCNu64 ".%" SCNu64, &side[0][i], &side[1][i]), 2);
    }
    if (words->count > 5) {
        line->record.flags = HF_ON;
        cr_assert_eq(sscanf(words->at[5], "%" SCNd64 "x%" SCNu64, &line->record.trade.price,
                            &line->record.trade.quantity),
                     2);
    }
}

static inline void
line_reference(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_COMMAND_REFERENCE;
    line->record.instrument = (uint32_t)words_option(words, "i", 1);
    line->record.price = number_of(words->at[2]);
}

static inline void
line_lost(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    line->record.type = HF_RECORD_LOST;
    line->record.lost.first = (uint64_t)number_of(words->at[2]);
    line->record.lost.last = (uint64_t)number_of(words->at[3]);
}

static inline void
line_open(const struct fixture *fixture, const struct words *words, struct line *line)
{
    (void)fixture;
    bool opens = strcmp(words->at[1], "open") == 0;
    line->record.type = opens ? HF_RECORD_OPEN : HF_RECORD_CONNECT;
    line->record.open.uid = (uint32_t)words_option(words, "uid", 0);
    line->record.open.flags = words_have(words, "daemons") ? HF_SESSION_OF_DAEMON : 0;
    (void)snprintf(line->record.open.name, HF_NAME_BYTES, "%s", opens ? words->at[2] : "");
}

/** Lines of a verb alone. */
static inline void
line_plain(const struct fixture *fixture, const struct words *words, struct line *line)
{
    static const struct {
        const char *verb;
        uint8_t type;
    } verbs[] = {
        {"list", HF_COMMAND_OPEN_ORDERS},
        {"end", HF_COMMAND_SESSION_END},
        {"disconnect", HF_RECORD_DISCONNECT},
        {"close", HF_RECORD_CLOSE},
    };
    (void)fixture;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(words->at[1], verbs[i].verb) == 0) {
            line->record.type = verbs[i].type;
            line->record.quantity = (uint64_t)words_option(words, "most", 0);
            line->record.client_order_id = (uint64_t)words_option(words, "behind", 0);
            return;
        }
    }
    cr_assert_fail("unknown verb '%s'", words->at[1]);
}

static inline struct line
line_of(const struct fixture *fixture, const struct words *words)
{
    static const struct {
        const char *verb;
        void (*make)(const struct fixture *fixture, const struct words *words, struct line *line);
    } verbs[] = {
        {"new", line_new},         {"cancel", line_cancel},
        {"reduce", line_reduce},   {"replace", line_replace},
        {"mass", line_mass},       {"add", line_add},
        {"change", line_change},   {"remove", line_remove},
        {"limits", line_limits},   {"phase", line_phase},
        {"account", line_account}, {"session", line_session},
        {"grant", line_entitle},   {"revoke", line_entitle},
        {"bust", line_bust},       {"reference", line_reference},
        {"lost", line_lost},       {"open", line_open},
        {"connect", line_open},
    };
    struct line line = {0};
    void (*make)(const struct fixture *, const struct words *, struct line *) = line_plain;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(words->at[1], verbs[i].verb) == 0) {
            make = verbs[i].make;
        }
    }
    make(fixture, words, &line);
    line.record.session = (uint32_t)number_of(words->at[0]);
    return line;
}

/** The record of a line of one slot. */
static inline struct hf_record
line_record(const struct fixture *fixture, const char *text)
{
    struct words words;
    words_split(&words, text, strlen(text));
    return line_of(fixture, &words).record;
}

static inline void
print_side(struct fixture *fixture, uint32_t instrument, enum hf_side side)
{
    struct hf_book_order orders[256];
    size_t count = hf_core_orders(fixture->core, instrument, side, orders, 256);
    for (size_t i = 0; i < count; i++) {
        fixture_print(fixture, " %" PRIu64 "@%" PRId64 "x%" PRIu64, orders[i].client_order_id,
                      orders[i].price, orders[i].shown);
        if (orders[i].quantity != orders[i].shown) {
            fixture_print(fixture, "/%" PRIu64, orders[i].quantity);
        }
    }
}

static inline void
print_book(struct fixture *fixture, uint32_t instrument)
{
    fixture_print(fixture, "book");
    print_side(fixture, instrument, HF_BUY);
    fixture_print(fixture, " |");
    print_side(fixture, instrument, HF_SELL);
    fixture_print(fixture, "\n");
}

static inline void
run_words(struct fixture *fixture, const struct words *words)
{
    if (strcmp(words->at[0], "book") == 0) {
        print_book(fixture, (uint32_t)words_option(words, "i", 1));
    } else if (strcmp(words->at[0], "events") == 0) {
        fixture->events_too = true;
    } else if (strcmp(words->at[0], "time") == 0) {
        fixture->time_ns = (uint64_t)number_of(words->at[1]);
    } else if (strcmp(words->at[0], "tick") == 0) {
        fixture->time_ns = words->count > 1 ? (uint64_t)number_of(words->at[1]) : fixture->time_ns;
        fixture_apply(fixture, (struct hf_record){.type = HF_RECORD_TICK}, NULL);
    } else {
        struct line line = line_of(fixture, words);
        fixture_apply(fixture, line.record, line.two ? &line.more : NULL);
    }
    hf_core_audit(fixture->core);
}

/** Run a script; what came out since the last call, valid until the next. */
static inline const char *
run_script(struct fixture *fixture, const char *script)
{
    struct words words;
    fixture->text[0] = '\0';
    fixture->printing = true;
    while (*script != '\0') {
        size_t length = strcspn(script, "\n");
        words_split(&words, script, length);
        run_words(fixture, &words);
        script += length + (script[length] == '\n');
    }
    fixture->printing = false;
    return fixture->text;
}

struct script_case {
    const char *name;
    const char *script;
    const char *expected;
};

static inline void
check_cases(const struct script_case *cases, size_t count, const struct hf_engine_limits *limits)
{
    for (size_t i = 0; i < count; i++) {
        struct fixture *fixture = fixture_new(limits);
        const char *text = run_script(fixture, cases[i].script);
        cr_expect(strcmp(text, cases[i].expected) == 0, "%s\n--- is\n%s--- should be\n%s",
                  cases[i].name, text, cases[i].expected);
        fixture_free(fixture);
    }
}

#define CHECK_CASES(cases, limits) check_cases(cases, sizeof(cases) / sizeof((cases)[0]), limits)

#endif
