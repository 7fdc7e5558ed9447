/* main.c - the program holdfastd: arguments, signals, exit codes. */
#include "daemon/daemon.h"

#include "base/atomic.h"
#include "base/log.h"
#include "base/numa.h"

#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

const char *argp_program_version = "holdfastd " HF_VERSION;

static const char DOC[] =
    "The daemon of one Holdfast instance: sequences, logs and matches the orders of its sessions.\v"
    "Without --config it runs on built-in defaults with one instrument, DEMO.\n\n"
    "Signals: SIGTERM and SIGINT flush everything and stop; sessions and their shared memory stay "
    "for "
    "the next start.\n\n"
    "Exit codes: 0 stopped cleanly; 64 usage; 69 another daemon has this instance; 70 out of "
    "memory "
    "or a system call failed; 74 input/output error, or halted before the stop; 65 damage or a "
    "foreign version in log or shared memory; 77 permission denied; 78 configuration.";

enum { OPTION_CHECK = 256, OPTION_PRINT, OPTION_ABANDON, OPTION_FORCED_PMEM };

static const struct argp_option OPTIONS[] = {
    {"config", 'c', "FILE", 0, "Read the configuration from FILE", 0},
    {"set", 's', "SECTION.NAME=VALUE", 0, "Set one parameter, after the file; may be repeated", 0},
    {"check-config", OPTION_CHECK, NULL, 0, "Name every mistake in the configuration, then exit",
     0},
    {"print-config", OPTION_PRINT, NULL, 0, "Print the configuration with comments, then exit", 0},
    {"abandon-shm", OPTION_ABANDON, NULL, 0,
     "Give up what shared memory knows beyond the log: its objects are removed, clients are told "
     "by a "
     "new history id",
     0},
    {"test-forced-pmem", OPTION_FORCED_PMEM, NULL, 0,
     "Allow PMEM_IS_PMEM_FORCE in the environment. For tests: a log on ordinary memory is lost "
     "with "
     "the power",
     0},
    {0},
};

struct arguments {
    struct hf_daemon *daemon;
    bool check;
    bool print;
    bool forced_pmem;
};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct hf_config *config = &arguments->daemon->config;
    switch (key) {
    case 'c':
        hf_config_load(config, argument);
        return 0;
    case 's':
        hf_config_set(config, argument);
        return 0;
    case OPTION_CHECK:
        arguments->check = true;
        return 0;
    case OPTION_PRINT:
        arguments->print = true;
        return 0;
    case OPTION_ABANDON:
        arguments->daemon->abandon_shm = true;
        return 0;
    case OPTION_FORCED_PMEM:
        arguments->forced_pmem = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int
exit_code(int code)
{
    switch (code) {
    case HF_OK:
        return EX_OK;
    case HF_E_BUSY:
        return EX_UNAVAILABLE;
    case HF_E_CORRUPT:
    case HF_E_VERSION:
    case HF_E_HISTORY:
        return EX_DATAERR;
    case HF_E_DENIED:
        return EX_NOPERM;
    case HF_E_IO:
    case HF_E_NO_SPACE:
        return EX_IOERR;
    case HF_E_ARGUMENT:
        return EX_CONFIG;
    default:
        return EX_SOFTWARE;
    }
}

static int stop_requested;

static void
on_signal(int number)
{
    (void)number;
    hf_store_release(&stop_requested, 1); /* pairs with the load in hf_daemon_run() */
}

static void
install_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/** Three descriptors a session are more than the usual 1024 when there are many. */
static void
raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int
run(struct hf_daemon *daemon)
{
    raise_descriptor_limit();
    int cpu = (int)daemon->config.threads_engine_cpu;
    daemon->lock_fd = -1;
    daemon->name_fd = -1;
    daemon->numa_node = daemon->config.memory_numa_node >= 0 ? (int)daemon->config.memory_numa_node
                        : cpu >= 0                           ? hf_numa_node_of_cpu(cpu)
                                                             : -1;
    int code = hf_daemon_start(daemon);
    if (code == HF_OK) {
        code = hf_daemon_run(daemon, &stop_requested);
    }
    if (code != HF_OK) {
        hf_log(HF_LOG_ERROR, "%s", daemon->text);
    }
    bool started = code == HF_OK;
    hf_daemon_stop(daemon);
    if (started && hf_halted(&daemon->halt)) {
        return EX_IOERR;
    }
    return exit_code(code);
}

int
main(int argc, char **argv)
{
    static struct hf_daemon daemon;
    struct arguments arguments = {.daemon = &daemon};
    if (hf_config_init(&daemon.config) != HF_OK) {
        return EX_SOFTWARE;
    }
    argp_parse(&(struct argp){OPTIONS, parse, NULL, DOC, NULL, NULL, NULL}, argc, argv, 0, NULL,
               &arguments);
    bool good = hf_config_check(&daemon.config);
    fputs(daemon.config.errors, stderr);
    if (!good) {
        return EX_CONFIG;
    }
    if (arguments.print) {
        hf_config_print(&daemon.config, stdout);
    }
    if (arguments.print || arguments.check) {
        return EX_OK;
    }
    if (getenv("PMEM_IS_PMEM_FORCE") != NULL && !arguments.forced_pmem) {
        hf_log(HF_LOG_ERROR, "PMEM_IS_PMEM_FORCE is set: durability would be a lie; unset it");
        return EX_CONFIG;
    }
    install_signals();
    int code = run(&daemon);
    hf_config_free(&daemon.config);
    return code;
}
