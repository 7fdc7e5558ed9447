/* admin.c - holdfast admin: the session with the rights, and what is said when they are missing. */
#include "cli/admin.h"

#include "cli/cli.h"

#include <stdio.h>

static int
open_session(struct hf_admin *admin)
{
    struct hf_session_facts facts;
    struct hf_cli_target target = admin->request->target;
    target.timeout_ns = admin->request->timeout_ns;
    int code = hf_cli_open(&admin->answer.client, &target, admin->request->session);
    if (code != HF_OK) {
        return hf_cli_fail("admin", NULL, code);
    }
    hf_facts(admin->answer.client, &facts);
    admin->is_new = facts.resumed == 0;
    return HF_EXIT_OK;
}

/** What to do without rights. */
static void
explain_rights(const char *session)
{
    (void)fprintf(stderr,
                  "holdfast admin: session '%s' has no admin rights. One that has (`holdfast admin "
                  "entitlements` lists them) gives them:\n"
                  "    holdfast admin --session OTHER entitle %s admin\n"
                  "As long as no session has any, a start of the daemon gives them to those that "
                  "instance.admin names.\n",
                  session, session);
}

int
hf_admin_submit(struct hf_admin *admin, const struct hf_command *command)
{
    int exit_code = admin->answer.client == NULL ? open_session(admin) : HF_EXIT_OK;
    if (exit_code == HF_EXIT_OK) {
        exit_code = hf_cli_answer(&admin->answer, command);
    }
    if (admin->answer.reason == HF_REASON_NOT_ADMIN) {
        explain_rights(admin->request->session);
    }
    return exit_code;
}

/** A session of our own goes again; one that was there before stays. */
static void
leave_session(struct hf_admin *admin)
{
    if (!admin->is_new || hf_close(admin->answer.client) != HF_OK) {
        hf_detach(admin->answer.client);
    }
}

int
hf_cli_admin(int argc, char **argv)
{
    struct hf_admin_request request;
    hf_admin_parse(&request, argc, argv);
    struct hf_admin admin = {
        .request = &request,
        .answer = {.command = "admin", .json = request.json, .timeout_ns = request.timeout_ns}};
    int code = hf_observe(&admin.observer, request.target.instance, request.target.socket_path);
    if (code != HF_OK) {
        return hf_cli_fail("admin", NULL, code);
    }
    int exit_code = request.verb->run(&admin);
    leave_session(&admin);
    hf_observer_close(admin.observer);
    return exit_code;
}
