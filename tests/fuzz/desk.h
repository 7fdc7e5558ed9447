/*
 * desk.h - a daemon without threads, log and clients: its control socket, its engine, and whoever drives
 * them.
 *
 *   connections (pairs of sockets) ──► hf_control_do_work ──► hf_sequencer_ask ──► desk_round
 *                                                                  (waits by --wrap=hf_futex_wait)
 */
#ifndef HF_TESTS_FUZZ_DESK_H
#define HF_TESTS_FUZZ_DESK_H

#include "daemon/control.h"
#include "daemon/daemon.h"

#define DESK_SESSIONS_MAX 4u
#define DESK_INSTANCE_ID 0x1234567890abcdefu

extern struct hf_daemon desk_daemon;
extern struct hf_control desk_control;

/** Make all of it; its shared objects and its socket are removed at the end of the process. */
void desk_init(void);

/** One round of the engine, of waker and gap service; what is logged counts as durable. */
void desk_round(void);

#define DESK_USERS "0,1,2,3" /* who may connect */

/** A client connects; `allowed` is of such a user. @return the client's end; -1: there are connections enough */
int desk_connect(uint32_t uid, bool allowed);

/** Close every session that is open: all connections have ended. */
void desk_close_sessions(void);

#endif
