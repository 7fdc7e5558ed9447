/*
 * guard.c - a SIGBUS in a client's object costs that client its session, and nobody anything else.
 *
 *   entry free: base NULL ── add: lost, len, then base ──► guarded ── remove: base NULL ──► free
 *
 * G1  the handler only reads and writes atomics of a static table and calls mmap: it is safe at any
 *     instruction, on any thread, also while another thread adds or removes
 * G2  it acts on an entry only when base and length belong together: it reads base, length, base
 */
#include "shm/guard.h"

#include "base/atomic.h"
#include "base/panic.h"

#include <errno.h>
#include <holdfast/error.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard_entry {
    void *base; /**< NULL: free; stored last on add, first on remove */
    size_t len_bytes;
    uint32_t lost;
};

static void (*fatal_handler)(void);
static struct guard_entry guard_entries[HF_GUARD_REGIONS_MAX];

/* Does the entry cover the address? Acquires pair with the releases in hf_guard_add(): a length of a
 * later add comes with the clearing of base before it, so the second look at base differs (G2). */
static bool
entry_covers(const struct guard_entry *entry, uintptr_t address, void **base, size_t *len)
{
    *base = hf_load_acquire(&entry->base);
    *len = hf_load_acquire(&entry->len_bytes);
    uintptr_t first = (uintptr_t)*base;
    return first != 0 && hf_load_acquire(&entry->base) == *base && address >= first &&
           address - first < *len;
}

/* Put zeroed memory where the client took it away. Two threads that hit one region at once both do
 * it; the second replaces zeroes by zeroes. */
static bool
replace_region(uintptr_t address)
{
    for (size_t i = 0; i < HF_GUARD_REGIONS_MAX; i++) {
        struct guard_entry *entry = &guard_entries[i];
        void *base;
        size_t len;
        if (!entry_covers(entry, address, &base, &len)) {
            continue;
        }
        const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
        if (mmap(base, len, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) {
            return false;
        }
        /* Release pairs with the acquire in hf_guard_lost(). */
        hf_store_release(&entry->lost, 1u);
        return true;
    }
    return false;
}

static void
on_sigbus(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    int saved_errno = errno;
    bool fault = info->si_code > 0; /* else somebody sent it, and si_addr means nothing */
    if (!fault || !replace_region((uintptr_t)info->si_addr)) {
        void (*handler)(void) =
            hf_load_acquire(&fatal_handler); /* pairs with hf_guard_on_fatal() */
        if (fault && handler != NULL) {
            handler();
        }
        /* The default action ends the process: when the fault comes again on return, or by our own
         * signal, which waits until then. */
        struct sigaction fatal;
        memset(&fatal, 0, sizeof(fatal));
        fatal.sa_handler = SIG_DFL;
        (void)sigaction(signal_number, &fatal, NULL);
        if (!fault) {
            (void)raise(signal_number);
        }
    }
    errno = saved_errno;
}

int
hf_guard_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_sigbus;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, NULL) == 0 ? HF_OK : HF_E_SYSTEM;
}

void
hf_guard_on_fatal(void (*handler)(void))
{
    hf_store_release(&fatal_handler, handler);
}

int
hf_guard_add(void *base, size_t len_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    HF_ASSERT("a guarded mapping begins at a page", base != NULL && (uintptr_t)base % page == 0);
    size_t len = (len_bytes + page - 1) & ~(page - 1); /* the last page faults as a whole */
    for (int i = 0; i < HF_GUARD_REGIONS_MAX; i++) {
        struct guard_entry *entry = &guard_entries[i];
        if (hf_load_relaxed(&entry->base) != NULL) { /* only this thread stores it */
            continue;
        }
        hf_store_release(&entry->lost, 0u);
        hf_store_release(&entry->len_bytes, len); /* pairs with entry_covers() */
        hf_store_release(&entry->base, base);
        return i;
    }
    return HF_E_FULL;
}

static struct guard_entry *
entry_at(int index)
{
    HF_ASSERT("guard index", index >= 0 && index < HF_GUARD_REGIONS_MAX);
    return &guard_entries[index];
}

void
hf_guard_remove(int index)
{
    hf_store_release(&entry_at(index)->base, NULL); /* pairs with entry_covers() */
}

int
hf_guard_lost(int index)
{
    /* Acquire pairs with the release in replace_region(). */
    return hf_load_acquire(&entry_at(index)->lost) != 0;
}
