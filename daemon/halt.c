/* halt.c - the one place where the daemon gives up, and says why. */
#include "daemon/halt.h"

#include "base/atomic.h"
#include "base/futex.h"
#include "base/log.h"

#include <holdfast/error.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define TEXT_BYTES 768

/** A fault is met by whatever thread it strikes, in a signal handler: it finds the page here. */
static struct hf_halt *fault_halt;

void
hf_halt(struct hf_halt *halt, int code, const char *format, ...)
{
    if (hf_exchange_seq_cst(&halt->claimed, 1) != 0) {
        return;
    }
    struct hf_status *status = halt->status;
    char text[TEXT_BYTES]; /* whole in the log; the page has less room */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    snprintf(status->halt_text, sizeof(status->halt_text), "%.*s",
             (int)sizeof(status->halt_text) - 1, text);
    status->halt_code = code;
    /* Readers load state with acquire and then the text. */
    hf_store_release(&status->state, HF_STATE_HALTED);
    hf_store_release(&halt->halted, 1); /* pairs with hf_halted(): the reason is complete */
    hf_log(HF_LOG_ERROR,
           "HALTED (%s): %s. Nothing more is accepted. Mend the cause, then restart: recovery "
           "takes over.",
           hf_error_name(code), text);
    /* Those who sleep until something is durable must learn that it will not be. */
    hf_futex_wake((const uint32_t *)&status->durable_lsn);
}

bool
hf_halted(const struct hf_halt *halt)
{
    return hf_load_acquire(&halt->halted) != 0; /* pairs with the release in hf_halt() */
}

/* On a signal: only calls that are safe there, and no log, whose lock may be held. */
void
hf_halt_on_fault(void)
{
    static const char text[] = "a mapped page of the log or of shared memory is gone (SIGBUS)";
    static const char line[] =
        "error: HALTED (HF_E_IO): a mapped page of the log or of shared memory is gone (SIGBUS): a "
        "file was cut short, or its medium failed. Mend the cause, then restart: recovery takes "
        "over.\n";
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&room, 1, 100) == 1) {
        (void)!write(STDERR_FILENO, line, sizeof(line) - 1);
    }
    struct hf_halt *halt = hf_load_acquire(&fault_halt); /* pairs with hf_halt_watch_faults() */
    if (halt != NULL && hf_exchange_seq_cst(&halt->claimed, 1) == 0) {
        memcpy(halt->status->halt_text, text, sizeof(text));
        halt->status->halt_code = HF_E_IO;
        hf_store_release(&halt->status->state, HF_STATE_HALTED); /* as in hf_halt() */
        hf_futex_wake((const uint32_t *)&halt->status->durable_lsn);
    }
    _exit(EX_IOERR);
}

void
hf_halt_watch_faults(struct hf_halt *halt)
{
    hf_store_release(&fault_halt, halt);
}
