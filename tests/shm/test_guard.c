/* test_guard.c - real SIGBUS: clients truncate what the daemon has mapped. Each in its own child. */
#include "shm/guard.h"

#include "base/child.h"
#include "shm/ring.h"
#include "shm/session.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/mman.h>

#define PAGES 4
#define LEN (PAGES * 4096)

/* A mapped object of PAGES pages full of 0xaa, and the descriptor that can truncate it. */
static unsigned char *
map_object(int *fd)
{
    *fd = memfd_create("guarded", MFD_CLOEXEC);
    if (*fd < 0 || ftruncate(*fd, LEN) != 0) {
        return NULL;
    }
    unsigned char *base = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    memset(base, 0xaa, LEN);
    return base;
}

static unsigned char
touch(const unsigned char *byte)
{
    return *(const volatile unsigned char *)byte;
}

static int
read_truncated(void *context)
{
    size_t left = *(size_t *)context;
    int fd;
    int other_fd;
    unsigned char *base = map_object(&fd);
    unsigned char *other = map_object(&other_fd);
    if (hf_guard_install() != HF_OK) {
        return 1;
    }
    int index = hf_guard_add(base, LEN);
    int other_index = hf_guard_add(other, LEN);
    if (index < 0 || other_index < 0 || hf_guard_lost(index)) {
        return 2;
    }
    if (ftruncate(fd, (off_t)left) != 0 || touch(base + LEN - 1) != 0 || !hf_guard_lost(index)) {
        return 3;
    }
    for (size_t i = 0; i < LEN; i++) {
        if (touch(base + i) != 0) {
            return 4; /* the whole region is replaced, also what was still there */
        }
        base[i] = 1; /* and can be written */
    }
    if (hf_guard_lost(other_index) || touch(other) != 0xaa || touch(other + LEN - 1) != 0xaa) {
        return 5;
    }
    return ftruncate(other_fd, 0) == 0 && touch(other) == 0 && hf_guard_lost(other_index) ? 0 : 6;
}

Test(guard, a_truncated_object_reads_as_zeroes_is_lost_and_harms_no_other)
{
    const size_t left[] = {0, 1, 4096, LEN - 4096};
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        size_t context = left[i];
        cr_assert_eq(child_run(read_truncated, &context), 0, "left %zu", left[i]);
    }
}

static int
fault_unguarded(void *context)
{
    (void)context;
    int fd;
    int other_fd;
    unsigned char *base = map_object(&fd);
    unsigned char *other = map_object(&other_fd);
    hf_guard_install();
    hf_guard_add(other, LEN);
    return ftruncate(fd, 0) != 0 ? 1 : touch(base);
}

static void
say_and_end(void)
{
    _exit(74);
}

static int
fault_with_handler(void *context)
{
    hf_guard_on_fatal(say_and_end);
    return fault_unguarded(context);
}

Test(guard, a_fault_elsewhere_is_handed_to_who_asked_for_it)
{
    cr_assert_eq(child_run(fault_with_handler, NULL), 74);
}

Test(guard, a_fault_elsewhere_kills_as_usual)
{
    cr_assert_eq(child_run(fault_unguarded, NULL), CHILD_SIGNAL + SIGBUS);
}

static int
fault_after_remove(void *context)
{
    (void)context;
    int fd;
    unsigned char *base = map_object(&fd);
    hf_guard_install();
    hf_guard_remove(hf_guard_add(base, LEN));
    return ftruncate(fd, 0) != 0 ? 1 : touch(base);
}

Test(guard, a_removed_region_is_guarded_no_more)
{
    cr_assert_eq(child_run(fault_after_remove, NULL), CHILD_SIGNAL + SIGBUS);
}

/* si_addr of a sent signal overlays pid and uid: put that address under guard. */
static int
sent_signal(void *context)
{
    (void)context;
    uintptr_t page = (uintptr_t)getpid() & ~(uintptr_t)4095;
    void *base = page == 0 ? MAP_FAILED
                           : mmap((void *)page, 4096, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    hf_guard_install();
    if (base != MAP_FAILED) {
        hf_guard_add(base, 4096);
    }
    kill(getpid(), SIGBUS);
    return 1;
}

Test(guard, a_signal_that_somebody_sent_kills_as_usual)
{
    cr_assert_eq(child_run(sent_signal, NULL), CHILD_SIGNAL + SIGBUS);
}

static int
reuse_and_fill(void *context)
{
    (void)context;
    int fd;
    unsigned char *base = map_object(&fd);
    hf_guard_install();
    int index = hf_guard_add(base, LEN);
    if (ftruncate(fd, 0) != 0 || touch(base) != 0 || !hf_guard_lost(index)) {
        return 1;
    }
    hf_guard_remove(index);
    unsigned char *second = map_object(&fd);
    if (hf_guard_add(second, LEN) != index || hf_guard_lost(index)) {
        return 2; /* a place is used again, and its flag is fresh */
    }
    for (int i = 1; i < HF_GUARD_REGIONS_MAX; i++) {
        if (hf_guard_add(base, 4096) < 0) {
            return 3;
        }
    }
    if (hf_guard_add(base, 4096) != HF_E_FULL) {
        return 4;
    }
    hf_guard_remove(HF_GUARD_REGIONS_MAX - 1);
    return hf_guard_add(base, 4096) == HF_GUARD_REGIONS_MAX - 1 ? 0 : 5;
}

Test(guard, places_are_used_again_and_run_out)
{
    cr_assert_eq(child_run(reuse_and_fill, NULL), 0);
}

static int
length_of_part_of_a_page(void *context)
{
    (void)context;
    int fd;
    unsigned char *base = map_object(&fd);
    hf_guard_install();
    int index = hf_guard_add(base, LEN - 4000);
    return ftruncate(fd, 0) == 0 && touch(base + LEN - 1) == 0 && hf_guard_lost(index) ? 0 : 1;
}

Test(guard, the_last_page_is_guarded_whole)
{
    cr_assert_eq(child_run(length_of_part_of_a_page, NULL), 0);
}

/* Threads read while another truncates: whoever faults, all go on. */
static unsigned char *shared_base;
static uint32_t threads_stop;

static void *
read_until_stopped(void *context)
{
    (void)context;
    uint64_t sum = 0;
    while (hf_load_relaxed(&threads_stop) == 0) {
        for (size_t i = 0; i < LEN; i += 512) {
            sum += hf_load_relaxed(shared_base + i);
        }
    }
    return (void *)(uintptr_t)(sum & 1);
}

static int
truncate_under_readers(void *context)
{
    (void)context;
    hf_guard_install();
    for (int round = 0; round < 20; round++) {
        int fd;
        pthread_t threads[2];
        shared_base = map_object(&fd);
        int index = hf_guard_add(shared_base, LEN);
        hf_store_relaxed(&threads_stop, 0u);
        for (int i = 0; i < 2; i++) {
            if (pthread_create(&threads[i], NULL, read_until_stopped, NULL) != 0) {
                return 1;
            }
        }
        usleep(1000);
        if (ftruncate(fd, 0) != 0) {
            return 2;
        }
        while (!hf_guard_lost(index)) {
            sched_yield();
        }
        hf_store_relaxed(&threads_stop, 1u);
        for (int i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
        }
        hf_guard_remove(index);
        munmap(shared_base, LEN);
        close(fd);
    }
    return 0;
}

Test(guard, threads_that_fault_at_once_all_go_on)
{
    cr_assert_eq(child_run(truncate_under_readers, NULL), 0);
}

/* The daemon's case: a client truncates its command object while the ring is being read. */
static int
ring_of_truncated_session(void *context)
{
    struct hf_session_spec spec = {.instance = context,
                                   .session = "victim",
                                   .command_slots = 64,
                                   .report_slots = 64,
                                   .generation = 1,
                                   .first_seq = 1,
                                   .first_report = 1};
    struct hf_region region;
    if (hf_command_object_create(&region, &spec) != HF_OK) {
        return 1;
    }
    hf_region_unlink(region.name);
    struct hf_command_object *object = region.base;
    struct hf_ring_producer client;
    struct hf_ring_consumer engine;
    uint64_t tail = 0;
    hf_ring_producer_init(&client, hf_session_slots(object), 64, &object->command_head, &tail, 1);
    hf_ring_consumer_init(&engine, hf_session_slots(object), 64, &tail, 1);
    hf_ring_publish(&client, 1);
    hf_guard_install();
    int index = hf_guard_add(region.base, region.len_bytes);
    if (hf_ring_peek(&engine) == NULL || ftruncate(region.fd, 0) != 0) {
        return 2;
    }
    return hf_ring_peek(&engine) == NULL && hf_guard_lost(index) ? 0 : 3;
}

Test(guard, a_ring_in_a_truncated_object_is_empty)
{
    char instance[HF_NAME_BYTES];
    snprintf(instance, sizeof(instance), "test-%d", (int)getpid());
    cr_assert_eq(child_run(ring_of_truncated_session, instance), 0);
}
