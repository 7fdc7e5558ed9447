/*
 * failing.c - a library to be preloaded: the nth call of one system call fails, once.
 *
 *   LD_PRELOAD=libfailing.so HF_FAIL=msync:7:EIO HF_FAILED=FILE holdfastd ...
 *
 * Calls of all threads count together. FILE is made when the call has failed, so that who reads nothing
 * there knows that there was no nth call. What libc does for itself (memory of malloc, stacks of threads)
 * does not come by here. This is the quick one of two ways: strace can do the same to one thread, and
 * costs every call of it dearly.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static char call[32];
static long nth;
static int error;
static const char *failed_path;
static long calls; /**< of that name so far, by any thread */

static int
error_number(const char *name)
{
    return strcmp(name, "EIO") == 0      ? EIO
           : strcmp(name, "ENOSPC") == 0 ? ENOSPC
           : strcmp(name, "ENOMEM") == 0 ? ENOMEM
                                         : 0;
}

__attribute__((constructor)) static void
read_plan(void)
{
    char name[16];
    const char *plan = getenv("HF_FAIL");
    failed_path = getenv("HF_FAILED");
    if (plan == NULL || failed_path == NULL ||
        sscanf(plan, "%31[a-z_]:%ld:%15s", call, &nth, name) != 3 ||
        (error = error_number(name)) == 0) {
        (void)fprintf(stderr, "failing: HF_FAIL is no CALL:N:ERROR, or HF_FAILED no file\n");
        _exit(2);
    }
}

/** Whether this call is the one. */
static bool
fails(const char *name)
{
    if (strcmp(name, call) != 0 || __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) != nth) {
        return false;
    }
    int fd = creat(failed_path, 0600); /* a file's maker, and none of the calls that fail */
    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return true;
}

/** The library's own function of that name; ISO C knows no cast from an object's pointer to it. */
#define NEXT(name) (*(__typeof__(&(name)) *)&(void *){dlsym(RTLD_NEXT, #name)})

int
msync(void *address, size_t len_bytes, int flags)
{
    return fails("msync") ? -1 : NEXT(msync)(address, len_bytes, flags);
}

int
fsync(int fd)
{
    return fails("fsync") ? -1 : NEXT(fsync)(fd);
}

int
fdatasync(int fd)
{
    return fails("fdatasync") ? -1 : NEXT(fdatasync)(fd);
}

int
posix_fallocate(int fd, off_t offset, off_t len_bytes)
{
    return fails("fallocate") ? error : NEXT(posix_fallocate)(fd, offset, len_bytes);
}

int
fallocate(int fd, int mode, off_t offset, off_t len_bytes)
{
    return fails("fallocate") ? -1 : NEXT(fallocate)(fd, mode, offset, len_bytes);
}

int
rename(const char *from, const char *to)
{
    return fails("rename") ? -1 : NEXT(rename)(from, to);
}

int
renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return fails("rename") ? -1 : NEXT(renameat2)(from_fd, from, to_fd, to, flags);
}

int
unlink(const char *path)
{
    return fails("unlink") ? -1 : NEXT(unlink)(path);
}

int
ftruncate(int fd, off_t len_bytes)
{
    return fails("ftruncate") ? -1 : NEXT(ftruncate)(fd, len_bytes);
}

ssize_t
pwrite(int fd, const void *data, size_t len_bytes, off_t offset)
{
    return fails("pwrite") ? -1 : NEXT(pwrite)(fd, data, len_bytes, offset);
}

ssize_t
pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return fails("pwritev") ? -1 : NEXT(pwritev)(fd, parts, count, offset);
}

void *
mmap(void *address, size_t len_bytes, int protection, int flags, int fd, off_t offset)
{
    return fails("mmap") ? MAP_FAILED
                         : NEXT(mmap)(address, len_bytes, protection, flags, fd, offset);
}
