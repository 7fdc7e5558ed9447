/*
 * link_wfcqueue.c - peer: liburcu's wfcqueue, a linked queue. The messages hang on nodes of a pool that
 * the producer goes round; the consumer marks a node as free again when it has read it.
 */
#define _LGPL_SOURCE /* the inline versions */

#include "link.h"

#include "base/atomic.h"

#include <stdbool.h>
#include <string.h>
#include <urcu/wfcqueue.h>

#define LINK link_wfcqueue
#define LINK_TITLE "wfcqueue (liburcu)"
#define LINK_BYTES (sizeof(struct link_memory))

struct node {
    struct cds_wfcq_node node;
    uint64_t used; /**< 1: in the queue */
    struct link_message message;
} __attribute__((aligned(128)));

/** Pointers within it are valid in both processes: they share the mapping's address. */
struct link_memory {
    struct cds_wfcq_head head __attribute__((aligned(128)));
    struct cds_wfcq_tail tail __attribute__((aligned(128)));
    struct node nodes[LINK_SLOTS];
};

struct link_end {
    struct link_memory *memory;
    uint64_t next;
};

static int
link_make(void *memory)
{
    struct link_memory *shared = memory;
    cds_wfcq_init(&shared->head, &shared->tail);
    return 0;
}

static inline void
link_open_sender(struct link_end *end, void *memory)
{
    end->memory = memory;
    end->next = 0;
}

static inline void
link_open_receiver(struct link_end *end, void *memory)
{
    end->memory = memory;
    end->next = 0;
}

static inline bool
link_send(struct link_end *end, const struct link_message *message)
{
    struct node *node = &end->memory->nodes[end->next % LINK_SLOTS];
    if (hf_load_acquire(&node->used) != 0) { /* pairs with the release in link_receive() */
        return false;
    }
    node->used = 1;
    node->message = *message;
    cds_wfcq_node_init(&node->node);
    (void)cds_wfcq_enqueue(&end->memory->head, &end->memory->tail, &node->node);
    end->next++;
    return true;
}

static inline bool
link_receive(struct link_end *end, struct link_message *message)
{
    struct cds_wfcq_node *found =
        __cds_wfcq_dequeue_nonblocking(&end->memory->head, &end->memory->tail);
    if (found == NULL || found == CDS_WFCQ_WOULDBLOCK) {
        return false;
    }
    struct node *node = (struct node *)(void *)found; /* its first member */
    *message = node->message;
    hf_store_release(&node->used, 0); /* pairs with the acquire in link_send() */
    return true;
}

static inline void
link_flush(struct link_end *end)
{
    (void)end;
}

static inline void
link_release(struct link_end *end)
{
    (void)end;
}

#include "link_loops.h"
