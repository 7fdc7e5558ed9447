/*
 * test_snapshot.c - names and lists of snapshots, and what goes through a file and back.
 */
#include "snapshot_fixture.h"

static struct snap snap;

static void
begin(void)
{
    snap_begin(&snap, &fixture_limits);
}

static void
end(void)
{
    snap_end(&snap);
}

TestSuite(snapshot, .init = begin, .fini = end);

Test(snapshot, what_is_read_is_the_core_that_was_written)
{
    struct hf_snapshot snapshot;
    snap_write(&snap);
    cr_assert_eq(snap_read(&snap, snap_lsn(&snap), &snapshot), HF_OK, "%s", snapshot.text);
    hf_core_audit(snapshot.core);
    cr_expect_eq(snapshot.core_bytes, hf_core_footprint(&fixture_limits));
    cr_expect_eq(memcmp(snapshot.core, snap.fixture->core, snapshot.core_bytes), 0);
    snap_forget(&snapshot);
}

Test(snapshot, a_core_goes_on_from_a_snapshot_as_from_itself)
{
    static const char *const REST = "2 new 12 S 99 9\n1 replace 1 2 99 20\n1 new 5 B 120 40\nbook";
    struct hf_snapshot snapshot;
    snap_write(&snap);
    cr_assert_eq(snap_read(&snap, snap_lsn(&snap), &snapshot), HF_OK, "%s", snapshot.text);
    char expected[FIXTURE_TEXT_BYTES];
    struct hf_core *original = snap.fixture->core;
    const uint64_t time_ns = snap.fixture->time_ns;
    const struct hf_digest digest = snap.fixture->digest;
    snprintf(expected, sizeof(expected), "%s", run_script(snap.fixture, REST));
    snap.fixture->core = snapshot.core;
    snap.fixture->time_ns = time_ns;
    snap.fixture->digest = digest;
    cr_expect_str_eq(run_script(snap.fixture, REST), expected);
    cr_expect_eq(hf_core_digest(snapshot.core), hf_core_digest(original));
    snap.fixture->core = original;
    snap_forget(&snapshot);
}

Test(snapshot, its_header_names_where_the_log_goes_on)
{
    struct hf_snapshot snapshot;
    struct hf_log_position position;
    snap_write(&snap);
    cr_assert_eq(hf_snapshot_verify(snap.directory, snap_lsn(&snap), &snapshot), HF_OK, "%s",
                 snapshot.text);
    cr_expect_null(snapshot.core);
    hf_snapshot_position(&snapshot.header, &position);
    cr_expect_eq(memcmp(&position, &snap.position, sizeof(position)), 0);
    cr_expect_eq(snapshot.header.digest, hf_core_digest(snap.fixture->core));
    cr_expect_eq(snapshot.header.market_number, hf_core_market_number(snap.fixture->core));
}

Test(snapshot, zeros_take_no_place_and_what_repeats_takes_little)
{
    struct hf_engine_limits limits = fixture_limits;
    struct hf_snapshot snapshot;
    fixture_free(snap.fixture);
    limits.orders_max = limits.session_orders_max = 1u << 18; /* some 50 MB, hardly used */
    snap.fixture = fixture_new(&limits);
    (void)run_script(snap.fixture, SNAP_SCRIPT);
    snap_write(&snap);
    cr_assert_eq(snap_read(&snap, snap_lsn(&snap), &snapshot), HF_OK, "%s", snapshot.text);
    cr_expect_gt(snapshot.core_bytes, 10u << 20);
    cr_expect_lt(snapshot.file_bytes, 64u << 10, "%" PRIu64, snapshot.file_bytes);
    cr_expect_eq(memcmp(snapshot.core, snap.fixture->core, snapshot.core_bytes), 0);
    snap_forget(&snapshot);
}

Test(snapshot, what_does_not_shrink_is_stored_as_it_is)
{
    /* Reports of random content, all over a long event buffer. */
    struct hf_engine_limits limits = fixture_limits;
    struct hf_snapshot snapshot;
    fixture_free(snap.fixture);
    limits.events_max = 4096;
    snap.fixture = fixture_new(&limits);
    (void)run_script(snap.fixture, SNAP_SCRIPT);
    size_t bytes = hf_core_footprint(&limits);
    unsigned char *events = (unsigned char *)snap.fixture->core + snap.fixture->core->events_at;
    uint64_t state = 7;
    for (size_t i = 0; i < limits.events_max * sizeof(struct hf_report); i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        events[i] = (unsigned char)(state >> 56);
    }
    snap_write(&snap);
    cr_assert_eq(snap_read(&snap, snap_lsn(&snap), &snapshot), HF_OK, "%s", snapshot.text);
    cr_expect_gt(snapshot.file_bytes, (uint64_t)limits.events_max * 64);
    cr_expect_eq(memcmp(snapshot.core, snap.fixture->core, bytes), 0);
    snap_forget(&snapshot);
}

Test(snapshot, the_list_is_ascending_and_has_no_other_files)
{
    static const char *const OTHERS[] = {
        "00000000000000000009.snap.tmp", "00000000000000000009.wal",  "9.snap",
        " 0000000000000000009.snap",     "+0000000000000000009.snap", "99999999999999999999.snap",
        "00000000000000000000.snap",     "00000000000000000009.snapx"};
    static const uint64_t LSNS[] = {300, 7, 12345678901234u};
    char path[256];
    uint64_t *lsns = NULL;
    size_t count = 1;
    cr_assert_eq(hf_snapshot_list(snap.directory, &lsns, &count), 0);
    cr_expect(count == 0 && lsns == NULL);
    for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", snap.directory, OTHERS[i]);
        close(open(path, O_WRONLY | O_CREAT, 0600));
    }
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(hf_snapshot_path(path, sizeof(path), snap.directory, LSNS[i]), 0);
        close(open(path, O_WRONLY | O_CREAT, 0600));
    }
    cr_assert_eq(hf_snapshot_list(snap.directory, &lsns, &count), 0);
    cr_assert_eq(count, 3);
    cr_expect(lsns[0] == 7 && lsns[1] == 300 && lsns[2] == 12345678901234u);
    free(lsns);
    cr_expect_eq(hf_snapshot_list("/nowhere", &lsns, &count), -ENOENT);
    cr_expect_eq(hf_snapshot_path(path, 10, snap.directory, 1), -ENAMETOOLONG);
}

Test(snapshot, temporary_files_are_removed_and_snapshots_are_not)
{
    char path[256];
    uint64_t *lsns = NULL;
    size_t count = 0;
    snap_write(&snap);
    snprintf(path, sizeof(path), "%s/00000000000000000009.snap.tmp", snap.directory);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    cr_expect_eq(hf_snapshot_remove_temporary(snap.directory), 0);
    cr_expect_neq(access(path, F_OK), 0);
    cr_assert_eq(hf_snapshot_list(snap.directory, &lsns, &count), 0);
    cr_expect_eq(count, 1);
    free(lsns);
    cr_expect_eq(hf_snapshot_remove(snap.directory, snap_lsn(&snap)), 0);
    cr_expect_eq(hf_snapshot_remove(snap.directory, snap_lsn(&snap)), -ENOENT);
}
