/* halt.c - the one place where the daemon gives up, and says why. */
#include "daemon/halt.h"

#include "base/atomic.h"
#include "base/futex.h"
#include "base/log.h"

#include <holdfast/error.h>
#include <stdarg.h>
#include <stdio.h>

void
hf_halt(struct hf_halt *halt, int code, const char *format, ...)
{
    if (hf_exchange_seq_cst(&halt->claimed, 1) != 0) {
        return;
    }
    struct hf_status *status = halt->status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(status->halt_text, sizeof(status->halt_text), format, arguments);
    va_end(arguments);
    status->halt_code = code;
    /* Readers load state with acquire and then the text. */
    hf_store_release(&status->state, HF_STATE_HALTED);
    hf_store_release(&halt->halted, 1); /* pairs with hf_halted(): the reason is complete */
    hf_log(HF_LOG_ERROR,
           "HALTED (%s): %s. Nothing more is accepted; nothing beyond LSN %llu is "
           "called durable. Mend the cause, then restart: recovery takes over.",
           hf_error_name(code), status->halt_text,
           (unsigned long long)hf_load_acquire(&status->durable_lsn));
    /* Those who sleep until something is durable must learn that it will not be. */
    hf_futex_wake((const uint32_t *)&status->durable_lsn);
}

bool
hf_halted(const struct hf_halt *halt)
{
    return hf_load_acquire(&halt->halted) != 0; /* pairs with the release in hf_halt() */
}
