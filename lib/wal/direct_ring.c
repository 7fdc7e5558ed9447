/* direct_ring.c - many writes at a time (direct_ring.h). */
#include "wal/direct_ring.h"

#include "base/panic.h"
#include "base/planted.h"

#include <errno.h>
#include <string.h>

int
hf_direct_ring_open(struct hf_direct_ring *ring)
{
    memset(ring, 0, sizeof(*ring));
    return io_uring_queue_init(HF_DIRECT_DEPTH, &ring->uring, 0);
}

void
hf_direct_ring_close(struct hf_direct_ring *ring)
{
    io_uring_queue_exit(&ring->uring);
}

/** Hand a piece, or what is left of it, to the next submission. */
static void
piece_queue(struct hf_direct_ring *ring, int fd, unsigned index)
{
    const struct hf_direct_piece *piece = &ring->pieces[index];
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->uring);
    HF_ASSERT("as many entries as pieces", entry != NULL);
    io_uring_prep_write(entry, fd, piece->data, (unsigned)piece->len_bytes, piece->offset);
    entry->user_data = index;
}

/** Fill the places that are free. */
static void
pieces_begin(struct hf_direct_ring *ring, int fd, hf_direct_next next, void *context)
{
    for (unsigned i = 0; i < HF_DIRECT_DEPTH; i++) {
        struct hf_direct_piece *piece = &ring->pieces[i];
        if (piece->len_bytes != 0) {
            continue;
        }
        if (!next(context, piece)) {
            piece->len_bytes = 0;
            return;
        }
        HF_ASSERT("a piece has a length", piece->len_bytes > 0);
        ring->under_way++;
        piece_queue(ring, fd, i);
    }
}

static bool
is_passing(int result)
{
    return result == -EINTR || result == -EAGAIN;
}

/** A write has ended. @return 0; -errno: it has failed */
static int
piece_end(struct hf_direct_ring *ring, int fd, unsigned index, int result)
{
    HF_ASSERT("of ours", index < HF_DIRECT_DEPTH && ring->pieces[index].len_bytes > 0);
    struct hf_direct_piece *piece = &ring->pieces[index];
    HF_ASSERT("no more than was asked for", result < 0 || (size_t)result <= piece->len_bytes);
    size_t written = result > 0 ? (size_t)result : 0;
    if (HF_PLANTED(SHORT_WRITE_COUNTED) && written > 0) {
        written = piece->len_bytes;
    }
    piece->data += written;
    piece->offset += written;
    piece->len_bytes -= written;
    if (written > 0 ? piece->len_bytes > 0 : is_passing(result)) {
        piece_queue(ring, fd, index);
        return 0;
    }
    piece->len_bytes = 0;
    ring->under_way--;
    /* Nothing written, and no reason: to ask again would never end. */
    return written > 0 ? 0 : result < 0 ? result : -EIO;
}

/** Take what has ended. @return the first failure among it, or 0 */
static int
pieces_end(struct hf_direct_ring *ring, int fd)
{
    const struct io_uring_cqe *ended;
    unsigned head;
    unsigned count = 0;
    int error = 0;
    io_uring_for_each_cqe(&ring->uring, head, ended)
    {
        int result = piece_end(ring, fd, (unsigned)ended->user_data, ended->res);
        error = error == 0 ? result : error;
        count++;
    }
    io_uring_cq_advance(&ring->uring, count);
    return error;
}

int
hf_direct_ring_write(struct hf_direct_ring *ring, int fd, hf_direct_next next, void *context)
{
    int error = 0;
    for (;;) {
        if (error == 0) {
            pieces_begin(ring, fd, next, context);
        }
        if (ring->under_way == 0) {
            return error;
        }
        /* For all of them: to be woken for each costs more than the pause between these and the next. */
        int result = io_uring_submit_and_wait(&ring->uring, ring->under_way);
        if (result < 0 && !is_passing(result) && result != -EBUSY) {
            return result; /* the ring itself is broken; what is under way holds its memory */
        }
        int ended = pieces_end(ring, fd);
        error = error == 0 ? ended : error;
    }
}
