/* target.c - which instance, and how options with numbers are read. */
#include "cli/target.h"

#include "cli/cli.h"

#include "base/clock.h"
#include "base/name.h"

#include <errno.h>
#include <holdfast/client.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_NS UINT64_C(2000000000)
#define BUSY_PAUSE_NS UINT64_C(10000000)

static const struct argp_option options[] = {
    {"instance", 'i', "NAME", 0,
     "Name of the instance (default: $" HF_CLI_INSTANCE_VARIABLE ", else \"" HF_CLI_INSTANCE_DEFAULT
     "\")",
     10},
    {"socket", 'S', "PATH", 0,
     "Control socket, in place of the instance's (" HF_SOCKET_DIRECTORY "/NAME.sock)", 10},
    {0}};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct hf_cli_target *target = state->input;
    switch (key) {
    case ARGP_KEY_INIT: {
        const char *named = getenv(HF_CLI_INSTANCE_VARIABLE);
        target->named = named != NULL && named[0] != '\0';
        target->optioned = false;
        target->instance = target->named ? named : HF_CLI_INSTANCE_DEFAULT;
        return 0;
    }
    case 'i':
        target->instance = argument;
        target->named = true;
        target->optioned = true;
        return 0;
    case 'S':
        target->socket_path = argument;
        target->named = true;
        target->optioned = true;
        return 0;
    case ARGP_KEY_END: /* the library would tell of a name that nobody has typed */
        if (target->named && !target->optioned && !hf_name_valid(target->instance)) {
            argp_error(state, "$" HF_CLI_INSTANCE_VARIABLE " '%s' is no name of an instance",
                       target->instance);
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp hf_cli_target_argp = {.options = options, .parser = parse};

int
hf_cli_fail(const char *command, const char *what, int code)
{
    const char *words = hf_open_error();
    (void)fprintf(stderr, "holdfast %s: %s%s%s\n", command, what != NULL ? what : "",
                  what != NULL ? ": " : "", words[0] != '\0' ? words : hf_strerror(code));
    return hf_cli_exit_code(code);
}

int
hf_cli_open(struct hf_client **client, const struct hf_cli_target *target, const char *session)
{
    struct hf_client_options with = {.size = sizeof(with),
                                     .instance = target->instance,
                                     .socket_path = target->socket_path,
                                     .session = session,
                                     .timeout_ns = target->timeout_ns};
    uint64_t patience_ns =
        target->timeout_ns != 0 && target->timeout_ns < BUSY_NS ? target->timeout_ns : BUSY_NS;
    uint64_t until_ns = hf_clock_monotonic_ns() + patience_ns;
    int code = hf_open(client, &with);
    while (code == HF_E_BUSY && hf_clock_monotonic_ns() < until_ns) {
        hf_clock_sleep_ns(BUSY_PAUSE_NS);
        code = hf_open(client, &with);
    }
    return code;
}

/* strtoull() takes "-1" for the largest number, and spaces before it. */
static bool
is_number(const char *text, bool sign)
{
    const char *digits = sign && text[0] == '-' ? text + 1 : text;
    return digits[0] >= '0' && digits[0] <= '9';
}

uint64_t
hf_cli_unsigned(struct argp_state *state, const char *option, const char *text, uint64_t min,
                uint64_t max)
{
    char *end = NULL;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (!is_number(text, false) || *end != '\0' || errno != 0 || value < min || value > max) {
        argp_error(state, "%s '%s' is not a whole number from %" PRIu64 " to %" PRIu64, option,
                   text, min, max);
    }
    return value;
}

double
hf_cli_seconds(struct argp_state *state, const char *option, const char *text, double min,
               double max)
{
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= min && seconds <= max)) {
        argp_error(state, "%s '%s' is not a number of seconds from %g to %g", option, text, min,
                   max);
    }
    return seconds;
}

int64_t
hf_cli_signed(struct argp_state *state, const char *option, const char *text, int64_t min,
              int64_t max)
{
    char *end = NULL;
    errno = 0;
    int64_t value = strtoll(text, &end, 10);
    if (!is_number(text, true) || *end != '\0' || errno != 0 || value < min || value > max) {
        argp_error(state, "%s '%s' is not a whole number from %" PRId64 " to %" PRId64, option,
                   text, min, max);
    }
    return value;
}

int
hf_cli_choose(struct argp_state *state, const char *option, const char *text,
              const struct hf_cli_choice *choices)
{
    char words[128] = "";
    for (const struct hf_cli_choice *choice = choices; choice->name != NULL; choice++) {
        size_t used = strlen(words);
        if (strcmp(text, choice->name) == 0) {
            return choice->value;
        }
        (void)snprintf(words + used, sizeof(words) - used, " %s", choice->name);
    }
    argp_error(state, "%s knows no '%s', only:%s", option, text, words);
    return 0;
}
