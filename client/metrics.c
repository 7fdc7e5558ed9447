/* metrics.c - reading what the daemon stores while we read (holdfast/metrics.h). */
#include <holdfast/metrics.h>

#include "base/atomic.h"

#include <string.h>

/** A daemon that died while it stored a ladder leaves the version odd for good. */
#define TRIES_MAX 1000u
#define LADDER_WORDS (sizeof(struct hf_metrics_ladder) / sizeof(uint64_t))
#define SESSION_WORDS (sizeof(struct hf_metrics_session) / sizeof(uint64_t))

static const void *
row_at(const struct hf_metrics *metrics, uint64_t offset, size_t row_bytes, uint32_t row)
{
    return (const unsigned char *)metrics + offset + row_bytes * row;
}

/** Acquire keeps the order of the loads; pairs with the releases in daemon/meter.c, store_ladder(). */
static void
load_words(const void *from, uint64_t *words, size_t count)
{
    const uint64_t *at = from;
    for (size_t i = 0; i < count; i++) {
        words[i] = hf_load_acquire(&at[i]);
    }
}

int
hf_metrics_session(const struct hf_metrics *metrics, uint32_t slot, struct hf_metrics_session *row)
{
    uint64_t words[SESSION_WORDS];
    if (slot == 0 || slot > metrics->sessions_max) {
        return 0;
    }
    load_words(row_at(metrics, metrics->sessions_offset, sizeof(*row), slot), words, SESSION_WORDS);
    memcpy(row, words, sizeof(*row));
    row->name[HF_NAME_BYTES - 1] = '\0';
    return row->session_id != 0;
}

int
hf_metrics_ladder(const struct hf_metrics *metrics, uint32_t instrument,
                  struct hf_metrics_ladder *ladder)
{
    uint64_t words[LADDER_WORDS];
    if (instrument == 0 || instrument > metrics->ladders_max) {
        return 0;
    }
    const struct hf_metrics_ladder *from =
        row_at(metrics, metrics->ladders_offset, sizeof(*from), instrument);
    for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
        uint32_t version = hf_load_acquire(&from->version);
        load_words(from, words, LADDER_WORDS);
        if ((version & 1) == 0 && hf_load_acquire(&from->version) == version) {
            memcpy(ladder, words, sizeof(*ladder));
            return ladder->lsn != 0 && ladder->bid_count <= HF_METRICS_LEVELS &&
                   ladder->ask_count <= HF_METRICS_LEVELS;
        }
    }
    return 0;
}
