/*
 * scan_fixture.h - logs to scan: made by the real writer, then damaged byte by byte.
 */
#ifndef HF_TESTS_RECOVERY_SCAN_FIXTURE_H
#define HF_TESTS_RECOVERY_SCAN_FIXTURE_H

#include "wal/log_fixture.h"

#include "recovery/scan.h"

/** What a visitor saw. */
struct visits {
    uint64_t lsn; /**< of the last slot seen */
    uint64_t calls;
    bool mix; /**< content of fixture_put_mix(), else of fixture_put() with one slot each */
    bool wrong;
};

static inline int
visit_check(void *context, const struct hf_record *record, const struct hf_record *more,
            const char *file, uint64_t offset)
{
    struct visits *visits = context;
    bool head = visits->mix && record_is_double(record->lsn);
    visits->calls++;
    visits->wrong |= record->lsn != visits->lsn + 1 || !walk_record_right(record, visits->mix);
    visits->wrong |= (more != NULL) != head;
    visits->wrong |= more != NULL && !walk_record_right(more, visits->mix);
    visits->wrong |= strstr(file, ".wal") == NULL || offset < HF_SEGMENT_HEADER_BYTES;
    visits->lsn = record->lsn + (more != NULL);
    return 0;
}

/** Scan and check that the visitor saw exactly the accepted records. */
static inline int
fixture_scan(const struct fixture *fixture, uint64_t floor_hint, bool mix,
             struct hf_scan_result *result)
{
    struct visits visits = {0, 0, mix, false};
    int code = hf_scan(fixture->directory, floor_hint, visit_check, &visits, result);
    cr_expect_eq(code, result->code);
    cr_expect_eq(code != 0, result->text[0] != '\0', "%d: %s", code, result->text);
    cr_expect_not(visits.wrong, "a wrong record was visited");
    if (code == 0) {
        cr_expect_eq(visits.lsn, result->end_lsn);
    }
    return code;
}

/** Start the next epoch where a scan ended, as the daemon does. */
static inline void
fixture_next_epoch(struct fixture *fixture, const struct hf_scan_result *result)
{
    fixture->start = (struct hf_wal_start){.epoch = result->epoch + 1,
                                           .segment = result->end_segment + 1,
                                           .base_lsn = result->end_lsn + 1,
                                           .chain = result->end_chain,
                                           .durable_lsn = result->end_lsn};
    fixture_open(fixture);
}

/** Write records of the mix in batches of `batch`, without any flush. */
static inline void
fixture_fill(struct fixture *fixture, uint64_t lsns, uint64_t batch)
{
    uint64_t until = fixture->producer.next + lsns;
    while (fixture->producer.next < until) {
        fixture_put_mix(fixture, batch);
        fixture_write_all(fixture);
    }
}

static inline bool
results_equal(const struct hf_scan_result *a, const struct hf_scan_result *b)
{
    return a->code == b->code && a->segments == b->segments && a->instance_id == b->instance_id &&
           a->epoch == b->epoch && a->end_lsn == b->end_lsn && a->floor_lsn == b->floor_lsn &&
           a->end_segment == b->end_segment && a->end_offset == b->end_offset &&
           a->end_chain == b->end_chain && a->segment_bytes == b->segment_bytes &&
           a->torn_bytes == b->torn_bytes && a->last_number == b->last_number;
}

#endif
