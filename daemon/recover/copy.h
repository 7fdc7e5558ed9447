/*
 * copy.h - a log into a new directory: made, checked like by a start, and taken away again if it fails.
 */
#ifndef HF_RECOVER_COPY_H
#define HF_RECOVER_COPY_H

#include "recovery/rewrite.h"

#include <stdbool.h>
#include <stdint.h>

/** What the copy holds, from its own check. */
struct hf_copy_facts {
    uint64_t instance_id;
    uint64_t digest;
    uint64_t end_lsn;
};

/**
 * Make directory `rewrite->to` (or take an empty one) and copy into it; then replay the copy.
 *
 * @param command  for messages and the progress bar
 * @return an exit code; messages have been said
 */
int hf_recover_copy(const char *command, struct hf_rewrite *rewrite, struct hf_copy_facts *facts);

/** Of a copy of a log that is kept short, say so. */
void hf_recover_say_short(const struct hf_rewrite *rewrite);

/** A directory that is made must not be in the log's own. @return 0 or an exit code, the message said */
int hf_recover_outside(const char *command, const char *directory, const char *to);

/** Make a directory, or take an empty one. @return 0 or an exit code, the message said */
int hf_recover_make_directory(const char *command, const char *directory, bool *made);

/**
 * Keep daemons away from a log for as long as the descriptor is open.
 *
 * @param make  make the LOCK file where there is none; else there is nothing to keep away from
 * @param fd    receives the descriptor, or -1
 * @return 0 or an exit code: a daemon runs there (said)
 */
int hf_recover_lock(const char *command, const char *directory, bool make, int *fd);

/** Remove a directory that holds a log and nothing else. @return 0 or an exit code, the message said */
int hf_recover_remove_log(const char *command, const char *directory);

/** A random instance id, never 0. @return 0 or HF_E_SYSTEM */
int hf_recover_instance_id(uint64_t *instance_id);

#endif
