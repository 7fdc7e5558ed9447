/*
 * world.h - what the simulated machine is made of: chance, time, processes, their memory.
 *
 *   one thread ─► process 0: the daemon    processes 1..: clients    outside: the simulator itself
 *
 * Everything that is decided by chance comes from one stream, so that a seed names one history of the
 * world and gives it again. A process that is killed loses its private memory, descriptors and
 * mappings; shared memory and the page cache stay. When the power is cut, all processes die, shared
 * memory is gone, and the disk keeps what disk.h says.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_DAEMON 0
#define SIM_CLIENTS 2 /* processes 1 to SIM_CLIENTS */
#define SIM_PROCESSES (1 + SIM_CLIENTS)
#define SIM_OUTSIDE SIM_PROCESSES
#define SIM_DIRECTORY "/sim/log"
#define SIM_PARENT "/sim"
#define SIM_SOCKET "/sim/socket"

/** What this run of the world is like; drawn from the seed. */
struct sim_params {
    uint32_t granule;        /**< bytes that reach the medium as a whole: 8, 64, 512, 4096 */
    uint32_t segment_bytes;  /**< of the log */
    uint32_t mode;           /**< enum hf_wal_mode */
    bool pmem;               /**< the disk is persistent memory */
    bool direct;             /**< wal.io */
    uint32_t fault_per_1000; /**< calls that fail: EIO, ENOSPC */
    uint32_t crashes;        /**< of the run */
    uint32_t power_per_100;  /**< crashes that are loss of power; the others kill a process */
    uint32_t flush_records;
    uint32_t flush_interval_us;
    uint32_t queue_slots;
    uint32_t events_max;      /**< of the event buffer */
    bool hoards;              /**< much is written before it is flushed; see run.c */
    uint32_t submit_max;      /**< commands that a client submits at once */
    uint32_t wish_per_1000;   /**< turns of a client in which it asks for a flush */
    uint32_t prepare_per_100; /**< turns of the preparer that it takes: a slow disk */
    uint32_t burst;
    uint32_t snapshot_every; /**< records; 0: no checkpointer */
    uint32_t keep_bytes;     /**< of the log; 0: all of it */
    bool
        after_loss_open; /**< instance.after_loss; else client 1, an administrator, opens all again */
    bool durable_sessions;     /**< clients see durable reports only */
    uint32_t lazy_per_100;     /**< steps of a client in which it does not read */
    bool asleep;               /**< the last client hardly ever reads */
    uint32_t lag_max;          /**< session.lag_max */
    bool hostile;              /**< the last client is */
    uint32_t accident_per_100; /**< chances, while nobody runs, of a queue that is destroyed */
};

struct sim_counts {
    uint64_t kills;
    uint64_t power_cuts;
    uint64_t client_kills;
    uint64_t starts;          /**< begun */
    uint64_t starts_finished; /**< the others were crashed, or refused because of a fault */
    uint64_t faults;
    uint64_t halts;
    uint64_t points;
    uint64_t records;
    uint64_t lost_records;
    uint64_t reports_read;
    uint64_t reports_lost; /**< the log of them was gone, or its session too far behind */
    uint64_t snapshots;
    uint64_t snapshot_starts;  /**< starts that began with one */
    uint64_t segments_removed; /**< by the log's retention */
    uint64_t gap_reports;      /**< of those that were read: fetched from the gap service */
    uint64_t accidents;        /**< queues destroyed */
    uint64_t abandons;         /**< starts with --abandon-shm */
};

struct sim_frame { /**< code of a process is running: here it can be taken off the stack */
    int process;
    unsigned stage;
    jmp_buf jump;
    struct sim_frame *below;
};

struct sim_world {
    struct sim_params params;
    struct sim_counts counts; /**< over all runs */
    uint64_t seed;
    bool verbose;
    int current; /**< whose code runs */
    bool calm;   /**< nothing is crashed, nothing fails */
    struct sim_frame *top;
    unsigned depth;
    unsigned stages; /**< mask of the stages on the stack */
    bool alive[SIM_PROCESSES];
    uint64_t pid[SIM_PROCESSES];
    uint64_t next_pid;
    uint64_t boot;
    uint64_t now_ns;
    uint64_t wall_base_ns;
    bool faulty;          /**< a call failed since this was last cleared */
    bool flush_failed;    /**< a flush failed in this life of the daemon */
    uint64_t broken_at;   /**< durable_lsn when it did */
    jmp_buf power;        /**< where the world goes on after a power cut */
    jmp_buf failure;      /**< where a violation ends the run */
    char violation[1024]; /**< what was violated */
};

extern struct sim_world sim_world;

/* chance.c */
uint64_t sim_random(void);
uint64_t sim_below(uint64_t bound); /**< 0 to bound - 1 */
bool sim_chance(uint32_t percent);
void sim_seed(uint64_t seed);

/* world.c */
void sim_world_reset(uint64_t seed);
void sim_process_begin(int process); /**< a new incarnation */
void sim_process_end(int process);   /**< dead: all that was private to it is gone */
/** A promise is broken: end the run with these words. */
_Noreturn void sim_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* memory.c: one arena a process, dropped with it */
void sim_arena_reset(int process);

/* compressors.c */
void sim_compressors_drop(void); /**< the daemon, which had borrowed them, is gone */

#endif
