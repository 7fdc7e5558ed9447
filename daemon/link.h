/*
 * link.h - the daemon's side of a session: its two mapped objects, its ring positions.
 *
 * Ownership: the control thread makes links and publishes them (registry.h); the engine thread alone
 * moves ring positions; control changes those only inside a request that the engine
 * executes, or before the threads start.
 *
 * K1  reports.next is the number of the next report that is not in the ring; where that has been
 *     produced already, the link is `behind` (backlog.h)
 * K2  a condemned link is neither read nor written any more
 */
#ifndef HF_DAEMON_LINK_H
#define HF_DAEMON_LINK_H

#include "core/ahead.h"
#include "shm/region.h"
#include "shm/ring.h"
#include "shm/session.h"

#include <holdfast/report.h>

/** What a session is being drained for (leave_control.c); more counts before less. */
enum hf_leaving {
    HF_STAYS,
    HF_LEAVES_TO_NEXT,  /**< a client that waits for it */
    HF_LEAVES_OPEN,     /**< disconnected */
    HF_LEAVES_FOR_GOOD, /**< closed */
};

struct hf_link {
    /* fixed before publication */
    uint32_t slot;
    uint64_t session_id;
    char name[HF_NAME_BYTES];
    /* engine thread */
    struct hf_ring_consumer commands;
    struct hf_ring_producer reports;
    struct hf_command_object
        *command_object; /**< NULL: not attached, reports stay in the event buffer */
    struct hf_report_object *report_object;
    uint64_t behind; /**< position in the event buffer of the first report that is not in the ring;
                            0: all are */
    uint64_t
        behind_lsn; /**< of that report; kept, after a restart of the ring, while the client may have
                            to fetch what is missing. 0: it needs no log. Engine stores, control loads */
    uint64_t debt;  /**< E3: work above its share that it has had done */
    uint64_t drain_to; /**< a drain was begun: read up to here, however far behind (drain.h) */
    bool draining;     /**< and is under way */
    uint32_t drained;  /**< it is over; engine stores, control loads */
    uint64_t
        low_window;     /**< E6: the window in which commands were taken last while space is low, */
    uint32_t low_taken; /**< and how many */
    uint64_t
        low_paid_ns; /**< E7: monotonic time at which the rate has caught up with all of them */
    bool deep;       /**< the last burst was a full one: more waits, and is looked at ahead */
    struct hf_ahead ahead;
    uint64_t wish; /**< for durability, of this client: the last one that was passed on */
    bool frozen;   /**< the command ring is not read: a takeover or close is under way */
    bool touched;  /**< its report head must be announced at the end of this round */
    int condemned; /**< K2: enum hf_error; engine stores, control loads */
    /* control thread */
    struct hf_region command_region;
    struct hf_region report_region;
    int guard;         /**< of the command object's mapping (shm/guard.h); -1 when not attached */
    int connection_fd; /**< the client's control connection; -1: none */
    enum hf_leaving leaving; /**< STAYS: no drain is under way, or none that was not seen to */
    int close_code;          /**< FOR_GOOD: what the client is told */
    uint64_t grace_until_ns; /**< monotonic; a client may come back until then; 0: no grace runs */
};

/** Allocate a link without objects. NULL: out of memory */
struct hf_link *hf_link_create(uint32_t slot, uint64_t session_id, const char *name,
                               uint64_t next_report);

/** K2: never touch it again; the control thread sees to the rest. Thread: engine */
void hf_link_condemn(struct hf_link *link, int code);

/** Unmap, free. The link must be unpublished. Object names stay. */
void hf_link_destroy(struct hf_link *link);

/**
 * Map the objects that a session left in shared memory, as recovery finds them.
 *
 * @param drawn  whether to look for a report object with a drawn name (shm/session.h) where the plain name
 *               leads to none: all names of the instance's sessions are read for it
 * @return 0; HF_E_UNKNOWN: there are none for this session id (after a reboot, or the crash came before
 *         they were finished); HF_E_CORRUPT, HF_E_VERSION: they contradict themselves, or us;
 *         HF_E_MEMORY, HF_E_SYSTEM (errno): they may be there, but cannot be mapped now
 */
int hf_link_open_objects(struct hf_link *link, const char *instance, uint64_t instance_id,
                         bool drawn);

/**
 * Number of the last published report, from the slots alone; where the ring restarted and nothing has
 * been published since, the number before the restart. The head is a hint of the round before, and one
 * round may publish more than a ring full while its client reads along.
 */
uint64_t hf_link_last_report(const struct hf_report_object *object);

/** Number of the oldest report that is whole in the ring, both its slots, although the producer may have died while it
 *  filled the slots of the next message; `next` when there is none. */
uint64_t hf_link_oldest_report(const struct hf_report_object *object, uint64_t next);

/** Guard the mapped command object against SIGBUS. @return 0 or HF_E_FULL */
int hf_link_guard(struct hf_link *link);

/** Take ring positions on the mapped objects; `next_seq` and `next_report` are where the rings go on.
 *  @return 0, or HF_E_PROTOCOL: the client's report tail is impossible, and the link condemned (K2).
 *          Thread: engine */
int hf_link_attach(struct hf_link *link, uint64_t next_seq, uint64_t next_report);

/** Unmap the client's object; its name stays. The engine has detached it. */
void hf_link_unmap_command_object(struct hf_link *link);

/** Unmap and unlink the client's object (hostile, or never used). */
void hf_link_drop_command_object(struct hf_link *link);

/** As above, both objects: the session is closed. */
void hf_link_drop_objects(struct hf_link *link);

#endif
