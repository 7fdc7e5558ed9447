/* reload.c - the configuration, read again (reload.h). */
#include "daemon/reload.h"

#include "base/atomic.h"
#include "base/log.h"
#include "config/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECOND_NS UINT64_C(1000000000)

void
hf_tune(struct hf_daemon *daemon)
{
    const struct hf_config *config = &daemon->config;
    struct hf_sequencer *s = &daemon->sequencer;
    /* Relaxed, all of them: each is a number by itself (reload.h). */
    hf_store_relaxed(&s->burst, (uint32_t)config->session_burst);
    hf_store_relaxed(&s->lag_max, (uint64_t)config->session_lag_max);
    hf_checkpoint_tune(&daemon->checkpoint,
                       &(struct hf_checkpoint_pace){
                           .every_records = (uint64_t)config->snapshot_every_records,
                           .every_ns = (uint64_t)config->snapshot_every_s * SECOND_NS,
                           .keep_bytes = (uint64_t)config->log_keep_mib << 20,
                           .keep_ns = (uint64_t)config->log_keep_hours * 3600 * SECOND_NS,
                       });
    if (daemon->wal != NULL) {
        hf_wal_tune(daemon->wal, (uint64_t)config->wal_flush_interval_us * 1000,
                    (uint64_t)config->wal_flush_records);
    }
}

/* What differs */

struct reload {
    struct hf_daemon *daemon;
    const struct hf_config *wanted;
    unsigned taken;
    unsigned left;
};

static void
on_change(void *context, enum hf_param_index param, const char *now, const char *wanted)
{
    struct reload *reload = context;
    const struct hf_param *about = &hf_params[param];
    reload->taken += about->when == HF_PARAM_RELOAD;
    reload->left += about->when != HF_PARAM_RELOAD;
    switch (about->when) {
    case HF_PARAM_RELOAD:
        hf_config_take(&reload->daemon->config, reload->wanted, param);
        hf_log(HF_LOG_NOTICE, "%s.%s: '%s' is now '%s'", about->section, about->name, now, wanted);
        break;
    case HF_PARAM_RESTART:
        hf_log(HF_LOG_WARNING,
               "%s.%s stays '%s' until this daemon is started again: then it becomes '%s'",
               about->section, about->name, now, wanted);
        break;
    case HF_PARAM_LOG:
        hf_log(HF_LOG_WARNING,
               "%s.%s stays '%s' and not '%s': it stands in the first record of the log",
               about->section, about->name, now, wanted);
        break;
    }
}

/** Those of the file seed an empty log alone. */
static void
warn_of_instruments(struct reload *reload)
{
    const struct hf_daemon *daemon = reload->daemon;
    if (hf_config_instruments_changed(&daemon->config, reload->wanted)) {
        reload->left++;
        hf_log(
            HF_LOG_WARNING,
            "the configuration's instruments have changed, the log's stay: 'holdfast admin apply "
            "--config %s' logs what differs",
            daemon->source->path);
    }
}

/* Mistakes */

static void
log_mistakes(const struct hf_config *config)
{
    for (const char *line = config->errors; *line != '\0';) {
        int len = (int)strcspn(line, "\n");
        hf_log(HF_LOG_ERROR, "%.*s", len, line);
        line += len + (line[len] == '\n');
    }
    hf_log(HF_LOG_ERROR, "%u mistake%s in the configuration: everything stays as it was",
           config->error_count, config->error_count == 1 ? "" : "s");
}

static void
apply(struct hf_control *control, const struct hf_config *wanted)
{
    struct hf_daemon *daemon = control->daemon;
    struct reload reload = {.daemon = daemon, .wanted = wanted};
    hf_config_changes(&daemon->config, wanted, on_change, &reload);
    warn_of_instruments(&reload);
    hf_tune(daemon);
    hf_bell_ring(&daemon->sync_bell, 1); /* what is due has changed */
    hf_bell_ring(&daemon->checkpoint_bell, 1);
    hf_log(HF_LOG_NOTICE, "configuration read again from %s: %u values changed, %u cannot now",
           daemon->source->path, reload.taken, reload.left);
}

/** A pipe has been read: it would say nothing, which is all defaults, or make this thread wait for a
 *  writer. What is not there at all is a mistake like others. */
static bool
can_be_read_again(const struct hf_config_source *source)
{
    struct stat about;
    if (source == NULL || source->path == NULL) {
        hf_log(HF_LOG_NOTICE, "SIGHUP: there is no --config file to be read again");
        return false;
    }
    if (stat(source->path, &about) == 0 && !S_ISREG(about.st_mode)) {
        hf_log(HF_LOG_WARNING,
               "SIGHUP: %s is no file that can be read again; the configuration stays as it was",
               source->path);
        return false;
    }
    return true;
}

/** Whoever takes a user off a list shall know that this ends nothing. */
static void
tell_of_outsiders(const struct hf_control *control)
{
    uint32_t outsiders = hf_control_outsiders(control);
    if (outsiders > 0) {
        hf_log(
            HF_LOG_WARNING,
            "SIGHUP: connections of users who may not connect any more: %u. They stay until they "
            "end or this daemon is started again. What a session does, `holdfast admin session "
            "NAME --kill on` stops; who only watches has none",
            outsiders);
    }
}

void
hf_reload(struct hf_control *control)
{
    struct hf_daemon *daemon = control->daemon;
    if (!can_be_read_again(daemon->source)) {
        return;
    }
    struct hf_allow allow = {0};
    struct hf_config *wanted = malloc(sizeof(*wanted));
    int code = wanted == NULL ? HF_E_MEMORY : hf_config_read(wanted, daemon->source);
    if (code != HF_E_MEMORY) {
        int allowed =
            hf_control_check(wanted, &allow); /* beside the others, so that all are told */
        code = code == HF_OK ? allowed : code;
    }
    if (code == HF_OK) {
        code = hf_control_allow(control, &allow);
    }
    if (code == HF_OK) {
        apply(control, wanted);
        tell_of_outsiders(control);
    } else if (code == HF_E_ARGUMENT) {
        log_mistakes(wanted);
    } else {
        hf_log(HF_LOG_ERROR, "SIGHUP: out of memory; the configuration stays as it was");
    }
    hf_allow_free(&allow);
    if (wanted != NULL) {
        hf_config_free(wanted);
    }
    free(wanted);
}
