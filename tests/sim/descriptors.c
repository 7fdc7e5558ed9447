/* descriptors.c - tables of what is open and mapped (descriptors.h). */
#include "sim/descriptors.h"

#include "sim/world.h"

#include <errno.h>
#include <stdlib.h>

#define FDS_MAX 192
#define MAPPINGS_MAX 160

struct mapping {
    struct inode *inode; /**< NULL: free */
    int owner;
};

static struct sim_fd fds[FDS_MAX];
static struct mapping mappings[MAPPINGS_MAX];
static int mapping_end; /**< all behind it are free */

struct sim_fd *
sim_fd(int number)
{
    int index = number - SIM_FD_FIRST;
    return index >= 0 && index < FDS_MAX && fds[index].kind != FD_FREE ? &fds[index] : NULL;
}

int
sim_fd_new(enum sim_fd_kind kind, struct inode *inode)
{
    for (int i = 0; i < FDS_MAX; i++) {
        if (fds[i].kind == FD_FREE) {
            fds[i] = (struct sim_fd){
                .kind = kind, .owner = sim_world.current, .inode = inode, .peer = -1};
            if (inode != NULL) {
                inode->refs++;
            }
            return SIM_FD_FIRST + i;
        }
    }
    sim_violation("descriptors leak: %d are open", FDS_MAX);
}

int
sim_fd_close(int number)
{
    struct sim_fd *fd = sim_fd(number);
    if (fd == NULL || fd->owner != sim_world.current) {
        sim_violation("process %d closes descriptor %d, which is not its own", sim_world.current,
                      number);
    }
    if (fd->inode != NULL) {
        fd->inode->refs--;
        if (fd->locks) {
            fd->inode->locker = -1;
        }
    }
    if (fd->kind == FD_SOCKET || fd->kind == FD_LISTENER) {
        sim_socket_closed(number);
    }
    fd->kind = FD_FREE;
    return 0;
}

void *
sim_map(struct inode *inode)
{
    int i = 0;
    while (i < mapping_end && mappings[i].inode != NULL) {
        i++;
    }
    if (i == MAPPINGS_MAX) {
        sim_violation("mappings leak: %d are there", MAPPINGS_MAX);
    }
    mapping_end = i == mapping_end ? i + 1 : mapping_end;
    mappings[i] = (struct mapping){.inode = inode, .owner = sim_world.current};
    disk_map(inode);
    return inode->cache;
}

/** One of the running process that holds the address; NULL: none. */
static struct mapping *
mapping_at(const void *address)
{
    const unsigned char *at = address;
    for (int i = 0; i < mapping_end; i++) {
        struct inode *inode = mappings[i].inode;
        if (inode != NULL && mappings[i].owner == sim_world.current && at >= inode->cache &&
            at < inode->cache + inode->len_bytes) {
            return &mappings[i];
        }
    }
    return NULL;
}

bool
sim_unmap(void *base)
{
    struct mapping *mapping = mapping_at(base);
    if (mapping == NULL) {
        return false;
    }
    disk_unmap(mapping->inode);
    mapping->inode = NULL;
    return true;
}

struct inode *
sim_mapping_at(const void *address, size_t *offset)
{
    struct mapping *mapping = mapping_at(address);
    if (mapping == NULL) {
        return NULL;
    }
    *offset = (size_t)((const unsigned char *)address - mapping->inode->cache);
    return mapping->inode;
}

void
sim_descriptors_drop(int process)
{
    int current = sim_world.current;
    sim_world.current = process;
    for (int i = 0; i < FDS_MAX; i++) {
        if (fds[i].kind != FD_FREE && fds[i].owner == process) {
            (void)sim_fd_close(SIM_FD_FIRST + i);
        }
    }
    for (int i = 0; i < mapping_end; i++) {
        if (mappings[i].inode != NULL && mappings[i].owner == process) {
            disk_unmap(mappings[i].inode);
            mappings[i].inode = NULL;
        }
    }
    sim_world.current = current;
}

void
sim_descriptors_reset(void)
{
    for (int i = 0; i < FDS_MAX; i++) {
        fds[i].kind = FD_FREE;
    }
    for (int i = 0; i < mapping_end; i++) {
        mappings[i].inode = NULL;
    }
    mapping_end = 0;
    sim_sockets_reset();
}
