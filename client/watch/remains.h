/* remains.h - the status page of a daemon that answers no more. */
#ifndef HF_WATCH_REMAINS_H
#define HF_WATCH_REMAINS_H

#include <holdfast/status.h>
#include <stdbool.h>

/** Read what an instance's last daemon left in shared memory: a good name is assumed. Its user and root can.
 *  @return whether there is something of this release */
bool hf_watch_read_remains(const char *instance, struct hf_status *status);

#endif
