/*
 * live.h - what shared memory on this host knows of a log: the status page of the instance that keeps its
 * log in a directory. Read once, never written.
 */
#ifndef HF_RECOVER_LIVE_H
#define HF_RECOVER_LIVE_H

#include <holdfast/status.h>
#include <stdbool.h>

struct hf_live {
    bool found;   /**< there is a status page of this boot */
    bool running; /**< and the daemon that wrote it lives */
    struct hf_status status;
};

/** The instance whose log is in this directory. */
void hf_live_by_directory(const char *directory, struct hf_live *live);

/**
 * The directory of an instance, by its name: that of its running daemon.
 *
 * @param directory  receives the path
 * @return 0; HF_E_NO_DAEMON: no daemon of this name runs, or another user's
 */
int hf_live_directory(const char *instance, char *directory, size_t directory_bytes);

#endif
