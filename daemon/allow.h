/* allow.h - instance.allow, instance.watch: which users may connect, and which of them may only look. */
#ifndef HF_DAEMON_ALLOW_H
#define HF_DAEMON_ALLOW_H

#include "config/config.h"

/** Beside those in the list: root and the daemon's own user. */
#define HF_ALLOW_ALWAYS 2u

struct hf_allow {
    uint32_t *uids;
    uint32_t count;
    uint32_t *watcher_uids;
    uint32_t watcher_count;
};

/** Look up the users of config->instance_allow and instance_watch; each that there is not becomes a mistake of
 *  the configuration. @param allow  receives the lists; hf_allow_free() is due in any case
 *  @return 0, HF_E_ARGUMENT, HF_E_MEMORY */
int hf_allow_read(struct hf_allow *allow, struct hf_config *config);
void hf_allow_free(struct hf_allow *allow);

bool hf_allow_has(const struct hf_allow *allow, uint32_t uid);

/** Whether a user is in instance.watch: may read the status page and the metrics. */
bool hf_allow_watches(const struct hf_allow *allow, uint32_t uid);

#endif
