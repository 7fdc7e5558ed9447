/*
 * own_session.c - a session that nobody has used.
 *
 * Whether one is there is asked before it is opened: to resume a session and to leave it again would already
 * be a disconnect, which may cancel its orders. Its orders are counted again when it is resumed, because only
 * then can nobody else enter any.
 */
#include "cli/own_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS_MAX 65535u /* the most that an instance can have */

int
hf_cli_find_session(struct hf_observer *observer, const char *name, struct hf_session_row *row)
{
    size_t count = SESSIONS_MAX;
    struct hf_session_row *rows = calloc(count, sizeof(*rows));
    int code = rows == NULL ? HF_E_MEMORY : hf_observer_sessions(observer, rows, &count);
    size_t at = 0;
    while (code == HF_OK && at < count && strcmp(rows[at].name, name) != 0) {
        at++;
    }
    if (code == HF_OK && at < count) {
        *row = rows[at];
    } else if (code == HF_OK) {
        code = HF_E_UNKNOWN;
    }
    free(rows);
    return code;
}

static int
fail(char text[HF_CLI_OWN_TEXT_BYTES], int code)
{
    const char *words = hf_open_error();
    (void)snprintf(text, HF_CLI_OWN_TEXT_BYTES, "%s", words[0] != '\0' ? words : hf_strerror(code));
    return code;
}

/** May the session of this name be closed? @return 0: it may, or there is none; else the reason */
static int
judge(struct hf_observer *observer, const char *name, bool is_default,
      char text[HF_CLI_OWN_TEXT_BYTES])
{
    struct hf_session_row row;
    int code = hf_cli_find_session(observer, name, &row);
    if (code == HF_E_UNKNOWN) {
        return HF_OK;
    }
    if (code != HF_OK) {
        return fail(text, code);
    }
    if (!is_default) {
        (void)snprintf(text, HF_CLI_OWN_TEXT_BYTES,
                       "it is there already, and may be somebody's: name one that is not there");
        return HF_E_BUSY;
    }
    if (row.open_orders != 0) {
        (void)snprintf(text, HF_CLI_OWN_TEXT_BYTES,
                       "it is there already, with %u open orders, which would be cancelled: cancel "
                       "them, or name a session that is not there",
                       row.open_orders);
        return HF_E_BUSY;
    }
    return HF_OK;
}

/** A resumed session, which is closed if it may be; else left. */
static int
close_resumed(struct hf_client *client, struct hf_observer *observer, const char *name,
              bool is_default, char text[HF_CLI_OWN_TEXT_BYTES])
{
    int code = judge(observer, name, is_default, text);
    if (code == HF_OK) {
        code = hf_close(client);
        code = code == HF_OK ? HF_OK : fail(text, code);
    }
    if (code != HF_OK) {
        hf_detach(client);
    }
    return code;
}

int
hf_cli_open_own(struct hf_client **client, struct hf_observer *observer,
                const struct hf_client_options *options, bool is_default,
                char text[HF_CLI_OWN_TEXT_BYTES])
{
    struct hf_session_facts facts = {.resumed = 1};
    *client = NULL;
    int code = judge(observer, options->session, is_default, text);
    while (code == HF_OK && facts.resumed != 0) {
        struct hf_client *opened = NULL;
        code = hf_open(&opened, options);
        if (code != HF_OK) {
            return fail(text, code);
        }
        hf_facts(opened, &facts);
        if (facts.resumed == 0) {
            *client = opened;
        } else {
            code = close_resumed(opened, observer, options->session, is_default, text);
        }
    }
    return code;
}
