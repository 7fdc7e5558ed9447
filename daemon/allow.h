/* allow.h - instance.allow: which users may connect. */
#ifndef HF_DAEMON_ALLOW_H
#define HF_DAEMON_ALLOW_H

#include "config/config.h"

/** Beside those in the list: root and the daemon's own user. */
#define HF_ALLOW_ALWAYS 2u

struct hf_allow {
    uint32_t *uids;
    uint32_t count;
};

/** Look up the users of config->instance_allow; each that there is not becomes a mistake of the
 *  configuration. @param allow  receives the list; hf_allow_free() is due in any case
 *  @return 0, HF_E_ARGUMENT, HF_E_MEMORY */
int hf_allow_read(struct hf_allow *allow, struct hf_config *config);
void hf_allow_free(struct hf_allow *allow);

bool hf_allow_has(const struct hf_allow *allow, uint32_t uid);

#endif
