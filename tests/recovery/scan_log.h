/*
 * scan_log.h - what the tests of a scan begin with: a log of the real writer's in /dev/shm, and the result of
 * the last scan of it.
 */
#ifndef HF_TESTS_RECOVERY_SCAN_LOG_H
#define HF_TESTS_RECOVERY_SCAN_LOG_H

#include "recovery/scan_fixture.h"

static struct fixture fixture;
static struct hf_scan_result result;

static void
scan_log_begin(void)
{
    fixture_begin(&fixture, "/dev/shm");
}

static void
scan_log_end(void)
{
    fixture_end(&fixture);
}

/** So many records, settled; closed like by a clean stop. @return last LSN */
static inline uint64_t
log_make(uint64_t lsns, uint64_t batch)
{
    fixture_open(&fixture);
    fixture_fill(&fixture, lsns, batch);
    uint64_t last = fixture.producer.next - 1;
    fixture_close(&fixture);
    return last;
}

static inline void
file_copy(uint64_t from, uint64_t to)
{
    unsigned char *bytes = malloc(HF_SEGMENT_BYTES_MIN);
    char path[512];
    fixture_path(&fixture, to, path);
    fixture_read(&fixture, from, 0, bytes, HF_SEGMENT_BYTES_MIN);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_eq(write(fd, bytes, HF_SEGMENT_BYTES_MIN), HF_SEGMENT_BYTES_MIN);
    close(fd);
    free(bytes);
}

static inline void
expect_text(const char *part)
{
    cr_expect_not_null(strstr(result.text, part), "'%s' is not in: %s", part, result.text);
}

#endif
