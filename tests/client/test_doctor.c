/* test_doctor.c - every check of the doctor on made-up hosts, one that is well and one that is not. */
#include "base/histogram.h"
#include "cli/cli.h"
#include "cli/doctor.h"
#include "client/run_command.h"
#include "client/temporary_files.h"

#include <jansson.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define CPU "sys/devices/system/cpu/"
#define NODE "sys/devices/system/node/"
#define DISK "sys/devices/pci/block/vda/"
#define THP "sys/kernel/mm/transparent_hugepage/"
#define ROOT_MOUNT "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro\n"

static struct hf_doctor doctor;

/** A file of the made-up host, with the directories above it. */
static void
put(const char *path, const char *text)
{
    char whole[256];
    snprintf(whole, sizeof(whole), "%s/%s", temporary_directory, path);
    for (char *slash = whole + strlen(temporary_directory) + 1; (slash = strchr(slash, '/'));
         *slash++ = '/') {
        *slash = '\0';
        (void)mkdir(whole, 0755);
    }
    FILE *file = fopen(whole, "we");
    cr_assert_not_null(file, "%s", whole);
    fputs(text, file);
    fclose(file);
}

/** A symbolic link of the made-up host. */
static void
put_link(const char *path, const char *target)
{
    char whole[256];
    put(path, "");
    snprintf(whole, sizeof(whole), "%s/%s", temporary_directory, path);
    unlink(whole);
    cr_assert_eq(symlink(target, whole), 0);
}

static void
set_up(void)
{
    make_directory();
    memset(&doctor, 0, sizeof(doctor));
    doctor.host.root = temporary_directory;
    doctor.subject = (struct hf_subject){.cpus = {-1, -1, -1},
                                         .configured = true,
                                         .locks = true,
                                         .huge_pages = true,
                                         .directory = "/data/log",
                                         .mode = "group"};
    put(CPU "online", "0-7\n");
    put("proc/self/mountinfo", ROOT_MOUNT);
    put(DISK "queue/write_cache", "write back\n");
    put(DISK "queue/rotational", "0\n");
    put(DISK "queue/scheduler", "[none] mq-deadline\n");
    put(DISK "uevent", "MAJOR=254\nDEVNAME=vda\nDEVTYPE=disk\n");
    put(DISK "vda1/partition", "1\n");
    put_link("sys/dev/block/254:1", "../../devices/pci/block/vda/vda1");
}

TestSuite(doctor, .init = set_up, .fini = remove_directory);

/** Look at everything anew, and expect a finding; NULL words: none. */
static const struct hf_finding *
expect(const char *check, enum hf_verdict verdict, const char *words)
{
    const struct hf_finding *found = NULL;
    doctor.finding_count = 0;
    hf_doctor_check_disk(&doctor);
    hf_doctor_check_memory(&doctor);
    hf_doctor_check_cpu(&doctor);
    hf_doctor_check_placement(&doctor);
    for (unsigned i = 0; i < doctor.finding_count && found == NULL; i++) {
        if (strcmp(doctor.findings[i].check, check) == 0) {
            found = &doctor.findings[i];
        }
    }
    if (words == NULL) {
        cr_expect_null(found, "%s: %s", check, found == NULL ? "" : found->what);
        return found;
    }
    cr_assert_not_null(found, "no finding of %s", check);
    cr_expect_eq(found->verdict, verdict, "%s: %d: %s", check, found->verdict, found->what);
    bool said = strstr(found->what, words) != NULL || strstr(found->effect, words) != NULL ||
                strstr(found->mend, words) != NULL;
    cr_expect(said, "%s: no '%s' in: %s | %s | %s", check, words, found->what, found->effect,
              found->mend);
    if (verdict >= HF_VERDICT_SLOW) {
        cr_expect_neq(found->mend[0], '\0', "%s: what is bad can be mended", check);
    }
    return found;
}

/* The disk */

Test(doctor, the_file_system_of_the_log)
{
    expect("filesystem", HF_VERDICT_FINE, "/data/log is on ext4, mounted at /");
    put("proc/self/mountinfo", ROOT_MOUNT
        "30 22 0:40 / /data rw - tmpfs tmpfs rw,size=1G\n31 22 0:41 / /dat rw - xfs /dev/x rw\n");
    expect("filesystem", HF_VERDICT_UNSAFE, "mounted at /data");
    put("proc/self/mountinfo", ROOT_MOUNT "30 22 0:40 / /data rw - nfs4 server:/ rw\n");
    expect("filesystem", HF_VERDICT_UNSAFE, "on nfs4");
    put("proc/self/mountinfo", ROOT_MOUNT "30 22 0:40 / /data/log rw - btrfs /dev/sdb rw\n");
    expect("filesystem", HF_VERDICT_SLOW, "btrfs");
    put("proc/self/mountinfo", ROOT_MOUNT "30 22 0:40 / /data/logs rw - btrfs /dev/sdb rw\n");
    expect("filesystem", HF_VERDICT_FINE, "ext4");
    put("proc/self/mountinfo", ROOT_MOUNT "30 22 0:40 / /data rw - fuse.sshfs x rw\n");
    expect("filesystem", HF_VERDICT_NOTE, "tested on ext4");
    put("proc/self/mountinfo", "");
    expect("filesystem", HF_VERDICT_UNKNOWN, "not known");
}

Test(doctor, a_mount_is_found_whatever_its_path_has)
{
    char line[2048];
    char name[201];
    strcpy(doctor.subject.directory, "/data/a blank\t\\/log");
    put("proc/self/mountinfo", ROOT_MOUNT
        "30 22 0:40 / /data/a\\040blank\\011\\134 rw shared:2 - tmpfs tmpfs rw,size=1G\n");
    expect("filesystem", HF_VERDICT_UNSAFE, "mounted at /data/a blank\t\\");
    put("proc/self/mountinfo", ROOT_MOUNT "30 22 0:40 / /data/a\\040blank\\011\\134 rw -  tmpfs\n"
                                          "31 22 0:41\n - \n");
    expect("filesystem", HF_VERDICT_FINE, "ext4");
    put("proc/self/mountinfo",
        ROOT_MOUNT "30 22 0:40 / /data/a\\040blank\\011\\134 rw - tmpfs  ro\n");
    expect("mount", HF_VERDICT_UNSAFE, "remount,rw"); /* its source is empty */
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(doctor.subject.directory, sizeof(doctor.subject.directory), "/%s/%s/log", name, name);
    snprintf(line, sizeof(line), ROOT_MOUNT "30 22 0:40 / /%s/%s rw - tmpfs tmpfs rw\n", name,
             name);
    put("proc/self/mountinfo", line);
    expect("filesystem", HF_VERDICT_UNSAFE, "is on tmpfs");
}

Test(doctor, a_link_to_memory_is_not_where_the_link_is)
{
    put_link("link", "/dev/shm");
    doctor.host.root = "";
    snprintf(doctor.subject.directory, sizeof(doctor.subject.directory), "%s/link/not/yet",
             temporary_directory);
    expect("filesystem", HF_VERDICT_UNSAFE, "mounted at /dev/shm");
}

Test(doctor, where_a_path_leads)
{
    char path[PATH_MAX];
    put("there/file", "");
    put_link("link", "there");
    hf_doctor_resolve(path_of("link/a/b"), path);
    cr_expect_str_eq(path, path_of("there/a/b"));
    hf_doctor_resolve(path_of("link"), path);
    cr_expect_str_eq(path, path_of("there"));
    hf_doctor_resolve("/", path);
    cr_expect_str_eq(path, "/");
    hf_doctor_resolve("/not-there/b", path);
    cr_expect_str_eq(path, "/not-there/b");
}

Test(doctor, mount_options)
{
    expect("mount", HF_VERDICT_FINE, "none of the options at /");
    static const struct {
        const char *options;
        enum hf_verdict verdict;
        const char *words;
    } cases[] = {{"rw - ext4 /dev/vda1 rw,nobarrier", HF_VERDICT_UNSAFE, "remount,barrier"},
                 {"rw - ext4 /dev/vda1 rw,barrier=0", HF_VERDICT_UNSAFE, "remount,barrier"},
                 {"ro - ext4 /dev/vda1 rw", HF_VERDICT_UNSAFE, "remount,rw"},
                 {"rw,sync - ext4 /dev/vda1 rw", HF_VERDICT_SLOW, "remount,async"},
                 {"rw - ext4 /dev/vda1 rw,discard", HF_VERDICT_SLOW, "remount,nodiscard"},
                 {"rw,strictatime - xfs /dev/vda1 rw", HF_VERDICT_SLOW, "remount,relatime"},
                 {"rw,nodiscard - xfs /dev/vda1 rw,noquota", HF_VERDICT_FINE, "none of"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[256];
        snprintf(line, sizeof(line), "22 1 254:1 / / %s\n", cases[i].options);
        put("proc/self/mountinfo", line);
        expect("mount", cases[i].verdict, cases[i].words);
    }
}

Test(doctor, a_write_cache_is_emptied_or_said_not_to_be_there)
{
    expect("write_cache", HF_VERDICT_FINE, "vda has a write cache");
    put(DISK "queue/write_cache", "write through\n");
    expect("write_cache", HF_VERDICT_NOTE, "echo 'write back' >/sys/block/vda/queue/write_cache");
    put(DISK "queue/rotational", "1\n");
    expect("write_cache", HF_VERDICT_UNSAFE, "sends it no flush");
    unlink(path_of(DISK "queue/write_cache"));
    expect("write_cache", HF_VERDICT_UNKNOWN, "does not tell");
    put("proc/self/mountinfo", "22 1 0:40 / / rw - zfs pool rw\n");
    expect("write_cache", HF_VERDICT_UNKNOWN, "no disk is seen below / (device 0:40)");
}

Test(doctor, the_disks_below_a_volume_are_those_that_count)
{
    put("sys/devices/virtual/block/dm-0/uevent", "DEVNAME=dm-0\n");
    put("sys/devices/virtual/block/dm-0/queue/write_cache", "write through\n");
    put_link("sys/devices/virtual/block/dm-0/slaves/vda1", "../../../../pci/block/vda/vda1");
    put_link("sys/dev/block/253:0", "../../devices/virtual/block/dm-0");
    put("proc/self/mountinfo", "22 1 253:0 / / rw - ext4 /dev/mapper/log rw\n");
    expect("write_cache", HF_VERDICT_FINE, "vda has a write cache");
}

Test(doctor, the_scheduler)
{
    expect("scheduler", HF_VERDICT_FINE, "'none'");
    put(DISK "queue/scheduler", "none [mq-deadline] bfq\n");
    expect("scheduler", HF_VERDICT_FINE, "'mq-deadline'");
    put(DISK "queue/scheduler", "none mq-deadline [bfq]\n");
    expect("scheduler", HF_VERDICT_SLOW, "echo none >/sys/block/vda/queue/scheduler");
    unlink(path_of(DISK "queue/scheduler"));
    expect("scheduler", HF_VERDICT_FINE, NULL);
}

Test(doctor, flushes)
{
    expect("flush", HF_VERDICT_UNKNOWN, "not measured");
    hf_doctor_say(doctor.measured.why_not, "a file in /data: Permission denied");
    expect("flush", HF_VERDICT_UNKNOWN, "Permission denied");
    doctor.measured.flush = true;
    doctor.measured.flushes = 500;
    doctor.measured.flush_p50_ns = 90000;
    doctor.measured.flush_p99_ns = 400000;
    doctor.measured.flush_max_ns = 900000;
    expect("flush", HF_VERDICT_FINE, "p50 90.0, p99 400.0, max 900.0 us (500)");
    doctor.measured.flush_p99_ns = 20000000;
    expect("flush", HF_VERDICT_SLOW, "p99 20000.0");
    doctor.measured.flush_p50_ns = 800;
    expect("flush", HF_VERDICT_UNSAFE, "no disk answers so fast");
    strcpy(doctor.subject.io, "pmem");
    doctor.measured.flush_p99_ns = 2000;
    expect("flush", HF_VERDICT_FINE, "p50 0.8");
    struct hf_histogram of_daemon;
    hf_histogram_init(&of_daemon);
    hf_histogram_record(&of_daemon, 100000);
    hf_histogram_record(&of_daemon, 30000000);
    doctor.subject.io[0] = '\0';
    hf_doctor_take_flushes(&doctor.measured, &of_daemon);
    expect("flush", HF_VERDICT_SLOW, "the daemon's flushes: p50 100.");
    expect("flush", HF_VERDICT_SLOW, "max 30000.0 us (2)");
}

Test(doctor, space_is_this_hosts_alone)
{
    expect("space", HF_VERDICT_FINE, NULL);
    doctor.host.root = "";
    doctor.subject.segment_bytes = 65536;
    snprintf(doctor.subject.directory, sizeof(doctor.subject.directory), "%s/not/there/yet",
             temporary_directory);
    expect("space", HF_VERDICT_FINE, temporary_directory);
    doctor.subject.segment_bytes = UINT64_C(1) << 56;
    expect("space", HF_VERDICT_UNSAFE, "0 segments");
}

Test(doctor, space_for_a_daemon_is_counted_in_its_own_segments)
{
    static struct hf_metrics metrics = {.segment_bytes = 65536, .disk_reserve_segments = 16};
    struct statvfs disk;
    doctor.host.root = "";
    doctor.subject = (struct hf_subject){.pid = 77, .cpus = {-1, -1, -1}};
    snprintf(doctor.subject.directory, sizeof(doctor.subject.directory), "%s", temporary_directory);
    hf_subject_take_metrics(&doctor.subject, &metrics);
    expect("space", HF_VERDICT_FINE, "segments of 64 KiB");
    cr_assert_eq(statvfs(temporary_directory, &disk), 0);
    metrics.segment_bytes = disk.f_bavail * disk.f_frsize / 4; /* the disk has four, and the rest */
    metrics.disk_reserve_segments = 4;
    hf_subject_take_metrics(&doctor.subject, &metrics);
    expect("space", HF_VERDICT_UNSAFE, "room");
    metrics.disk_reserve_segments = 1;
    hf_subject_take_metrics(&doctor.subject, &metrics);
    expect("space", HF_VERDICT_FINE, "segments");
}

Test(doctor, a_mode_that_never_flushes)
{
    expect("mode", HF_VERDICT_FINE, "wal.mode = group");
    strcpy(doctor.subject.mode, "memory");
    expect("mode", HF_VERDICT_UNSAFE, "nothing becomes durable");
}

/* Memory */

Test(doctor, transparent_huge_pages)
{
    expect("thp", HF_VERDICT_UNKNOWN, "no transparent huge pages");
    put(THP "enabled", "always madvise [never]\n");
    doctor.measured.pages = true;
    doctor.measured.small_ns = 90;
    doctor.measured.huge_ns = 45;
    const struct hf_finding *finding = expect("thp", HF_VERDICT_SLOW, "echo madvise");
    cr_expect_not_null(strstr(finding->effect, "takes 90.0 ns"), "%s", finding->effect);
    put(THP "enabled", "always [madvise] never\n");
    expect("thp", HF_VERDICT_FINE, "madvise");
}

Test(doctor, huge_pages_that_there_are)
{
    expect("huge_pages", HF_VERDICT_UNKNOWN, "does not tell");
    put("proc/buddyinfo",
        "Node 0, zone      DMA      0      0      0      0      0      0      0      "
        "0      0      1      2\n"
        "Node 0, zone   Normal      9      9      9      9      9      9      9      "
        "9      9      3    130\n");
    expect("huge_pages", HF_VERDICT_FINE, "536 MiB lie free");
    put("proc/buddyinfo",
        "Node 0, zone   Normal  90000  90000      9      9      9      9      9      "
        "9      9      3      1\n");
    expect("huge_pages", HF_VERDICT_SLOW, "10 MiB lie free");
    doctor.subject.pid = 77;
    expect("huge_pages", HF_VERDICT_UNKNOWN, "run this as root");
    put("proc/77/smaps_rollup", "Rss: 9 kB\nAnonymous:   204800 kB\nAnonHugePages:   184320 kB\n");
    expect("huge_pages", HF_VERDICT_FINE, "180 of the daemon's 200 MiB");
    put("proc/77/smaps_rollup", "Rss: 9 kB\nAnonymous:   204800 kB\nAnonHugePages:        0 kB\n");
    expect("huge_pages", HF_VERDICT_SLOW, "0 of the daemon's 200 MiB");
    expect("huge_pages", HF_VERDICT_SLOW, "systemctl restart holdfastd");
    strcpy(doctor.subject.name, "venue");
    expect("huge_pages", HF_VERDICT_SLOW, "systemctl restart holdfastd@venue");
}

Test(doctor, huge_pages_that_nobody_uses)
{
    expect("hugetlb", HF_VERDICT_NOTE, NULL);
    put("proc/sys/vm/nr_hugepages", "0\n");
    expect("hugetlb", HF_VERDICT_NOTE, NULL);
    put("proc/sys/vm/nr_hugepages", "512\n");
    expect("hugetlb", HF_VERDICT_NOTE, "512 huge pages are reserved");
}

Test(doctor, locked_memory)
{
    expect("memlock", HF_VERDICT_UNKNOWN, "does not tell");
    put("proc/self/limits", "Limit    Soft Limit  Hard Limit  Units\n"
                            "Max locked memory         8388608              8388608      bytes\n");
    expect("memlock", HF_VERDICT_NOTE, "may lock 8388608 bytes");
    put("proc/self/limits", "Max locked memory         unlimited            unlimited    bytes\n");
    expect("memlock", HF_VERDICT_FINE, "unlimited");
    doctor.subject.locks = false;
    expect("memlock", HF_VERDICT_SLOW, "memory.lock = yes");
    doctor.subject.pid = 77;
    expect("memlock", HF_VERDICT_UNKNOWN, "/proc does not tell");
    put("proc/77/status", "Name: holdfastd\nVmLck:\t  204800 kB\nRssAnon:\t  194560 kB\n");
    expect("memlock", HF_VERDICT_FINE, "locked 200 MiB; 190 MiB");
    put("proc/77/status", "Name: holdfastd\nVmLck:\t    8192 kB\nRssAnon:\t  194560 kB\n");
    expect("memlock", HF_VERDICT_SLOW, "LimitMEMLOCK=infinity");
}

Test(doctor, swap)
{
    expect("swap", HF_VERDICT_UNKNOWN, "does not tell");
    put("proc/swaps", "Filename  Type  Size  Used  Priority\n");
    expect("swap", HF_VERDICT_FINE, "nothing can be swapped out");
    put("proc/swaps", "Filename  Type  Size  Used  Priority\n/dev/sda2 partition 1 0 -2\n");
    put("proc/sys/vm/swappiness", "60\n");
    expect("swap", HF_VERDICT_NOTE, "swappiness 60");
    doctor.subject.pid = 77;
    put("proc/77/status", "VmSwap:\t       0 kB\n");
    expect("swap", HF_VERDICT_NOTE, "this host swaps");
    put("proc/77/status", "VmSwap:\t     640 kB\n");
    expect("swap", HF_VERDICT_SLOW, "640 KiB of the daemon");
}

Test(doctor, shared_memory_that_a_logout_removes)
{
    doctor.subject.pid = 77;
    put("proc/77/status", "Uid:\t1000\t1000\t1000\t1000\n");
    expect("remove_ipc", HF_VERDICT_FINE, NULL);
    put("run/systemd/system/x", "");
    expect("remove_ipc", HF_VERDICT_UNSAFE, "user 1000, no system user");
    put("etc/systemd/logind.conf", "[Login]\n#RemoveIPC=no\n");
    expect("remove_ipc", HF_VERDICT_UNSAFE, "RemoveIPC=no");
    put("etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\n");
    expect("remove_ipc", HF_VERDICT_FINE, "user 1000");
    put("etc/systemd/logind.conf", "[Login]\nRemoveIPC = off \n");
    expect("remove_ipc", HF_VERDICT_FINE, "user 1000");
    static const char *const yes[] = {"on", "1", "true", "Yes", "t"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        char text[64];
        snprintf(text, sizeof(text), "[Login]\nRemoveIPC=no\nRemoveIPC=%s\n", yes[i]);
        put("etc/systemd/logind.conf", text);
        expect("remove_ipc", HF_VERDICT_UNSAFE, "user 1000");
    }
    put("etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\nRemoveIPC=nonsense\nRemoveIPC=\n");
    expect("remove_ipc", HF_VERDICT_FINE, "user 1000");
    put("etc/systemd/logind.conf", "");
    put("proc/77/status", "Uid:\t999\t999\t999\t999\n");
    expect("remove_ipc", HF_VERDICT_FINE, "user 999");
}

Test(doctor, shared_memory_is_kept_or_not_by_the_last_of_the_drop_ins)
{
    doctor.subject.pid = 77;
    put("proc/77/status", "Uid:\t1000\t1000\t1000\t1000\n");
    put("run/systemd/system/x", "");
    put("usr/lib/systemd/logind.conf", "[Login]\nRemoveIPC=no\n"); /* there is none in /etc */
    expect("remove_ipc", HF_VERDICT_FINE, "user 1000");
    put("usr/lib/systemd/logind.conf.d/20-a.conf", "[Login]\nRemoveIPC=yes\n");
    expect("remove_ipc", HF_VERDICT_UNSAFE, "user 1000");
    put("run/systemd/logind.conf.d/30-b.conf", "[Login]\nRemoveIPC=no\n");
    expect("remove_ipc", HF_VERDICT_FINE, "user 1000");
    put("etc/systemd/logind.conf.d/10-c.conf", "[Login]\nRemoveIPC=yes\n");
    put("etc/systemd/logind.conf.d/40-d.conf.off", "[Login]\nRemoveIPC=yes\n");
    expect("remove_ipc", HF_VERDICT_FINE, "user 1000");
    put("etc/systemd/logind.conf.d/30-b.conf", "[Login]\nRemoveIPC=yes\n"); /* hides that of /run */
    expect("remove_ipc", HF_VERDICT_UNSAFE, "user 1000");
    put("etc/systemd/logind.conf", "[Login]\nRemoveIPC=no\n");
    expect("remove_ipc", HF_VERDICT_UNSAFE, "user 1000");
    put("etc/systemd/logind.conf.d/40-d.conf", "[Login]\nRemoveIPC=no\n");
    expect("remove_ipc", HF_VERDICT_FINE, "user 1000");
}

/* Processors */

Test(doctor, the_governor)
{
    expect("governor", HF_VERDICT_FINE, "does not change clock rates");
    for (int cpu = 0; cpu < 8; cpu++) {
        char path[96];
        snprintf(path, sizeof(path), CPU "cpu%d/cpufreq/scaling_governor", cpu);
        put(path, cpu == 2 || cpu == 3 || cpu == 7 ? "powersave\n" : "performance\n");
    }
    expect("governor", HF_VERDICT_SLOW, "powersave on CPUs 2-3,7");
    put(CPU "online", "0-1\n");
    expect("governor", HF_VERDICT_FINE, "performance on all");
}

Test(doctor, sleep_states)
{
    expect("sleep_states", HF_VERDICT_FINE, "no processor into deep sleep");
    put(CPU "cpu0/cpuidle/state0/latency", "0\n");
    put(CPU "cpu2/cpuidle/state0/latency", "0\n");
    put(CPU "cpu3/cpuidle/state0/latency", "0\n");
    put(CPU "cpu3/cpuidle/state1/latency", "2\n");
    expect("sleep_states", HF_VERDICT_FINE, "up to 2 us");
    put(CPU "cpu3/cpuidle/state2/latency", "133\n");
    put(CPU "cpu3/cpuidle/state2/disable", "0\n");
    expect("sleep_states", HF_VERDICT_SLOW, "up to 133 us");
    doctor.subject.cpus[HF_DOCTOR_ENGINE] = 2;
    expect("sleep_states", HF_VERDICT_FINE, "up to 0 us");
    doctor.subject.cpus[HF_DOCTOR_ENGINE] = 3;
    put(CPU "cpu3/cpuidle/state2/disable", "1\n");
    expect("sleep_states", HF_VERDICT_FINE, "up to 2 us");
}

Test(doctor, the_clock)
{
#define SOURCE "sys/devices/system/clocksource/clocksource0/current_clocksource"
    expect("clock_source", HF_VERDICT_UNKNOWN, "not told");
    put(SOURCE, "tsc\n");
    expect("clock_source", HF_VERDICT_FINE, "clock source: tsc");
    put(SOURCE, "hpet\n");
    expect("clock_source", HF_VERDICT_SLOW, "hpet");
    doctor.measured.clock = true;
    doctor.measured.clock_ns = 25;
    expect("clock_source", HF_VERDICT_FINE, "25.0 ns");
    put(SOURCE, "tsc\n");
    doctor.measured.clock_ns = 700;
    expect("clock_source", HF_VERDICT_SLOW, "700.0 ns");
}

Test(doctor, noise)
{
    expect("noise", HF_VERDICT_UNKNOWN, "not measured");
    doctor.subject.runs = true;
    expect("noise", HF_VERDICT_UNKNOWN, "--measure always");
    doctor.measured = (struct hf_measured){.noise = true,
                                           .noise_cpu = 3,
                                           .noise_ns = 1000000000,
                                           .longest_ns = 40000,
                                           .lost_ns = 2000000,
                                           .pauses = 9,
                                           .interrupts = 250};
    expect("noise", HF_VERDICT_FINE, "CPU 3, spun for 1.0 s: 0.20 % of the time");
    expect("noise", HF_VERDICT_FINE, "longest pause was 40.0 us; 9 were longer than 10 us; 250");
    doctor.measured.longest_ns = 4000000;
    expect("noise", HF_VERDICT_SLOW, "4000.0 us");
    doctor.measured.longest_ns = 40000;
    doctor.measured.lost_ns = 20000000;
    expect("noise", HF_VERDICT_SLOW, "2.00 %");
}

Test(doctor, a_quota_of_processor_time)
{
    put("proc/self/cgroup", "0::/user.slice/box\n");
    put("sys/fs/cgroup/user.slice/box/cpu.max", "max 100000\n");
    expect("quota", HF_VERDICT_SLOW, NULL);
    put("sys/fs/cgroup/user.slice/box/cpu.max", "50000 100000\n");
    expect("quota", HF_VERDICT_SLOW, "this shell may use 50000 100000 us");
    doctor.subject.pid = 77;
    expect("quota", HF_VERDICT_SLOW, NULL);
    put("proc/77/cgroup", "0::/system.slice/holdfastd.service\n");
    put("sys/fs/cgroup/system.slice/holdfastd.service/cpu.max", "20000 100000\n");
    expect("quota", HF_VERDICT_SLOW, "the daemon may use 20000 100000 us");
}

/* Placement */

static void
pin(int engine, int writer, int sync)
{
    doctor.subject.cpus[HF_DOCTOR_ENGINE] = engine;
    doctor.subject.cpus[HF_DOCTOR_WRITER] = writer;
    doctor.subject.cpus[HF_DOCTOR_SYNC] = sync;
}

Test(doctor, pinned_threads)
{
    expect("pinned", HF_VERDICT_NOTE, "any of 8 CPUs");
    put(CPU "online", "0-1\n");
    expect("pinned", HF_VERDICT_NOTE, "with so few CPUs");
    pin(1, -1, 0);
    expect("pinned", HF_VERDICT_FINE, "engine on CPU 1, sync on CPU 0");
    pin(1, 0, 0);
    expect("pinned", HF_VERDICT_SLOW, "threads on CPU 0 wait");
    pin(9, -1, -1);
    expect("pinned", HF_VERDICT_SLOW, "CPU 9, which is not online");
}

Test(doctor, cpus_without_the_scheduler_and_the_tick)
{
    expect("isolated", HF_VERDICT_NOTE, "no thread is pinned");
    expect("nohz_full", HF_VERDICT_NOTE, "no thread is pinned");
    pin(2, 3, -1);
    expect("isolated", HF_VERDICT_SLOW, "isolcpus=managed_irq,domain,2-3");
    expect("nohz_full", HF_VERDICT_SLOW, "nohz_full=2-3");
    put(CPU "isolated", "2-5\n");
    put(CPU "nohz_full", "2\n");
    expect("isolated", HF_VERDICT_FINE, "2-5");
    expect("nohz_full", HF_VERDICT_SLOW, "on CPU 3 the kernel's tick");
    put(CPU "nohz_full", "(null)\n");
    expect("nohz_full", HF_VERDICT_SLOW, "CPUs: none");
    put(CPU "nohz_full", "2-3\n");
    expect("nohz_full", HF_VERDICT_FINE, "2-3");
}

Test(doctor, threads_of_one_core)
{
    expect("smt", HF_VERDICT_FINE, "no pinned thread");
    put(CPU "cpu2/topology/thread_siblings_list", "2,6\n");
    put(CPU "cpu3/topology/thread_siblings_list", "3,7\n");
    put(CPU "cpu6/topology/thread_siblings_list", "2,6\n");
    pin(2, 3, -1);
    expect("smt", HF_VERDICT_NOTE, "echo 0 >/" CPU "cpu6/online");
    put(CPU "isolated", "2-3,6-7\n");
    expect("smt", HF_VERDICT_FINE, "no pinned thread");
    pin(2, 3, 6);
    expect("smt", HF_VERDICT_SLOW, "CPUs 2,6 are threads of the same core");
}

Test(doctor, interrupts_of_devices)
{
    put("proc/irq/24/smp_affinity_list", "0-7\n");
    put("proc/irq/24/effective_affinity_list", "1\n");
    put("proc/irq/25/smp_affinity_list", "0-7\n");
    put("proc/irq/default_smp_affinity", "ff\n");
    expect("interrupts", HF_VERDICT_NOTE, "no thread is pinned");
    pin(2, -1, -1);
    expect("interrupts", HF_VERDICT_SLOW, "1 devices' interrupts come to CPUs 2 (number 25");
    expect("interrupts", HF_VERDICT_SLOW, "echo 0-1,3-7 >$f");
    put("proc/irq/25/smp_affinity_list", "0-1\n");
    expect("interrupts", HF_VERDICT_FINE, "no device's interrupt");
}

Test(doctor, nodes)
{
    put(NODE "node0/cpulist", "0-3\n");
    put(NODE "node0/distance", "10 21\n");
    put(NODE "possible", "0\n");
    expect("numa", HF_VERDICT_FINE, "one node");
    put(NODE "node1/cpulist", "4-7\n");
    put(NODE "node1/distance", "21 10\n");
    expect("numa", HF_VERDICT_SLOW, "distance 21, against 10");
    pin(5, 6, -1);
    expect("numa", HF_VERDICT_FINE, "on node 1 of 2");
    pin(5, 6, 2);
    expect("numa", HF_VERDICT_SLOW, "distance 21, against 10 at home");
    expect("numa", HF_VERDICT_SLOW, "sync_cpu of node 1");
}

Test(doctor, numa_balancing)
{
    expect("numa_balancing", HF_VERDICT_FINE, NULL);
    put("proc/sys/kernel/numa_balancing", "0\n");
    expect("numa_balancing", HF_VERDICT_FINE, "does not move");
    put("proc/sys/kernel/numa_balancing", "1\n");
    expect("numa_balancing", HF_VERDICT_SLOW, "sysctl kernel.numa_balancing=0");
}

Test(doctor, what_could_not_be_read_is_not_fine)
{
    unlink(path_of(CPU "online"));
    put("proc/self/mountinfo", "");
    put("run/systemd/system/x", "");
    pin(2, 3, -1);
    expect("governor", HF_VERDICT_UNKNOWN, "which CPUs are online");
    expect("sleep_states", HF_VERDICT_UNKNOWN, "which CPUs are online");
    expect("pinned", HF_VERDICT_UNKNOWN, "which CPUs are online");
    expect("smt", HF_VERDICT_UNKNOWN, "share a core");
    expect("interrupts", HF_VERDICT_UNKNOWN, "where interrupts go");
    expect("numa", HF_VERDICT_UNKNOWN, "nodes");
    doctor.subject.pid = 77;
    expect("remove_ipc", HF_VERDICT_UNKNOWN, "whose the daemon is");
    doctor.subject.mode[0] = '\0';
    (void)expect("mode", HF_VERDICT_UNKNOWN, NULL);
    for (unsigned i = 0; i < doctor.finding_count; i++) {
        cr_expect_neq(doctor.findings[i].verdict, HF_VERDICT_FINE, "%s: %s",
                      doctor.findings[i].check, doctor.findings[i].what);
    }
}

/* What runs */

Test(doctor, a_daemon_that_runs_is_seen_through_proc)
{
    const struct hf_status status = {.pid = 77, .instance = "venue", .mode = 1, .io = "direct"};
    put("proc/77/task/77/comm", "holdfastd\n");
    put("proc/77/task/77/status", "Name:\tx\nCpus_allowed_list:\t0-7\n");
    put("proc/77/task/78/comm", "hf-engine\n");
    put("proc/77/task/78/status", "Name:\tx\nCpus_allowed_list:\t5\nMems_allowed:\t1\n");
    put("proc/77/task/79/comm", "hf-sync\n");
    put("proc/77/task/79/status", "Name:\tx\nCpus_allowed_list:\t0-7\n");
    put_link("proc/77/fd/4", "/var/log/BLOCK");
    put_link("proc/77/fd/5", "/data/venue/LOCK");
    hf_subject_of_daemon(&doctor.subject, &doctor.host, &status);
    cr_expect_str_eq(doctor.subject.name, "venue");
    cr_expect_str_eq(doctor.subject.directory, "/data/venue");
    cr_expect_str_eq(doctor.subject.mode, "sync");
    cr_expect_str_eq(doctor.subject.io, "direct");
    cr_expect_eq(doctor.subject.cpus[HF_DOCTOR_ENGINE], 5);
    cr_expect_eq(doctor.subject.cpus[HF_DOCTOR_WRITER], -1);
    cr_expect_eq(doctor.subject.cpus[HF_DOCTOR_SYNC], -1);
}

Test(doctor, flushes_are_measured_where_the_log_is_or_will_be)
{
    char directory[PATH_MAX];
    snprintf(directory, sizeof(directory), "%s/not/there", temporary_directory);
    hf_doctor_measure_flush(&doctor.measured, directory);
    cr_assert(doctor.measured.flush, "%s", doctor.measured.why_not);
    cr_expect_gt(doctor.measured.flushes, 0);
    cr_expect_leq(doctor.measured.flush_p50_ns, doctor.measured.flush_p99_ns);
    cr_expect_leq(doctor.measured.flush_p99_ns, doctor.measured.flush_max_ns * 65 / 64 + 1);
    snprintf(directory, sizeof(directory), "ls -A %s | grep -c '^\\.'", temporary_directory);
    cr_expect_neq(system(directory), 0, "a file is left");
    memset(&doctor.measured, 0, sizeof(doctor.measured));
    hf_doctor_measure_flush(&doctor.measured, "/proc/self");
    cr_expect_not(doctor.measured.flush);
    cr_expect_not_null(strstr(doctor.measured.why_not, "/proc/self"));
}

Test(doctor, a_second_of_spinning_is_told_of)
{
    hf_doctor_measure_noise(&doctor.measured, -1);
    cr_assert(doctor.measured.noise);
    cr_expect_geq(doctor.measured.noise_ns, 1000000000);
    cr_expect_leq(doctor.measured.lost_ns, doctor.measured.noise_ns);
    cr_expect_leq(doctor.measured.longest_ns, doctor.measured.lost_ns + 1);
}

Test(doctor, lists_of_cpus_are_read_and_written_as_the_kernel_does)
{
    static const char *const lists[] = {"none", "0", "0-3", "0,2,4-7,4095"};
    char text[64];
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct hf_cpus cpus = hf_cpus_parse(lists[i]);
        hf_cpus_text(&cpus, text, sizeof(text));
        cr_expect_str_eq(text, lists[i]);
    }
    struct hf_cpus far = hf_cpus_parse("1,4096-9999999999,-3");
    cr_expect_eq(hf_cpus_count(&far), 1);
}

/* The command */

/** Run it on the made-up host. @return its exit code */
static int
run_doctor(const char *one, const char *other)
{
    char *arguments[] = {"holdfast doctor", "--root",      temporary_directory,
                         (char *)one,       (char *)other, NULL};
    int count = one == NULL ? 3 : other == NULL ? 4 : 5;
    int ends[2];
    int status = 0;
    cr_assert_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        unsetenv("HOLDFAST_INSTANCE");
        run_child(hf_cli_doctor, arguments, count, ends[1]);
    }
    close(ends[1]);
    read_output(ends[0]);
    close(ends[0]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

Test(doctor, the_exit_code_tells_of_safety_alone)
{
    put("proc/sys/kernel/numa_balancing", "1\n");
    cr_expect_eq(run_doctor(NULL, NULL), HF_EXIT_OK, "%s", output);
    expect_output("SLOW     numa_balancing");
    expect_output("0 endanger safety, 1 cost latency");
    put("proc/self/mountinfo", "22 1 0:40 / / rw - tmpfs tmpfs rw\n");
    cr_expect_eq(run_doctor(NULL, NULL), HF_EXIT_FAILED, "%s", output);
    expect_output("UNSAFE   filesystem");
    expect_output("1 endanger safety");
}

Test(doctor, a_configuration_says_what_is_looked_at)
{
    write_plain("a.conf", "[wal]\nmode = memory\n[threads]\nengine_cpu = 5\n", 44);
    cr_expect_eq(run_doctor("--config", path_of("a.conf")), HF_EXIT_FAILED, "%s", output);
    expect_output("instance 'a', as configured");
    expect_output("UNSAFE   mode");
    expect_output("engine on CPU 5");
    write_plain("b.conf", "[wal]\nmode = fast\n", 18);
    cr_expect_eq(run_doctor("--config", path_of("b.conf")), HF_EXIT_CONFIG, "%s", output);
    expect_output("b.conf:2: wal.mode: 'fast' is none of");
    cr_expect_eq(run_doctor("--measure", "sometimes"), HF_EXIT_USAGE);
    char option[PATH_MAX];
    snprintf(option, sizeof(option), "--config=%s", path_of("a.conf"));
    cr_expect_eq(run_doctor(option, "--instance=a"), HF_EXIT_USAGE, "%s", output);
    expect_output("take one of them");
    cr_expect_eq(run_doctor("--socket=a", option), HF_EXIT_USAGE, "%s", output);
    cr_expect_eq(run_doctor("--instance", "nobody-here"), HF_EXIT_UNAVAILABLE);
    expect_output("is looked at with --config FILE");
}

Test(doctor, a_root_that_is_no_host_is_refused)
{
    put("empty/proc/x", "");
    cr_expect_eq(run_doctor("--root", path_of("empty")), HF_EXIT_NO_INPUT, "%s", output);
    expect_output("there is no sys/ below it");
    put("empty/sys/x", "");
    (void)run_doctor("--root", path_of("empty"));
    expect_output("unknown  filesystem");
    cr_expect_eq(run_doctor("--root", path_of("not-there")), HF_EXIT_NO_INPUT, "%s", output);
    expect_output("there is no proc/ below it");
}

Test(doctor, a_daemon_that_answers_is_looked_at_as_it_runs)
{
    fake = fake_create();
    fake_start(&fake);
    cr_expect_eq(run(hf_cli_doctor, "--root", temporary_directory, NULL), HF_EXIT_OK, "%s", output);
    expect_output("running as process");
    expect_output("the daemon has locked");
    fake_destroy(&fake);
}

Test(doctor, json_has_every_finding)
{
    cr_expect_eq(run_doctor("--json", NULL), HF_EXIT_OK);
    json_error_t error;
    json_t *top = json_loads(output, 0, &error);
    cr_assert_not_null(top, "%s: %s", error.text, output);
    cr_expect_str_eq(json_string_value(json_object_get(top, "worst")), "unknown");
    const json_t *findings = json_object_get(top, "findings");
    cr_expect_gt(json_array_size(findings), 15);
    const json_t *first = json_array_get(findings, 0);
    cr_expect_str_eq(json_string_value(json_object_get(first, "check")), "mode");
    cr_expect_str_eq(json_string_value(json_object_get(first, "verdict")), "fine");
    cr_expect(json_is_null(json_object_get(first, "mend")));
    json_decref(top);
}
