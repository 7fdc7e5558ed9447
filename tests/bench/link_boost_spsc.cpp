// link_boost_spsc.cpp - peer: boost::lockfree::spsc_queue, with its slots inside the object.
#include "link.h"

#include <boost/lockfree/spsc_queue.hpp>
#include <new>

using link_queue = boost::lockfree::spsc_queue<link_message, boost::lockfree::capacity<LINK_SLOTS>>;

#define LINK link_boost_spsc
#define LINK_TITLE "boost::lockfree::spsc_queue"
#define LINK_BYTES (sizeof(link_queue))

struct link_end {
    link_queue *queue;
};

static int
link_make(void *memory)
{
    new (memory) link_queue;
    return 0;
}

static inline void
link_open_sender(struct link_end *end, void *memory)
{
    end->queue = static_cast<link_queue *>(memory);
}

static inline void
link_open_receiver(struct link_end *end, void *memory)
{
    end->queue = static_cast<link_queue *>(memory);
}

static inline bool
link_send(struct link_end *end, const struct link_message *message)
{
    return end->queue->push(*message);
}

static inline bool
link_receive(struct link_end *end, struct link_message *message)
{
    return end->queue->pop(*message);
}

static inline void
link_flush(struct link_end *)
{
}

static inline void
link_release(struct link_end *)
{
}

#include "link_loops.h"
