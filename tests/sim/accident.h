/*
 * accident.h - what a running daemon had in shared memory is destroyed while nobody runs, and the operator
 * who goes on without it (--abandon-shm).
 *
 *   killed ─► accident ─► start ─► refused ─► start --abandon-shm ─┬─► new history, all halted
 *                           └► goes on: nothing was in there       └─► crashed: given up all the same, whoever
 *                                                                       starts next
 *
 * In memory mode a failed flush is one, too: the queue has released what the page cache then drops.
 */
#ifndef SIM_ACCIDENT_H
#define SIM_ACCIDENT_H

#include <stdbool.h>

void accident_reset(void);
/** Nobody runs: perhaps the queue is removed, or damaged so that it does not continue the log. */
void accident_may_happen(void);
void accident_pages_dropped(void); /**< the page cache lost what a failed flush had left in it */
void accident_power_cut(void);     /**< shared memory is gone altogether */

bool accident_queue_is_hurt(void);
bool accident_abandons(void);          /**< the operator gives --abandon-shm to this start */
bool accident_excuses(int start_code); /**< this refusal is right; the operator has read it */
void accident_is_over(void);           /**< a daemon runs */

#endif
