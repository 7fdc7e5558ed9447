/* doctor_cpu.c - the doctor's checks of processors (doctor.h): clock rates, sleep states, clock, noise. */
#include "cli/doctor.h"

#include <stdlib.h>
#include <string.h>

#define CPU "sys/devices/system/cpu/"
#define DEEP_SLEEP_US 10    /* to wake from it costs more than an order */
#define SLOW_CLOCK_NS 100.0 /* a reading by system call, or from a device */
#define NOISE_PAUSE_NS 100000u
#define NOISE_SHARE 0.01 /* of the time */
#define NO_CPUS "the kernel does not tell which CPUs are online"
#define NS_PER_US 1e3
#define NS_PER_S 1e9

/* Clock rates and sleep */

static void
check_governor(struct hf_doctor *doctor)
{
    struct hf_cpus online = hf_host_online(&doctor->host);
    struct hf_cpus slow = {0};
    char other[32] = "";
    int told = 0;
    for (int cpu = hf_cpus_next(&online, 0); cpu >= 0; cpu = hf_cpus_next(&online, cpu + 1)) {
        char governor[32];
        if (!hf_host_read(&doctor->host, governor, sizeof(governor),
                          CPU "cpu%d/cpufreq/scaling_governor", cpu)) {
            continue;
        }
        told++;
        if (strcmp(governor, "performance") != 0) {
            hf_cpus_add(&slow, cpu);
            (void)snprintf(other, sizeof(other), "%s", governor);
        }
    }
    bool good = hf_cpus_count(&slow) == 0;
    bool seen = hf_cpus_count(&online) > 0;
    struct hf_finding *finding = hf_doctor_find(doctor, "governor",
                                                !seen  ? HF_VERDICT_UNKNOWN
                                                : good ? HF_VERDICT_FINE
                                                       : HF_VERDICT_SLOW);
    if (!seen) {
        hf_doctor_say(finding->what, NO_CPUS);
    } else if (told == 0) {
        hf_doctor_say(finding->what, "the kernel does not change clock rates here");
    } else if (good) {
        hf_doctor_say(finding->what, "performance on all CPUs");
    } else {
        char list[256];
        hf_cpus_text(&slow, list, sizeof(list));
        hf_doctor_say(finding->what, "%s on CPUs %s", other, list);
        hf_doctor_say(finding->effect, "a processor that was idle is slow at first, for up to some "
                                       "10 ms");
        hf_doctor_say(finding->mend, "cpupower frequency-set -g performance");
    }
}

/** The deepest state that a CPU may enter: how long it takes to wake. */
static int64_t
wake_us(const struct hf_host *host, int cpu)
{
    int64_t worst = 0;
    for (int state = 0; hf_host_has(host, CPU "cpu%d/cpuidle/state%d", cpu, state); state++) {
        int64_t latency = 0;
        int64_t disabled = 0;
        (void)hf_host_number(host, &disabled, CPU "cpu%d/cpuidle/state%d/disable", cpu, state);
        if (disabled == 0 &&
            hf_host_number(host, &latency, CPU "cpu%d/cpuidle/state%d/latency", cpu, state) &&
            latency > worst) {
            worst = latency;
        }
    }
    return worst;
}

static void
check_sleep_states(struct hf_doctor *doctor)
{
    struct hf_cpus cpus = hf_doctor_pinned(&doctor->subject);
    struct hf_cpus online = hf_host_online(&doctor->host);
    cpus = hf_cpus_count(&cpus) > 0 ? cpus : online;
    int64_t worst = 0;
    for (int cpu = hf_cpus_next(&cpus, 0); cpu >= 0; cpu = hf_cpus_next(&cpus, cpu + 1)) {
        int64_t us = wake_us(&doctor->host, cpu);
        worst = us > worst ? us : worst;
    }
    bool deep = worst > DEEP_SLEEP_US;
    bool told = hf_host_has(&doctor->host, CPU "cpu%d/cpuidle/state0", hf_cpus_next(&cpus, 0));
    bool seen = hf_cpus_count(&online) > 0;
    struct hf_finding *finding = hf_doctor_find(doctor, "sleep_states",
                                                !seen  ? HF_VERDICT_UNKNOWN
                                                : deep ? HF_VERDICT_SLOW
                                                       : HF_VERDICT_FINE);
    if (!seen) {
        hf_doctor_say(finding->what, NO_CPUS);
    } else if (told) {
        hf_doctor_say(finding->what, "an idle processor needs up to %lld us to wake",
                      (long long)worst);
    } else {
        hf_doctor_say(finding->what, "the kernel puts no processor into deep sleep here");
    }
    if (deep) {
        hf_doctor_say(finding->effect, "the first order after a pause waits so much longer, unless "
                                       "threads.engine_wait = spin");
        hf_doctor_say(finding->mend, "cpupower idle-set -D %d", DEEP_SLEEP_US);
    }
}

/* The clock */

static void
check_clock(struct hf_doctor *doctor)
{
    static const char *const good[] = {"tsc", "kvm-clock", "arch_sys_counter",
                                       "hyperv_clocksource_tsc_page", NULL};
    const struct hf_measured *m = &doctor->measured;
    char source[64];
    bool told = hf_host_read(&doctor->host, source, sizeof(source), "%s",
                             "sys/devices/system/clocksource/clocksource0/current_clocksource");
    bool known = false;
    for (int i = 0; good[i] != NULL && !known; i++) {
        known = strcmp(source, good[i]) == 0;
    }
    bool slow = m->clock ? m->clock_ns > SLOW_CLOCK_NS : !known;
    struct hf_finding *finding = hf_doctor_find(doctor, "clock_source",
                                                !told && !m->clock ? HF_VERDICT_UNKNOWN
                                                : slow             ? HF_VERDICT_SLOW
                                                                   : HF_VERDICT_FINE);
    hf_doctor_say(finding->what, "clock source: %s", told ? source : "not told");
    if (m->clock) {
        hf_doctor_say(finding->effect, "a reading takes %.1f ns", m->clock_ns);
    } else if (slow) {
        hf_doctor_say(finding->effect, "each reading is a system call, or waits for a device");
    }
    if (slow) {
        hf_doctor_say(finding->mend, "echo tsc >/sys/devices/system/clocksource/clocksource0/"
                                     "current_clocksource; kernel argument tsc=reliable, if the "
                                     "processor's is");
    }
}

/* Who else has the processor */

static void
check_noise(struct hf_doctor *doctor)
{
    const struct hf_measured *m = &doctor->measured;
    if (!m->noise) {
        struct hf_finding *finding = hf_doctor_find(doctor, "noise", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "not measured%s",
                      doctor->subject.runs
                          ? ": the engine would feel it (--measure always does it all the same)"
                          : "");
        return;
    }
    double share = (double)m->lost_ns / (double)m->noise_ns;
    bool noisy = m->longest_ns > NOISE_PAUSE_NS || share > NOISE_SHARE;
    struct hf_finding *finding =
        hf_doctor_find(doctor, "noise", noisy ? HF_VERDICT_SLOW : HF_VERDICT_FINE);
    hf_doctor_say(finding->what, "CPU %d, spun for %.1f s: %.2f %% of the time went to others",
                  m->noise_cpu, (double)m->noise_ns / NS_PER_S, share * 100);
    hf_doctor_say(
        finding->effect,
        "the longest pause was %.1f us; %llu were longer than 10 us; %llu interrupts; the "
        "hypervisor took %llu ms",
        (double)m->longest_ns / NS_PER_US, (unsigned long long)m->pauses,
        (unsigned long long)m->interrupts, (unsigned long long)m->stolen_ms);
    if (noisy) {
        hf_doctor_say(finding->mend, "a CPU that nothing else uses: see isolated, nohz_full, "
                                     "interrupts; in a virtual machine: pinned, dedicated CPUs");
    }
}

/** Of a container or a unit: "max 100000" is no limit. */
static void
check_quota(struct hf_doctor *doctor)
{
    char *text = doctor->subject.pid != 0 ? hf_host_load(&doctor->host, "proc/%llu/cgroup",
                                                         (unsigned long long)doctor->subject.pid)
                                          : hf_host_load(&doctor->host, "proc/self/cgroup");
    char *group = text == NULL ? NULL : strstr(text, "0::/");
    char quota[64];
    if (group != NULL) {
        group += strlen("0::/");
        group[strcspn(group, "\n")] = '\0';
    }
    bool told = group != NULL && hf_host_read(&doctor->host, quota, sizeof(quota),
                                              "sys/fs/cgroup/%s/cpu.max", group);
    if (told && strncmp(quota, "max", 3) != 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, "quota", HF_VERDICT_SLOW);
        hf_doctor_say(finding->what, "%s may use %s us of processor time a period",
                      doctor->subject.pid != 0 ? "the daemon" : "this shell", quota);
        hf_doctor_say(finding->effect,
                      "when they are used up it stands still until the next period");
        hf_doctor_say(finding->mend,
                      "CPUQuota= in the unit, or the container's limit: take it away");
    }
    free(text);
}

void
hf_doctor_check_cpu(struct hf_doctor *doctor)
{
    check_noise(doctor);
    check_governor(doctor);
    check_sleep_states(doctor);
    check_clock(doctor);
    check_quota(doctor);
}
