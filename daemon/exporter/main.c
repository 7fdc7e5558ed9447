/* main.c - the program holdfast-exporter: command line, signals, a look a second. */
#include "exporter/server.h"

#include "base/cpu.h"
#include "base/log.h"
#include "base/output.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define LISTEN_DEFAULT "127.0.0.1:9630"
#define INSTANCE_VARIABLE "HOLDFAST_INSTANCE"
#define STUCK_MS_MIN 200
#define STUCK_MS_MAX 3600000
#define NS_PER_MS 1000000u

const char *argp_program_version = "holdfast-exporter " HF_VERSION;

static const char doc[] =
    "Show a running instance over HTTP: a page for people at /, metrics for Prometheus at "
    "/metrics, health at /healthz, JSON at /api. It reads shared memory that the daemon writes "
    "anyway, and asks the engine for nothing.\v"
    "It needs no privileges: run it as a user of its own, and name that user in instance.watch of "
    "the daemon's configuration. It may be started before the daemon, and goes on when the daemon "
    "dies and comes back. /healthz answers 503, with words, while the daemon is absent, dead, "
    "stopped, recovering, halted or stuck; denied (it does not let this user look); full (log "
    "space is low, new orders are refused); or shut (every instrument is halted or closed).\n\n"
    "What it shows tells others about order flow: on an address that is not the loopback anybody "
    "who can reach it can read it. Put a proxy in front that asks who they are.\n\n"
    "Exit codes: 0 ended by SIGTERM or SIGINT; 64 usage; 69 the address is in use, or no address "
    "of this host (yet); 70 out of memory or a system call failed; 77 not allowed to listen there.";

static const struct argp_option options[] = {
    {"instance", 'i', "NAME", 0,
     "Name of the instance (default: $" INSTANCE_VARIABLE ", else \"holdfast\")", 0},
    {"socket", 'S', "PATH", 0,
     "Its control socket, in place of the usual one (/run/holdfast/NAME.sock)", 0},
    {"listen", 'l', "ADDRESS:PORT", 0,
     "Where to serve HTTP (default: " LISTEN_DEFAULT
     "); port 0: the kernel's choice, which is told",
     0},
    {"host", 'H', "NAME", 0,
     "Answer requests for this host too, up to 16 times; without: for localhost, addresses in "
     "numbers and the host's own name",
     0},
    {"stuck-after", 't', "MS", 0,
     "An engine that has not looked at its rings for so long is called stuck, 200 to 3600000 "
     "(default: 2000)",
     0},
    {0}};

struct arguments {
    const char *instance;
    const char *socket_path;
    const char *source; /**< of these: option or variable */
    struct hf_exporter_address address;
    struct hf_exporter_hosts hosts;
    uint64_t stuck_ns;
};

static uint64_t
parse_stuck(struct argp_state *state, const char *text)
{
    char *end = NULL;
    unsigned long milliseconds = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || milliseconds < STUCK_MS_MIN ||
        milliseconds > STUCK_MS_MAX) {
        argp_error(state, "--stuck-after '%s' is not a number of milliseconds from 200 to 3600000",
                   text);
    }
    return (uint64_t)milliseconds * NS_PER_MS;
}

static void
parse_listen(struct argp_state *state, const char *text, struct hf_exporter_address *address)
{
    const char *why = hf_exporter_parse_address(text, address);
    if (why != NULL) {
        argp_error(state, "--listen '%s': %s", text, why);
    }
}

static void
take_host(struct argp_state *state, const char *name, struct hf_exporter_hosts *hosts)
{
    if (!hf_exporter_is_host_name(name)) {
        argp_error(state, "--host '%s' is no name of a host (without its port)", name);
    }
    if (hosts->count == HF_EXPORTER_HOSTS_MAX) {
        argp_error(state, "more than %u times --host", HF_EXPORTER_HOSTS_MAX);
    }
    hosts->names[hosts->count++] = name;
}

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'i':
        arguments->instance = argument;
        arguments->source = arguments->socket_path == NULL ? "--instance" : arguments->source;
        return 0;
    case 'S':
        arguments->socket_path = argument; /* whatever the instance's name is */
        arguments->source = "--socket";
        return 0;
    case 'l':
        parse_listen(state, argument, &arguments->address);
        return 0;
    case 'H':
        take_host(state, argument, &arguments->hosts);
        return 0;
    case 't':
        arguments->stuck_ns = parse_stuck(state, argument);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no argument is expected, but there is '%s'", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/** Blocked but in sigtimedwait(): no thread of the server is interrupted. Until then they end it as they end any. */
static void
install_signals(sigset_t *ending)
{
    sigemptyset(ending);
    sigaddset(ending, SIGTERM);
    sigaddset(ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, ending, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/** Tell when the verdict changes: the journal then has the history that /healthz has not. */
static void
tell_verdict(const struct hf_watch_verdict *verdict, int *told)
{
    if (*told != (int)verdict->health) {
        hf_log(hf_watch_is_ill(verdict->health) ? HF_LOG_WARNING : HF_LOG_NOTICE, "%s: %s",
               verdict->word, verdict->text);
        *told = (int)verdict->health;
    }
}

static int
run(struct hf_exporter_state *state, struct hf_exporter_server *server, const sigset_t *ending)
{
    const struct timespec second = {.tv_sec = 1};
    int told = -1;
    for (;;) {
        tell_verdict(&state->front->verdict, &told); /* only this thread exchanges the views */
        if (sigtimedwait(ending, NULL, &second) > 0) {
            return EX_OK;
        }
        hf_exporter_tick(server);
        hf_exporter_look(state);
    }
}

static int
listen_failed(const struct hf_exporter_address *address)
{
    int error = errno;
    hf_log(HF_LOG_ERROR, "cannot listen on %s: %s", address->text, strerror(error));
    return error == EADDRINUSE || error == EADDRNOTAVAIL ? EX_UNAVAILABLE
           : error == EACCES                             ? EX_NOPERM
                                                         : EX_SOFTWARE;
}

static int
serve(struct hf_exporter_state *state, const struct arguments *arguments)
{
    static struct hf_exporter_server server;
    const struct hf_exporter_address *address = &arguments->address;
    sigset_t ending;
    install_signals(&ending);
    hf_exporter_look(state);                       /* before anybody can ask */
    if (state->watch.now->code == HF_E_ARGUMENT) { /* no later look will find more */
        hf_log(HF_LOG_ERROR, "%s: %s", arguments->source, state->watch.text);
        return EX_USAGE;
    }
    if (!hf_exporter_serve(&server, state, &arguments->hosts, address)) {
        return listen_failed(address);
    }
    if (!hf_exporter_is_loopback(address)) {
        hf_log(HF_LOG_WARNING, "%s is not the loopback: whoever can reach it can read it",
               address->text);
    }
    hf_log(HF_LOG_NOTICE, "serving on %s, port %u", address->text, hf_exporter_port(&server));
    int code = run(state, &server, &ending);
    hf_exporter_stop(&server);
    return code;
}

int
main(int argc, char **argv)
{
    static struct hf_exporter_state state;
    const char *variable = getenv(INSTANCE_VARIABLE);
    bool named = variable != NULL && variable[0] != '\0';
    struct arguments arguments = {.instance = named ? variable : "holdfast",
                                  .source = "$" INSTANCE_VARIABLE,
                                  .stuck_ns = HF_WATCH_STUCK_NS_DEFAULT};
    const char *lacks = hf_cpu_lacks();
    hf_output_guard();
    if (lacks != NULL) {
        hf_log(HF_LOG_ERROR, "%s", lacks);
        return EX_SOFTWARE;
    }
    (void)hf_exporter_parse_address(LISTEN_DEFAULT, &arguments.address);
    argp_parse(&(struct argp){options, parse, NULL, doc, NULL, NULL, NULL}, argc, argv, 0, NULL,
               &arguments);
    int code = EX_SOFTWARE;
    if (hf_exporter_state_init(&state, arguments.instance, arguments.socket_path,
                               arguments.stuck_ns) == HF_OK) {
        code = serve(&state, &arguments);
    } else {
        hf_log(HF_LOG_ERROR, "out of memory");
    }
    hf_exporter_state_free(&state);
    return code;
}
