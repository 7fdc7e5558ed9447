/*
 * points.c - the power goes at a point of a recorded disk's life: what does the next start find?
 *
 *   power_points TRACE IMAGE LOOP MOUNTPOINT POINTS SEED
 *
 *   trace   ... write FLUSH write note write write | write FLUSH write ...
 *           └── all of it ──┘└─ each sector or not ─┘ └─ never came ─┘
 *                                                   ▲ the point
 *
 * LOOP is a loop device over IMAGE. For each of POINTS points, by dice and in order: IMAGE is made what the
 * medium may hold then; the kernel mounts it, and so replays its journal; the log in it is scanned and
 * replayed, as a start does, sealed, and scanned again. It must be whole, and go as far as the last note
 * before the point, and every snapshot that has its name must be whole too.
 */
#include "trace.h"

#include "base/panic.h"
#include "recovery/replay.h"
#include "recovery/scan.h"
#include "recovery/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR_BYTES 512u
#define UNMOUNTABLE_PART 50u /* more than one in so many would be a fault of this test */
#define VIOLATIONS_MAX 10u   /* more of them tell nothing new */

struct power {
    const unsigned char *trace;
    uint64_t *entries; /**< offsets in the trace, from TRACE_BEGIN on */
    uint64_t count;
    unsigned char *stable; /**< what was flushed before the point */
    unsigned char *image;
    size_t disk_bytes;
    const char *loop;
    const char *mountpoint;
    uint64_t dice;
    uint64_t applied; /**< entries that are in `stable` */
    uint64_t flushed; /**< entries before the last flush before the point */
    uint64_t noted;   /**< highest LSN noted before the point */
    uint64_t seen;    /**< entries looked at for these two */
    uint64_t violations;
    uint64_t unmountable; /**< its superblock was torn, which is e2fsck's business */
};

static uint64_t
roll(struct power *power, uint64_t count)
{
    power->dice ^= power->dice << 13;
    power->dice ^= power->dice >> 7;
    power->dice ^= power->dice << 17;
    HF_ASSERT("there is something to choose from", count > 0);
    return power->dice % count;
}

static void
die(const char *what)
{
    perror(what);
    exit(2);
}

static struct trace_entry
entry_at(const struct power *power, uint64_t index)
{
    struct trace_entry entry;
    memcpy(&entry, power->trace + power->entries[index], sizeof(entry));
    return entry;
}

/* What the medium holds */

/** Of a write without a flush behind it: all, nothing, or some of its sectors. */
static void
apply_torn(struct power *power, uint64_t index, unsigned kept_percent)
{
    struct trace_entry entry = entry_at(power, index);
    const unsigned char *data = power->trace + power->entries[index] + sizeof(entry);
    bool torn = roll(power, 4) == 0;
    bool kept = roll(power, 100) < kept_percent;
    for (uint32_t done = 0; done < entry.len_bytes; done += SECTOR_BYTES) {
        uint32_t left = entry.len_bytes - done;
        kept = torn ? roll(power, 100) < kept_percent : kept;
        if (kept) {
            memcpy(power->image + entry.offset + done, data + done,
                   left < SECTOR_BYTES ? left : SECTOR_BYTES);
        }
    }
}

static void
look_until(struct power *power, uint64_t point)
{
    for (; power->seen < point; power->seen++) {
        struct trace_entry entry = entry_at(power, power->seen);
        if (entry.type == TRACE_FLUSH) {
            power->flushed = power->seen;
        } else if (entry.type == TRACE_NOTE && entry.offset != TRACE_BEGIN &&
                   entry.offset > power->noted) {
            power->noted = entry.offset;
        }
    }
    for (; power->applied < power->flushed; power->applied++) {
        struct trace_entry entry = entry_at(power, power->applied);
        if (entry.type == TRACE_WRITE) {
            memcpy(power->stable + entry.offset,
                   power->trace + power->entries[power->applied] + sizeof(entry), entry.len_bytes);
        }
    }
}

static void
make_image(struct power *power, uint64_t point)
{
    static const unsigned percents[] = {100, 90, 50, 10, 0};
    look_until(power, point);
    memcpy(power->image, power->stable, power->disk_bytes);
    unsigned kept_percent = percents[roll(power, sizeof(percents) / sizeof(percents[0]))];
    for (uint64_t i = power->flushed; i < point; i++) {
        if (entry_at(power, i).type == TRACE_WRITE) {
            apply_torn(power, i, kept_percent);
        }
    }
}

/* What a start makes of it */

static int
scan(const char *directory, uint64_t noted, struct hf_scan_result *result, char *text)
{
    struct hf_replay replay = {.numa_node = -1, .background = true};
    int code = hf_scan(directory, noted, hf_replay_record, &replay, result);
    (void)snprintf(text, HF_SCAN_TEXT_BYTES, "%s",
                   replay.text[0] != '\0' ? replay.text : result->text);
    hf_replay_free(&replay);
    return code;
}

static int
check_snapshots(const char *directory, char *text)
{
    uint64_t *lsns = NULL;
    size_t count = 0;
    int code = hf_snapshot_list(directory, &lsns, &count);
    for (size_t i = 0; i < count && code == HF_OK; i++) {
        struct hf_snapshot snapshot;
        code = hf_snapshot_verify(directory, lsns[i], &snapshot);
        (void)snprintf(text, HF_SCAN_TEXT_BYTES, "the snapshot of LSN %" PRIu64 " is not whole",
                       lsns[i]);
    }
    free(lsns);
    return code;
}

/** @return 0, or anything else with a text */
static int
check_log(const char *directory, uint64_t noted, char *text)
{
    struct hf_scan_result first;
    struct hf_scan_result second;
    if (access(directory, F_OK) != 0) {
        (void)snprintf(text, HF_SCAN_TEXT_BYTES, "there is no log, but LSN %" PRIu64 " was durable",
                       noted);
        return noted == 0 ? 0 : -1;
    }
    int code = scan(directory, noted, &first, text);
    if (code == HF_OK && first.end_lsn < noted) {
        (void)snprintf(text, HF_SCAN_TEXT_BYTES,
                       "the log ends at LSN %" PRIu64 ", but LSN %" PRIu64 " was durable",
                       first.end_lsn, noted);
        code = -1;
    }
    if (code == HF_OK) {
        code = check_snapshots(directory, text);
    }
    if (code == HF_OK && first.end_lsn > 0) {
        struct hf_scan_result sealed = first;
        code = hf_scan_seal(directory, NULL, 0, &sealed);
        (void)snprintf(text, HF_SCAN_TEXT_BYTES, "%s", sealed.text);
    }
    if (code == HF_OK && first.end_lsn > 0) {
        code = scan(directory, first.end_lsn, &second, text);
        if (code == HF_OK && (second.end_lsn != first.end_lsn || second.torn_bytes != 0)) {
            (void)snprintf(text, HF_SCAN_TEXT_BYTES, "sealed, it ends elsewhere or torn");
            code = -1;
        }
    }
    return code;
}

static void
try_point(struct power *power, uint64_t point)
{
    char directory[HF_PATH_BYTES];
    char text[HF_SCAN_TEXT_BYTES] = "";
    make_image(power, point);
    (void)snprintf(directory, sizeof(directory), "%s/log", power->mountpoint);
    if (mount(power->loop, power->mountpoint, "ext4", MS_NOATIME, NULL) != 0) {
        if (errno != EBADMSG && errno != EUCLEAN && errno != EINVAL) {
            die("power_points: mount");
        }
        power->unmountable++;
        return;
    }
    if (check_log(directory, power->noted, text) != 0) {
        power->violations++;
        (void)printf("VIOLATION at entry %" PRIu64 " of %" PRIu64 ": %s\n", point, power->count,
                     text);
    }
    if (umount(power->mountpoint) != 0) {
        die("power_points: umount");
    }
}

/* All of them */

static void *
map(const char *path, bool writable, size_t *len_bytes)
{
    struct stat status;
    int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        die(path);
    }
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *base = mmap(NULL, (size_t)status.st_size, protection, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) {
        die(path);
    }
    close(fd);
    *len_bytes = (size_t)status.st_size;
    return base;
}

/** Offsets of the entries from TRACE_BEGIN on; what is before it goes into `stable`. */
static void
read_trace(struct power *power, size_t trace_bytes)
{
    bool begun = false;
    struct trace_entry entry;
    power->entries = calloc(trace_bytes / sizeof(entry) + 1, sizeof(*power->entries));
    if (power->entries == NULL) {
        die("power_points");
    }
    for (uint64_t at = 0; at + sizeof(entry) <= trace_bytes;) {
        memcpy(&entry, power->trace + at, sizeof(entry));
        begun = begun || (entry.type == TRACE_NOTE && entry.offset == TRACE_BEGIN);
        if (begun) {
            power->entries[power->count++] = at;
        } else if (entry.type == TRACE_WRITE) {
            memcpy(power->stable + entry.offset, power->trace + at + sizeof(entry),
                   entry.len_bytes);
        }
        at += sizeof(entry) + entry.len_bytes;
    }
}

static int
compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static uint64_t *
choose_points(struct power *power, uint64_t count)
{
    uint64_t *points = calloc(count, sizeof(*points));
    if (points == NULL) {
        die("power_points");
    }
    for (uint64_t i = 0; i < count; i++) {
        points[i] = 1 + roll(power, power->count);
    }
    qsort(points, count, sizeof(*points), compare);
    return points;
}

int
main(int argc, char **argv)
{
    struct power power = {0};
    size_t trace_bytes;
    if (argc != 7) {
        (void)fprintf(stderr, "usage: power_points TRACE IMAGE LOOP MOUNTPOINT POINTS SEED\n");
        return 2;
    }
    power.trace = map(argv[1], false, &trace_bytes);
    power.image = map(argv[2], true, &power.disk_bytes);
    power.stable = calloc(1, power.disk_bytes);
    power.loop = argv[3];
    power.mountpoint = argv[4];
    power.dice = strtoull(argv[6], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
    if (power.stable == NULL) {
        die("power_points");
    }
    read_trace(&power, trace_bytes);
    uint64_t count = strtoull(argv[5], NULL, 10);
    uint64_t *points = choose_points(&power, count);
    uint64_t tried = 0;
    while (tried < count && power.violations < VIOLATIONS_MAX) {
        try_point(&power, points[tried++]);
    }
    (void)printf("%" PRIu64 " points of %" PRIu64 " entries, %" PRIu64 " not mountable, %" PRIu64
                 " violations\n",
                 tried, power.count, power.unmountable, power.violations);
    free(points);
    free(power.entries);
    free(power.stable);
    return power.violations == 0 && power.unmountable <= tried / UNMOUNTABLE_PART ? 0 : 1;
}
