/*
 * life.h - the daemon's process: what main.c and threads.c do with its stages.
 */
#ifndef SIM_LIFE_H
#define SIM_LIFE_H

#include "daemon/control.h"
#include "sim/schedule.h"

extern struct hf_daemon sim_daemon;

/** Its threads are there. */
bool sim_daemon_runs(void);
/** Begin a process and start the instance. @return false: it was crashed, or a fault refused it */
bool sim_daemon_start(void);
/** As after SIGTERM. @return false: it was crashed */
bool sim_daemon_stop(void);
/** It is dead: nothing of it counts any more. */
void sim_daemon_forget(void);
/** One round of one thread. */
void sim_stage_run(enum sim_stage stage);

#endif
