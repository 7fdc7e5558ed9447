/*
 * rig.h - the core, a second core, the model and a subscriber, fed the same records and compared.
 *
 *                ┌──► core ────► reports, market events, books, session facts ◄─── equal ───┐
 *   step ─► record ──► model ──► the same, from the plain rules ────────────────────────────┘
 *                └──► core 2 (nobody listens) ──► the same digest
 *   market events ──► subscriber ──► the core's queues
 *        └──► followers, with pages of levels ──► the core's depth
 *
 * A step that the daemon could not have written now (its session is not open) is passed over.
 */
#ifndef HF_TESTS_MODEL_RIG_H
#define HF_TESTS_MODEL_RIG_H

#include "core/core.h"
#include "model/follower.h"
#include "model/model.h"
#include "model/stream.h"
#include "model/subscriber.h"

#define RIG_FAILURE_BYTES 512u

/** What one record gave, as the core told its sink. */
struct rig_heard {
    struct model_slot *slots;
    size_t slot_count;
    size_t slot_capacity;
    struct hf_market_event *events;
    size_t event_count;
    size_t event_capacity;
};

struct rig {
    struct hf_core *core;
    struct hf_core *silent; /**< gets the same records, tells nobody, and moves now and then */
    void *blocks[3];        /**< that the cores live in, and one to move to */
    size_t block_bytes;
    struct model *model;
    struct subscriber subscriber;
    struct follower prompt;
    struct follower late;
    struct rig_heard heard;
    struct hf_record record; /**< the last one applied */
    struct hf_record more;
    uint64_t lsns[STREAM_STEPS_MAX]; /**< of each step that was applied; 0: was not */
    uint64_t applied;                /**< commands of this stream */
    bool audits_always;              /**< while shrinking: the culprit is the last step */
    char failure[RIG_FAILURE_BYTES]; /**< empty as long as everything is equal */
};

struct rig *rig_create(void);
void rig_destroy(struct rig *rig);

/** Empty everything and write the first record of a log with these limits. */
void rig_start(struct rig *rig, const struct hf_engine_limits *limits);

/** Apply step `number` of a stream and compare; false when something differs, see `failure`.
 *  `was_applied` receives whether the step could be applied at all (may be NULL). */
bool rig_apply(struct rig *rig, const struct stream *stream, size_t number, bool *was_applied);

/** Set `failure` unless it is set already. */
void rig_fail(struct rig *rig, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* compare.c */

void rig_compare_outputs(struct rig *rig);
void rig_compare_books(struct rig *rig);
void rig_compare_sessions(struct rig *rig);
void rig_compare_event_buffer(struct rig *rig); /**< slow */

/** The core's answer to the last command; NULL for records that are no client's. */
const struct hf_report *rig_answer(const struct rig *rig, size_t *count);

#endif
