/* visitors.c - who is connected, and since when they owe us a whole request. */
#include "exporter/visitors.h"

#include <stddef.h>
#include <sys/socket.h>

void
hf_exporter_visitors_init(struct hf_exporter_visitors *visitors)
{
    pthread_mutex_init(&visitors->lock, NULL);
    visitors->count = 0;
    for (unsigned i = 0; i < HF_EXPORTER_VISITORS_MAX; i++) {
        visitors->rows[i].fd = -1;
    }
}

void
hf_exporter_visitors_destroy(struct hf_exporter_visitors *visitors)
{
    pthread_mutex_destroy(&visitors->lock);
}

static struct hf_exporter_visitor *
find(struct hf_exporter_visitors *visitors, int fd)
{
    for (unsigned i = 0; i < HF_EXPORTER_VISITORS_MAX; i++) {
        if (visitors->rows[i].fd == fd) {
            return &visitors->rows[i];
        }
    }
    return NULL;
}

/** The server sees the end of the connection, and closes it. */
static void
send_away(const struct hf_exporter_visitor *visitor)
{
    (void)shutdown(visitor->fd, SHUT_RDWR);
}

static void
send_oldest_away(const struct hf_exporter_visitors *visitors)
{
    const struct hf_exporter_visitor *oldest = &visitors->rows[0];
    for (unsigned i = 1; i < HF_EXPORTER_VISITORS_MAX; i++) {
        if (visitors->rows[i].since_ns < oldest->since_ns) {
            oldest = &visitors->rows[i];
        }
    }
    send_away(oldest);
}

void
hf_exporter_visitors_enter(struct hf_exporter_visitors *visitors, int fd, uint64_t now_ns)
{
    pthread_mutex_lock(&visitors->lock);
    struct hf_exporter_visitor *row = find(visitors, -1);
    if (row != NULL) {
        *row = (struct hf_exporter_visitor){.fd = fd, .since_ns = now_ns};
        visitors->count++;
    }
    if (visitors->count == HF_EXPORTER_VISITORS_MAX) {
        send_oldest_away(visitors);
    }
    pthread_mutex_unlock(&visitors->lock);
}

void
hf_exporter_visitors_served(struct hf_exporter_visitors *visitors, int fd, uint64_t now_ns)
{
    pthread_mutex_lock(&visitors->lock);
    struct hf_exporter_visitor *row = find(visitors, fd);
    if (row != NULL) {
        row->since_ns = now_ns;
    }
    pthread_mutex_unlock(&visitors->lock);
}

void
hf_exporter_visitors_leave(struct hf_exporter_visitors *visitors, int fd)
{
    pthread_mutex_lock(&visitors->lock);
    struct hf_exporter_visitor *row = find(visitors, fd);
    if (row != NULL) {
        row->fd = -1;
        visitors->count--;
    }
    pthread_mutex_unlock(&visitors->lock);
}

void
hf_exporter_visitors_expire(struct hf_exporter_visitors *visitors, uint64_t now_ns)
{
    pthread_mutex_lock(&visitors->lock);
    for (unsigned i = 0; i < HF_EXPORTER_VISITORS_MAX; i++) {
        const struct hf_exporter_visitor *row = &visitors->rows[i];
        if (row->fd >= 0 && now_ns > row->since_ns &&
            now_ns - row->since_ns > HF_EXPORTER_VISIT_NS) {
            send_away(row);
        }
    }
    pthread_mutex_unlock(&visitors->lock);
}
