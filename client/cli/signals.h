/* signals.h - commands that run until somebody ends them: SIGINT, SIGTERM, SIGHUP. */
#ifndef HF_CLI_SIGNALS_H
#define HF_CLI_SIGNALS_H

#include <stdbool.h>

/** From here on a signal is noted, and wakes whoever waits for a key. */
void hf_cli_catch_signals(void);

/** Whether one came. */
bool hf_cli_stops(void);

#endif
