/*
 * direct_ring.h - write many pieces of one file by io_uring, several at a time, and wait for them.
 */
#ifndef HF_WAL_DIRECT_RING_H
#define HF_WAL_DIRECT_RING_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(HF_SIMULATION)
#define HF_DIRECT_PIECE_BYTES ((size_t)4096) /* so that a small log has many pieces */
#define HF_DIRECT_DEPTH 2u
#else
/* Measured with a virtio disk: pieces of 1 MiB take 0.4 ms each and are as fast as one call for all of them,
 * those of 256 KiB are slower by a tenth. 8 of them are all that a WAL queue of default length can bring. */
#define HF_DIRECT_PIECE_BYTES ((size_t)1 << 20)
#define HF_DIRECT_DEPTH 8u
#endif

/** Memory and place as O_DIRECT wants them. */
struct hf_direct_piece {
    unsigned char *data; /**< unchanged until hf_direct_ring_write() returns */
    size_t len_bytes;
    uint64_t offset;
};

/** Give the next piece. @return false: there is none any more */
typedef bool (*hf_direct_next)(void *context, struct hf_direct_piece *piece);

struct hf_direct_ring {
    struct io_uring uring;
    struct hf_direct_piece pieces[HF_DIRECT_DEPTH]; /**< under way, where len_bytes is not 0 */
    unsigned under_way;
};

int hf_direct_ring_open(struct hf_direct_ring *ring); /**< 0 or -errno */
void hf_direct_ring_close(struct hf_direct_ring *ring);

/**
 * Write all pieces that `next` gives. Behind the first failure no further one is begun, and those under way
 * are waited for. @return 0 or the -errno of that failure. Thread: one at a time
 */
int hf_direct_ring_write(struct hf_direct_ring *ring, int fd, hf_direct_next next, void *context);

#endif
