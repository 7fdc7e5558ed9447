/*
 * guard.h - the SIGBUS guard: a client that truncates the object it may write must not kill us.
 *
 * Each mapping of client-writable memory is registered. A SIGBUS inside one maps zeroed anonymous
 * memory over the whole of it and sets its `lost` flag; the faulting load then reads 0, which no ring
 * protocol takes for a message. A SIGBUS elsewhere is fatal: the process may say so before it ends.
 */
#ifndef HF_SHM_GUARD_H
#define HF_SHM_GUARD_H

#include <stddef.h>
#include <stdint.h>

#define HF_GUARD_REGIONS_MAX 4096

/** Install the handler for the whole process; once. @return 0 or HF_E_SYSTEM */
int hf_guard_install(void);

/** What to do on a SIGBUS in no guarded mapping, instead of the default action: a function that is safe in
 *  a signal handler. It should not return. NULL: nothing. */
void hf_guard_on_fatal(void (*handler)(void));

/** Guard a mapping. @return its index, or HF_E_FULL. Thread: one thread adds and removes. */
int hf_guard_add(void *base, size_t len_bytes);
void hf_guard_remove(int index);

/** Whether the mapping was hit since it was added. Thread: any. */
int hf_guard_lost(int index);

#endif
