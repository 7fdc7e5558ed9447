/*
 * visitors.h - who is connected, and since when they owe us a whole request.
 *
 * libmicrohttpd's own limit is on silence: one byte now and then keeps a connection, and a few dozen of them would keep
 * everybody else out. So each request, its answer included, has a time in which it must be over, and when there are as
 * many connections as there may be, the one that has been waited for longest makes room.
 */
#ifndef HF_EXPORTER_VISITORS_H
#define HF_EXPORTER_VISITORS_H

#include <pthread.h>
#include <stdint.h>

#define HF_EXPORTER_VISITORS_MAX 64u
#define HF_EXPORTER_VISIT_NS UINT64_C(15000000000)

struct hf_exporter_visitor {
    int fd;            /**< -1: nobody */
    uint64_t since_ns; /**< CLOCK_MONOTONIC: when it connected, or had its last answer */
};

struct hf_exporter_visitors {
    pthread_mutex_t lock; /**< a descriptor is closed only when it is no longer here */
    struct hf_exporter_visitor rows[HF_EXPORTER_VISITORS_MAX];
    unsigned count;
};

void hf_exporter_visitors_init(struct hf_exporter_visitors *visitors);
void hf_exporter_visitors_destroy(struct hf_exporter_visitors *visitors);

/** One has come. The last one that there is room for sends away the one that was waited for longest. */
void hf_exporter_visitors_enter(struct hf_exporter_visitors *visitors, int fd, uint64_t now_ns);

/** It had an answer. */
void hf_exporter_visitors_served(struct hf_exporter_visitors *visitors, int fd, uint64_t now_ns);

/** It is about to be closed. */
void hf_exporter_visitors_leave(struct hf_exporter_visitors *visitors, int fd);

/** Send away who was waited for too long. Any thread. */
void hf_exporter_visitors_expire(struct hf_exporter_visitors *visitors, uint64_t now_ns);

#endif
