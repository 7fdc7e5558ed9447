/* compare.c - two state machines, thing by thing (compare.h). */
#include "recover/compare.h"

#include "recover/facts.h"
#include "recover/record_print.h"

#include "cli/report_print.h"
#include "core/account.h"
#include "core/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHAT_BYTES 128

static void
tell(struct hf_compare *compare, const char *what, const char *field, const json_t *first,
     const json_t *second)
{
    compare->differences++;
    compare->differs(compare->context, what, field, first, second);
}

/** A field that only one of them has is null in the other. */
static void
fields(struct hf_compare *compare, const char *what, json_t *first, json_t *second)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_t *null = json_null();
    json_object_foreach(first, key, value)
    {
        const json_t *other = json_object_get(second, key);
        if (!json_equal(value, other)) {
            tell(compare, what, key, value, other == NULL ? null : other);
        }
    }
    json_object_foreach(second, key, value)
    {
        if (json_object_get(first, key) == NULL) {
            tell(compare, what, key, null, value);
        }
    }
}

/** Compare a thing, and free both; NULL: it is not there. */
static void
thing(struct hf_compare *compare, const char *what, json_t *first, json_t *second)
{
    json_t *null = json_null();
    if (first != NULL && second != NULL) {
        fields(compare, what, first, second);
    } else if (first != NULL || second != NULL) {
        tell(compare, what, NULL, first != NULL ? first : null, second != NULL ? second : null);
    }
    json_decref(first);
    json_decref(second);
}

/* Books */

static void
level(struct hf_compare *compare, uint32_t id, enum hf_side side,
      const struct hf_depth_level *first, const struct hf_depth_level *second)
{
    char what[WHAT_BYTES];
    char symbol[2][HF_SYMBOL_BYTES];
    struct hf_instrument_info info;
    for (int i = 0; i < 2; i++) {
        symbol[i][0] = '\0';
        if (hf_core_instrument(compare->core[i], id, &info)) {
            memcpy(symbol[i], info.symbol, HF_SYMBOL_BYTES);
        }
    }
    (void)snprintf(what, sizeof(what), "%s %s %" PRId64,
                   symbol[0][0] != '\0' ? symbol[0] : symbol[1], side == HF_BUY ? "bid" : "ask",
                   (first != NULL ? first : second)->price);
    thing(compare, what, first != NULL ? hf_facts_level(first) : NULL,
          second != NULL ? hf_facts_level(second) : NULL);
}

static bool
is_better(enum hf_side side, int64_t price, int64_t other)
{
    return side == HF_BUY ? price > other : price < other;
}

/** One side of a book: the levels of both run in step, from the best price on. */
static void
side_levels(struct hf_compare *compare, uint32_t id, enum hf_side side)
{
    struct hf_depth_level at[2];
    bool there[2];
    for (int i = 0; i < 2; i++) {
        there[i] = hf_core_depth(compare->core[i], id, side, &at[i], 1) == 1;
    }
    while (there[0] || there[1]) {
        bool use[2];
        for (int i = 0; i < 2; i++) {
            use[i] = there[i] && !(there[1 - i] && is_better(side, at[1 - i].price, at[i].price));
        }
        level(compare, id, side, use[0] ? &at[0] : NULL, use[1] ? &at[1] : NULL);
        for (int i = 0; i < 2; i++) {
            there[i] = use[i] ? hf_core_depth_behind(compare->core[i], id, side, at[i].price,
                                                     &at[i], 1) == 1
                              : there[i];
        }
    }
}

static void
instruments(struct hf_compare *compare)
{
    char what[WHAT_BYTES];
    uint32_t count[2] = {hf_core_instruments(compare->core[0]),
                         hf_core_instruments(compare->core[1])};
    for (uint32_t id = 1; id <= count[0] || id <= count[1]; id++) {
        (void)snprintf(what, sizeof(what), "instrument %" PRIu32, id);
        thing(compare, what, hf_facts_instrument(compare->core[0], id),
              hf_facts_instrument(compare->core[1], id));
        side_levels(compare, id, HF_BUY);
        side_levels(compare, id, HF_SELL);
    }
}

/** Those of one of them; what both have is compared when it is the first one's turn. */
static void
orders_of(struct hf_compare *compare, int turn)
{
    char what[WHAT_BYTES];
    const struct hf_order *orders = hf_core_order_pool(compare->core[turn]);
    for (uint32_t index = 1; index <= hf_core_limits(compare->core[turn])->orders_max; index++) {
        uint64_t id = orders[index].order_id;
        json_t *other = id == 0 ? NULL : hf_facts_order(compare->core[1 - turn], id);
        if (id == 0 || (turn == 1 && other != NULL)) {
            json_decref(other);
            continue;
        }
        json_t *ours = hf_facts_order(compare->core[turn], id);
        (void)snprintf(what, sizeof(what), "order %" PRIu64, id);
        thing(compare, what, turn == 0 ? ours : other, turn == 0 ? other : ours);
    }
}

/* Sessions and what administrators set */

static void
sessions_of(struct hf_compare *compare, int turn)
{
    char what[WHAT_BYTES];
    const struct hf_core *core = compare->core[turn];
    for (uint32_t slot = 1; slot <= hf_core_limits(core)->sessions_max; slot++) {
        const struct hf_core_session *session = hf_core_session(core, slot);
        uint32_t other =
            session == NULL ? 0 : hf_core_session_find(compare->core[1 - turn], session->name);
        if (session == NULL || (turn == 1 && other != 0)) {
            continue;
        }
        json_t *ours = hf_facts_session(core, slot);
        json_t *theirs = other == 0 ? NULL : hf_facts_session(compare->core[1 - turn], other);
        (void)snprintf(what, sizeof(what), "session %s", session->name);
        thing(compare, what, turn == 0 ? ours : theirs, turn == 0 ? theirs : ours);
    }
}

static void
accounts_of(struct hf_compare *compare, int turn)
{
    char what[WHAT_BYTES];
    const struct hf_core *core = compare->core[turn];
    const struct hf_account *entries = hf_core_part(core, core->accounts_at);
    for (uint32_t i = 0; i < hf_account_entries(hf_core_limits(core)); i++) {
        uint32_t number = entries[i].number;
        json_t *other =
            entries[i].used == 0 ? NULL : hf_facts_account(compare->core[1 - turn], number);
        if (entries[i].used == 0 || (turn == 1 && other != NULL)) {
            json_decref(other);
            continue;
        }
        json_t *ours = hf_facts_account(core, number);
        (void)snprintf(what, sizeof(what), "account %" PRIu32, number);
        thing(compare, what, turn == 0 ? ours : other, turn == 0 ? other : ours);
    }
}

static json_t *
find_limits(const struct hf_core *core, const char *name)
{
    struct hf_limits_row row;
    for (uint32_t place = 0; hf_core_limits_row(core, place, &row); place++) {
        if (strncmp(row.name, name, HF_NAME_BYTES) == 0) {
            return hf_facts_limits(&row);
        }
    }
    return NULL;
}

static void
limits_of(struct hf_compare *compare, int turn)
{
    char what[WHAT_BYTES];
    struct hf_limits_row row;
    for (uint32_t place = 0; hf_core_limits_row(compare->core[turn], place, &row); place++) {
        json_t *other = find_limits(compare->core[1 - turn], row.name);
        if (turn == 1 && other != NULL) {
            json_decref(other);
            continue;
        }
        json_t *ours = hf_facts_limits(&row);
        (void)snprintf(what, sizeof(what), "limits of %.*s", HF_NAME_BYTES, row.name);
        thing(compare, what, turn == 0 ? ours : other, turn == 0 ? other : ours);
    }
}

static bool
has_entitlement(const struct hf_core *core, const struct hf_entitlement_row *wanted)
{
    struct hf_entitlement_row row;
    for (uint32_t place = 0; hf_core_entitlement(core, place, &row); place++) {
        if (row.kind == wanted->kind && row.id == wanted->id &&
            strncmp(row.name, wanted->name, HF_NAME_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/** Of an entitlement there is no more to tell than that it is there. */
static void
entitlements_of(struct hf_compare *compare, int turn)
{
    char what[WHAT_BYTES];
    struct hf_entitlement_row row;
    for (uint32_t place = 0; hf_core_entitlement(compare->core[turn], place, &row); place++) {
        if (has_entitlement(compare->core[1 - turn], &row)) {
            continue;
        }
        (void)snprintf(what, sizeof(what), "entitlement of %.*s: %s %" PRIu32, HF_NAME_BYTES,
                       row.name, hf_entitlement_name(row.kind), row.id);
        thing(compare, what, turn == 0 ? json_true() : NULL, turn == 0 ? NULL : json_true());
    }
}

void
hf_compare(struct hf_compare *compare)
{
    compare->differences = 0;
    thing(compare, "state", hf_facts_state(compare->core[0]), hf_facts_state(compare->core[1]));
    instruments(compare);
    for (int turn = 0; turn < 2; turn++) {
        orders_of(compare, turn);
        sessions_of(compare, turn);
        accounts_of(compare, turn);
        limits_of(compare, turn);
        entitlements_of(compare, turn);
    }
}
