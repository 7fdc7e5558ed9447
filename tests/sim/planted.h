/*
 * planted.h - plant each bug of base/planted.h in turn, and see how soon it is found.
 */
#ifndef SIM_PLANTED_H
#define SIM_PLANTED_H

#include <stdint.h>

/** Print the table. @param points  crash points after which a bug counts as not found
 *  @return how many bugs were not found in each try */
int sim_planted_all(uint64_t points);

/** Plant the bug of this name. @return 0, -1: there is none */
int sim_plant(const char *name);

#endif
