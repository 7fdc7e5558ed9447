/*
 * numa.h - place memory and threads. Each call returns 0 or a negative errno; the daemon warns and
 * goes on, because a host that forbids placement still has to match orders.
 */
#ifndef HF_BASE_NUMA_H
#define HF_BASE_NUMA_H

#include <stdbool.h>
#include <stddef.h>

int hf_numa_node_of_cpu(int cpu); /**< -1: unknown */
int hf_numa_pin_thread(int cpu);  /**< the calling thread onto one CPU */
/** Where the calling thread, and each thread it starts from now on, gets its memory first, whatever it is
 *  for (set_mempolicy(MPOL_PREFERRED)); a full node is no error. Memory that is there already stays. */
int hf_numa_prefer(int node);
int hf_numa_bind(void *base, size_t len_bytes,
                 int node);                       /**< mbind(MPOL_BIND), before first touch */
int hf_numa_node_of_page(const void *page);       /**< get_mempolicy; negative errno */
int hf_memory_lock(void *base, size_t len_bytes); /**< mlock: resident and never swapped */
int hf_memory_huge(void *base, size_t len_bytes); /**< madvise(MADV_HUGEPAGE) */

/** What hf_memory_alloc() asks of the host in this process: locked pages, huge pages (else none of them,
 *  whatever the host's default is). Both at first. To be called before any other thread runs. */
void hf_memory_wish(bool lock, bool huge);

/** Zeroed anonymous memory, huge-page aligned, bound to `node` (-1: anywhere), pre-faulted, locked
 *  as far as the host allows. NULL: out of memory. Free with hf_memory_free(). */
void *hf_memory_alloc(size_t len_bytes, int node);
/** The same without any of that: pages come when they are touched. For work in the background. */
void *hf_memory_reserve(size_t len_bytes);
void hf_memory_free(void *base, size_t len_bytes);

#endif
