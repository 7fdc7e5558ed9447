/* doctor.c - holdfast doctor: options, what is looked at, what is measured (doctor.h). */
#include "cli/doctor.h"

#include "cli/cli.h"
#include "cli/target.h"

#include <holdfast/client.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_MEASURE = 256, OPTION_ROOT, OPTION_JSON };
enum measure { MEASURE_AUTO, MEASURE_ALWAYS, MEASURE_NEVER };

struct arguments {
    struct hf_cli_target target;
    const char *config;
    const char *root;
    int measure;
    bool json;
};

static const char doc[] =
    "Say what on this host costs latency or safety, what that costs, and how to mend it.\v"
    "With --instance it looks at a daemon that runs: where its threads are, what it may lock, "
    "where its log lies. With --config it looks at an instance as it would run. With neither: at "
    "the host, as an instance with the default configuration would find it. As root it sees "
    "all.\n\n"
    "It measures what it can: flushes in the log's directory (for two seconds at most), a second "
    "of spinning on the engine's processor, the clock, pages. Beside a daemon that runs, only what "
    "does not disturb it; flushes are then the daemon's own.\n\n"
    "UNSAFE endangers what was acknowledged, or that orders are taken; SLOW costs latency. The "
    "exit code is 1 if anything is UNSAFE.\n\n" HF_EXIT_CODES_TEXT;

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "Look at an instance as this file configures it", 0},
    {"measure", OPTION_MEASURE, "WHEN", 0,
     "auto (default): but for what would disturb a daemon that runs; always; never", 0},
    {"root", OPTION_ROOT, "DIRECTORY", 0,
     "Read /proc and /sys below this directory, a copy of another host's; measures nothing", 0},
    {"json", 'j', NULL, 0, "One JSON object; times in nanoseconds", 0},
    {0}};

static const struct argp_child children[] = {{&hf_cli_target_argp, 0, "Which daemon:", 9}, {0}};

static const struct hf_cli_choice measures[] = {
    {"auto", MEASURE_AUTO}, {"always", MEASURE_ALWAYS}, {"never", MEASURE_NEVER}, {NULL, 0}};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->target;
        return 0;
    case 'c':
        arguments->config = argument;
        return 0;
    case OPTION_MEASURE:
        arguments->measure = hf_cli_choose(state, "--measure", argument, measures);
        return 0;
    case OPTION_ROOT:
        arguments->root = argument;
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no argument is expected, but there is '%s'", argument);
        return 0;
    case ARGP_KEY_END:
        if (arguments->config != NULL && arguments->target.optioned) {
            argp_error(state,
                       "--config is for an instance as it would run, --instance and --socket "
                       "are for one that runs: take one of them");
        }
        if (arguments->root[0] != '\0') {
            arguments->measure = MEASURE_NEVER;
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp doctor_argp = {
    .options = options, .parser = parse, .doc = doc, .children = children};

/** Whether a daemon of a configuration answers. */
static bool
runs(const struct hf_config *config)
{
    struct hf_observer *observer = NULL;
    int code = hf_observe(&observer, config->instance_name, config->instance_socket);
    hf_observer_close(observer);
    return code == HF_OK;
}

/** @return an exit code */
static int
look_at_config(struct hf_subject *subject, const char *path)
{
    struct hf_config *config = malloc(sizeof(*config));
    const struct hf_config_source source = {.path = path};
    int code = config == NULL ? HF_E_MEMORY : hf_config_read(config, &source);
    if (code == HF_OK) {
        hf_subject_of_config(subject, config);
        subject->runs = runs(config);
    } else if (code == HF_E_ARGUMENT) {
        (void)fputs(config->errors, stderr);
    }
    if (config != NULL) {
        hf_config_free(config);
    }
    free(config);
    return code == HF_OK           ? HF_EXIT_OK
           : code == HF_E_ARGUMENT ? HF_EXIT_CONFIG
                                   : hf_cli_fail("doctor", NULL, code);
}

/** Of a daemon that keeps none, nothing is known. */
static void
take_metrics(struct hf_observer *observer, struct hf_doctor *doctor)
{
    const struct hf_metrics *metrics;
    struct hf_histogram flushes;
    if (hf_observer_metrics(observer, &metrics) == HF_OK) {
        hf_metrics_histogram(&metrics->sync.flush_ns, &flushes);
        hf_doctor_take_flushes(&doctor->measured, &flushes);
        hf_subject_take_metrics(&doctor->subject, metrics);
    } else {
        hf_doctor_say(doctor->measured.why_not, "the daemon's metrics cannot be read");
    }
}

/** @return an exit code */
static int
look_at_daemon(struct hf_doctor *doctor, const struct hf_cli_target *target)
{
    struct hf_observer *observer = NULL;
    struct hf_status status;
    int code = hf_observe(&observer, target->instance, target->socket_path);
    if (code != HF_OK) {
        int exit_code = hf_cli_fail("doctor", NULL, code);
        if (code == HF_E_NO_DAEMON) {
            (void)fprintf(stderr,
                          "holdfast doctor: an instance that does not run is looked at with "
                          "--config FILE\n");
        }
        return exit_code;
    }
    hf_observer_status(observer, &status);
    hf_subject_of_daemon(&doctor->subject, &doctor->host, &status);
    take_metrics(observer, doctor);
    hf_observer_close(observer);
    return HF_EXIT_OK;
}

/** Beside a daemon that runs nothing that takes its processor or its disk. */
static void
measure(struct hf_doctor *doctor, int when)
{
    bool alone = !doctor->subject.runs || when == MEASURE_ALWAYS;
    if (when == MEASURE_NEVER) {
        return;
    }
    hf_doctor_measure_memory(&doctor->measured);
    if (alone) {
        hf_doctor_measure_noise(&doctor->measured, doctor->subject.cpus[HF_DOCTOR_ENGINE]);
        hf_doctor_measure_flush(&doctor->measured, doctor->subject.directory);
    }
}

/** A copy of a host has both; where one lacks, most checks would find nothing. */
static bool
is_host(const struct hf_host *host)
{
    static const char *const trees[] = {"proc", "sys"};
    for (int i = 0; i < 2; i++) {
        if (!hf_host_has(host, "%s/.", trees[i])) {
            (void)fprintf(stderr,
                          "holdfast doctor: --root %s: there is no %s/ below it: it is no "
                          "copy of a host, or cannot be read\n",
                          host->root, trees[i]);
            return false;
        }
    }
    return true;
}

static int
examine(struct hf_doctor *doctor, const struct arguments *arguments)
{
    int exit_code = arguments->config == NULL && arguments->target.named
                        ? look_at_daemon(doctor, &arguments->target)
                        : look_at_config(&doctor->subject, arguments->config);
    if (exit_code != HF_EXIT_OK) {
        return exit_code;
    }
    if (arguments->config == NULL && !arguments->target.named) {
        doctor->subject.name[0] = '\0'; /* nobody asked for an instance */
    }
    measure(doctor, arguments->measure);
    hf_doctor_check_disk(doctor);
    hf_doctor_check_memory(doctor);
    hf_doctor_check_cpu(doctor);
    hf_doctor_check_placement(doctor);
    (arguments->json ? hf_doctor_print_json : hf_doctor_print)(doctor, stdout);
    return hf_doctor_worst(doctor) == HF_VERDICT_UNSAFE ? HF_EXIT_FAILED : HF_EXIT_OK;
}

int
hf_cli_doctor(int argc, char **argv)
{
    struct arguments arguments = {.root = ""};
    if (argp_parse(&doctor_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return HF_EXIT_USAGE;
    }
    struct hf_doctor *doctor = calloc(1, sizeof(*doctor));
    if (doctor == NULL) {
        return hf_cli_fail("doctor", NULL, HF_E_MEMORY);
    }
    doctor->host.root = arguments.root;
    int exit_code = arguments.root[0] == '\0' || is_host(&doctor->host)
                        ? examine(doctor, &arguments)
                        : HF_EXIT_NO_INPUT;
    free(doctor);
    return exit_code;
}
