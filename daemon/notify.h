/*
 * notify.h - what the service manager is told (sd_notify(3), sd_watchdog_enabled(3)): recovering and how far,
 * ready, halted and why, stopping; and, while that is true, that the daemon lives. Without a service manager
 * all of it does nothing.
 *
 * W1  no ping unless the engine's heartbeat has moved since the last one: an engine that hangs is killed,
 *     although all other threads are well
 * W2  a halted daemon is alive: it stays to tell why, and its engine still beats; nothing but W1 counts
 * W3  a recovery may take as long as it gets on: each step forward asks for more time, a standstill does not
 */
#ifndef HF_DAEMON_NOTIFY_H
#define HF_DAEMON_NOTIFY_H

#include <holdfast/status.h>
#include <stdbool.h>

struct hf_daemon;

/** Reading of the log, told about from one thread. */
struct hf_notify_recovery {
    uint64_t done_bytes; /**< when we last told */
    uint64_t lsn;
};

/** Once a second or so, by the thread that answers callers during recovery. */
void hf_notify_recovering(struct hf_notify_recovery *recovery, const struct hf_daemon *daemon);

/** All threads run. */
void hf_notify_ready(const struct hf_daemon *daemon);

/** The configuration is read again; and that is done, well or not (the log tells). */
void hf_notify_reloading(void);
void hf_notify_reloaded(void);

/** Nothing is accepted any more; what is left is flushed. */
void hf_notify_stopping(void);

/** The control thread's, from hf_notify_ready() on. */
struct hf_watchdog {
    uint64_t every_ns;     /**< between two pings; 0: nobody watches */
    uint64_t due_ns;       /**< the next one */
    uint64_t heartbeat_ns; /**< that of the last one */
    bool halt_told;
};

void hf_watchdog_init(struct hf_watchdog *watchdog);

/** Ping when it is time and W1 allows it; tell of a halt, once. @return 1: a ping went out, else 0 */
int hf_watchdog_do_work(struct hf_watchdog *watchdog, const struct hf_status *status,
                        uint64_t now_ns);

#endif
