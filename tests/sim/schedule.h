/*
 * schedule.h - who runs when, and what is done to him there.
 *
 *   simulator ─► step ─► stage of the daemon ──point──► another stage, or a client ──point──► ...
 *                                              └──────► killed │ power cut │ a page written back
 *
 * A point is every store that publishes something (base/atomic.h) and every call to the world. There a
 * thread may be held while others run, as the kernel's scheduler would do; each stage is one thread,
 * so that none is entered twice. Who waits for another thread (a request, an answer) lets others run.
 *
 * X1  a process is killed at its own points only, and leaves the stack as a whole: no thread of the
 *     daemon runs above a client that runs above another one
 * X2  the threads of control and gap service, and a client that waits for them, run only where they hold up nobody whom they
 *     wait for: no other thread of the daemon below them on the stack
 */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

enum sim_stage {
    STAGE_ENGINE,
    STAGE_WRITER,
    STAGE_SYNC,
    STAGE_PREPARE,
    STAGE_WAKER,
    STAGE_CONTROL,
    STAGE_GAP,
    STAGE_CHECKPOINT,
    STAGE_LIFE, /**< start or stop: there are no threads */
    STAGE_CLIENTS,
};

/** A call to the world begins. */
void sim_call(void);
/** Whether this call is to fail. */
bool sim_call_fails(void);
/** The caller is held up for a while: others may run, or not. */
void sim_call_takes_long(void);
/** The caller waits for others. */
void sim_call_waits(void);

/** Run code of a process. @return false: it was killed */
bool sim_enter(int process, unsigned stage, void (*code)(void *context), void *context);

/** A step of anybody whose turn it may be. @return false: nobody's */
bool sim_step(void);

/** The client that runs ends here. */
_Noreturn void sim_client_dies(void);

void sim_schedule_reset(void);

/** Decide after how many points the next crash comes. */
void sim_draw_crash(void);
/** From outside: kill the daemon, or cut the power. */
void sim_crash_now(void);
/** Within the next few points, if not before: what is under way is worth a crash. */
void sim_crash_soon(void);

#endif
