/*
 * replay.h - rebuild the state machine from records: one code path for the daemon's start and for
 * every offline tool.
 *
 *   hf_scan ──record──► hf_replay_record ──► hf_core_apply ──► reports (sink)
 *                            │                                 
 *                            └──► applied (hook, after each record)
 *
 * The first record must be GENESIS: it carries the capacities from which the core is made. A record
 * that breaks the state machine's rules, or a digest that differs, is damage, named by file, offset
 * and LSN.
 */
#ifndef HF_RECOVERY_REPLAY_H
#define HF_RECOVERY_REPLAY_H

#include "core/ahead.h"

#define HF_REPLAY_TEXT_BYTES 512

struct hf_replay {
    /* set by the caller */
    struct hf_core_sink sink; /**< `report` NULL: nobody listens */
    int (*applied)(void *context,
                   const struct hf_record *record); /**< may be NULL; non-zero ends */
    void *context;
    int numa_node;   /**< for the core's memory; -1: any */
    bool background; /**< its memory is neither resident before it is used nor locked */
    /* results */
    struct hf_core *core; /**< NULL until GENESIS */
    size_t core_bytes;
    int code;
    char text[HF_REPLAY_TEXT_BYTES];
    /* its own */
    struct hf_ahead ahead;
    uint64_t ahead_position;
};

/** The capacities in a GENESIS record. */
static inline struct hf_engine_limits
hf_replay_limits(const struct hf_record *genesis, const struct hf_record *more)
{
    return (struct hf_engine_limits){
        .sessions_max = genesis->genesis.sessions_max,
        .instruments_max = genesis->genesis.instruments_max,
        .orders_max = genesis->genesis.orders_max,
        .levels_max = genesis->genesis.levels_max,
        .session_orders_max = genesis->genesis.session_orders_max,
        .hash_seed = genesis->genesis.hash_seed,
        .extras_max = more->genesis_more.extras_max,
        .accounts_max = more->genesis_more.accounts_max,
        .entitlements_max = more->genesis_more.entitlements_max,
        .events_max = more->genesis_more.events_max,
    };
}

/** Apply one record; an hf_scan_visit_fn with a struct hf_replay as context. `file` may be NULL: the
 *  record comes from the WAL queue. @return 0, HF_E_CORRUPT, HF_E_VERSION, HF_E_MEMORY */
int hf_replay_record(void *replay, const struct hf_record *record, const struct hf_record *more,
                     const char *file, uint64_t offset);

/** Hint at what comes (core/ahead.h): an hf_scan_watch.ahead with a struct hf_replay as context. */
void hf_replay_ahead(void *replay, const struct hf_record *slots, size_t count);

/** Free the core. */
void hf_replay_free(struct hf_replay *replay);

#endif
