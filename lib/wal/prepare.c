/*
 * prepare.c - the preparer's stage: whatever the writer needs ahead of it, so that neither engine nor
 * flush meets block allocation or page faults.
 *
 * Each call does one small step of each kind, none longer than some milliseconds:
 *   1. unmap one segment that is retired
 *   2. lay zeros in the first segment that lacks them, and start writing them back: extents that are
 *      allocated but unwritten would cost three writes and two device flushes per commit, not one;
 *      far ahead of the writer at a pace, so that the flushes keep the device
 *   3. make page-table entries writable a few MiB ahead of the writer, not more: after 30 s they are
 *      written back and protected again
 *   4. make one segment when fewer than the reserve are ahead
 *   5. every second: see whether the names still lead to the files
 *
 * Failure policy: no space is no error here: it is told by no_space (hf_wal_low()) and tried again
 * after a second. Everything else is final.
 */
#include "wal/wal_internal.h"

#include "base/planted.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define RETRY_NS 1000000000u
#define LOOK_NS 1000000000u

static int
prepare_failed(struct hf_wal *wal, uint64_t index, const char *what, int error)
{
    char path[PATH_MAX];
    (void)hf_segment_path(path, sizeof(path), wal->directory, wal->start.segment + index);
    wal->prepare.failed =
        hf_wal_fail(wal, hf_segment_error(error), error, "%s: %s: %s (errno %d)%s", path, what,
                    strerror(error), error, hf_segment_obstacle(error));
    return wal->prepare.failed;
}

int
hf_wal_prepare_zero(struct hf_wal *wal, struct hf_wal_segment *segment, uint64_t len_bytes)
{
    /* Relaxed: only this thread stores it. */
    uint64_t from = hf_load_relaxed(&segment->zeroed_bytes);
    if (len_bytes > wal->config.segment_bytes - from) {
        len_bytes = wal->config.segment_bytes - from;
    }
    if (HF_PLANTED(ZEROS_BEHIND)) {
        hf_store_release(&segment->zeroed_bytes, from + len_bytes);
    }
    int result = segment->file.io->zero(&segment->file, from, len_bytes);
    if (result != 0) {
        return result;
    }
    /* Pairs with the acquires in writer.c: no zero is written below this any more (W5). */
    hf_store_release(&segment->zeroed_bytes, from + len_bytes);
    return 0;
}

int
hf_wal_prepare_adopt(struct hf_wal *wal)
{
    struct hf_wal_prepare *prepare = &wal->prepare;
    struct hf_wal_segment *segment = hf_wal_segment_at(wal, prepare->made);
    char path[PATH_MAX];
    int result =
        hf_segment_path(path, sizeof(path), wal->directory, wal->start.segment + prepare->made);
    if (result == 0) {
        result = wal->direct == NULL
                     ? hf_wal_file_open(&segment->file, path, wal->config.io)
                     : hf_wal_direct_open(&segment->file, path, wal->direct,
                                          prepare->made * wal->config.segment_bytes);
    }
    if (result != 0) {
        return result;
    }
    if (segment->file.len_bytes != wal->config.segment_bytes) {
        hf_wal_file_close(&segment->file);
        return -EIO;
    }
    /* Relaxed: becomes visible with `made`. */
    hf_store_relaxed(&segment->zeroed_bytes, 0);
    prepare->made++;
    /* Pairs with the acquires in writer.c: the segment is mapped. */
    hf_store_release(&wal->made, prepare->made);
    return 0;
}

static int64_t
step_unmap(struct hf_wal *wal)
{
    struct hf_wal_prepare *prepare = &wal->prepare;
    /* Pairs with the release in segments_retire(): neither writer nor sync touches it again (W6). */
    if (prepare->freed == hf_load_acquire(&wal->retired)) {
        return 0;
    }
    hf_wal_file_close(&hf_wal_segment_at(wal, prepare->freed)->file);
    prepare->freed++;
    return 1;
}

static uint64_t
written_position(const struct hf_wal *wal)
{
    /* Acquire pairs with the release in batch_publish(), though only the number matters: a position
     * that is behind by some batches keeps a little less ready. */
    return hf_load_acquire(wal->marks.written_position) - hf_wal_position_base(wal);
}

/** Whether zeros at this position may be laid now: at once near the writer, else at a pace. */
static bool
zero_due(struct hf_wal *wal, uint64_t position, uint64_t now_ns)
{
    struct hf_wal_prepare *prepare = &wal->prepare;
    if (position >= written_position(wal) + HF_WAL_NEAR_BYTES) {
        if (now_ns < prepare->pace_ns) {
            return false;
        }
        prepare->pace_ns = now_ns + HF_WAL_PACE_NS;
    }
    return true;
}

static int64_t
step_zero(struct hf_wal *wal, uint64_t current, uint64_t now_ns)
{
    for (uint64_t index = current; index < wal->prepare.made; index++) {
        struct hf_wal_segment *segment = hf_wal_segment_at(wal, index);
        /* Relaxed: only this thread stores it. */
        uint64_t zeroed = hf_load_relaxed(&segment->zeroed_bytes);
        if (zeroed == wal->config.segment_bytes) {
            continue;
        }
        if (!zero_due(wal, index * wal->config.segment_bytes + zeroed, now_ns)) {
            return 0;
        }
        int result = hf_wal_prepare_zero(wal, segment, HF_WAL_STEP_BYTES);
        return result == 0 ? 1 : prepare_failed(wal, index, "laying zeros", -result);
    }
    return 0;
}

static int64_t
step_populate(struct hf_wal *wal, uint64_t current)
{
    struct hf_wal_prepare *prepare = &wal->prepare;
    uint64_t written = written_position(wal);
    uint64_t from = prepare->populated;
    if (from < current * wal->config.segment_bytes) {
        from = current * wal->config.segment_bytes; /* W6: nothing before it may be mapped still */
    }
    uint64_t index = from / wal->config.segment_bytes;
    if (index >= prepare->made || from >= written + HF_WAL_AHEAD_BYTES) {
        return 0;
    }
    struct hf_wal_segment *segment = hf_wal_segment_at(wal, index);
    uint64_t offset = from % wal->config.segment_bytes;
    /* Relaxed: only this thread stores it. Behind the zeros, because a fault there would build the
     * page cache its own way. */
    uint64_t zeroed = hf_load_relaxed(&segment->zeroed_bytes);
    uint64_t len_bytes = zeroed <= offset ? 0 : zeroed - offset;
    if (len_bytes > HF_WAL_STEP_BYTES) {
        len_bytes = HF_WAL_STEP_BYTES;
    }
    if (len_bytes == 0) {
        return 0;
    }
    segment->file.io->populate(&segment->file, offset, len_bytes);
    prepare->populated = from + len_bytes;
    return 1;
}

static void
no_space_set(struct hf_wal *wal, uint32_t no_space)
{
    /* Relaxed: a flag alone (writer.c, hf_wal_low()). */
    hf_store_relaxed(&wal->no_space, no_space);
}

static int64_t
step_make(struct hf_wal *wal, uint64_t current, uint64_t now_ns)
{
    struct hf_wal_prepare *prepare = &wal->prepare;
    if (prepare->made > current + wal->config.reserve_segments ||
        prepare->made == prepare->freed + HF_WAL_SEGMENTS_MAX || now_ns < prepare->retry_ns) {
        return 0;
    }
    int result = hf_segment_create(wal->directory, wal->start.segment + prepare->made,
                                   wal->config.segment_bytes, NULL, 0);
    if (result != 0 && hf_segment_error(-result) == HF_E_NO_SPACE) {
        prepare->retry_ns = now_ns + RETRY_NS;
        no_space_set(wal, 1);
        return 0;
    }
    if (result == 0) {
        result = hf_wal_prepare_adopt(wal);
    }
    if (result != 0) {
        return prepare_failed(wal, prepare->made, "making a segment", -result);
    }
    no_space_set(wal, 0);
    return 1;
}

/** Whether a segment's name leads to the file that is being written: it may have been removed, moved
 *  away, or another file put in its place. @return 0 or errno */
static int
look_at_name(struct hf_wal *wal, uint64_t index)
{
    char path[PATH_MAX];
    struct stat written;
    struct stat named;
    int result = hf_segment_path(path, sizeof(path), wal->directory, wal->start.segment + index);
    if (result != 0) {
        return -result;
    }
    if (fstat(hf_wal_segment_at(wal, index)->file.fd, &written) != 0 || stat(path, &named) != 0) {
        return errno;
    }
    bool same = written.st_dev == named.st_dev && written.st_ino == named.st_ino;
    return same ? 0 : ESTALE;
}

int
hf_wal_check_files(struct hf_wal *wal)
{
    /* Acquire pairs with the release in segments_retire(), though only the number matters: of those before
     * it snapshots may have made the names free (W6). */
    uint64_t index = hf_load_acquire(&wal->retired);
    for (; index < wal->prepare.made; index++) {
        int error = look_at_name(wal, index);
        if (error != 0) {
            return prepare_failed(wal, index,
                                  "the file was removed or moved while the daemon writes it; what "
                                  "is flushed into it is lost",
                                  error);
        }
    }
    return 0;
}

/** What was made durable in a file that is not in its place is not found by the next start. */
static int
step_look(struct hf_wal *wal, uint64_t now_ns)
{
    if (now_ns < wal->prepare.look_ns) {
        return 0;
    }
    wal->prepare.look_ns = now_ns + LOOK_NS;
    return hf_wal_check_files(wal);
}

int64_t
hf_wal_prepare_do_work(struct hf_wal *wal, uint64_t now_ns)
{
    if (wal->prepare.failed != 0) {
        return wal->prepare.failed;
    }
    /* Pairs with the release in segment_enter(): the segments before are the writer's no more. */
    uint64_t current = hf_load_acquire(&wal->current);
    int looked = step_look(wal, now_ns);
    if (looked != 0) {
        return looked;
    }
    int64_t done = step_unmap(wal);
    int64_t zeroed = step_zero(wal, current, now_ns);
    if (zeroed < 0) {
        return zeroed;
    }
    done += zeroed + step_populate(wal, current);
    int64_t made = step_make(wal, current, now_ns);
    return made < 0 ? made : done + made;
}

bool
hf_wal_low(const struct hf_wal *wal)
{
    /* Relaxed: a flag alone. It is set only while fewer than the reserve are ahead. */
    return hf_load_relaxed(&wal->no_space) != 0;
}
