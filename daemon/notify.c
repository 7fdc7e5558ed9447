/* notify.c - the service manager's messages (notify.h). */
#include "daemon/notify.h"

#include "daemon/daemon.h"

#include "base/atomic.h"

#include <systemd/sd-daemon.h>

/** More than a step of recovery takes that does not show as progress: a snapshot that is loaded, a log's end
 *  that is flushed. */
#define RECOVERY_STEP_US 120000000u

/** Pings in a watchdog's time: one that is late, or finds the heartbeat just as it was, costs nothing. */
#define PINGS 4u

void
hf_notify_recovering(struct hf_notify_recovery *recovery, const struct hf_daemon *daemon)
{
    const struct hf_progress *progress = &daemon->progress;
    /* Relaxed: for people, and an older value only tells the same once more. */
    uint64_t done = hf_load_relaxed(&progress->done_bytes);
    uint64_t total = hf_load_relaxed(&progress->total_bytes);
    uint64_t lsn = hf_load_relaxed(&progress->lsn);
    if (done == recovery->done_bytes && lsn == recovery->lsn) {
        return; /* W3 */
    }
    *recovery = (struct hf_notify_recovery){.done_bytes = done, .lsn = lsn};
    (void)sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%u\nSTATUS=recovering: LSN %llu, %llu of %llu MiB",
                     RECOVERY_STEP_US, (unsigned long long)lsn, (unsigned long long)(done >> 20),
                     (unsigned long long)(total >> 20));
}

void
hf_notify_ready(const struct hf_daemon *daemon)
{
    (void)sd_notifyf(0, "READY=1\nSTATUS=instance '%s' running, epoch %llu, log in %s",
                     daemon->config.instance_name, (unsigned long long)daemon->epoch,
                     daemon->config.instance_directory);
}

void
hf_notify_reloading(void)
{
    (void)sd_notify(0, "RELOADING=1");
}

void
hf_notify_reloaded(void)
{
    (void)sd_notify(0, "READY=1"); /* STATUS stays: of a halt, too */
}

void
hf_notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1\nSTATUS=stopping: what is left is flushed");
}

void
hf_watchdog_init(struct hf_watchdog *watchdog)
{
    uint64_t limit_us = 0;
    *watchdog = (struct hf_watchdog){0};
    if (sd_watchdog_enabled(0, &limit_us) > 0) {
        watchdog->every_ns = limit_us * 1000 / PINGS;
    }
}

static void
tell_of_halt(struct hf_watchdog *watchdog, const struct hf_status *status)
{
    /* Acquire pairs with hf_halt(): the reason is complete. */
    if (!watchdog->halt_told && hf_load_acquire(&status->state) == HF_STATE_HALTED) {
        watchdog->halt_told = true;
        (void)sd_notifyf(0, "STATUS=HALTED, nothing is accepted: %.*s", (int)HF_HALT_TEXT_BYTES,
                         status->halt_text);
    }
}

int
hf_watchdog_do_work(struct hf_watchdog *watchdog, const struct hf_status *status, uint64_t now_ns)
{
    tell_of_halt(watchdog, status);
    if (watchdog->every_ns == 0 || now_ns < watchdog->due_ns) {
        return 0;
    }
    uint64_t heartbeat = hf_load_relaxed(&status->heartbeat_ns); /* an age; orders nothing */
    if (heartbeat == watchdog->heartbeat_ns) {
        return 0; /* W1; looked at again in the next round */
    }
    watchdog->heartbeat_ns = heartbeat;
    watchdog->due_ns = now_ns + watchdog->every_ns;
    (void)sd_notify(0, "WATCHDOG=1");
    return 1;
}
