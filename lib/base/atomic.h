/*
 * atomic.h - the C11 memory orders on plain fixed-width words, so that one struct definition serves
 * private memory, shared memory, C and C++ alike. Every use names its partner in a comment.
 *
 * In the simulator's build (tests/sim) each store that publishes something is a point at which the
 * scheduler may take the thread away, for a while or for good.
 */
#ifndef HF_BASE_ATOMIC_H
#define HF_BASE_ATOMIC_H

#ifdef HF_SIMULATION
extern long hf_sim_countdown; /**< points until the scheduler wants to be asked */
void hf_sim_point(void);
#define HF_SIM_POINT() (--hf_sim_countdown > 0 ? (void)0 : hf_sim_point())
#else
#define HF_SIM_POINT() ((void)0)
#endif

#define hf_load_relaxed(pointer) __atomic_load_n((pointer), __ATOMIC_RELAXED)
#define hf_load_acquire(pointer) __atomic_load_n((pointer), __ATOMIC_ACQUIRE)
#define hf_load_seq_cst(pointer) __atomic_load_n((pointer), __ATOMIC_SEQ_CST)
#define hf_store_relaxed(pointer, value) __atomic_store_n((pointer), (value), __ATOMIC_RELAXED)
#define hf_store_release(pointer, value)                                                           \
    (HF_SIM_POINT(), __atomic_store_n((pointer), (value), __ATOMIC_RELEASE))
#define hf_store_seq_cst(pointer, value)                                                           \
    (HF_SIM_POINT(), __atomic_store_n((pointer), (value), __ATOMIC_SEQ_CST))
#define hf_exchange_seq_cst(pointer, value)                                                        \
    (HF_SIM_POINT(), __atomic_exchange_n((pointer), (value), __ATOMIC_SEQ_CST))
#define hf_fetch_add_seq_cst(pointer, value)                                                       \
    (HF_SIM_POINT(), __atomic_fetch_add((pointer), (value), __ATOMIC_SEQ_CST))
#define hf_fetch_or_seq_cst(pointer, value)                                                        \
    (HF_SIM_POINT(), __atomic_fetch_or((pointer), (value), __ATOMIC_SEQ_CST))

#endif
