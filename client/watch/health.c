/* health.c - whether an instance does its work. */
#include "watch/health.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define NS_PER_S 1e9

static const char *const words[] = {
    [HF_WATCH_WELL] = "well",       [HF_WATCH_FRAIL] = "frail",
    [HF_WATCH_ABSENT] = "absent",   [HF_WATCH_DEAD] = "dead",
    [HF_WATCH_STOPPED] = "stopped", [HF_WATCH_RECOVERING] = "recovering",
    [HF_WATCH_HALTED] = "halted",   [HF_WATCH_STUCK] = "stuck",
    [HF_WATCH_DENIED] = "denied",   [HF_WATCH_FULL] = "full",
    [HF_WATCH_SHUT] = "shut",
};

const char *
hf_watch_health_word(enum hf_watch_health health)
{
    return words[health];
}

struct hf_watch_verdict
hf_watch_verdict(enum hf_watch_health health, const char *format, ...)
{
    struct hf_watch_verdict made = {.health = health, .word = words[health]};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(made.text, sizeof(made.text), format, arguments);
    va_end(arguments);
    return made;
}

/** The daemon answers that it does not let this user look. */
static struct hf_watch_verdict
denied(const struct hf_watch *watch)
{
    return hf_watch_verdict(HF_WATCH_DENIED,
                            "%s. Whether the instance works is not known here: name the user in "
                            "instance.watch, and reload the daemon",
                            watch->text);
}

/** Nothing is mapped: what the call said is all that is known. */
static struct hf_watch_verdict
judge_unseen(const struct hf_watch *watch)
{
    if (watch->now->code == HF_AGAIN) {
        return hf_watch_verdict(HF_WATCH_RECOVERING, "%s", watch->text);
    }
    if (watch->now->code == HF_E_NO_DAEMON) {
        return hf_watch_verdict(HF_WATCH_ABSENT,
                                "%s; is it started, and is this its name (--instance, --socket)?",
                                watch->text);
    }
    if (watch->now->code == HF_E_DENIED) {
        return denied(watch);
    }
    if (watch->now->code == HF_TIMEOUT) {
        return hf_watch_verdict(
            HF_WATCH_STUCK, "a daemon has the control socket and does not answer: is its process "
                            "stopped, or the host overloaded?");
    }
    return hf_watch_verdict(HF_WATCH_ABSENT, "no daemon to be seen: %s", watch->text);
}

static struct hf_watch_verdict
judge_lifeless(const struct hf_status *status)
{
    if (status->state == HF_STATE_STOPPED) {
        return hf_watch_verdict(HF_WATCH_STOPPED,
                                "cleanly, at LSN %" PRIu64
                                ", all of it durable; clients' commands wait in "
                                "their rings",
                                status->durable_lsn);
    }
    if (status->state == HF_STATE_HALTED) {
        return hf_watch_verdict(HF_WATCH_HALTED, "its process %" PRIu64 " has ended: %s",
                                status->pid, status->halt_text);
    }
    return hf_watch_verdict(HF_WATCH_DEAD,
                            "process %" PRIu64
                            " is gone without a clean stop; start the daemon, it recovers "
                            "everything",
                            status->pid);
}

static struct hf_watch_verdict
judge_running(const struct hf_watch *watch, uint64_t stuck_ns)
{
    const struct hf_watch_sample *now = watch->now;
    if (now->heartbeat_age_ns > stuck_ns) {
        return hf_watch_verdict(
            HF_WATCH_STUCK,
            "the engine has not looked at its rings for %.1f s; its process lives: is "
            "the host overloaded, or the process stopped?",
            (double)now->heartbeat_age_ns / NS_PER_S);
    }
    if (now->flush_age_ns > HF_WATCH_FLUSH_STUCK_NS) {
        return hf_watch_verdict(
            HF_WATCH_STUCK,
            "a flush of the log has not returned for %.1f s: look at the disk; nothing "
            "behind LSN %" PRIu64 " is durable",
            (double)now->flush_age_ns / NS_PER_S, now->status.durable_lsn);
    }
    if (now->status.disk_low != 0) {
        return hf_watch_verdict(
            HF_WATCH_FULL,
            "log space is low: new orders are refused, cancels are not; make room on "
            "the file system of the log");
    }
    if (!now->measured) {
        return hf_watch_verdict(HF_WATCH_FRAIL, "no metrics: %s", watch->text);
    }
    return hf_watch_verdict(HF_WATCH_WELL, "running at LSN %" PRIu64 ", durable up to %" PRIu64,
                            now->status.sequenced_lsn, now->status.durable_lsn);
}

/** A process that /proc hides (those of others, or of another container) shows by its heartbeat alone. */
static bool
lives(const struct hf_watch *watch, uint64_t stuck_ns)
{
    const struct hf_watch_sample *now = watch->now;
    bool beats = now->heartbeat_age_ns < stuck_ns && now->status.state == HF_STATE_RUNNING;
    return now->seen && (now->alive || (beats && !now->shown));
}

/** The page is of a daemon that is gone: another one may answer meanwhile. */
static struct hf_watch_verdict
judge_gone(const struct hf_watch *watch)
{
    const struct hf_watch_sample *now = watch->now;
    return now->code == HF_AGAIN      ? hf_watch_verdict(HF_WATCH_RECOVERING, "%s", watch->text)
           : now->code == HF_E_DENIED ? denied(watch)
                                      : judge_lifeless(&now->status);
}

bool
hf_watch_is_there(const struct hf_watch *watch, enum hf_watch_health health, uint64_t stuck_ns)
{
    switch (health) {
    case HF_WATCH_ABSENT:
    case HF_WATCH_DENIED:
    case HF_WATCH_DEAD:
    case HF_WATCH_STOPPED:
        return false;
    case HF_WATCH_HALTED:
        return lives(watch, stuck_ns);
    default:
        return true;
    }
}

struct hf_watch_verdict
hf_watch_judge(const struct hf_watch *watch, uint64_t stuck_ns)
{
    const struct hf_watch_sample *now = watch->now;
    const struct hf_status *status = &now->status;
    if (!now->seen) {
        return judge_unseen(watch);
    }
    if (!lives(watch, stuck_ns)) {
        return judge_gone(watch);
    }
    switch (status->state) {
    case HF_STATE_RUNNING:
        return judge_running(watch, stuck_ns);
    case HF_STATE_HALTED:
        return hf_watch_verdict(HF_WATCH_HALTED, "%s (%s). Mend it, then restart the daemon",
                                status->halt_text, hf_error_name(status->halt_code));
    case HF_STATE_STOPPED:
        return judge_lifeless(status);
    default:
        return hf_watch_verdict(HF_WATCH_RECOVERING, "%s",
                                watch->text[0] != '\0' ? watch->text : "the daemon recovers");
    }
}
