/*
 * doctor_host.h - /proc and /sys of this host, or below another root: of a host that was copied, or made up.
 */
#ifndef HF_CLI_DOCTOR_HOST_H
#define HF_CLI_DOCTOR_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF_CPUS_MAX 4096

struct hf_host {
    const char *root; /**< "" or a directory; borrowed */
};

struct hf_cpus {
    uint64_t words[HF_CPUS_MAX / 64];
};

bool hf_cpus_has(const struct hf_cpus *cpus, int cpu);
void hf_cpus_add(struct hf_cpus *cpus, int cpu);
int hf_cpus_count(const struct hf_cpus *cpus);
/** The first one from `cpu` on; -1: there is none. */
int hf_cpus_next(const struct hf_cpus *cpus, int cpu);
/** "0-3,8", as the kernel writes it; "none" when empty. */
void hf_cpus_text(const struct hf_cpus *cpus, char *text, size_t len_bytes);
/** @return the CPUs of such a list; what cannot be read counts for nothing */
struct hf_cpus hf_cpus_parse(const char *text);

/** Read a small file without the blanks at its end. @return false: there is none, and text is "" */
bool hf_host_read(const struct hf_host *host, char *text, size_t len_bytes, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Read a number. @return false: there is none there */
bool hf_host_number(const struct hf_host *host, int64_t *number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Whether there is such a file or directory. */
bool hf_host_has(const struct hf_host *host, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** A file in memory, to be freed; NULL: there is none. */
char *hf_host_load(const struct hf_host *host, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Call for every name in a directory but "." and "..". */
void hf_host_each(const struct hf_host *host, const char *directory,
                  void (*on_name)(void *context, const char *name), void *context);

/** @return the CPUs of a file that has a list; none when there is no such file */
struct hf_cpus hf_host_cpus(const struct hf_host *host, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Of a choice like "always [madvise] never" the chosen word. */
bool hf_host_choice(const struct hf_host *host, char *word, size_t len_bytes, const char *path);

/** CPUs that are online. */
struct hf_cpus hf_host_online(const struct hf_host *host);

#endif
