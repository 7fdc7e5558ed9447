/*
 * hostile.h - the last client, where it means harm: what is in its own memory is whatever it likes, at any
 * moment.
 *
 *   opens, submits, leaves with the real library ─► its command object ◄─ any word, between any two points
 *
 * Nothing of what it is told is checked: only that the daemon lives, that what it has submitted can be applied, and
 * that all promises hold for everybody else. Its private memory is its own affair: where the library gives up
 * there, the process dies.
 */
#ifndef SIM_HOSTILE_H
#define SIM_HOSTILE_H

#include "sim/trader.h"

#include <stdbool.h>

void hostile_reset(void);
/** Whether this process is it, in this run. */
bool hostile_is(int process);
/** One turn. @param turn  of its process */
void hostile_step(const struct trader_turn *turn);
/** At a point: a word of its object may change under whoever runs. */
void hostile_scribble(void);
void hostile_killed(void);

#endif
