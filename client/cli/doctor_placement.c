/*
 * doctor_placement.c - the doctor's checks of where the threads run (doctor.h): CPUs of their own, without the
 * tick, without interrupts, on one core each, on one node.
 */
#include "cli/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPU "sys/devices/system/cpu/"
#define NODE "sys/devices/system/node/"
#define NODES_MAX 64

/** Those of `wanted` that are not in `given`. */
static struct hf_cpus
missing(const struct hf_cpus *wanted, const struct hf_cpus *given)
{
    struct hf_cpus cpus = {0};
    for (int cpu = hf_cpus_next(wanted, 0); cpu >= 0; cpu = hf_cpus_next(wanted, cpu + 1)) {
        if (!hf_cpus_has(given, cpu)) {
            hf_cpus_add(&cpus, cpu);
        }
    }
    return cpus;
}

/** @return a CPU that two threads are pinned to; -1: none */
static int
crowded(const int cpus[HF_DOCTOR_THREADS])
{
    for (int i = 1; i < HF_DOCTOR_THREADS; i++) {
        for (int k = 0; k < i; k++) {
            if (cpus[i] >= 0 && cpus[i] == cpus[k]) {
                return cpus[i];
            }
        }
    }
    return -1;
}

static void
check_pinned(struct hf_doctor *doctor)
{
    int twice = crowded(doctor->subject.cpus);
    struct hf_cpus cpus = hf_doctor_pinned(&doctor->subject);
    struct hf_cpus online = hf_host_online(&doctor->host);
    struct hf_cpus absent = missing(&cpus, &online);
    bool pinned = doctor->subject.cpus[HF_DOCTOR_ENGINE] >= 0;
    bool few = hf_cpus_count(&online) < 4;
    if (hf_cpus_count(&online) == 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, "pinned", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "the kernel does not tell which CPUs are online");
        return;
    }
    struct hf_finding *finding =
        hf_doctor_find(doctor, "pinned",
                       hf_cpus_count(&absent) > 0 || twice >= 0 ? HF_VERDICT_SLOW
                       : pinned                                 ? HF_VERDICT_FINE
                                                                : HF_VERDICT_NOTE);
    char text[HF_DOCTOR_TEXT_BYTES];
    hf_doctor_pinned_text(&doctor->subject, text);
    if (hf_cpus_count(&absent) > 0) {
        hf_cpus_text(&absent, text, sizeof(text));
        hf_doctor_say(finding->what, "threads are to run on CPU %s, which is not online", text);
        hf_doctor_say(finding->mend,
                      "threads.engine_cpu, writer_cpu, sync_cpu: of those that lscpu lists");
    } else if (twice >= 0) {
        hf_doctor_say(finding->what, "%s", text);
        hf_doctor_say(finding->effect, "threads on CPU %d wait for each other's time slices",
                      twice);
        hf_doctor_say(finding->mend, "a CPU for each, or -1");
    } else if (pinned) {
        hf_doctor_say(finding->what, "%s", text);
    } else {
        hf_doctor_say(finding->what, "the engine may run on any of %d CPUs",
                      hf_cpus_count(&online));
        hf_doctor_say(finding->effect, "it moves, and leaves its caches behind");
        hf_doctor_say(finding->mend, few ? "with so few CPUs it is better left so"
                                         : "threads.engine_cpu = one that is isolated");
    }
}

/** A list of the kernel that ought to have all pinned CPUs. */
static void
check_list(struct hf_doctor *doctor, const char *check, const char *file, const char *effect,
           const char *argument)
{
    struct hf_cpus pinned = hf_doctor_pinned(&doctor->subject);
    struct hf_cpus given = hf_host_cpus(&doctor->host, CPU "%s", file);
    struct hf_cpus lacking = missing(&pinned, &given);
    char list[256];
    hf_cpus_text(&given, list, sizeof(list));
    if (hf_cpus_count(&pinned) == 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, check, HF_VERDICT_NOTE);
        hf_doctor_say(finding->what, "%s CPUs: %s; no thread is pinned", check, list);
        return;
    }
    bool good = hf_cpus_count(&lacking) == 0;
    struct hf_finding *finding =
        hf_doctor_find(doctor, check, good ? HF_VERDICT_FINE : HF_VERDICT_SLOW);
    hf_doctor_say(finding->what, "%s CPUs: %s", check, list);
    if (!good) {
        hf_cpus_text(&lacking, list, sizeof(list));
        hf_doctor_say(finding->effect, "on CPU %s %s", list, effect);
        hf_cpus_text(&pinned, list, sizeof(list));
        hf_doctor_say(finding->mend, "kernel argument %s%s, then update-grub and a reboot",
                      argument, list);
    }
}

/* Cores */

static void
check_siblings(struct hf_doctor *doctor)
{
    struct hf_cpus pinned = hf_doctor_pinned(&doctor->subject);
    struct hf_cpus isolated = hf_host_cpus(&doctor->host, CPU "isolated");
    struct hf_cpus shared = {0};
    bool told = true;
    int other = -1;
    for (int cpu = hf_cpus_next(&pinned, 0); cpu >= 0; cpu = hf_cpus_next(&pinned, cpu + 1)) {
        struct hf_cpus siblings =
            hf_host_cpus(&doctor->host, CPU "cpu%d/topology/thread_siblings_list", cpu);
        told = told && hf_cpus_count(&siblings) > 0;
        for (int with = hf_cpus_next(&siblings, 0); with >= 0;
             with = hf_cpus_next(&siblings, with + 1)) {
            if (with != cpu && hf_cpus_has(&pinned, with)) {
                hf_cpus_add(&shared, cpu);
            } else if (with != cpu && !hf_cpus_has(&isolated, with) && other < 0) {
                other = with;
            }
        }
    }
    char list[256];
    hf_cpus_text(&shared, list, sizeof(list));
    bool shares = hf_cpus_count(&shared) > 0;
    struct hf_finding *finding = hf_doctor_find(doctor, "smt",
                                                shares       ? HF_VERDICT_SLOW
                                                : other >= 0 ? HF_VERDICT_NOTE
                                                : told       ? HF_VERDICT_FINE
                                                             : HF_VERDICT_UNKNOWN);
    if (shares) {
        hf_doctor_say(finding->what, "CPUs %s are threads of the same core, and have a thread each",
                      list);
        hf_doctor_say(finding->effect, "two that spin on one core slow each other down");
        hf_doctor_say(finding->mend, "threads.*_cpu: one of each line of lscpu -e");
    } else if (other >= 0) {
        hf_doctor_say(finding->what,
                      "CPU %d shares its core with a pinned thread, and is used by others", other);
        hf_doctor_say(finding->effect, "who runs there takes up to half of the core");
        hf_doctor_say(finding->mend, "echo 0 >/" CPU "cpu%d/online", other);
    } else {
        hf_doctor_say(finding->what, told ? "no pinned thread shares its core"
                                          : "the kernel does not tell which CPUs share a core");
    }
}

/* Interrupts */

struct interrupts {
    const struct hf_host *host;
    struct hf_cpus pinned;
    unsigned seen;  /**< that the kernel tells the CPUs of */
    unsigned count; /**< that may come to a pinned CPU */
    char first[32];
};

static void
on_interrupt(void *context, const char *name)
{
    struct interrupts *interrupts = context;
    struct hf_cpus cpus =
        hf_host_cpus(interrupts->host, "proc/irq/%s/effective_affinity_list", name);
    if (hf_cpus_count(&cpus) == 0) {
        cpus = hf_host_cpus(interrupts->host, "proc/irq/%s/smp_affinity_list", name);
    }
    struct hf_cpus rest = missing(&interrupts->pinned, &cpus);
    interrupts->seen += hf_cpus_count(&cpus) > 0;
    if (hf_cpus_count(&rest) < hf_cpus_count(&interrupts->pinned)) {
        if (interrupts->count++ == 0) {
            (void)snprintf(interrupts->first, sizeof(interrupts->first), "%.31s", name);
        }
    }
}

static void
check_interrupts(struct hf_doctor *doctor)
{
    struct interrupts interrupts = {.host = &doctor->host,
                                    .pinned = hf_doctor_pinned(&doctor->subject)};
    if (hf_cpus_count(&interrupts.pinned) == 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, "interrupts", HF_VERDICT_NOTE);
        hf_doctor_say(finding->what, "no thread is pinned: there is no CPU to keep them from");
        return;
    }
    hf_host_each(&doctor->host, "proc/irq", on_interrupt, &interrupts);
    if (interrupts.seen == 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, "interrupts", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "the kernel does not tell where interrupts go");
        return;
    }
    bool good = interrupts.count == 0;
    struct hf_finding *finding =
        hf_doctor_find(doctor, "interrupts", good ? HF_VERDICT_FINE : HF_VERDICT_SLOW);
    if (good) {
        hf_doctor_say(finding->what, "no device's interrupt comes to a pinned CPU");
        return;
    }
    char list[256];
    hf_cpus_text(&interrupts.pinned, list, sizeof(list));
    hf_doctor_say(finding->what, "%u devices' interrupts come to CPUs %s (number %s first)",
                  interrupts.count, list, interrupts.first);
    hf_doctor_say(finding->effect, "each takes some microseconds from the thread there");
    struct hf_cpus online = hf_host_online(&doctor->host);
    struct hf_cpus others = missing(&online, &interrupts.pinned);
    hf_cpus_text(&others, list, sizeof(list));
    hf_doctor_say(finding->mend,
                  "for f in /proc/irq/*/smp_affinity_list; do echo %s >$f; done; and irqbalance "
                  "off, or with IRQBALANCE_BANNED_CPULIST",
                  list);
}

/* Nodes */

struct nodes {
    const struct hf_host *host;
    struct hf_cpus numbers;
};

static void
on_node(void *context, const char *name)
{
    struct nodes *nodes = context;
    int number = -1;
    char rest = '\0';
    if (sscanf(name, "node%d%c", &number, &rest) == 1) { /* NOLINT: checked by what it returns */
        hf_cpus_add(&nodes->numbers, number);
    }
}

static int
node_of(const struct nodes *nodes, int cpu)
{
    for (int node = hf_cpus_next(&nodes->numbers, 0); node >= 0;
         node = hf_cpus_next(&nodes->numbers, node + 1)) {
        struct hf_cpus cpus = hf_host_cpus(nodes->host, NODE "node%d/cpulist", node);
        if (hf_cpus_has(&cpus, cpu)) {
            return node;
        }
    }
    return -1;
}

/** Of a line like "10 21", in the order of the nodes. @return 0: not told */
static long
distance(const struct nodes *nodes, int from, int to)
{
    char text[1024];
    char *at = text;
    long value = 0;
    if (!hf_host_read(nodes->host, text, sizeof(text), NODE "node%d/distance", from)) {
        return 0;
    }
    for (int node = hf_cpus_next(&nodes->numbers, 0); node >= 0 && node <= to;
         node = hf_cpus_next(&nodes->numbers, node + 1)) {
        value = strtol(at, &at, 10);
    }
    return value;
}

static void
check_nodes(struct hf_doctor *doctor)
{
    struct nodes nodes = {.host = &doctor->host};
    const int *cpus = doctor->subject.cpus;
    hf_host_each(&doctor->host, NODE, on_node, &nodes);
    int count = hf_cpus_count(&nodes.numbers);
    if (count <= 1) {
        bool told =
            count == 1 || hf_host_has(&doctor->host, CPU "online"); /* a kernel without nodes */
        struct hf_finding *finding =
            hf_doctor_find(doctor, "numa", told ? HF_VERDICT_FINE : HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, told ? "one node: all memory is equally far"
                                          : "the kernel does not tell of its nodes");
        return;
    }
    int home = cpus[HF_DOCTOR_ENGINE] < 0 ? -1 : node_of(&nodes, cpus[HF_DOCTOR_ENGINE]);
    int away = -1;
    for (int i = HF_DOCTOR_WRITER; i < HF_DOCTOR_THREADS; i++) {
        int node = cpus[i] < 0 ? home : node_of(&nodes, cpus[i]);
        away = node != home ? node : away;
    }
    bool apart = home >= 0 && away >= 0;
    struct hf_finding *finding = hf_doctor_find(doctor, "numa",
                                                apart       ? HF_VERDICT_SLOW
                                                : home >= 0 ? HF_VERDICT_FINE
                                                            : HF_VERDICT_SLOW);
    if (apart) {
        hf_doctor_say(finding->what, "the log's threads run on node %d, the engine on node %d",
                      away, home);
        hf_doctor_say(finding->effect,
                      "each record crosses between them: distance %ld, against %ld at home",
                      distance(&nodes, home, away), distance(&nodes, home, home));
        hf_doctor_say(finding->mend, "threads.writer_cpu and sync_cpu of node %d", home);
    } else if (home >= 0) {
        hf_doctor_say(finding->what, "all pinned threads are on node %d of %d", home, count);
    } else {
        hf_doctor_say(finding->what, "%d nodes, and the engine may run on any", count);
        hf_doctor_say(
            finding->effect,
            "its memory may lie on another node than it runs on: distance %ld, against %ld at home",
            distance(&nodes, hf_cpus_next(&nodes.numbers, 0),
                     hf_cpus_next(&nodes.numbers, hf_cpus_next(&nodes.numbers, 0) + 1)),
            distance(&nodes, hf_cpus_next(&nodes.numbers, 0), hf_cpus_next(&nodes.numbers, 0)));
        hf_doctor_say(finding->mend, "threads.engine_cpu, writer_cpu, sync_cpu of one node");
    }
}

static void
check_balancing(struct hf_doctor *doctor)
{
    int64_t balancing = 0;
    if (!hf_host_number(&doctor->host, &balancing, "proc/sys/kernel/numa_balancing")) {
        return;
    }
    struct hf_finding *finding = hf_doctor_find(doctor, "numa_balancing",
                                                balancing != 0 ? HF_VERDICT_SLOW : HF_VERDICT_FINE);
    hf_doctor_say(finding->what, "the kernel %s memory between nodes",
                  balancing != 0 ? "moves" : "does not move");
    if (balancing != 0) {
        hf_doctor_say(finding->effect,
                      "it makes the engine fault on its pages to see who uses them");
        hf_doctor_say(finding->mend, "sysctl kernel.numa_balancing=0");
    }
}

void
hf_doctor_check_placement(struct hf_doctor *doctor)
{
    check_pinned(doctor);
    check_list(doctor, "isolated", "isolated", "the scheduler may run anything else",
               "isolcpus=managed_irq,domain,");
    check_list(doctor, "nohz_full", "nohz_full",
               "the kernel's tick interrupts the thread 100 to 1,000 times a second", "nohz_full=");
    check_siblings(doctor);
    check_interrupts(doctor);
    check_nodes(doctor);
    check_balancing(doctor);
}
