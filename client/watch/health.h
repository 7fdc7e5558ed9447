/*
 * health.h - whether an instance does its work; if not, what is wrong and what to do, in words.
 *
 *   ill    nobody can trade: absent, dead, stopped, recovering, halted, stuck
 *          or not as it should be: full (new orders are refused), shut (every instrument is halted or closed)
 *          or nobody can say: denied
 *   frail  it works, and somebody should look: metrics missing, a status page that is damaged
 */
#ifndef HF_WATCH_HEALTH_H
#define HF_WATCH_HEALTH_H

#include "watch/look.h"

#define HF_WATCH_STUCK_NS_DEFAULT UINT64_C(2000000000)
#define HF_WATCH_FLUSH_STUCK_NS UINT64_C(5000000000)

enum hf_watch_health {
    HF_WATCH_WELL,
    HF_WATCH_FRAIL,
    HF_WATCH_ABSENT,     /**< no daemon has ever been seen, and none answers */
    HF_WATCH_DENIED,     /**< a daemon answers, and does not let this user look: nothing is known */
    HF_WATCH_DEAD,       /**< its process is gone, without a clean stop */
    HF_WATCH_STOPPED,    /**< stopped cleanly */
    HF_WATCH_RECOVERING, /**< replays its log */
    HF_WATCH_HALTED,     /**< fail-stop */
    HF_WATCH_STUCK,      /**< the engine, or a flush, does not move */
    HF_WATCH_FULL,       /**< log space is low: new orders are refused, cancels are not */
    HF_WATCH_SHUT,       /**< every instrument is halted or closed */
    HF_WATCH_HEALTHS
};

/** "well", "frail", "absent"... for machines. */
const char *hf_watch_health_word(enum hf_watch_health health);

struct hf_watch_verdict {
    enum hf_watch_health health;
    const char *word; /**< hf_watch_health_word() */
    char text[2 * HF_WATCH_TEXT_BYTES];
};

static inline bool
hf_watch_is_ill(enum hf_watch_health health)
{
    return health > HF_WATCH_FRAIL;
}

/** @param stuck_ns  a heartbeat older than this is a stuck engine's */
struct hf_watch_verdict hf_watch_judge(const struct hf_watch *watch, uint64_t stuck_ns);

/** A verdict in words of the caller's. */
__attribute__((format(printf, 2, 3))) struct hf_watch_verdict
hf_watch_verdict(enum hf_watch_health health, const char *format, ...);

/** Whether the daemon that a verdict is of is there: running, recovering, or halted and not ended. */
bool hf_watch_is_there(const struct hf_watch *watch, enum hf_watch_health health,
                       uint64_t stuck_ns);

#endif
