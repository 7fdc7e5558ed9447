/*
 * log.h - one line per event on stderr, with the "<N>" priority prefix that systemd reads when
 * stderr is a journal (JOURNAL_STREAM is set), plain otherwise.
 */
#ifndef HF_BASE_LOG_H
#define HF_BASE_LOG_H

enum hf_log_priority {
    HF_LOG_ERROR = 3,
    HF_LOG_WARNING = 4,
    HF_LOG_NOTICE = 5,
    HF_LOG_INFO = 6,
};

/** Write one line with one write(2). Never on the hot path. Thread: any. */
void hf_log(enum hf_log_priority priority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
