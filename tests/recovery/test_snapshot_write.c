/*
 * test_snapshot_write.c - a snapshot that cannot be written leaves nothing behind.
 */
#include "snapshot_fixture.h"

#include <sys/resource.h>

#include <signal.h>

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

TestSuite(snapshot_write, .init = begin, .fini = end);

static size_t
files(void)
{
    size_t count = 0;
    DIR *stream = opendir(snap.directory);
    while (readdir(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count - 2; /* . and .. */
}

static void
expect_failure(const struct hf_snapshot_order *order, int code, const char *part)
{
    size_t before = files();
    cr_expect_eq(hf_snapshot_write(order, snap.text), code, "%s", snap.text);
    cr_expect_not_null(strstr(snap.text, part), "'%s' is not in: %s", part, snap.text);
    cr_expect_eq(files(), before);
}

Test(snapshot_write, one_that_is_cancelled_is_gone)
{
    const uint32_t cancel = 1;
    struct hf_snapshot_order order = snap_order(&snap);
    order.cancel = &cancel;
    expect_failure(&order, HF_AGAIN, "given up");
}

Test(snapshot_write, the_space_that_the_log_needs_is_left_to_it)
{
    struct hf_snapshot_order order = snap_order(&snap);
    order.reserve_bytes = UINT64_MAX / 2;
    expect_failure(&order, HF_E_NO_SPACE, "are kept for the log");
}

Test(snapshot_write, a_file_that_may_not_grow_is_removed)
{
    struct rlimit before;
    struct rlimit limit;
    struct hf_snapshot_order order = snap_order(&snap);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t bytes = 0; bytes < 8192; bytes += 1000) {
        limit = before;
        limit.rlim_cur = bytes;
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        if (hf_snapshot_write(&order, snap.text) == HF_OK) {
            break; /* it is not as long */
        }
        cr_expect_not_null(strstr(snap.text, ".snap.tmp: offset "), "%s", snap.text);
        cr_expect_eq(files(), 0);
    }
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
}

Test(snapshot_write, a_directory_that_is_not_there_is_named)
{
    struct hf_snapshot_order order = snap_order(&snap);
    order.directory = "/nowhere";
    expect_failure(&order, HF_E_SYSTEM, "/nowhere");
}

Test(snapshot_write, an_older_file_of_the_same_lsn_is_replaced)
{
    struct hf_snapshot snapshot;
    snap_write(&snap);
    struct snap_file file = snap_load_file(&snap);
    file.bytes[4200] ^= 1;
    snap_store_file(&file);
    free(file.bytes);
    snap_write(&snap);
    cr_expect_eq(files(), 1);
    cr_expect_eq(hf_snapshot_verify(snap.directory, snap_lsn(&snap), &snapshot), HF_OK, "%s",
                 snapshot.text);
}
