/*
 * panic.h - programmer errors end the process, in release builds too.
 *
 * HF_ASSERT(name, condition)     cheap, always on; `name` is the invariant's name in the file header
 * HF_EXPENSIVE(name, condition)  as above, in builds with HF_EXPENSIVE_CHECKS only
 */
#ifndef HF_BASE_PANIC_H
#define HF_BASE_PANIC_H

/** Print "PANIC file:line: message" to stderr and abort. Async-signal-safe but for the formatting. */
_Noreturn void hf_panic(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));

#define HF_PANIC(...) hf_panic(__FILE__, __LINE__, __VA_ARGS__)
#define HF_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define HF_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define HF_ALWAYS_INLINE inline __attribute__((always_inline))
#define HF_ASSERT(name, condition)                                                                 \
    do {                                                                                           \
        if (HF_UNLIKELY(!(condition))) {                                                           \
            HF_PANIC("invariant %s broken: %s", name, #condition);                                 \
        }                                                                                          \
    } while (0)

#ifdef HF_EXPENSIVE_CHECKS
#define HF_EXPENSIVE(name, condition) HF_ASSERT(name, condition)
#else
#define HF_EXPENSIVE(name, condition) ((void)0)
#endif

#endif
