/*
 * generate.h - random steps, weighted towards corner cases: few prices, few ids, tiny pools.
 */
#ifndef HF_TESTS_MODEL_GENERATE_H
#define HF_TESTS_MODEL_GENERATE_H

#include "model/rig.h"

/** What a profile may use beyond limit and market orders, cancel, reduce and replace (bits). */
enum generate_feature {
    GENERATE_ICEBERG = 1,
    GENERATE_STOP = 2,
    GENERATE_MARKET_TO_LIMIT = 4,
    GENERATE_MINIMUM = 8,
    GENERATE_EXPIRY = 16, /**< DAY, GTD, TICK, SESSION_END */
    GENERATE_PHASE = 32,
    GENERATE_SELF_TRADE = 64,
    GENERATE_RISK = 128, /**< limits of instruments, accounts, sessions; kill switches; REFERENCE */
    GENERATE_INSTRUMENT = 256, /**< add, change, remove by command; rule variants */
    GENERATE_ENTITLE = 512,
    GENERATE_MASS = 1024, /**< MASS_CANCEL, OPEN_ORDERS, by order id, BUST */
    GENERATE_MALFORMED = 2048,
    GENERATE_SESSION = 4096, /**< disconnect, close, open again, EPOCH */
    GENERATE_POOLS = 8192,   /**< pools so small that they run full */
    GENERATE_ALL = 16383,
};

struct generator {
    uint64_t state; /**< of the random numbers */
    uint32_t features;
    uint64_t time_ns;
    uint64_t pace_ns;      /**< usual distance of two commands */
    uint32_t stop_percent; /**< of the orders of this stream */
    const struct rig *rig; /**< what is there, so that commands can hit it */
    struct stream *stream;
};

/** Start a stream: its limits and its first steps depend on the seed alone. */
void generate_start(struct generator *generator, uint64_t seed, uint32_t features,
                    const struct rig *rig, struct stream *stream);

/** Append one step to the stream. */
void generate_step(struct generator *generator);

/* generate_order.c, generate_admin.c: fill `step`, whose session and time are set */

void generate_order_command(struct generator *generator, struct step *step);
void generate_admin_command(struct generator *generator, struct step *step);
bool generate_opening(struct generator *generator,
                      struct step *step); /**< of one that is not open */
void generate_instrument(struct generator *generator, struct step *step, uint32_t which);

/* random numbers */

uint64_t generate_random(struct generator *generator);
uint32_t generate_below(struct generator *generator, uint32_t bound);
bool generate_chance(struct generator *generator, uint32_t percent);
bool generate_has(const struct generator *generator, uint32_t feature);

/** A live order, of this session (0: of any); NULL: there is none. */
const struct model_order *generate_pick_order(struct generator *generator, uint32_t session);
uint32_t generate_pick_instrument(struct generator *generator);
uint32_t generate_pick_account(struct generator *generator);
int64_t generate_price(struct generator *generator, uint32_t instrument);
const char *generate_pick_name(struct generator *generator);

/** The reference to the step with this LSN; 0 when there is none. */
uint32_t generate_reference(const struct generator *generator, uint64_t lsn);

#endif
