/* doctor_memory.c - the doctor's checks of memory (doctor.h): huge pages, what keeps memory from staying. */
#include "cli/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PAGE_COSTS "A page that has to come back costs a disk's time"
#define HUGE_ORDER 9        /* of 4 KiB pages, in a huge page */
#define HUGE_ENOUGH_MIB 512 /* books and pools of the default configuration take less */
#define THP "sys/kernel/mm/transparent_hugepage/"

/** @return the number of a line of /proc/PID/FILE; negative: not told */
static long
process_kib(const struct hf_doctor *doctor, const char *file, const char *name)
{
    char *text =
        hf_host_load(&doctor->host, "proc/%llu/%s", (unsigned long long)doctor->subject.pid, file);
    const char *at = text == NULL ? NULL : strstr(text, name);
    long kib = at == NULL ? -1 : strtol(at + strlen(name), NULL, 10);
    free(text);
    return kib;
}

/* Huge pages */

static void
say_page_effect(struct hf_finding *finding, const struct hf_measured *m)
{
    if (m->pages) {
        hf_doctor_say(
            finding->effect,
            "a look at a random place of 64 MiB takes %.1f ns, where the kernel was asked for huge "
            "pages %.1f ns",
            m->small_ns, m->huge_ns);
    }
}

/** Books and pools ask for huge pages by madvise(). */
static void
check_thp(struct hf_doctor *doctor)
{
    char word[32];
    if (!hf_host_choice(&doctor->host, word, sizeof(word), THP "enabled")) {
        struct hf_finding *finding = hf_doctor_find(doctor, "thp", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "this kernel has no transparent huge pages, or does not tell");
        return;
    }
    bool given = strcmp(word, "never") != 0;
    struct hf_finding *finding =
        hf_doctor_find(doctor, "thp", given ? HF_VERDICT_FINE : HF_VERDICT_SLOW);
    hf_doctor_say(finding->what, "transparent huge pages: %s", word);
    say_page_effect(finding, &doctor->measured);
    if (!given) {
        hf_doctor_say(finding->mend, "echo madvise >/" THP "enabled");
    }
}

/** @return MiB that lie free in blocks of 2 MiB and more; negative: not told */
static long
free_huge_mib(const struct hf_host *host)
{
    char *text = hf_host_load(host, "proc/buddyinfo");
    char *rest = text;
    long mib = 0;
    if (text == NULL) {
        return -1;
    }
    for (const char *line; (line = strsep(&rest, "\n")) != NULL;) {
        const char *zone = strstr(line, "zone ");
        char *at = zone == NULL ? NULL : (char *)zone + strlen("zone ");
        at = at == NULL ? NULL : at + strspn(at, " ");
        at = at == NULL ? NULL : at + strcspn(at, " ");
        for (int order = 0; at != NULL && *at != '\0'; order++) {
            char *end;
            long blocks = strtol(at, &end, 10);
            mib += order >= HUGE_ORDER && end != at ? blocks << (order - HUGE_ORDER + 1) : 0;
            at = end == at ? NULL : end;
        }
    }
    free(text);
    return mib;
}

/** Of a daemon that runs: what it got. Else: whether there is anything to be got. */
static void
check_huge_pages(struct hf_doctor *doctor)
{
    const struct hf_subject *subject = &doctor->subject;
    if (subject->pid != 0) {
        long resident = process_kib(doctor, "smaps_rollup", "Anonymous:");
        long huge = process_kib(doctor, "smaps_rollup", "AnonHugePages:");
        bool told = resident > 0 && huge >= 0;
        bool good = told && huge >= resident / 2;
        struct hf_finding *finding = hf_doctor_find(doctor, "huge_pages",
                                                    !told  ? HF_VERDICT_UNKNOWN
                                                    : good ? HF_VERDICT_FINE
                                                           : HF_VERDICT_SLOW);
        hf_doctor_say(finding->what,
                      told ? "%ld of the daemon's %ld MiB lie in huge pages"
                           : "the daemon's pages cannot be looked at: run this as root",
                      huge >> 10, resident >> 10);
        if (told && !good) {
            char unit[HF_DOCTOR_TEXT_BYTES];
            hf_doctor_unit(subject, unit);
            hf_doctor_say(finding->mend,
                          "memory.huge_pages = yes, see thp; then: sysctl vm.compact_memory=1 && "
                          "systemctl restart %.100s",
                          unit);
        }
        return;
    }
    long mib = free_huge_mib(&doctor->host);
    struct hf_finding *finding = hf_doctor_find(doctor, "huge_pages",
                                                mib < 0                 ? HF_VERDICT_UNKNOWN
                                                : mib < HUGE_ENOUGH_MIB ? HF_VERDICT_SLOW
                                                                        : HF_VERDICT_FINE);
    if (mib < 0) {
        hf_doctor_say(finding->what, "the kernel does not tell how its free memory lies");
        return;
    }
    hf_doctor_say(finding->what, "%ld MiB lie free in blocks that make huge pages", mib);
    if (mib < HUGE_ENOUGH_MIB) {
        hf_doctor_say(finding->effect,
                      "a daemon that starts gets small ones for the rest, or waits");
        hf_doctor_say(finding->mend, "sysctl vm.compact_memory=1");
    }
}

/** Holdfast does not use the pool of hugetlbfs: what is reserved there is missing elsewhere. */
static void
check_reserved_pages(struct hf_doctor *doctor)
{
    int64_t pages = 0;
    if (!hf_host_number(&doctor->host, &pages, "proc/sys/vm/nr_hugepages") || pages == 0) {
        return;
    }
    struct hf_finding *finding = hf_doctor_find(doctor, "hugetlb", HF_VERDICT_NOTE);
    hf_doctor_say(finding->what, "%lld huge pages are reserved", (long long)pages);
    hf_doctor_say(finding->effect, "Holdfast takes transparent ones: this memory is for other "
                                   "programs only");
    hf_doctor_say(finding->mend, "sysctl vm.nr_hugepages=0, if nothing else needs them");
}

/* Memory that stays */

/** What a daemon that runs has locked, of the memory that is its own. */
static void
check_locked(struct hf_doctor *doctor)
{
    long locked = process_kib(doctor, "status", "VmLck:");
    long own = process_kib(doctor, "status", "RssAnon:");
    bool good = locked >= own;
    struct hf_finding *finding = hf_doctor_find(doctor, "memlock",
                                                locked < 0 || own < 0 ? HF_VERDICT_UNKNOWN
                                                : good                ? HF_VERDICT_FINE
                                                                      : HF_VERDICT_SLOW);
    if (locked < 0 || own < 0) {
        hf_doctor_say(finding->what, "/proc does not tell what the daemon has locked");
        return;
    }
    hf_doctor_say(finding->what, "the daemon has locked %ld MiB; %ld MiB are its own", locked >> 10,
                  own >> 10);
    if (!good) {
        hf_doctor_say(finding->effect, PAGE_COSTS);
        hf_doctor_say(finding->mend, "memory.lock = yes, and LimitMEMLOCK=infinity in the unit");
    }
}

/** Soft limit of this process. @return false: it is not told */
static bool
read_memlock(const struct hf_doctor *doctor, char *limit, size_t len_bytes)
{
    char *text = hf_host_load(&doctor->host, "proc/self/limits");
    const char *at = text == NULL ? NULL : strstr(text, "Max locked memory");
    if (at != NULL) {
        at += strlen("Max locked memory");
        at += strspn(at, " ");
        (void)snprintf(limit, len_bytes, "%.*s", (int)strcspn(at, " "), at);
    }
    free(text);
    return at != NULL;
}

/** What a daemon that this shell starts may lock. The service has its limit from the unit. */
static void
check_memlock(struct hf_doctor *doctor)
{
    char limit[32];
    if (!doctor->subject.locks) {
        struct hf_finding *finding = hf_doctor_find(doctor, "memlock", HF_VERDICT_SLOW);
        hf_doctor_say(finding->what, "memory.lock = no: the engine's memory may be taken away");
        hf_doctor_say(finding->effect, PAGE_COSTS);
        hf_doctor_say(finding->mend, "memory.lock = yes");
        return;
    }
    if (!read_memlock(doctor, limit, sizeof(limit))) {
        struct hf_finding *finding = hf_doctor_find(doctor, "memlock", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "/proc does not tell how much may be locked");
        return;
    }
    bool unlimited = strcmp(limit, "unlimited") == 0;
    struct hf_finding *finding =
        hf_doctor_find(doctor, "memlock", unlimited ? HF_VERDICT_FINE : HF_VERDICT_NOTE);
    hf_doctor_say(finding->what, "a daemon that this shell starts may lock %s%s", limit,
                  unlimited ? " memory" : " bytes, unless it is root's");
    if (!unlimited) {
        hf_doctor_say(finding->effect, "what is not locked may go. " PAGE_COSTS);
        hf_doctor_say(finding->mend, "ulimit -l unlimited; the unit has LimitMEMLOCK=infinity");
    }
}

static void
check_swap(struct hf_doctor *doctor)
{
    char *text = hf_host_load(&doctor->host, "proc/swaps");
    const char *second = text == NULL ? NULL : strchr(text, '\n');
    bool swaps = second != NULL && second[1] != '\0';
    long swapped = doctor->subject.pid != 0 ? process_kib(doctor, "status", "VmSwap:") : 0;
    int64_t swappiness = 0;
    bool told = text != NULL;
    free(text);
    (void)hf_host_number(&doctor->host, &swappiness, "proc/sys/vm/swappiness");
    struct hf_finding *finding = hf_doctor_find(doctor, "swap",
                                                swapped > 0 ? HF_VERDICT_SLOW
                                                : swaps     ? HF_VERDICT_NOTE
                                                : told      ? HF_VERDICT_FINE
                                                            : HF_VERDICT_UNKNOWN);
    if (swapped > 0) {
        hf_doctor_say(finding->what, "%ld KiB of the daemon are swapped out", swapped);
        hf_doctor_say(finding->effect, PAGE_COSTS);
        hf_doctor_say(finding->mend, "swapoff -a; give it the memory that it needs, and "
                                     "memory.lock = yes");
    } else if (swaps) {
        hf_doctor_say(finding->what, "this host swaps (swappiness %lld)", (long long)swappiness);
        hf_doctor_say(finding->effect,
                      "locked memory stays; clients' memory, and page cache that a flush needs, "
                      "may have to come back from disk");
        hf_doctor_say(finding->mend, "swapoff -a, or sysctl vm.swappiness=1");
    } else {
        hf_doctor_say(finding->what, told ? "nothing can be swapped out"
                                          : "/proc does not tell whether this host swaps");
    }
}

/* Shared memory that stays */

/** Where systemd looks for its files; of two with the same name the earlier one counts. */
static const char *const SYSTEMD[] = {"etc/systemd", "run/systemd", "usr/local/lib/systemd",
                                      "usr/lib/systemd", NULL};

/** A word of systemd for a truth. @return 1, 0; -1: it is none, and systemd ignores the line */
static int
truth_of(const char *word)
{
    static const char *const yes[] = {"1", "yes", "y", "true", "t", "on", NULL};
    static const char *const no[] = {"0", "no", "n", "false", "f", "off", NULL};
    for (int i = 0; yes[i] != NULL; i++) {
        if (strcasecmp(word, yes[i]) == 0) {
            return 1;
        }
    }
    for (int i = 0; no[i] != NULL; i++) {
        if (strcasecmp(word, no[i]) == 0) {
            return 0;
        }
    }
    return -1;
}

/** Take what a file of logind says of RemoveIPC; its last word counts. */
static void
take_logind(char *text, bool *removes)
{
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        char *name = line + strspn(line, " \t");
        char *value = strchr(name, '=');
        if (value == NULL) {
            continue;
        }
        *value++ = '\0';
        name[strcspn(name, " \t")] = '\0';
        value += strspn(value, " \t");
        for (size_t len = strlen(value); len > 0 && strchr(" \t\r", value[len - 1]) != NULL;) {
            value[--len] = '\0';
        }
        int truth = strcmp(name, "RemoveIPC") == 0 ? truth_of(value) : -1;
        *removes = truth < 0 ? *removes : truth != 0;
    }
}

/** Take the first file of this name that there is; it hides those of the directories behind. */
static void
take_first(const struct hf_host *host, const char *name, bool *removes)
{
    for (int i = 0; SYSTEMD[i] != NULL; i++) {
        if (hf_host_has(host, "%s/%s", SYSTEMD[i], name)) {
            char *text = hf_host_load(host, "%s/%s", SYSTEMD[i], name);
            take_logind(text, removes);
            free(text);
            return;
        }
    }
}

struct drop_in {
    char last[NAME_MAX + 1]; /**< was read */
    char next[NAME_MAX + 1]; /**< of those behind it the first; "": there is none */
};

static void
on_drop_in(void *context, const char *name)
{
    struct drop_in *drop_in = context;
    size_t len = strlen(name);
    if (len > strlen(".conf") && strcmp(name + len - strlen(".conf"), ".conf") == 0 &&
        strcmp(name, drop_in->last) > 0 &&
        (drop_in->next[0] == '\0' || strcmp(name, drop_in->next) < 0)) {
        (void)snprintf(drop_in->next, sizeof(drop_in->next), "%s", name);
    }
}

/** Effective value of RemoveIPC=, "yes" by default: of logind.conf, and over it of logind.conf.d/, a later
 *  name over an earlier one. */
static bool
logind_removes(const struct hf_host *host)
{
    struct drop_in drop_in = {.last = ""};
    bool removes = true;
    take_first(host, "logind.conf", &removes);
    do {
        char path[PATH_MAX];
        drop_in.next[0] = '\0';
        for (int i = 0; SYSTEMD[i] != NULL; i++) {
            (void)snprintf(path, sizeof(path), "%s/logind.conf.d", SYSTEMD[i]);
            hf_host_each(host, path, on_drop_in, &drop_in);
        }
        (void)snprintf(path, sizeof(path), "logind.conf.d/%s", drop_in.next);
        if (drop_in.next[0] != '\0') {
            take_first(host, path, &removes);
        }
        memcpy(drop_in.last, drop_in.next, sizeof(drop_in.last));
    } while (drop_in.last[0] != '\0');
    return removes;
}

#define SYSTEM_UID_MAX 999 /* Debian's and systemd's: RemoveIPC spares users up to here */

static void
check_ipc(struct hf_doctor *doctor)
{
    const struct hf_subject *subject = &doctor->subject;
    long uid = subject->pid != 0 ? process_kib(doctor, "status", "Uid:") : 0;
    if (subject->pid == 0 || !hf_host_has(&doctor->host, "run/systemd/system")) {
        return;
    }
    if (uid < 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, "remove_ipc", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "/proc does not tell whose the daemon is");
        return;
    }
    bool endangered = uid > SYSTEM_UID_MAX && logind_removes(&doctor->host);
    struct hf_finding *finding =
        hf_doctor_find(doctor, "remove_ipc", endangered ? HF_VERDICT_UNSAFE : HF_VERDICT_FINE);
    hf_doctor_say(finding->what,
                  endangered ? "the daemon runs as user %ld, no system user"
                             : "nobody removes the shared memory of user %ld",
                  uid);
    if (endangered) {
        hf_doctor_say(finding->effect,
                      "when the last login of that user ends, systemd-logind removes rings and "
                      "queue: what was not in the log is lost");
        hf_doctor_say(finding->mend, "run it as a system user (below 1000), or RemoveIPC=no in "
                                     "/etc/systemd/logind.conf");
    }
}

void
hf_doctor_check_memory(struct hf_doctor *doctor)
{
    check_ipc(doctor);
    (doctor->subject.pid != 0 ? check_locked : check_memlock)(doctor);
    check_swap(doctor);
    check_thp(doctor);
    check_huge_pages(doctor);
    check_reserved_pages(doctor);
}
