/*
 * files.h - what is in a directory, before anything of it is opened: a log, none, or something under the name
 * of a file of the log that is none. Who opened a FIFO for reading would wait for ever.
 */
#ifndef HF_RECOVERY_FILES_H
#define HF_RECOVERY_FILES_H

#define HF_FILES_NAME_BYTES 256

enum hf_files_verdict {
    HF_FILES_NONE,    /**< no log */
    HF_FILES_LOG,     /**< a segment, an archive, a snapshot, or a LOCK that says something */
    HF_FILES_SPECIAL, /**< one of these is no regular file */
};

/** What cannot be listed counts as a log: who reads it will say why not. @param name  of what is
 *  HF_FILES_SPECIAL */
enum hf_files_verdict hf_files_judge(const char *directory, char name[HF_FILES_NAME_BYTES]);

#endif
