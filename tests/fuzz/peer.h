/*
 * peer.h - a daemon as a client sees it: objects, and answers to its requests, all out of the input.
 *
 *   client library ── hf_control_send ──► peer ── an answer, descriptors ──► the client's socket
 *        └── hf_connection_connect, clocks and sleeps are the peer's, too (by --wrap)
 *
 * Objects and answers are good ones with patches; an answer may also be cut, or not come: then the
 * connection ends. Time passes by itself, a little with each look at a clock, and in sleeps.
 */
#ifndef HF_TESTS_FUZZ_PEER_H
#define HF_TESTS_FUZZ_PEER_H

#include "fuzz/fuzz.h"
#include "shm/broadcast.h"
#include "shm/control.h"
#include "shm/session.h"

#include <holdfast/market.h>
#include <holdfast/report.h>
#include <holdfast/status.h>

#define PEER_SLOTS 64u /* of each ring */
#define PEER_SESSION "ann"
#define PEER_INSTRUMENTS 4u

enum peer_object { PEER_STATUS, PEER_REPORT, PEER_COMMAND, PEER_MARKET, PEER_GAP, PEER_OBJECTS };

void peer_init(void);

/** Good objects, and an input that answers are made from. */
void peer_begin(struct fuzz_input *input);

/** Close what is left of the connections. */
void peer_end(void);

/** Patch one object. */
void peer_patch(enum peer_object object);

/** Publish a report; an event: as the engine does, with a body from the input. */
void peer_publish_report(void);
void peer_publish_event(void);

void *peer_base(enum peer_object object);
void peer_pass_time(uint64_t ns);

#endif
