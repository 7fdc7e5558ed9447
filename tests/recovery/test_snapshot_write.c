/*
 * test_snapshot_write.c - a snapshot that cannot be written leaves nothing behind.
 */
#include "snapshot_fixture.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
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

static void
expect_owner(const struct hf_snapshot_order *order, uid_t owner)
{
    char path[PATH_MAX];
    struct stat status;
    cr_assert_eq(hf_snapshot_write(order, snap.text), HF_OK, "%s", snap.text);
    cr_assert_eq(hf_snapshot_path(path, sizeof(path), snap.directory, snap_lsn(&snap)), 0);
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_uid, owner, "it belongs to %u, not %u", status.st_uid, owner);
    cr_expect_eq(status.st_gid, (gid_t)owner);
    cr_expect_eq(status.st_mode & 0777, 0600);
}

Test(snapshot_write, it_belongs_to_whom_the_log_does)
{
    char lock[PATH_MAX];
    struct hf_snapshot_order order = snap_order(&snap);
    if (geteuid() != 0) {
        cr_skip_test("only root may give files away");
    }
    cr_assert_eq(chown(snap.directory, 5, 5), 0);
    expect_owner(&order, 0);
    order.owned_as_log = true;
    expect_owner(&order, 5);
    (void)snprintf(lock, sizeof(lock), "%s/LOCK", snap.directory);
    int fd = open(lock, O_WRONLY | O_CREAT, 0600);
    cr_assert(fd >= 0 && fchown(fd, 7, 7) == 0);
    close(fd);
    expect_owner(&order, 7);
    unlink(lock);
}

Test(snapshot_write, who_cannot_give_it_to_the_logs_owner_makes_none)
{
    struct hf_snapshot_order order = snap_order(&snap);
    order.owned_as_log = true;
    if (geteuid() != 0) {
        cr_skip_test("only root may give files away");
    }
    cr_assert_eq(chown(snap.directory, 5, 5), 0);
    cr_assert_eq(chmod(snap.directory, 0777), 0);
    cr_assert_eq(seteuid(65534), 0);
    expect_failure(&order, HF_E_DENIED, "make it as user 5 or as root");
    cr_assert_eq(seteuid(0), 0);
}
