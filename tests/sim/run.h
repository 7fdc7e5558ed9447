/* run.h - one seed: a world from its first start to its last. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

/** @param granule  bytes that reach the medium as a whole; 0: drawn from the seed
 *  @return false: a promise was broken, sim_world.violation says which */
bool sim_run(uint64_t seed, uint32_t granule);

/** Crashes so far, of all runs: kills of the daemon and cuts of the power. */
uint64_t sim_crash_points(void);

#endif
