/* allow.c - which users may connect (allow.h). */
#include "daemon/allow.h"

#include "config/table.h"

#include <holdfast/error.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
parse_user(const char *text, uint32_t *uid)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && number <= UINT32_MAX) {
        *uid = (uint32_t)number;
        return HF_OK;
    }
    const struct passwd *user = getpwnam(text);
    if (user == NULL) {
        return HF_E_UNKNOWN;
    }
    *uid = user->pw_uid;
    return HF_OK;
}

int
hf_allow_read(struct hf_allow *allow, struct hf_config *config)
{
    char list[HF_CONFIG_STRING_BYTES];
    char *rest = list;
    int code = HF_OK;
    snprintf(list, sizeof(list), "%s", config->instance_allow);
    *allow = (struct hf_allow){.uids = calloc(HF_CONFIG_STRING_BYTES, sizeof(*allow->uids))};
    if (allow->uids == NULL) {
        return HF_E_MEMORY;
    }
    for (char *item; (item = strsep(&rest, ", \t")) != NULL;) {
        if (*item == '\0') {
            continue;
        }
        if (parse_user(item, &allow->uids[allow->count]) == HF_OK) {
            allow->count++;
        } else {
            hf_config_complain_of(config, HF_PARAM_instance_allow, "instance.allow: no user '%s'",
                                  item);
            code = HF_E_ARGUMENT;
        }
    }
    return code;
}

void
hf_allow_free(struct hf_allow *allow)
{
    free(allow->uids);
    *allow = (struct hf_allow){0};
}

bool
hf_allow_has(const struct hf_allow *allow, uint32_t uid)
{
    bool allowed = uid == 0 || uid == geteuid();
    for (uint32_t i = 0; i < allow->count && !allowed; i++) {
        allowed = allow->uids[i] == uid;
    }
    return allowed;
}
