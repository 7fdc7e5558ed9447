/* files.c - what is in a directory (files.h). */
#include "recovery/files.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/** A segment, an archive of one, a snapshot. */
static bool
is_numbered(const char *name)
{
    static const char *const suffixes[] = {".wal", ".wal.zst", ".snap"};
    size_t digits = strspn(name, "0123456789");
    bool found = false;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]) && digits > 0 && !found; i++) {
        found = strcmp(name + digits, suffixes[i]) == 0;
    }
    return found;
}

/** An empty LOCK says nothing. */
static enum hf_files_verdict
judge_file(const char *directory, const char *name)
{
    char path[PATH_MAX];
    struct stat status;
    bool is_lock = strcmp(name, "LOCK") == 0;
    if (!is_lock && !is_numbered(name)) {
        return HF_FILES_NONE;
    }
    int length = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof(path) || stat(path, &status) != 0) {
        return HF_FILES_NONE;
    }
    if (!S_ISREG(status.st_mode)) {
        return HF_FILES_SPECIAL;
    }
    return is_lock && status.st_size == 0 ? HF_FILES_NONE : HF_FILES_LOG;
}

enum hf_files_verdict
hf_files_judge(const char *directory, char name[HF_FILES_NAME_BYTES])
{
    enum hf_files_verdict verdict = HF_FILES_NONE;
    DIR *stream = opendir(directory);
    if (stream == NULL) {
        return HF_FILES_LOG;
    }
    for (const struct dirent *entry;
         verdict != HF_FILES_SPECIAL && (entry = readdir(stream)) != NULL;) {
        enum hf_files_verdict file = judge_file(directory, entry->d_name);
        verdict = file > verdict ? file : verdict;
        (void)snprintf(name, HF_FILES_NAME_BYTES, "%s", entry->d_name);
    }
    (void)closedir(stream);
    return verdict;
}
