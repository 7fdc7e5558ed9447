/* exit_code.c - results of holdfast calls as exit codes of the tool. */
#include "cli/cli.h"

#include <holdfast/error.h>

int
hf_cli_exit_code(int code)
{
    switch (code) {
    case HF_OK:
        return HF_EXIT_OK;
    case HF_E_ARGUMENT:
        return HF_EXIT_USAGE;
    case HF_E_CORRUPT:
    case HF_E_PROTOCOL:
        return HF_EXIT_DATA;
    case HF_E_IO:
        return HF_EXIT_NO_INPUT;
    case HF_E_DENIED:
        return HF_EXIT_DENIED;
    case HF_E_MEMORY:
    case HF_E_SYSTEM:
        return HF_EXIT_SYSTEM;
    case HF_AGAIN: /* of the daemon: it recovers */
    case HF_TIMEOUT:
    case HF_E_NO_DAEMON:
    case HF_E_STUCK:
    case HF_E_HALTED:
    case HF_E_HISTORY:
    case HF_E_SESSION:
    case HF_E_VERSION:
    case HF_E_BUSY:
    case HF_E_FULL:
        return HF_EXIT_UNAVAILABLE;
    default:
        return HF_EXIT_FAILED;
    }
}
