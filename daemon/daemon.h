/*
 * daemon.h - one instance: what main.c starts, runs and stops.
 *
 *   hf_daemon_start: lock → scan and replay → check shared memory → seal the log → new epoch
 *   hf_daemon_run:   threads until a signal        hf_daemon_stop: drain, flush, STOP record
 */
#ifndef HF_DAEMON_DAEMON_H
#define HF_DAEMON_DAEMON_H

#include "config/config.h"
#include "daemon/gap.h"
#include "daemon/market.h"
#include "daemon/sequencer.h"
#include "recovery/checkpoint.h"
#include "recovery/replay.h"
#include "recovery/scan.h"
#include "wal/trace.h"

#define HF_START_TEXT_BYTES 1024

/** How far recovery has come; the starting thread stores, the greeter loads. */
struct hf_progress {
    uint64_t done_bytes;
    uint64_t total_bytes; /**< of the log; 0: none of it was read so far */
    uint64_t lsn;
};

struct hf_daemon {
    struct hf_config config;
    const struct hf_config_source *source; /**< to be read again (reload.h); NULL: never */
    int *reload;                           /**< non-zero: that is wished; NULL: nobody asks */
    bool abandon_shm;               /**< go on although shared memory knows more than the log */
    char text[HF_START_TEXT_BYTES]; /**< why a start failed */
    const int *stop;                /**< non-zero: recovery is to end; NULL: nobody asks */
    /* identity and locks */
    int lock_fd;    /**< LOCK in the directory; -1: not held */
    int name_fd;    /**< the lock of the name, in shared memory; -1: not held */
    bool listening; /**< the control socket is bound, from before recovery to the end */
    int listen_fd;
    bool greets; /**< a thread answers callers during recovery (greeter.h) */
    struct hf_progress progress;
    struct hf_region status_region;
    struct hf_status *status;
    struct hf_region metrics_region; /**< holdfast/metrics.h; made anew by each start */
    struct hf_trace trace;           /**< engine → writer → sync */
    uint64_t instance_id;
    uint64_t boot;
    bool resumed_shm;           /**< the status page of an earlier daemon of this boot was there */
    bool unfinished_shm;        /**< a first start of this boot died before anybody could connect */
    bool objects_lost;          /**< of a session, since the clean stop */
    bool abandoned_before;      /**< memory was given up by a start that did not finish */
    uint64_t abandoned_history; /**< of memory that was given up: never used again for another */
    uint64_t abandoned_epoch;
    /* state */
    struct hf_scan_result scan;
    struct hf_replay replay;
    struct hf_registry registry;
    struct hf_region queue_region;
    uint64_t snapshot_lsn; /**< with which the start began; 0: with the first record of the log */
    bool queue_left;       /**< a queue of an earlier daemon was there */
    struct hf_market_ring market;
    uint64_t epoch;
    uint64_t history;
    int numa_node;
    /* stages */
    struct hf_halt halt;
    struct hf_waker waker;
    struct hf_sequencer sequencer;
    struct hf_gap gap;
    struct hf_checkpoint checkpoint;
    uint64_t needed_lsn; /**< control → checkpointer: of the first report that some client may still
                                have to fetch from the log; 0: none has to */
    struct hf_wal *wal;
    struct hf_stage_bell writer_bell __attribute__((aligned(128)));
    struct hf_stage_bell sync_bell __attribute__((aligned(128)));
    struct hf_stage_bell prepare_bell __attribute__((aligned(128)));
    struct hf_stage_bell checkpoint_bell __attribute__((aligned(128)));
};

/** Put a failed start into words; returns `code`. */
int hf_start_failed(struct hf_daemon *daemon, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** What a code means; of HF_E_SYSTEM errno, which the call that failed has just set. */
const char *hf_words_of(int code);

/* instance.c: who we are, and that we are alone. */
int hf_instance_lock(struct hf_daemon *daemon);
int hf_instance_open_status(struct hf_daemon *daemon); /**< of an earlier daemon, if there is one */
int hf_instance_create_status(struct hf_daemon *daemon); /**< if there was none; then fill it */
/** Unlink every object of the instance; its status page is kept under another name. */
int hf_instance_abandon(struct hf_daemon *daemon);
/** The history behind the abandoned one is durable: that page goes, too. */
void hf_instance_forget_abandoned(const struct hf_daemon *daemon);
void hf_instance_release(struct hf_daemon *daemon);

/* measure.c: the metrics object, holdfast/metrics.h. */
int hf_measure_start(struct hf_daemon *daemon);

/* rebuild.c: log and shared memory into state. */
int hf_rebuild(struct hf_daemon *daemon);

/* start.c */
int hf_daemon_start(struct hf_daemon *daemon);
void hf_daemon_stop(struct hf_daemon *daemon); /**< after the threads are gone: clean or halted */

/* threads.c: run all stages until `stop` becomes non-zero; on the way, what daemon->reload wishes.
 * @return 0 or HF_E_SYSTEM */
int hf_daemon_run(struct hf_daemon *daemon, const int *stop);

#endif
