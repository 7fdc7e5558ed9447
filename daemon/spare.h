/*
 * spare.h - descriptors held back, so that the control thread is never without one in the middle of
 * something: opening a session needs several, and what is logged cannot be taken back.
 *
 *   held ──lend──► free for one request, or for telling a caller that there is no room ──hold──► held
 *
 * Belongs to the control thread.
 */
#ifndef HF_DAEMON_SPARE_H
#define HF_DAEMON_SPARE_H

#include <stdbool.h>

/** Two new objects, one to look whether a name is free, three descriptors to pass on; and two more for
 *  other threads that open a file at this very moment. */
#define HF_SPARE_DESCRIPTORS 8u

struct hf_spare {
    int fds[HF_SPARE_DESCRIPTORS];
    unsigned count; /**< held */
};

/** Hold as many as there are. @return whether all are held */
bool hf_spare_hold(struct hf_spare *spare);

/** Give them up, for use; hf_spare_hold() again as soon as that is over. */
void hf_spare_lend(struct hf_spare *spare);

#endif
