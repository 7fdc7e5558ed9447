/*
 * words.hpp - lib/base/atomic.h for the memory-model checker: the code under test is compiled as it is,
 * and its loads and stores of shared memory go to the checker's words.
 *
 *   hf_store_release(&slot->number, n) ──► the checker's word at that address ──► what another thread
 *   memcpy(slot->body, ...)            ──► its plain words, races found           may see of it
 *
 * Shared memory is `arena`; only its addresses are used. What lies elsewhere is a thread's own.
 *
 * A place is a line of code that loads or stores with an order stronger than relaxed. One place at a time
 * can be weakened: acquire and release to relaxed, sequentially consistent to acquire or release.
 */
#ifndef HF_TESTS_MEMORY_WORDS_HPP
#define HF_TESTS_MEMORY_WORDS_HPP

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <stdbool.h>
#include <stddef.h>
#include <streambuf>
#include <string.h>
#include <type_traits>
#include <utility>

#include <relacy/relacy.hpp>

#define ARENA_UNITS 20 /* of four bytes */

alignas(64) static uint32_t arena[ARENA_UNITS];

/* Made anew for each execution that the checker tries. */
struct words {
    rl::atomic<uint64_t> shared[ARENA_UNITS];
    rl::var<uint64_t> plain[ARENA_UNITS];

    words()
    {
        for (unsigned i = 0; i < ARENA_UNITS; i++) {
            shared[i]($).store(0, rl::mo_relaxed);
            plain[i]($) = 0;
        }
    }
};
static words *current;

/* No container: Relacy counts what is allocated while a scenario runs. */
#define PLACES_MAX 64
struct place {
    const char *file;
    const char *function;
    int line;
    const char *what;
    const char *order; /* that the code asks for */
};
static place places[PLACES_MAX]; /* that were met */
static unsigned place_count;
static const place *weakened;

static bool
is_shared(const void *address)
{
    return address >= arena && address < arena + ARENA_UNITS;
}

static unsigned
unit_of(const void *address)
{
    return (unsigned)((const uint32_t *)address - arena);
}

static const place *
find_place(const place &here)
{
    for (unsigned i = 0; i < place_count; i++) {
        if (places[i].line == here.line && strcmp(places[i].file, here.file) == 0) {
            return &places[i];
        }
    }
    RL_VERIFY(place_count < PLACES_MAX);
    places[place_count] = here;
    return &places[place_count++];
}

static rl::memory_order
order_at(const place &here, rl::memory_order order, rl::memory_order weaker)
{
    return find_place(here) == weakened ? weaker : order;
}

template <typename T>
static T
load(const T *word, rl::memory_order order)
{
    return is_shared(word) ? (T)current->shared[unit_of(word)]($).load(order) : *word;
}

template <typename T>
static void
store(T *word, std::type_identity_t<T> value, rl::memory_order order)
{
    if (is_shared(word)) {
        current->shared[unit_of(word)]($).store(value, order);
    } else {
        *word = value;
    }
}

template <typename T>
static T
fetch_add(T *word, std::type_identity_t<T> value, rl::memory_order order)
{
    return (T)current->shared[unit_of(word)]($).fetch_add(value, order);
}

template <typename T>
static T
exchange(T *word, std::type_identity_t<T> value, rl::memory_order order)
{
    return (T)current->shared[unit_of(word)]($).exchange(value, order);
}

/* Bodies of messages are copied from and to shared memory, word by word. */
static void *
copy(void *to, const void *from, size_t len_bytes)
{
    if (!is_shared(to) && !is_shared(from)) {
        return std::memmove(to, from, len_bytes);
    }
    for (size_t at = 0; at < len_bytes; at += 8) {
        uint64_t value;
        if (is_shared(from)) {
            value = current->plain[unit_of((const char *)from + at)]($);
        } else {
            std::memmove(&value, (const char *)from + at, 8);
        }
        if (is_shared(to)) {
            current->plain[unit_of((char *)to + at)]($) = value;
        } else {
            std::memmove((char *)to + at, &value, 8);
        }
    }
    return to;
}
#define memcpy copy

#define HF_BASE_ATOMIC_H
#define HF_ORDER(what, order, weaker)                                                              \
    order_at({__FILE__, __func__, __LINE__, what, #order}, rl::mo_##order, rl::mo_##weaker)
#define hf_load_relaxed(word) load((word), rl::mo_relaxed)
#define hf_load_acquire(word) load((word), HF_ORDER("load", acquire, relaxed))
#define hf_load_seq_cst(word) load((word), HF_ORDER("load", seq_cst, acquire))
#define hf_store_relaxed(word, value) store((word), (value), rl::mo_relaxed)
#define hf_store_release(word, value) store((word), (value), HF_ORDER("store", release, relaxed))
#define hf_store_seq_cst(word, value) store((word), (value), HF_ORDER("store", seq_cst, release))
#define hf_exchange_seq_cst(word, value)                                                           \
    exchange((word), (value), HF_ORDER("exchange", seq_cst, relaxed))
#define hf_fetch_add_seq_cst(word, value)                                                          \
    fetch_add((word), (value), HF_ORDER("fetch_add", seq_cst, relaxed))

/* A broken invariant of the code under test. */
#define HF_BASE_PANIC_H
#define HF_LIKELY(condition) (condition)
#define HF_UNLIKELY(condition) (condition)
#define HF_ASSERT(name, condition) RL_ASSERT((condition) && name)

#endif
