/* diff_snapshots.h - holdfast-recover diff, of two snapshots. */
#ifndef HF_RECOVER_DIFF_SNAPSHOTS_H
#define HF_RECOVER_DIFF_SNAPSHOTS_H

#include <stdbool.h>

/** Whether this is the path of a snapshot, by its name. */
bool hf_diff_is_snapshot(const char *path);

/** Compare two snapshots and print what differs. @return an exit code: 1 if anything does */
int hf_diff_snapshots(const char *const path[2], bool json);

#endif
