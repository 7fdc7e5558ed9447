/*
 * descriptors.h - what processes have open and mapped. Numbers begin where real ones do not reach.
 */
#ifndef SIM_DESCRIPTORS_H
#define SIM_DESCRIPTORS_H

#include "sim/disk.h"

#define SIM_FD_FIRST 10000

enum sim_fd_kind {
    FD_FREE,
    FD_FILE,
    FD_LOG_DIRECTORY,
    FD_PARENT,
    FD_SOCKET,
    FD_LISTENER,
    FD_EVENT,
    FD_PROCESS,
    FD_SPARE
};

struct sim_fd {
    enum sim_fd_kind kind;
    int owner;
    struct inode *inode; /**< FD_FILE */
    size_t position;     /**< FD_FILE: of write(2); FD_EVENT: its counter; FD_PROCESS: its pid */
    bool locks;          /**< holds the inode's lock */
    int peer;            /**< FD_SOCKET: the other end's number, -1: it has gone */
};

struct sim_fd *sim_fd(int number); /**< NULL: not one of ours */
int sim_fd_new(enum sim_fd_kind kind, struct inode *inode);
int sim_fd_close(int number); /**< @return 0 or errno */

/** Map the whole file for the running process. */
void *sim_map(struct inode *inode);
/** @return false: nothing of ours is mapped there */
bool sim_unmap(void *base);
/** The mapping of the running process that an address lies in; NULL: none of ours. */
struct inode *sim_mapping_at(const void *address, size_t *offset);

void sim_descriptors_drop(int process); /**< it is dead */
void sim_descriptors_reset(void);

/* sockets.c */
void sim_socket_closed(int number);
void sim_sockets_reset(void);

#endif
