/*
 * test_seal.c - make the accepted log durable and end its tail, also when that is interrupted.
 *
 * The system calls that change files are defined here, over those of the C library, so that a test
 * can note them, fail them, or die in the middle of one.
 */
#include "recovery/scan_fixture.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define DIED 77

static struct {
    unsigned steps;  /* changing calls so far */
    unsigned die_at; /* leave the process inside this one; 0: never */
    bool punch_unsupported;
    int fsync_error;
    uint64_t rewritten; /* lowest and highest offset that pwrite got, per watched segment */
    uint64_t low, high;
    ino_t watched;
} calls;

static bool
step_dies(void)
{
    return ++calls.steps == calls.die_at;
}

ssize_t
pwrite(int fd, const void *data, size_t len_bytes, off_t offset)
{
    struct stat status;
    if (step_dies()) {
        syscall(SYS_pwrite64, fd, data, len_bytes / 2, offset); /* torn */
        _exit(DIED);
    }
    if (calls.watched != 0 && fstat(fd, &status) == 0 && status.st_ino == calls.watched) {
        calls.low = (uint64_t)offset < calls.low ? (uint64_t)offset : calls.low;
        calls.high =
            (uint64_t)offset + len_bytes > calls.high ? (uint64_t)offset + len_bytes : calls.high;
        calls.rewritten += len_bytes;
    }
    return syscall(SYS_pwrite64, fd, data, len_bytes, offset);
}

int
fsync(int fd)
{
    if (step_dies()) {
        _exit(DIED);
    }
    if (calls.fsync_error != 0) {
        errno = calls.fsync_error;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int
fallocate(int fd, int mode, off_t offset, off_t len_bytes)
{
    if (step_dies()) {
        _exit(DIED);
    }
    if (calls.punch_unsupported) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, offset, len_bytes);
}

int
unlink(const char *path)
{
    if (step_dies()) {
        _exit(DIED);
    }
    return (int)syscall(SYS_unlink, path);
}

int
rename(const char *from, const char *to)
{
    if (step_dies()) {
        _exit(DIED);
    }
    return (int)syscall(SYS_rename, from, to);
}

static struct fixture fixture;
static struct hf_scan_result result;
static struct hf_record extra[4 * FIXTURE_SEGMENT_SLOTS];

static void
begin(void)
{
    fixture_begin(&fixture, "/dev/shm");
}

static void
end(void)
{
    memset(&calls, 0, sizeof(calls));
    fixture_end(&fixture);
}

TestSuite(seal, .init = begin, .fini = end);

/** Records of the fixed mix from LSN `from` on; the last message may be cut in half. */
static void
extra_make(uint64_t from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t lsn = from + i;
        bool more = lsn > 1 && record_is_double(lsn - 1);
        extra[i] = record_make(lsn, more                    ? HF_RECORD_MORE
                                    : record_is_double(lsn) ? HF_COMMAND_INSTRUMENT_ADD
                                                            : HF_COMMAND_NEW);
    }
}

static void
log_make(uint64_t lsns, uint64_t batch)
{
    fixture_open(&fixture);
    fixture_fill(&fixture, lsns, batch);
}

static void
scan(void)
{
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0, "%s", result.text);
}

/** Seal, then scan again: both must agree about everything. */
static void
seal_and_compare(size_t count)
{
    struct hf_scan_result sealed = result;
    cr_assert_eq(hf_scan_seal(fixture.directory, extra, count, &sealed), 0, "%s", sealed.text);
    scan();
    cr_expect(results_equal(&sealed, &result), "the result of a seal is that of a scan after it");
    cr_expect_eq(result.torn_bytes, 0);
}

static uint64_t
directory_hash(void)
{
    uint64_t *numbers;
    uint64_t hash = 1469598103934665603u;
    size_t count;
    unsigned char *bytes = malloc(HF_SEGMENT_BYTES_MIN);
    cr_assert_eq(hf_segment_list(fixture.directory, &numbers, &count), 0);
    for (size_t i = 0; i < count; i++) {
        fixture_read(&fixture, numbers[i], 0, bytes, HF_SEGMENT_BYTES_MIN);
        for (size_t at = 0; at < HF_SEGMENT_BYTES_MIN; at++) {
            hash = (hash ^ bytes[at]) * 1099511628211u;
        }
        hash = (hash ^ numbers[i]) * 1099511628211u;
    }
    free(numbers);
    free(bytes);
    return hash;
}

Test(seal, an_empty_log_is_cleaned_of_leftovers)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/00000000000000000001.wal.tmp", fixture.directory);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    scan();
    cr_expect_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), 0);
    cr_expect_neq(access(path, F_OK), 0);
}

Test(seal, a_directory_in_place_of_a_temporary_file_is_named)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/00000000000000000001.wal.tmp", fixture.directory);
    cr_assert_eq(mkdir(path, 0700), 0);
    scan();
    cr_expect_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), HF_E_SYSTEM);
    cr_expect_not_null(strstr(result.text, path), "%s", result.text);
    cr_expect_not_null(strstr(result.text, "move it away"), "%s", result.text);
    cr_expect_eq(rmdir(path), 0, "it is still there");
}

Test(seal, a_clean_log_stays_byte_for_byte_and_loses_its_prepared_segments)
{
    log_make(1500, 100);
    fixture_close(&fixture);
    uint64_t hash = directory_hash();
    cr_assert_eq(hf_segment_create(fixture.directory, 3, HF_SEGMENT_BYTES_MIN, NULL, 0), 0);
    cr_assert_eq(hf_segment_create(fixture.directory, 4, HF_SEGMENT_BYTES_MIN, NULL, 0), 0);
    scan();
    cr_expect_eq(result.last_number, 4);
    seal_and_compare(0);
    cr_expect_eq(result.last_number, 2);
    cr_expect_eq(directory_hash(), hash);
}

Test(seal, a_torn_tail_is_zeroed_and_its_later_segments_are_removed)
{
    static const struct {
        uint64_t number, offset;
        size_t len_bytes;
    } cases[] = {{1, 20000, 64},   {1, HF_SEGMENT_BYTES_MIN - 64, 64}, {2, 0, 4096},
                 {2, 4096, 64},    {2, 0, HF_SEGMENT_BYTES_MIN},       {3, 8192, 4096},
                 {2, 30000, 30000}};
    end();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        log_make(3 * FIXTURE_SEGMENT_SLOTS, 100);
        fixture_close(&fixture);
        fixture_zero(&fixture, cases[i].number, cases[i].offset, cases[i].len_bytes);
        scan();
        struct hf_scan_result before = result;
        cr_expect_gt(before.torn_bytes, 0, "case %zu", i);
        seal_and_compare(0);
        cr_expect_eq(result.end_lsn, before.end_lsn, "case %zu", i);
        cr_expect_eq(result.end_chain, before.end_chain, "case %zu", i);
        cr_expect_eq(result.last_number, before.end_segment, "case %zu", i);
        uint64_t hash = directory_hash();
        seal_and_compare(0);
        cr_expect_eq(directory_hash(), hash, "case %zu: sealing twice is sealing once", i);
        if (i + 1 < sizeof(cases) / sizeof(cases[0])) {
            end();
        }
    }
}

Test(seal, where_holes_cannot_be_punched_zeros_are_written)
{
    log_make(100, 10);
    fixture_close(&fixture);
    fixture_zero(&fixture, 1, 6400, 64);
    scan();
    cr_expect_gt(result.torn_bytes, 0);
    calls.punch_unsupported = true;
    seal_and_compare(0);
}

Test(seal, everything_from_the_floor_to_the_end_is_rewritten)
{
    struct stat status;
    char path[512];
    fixture_open(&fixture);
    fixture_fill(&fixture, 400, 10);
    hf_wal_sync_all(fixture.wal);
    uint64_t floor_offset = fixture.words.written_position;
    fixture_fill(&fixture, 1000, 10);
    fixture_close(&fixture);
    for (uint64_t number = 1; number <= 2; number++) {
        scan();
        fixture_path(&fixture, number, path);
        cr_assert_eq(stat(path, &status), 0);
        memset(&calls, 0, sizeof(calls));
        calls.watched = status.st_ino;
        calls.low = UINT64_MAX;
        cr_expect_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), 0);
        if (number == 1) {
            cr_expect_leq(calls.low, floor_offset);
            cr_expect_gt(calls.low, floor_offset - 256, "but not what is durable");
            cr_expect_eq(calls.high, HF_SEGMENT_BYTES_MIN);
        } else {
            cr_expect_eq(calls.low, 0, "with the header");
            cr_expect_eq(calls.high, result.end_offset);
        }
        cr_expect_eq(calls.rewritten, calls.high - calls.low);
    }
}

Test(seal, without_any_floor_everything_is_rewritten)
{
    struct stat status;
    char path[512];
    log_make(300, 10);
    fixture_close(&fixture);
    scan();
    fixture_path(&fixture, 1, path);
    cr_assert_eq(stat(path, &status), 0);
    calls.watched = status.st_ino;
    calls.low = UINT64_MAX;
    cr_expect_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), 0);
    cr_expect_eq(calls.low, 0);
    cr_expect_eq(calls.rewritten, result.end_offset);
}

Test(seal, records_of_the_queue_are_appended_under_the_old_epoch)
{
    static const size_t counts[] = {1, 10, FIXTURE_SEGMENT_SLOTS - 200, FIXTURE_SEGMENT_SLOTS,
                                    3 * FIXTURE_SEGMENT_SLOTS};
    end();
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        begin();
        log_make(300, 10);
        fixture_close(&fixture);
        scan();
        uint64_t before = result.end_lsn;
        extra_make(before + 1, counts[i]);
        seal_and_compare(counts[i]);
        bool half = record_is_double(before + counts[i]);
        cr_expect_eq(result.end_lsn, before + counts[i] - half, "%zu", counts[i]);
        cr_expect_eq(result.epoch, 1);
        cr_expect_geq(result.floor_lsn, before, "the groups say that the old log is durable");
        cr_expect_eq(fixture_walk(&fixture, true).lsn, result.end_lsn);
        uint64_t hash = directory_hash();
        seal_and_compare(0);
        cr_expect_eq(directory_hash(), hash);
        if (i + 1 < sizeof(counts) / sizeof(counts[0])) {
            end();
        }
    }
}

Test(seal, records_are_appended_at_every_distance_from_the_end_of_a_segment)
{
    end();
    for (uint64_t lead = FIXTURE_SEGMENT_SLOTS - 12; lead < FIXTURE_SEGMENT_SLOTS + 4; lead++) {
        begin();
        log_make(lead, lead);
        fixture_close(&fixture);
        scan();
        extra_make(result.end_lsn + 1, 20);
        uint64_t last = result.end_lsn + 20 - record_is_double(result.end_lsn + 20);
        seal_and_compare(20);
        cr_expect_eq(result.end_lsn, last, "lead %d", (int)lead);
        cr_expect_eq(fixture_walk(&fixture, true).lsn, last);
        end();
    }
    begin();
}

Test(seal, records_follow_a_tail_that_was_cut)
{
    log_make(2 * FIXTURE_SEGMENT_SLOTS, 100);
    fixture_close(&fixture);
    fixture_zero(&fixture, 1, 30016, 64);
    scan();
    uint64_t last = result.end_lsn + 2000;
    extra_make(result.end_lsn + 1, 2000);
    seal_and_compare(2000);
    cr_expect_eq(result.end_lsn, last - record_is_double(last));
}

Test(seal, a_lone_half_at_the_end_of_the_queue_is_cut)
{
    log_make(100, 10);
    fixture_close(&fixture);
    scan();
    size_t count = 1;
    while (!record_is_double(result.end_lsn + count)) {
        count++;
    }
    uint64_t before = result.end_lsn;
    extra_make(before + 1, count);
    seal_and_compare(count);
    cr_expect_eq(result.end_lsn, before + count - 1);
}

Test(seal, records_that_do_not_continue_the_log_are_refused_and_nothing_is_touched)
{
    log_make(100, 10);
    fixture_close(&fixture);
    scan();
    uint64_t hash = directory_hash();
    struct hf_scan_result again = result;
    extra_make(result.end_lsn + 2, 10);
    cr_expect_eq(hf_scan_seal(fixture.directory, extra, 10, &again), HF_E_ARGUMENT);
    cr_expect(again.text[0] != '\0');
    again = result;
    extra_make(result.end_lsn + 1, 10);
    extra[5].lsn++;
    cr_expect_eq(hf_scan_seal(fixture.directory, extra, 10, &again), HF_E_ARGUMENT);
    again = result;
    extra_make(result.end_lsn + 1, 10);
    size_t single = 2;
    while (extra[single].type != HF_COMMAND_NEW || extra[single - 1].type != HF_COMMAND_NEW) {
        single++;
    }
    extra[single].type = HF_RECORD_MORE;
    cr_expect_eq(hf_scan_seal(fixture.directory, extra, 10, &again), HF_E_ARGUMENT);
    cr_expect_eq(directory_hash(), hash);
}

Test(seal, a_refused_log_is_not_touched)
{
    log_make(100, 10);
    fixture_close(&fixture);
    fixture_zero(&fixture, 1, 6400, 64);
    uint64_t hash = directory_hash();
    cr_assert_eq(fixture_scan(&fixture, 100, true, &result), HF_E_CORRUPT);
    cr_expect_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), HF_E_CORRUPT);
    cr_expect_eq(directory_hash(), hash);
}

Test(seal, a_failed_fsync_is_an_error_with_a_name)
{
    log_make(100, 10);
    fixture_close(&fixture);
    scan();
    calls.fsync_error = EIO;
    cr_expect_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), HF_E_IO);
    cr_expect_not_null(strstr(result.text, "00000000000000000001.wal"), "%s", result.text);
    cr_expect_not_null(strstr(result.text, "fsync"));
}

/* ---- interrupted ---- */

/** Seal in a child that dies in its n-th changing call. @return whether it died */
static bool
seal_and_die(size_t count, unsigned die_at)
{
    struct hf_scan_result copy = result;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        calls.steps = 0;
        calls.die_at = die_at;
        _exit(hf_scan_seal(fixture.directory, extra, count, &copy) == 0 ? 0 : 1);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    cr_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DIED, "exit %d",
              WEXITSTATUS(status));
    return WEXITSTATUS(status) == DIED;
}

/** A log with a torn tail over three segments, prepared ones behind it, and a queue. */
static void
torn_log_make(void)
{
    fixture_open(&fixture);
    fixture_fill(&fixture, 200, 10);
    hf_wal_sync_all(fixture.wal);
    fixture_fill(&fixture, 2 * FIXTURE_SEGMENT_SLOTS, 100);
    fixture_close(&fixture);
    cr_assert_eq(hf_segment_create(fixture.directory, 4, HF_SEGMENT_BYTES_MIN, NULL, 0), 0);
    fixture_zero(&fixture, 1, 40000, 64);
}

/* After a death at any step the log scans to the old end or to one that the queue leads to, and the
 * second attempt reaches the end. */
Test(seal, a_crash_at_any_step_loses_nothing)
{
    bool died = true;
    end();
    for (unsigned step = 1; died; step++) {
        begin();
        torn_log_make();
        scan();
        uint64_t old_end = result.end_lsn;
        uint64_t last = old_end + 1500;
        extra_make(old_end + 1, 1500);
        last -= record_is_double(last);
        died = seal_and_die(1500, step);
        scan();
        cr_assert_geq(result.end_lsn, old_end, "step %u", step);
        cr_assert_leq(result.end_lsn, last, "step %u", step);
        size_t left = (size_t)(old_end + 1500 - result.end_lsn);
        extra_make(result.end_lsn + 1, left);
        seal_and_compare(left);
        cr_expect_eq(result.end_lsn, last, "step %u", step);
        cr_expect(died || step > 15, "there are that many steps");
        end();
    }
    begin();
}

Test(seal, many_crashes_in_a_row_lose_nothing)
{
    srand(11);
    end();
    for (unsigned round = 0; round < 30; round++) {
        begin();
        torn_log_make();
        scan();
        uint64_t end_lsn = result.end_lsn;
        const uint64_t queue_end = end_lsn + 2500;
        bool died = true;
        while (died) {
            size_t left = (size_t)(queue_end - result.end_lsn);
            extra_make(result.end_lsn + 1, left);
            died = seal_and_die(left, 1 + (unsigned)rand() % 30);
            scan();
            cr_assert_geq(result.end_lsn, end_lsn);
            end_lsn = result.end_lsn;
        }
        cr_expect_eq(result.end_lsn, queue_end - record_is_double(queue_end));
        cr_expect_eq(result.torn_bytes, 0);
        end();
    }
    begin();
}

/* Recover, write, crash, recover...: what was durable stays, whatever else is lost. */
Test(seal, epochs_with_torn_tails_go_on_for_ever)
{
    srand(5);
    scan();
    for (unsigned epoch = 1; epoch <= 25; epoch++) {
        cr_assert_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), 0, "%s", result.text);
        fixture_next_epoch(&fixture, &result);
        fixture_fill(&fixture, (uint64_t)(rand() % 700), 1 + (uint64_t)(rand() % 60));
        cr_assert_geq(hf_wal_sync_all(fixture.wal), 0);
        uint64_t durable = fixture.words.durable_lsn;
        uint64_t position = fixture.words.written_position;
        fixture_fill(&fixture, (uint64_t)(rand() % 1500), 1 + (uint64_t)(rand() % 60));
        uint64_t end_position = fixture.words.written_position;
        fixture_close(&fixture);
        for (uint64_t at = position; at < end_position; at += 64) {
            if (rand() % 50 == 0) { /* this sector never reached the disk */
                fixture_zero(&fixture, 1 + at / HF_SEGMENT_BYTES_MIN, at % HF_SEGMENT_BYTES_MIN,
                             64);
            }
        }
        cr_assert_eq(fixture_scan(&fixture, durable, true, &result), 0, "%s", result.text);
        cr_assert_geq(result.end_lsn, durable);
        cr_assert_eq(result.epoch, epoch);
    }
}
