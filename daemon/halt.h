/*
 * halt.h - fail-stop (P6): the first thread that meets an error says so here, once, for all.
 *
 * The reason lands in the status page; the engine takes no command any more, the WAL threads end, the
 * control thread goes on answering so that operators and clients learn why.
 */
#ifndef HF_DAEMON_HALT_H
#define HF_DAEMON_HALT_H

#include <holdfast/status.h>
#include <stdbool.h>

struct hf_halt {
    struct hf_status *status;
    uint32_t claimed; /**< 1: somebody is writing or has written the reason */
    uint32_t halted;  /**< 1: the reason is complete */
};

/** Halt with a reason; only the first call counts. Thread: any. */
void hf_halt(struct hf_halt *halt, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The handler of a fault that nobody can go on from: say it, halt, end the process with the exit code of
 *  an input/output error. Never returns. Thread: any, in a signal handler */
void hf_halt_on_fault(void);

/** Whose status page says so; NULL: nobody's any more. */
void hf_halt_watch_faults(struct hf_halt *halt);

bool hf_halted(const struct hf_halt *halt); /**< Thread: any */

#endif
