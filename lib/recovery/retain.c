/*
 * retain.c - which snapshots and segments stay (retain.h).
 */
#include "recovery/retain.h"

#include "base/planted.h"
#include "recovery/snapshot.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct work {
    struct hf_retain *retain;
    uint64_t *snapshots; /**< LSNs, ascending */
    size_t snapshot_count;
    uint64_t *segments; /**< numbers, ascending */
    size_t segment_count;
    uint64_t bytes;      /**< of all segments that are there */
    bool held;           /**< R2 keeps more than R1 would */
    uint64_t anchor_lsn; /**< R2: of the snapshot that stays for a session; 0: none is old enough */
};

static int __attribute__((format(printf, 3, 4)))
fail(struct work *work, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(work->retain->text, sizeof(work->retain->text), format, arguments);
    va_end(arguments);
    return code;
}

static int
fail_errno(struct work *work, const char *what, int error)
{
    return fail(work, hf_segment_error(error), "%.256s: %s: %s", work->retain->directory, what,
                strerror(error));
}

/* Segments */

static bool
is_limited(const struct hf_retain *retain)
{
    return retain->keep_bytes != 0 || retain->keep_ns != 0;
}

static int
segment_stat(const struct work *work, uint64_t number, uint64_t *bytes)
{
    char path[PATH_MAX];
    struct stat status;
    int result = hf_segment_path(path, sizeof(path), work->retain->directory, number);
    if (result == 0 && stat(path, &status) != 0) {
        result = -errno;
    }
    *bytes = result == 0 ? (uint64_t)status.st_size : 0;
    return result;
}

/** When the segment at this place of the list was left: when the next one was begun. UINT64_MAX: not yet,
 *  or nobody can tell. */
static uint64_t
left_ns(const struct work *work, size_t place)
{
    char path[PATH_MAX];
    struct hf_segment_header header;
    if (place + 1 >= work->segment_count ||
        hf_segment_path(path, sizeof(path), work->retain->directory, work->segments[place + 1]) !=
            0) {
        return UINT64_MAX;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return UINT64_MAX;
    }
    bool whole = pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
                 header.magic == HF_SEGMENT_MAGIC;
    (void)close(fd);
    return whole ? header.created_ns : UINT64_MAX;
}

/** Whether the log is so many times longer, or its segment at this place so many times older, than it is to
 *  be kept. */
static bool
is_over(const struct work *work, size_t place, unsigned times)
{
    const struct hf_retain *retain = work->retain;
    if (retain->keep_bytes != 0 && work->bytes / times > retain->keep_bytes) {
        return true;
    }
    uint64_t left = retain->keep_ns == 0 ? UINT64_MAX : left_ns(work, place);
    return left < retain->now_wall_ns && (retain->now_wall_ns - left) / times > retain->keep_ns;
}

static int
segments_measure(struct work *work)
{
    for (size_t i = 0; i < work->segment_count; i++) {
        uint64_t bytes = 0;
        int result = segment_stat(work, work->segments[i], &bytes);
        if (result != 0) {
            return fail_errno(work, "a segment cannot be looked at", -result);
        }
        work->bytes += bytes;
    }
    return 0;
}

/** R4. @param end  first number that must stay */
static int
segments_remove(struct work *work, uint64_t end)
{
    struct hf_retain *retain = work->retain;
    for (size_t i = 0; i < work->segment_count && work->segments[i] < end; i++) {
        uint64_t bytes = 0;
        if (!is_over(work, i, 1)) {
            break;
        }
        int result = segment_stat(work, work->segments[i], &bytes);
        if (result == 0) {
            result = hf_segment_remove(retain->directory, work->segments[i]);
        }
        if (result == 0) {
            result = hf_segment_sync_directory(retain->directory);
        }
        if (result != 0) {
            return fail_errno(work, "removing a segment", -result);
        }
        work->bytes -= bytes;
        retain->segments_removed++;
        retain->first_segment =
            i + 1 < work->segment_count ? work->segments[i + 1] : retain->first_segment;
    }
    return 0;
}

/* Snapshots */

/** R2: find what a session needs, unless the log has grown too long for it. */
static void
hold(struct work *work)
{
    struct hf_retain *retain = work->retain;
    size_t kept = work->snapshot_count - HF_SNAPSHOT_KEPT;
    if (retain->needed_lsn == 0 || work->snapshots[kept] < retain->needed_lsn) {
        return; /* the older one of the two will do */
    }
    if (work->segment_count > 0 && is_over(work, 0, 2)) {
        retain->overruled = true;
        return;
    }
    work->held = true;
    while (kept > 0 && work->snapshots[kept] >= retain->needed_lsn) {
        kept--;
    }
    work->anchor_lsn = work->snapshots[kept] < retain->needed_lsn ? work->snapshots[kept] : 0;
}

/** R1, R2: what is older than the two, and nobody needs. */
static int
snapshots_remove(struct work *work)
{
    int result = 0;
    for (size_t i = 0; i + HF_SNAPSHOT_KEPT < work->snapshot_count && result == 0; i++) {
        if (work->snapshots[i] != work->anchor_lsn) {
            result = hf_snapshot_remove(work->retain->directory, work->snapshots[i]);
            work->retain->snapshots_removed += result == 0;
        }
    }
    if (result == 0) {
        result = hf_segment_sync_directory(work->retain->directory);
    }
    return result == 0 ? 0 : fail_errno(work, "removing a snapshot", -result);
}

/** R3. @param segment  receives the number of the segment in which the log goes on behind it */
static int
snapshot_check(struct work *work, uint64_t lsn, uint64_t *segment)
{
    struct hf_snapshot snapshot;
    int code = hf_snapshot_verify(work->retain->directory, lsn, &snapshot);
    *segment = snapshot.header.log_segment;
    return code == 0 ? 0
                     : fail(work, code, "nothing is removed, because a snapshot is damaged: %s",
                            snapshot.text);
}

/** The first segment number that must stay, in `end`; 0: all must. */
static int
find_end(struct work *work, uint64_t *end)
{
    uint64_t segment = 0;
    *end = 0;
    int code = snapshot_check(work, work->snapshots[work->snapshot_count - 1], &segment);
    if (code == 0) {
        code = snapshot_check(work, work->snapshots[work->snapshot_count - HF_SNAPSHOT_KEPT],
                              &segment);
    }
    if (code == 0 && work->held) {
        segment = 0; /* nothing may go, but for a snapshot from before */
        code = work->anchor_lsn == 0 ? 0 : snapshot_check(work, work->anchor_lsn, &segment);
    }
    *end = code == 0 && segment > 1 ? segment - 1 : 0;
    *end += HF_PLANTED(RETAINED_TOO_LITTLE) ? 2 : 0;
    return code;
}

/* R5 */

static int
directory_lock(const char *directory, int operation)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int result;
    do {
        result = flock(fd, operation) == 0 ? 0 : -errno;
    } while (result == -EINTR);
    if (result != 0) {
        (void)close(fd);
    }
    return result == 0 ? fd : result;
}

int
hf_retain_hold(const char *directory)
{
    return directory_lock(directory, LOCK_SH);
}

static bool
is_too_much_to_hold(const struct work *work)
{
    bool limited = is_limited(work->retain) && work->segment_count > 0;
    return (limited && is_over(work, 0, 2)) || work->snapshot_count > HF_RETAIN_SNAPSHOTS_MAX;
}

/** @return whether something may be removed now: until `*lock` (-1: there is none) is closed */
static bool
lock_for_removal(struct work *work, int *lock)
{
    *lock = directory_lock(work->retain->directory, LOCK_EX | LOCK_NB);
    bool held = *lock == -EWOULDBLOCK; /* where there are no locks, nobody can hold */
    *lock = *lock < 0 ? -1 : *lock;
    work->retain->hold_overruled = held && is_too_much_to_hold(work);
    work->retain->held = held && !work->retain->hold_overruled;
    return !work->retain->held;
}

static int
remove_all(struct work *work, bool over)
{
    uint64_t end = 0;
    if (is_limited(work->retain)) {
        hold(work);
    }
    int code = find_end(work, &end);
    if (code == 0) {
        code = snapshots_remove(work);
    }
    return code == 0 && over ? segments_remove(work, end) : code;
}

static int
retain_all(struct work *work)
{
    int lock = -1;
    int code = segments_measure(work);
    if (code != 0 || work->snapshot_count < HF_SNAPSHOT_KEPT) {
        return code;
    }
    bool over = is_limited(work->retain) && is_over(work, 0, 1);
    if (!over && work->snapshot_count == HF_SNAPSHOT_KEPT) {
        return 0; /* nothing may go: spare the look at the snapshots */
    }
    if (lock_for_removal(work, &lock)) {
        code = remove_all(work, over);
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    return code;
}

int
hf_retain(struct hf_retain *retain)
{
    struct work work = {.retain = retain};
    retain->segments_removed = 0;
    retain->snapshots_removed = 0;
    retain->first_segment = 0;
    retain->overruled = retain->held = retain->hold_overruled = false;
    retain->text[0] = '\0';
    int result = hf_segment_list(retain->directory, &work.segments, &work.segment_count);
    if (result == 0) {
        result = hf_snapshot_list(retain->directory, &work.snapshots, &work.snapshot_count);
    }
    if (result == 0 && work.segment_count > 0) {
        retain->first_segment = work.segments[0];
    }
    int code = result == 0 ? retain_all(&work) : fail_errno(&work, "cannot be listed", -result);
    free(work.segments);
    free(work.snapshots);
    return code;
}
