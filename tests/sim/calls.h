/*
 * calls.h - what the linker puts between Holdfast's code and the world (-Wl,--wrap=NAME).
 *
 * The names are the linker's: a call of NAME goes to __wrap_NAME, and __real_NAME is the real one. The
 * list stands once more in CMakeLists.txt, where the linker reads it.
 */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include "base/futex.h"
#include "base/log.h"
#include "core/core.h"
#include "recovery/retain.h"
#include "recovery/scan.h"
#include "shm/control.h"

#include <dirent.h>
#include <liburing.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

/* memory.c */
void *__real_malloc(size_t len_bytes);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t len_bytes);
void __real_free(void *block);
void *__wrap_malloc(size_t len_bytes);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t len_bytes);
void *__wrap_realloc(void *block, size_t len_bytes);
void *__wrap_reallocarray(void *block, size_t count, size_t len_bytes);
void __wrap_free(void *block);
void *__wrap_hf_memory_alloc(size_t len_bytes, int node);
void *__wrap_hf_memory_reserve(size_t len_bytes);
void __wrap_hf_memory_free(void *base, size_t len_bytes);
void *__real_mmap(void *base, size_t len_bytes, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *base, size_t len_bytes);
void *__wrap_mmap(void *base, size_t len_bytes, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *base, size_t len_bytes);
int __wrap_madvise(void *base, size_t len_bytes, int advice);

/* calls_file.c */
int __real_close(int number);
int __real_fstat(int number, struct stat *status);
int __wrap_open(const char *path, int flags, ...);
int __wrap_shm_open(const char *name, int flags, mode_t mode);
int __wrap_shm_unlink(const char *name);
int __wrap_close(int number);
int __wrap_dup(int number);
int __wrap_memfd_create(const char *name, unsigned flags);
int __wrap_fcntl(int number, int command, ...);
int __wrap_eventfd(unsigned count, int flags);
ssize_t __wrap_read(int number, void *data, size_t len_bytes);
ssize_t __wrap_write(int number, const void *data, size_t len_bytes);
int __wrap_access(const char *path, int mode);
int __wrap_unlink(const char *path);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat2(int from_directory, const char *from, int to_directory, const char *to,
                     unsigned flags);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode);
int __wrap_flock(int number, int operation);
int __wrap_fstat(int number, struct stat *status);
int __wrap_stat(const char *path, struct stat *status);
int __wrap_lstat(const char *path, struct stat *status);
int __wrap_fstatvfs(int number, struct statvfs *status);
off_t __wrap_lseek(int number, off_t offset, int whence);
ssize_t __wrap_pread(int number, void *data, size_t len_bytes, off_t offset);
ssize_t __wrap_pwrite(int number, const void *data, size_t len_bytes, off_t offset);
int __wrap_ftruncate(int number, off_t len_bytes);
int __wrap_posix_fallocate(int number, off_t offset, off_t len_bytes);
int __wrap_fallocate(int number, int mode, off_t offset, off_t len_bytes);
int __wrap_posix_fadvise(int number, off_t offset, off_t len_bytes, int advice);
int __wrap_sync_file_range(int number, off_t offset, off_t len_bytes, unsigned flags);
int __wrap_fsync(int number);
int __wrap_fdatasync(int number);
void *__wrap_pmem_map_file(const char *path, size_t len_bytes, int flags, mode_t mode,
                           size_t *mapped, int *is_pmem);
int __wrap_pmem_unmap(void *base, size_t len_bytes);
int __wrap_pmem_msync(const void *base, size_t len_bytes);
void *__wrap_pmem_memcpy_nodrain(void *to, const void *from, size_t len_bytes);
void __wrap_pmem_drain(void);
DIR *__wrap_opendir(const char *path);
struct dirent *__wrap_readdir(DIR *directory);
int __wrap_closedir(DIR *directory);

/* calls_uring.c */
int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags);
void __wrap_io_uring_queue_exit(struct io_uring *ring);
int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned wait_count);

ssize_t __wrap_pwritev(int number, const struct iovec *parts, int count, off_t offset);

/* sockets.c */
bool sim_socket_node(void); /**< the control socket's name exists */
void sim_socket_node_remove(void);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_bind(int number, const struct sockaddr *address, socklen_t len);
int __wrap_listen(int number, int count);
int __wrap_connect(int number, const struct sockaddr *address, socklen_t len);
int __wrap_accept4(int number, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_getsockopt(int number, int level, int option, void *value, socklen_t *len);
int __wrap_shutdown(int number, int how);
int __wrap_hf_control_send(int number, const void *message, size_t len_bytes, const int *fds,
                           unsigned fd_count);
int __wrap_hf_control_receive(int number, void *message, size_t len_bytes, int *fds,
                              unsigned *fd_count);
bool __wrap_hf_control_unread(int number);
ssize_t __wrap_recv(int number, void *buffer, size_t len_bytes, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

/* calls_other.c */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
long __real_sysconf(int name);
long __wrap_sysconf(int name);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *rest,
                           struct timespec *left);
ssize_t __wrap_getrandom(void *buffer, size_t len_bytes, unsigned flags);
pid_t __wrap_getpid(void);
uid_t __wrap_geteuid(void);
uint64_t __wrap_hf_boot_hash(void);
uint64_t __wrap_hf_process_start(uint64_t pid);
int __wrap_hf_guard_install(void);
struct hf_daemon;
int __wrap_hf_measure_start(struct hf_daemon *daemon);
int __wrap_hf_guard_add(void *base, size_t len_bytes);
void __wrap_hf_guard_remove(int index);
int __wrap_hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns);
void __wrap_hf_futex_wake(const uint32_t *word);
void __wrap_hf_log(enum hf_log_priority priority, const char *format, ...);
_Noreturn void __wrap_hf_panic(const char *file, int line, const char *format, ...);

/* compressors.c */
ZSTD_CCtx *__real_ZSTD_createCCtx(void);
ZSTD_DCtx *__real_ZSTD_createDCtx(void);
ZSTD_CCtx *__wrap_ZSTD_createCCtx(void);
ZSTD_DCtx *__wrap_ZSTD_createDCtx(void);
size_t __wrap_ZSTD_freeCCtx(ZSTD_CCtx *context);
size_t __wrap_ZSTD_freeDCtx(ZSTD_DCtx *context);

/* oracle.c: what recovery does is watched from inside */
int __real_hf_replay_record(void *replay, const struct hf_record *record,
                            const struct hf_record *more, const char *file, uint64_t offset);
int __wrap_hf_replay_record(void *replay, const struct hf_record *record,
                            const struct hf_record *more, const char *file, uint64_t offset);
int __real_hf_retain(struct hf_retain *retain);
int __wrap_hf_retain(struct hf_retain *retain);
int __real_hf_scan_seal(const char *directory, const struct hf_record *extra, size_t count,
                        struct hf_scan_result *result);
int __wrap_hf_scan_seal(const char *directory, const struct hf_record *extra, size_t count,
                        struct hf_scan_result *result);

#endif
