/* main.c - the program holdfastd: arguments, signals, exit codes. */
#include "daemon/control.h"
#include "daemon/daemon.h"

#include "base/atomic.h"
#include "base/cpu.h"
#include "base/log.h"
#include "base/numa.h"
#include "base/output.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

const char *argp_program_version = "holdfastd " HF_VERSION;

static const char DOC[] =
    "The daemon of one Holdfast instance: sequences, logs and matches the orders of its sessions.\v"
    "Without --config it runs on built-in defaults with one instrument, DEMO.\n\n"
    "Signals: SIGTERM and SIGINT flush everything and stop; sessions and their shared memory stay "
    "for the next start. In recovery they end it, with nothing changed. SIGHUP reads the "
    "configuration again: what may change at run time changes, the rest is told.\n\n"
    "Exit codes: 0 stopped cleanly; 64 usage; 65 damage or a foreign version in log or shared "
    "memory; 69 another daemon has this instance; 70 out of memory or a system call failed; 74 "
    "input/output error, or halted before the stop; 77 permission denied; 78 configuration.";

enum { OPTION_CHECK = 256, OPTION_PRINT, OPTION_HELP_CONFIG, OPTION_ABANDON, OPTION_FORCED_PMEM };

static const struct argp_option OPTIONS[] = {
    {"config", 'c', "FILE", 0, "Read the configuration from FILE", 0},
    {"set", 's', "SECTION.NAME=VALUE", 0, "Set one parameter, after the file; may be repeated", 0},
    {"check-config", OPTION_CHECK, NULL, 0, "Name each mistake of the configuration, then exit", 0},
    {"print-config", OPTION_PRINT, NULL, 0, "Print the configuration with comments, then exit", 0},
    {"help-config", OPTION_HELP_CONFIG, NULL, 0,
     "List every parameter with its range, default and meaning, then exit", 0},
    {"abandon-shm", OPTION_ABANDON, NULL, 0,
     "Give up what shared memory knows beyond the log: its objects are removed, clients are told "
     "by a new history id",
     0},
    {"test-forced-pmem", OPTION_FORCED_PMEM, NULL, 0,
     "Allow PMEM_IS_PMEM_FORCE in the environment. For tests: a log on ordinary memory is lost "
     "with the power",
     0},
    {0},
};

struct arguments {
    struct hf_config_source source; /**< its sets: as many as argc at most */
    bool check;
    bool print;
    bool abandon_shm;
    bool forced_pmem;
};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'c':
        if (arguments->source.path != NULL) {
            argp_error(state, "--config is given twice: an instance has one file");
        }
        arguments->source.path = argument;
        return 0;
    case 's':
        arguments->source.sets[arguments->source.set_count++] = argument;
        return 0;
    case OPTION_HELP_CONFIG:
        hf_config_print_help(stdout);
        exit(EX_OK);
    case OPTION_CHECK:
        arguments->check = true;
        return 0;
    case OPTION_PRINT:
        arguments->print = true;
        return 0;
    case OPTION_ABANDON:
        arguments->abandon_shm = true;
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
    case HF_AGAIN: /* a signal ended it in recovery */
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
static int reload_requested;

/** Pairs with hf_daemon_run(), which loads the one and exchanges the other. */
static void
on_signal(int number)
{
    hf_store_release(number == SIGHUP ? &reload_requested : &stop_requested, 1);
}

static void
install_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* EFBIG then, and a halt that says so */
}

/** Who starts us with closed standard descriptors must not find our log's text in the first files that we
 *  open. @return false: there is no /dev/null */
static bool
fill_standard_descriptors(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR); /* NOLINT: 0 to 2 are kept over exec like everybody's */
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
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

/** Before anything is allocated and any thread runs: a shared-memory object gets its pages when it is
 *  created, and where a page lies is decided once. */
static void
choose_node(struct hf_daemon *daemon)
{
    int cpu = (int)daemon->config.threads_engine_cpu;
    daemon->numa_node = daemon->config.memory_numa_node >= 0 ? (int)daemon->config.memory_numa_node
                        : cpu >= 0                           ? hf_numa_node_of_cpu(cpu)
                                                             : -1;
    int code = daemon->numa_node < 0 ? 0 : hf_numa_prefer(daemon->numa_node);
    if (code != 0) {
        hf_log(HF_LOG_WARNING, "cannot get memory of node %d: %s (slower, not less safe)",
               daemon->numa_node, strerror(-code));
    }
}

static int
run(struct hf_daemon *daemon)
{
    daemon->reload = &reload_requested;
    raise_descriptor_limit();
    hf_memory_wish(strcmp(daemon->config.memory_lock, "yes") == 0,
                   strcmp(daemon->config.memory_huge_pages, "yes") == 0);
    daemon->stop = &stop_requested;
    daemon->greets = true;
    daemon->lock_fd = -1;
    daemon->name_fd = -1;
    choose_node(daemon);
    int code = hf_daemon_start(daemon);
    if (code == HF_OK) {
        code = hf_daemon_run(daemon, &stop_requested);
    }
    if (code != HF_OK) {
        hf_log(code == HF_AGAIN ? HF_LOG_NOTICE : HF_LOG_ERROR, "%s", daemon->text);
    }
    bool started = code == HF_OK;
    hf_daemon_stop(daemon);
    if (started && hf_halted(&daemon->halt)) {
        return EX_IOERR;
    }
    return exit_code(code);
}

static int
start(struct hf_daemon *daemon, bool forced_pmem)
{
    if (getenv("PMEM_IS_PMEM_FORCE") != NULL && !forced_pmem) {
        hf_log(HF_LOG_ERROR, "PMEM_IS_PMEM_FORCE is set: durability would be a lie; unset it");
        return EX_CONFIG;
    }
    install_signals();
    return run(daemon);
}

/** Read the configuration, and tell all that is wrong with it. @return an exit code */
static int
configure(struct hf_config *config, const struct hf_config_source *source)
{
    struct hf_allow allow = {0};
    int code = hf_config_read(config, source);
    if (code != HF_E_MEMORY) {
        int checked = hf_control_check(config, &allow);
        code = code == HF_OK ? checked : code;
    }
    hf_allow_free(&allow);
    fputs(config->errors, stderr);
    return exit_code(code);
}

int
main(int argc, char **argv)
{
    static struct hf_daemon daemon;
    static struct arguments arguments;
    const char *lacks = hf_cpu_lacks();
    hf_output_guard();
    if (lacks != NULL) {
        hf_log(HF_LOG_ERROR, "%s", lacks);
        return EX_SOFTWARE;
    }
    arguments.source.sets = calloc((size_t)argc + 1, sizeof(*arguments.source.sets));
    if (!fill_standard_descriptors() || arguments.source.sets == NULL) {
        return EX_SOFTWARE;
    }
    argp_parse(&(struct argp){OPTIONS, parse, NULL, DOC, NULL, NULL, NULL}, argc, argv, 0, NULL,
               &arguments);
    int code = configure(&daemon.config, &arguments.source);
    if (code == EX_OK && arguments.print) {
        hf_config_print(&daemon.config, stdout);
    }
    if (code == EX_OK && !arguments.print && !arguments.check) {
        daemon.source = &arguments.source;
        daemon.abandon_shm = arguments.abandon_shm;
        code = start(&daemon, arguments.forced_pmem);
    }
    hf_config_free(&daemon.config);
    free(arguments.source.sets);
    return code;
}
