/*
 * play_via.c - a daemon as a driver.
 *
 * Every case gets a session of its own (own_session.h), which is closed after it, with its orders. With an
 * admin's session it gets an instrument of its own too; without, cases share a symbol whose book must be
 * empty. Nothing tells whether the symbol has traded before, nor whether stops of others wait in it. So
 * those cases are left out in which the last trade price plays a part, or which may make one.
 *
 * The end of a command's reports cannot be seen in them. So each command is followed by a fence, a
 * cancel of an order that cannot be there: its rejection comes after all reports of the command.
 */
#include "cli/own_session.h"
#include "cli/play.h"

#include "base/clock.h"

#include <holdfast/client.h>
#include <holdfast/record.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** How long an answer may be missing, and the daemon with it: a restart is nothing special. */
#define PATIENCE_NS ((uint64_t)30 * 1000000000u)
#define WAIT_NS ((uint64_t)10 * 1000000u)
#define ROOM_NS UINT64_C(10000000000)
#define FENCE_ID UINT64_MAX

struct via {
    struct hf_observer *observer;
    struct hf_client *client; /**< of the case; NULL between cases */
    struct hf_client *admin;  /**< NULL: none */
    bool admin_is_new;        /**< ours, to be closed at the end */
    bool has_instrument;      /**< added for this case */
    uint32_t instruments;     /**< added so far */
};

static int
fail(struct hf_play *play, const char *what, int code)
{
    return hf_play_fail(play, code, "%s: %s: %s", play->options.instance, what, hf_strerror(code));
}

/** Has the whole report been looked at? */
typedef bool (*is_end_fn)(struct hf_play *play, const struct hf_report *report, void *context);

/** Hand over the reports that are there. @return whether the end was among them */
static bool
take_reports(struct hf_play *play, struct hf_client *client, is_end_fn is_end, void *context)
{
    const struct hf_report *report;
    bool end = false;
    while (!end && (report = hf_peek(client)) != NULL) {
        struct hf_report slots[HF_MESSAGE_SLOTS_MAX] = {*report};
        const struct hf_report_more *more = hf_more(client, report);
        if (more != NULL) {
            memcpy(&slots[1], more, sizeof slots[1]);
        }
        end = is_end(play, slots, context);
        hf_next(client);
    }
    hf_release(client);
    return end;
}

static bool
may_come_back(int code)
{
    return code == HF_OK || code == HF_TIMEOUT || code == HF_E_NO_DAEMON || code == HF_E_STUCK;
}

static int
collect(struct hf_play *play, struct hf_client *client, is_end_fn is_end, void *context)
{
    uint64_t deadline = hf_clock_monotonic_ns() + PATIENCE_NS;
    while (!take_reports(play, client, is_end, context)) {
        int code = hf_wait_report(client, WAIT_NS);
        if (!may_come_back(code) || hf_clock_monotonic_ns() > deadline) {
            return fail(play, "waiting for a report", code == HF_OK ? HF_TIMEOUT : code);
        }
        if (code == HF_E_NO_DAEMON || code == HF_E_STUCK) {
            hf_clock_sleep_ns(WAIT_NS);
        }
    }
    return 0;
}

/** Submit whole commands, `count` slots. @param seq receives the first one's number */
static int
submit(struct hf_play *play, struct hf_client *client, const struct hf_command *slots, size_t count,
       uint64_t *seq)
{
    /* Every earlier command has been answered: room comes as soon as the engine has ended its round. */
    uint64_t until_ns = hf_clock_monotonic_ns() + ROOM_NS;
    size_t done = 0;
    while (done < count) {
        int64_t taken = hf_submit_many(client, slots + done, count - done, done == 0 ? seq : NULL);
        if (taken > 0) {
            done += (size_t)taken;
        } else if (taken == HF_AGAIN && hf_clock_monotonic_ns() < until_ns) {
            hf_clock_sleep_ns(WAIT_NS);
        } else {
            return fail(play, "submit", (int)taken);
        }
    }
    return 0;
}

static bool
is_fence(struct hf_play *play, const struct hf_report *report, void *context)
{
    (void)context;
    if (report->type == HF_REPORT_REJECTED && report->client_order_id == FENCE_ID) {
        return true;
    }
    hf_play_state_report(&play->state, report);
    return false;
}

/** Submit `count` slots and a fence behind them, and take in all reports up to that. */
static int
submit_fenced(struct hf_play *play, const struct hf_command *slots, size_t count)
{
    struct via *via = play->driver.self;
    struct hf_command fenced[HF_MESSAGE_SLOTS_MAX + 1] = {0};
    if (count > 0) {
        memcpy(fenced, slots, count * sizeof fenced[0]);
    }
    fenced[count] =
        (struct hf_command){.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = FENCE_ID};
    return submit(play, via->client, fenced, count + 1, NULL) < 0
               ? play->code
               : collect(play, via->client, is_fence, NULL);
}

static int
via_submit(struct hf_play *play, const struct hf_command *command)
{
    return submit_fenced(play, command, command->slots);
}

struct answer {
    uint64_t seq;
    uint32_t reason;
    uint32_t instrument;
};

static bool
is_answer(struct hf_play *play, const struct hf_report *report, void *context)
{
    struct answer *answer = context;
    (void)play;
    if (report->type == HF_REPORT_DONE && report->command_seq == answer->seq) {
        answer->reason = HF_REASON_NONE;
        answer->instrument = report->instrument;
        return true;
    }
    if (report->type == HF_REPORT_REJECTED && report->command_seq == answer->seq) {
        answer->reason = report->reason;
        return true;
    }
    return false; /* of an earlier program that used this session */
}

static int
ask_admin(struct hf_play *play, const struct hf_command *command, struct answer *answer)
{
    struct via *via = play->driver.self;
    return submit(play, via->admin, command, command->slots, &answer->seq) < 0
               ? play->code
               : collect(play, via->admin, is_answer, answer);
}

static int
via_admin(struct hf_play *play, const struct hf_command *command, uint32_t *reason)
{
    struct answer answer = {0};
    if (ask_admin(play, command, &answer) < 0) {
        return play->code;
    }
    *reason = answer.reason;
    return submit_fenced(play, NULL, 0); /* what it did to our orders */
}

static int
rejected(struct hf_play *play, const char *what, uint32_t reason)
{
    return hf_play_fail(play, reason == HF_REASON_NOT_ADMIN ? HF_E_DENIED : HF_E_FULL, "%s: %s: %s",
                        play->options.instance, what, hf_reason_text(reason));
}

static int
add_instrument(struct hf_play *play, struct via *via)
{
    struct hf_record slots[HF_MESSAGE_SLOTS_MAX] = {{.type = HF_COMMAND_INSTRUMENT_ADD, .slots = 2},
                                                    {.type = HF_COMMAND_MORE, .slots = 1}};
    struct answer answer = {0};
    slots[0].instrument_add.flags = play->state.flags;
    slots[0].instrument_add.tick = 1;
    /* 16 bytes hold it: 2^22 processes and eight digits. */
    (void)snprintf(slots[0].instrument_add.symbol, sizeof slots[0].instrument_add.symbol, "P%x.%x",
                   (unsigned)getpid() & 0x3fffffu, ++via->instruments & 0xffffffu);
    slots[1].instrument_more.lot = 1;
    slots[1].instrument_more.price_min = 1;
    slots[1].instrument_more.price_max = HF_PRICE_MAX - 1;
    slots[1].instrument_more.quantity_max = HF_QUANTITY_MAX;
    /* A record holds the bytes of its command at the same place, and zeros before them. */
    struct hf_command command[HF_MESSAGE_SLOTS_MAX];
    memcpy(command, slots, sizeof command);
    if (ask_admin(play, command, &answer) < 0) {
        return play->code;
    }
    if (answer.reason != HF_REASON_NONE) {
        return rejected(play, "a new instrument", answer.reason);
    }
    play->instrument = answer.instrument;
    via->has_instrument = true;
    return 0;
}

static int
depth(struct hf_play *play, struct hf_depth_level levels[2][HF_DEPTH_LEVELS_MAX], size_t count[2])
{
    struct via *via = play->driver.self;
    uint64_t lsn;
    int code = hf_observer_depth(via->observer, play->instrument, HF_DEPTH_LEVELS_MAX, levels[0],
                                 &count[0], levels[1], &count[1], &lsn);
    return code == 0 ? 0 : fail(play, "book", code);
}

/** Use the symbol that is there. */
static int
find_instrument(struct hf_play *play, struct via *via, const char **skip)
{
    const char *symbol = play->options.symbol;
    struct hf_depth_level levels[2][HF_DEPTH_LEVELS_MAX];
    struct hf_instrument_info info;
    size_t count[2];
    int code = hf_observer_instrument(via->observer, symbol, &info);
    if (code < 0) {
        return fail(play, symbol, code);
    }
    play->instrument = info.id;
    if (depth(play, levels, count) < 0) {
        return play->code;
    }
    if (count[0] != 0 || count[1] != 0) {
        return hf_play_fail(play, HF_E_BUSY, "%s: the book of %s is not empty; cases need it alone",
                            play->options.instance, symbol);
    }
    if (play->play_case.needs_admin) {
        *skip = "needs --admin-session";
    } else if (play->play_case.needs_fresh) {
        *skip = "needs an unused instrument (--admin-session)";
    } else if (info.flags != play->state.flags) {
        *skip = "needs an instrument with other rules (--admin-session)";
    }
    return 0;
}

static struct hf_client_options
session_options(const struct hf_play *play, const char *name)
{
    return (struct hf_client_options){
        .size = sizeof(struct hf_client_options),
        .instance = play->options.instance,
        .socket_path = play->options.socket_path,
        .session = name,
        .command_slots = 64,
        .report_slots = 4096,
    };
}

static int
via_begin(struct hf_play *play, const char **skip)
{
    struct via *via = play->driver.self;
    if (play->play_case.needs_alone) {
        *skip = "would touch all of a daemon's instruments or accounts";
        return 0;
    }
    if (play->play_case.needs_clock) {
        *skip = "needs a clock of its own";
        return 0;
    }
    int code = via->admin != NULL ? add_instrument(play, via) : find_instrument(play, via, skip);
    if (code < 0 || *skip != NULL) {
        return code;
    }
    struct hf_client_options options = session_options(play, play->options.session);
    char text[HF_CLI_OWN_TEXT_BYTES];
    bool is_default = strcmp(options.session, HF_PLAY_SESSION_DEFAULT) == 0;
    code = hf_cli_open_own(&via->client, via->observer, &options, is_default, text);
    return code == 0 ? 0
                     : hf_play_fail(play, code, "session %s of %s: %s (--session)", options.session,
                                    play->options.instance, text);
}

/** Are these the levels of the rows, from `*at` on? A full answer may leave out the worst ones. */
static bool
levels_equal(const struct hf_play_rows *rows, size_t *at, int64_t side,
             const struct hf_depth_level *levels, size_t count)
{
    size_t i = 0;
    for (; *at < rows->count && rows->rows[*at].v[0] == side; ++*at) {
        if (i == count) {
            if (count < HF_DEPTH_LEVELS_MAX) {
                return false;
            }
            continue;
        }
        if (rows->rows[*at].v[1] != levels[i].price ||
            (uint64_t)rows->rows[*at].v[2] != levels[i].quantity) {
            return false;
        }
        i++;
    }
    return i == count;
}

static int
via_compare(struct hf_play *play, bool *equal)
{
    struct hf_depth_level levels[2][HF_DEPTH_LEVELS_MAX];
    struct hf_play_rows rows = {0};
    size_t count[2];
    size_t at = 0;
    if (depth(play, levels, count) < 0) {
        return play->code;
    }
    if (!hf_play_state_book(&play->state, true, true, &rows)) {
        hf_play_rows_free(&rows);
        return fail(play, "book", HF_E_MEMORY);
    }
    *equal = levels_equal(&rows, &at, HF_BUY, levels[0], count[0]) &&
             levels_equal(&rows, &at, HF_SELL, levels[1], count[1]) && at == rows.count;
    hf_play_rows_free(&rows);
    return 0;
}

static int
remove_instrument(struct hf_play *play, struct via *via)
{
    struct hf_command command = {
        .type = HF_COMMAND_INSTRUMENT_REMOVE, .slots = 1, .instrument = play->instrument};
    struct answer answer = {0};
    via->has_instrument = false;
    if (ask_admin(play, &command, &answer) < 0) {
        return play->code;
    }
    return answer.reason == HF_REASON_NONE
               ? 0
               : rejected(play, "removing an instrument", answer.reason);
}

static int
via_end(struct hf_play *play)
{
    struct via *via = play->driver.self;
    struct hf_client *client = via->client;
    via->client = NULL;
    if (client != NULL) {
        int code = hf_close(client);
        if (code < 0) {
            hf_detach(client);
            return fail(play, "closing the session", code);
        }
    }
    return via->has_instrument ? remove_instrument(play, via) : 0;
}

static void
via_close(struct hf_play *play)
{
    struct via *via = play->driver.self;
    (void)via_end(play); /* after an error there may be a case to clear away */
    if (via->admin != NULL && (!via->admin_is_new || hf_close(via->admin) < 0)) {
        hf_detach(via->admin);
    }
    hf_observer_close(via->observer);
    free(via);
}

static int
open_admin(struct hf_play *play, struct via *via)
{
    struct hf_client_options options = session_options(play, play->options.admin_session);
    struct hf_session_facts facts;
    int code = hf_open(&via->admin, &options);
    if (code < 0) {
        via->admin = NULL;
        return hf_play_fail(play, code, "session %s of %s: %s", options.session,
                            play->options.instance, hf_open_error());
    }
    hf_facts(via->admin, &facts);
    via->admin_is_new = facts.resumed == 0;
    return 0;
}

int
hf_play_via_open(struct hf_play *play)
{
    struct via *via = calloc(1, sizeof *via);
    if (via == NULL) {
        return hf_play_fail(play, HF_E_MEMORY, "out of memory");
    }
    play->driver = (struct hf_play_driver){
        .name = "daemon",
        .self = via,
        .begin = via_begin,
        .submit = via_submit,
        .admin = via_admin,
        .compare = via_compare,
        .end = via_end,
        .close = via_close,
    };
    int code = hf_observe(&via->observer, play->options.instance, play->options.socket_path);
    if (code < 0) {
        via->observer = NULL;
        return hf_play_fail(play, code, "%s: %s", play->options.instance, hf_open_error());
    }
    return play->options.admin_session == NULL ? 0 : open_admin(play, via);
}
