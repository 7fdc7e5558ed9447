/*
 * doctor_disk.c - the doctor's checks of what the log lies on (doctor.h): mode, file system, mount options,
 * write cache, scheduler, flush latency, space.
 *
 *   directory ─► its mount (/proc/self/mountinfo) ─► MAJOR:MINOR ─► /sys/dev/block ─► the disks below it
 */
#include "cli/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define NS_PER_US 1e3
#define SLOW_FLUSH_NS 10000000u /* p99: longer than the whole of the default group commit */
#define LYING_FLUSH_NS 5000u    /* no block device answers so fast: nothing reached it */
#define PATH_PARTS 256

struct mount {
    bool found;
    char device[32]; /**< "8:1" */
    char point[PATH_MAX];
    char type[64];
    char options[520]; /**< of the mount and of the file system, each of 255, between commas */
};

/* The mount */

/** Whether a directory lies at or below a mount point. */
static bool
is_below(const char *directory, const char *point)
{
    size_t len = strlen(point);
    if (strcmp(point, "/") == 0) {
        return directory[0] == '/';
    }
    return strncmp(directory, point, len) == 0 && (directory[len] == '/' || directory[len] == '\0');
}

static bool
is_octal(char digit)
{
    return digit >= '0' && digit <= '7';
}

/** The kernel writes a blank as \040, and so on: put the bytes themselves in their places. */
static void
unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; to++) {
        if (from[0] == '\\' && is_octal(from[1]) && is_octal(from[2]) && is_octal(from[3])) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/**
 * 36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue
 *
 * One blank between two words; a source may be empty. The line is cut into its words.
 */
static bool
parse_mount(char *line, struct mount *mount)
{
    enum { DEVICE = 2, POINT = 4, OPTIONS, FIRST_WORDS };
    char *words[FIRST_WORDS];
    char *dash = strstr(line, " - ");
    if (dash == NULL) {
        return false;
    }
    *dash = '\0';
    dash += strlen(" - ");
    for (int i = 0; i < FIRST_WORDS; i++) {
        words[i] = strsep(&line, " ");
        if (words[i] == NULL) {
            return false;
        }
    }
    const char *type = strsep(&dash, " ");
    if (type[0] == '\0') {
        return false;
    }
    (void)strsep(&dash, " "); /* its source */
    unescape(words[POINT]);
    (void)snprintf(mount->device, sizeof(mount->device), "%s", words[DEVICE]);
    (void)snprintf(mount->point, sizeof(mount->point), "%s", words[POINT]);
    (void)snprintf(mount->type, sizeof(mount->type), "%s", type);
    (void)snprintf(mount->options, sizeof(mount->options), ",%.255s,%.255s,", words[OPTIONS],
                   dash == NULL ? "" : dash);
    mount->found = true;
    return true;
}

/** Where the log's directory leads; links in a copy of another host are that one's. */
static void
real_directory(const struct hf_doctor *doctor, char path[PATH_MAX])
{
    if (doctor->host.root[0] == '\0' && doctor->subject.directory[0] != '\0') {
        hf_doctor_resolve(doctor->subject.directory, path);
    } else {
        (void)snprintf(path, PATH_MAX, "%s", doctor->subject.directory);
    }
}

/** The longest mount point above the directory; of equal ones the last, which hides the others. */
static struct mount
find_mount(const struct hf_doctor *doctor)
{
    struct mount best = {0};
    char directory[PATH_MAX];
    real_directory(doctor, directory);
    char *text = hf_host_load(&doctor->host, "proc/self/mountinfo");
    char *rest = text;
    for (char *line; text != NULL && (line = strsep(&rest, "\n")) != NULL;) {
        struct mount mount = {0};
        if (parse_mount(line, &mount) && is_below(directory, mount.point) &&
            strlen(mount.point) >= strlen(best.point)) {
            best = mount;
        }
    }
    free(text);
    return best;
}

static bool
has_option(const struct mount *mount, const char *option)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), ",%s,", option);
    return strstr(mount->options, wanted) != NULL;
}

static bool
is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0) {
        words++;
    }
    return *words != NULL;
}

static void
check_file_system(struct hf_doctor *doctor, const struct mount *mount)
{
    static const char *const good[] = {"ext4", "xfs", NULL};
    static const char *const memory[] = {"tmpfs", "ramfs", "devtmpfs", NULL};
    static const char *const remote[] = {"nfs",  "nfs4", "cifs",     "smb3",
                                         "ceph", "9p",   "virtiofs", NULL};
    static const char *const copying[] = {"btrfs", "zfs", "bcachefs", "f2fs", "overlay", NULL};
    const char *directory = doctor->subject.directory;
    enum hf_verdict verdict = is_one_of(mount->type, good)      ? HF_VERDICT_FINE
                              : is_one_of(mount->type, memory)  ? HF_VERDICT_UNSAFE
                              : is_one_of(mount->type, remote)  ? HF_VERDICT_UNSAFE
                              : is_one_of(mount->type, copying) ? HF_VERDICT_SLOW
                                                                : HF_VERDICT_NOTE;
    struct hf_finding *finding = hf_doctor_find(doctor, "filesystem", verdict);
    hf_doctor_say(finding->what, "%s is on %s, mounted at %s", directory, mount->type,
                  mount->point);
    if (is_one_of(mount->type, memory)) {
        hf_doctor_say(finding->effect, "all of the log is gone when the host stops, also what was "
                                       "called durable");
    } else if (is_one_of(mount->type, remote)) {
        hf_doctor_say(finding->effect, "a flush is only as good as the other side; its locks and "
                                       "mapped files need not be those of one host");
    } else if (is_one_of(mount->type, copying)) {
        hf_doctor_say(finding->effect, "each flush writes the file system's own trees, too: the "
                                       "log's blocks are not written in place");
    } else if (verdict == HF_VERDICT_NOTE) {
        hf_doctor_say(finding->effect, "Holdfast is tested on ext4 and XFS");
    }
    if (verdict != HF_VERDICT_FINE) {
        hf_doctor_say(finding->mend, "set instance.directory to an ext4 or XFS file system on a "
                                     "local disk");
    }
}

static void
check_mount_options(struct hf_doctor *doctor, const struct mount *mount)
{
    bool no_barrier = has_option(mount, "nobarrier") || has_option(mount, "barrier=0");
    bool synchronous = has_option(mount, "sync") || has_option(mount, "dirsync");
    bool discards = has_option(mount, "discard");
    bool stamps = has_option(mount, "strictatime");
    bool reads_only = has_option(mount, "ro");
    if (!no_barrier && !synchronous && !discards && !stamps && !reads_only) {
        struct hf_finding *finding = hf_doctor_find(doctor, "mount", HF_VERDICT_FINE);
        hf_doctor_say(finding->what, "none of the options at %s costs anything", mount->point);
        return;
    }
    bool unsafe = no_barrier || reads_only;
    struct hf_finding *finding =
        hf_doctor_find(doctor, "mount", unsafe ? HF_VERDICT_UNSAFE : HF_VERDICT_SLOW);
    const char *option = no_barrier    ? "nobarrier"
                         : reads_only  ? "ro"
                         : synchronous ? "sync"
                         : discards    ? "discard"
                                       : "strictatime";
    hf_doctor_say(finding->what, "%s is mounted with %s", mount->point, option);
    hf_doctor_say(finding->effect, "%s",
                  no_barrier
                      ? "a flush does not empty the disk's cache: power that goes takes what "
                        "was called durable"
                  : reads_only  ? "no log can be written"
                  : synchronous ? "every write waits for the disk, not only flushes"
                  : discards ? "each removed segment makes the disk erase while the log is written"
                             : "each read of the log writes to the disk");
    hf_doctor_say(finding->mend, "mount -o remount,%s %s, and in /etc/fstab",
                  no_barrier    ? "barrier"
                  : reads_only  ? "rw"
                  : synchronous ? "async"
                  : discards    ? "nodiscard"
                                : "relatime",
                  mount->point);
}

/* The disks */

struct disks {
    struct hf_doctor *doctor;
    char paths[8][PATH_PARTS]; /**< below the root, of the directory that has queue/ */
    unsigned count;
};

static void add_disks(struct disks *disks, const char *path);

struct below {
    struct disks *disks;
    const char *path;
    unsigned found;
};

static void
on_slave(void *context, const char *name)
{
    struct below *below = context;
    char path[PATH_PARTS];
    below->found++;
    if (snprintf(path, sizeof(path), "%s/slaves/%s", below->path, name) < (int)sizeof(path)) {
        add_disks(below->disks, path);
    }
}

/** What lies below a device: of a partition its disk, of an array or a volume all that it is made of. */
static void
add_disks(struct disks *disks, const char *path)
{
    const struct hf_host *host = &disks->doctor->host;
    char slaves[PATH_PARTS];
    char parent[PATH_PARTS];
    struct below below = {.disks = disks, .path = path};
    if (snprintf(slaves, sizeof(slaves), "%s/slaves", path) >= (int)sizeof(slaves) ||
        snprintf(parent, sizeof(parent), "%s/..", path) >= (int)sizeof(parent)) {
        return;
    }
    hf_host_each(host, slaves, on_slave, &below);
    if (below.found > 0 || disks->count == sizeof(disks->paths) / sizeof(disks->paths[0])) {
        return;
    }
    if (hf_host_has(host, "%s/queue", path)) {
        (void)snprintf(disks->paths[disks->count++], PATH_PARTS, "%s", path);
    } else if (hf_host_has(host, "%s/queue", parent)) {
        (void)snprintf(disks->paths[disks->count++], PATH_PARTS, "%s", parent);
    }
}

/** "sda", as /dev has it. */
static void
name_disk(const struct hf_host *host, const char *path, char *name, size_t len_bytes)
{
    char text[1024];
    (void)hf_host_read(host, text, sizeof(text), "%s/uevent", path);
    const char *at = strstr(text, "DEVNAME=");
    int len = at == NULL ? 0 : (int)strcspn(at + strlen("DEVNAME="), "\n");
    (void)snprintf(name, len_bytes, "%.*s", len, at == NULL ? "" : at + strlen("DEVNAME="));
    if (name[0] == '\0') {
        (void)snprintf(name, len_bytes, "the disk");
    }
}

static void
check_write_cache(struct hf_doctor *doctor, const char *path)
{
    char name[64];
    char cache[64];
    int64_t rotates = 0;
    name_disk(&doctor->host, path, name, sizeof(name));
    (void)hf_host_number(&doctor->host, &rotates, "%s/queue/rotational", path);
    if (!hf_host_read(&doctor->host, cache, sizeof(cache), "%s/queue/write_cache", path)) {
        struct hf_finding *finding = hf_doctor_find(doctor, "write_cache", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "the kernel does not tell whether %s has a write cache", name);
        return;
    }
    if (strcmp(cache, "write back") == 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, "write_cache", HF_VERDICT_FINE);
        hf_doctor_say(finding->what,
                      "%s has a write cache, and the kernel empties it at each flush", name);
        return;
    }
    /* True of a disk that has none, or one with a battery. A disk that turns has one, and no battery. */
    struct hf_finding *finding =
        hf_doctor_find(doctor, "write_cache", rotates != 0 ? HF_VERDICT_UNSAFE : HF_VERDICT_NOTE);
    hf_doctor_say(finding->what, "%s is said to have no write cache: the kernel sends it no flush",
                  name);
    hf_doctor_say(finding->effect, "if that is not so, power that goes takes what was called "
                                   "durable");
    hf_doctor_say(finding->mend,
                  "unless it is a controller with a battery, or an SSD with power-loss protection: "
                  "echo 'write back' >/sys/block/%s/queue/write_cache",
                  name);
}

static void
check_scheduler(struct hf_doctor *doctor, const char *path)
{
    char name[64];
    char file[PATH_PARTS + 32];
    char word[32];
    name_disk(&doctor->host, path, name, sizeof(name));
    (void)snprintf(file, sizeof(file), "%s/queue/scheduler", path);
    if (!hf_host_choice(&doctor->host, word, sizeof(word), file)) {
        return; /* a device without a queue of its own */
    }
    bool good = strcmp(word, "none") == 0 || strcmp(word, "mq-deadline") == 0;
    struct hf_finding *finding =
        hf_doctor_find(doctor, "scheduler", good ? HF_VERDICT_FINE : HF_VERDICT_SLOW);
    hf_doctor_say(finding->what, "%s is scheduled by '%s'", name, word);
    if (!good) {
        hf_doctor_say(finding->effect, "flushes wait for the sake of other programs' requests");
        hf_doctor_say(finding->mend, "echo none >/sys/block/%s/queue/scheduler", name);
    }
}

static void
check_disks(struct hf_doctor *doctor, const struct mount *mount)
{
    struct disks disks = {.doctor = doctor};
    char path[PATH_PARTS];
    (void)snprintf(path, sizeof(path), "sys/dev/block/%s", mount->device);
    add_disks(&disks, path);
    if (disks.count == 0) {
        struct hf_finding *finding = hf_doctor_find(doctor, "write_cache", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "no disk is seen below %s (device %s)", mount->point,
                      mount->device);
    }
    for (unsigned i = 0; i < disks.count; i++) {
        check_write_cache(doctor, disks.paths[i]);
        check_scheduler(doctor, disks.paths[i]);
    }
}

/* Flushes, space, mode */

static void
check_flush(struct hf_doctor *doctor)
{
    const struct hf_measured *m = &doctor->measured;
    if (!m->flush) {
        struct hf_finding *finding = hf_doctor_find(doctor, "flush", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "not measured%s%s", m->why_not[0] != '\0' ? ": " : "",
                      m->why_not);
        return;
    }
    bool lies = m->flush_p50_ns < LYING_FLUSH_NS && strcmp(doctor->subject.io, "pmem") != 0;
    bool slow = m->flush_p99_ns > SLOW_FLUSH_NS;
    struct hf_finding *finding = hf_doctor_find(doctor, "flush",
                                                lies   ? HF_VERDICT_UNSAFE
                                                : slow ? HF_VERDICT_SLOW
                                                       : HF_VERDICT_FINE);
    hf_doctor_say(finding->what, "%s: p50 %.1f, p99 %.1f, max %.1f us (%llu)",
                  m->flush_of_daemon ? "the daemon's flushes" : "a write and its flush",
                  (double)m->flush_p50_ns / NS_PER_US, (double)m->flush_p99_ns / NS_PER_US,
                  (double)m->flush_max_ns / NS_PER_US, (unsigned long long)m->flushes);
    if (lies) {
        hf_doctor_say(finding->effect, "no disk answers so fast: what was called durable may be in "
                                       "memory only");
        hf_doctor_say(finding->mend, "look at the cache setting of the virtual disk or the "
                                     "controller (QEMU: cache=none, not cache=unsafe)");
    } else if (slow) {
        hf_doctor_say(finding->effect, "who waits for 'durable' waits so long at the worst");
        hf_doctor_say(finding->mend, "a disk of its own for the log, best an SSD with power-loss "
                                     "protection; wal.io = direct");
    }
}

#define SEGMENT_BYTES (UINT64_C(256) << 20) /* where nothing is known: the defaults */
#define RESERVE_SEGMENTS 1u

/** Of this host alone: another one's disk is not here. A daemon that runs has the segment that it writes, and
 *  those ahead of it; what must be free then is what snapshots leave to the log. */
static void
check_space(struct hf_doctor *doctor)
{
    const struct hf_subject *subject = &doctor->subject;
    struct statvfs space;
    char path[PATH_MAX];
    bool known = subject->segment_bytes != 0;
    uint64_t segment = known ? subject->segment_bytes : SEGMENT_BYTES;
    uint64_t segments =
        (known ? subject->reserve_segments : RESERVE_SEGMENTS) + (subject->pid != 0 ? 1 : 2);
    (void)snprintf(path, sizeof(path), "%s", subject->directory);
    hf_doctor_nearest(path);
    if (doctor->host.root[0] != '\0' || statvfs(path, &space) != 0) {
        return;
    }
    uint64_t bytes = (uint64_t)space.f_bavail * space.f_frsize;
    bool low = bytes < segment * segments;
    struct hf_finding *finding =
        hf_doctor_find(doctor, "space", low ? HF_VERDICT_UNSAFE : HF_VERDICT_FINE);
    hf_doctor_say(finding->what, "%llu MiB are free in %s: %llu segments of %llu KiB%s",
                  (unsigned long long)(bytes >> 20), path, (unsigned long long)(bytes / segment),
                  (unsigned long long)(segment >> 10), known ? "" : " (the default)");
    if (low) {
        hf_doctor_say(finding->effect, "new orders are refused (disk_low) when the reserve cannot "
                                       "be prepared any more");
        hf_doctor_say(finding->mend, "make room; log.keep_mib lets old segments go");
    }
}

static void
check_mode(struct hf_doctor *doctor)
{
    bool memory = strcmp(doctor->subject.mode, "memory") == 0;
    if (doctor->subject.mode[0] == '\0') {
        return;
    }
    struct hf_finding *finding =
        hf_doctor_find(doctor, "mode", memory ? HF_VERDICT_UNSAFE : HF_VERDICT_FINE);
    hf_doctor_say(finding->what, "wal.mode = %s", doctor->subject.mode);
    if (memory) {
        hf_doctor_say(finding->effect, "nothing is ever flushed, nothing becomes durable");
        hf_doctor_say(finding->mend, "wal.mode = group, unless this is a simulation");
    }
}

void
hf_doctor_check_disk(struct hf_doctor *doctor)
{
    struct mount mount = find_mount(doctor);
    check_mode(doctor);
    if (mount.found) {
        check_file_system(doctor, &mount);
        check_mount_options(doctor, &mount);
        check_disks(doctor, &mount);
    } else {
        struct hf_finding *finding = hf_doctor_find(doctor, "filesystem", HF_VERDICT_UNKNOWN);
        hf_doctor_say(finding->what, "the log's directory is not known, or no mount has it%s",
                      doctor->subject.pid != 0 ? ": run this as root" : "");
    }
    check_flush(doctor);
    check_space(doctor);
}
