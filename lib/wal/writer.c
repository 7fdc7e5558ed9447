/*
 * writer.c - the WAL writer's stage: queue → segment mapping.
 *
 * One call makes one batch: records, chained, then a GROUP record with the floor as known now; all of
 * it by one store to the mapping, one commit, then the position, then written_lsn (W3). A batch never
 * crosses a segment and never parts the two slots of a message (K2), so written_lsn is never
 * published between them.
 *
 * A full segment is left at the next record: the header of the next one is stored with the LSN and
 * the chain at which it begins. It becomes durable with the flush of the first batch behind it, which
 * sync does only after the rest of the old segment.
 *
 * Failure policy: no segment to go on to and no space to make one is HF_E_NO_SPACE and final; no
 * segment yet, or no zeros yet, is waiting (0).
 */
#include "wal/wal_internal.h"

#include "base/clock.h"
#include "base/histogram.h"
#include "wal/trace.h"

#include <errno.h>
#include <inttypes.h>

/** Slots of the current segment that may be written now (W5). */
static uint64_t
slots_ready(struct hf_wal *wal)
{
    /* Pairs with the release in hf_wal_prepare_zero(): the zeros lie before the records. */
    uint64_t zeroed = hf_load_acquire(&hf_wal_segment_at(wal, wal->writer.index)->zeroed_bytes);
    uint64_t slots =
        zeroed < HF_SEGMENT_HEADER_BYTES ? 0 : (zeroed - HF_SEGMENT_HEADER_BYTES) / HF_SLOT_BYTES;
    HF_ASSERT("W5", wal->writer.pack.slot <= slots);
    return slots - wal->writer.pack.slot;
}

static uint64_t
floor_now(const struct hf_wal *wal)
{
    /* Pairs with the release in sync.c; an older value would only be a lower floor. */
    return hf_load_acquire(wal->marks.durable_lsn);
}

/** Store `count` slots of the batch, the next ones of the segment behind which `pack` stands now. */
static void
batch_store(struct hf_wal *wal, uint64_t count)
{
    struct hf_wal_file *file = &hf_wal_segment_at(wal, wal->writer.index)->file;
    uint64_t slot = wal->writer.pack.slot - count;
    file->io->write(file, HF_SEGMENT_HEADER_BYTES + slot * HF_SLOT_BYTES, wal->writer.batch,
                    count * HF_SLOT_BYTES);
    file->io->commit(file);
}

/** Fill what is left of the segment, one or two slots, with groups of no records (K1, K2).
 *  @return false: the zeros are not laid yet */
static bool
segment_fill_up(struct hf_wal *wal)
{
    struct hf_pack *pack = &wal->writer.pack;
    uint64_t count = pack->slots - pack->slot;
    HF_ASSERT("K2", count <= 2);
    if (slots_ready(wal) < count) {
        return false;
    }
    for (uint64_t i = 0; i < count; i++) {
        hf_pack_group(pack, floor_now(wal), &wal->writer.batch[i]);
    }
    if (count > 0) {
        batch_store(wal, count);
    }
    return true;
}

static void
segment_enter(struct hf_wal *wal, uint64_t index)
{
    struct hf_wal_writer *writer = &wal->writer;
    struct hf_wal_file *file = &hf_wal_segment_at(wal, index)->file;
    struct hf_segment_header header;
    hf_pack_begin(&writer->pack, wal->start.segment + index,
                  hf_segment_slots(wal->config.segment_bytes));
    hf_pack_header(&writer->pack, &header, wal->config.segment_bytes, hf_clock_wall_ns(),
                   floor_now(wal));
    file->io->write(file, 0, &header, sizeof(header));
    file->io->commit(file);
    writer->index = index;
    /* Pairs with the acquire in prepare.c: we are done with the segment before. */
    hf_store_release(&wal->current, index);
}

/** Go on to the next segment. @return 1: done, 0: it is not ready, negative: final error */
static int
segment_roll_over(struct hf_wal *wal)
{
    uint64_t next = wal->writer.index + 1;
    if (!segment_fill_up(wal)) {
        return 0;
    }
    /* Pairs with the release in hf_wal_prepare_adopt(): the segment is mapped. */
    if (hf_load_acquire(&wal->made) <= next) {
        /* Relaxed: a flag alone; seen late it only costs another call. */
        if (hf_load_relaxed(&wal->no_space) == 0) {
            return 0;
        }
        wal->writer.failed =
            hf_wal_fail(wal, HF_E_NO_SPACE, ENOSPC,
                        "%s: no space for segment %" PRIu64 ", which the log needs now",
                        wal->directory, wal->start.segment + next);
        return wal->writer.failed;
    }
    /* The header is a record's elder: it too is written only where zeros were laid. Pairs as in
     * slots_ready(). */
    if (hf_load_acquire(&hf_wal_segment_at(wal, next)->zeroed_bytes) < HF_SEGMENT_HEADER_BYTES) {
        return 0;
    }
    segment_enter(wal, next);
    return 1;
}

/** Of one call. */
static uint64_t
batch_records_max(const struct hf_wal *wal)
{
    uint64_t records_max = hf_wal_flush_records(wal);
    if (records_max > HF_WAL_BATCH_RECORDS_MAX) {
        return HF_WAL_BATCH_RECORDS_MAX;
    }
    return records_max < HF_MESSAGE_SLOTS_MAX ? HF_MESSAGE_SLOTS_MAX : records_max;
}

/** Pack the records that are waiting, as many as fit. @return their number */
static uint64_t
batch_gather(struct hf_wal *wal)
{
    struct hf_wal_writer *writer = &wal->writer;
    uint64_t room = slots_ready(wal);
    uint64_t most = batch_records_max(wal);
    uint64_t count = 0;
    const struct hf_slot *slot;
    while ((slot = hf_ring_peek_ahead(&writer->queue, count)) != NULL) {
        struct hf_record record[2];
        memcpy(&record[0], slot, sizeof(record[0]));
        unsigned slots = hf_record_slots(&record[0]);
        if (count + slots > most || count + slots + 1 > room ||
            !hf_pack_fits(&writer->pack, slots)) {
            break;
        }
        if (slots == 2) {
            slot = hf_ring_peek_ahead(&writer->queue, count + 1);
            HF_ASSERT("R3", slot != NULL);
            memcpy(&record[1], slot, sizeof(record[1]));
        }
        for (unsigned i = 0; i < slots; i++) {
            hf_pack_record(&writer->pack, &record[i], &writer->batch[count++]);
        }
    }
    return count;
}

static void
measure(const struct hf_wal *wal, uint64_t count)
{
    if (wal->marks.metrics != NULL) {
        struct hf_metrics_writer *metrics = &wal->marks.metrics->writer;
        hf_histogram_publish(&metrics->batch_records, count, 1);
        hf_trace_written(wal->marks.trace, wal->writer.pack.lsn, metrics);
    }
}

static void
batch_publish(struct hf_wal *wal, uint64_t count)
{
    struct hf_wal_writer *writer = &wal->writer;
    uint64_t position = hf_wal_position_base(wal) + writer->index * wal->config.segment_bytes +
                        HF_SEGMENT_HEADER_BYTES + writer->pack.slot * HF_SLOT_BYTES;
    hf_ring_advance(&writer->queue, count);
    /* Relaxed: statistics, only this thread stores them. */
    hf_store_relaxed(wal->marks.groups, ++writer->groups);
    /* W3. Both pair with the loads in sync.c: the bytes are in the mapping. Seq_cst: whoever calls us looks
     * next whether the sync thread sleeps, and that look must not pass this store. */
    hf_store_release(wal->marks.written_position, position);
    hf_store_seq_cst(wal->marks.written_lsn, writer->pack.lsn);
    measure(wal, count);
}

int64_t
hf_wal_writer_do_work(struct hf_wal *wal)
{
    struct hf_wal_writer *writer = &wal->writer;
    struct hf_record next;
    if (writer->failed != 0) {
        return writer->failed;
    }
    const struct hf_slot *slot = hf_ring_peek(&writer->queue);
    if (slot == NULL) {
        return 0;
    }
    memcpy(&next, slot, sizeof(next));
    if (!hf_pack_fits(&writer->pack, hf_record_slots(&next))) {
        int rolled = segment_roll_over(wal);
        if (rolled <= 0) {
            return rolled;
        }
    }
    uint64_t count = batch_gather(wal);
    if (count > 0) {
        hf_pack_group(&writer->pack, floor_now(wal), &writer->batch[count]);
        batch_store(wal, count + 1);
        batch_publish(wal, count);
    }
    return (int64_t)count;
}
