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

struct users {
    uint32_t *uids;
    uint32_t count;
};

static int
read_users(struct users *users, struct hf_config *config, enum hf_param_index param,
           const char *value)
{
    char list[HF_CONFIG_STRING_BYTES];
    char *rest = list;
    int code = HF_OK;
    snprintf(list, sizeof(list), "%s", value);
    *users = (struct users){.uids = calloc(HF_CONFIG_STRING_BYTES, sizeof(*users->uids))};
    if (users->uids == NULL) {
        return HF_E_MEMORY;
    }
    for (char *item; (item = strsep(&rest, ", \t")) != NULL;) {
        if (*item == '\0') {
            continue;
        }
        if (parse_user(item, &users->uids[users->count]) == HF_OK) {
            users->count++;
        } else {
            hf_config_complain_of(config, param, "%s.%s: no user '%s'", hf_params[param].section,
                                  hf_params[param].name, item);
            code = HF_E_ARGUMENT;
        }
    }
    return code;
}

int
hf_allow_read(struct hf_allow *allow, struct hf_config *config)
{
    struct users allowed;
    struct users watchers;
    int code = read_users(&allowed, config, HF_PARAM_instance_allow, config->instance_allow);
    int more = read_users(&watchers, config, HF_PARAM_instance_watch, config->instance_watch);
    *allow = (struct hf_allow){.uids = allowed.uids,
                               .count = allowed.count,
                               .watcher_uids = watchers.uids,
                               .watcher_count = watchers.count};
    return code == HF_E_MEMORY || more == HF_OK ? code : more;
}

void
hf_allow_free(struct hf_allow *allow)
{
    free(allow->uids);
    free(allow->watcher_uids);
    *allow = (struct hf_allow){0};
}

static bool
is_listed(const uint32_t *uids, uint32_t count, uint32_t uid)
{
    bool listed = false;
    for (uint32_t i = 0; i < count && !listed; i++) {
        listed = uids[i] == uid;
    }
    return listed;
}

bool
hf_allow_has(const struct hf_allow *allow, uint32_t uid)
{
    return uid == 0 || uid == geteuid() || is_listed(allow->uids, allow->count, uid);
}

bool
hf_allow_watches(const struct hf_allow *allow, uint32_t uid)
{
    return is_listed(allow->watcher_uids, allow->watcher_count, uid);
}
