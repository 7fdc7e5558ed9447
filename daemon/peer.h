/*
 * peer.h - the process at the other end of a control connection, and its end.
 *
 * A socket ends when the last copy of its descriptor does, and a forked child has one. So the process that
 * connected is watched too: through a descriptor of it (pidfd), which no process that gets its number later
 * can be mistaken for, or, where there is none to be had, by looking now and then at its start time.
 */
#ifndef HF_DAEMON_PEER_H
#define HF_DAEMON_PEER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * A descriptor that becomes readable when the process at the other end of a socket ends.
 *
 * @param pid, start  as SO_PEERCRED gave it, and when it began (0: not known)
 * @return close-on-exec, the caller's; -1: none is to be had (the kernel is older than 5.3, no descriptor is
 *         left): ask hf_peer_ended()
 */
int hf_peer_open(int socket_fd, uint64_t pid, uint64_t start);

/** Whether the process has ended; false where nobody can know, and of one that waits for its parent. */
bool hf_peer_ended(uint64_t pid, uint64_t start);

#endif
