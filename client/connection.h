/*
 * connection.h - the client's end of the control connection: connect, ask, await the answer.
 *
 * Sockets are non-blocking; every wait is a poll up to a deadline of CLOCK_MONOTONIC. An answer that
 * came too late would be taken for the next request's, so that a connection which timed out is closed
 * by whoever owns it, never used again.
 */
#ifndef HF_CLIENT_CONNECTION_H
#define HF_CLIENT_CONNECTION_H

#include "shm/control.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#define HF_CONNECTION_PATH_BYTES sizeof(((struct sockaddr_un *)0)->sun_path)
#define HF_CONNECTION_TIMEOUT_NS_DEFAULT UINT64_C(5000000000)
#define HF_CONNECTION_FDS_MAX 3

/** Write the socket's path: `socket_path`, or HF_SOCKET_DIRECTORY/INSTANCE.sock where it is NULL.
 *  @return 0, HF_E_ARGUMENT (both missing, bad instance name, too long for a socket) */
int hf_connection_path(char path[HF_CONNECTION_PATH_BYTES], const char *instance,
                       const char *socket_path);

/** now + timeout_ns, without running over. */
uint64_t hf_connection_deadline(uint64_t timeout_ns);

/** Between two tries of who has patience: whether to try again after this result, before the deadline.
 *  Waits a moment when it is so. */
bool hf_connection_again(int result, uint64_t deadline_ns);

/** Connect. While the daemon's backlog is full it tries again up to the deadline (0: one try).
 *  @return 0 and a non-blocking, close-on-exec descriptor; HF_E_NO_DAEMON, HF_E_DENIED, HF_TIMEOUT,
 *          HF_E_SYSTEM */
int hf_connection_connect(const char *path, uint64_t deadline_ns, int *fd);

/** A request of this type, all else zero. */
struct hf_control_request hf_connection_request(enum hf_control_type type);

/** Receive the answer to a request of `type` if it is there, with up to HF_CONNECTION_FDS_MAX descriptors.
 *  Text of a refusal is ended by a NUL, and descriptors that came with one are closed.
 *  @param fds  may be NULL: descriptors are closed
 *  @return 0 (look at answer->code), HF_AGAIN, HF_E_NO_DAEMON, HF_E_VERSION, HF_E_PROTOCOL,
 *          HF_E_SYSTEM */
int hf_connection_receive(int fd, enum hf_control_type type, struct hf_control_answer *answer,
                          int *fds, unsigned *fd_count);

/** Send a request and await its answer. @return as hf_connection_receive(), HF_TIMEOUT in place of HF_AGAIN */
int hf_connection_ask(int fd, const struct hf_control_request *request, uint64_t deadline_ns,
                      struct hf_control_answer *answer, int *fds, unsigned *fd_count);

/** Whether the other side has gone: one system call, does not wait. */
bool hf_connection_ended(int fd);

/** Close if open, and set to -1. Keeps errno. */
void hf_connection_close(int *fd);

/** The same of a connection that is to end for both sides now, although a forked child has a copy of it. */
void hf_connection_end(int *fd);

#endif
