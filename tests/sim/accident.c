/* accident.c - a queue that is gone or does not continue, and what the operator does (accident.h). */
#include "sim/accident.h"

#include "sim/disk.h"
#include "sim/oracle.h"
#include "sim/world.h"

#include "wal/queue.h"
#include "wal/wal.h"

#include <holdfast/error.h>
#include <holdfast/status.h>

#define QUEUE "holdfast.sim.queue"
#define STATUS "holdfast.sim.status"
#define FAR 1000000u

static bool queue_hurt;
static bool pages_dropped;
static bool refused; /**< the last start said that something is missing */

void
accident_reset(void)
{
    queue_hurt = pages_dropped = refused = false;
}

/** It is there still, but not what the log's last daemon left. */
static void
hurt(struct hf_queue_object *queue)
{
    switch (sim_below(4)) {
    case 0:
        queue->epoch += 2 + sim_below(FAR);
        break;
    case 1:
        queue->boot ^= 1;
        break;
    case 2:
        queue->instance_id ^= 1;
        break;
    default:
        queue->first_lsn += FAR;
        break;
    }
}

/** Before a first start has finished, nobody was told of anything. */
static bool
page_is_whole(void)
{
    const struct inode *inode = disk_find(DISK_SHM, STATUS);
    const struct hf_status *status = inode == NULL ? NULL : (const void *)inode->cache;
    return status != NULL && inode->len_bytes != 0 && status->magic == HF_STATUS_MAGIC;
}

void
accident_may_happen(void)
{
    struct inode *inode = disk_find(DISK_SHM, QUEUE);
    bool hits = !queue_hurt && sim_chance(sim_world.params.accident_per_100);
    if (!hits || inode == NULL || inode->len_bytes == 0 || !page_is_whole()) {
        return;
    }
    oracle_observe();
    queue_hurt = true;
    sim_world.counts.accidents++;
    if (sim_chance(50)) {
        sim_trace("the queue is removed");
        (void)disk_unlink(DISK_SHM, QUEUE);
    } else {
        sim_trace("the queue is damaged");
        hurt((struct hf_queue_object *)(void *)inode->cache);
    }
}

void
accident_pages_dropped(void)
{
    pages_dropped = true;
}

void
accident_power_cut(void)
{
    accident_reset();
}

bool
accident_queue_is_hurt(void)
{
    return queue_hurt;
}

bool
accident_abandons(void)
{
    bool asked = refused; /* by this start alone: one that is crashed has to be finished without */
    refused = false;
    sim_world.counts.abandons += asked;
    return asked;
}

bool
accident_excuses(int start_code)
{
    bool lossy = pages_dropped && sim_world.params.mode == HF_WAL_MEMORY;
    refused = (queue_hurt || lossy) && start_code == HF_E_CORRUPT;
    return refused;
}

void
accident_is_over(void)
{
    accident_reset();
}
