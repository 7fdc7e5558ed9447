/*
 * meter.h - what the engine measures of itself (holdfast/metrics.h), without a system call, and with no clock
 * but those that it reads anyway: at the beginning and the end of a round that did something.
 *
 * What it costs: some ten stores a round, five more for each session that got reports, a ladder's few levels
 * once a millisecond, and one clock for one command in HF_METRICS_WAIT_EVERY: by callgrind some 150 instructions a
 * round of one command, and 4 a command, of 1,330, in rounds of 64.
 */
#ifndef HF_DAEMON_METER_H
#define HF_DAEMON_METER_H

#include "core/core.h"
#include "shm/region.h"
#include "wal/trace.h"

#include <holdfast/command.h>
#include <holdfast/metrics.h>

struct hf_meter_rows {
    uint32_t sessions_max;
    uint32_t instruments_max;
};

struct hf_meter {
    struct hf_metrics *page; /**< NULL: nothing is measured */
    struct hf_meter_rows
        rows; /**< it was made for so many. What the page says of that is for readers: where
                                    the engine stores, nothing decides that another process may write to */
    struct hf_trace *trace; /**< to the writer and the sync thread */
    uint64_t look_ns;       /**< of the last look at the rings; 0: none since the last sleep */
    uint64_t ladder_ns;     /**< when ladders were stored last */
    uint64_t ladder_lsn;    /**< as of which all of them are */
    uint32_t ladder_next;   /**< instrument whose turn it is */
    uint32_t ladders_due;   /**< until all are as of ladder_lsn */
};

/** What a round did. */
struct hf_meter_round {
    uint64_t commands;
    uint64_t path_ns; /**< that it took */
    uint64_t lsn;     /**< of the last record; 0: it sequenced none */
};

/** Make the object of an instance anew, zero but for where its rows are, all its memory touched; then it is
 *  filled, and finished. @return as hf_region_create() */
int hf_meter_create(struct hf_region *region, const char *instance,
                    const struct hf_meter_rows *rows);

/** Its session rows, by slot. */
struct hf_metrics_session *hf_meter_sessions(struct hf_metrics *page);

/** Empty histograms, and the magic: from here on others may read it. */
void hf_meter_finish(struct hf_metrics *page);

/** A round begins. */
void hf_meter_begin(struct hf_meter *meter, uint64_t now_ns);

/** A round has ended that did something. @param now_ns  when it began */
void hf_meter_end(struct hf_meter *meter, uint64_t now_ns, const struct hf_meter_round *round);

/** The engine goes to sleep: the time until it looks again is nobody's fault. */
void hf_meter_sleep(struct hf_meter *meter);

/** A command was taken that says when it was submitted; the engine has cleared that word of its copy. */
void hf_meter_wait(const struct hf_meter *meter, uint64_t sent_ns);

/** A session got reports. */
void hf_meter_session(const struct hf_meter *meter, uint32_t slot,
                      const struct hf_core_session *session, bool behind);

/** Store the ladders whose turn it is. To be called once a round, also in one that did nothing. */
void hf_meter_ladders(struct hf_meter *meter, const struct hf_core *core, uint64_t now_ns);

#endif
