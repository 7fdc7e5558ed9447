/* signals.c - a signal is a word that is looked at. */
#include "cli/signals.h"

#include "base/atomic.h"

#include <signal.h>
#include <stddef.h>

static int stop_requested;

static void
on_signal(int number)
{
    (void)number;
    hf_store_release(&stop_requested, 1); /* pairs with hf_cli_stops() */
}

bool
hf_cli_stops(void)
{
    return hf_load_acquire(&stop_requested) != 0; /* nothing else is stored with it */
}

/** Without SA_RESTART: whoever waits for a key is woken. */
void
hf_cli_catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}
