/*
 * follower.h - the client library's level books (client/levels.h), fed with the core's market events and
 * with pages of its levels, and held against its depth.
 *
 * A prompt follower joins at the first record, reads every event at once, and must have the core's book
 * after every record. A late one lags behind, forgets a book now and then, and joins again page by page,
 * a few levels at a time, while records go on between the pages and events wait unread.
 */
#ifndef HF_TESTS_MODEL_FOLLOWER_H
#define HF_TESTS_MODEL_FOLLOWER_H

#include "client/levels.h"
#include "core/core.h"

#define FOLLOWER_BOOKS 8u
#define FOLLOWER_UNREAD 4096u

struct follower {
    struct hf_levels books[FOLLOWER_BOOKS + 1]; /**< by instrument */
    struct hf_market_event unread[FOLLOWER_UNREAD];
    size_t unread_count;
    uint64_t read; /**< number of the last event applied */
    uint64_t random;
    bool is_late;
    uint64_t joins;    /**< of books whose pages were of different moments, over all streams */
    uint64_t compared; /**< books, over all streams */
};

/** Forget everything; the same seed does the same again. */
void follower_start(struct follower *follower, uint64_t seed, bool is_late);
void follower_free(struct follower *follower);

/** The core has applied a record, and told these events. @return NULL, or what is wrong, in words */
const char *follower_step(struct follower *follower, const struct hf_core *core,
                          const struct hf_market_event *events, size_t count);

#endif
