/*
 * play_local.c - the in-process engine as a driver: a fresh one for every case, just large enough.
 *
 * Session "play" enters the orders; "admin", which gets admin rights from us as the operator, is there only when the case needs one.
 */
#include "cli/play.h"

#include <stdlib.h>
#include <string.h>

/** The sum over all orders must fit 64 bits, see HF_QUANTITY_MAX. */
#define ORDERS_MAX ((size_t)1 << 20)

struct local {
    struct hf_engine *engine;
    uint32_t session;
    uint32_t admin; /**< 0: none in this case */
    uint64_t time_ns;
    uint32_t reason; /**< the answer to the admin */
    bool answered;
};

static int
fail(struct hf_play *play, const char *what, int code)
{
    return hf_play_fail(play, code, "engine: %s: %s", what, hf_strerror(code));
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct hf_play *play = context;
    struct local *local = play->driver.self;
    if (session == local->session) {
        hf_play_state_report(&play->state, report);
    } else {
        local->answered = true;
        local->reason = report->type == HF_REPORT_REJECTED ? report->reason : HF_REASON_NONE;
    }
}

static int
apply(struct hf_play *play, uint32_t session, const struct hf_command *command)
{
    struct local *local = play->driver.self;
    int code = hf_engine_apply(local->engine, session, command, ++local->time_ns, on_report, play);
    return code == 0 ? 0 : fail(play, "command", code);
}

static int
local_submit(struct hf_play *play, const struct hf_command *command)
{
    const struct local *local = play->driver.self;
    return apply(play, local->session, command);
}

static int
local_admin(struct hf_play *play, const struct hf_command *command, uint32_t *reason)
{
    struct local *local = play->driver.self;
    local->answered = false;
    if (apply(play, local->admin, command) < 0) {
        return play->code;
    }
    *reason = local->reason;
    return local->answered ? 0 : fail(play, "an admin's command has no answer", HF_E_PROTOCOL);
}

static int
local_tick(struct hf_play *play, uint64_t time_ns)
{
    struct local *local = play->driver.self;
    local->time_ns = time_ns > local->time_ns ? time_ns : local->time_ns + 1;
    hf_engine_tick(local->engine, local->time_ns, on_report, play);
    return 0;
}

static int
create(struct hf_play *play, struct local *local)
{
    size_t orders = play->play_case.new_count + 1;
    uint32_t most = (uint32_t)(orders > ORDERS_MAX ? ORDERS_MAX : orders);
    struct hf_engine_limits limits = {
        .sessions_max = 2,
        .instruments_max = 1,
        .orders_max = most,
        .levels_max = most,
        .session_orders_max = most,
        .extras_max = most,
        .accounts_max = 1024,
        .entitlements_max = 1,
        .events_max = 64,
    };
    int code = hf_engine_create(&local->engine, &limits);
    if (code < 0) {
        local->engine = NULL;
        return fail(play, "create", code);
    }
    struct hf_instrument_info info = {
        .flags = play->state.flags,
        .symbol = "PLAY",
        .tick = 1,
        .lot = 1,
        .price_min = 1,
        .price_max = HF_PRICE_MAX - 1,
        .quantity_max = HF_QUANTITY_MAX,
    };
    code = hf_engine_add_instrument(local->engine, &info, &play->instrument);
    return code == 0 ? 0 : fail(play, "instrument", code);
}

static int
open_admin(struct hf_play *play, struct local *local)
{
    struct hf_command entitle = {
        .type = HF_COMMAND_ENTITLE,
        .slots = 1,
        .order_type = HF_ENTITLE_ADMIN,
        .flags = HF_ON,
        .session_name = "admin",
    };
    local->admin = hf_engine_open_session(local->engine, "admin");
    if (local->admin == 0) {
        return fail(play, "session admin", HF_E_FULL);
    }
    int code = hf_engine_admin(local->engine, &entitle, ++local->time_ns, NULL, NULL);
    return code == 0 ? 0 : fail(play, "admin rights", code);
}

static int
local_begin(struct hf_play *play, const char **skip)
{
    struct local *local = play->driver.self;
    (void)skip; /* there is nothing that cannot be played here */
    *local = (struct local){0};
    if (create(play, local) < 0) {
        return play->code;
    }
    local->session = hf_engine_open_session(local->engine, HF_PLAY_SESSION_NAME);
    if (local->session == 0) {
        return fail(play, "session play", HF_E_FULL);
    }
    return play->play_case.needs_admin ? open_admin(play, local) : 0;
}

/** Are these orders of the engine the queue's, from `*at` on? */
static bool
orders_equal(const struct hf_play_state *state, const uint32_t *queue, size_t *at,
             const struct hf_book_order *orders, size_t count)
{
    for (size_t i = 0; i < count; i++, ++*at) {
        const struct hf_play_order *own = &state->orders[queue[*at]];
        if (own->id != orders[i].client_order_id || own->price != orders[i].price ||
            own->open != orders[i].quantity || own->shown != orders[i].shown) {
            return false;
        }
    }
    return true;
}

static bool
queue_equal(const struct hf_play *play, const uint32_t *queue, size_t count,
            struct hf_book_order *orders)
{
    const struct local *local = play->driver.self;
    size_t at = 0;
    for (enum hf_side side = HF_BUY; side <= HF_SELL; side++) {
        /* One more than can be, to see an order that should not be there. */
        size_t there =
            hf_engine_orders(local->engine, play->instrument, side, orders, count - at + 1);
        if (there > count - at || !orders_equal(&play->state, queue, &at, orders, there)) {
            return false;
        }
    }
    return at == count;
}

static int
local_compare(struct hf_play *play, bool *equal)
{
    size_t count;
    uint32_t *queue = hf_play_state_queue(&play->state, &count);
    struct hf_book_order *orders = calloc(count + 1, sizeof *orders);
    int code = 0;
    if (queue == NULL || orders == NULL) {
        code = fail(play, "book", HF_E_MEMORY);
    } else {
        *equal = queue_equal(play, queue, count, orders);
    }
    free(queue);
    free(orders);
    return code;
}

static int
local_end(struct hf_play *play)
{
    struct local *local = play->driver.self;
    hf_engine_destroy(local->engine);
    local->engine = NULL;
    return 0;
}

static void
local_close(struct hf_play *play)
{
    struct local *local = play->driver.self;
    hf_engine_destroy(local->engine);
    free(local);
}

int
hf_play_local_open(struct hf_play *play)
{
    struct local *local = calloc(1, sizeof *local);
    if (local == NULL) {
        return hf_play_fail(play, HF_E_MEMORY, "out of memory");
    }
    play->driver = (struct hf_play_driver){
        .name = "in-process engine",
        .self = local,
        .begin = local_begin,
        .submit = local_submit,
        .admin = local_admin,
        .tick = local_tick,
        .compare = local_compare,
        .end = local_end,
        .close = local_close,
    };
    return 0;
}
