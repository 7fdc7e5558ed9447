/*
 * own_session.h - a session of a program's own: opened for its work, closed behind it, and never somebody
 * else's. To close a session cancels its orders, so one that is there already is taken over only where that
 * can hurt nobody.
 */
#ifndef HF_CLI_OWN_SESSION_H
#define HF_CLI_OWN_SESSION_H

#include <holdfast/client.h>

#define HF_CLI_OWN_TEXT_BYTES 192u

/** Find an open session (connected or not) by name. @return 0, HF_E_UNKNOWN, or as hf_observer_sessions() */
int hf_cli_find_session(struct hf_observer *observer, const char *name, struct hf_session_row *row);

/**
 * Open a session that nobody has used.
 *
 * One of this name that is there is closed first if the name is the program's default, which it may have left
 * behind, and the session has no open orders; any other is left as it is.
 *
 * @param client      receives the handle; NULL on errors
 * @param observer    of the same instance
 * @param options     borrowed for the call
 * @param is_default  nobody else is to be expected under this name
 * @param text        on errors receives what happened, and what can be done
 * @return 0; HF_E_BUSY: a session that was left as it is, or as hf_open(); as hf_open(), hf_close() and
 *         hf_observer_sessions()
 */
int hf_cli_open_own(struct hf_client **client, struct hf_observer *observer,
                    const struct hf_client_options *options, bool is_default,
                    char text[HF_CLI_OWN_TEXT_BYTES]);

#endif
