/*
 * trader.h - the clients: applications on the real client library, and what each of them knows.
 *
 * A trader is killed and comes back as another process of the same name. What it must remember over
 * that (which commands it submitted, which report comes next) the simulator remembers for it.
 */
#ifndef SIM_TRADER_H
#define SIM_TRADER_H

#include <holdfast/client.h>
#include <holdfast/record.h>
#include <stdbool.h>

struct trader_turn {
    int process;
    bool may_wait; /**< for the control thread */
};

/** How a client of this name opens its session. @param name  borrowed */
struct hf_client_options trader_options(int process, const char *name);

void trader_reset(void);
/** One turn of a client. @param context  struct trader_turn */
void trader_step(void *context);
void trader_killed(int process);
void trader_power_cut(void);
/** Whoever is connected has memory that was given up: it may not submit there, and is to be told (O7). */
void trader_memory_abandoned(void);
/** Shared memory is gone and the log's end is known: go on from there. */
void trader_resume_from_log(void);

/** OPEN was logged: a new session of this name. */
void trader_session_opened(int process, uint64_t session_id);

/** P1: the command `seq` of its session is this record. */
void trader_check_sequenced(int process, uint64_t seq, const struct hf_record *record);
void trader_check_refused(int process, uint64_t seq, const struct hf_record *record);

/** Everything is done: each command sequenced, each report read. */
bool trader_is_content(int process);

#endif
