/*
 * handle.h - what a client handle holds, and the parts that the library's files share.
 *
 *   submit.c  ─► commands (producer) ─► command object ═► daemon
 *   reports.c ◄─ reports (consumer)  ◄─ report object  ◄═ daemon        ═ shared memory
 *   wait.c, maintain.c ◄─ status page                  ◄═ daemon        ─ private
 *   open.c, maintain.c ◄► control connection           ◄► daemon
 *
 * The daemon's objects are trusted as to what they say, but never as to where the mapping ends: sizes
 * were checked against the mappings, and `command_slots` and `report_slots` are copies of what was checked.
 *
 * H1  commands.next - 1 is the last seq that this session ever submitted
 * H2  released <= reports.next - 1 <= what the engine published; released never runs back, and the tail
 *     in shared memory is `released`, or ahead of it while reports from before it are shown again
 * H3  `lost` is set once, when the session has ended for this handle, and is never cleared
 */
#ifndef HF_CLIENT_HANDLE_H
#define HF_CLIENT_HANDLE_H

#include "connection.h"

#include "shm/region.h"
#include "shm/ring.h"
#include "shm/session.h"

#include <holdfast/client.h>
#include <sys/types.h>

/** Between two steps of a connection that is being renewed. */
#define HF_CONTACT_PAUSE_NS UINT64_C(5000000)

enum hf_contact_state {
    HF_CONTACT_DOWN,  /**< no connection; try now and then */
    HF_CONTACT_ASKED, /**< REATTACH is sent; the answer is awaited */
    HF_CONTACT_UP,
};

/** Reports that the ring does not hold (gap.c). */
struct hf_client_gap {
    uint64_t end; /**< number of the first report that the ring holds; those below are fetched */
    uint64_t lost_to; /**< reports up to here are lost, and nobody has been told yet; 0: none are */
    uint64_t lost_first; /**< what was lost last, for hf_facts(); 0: nothing was */
    uint64_t lost_last;
    uint64_t shown_from;     /**< reports below are passed over unseen; 0: none */
    struct hf_report *slots; /**< what was fetched; NULL: nothing */
    uint64_t first;          /**< number of its first slot */
    uint64_t last;
    bool asked;        /**< an answer of the daemon is awaited */
    int code;          /**< why the last fetch failed */
    uint64_t retry_ns; /**< CLOCK_MONOTONIC before which it is not tried again */
};

struct hf_client {
    /* for submitting */
    struct hf_ring_producer commands;
    const struct hf_status *status;
    const struct hf_report_object *report_object;
    struct hf_command_object *command_object;
    uint64_t history; /**< under which our positions are valid */
    int lost;         /**< 0, or with what code the session ended for this handle */
    /* for reading */
    bool durable; /**< reports are shown when durable only */
    struct hf_ring_consumer reports;
    uint64_t released; /**< number of the last report that was released */
    uint64_t tail;     /**< report_tail as we stored it last */
    struct hf_client_gap gap;
    uint64_t durable_seen; /**< durable_lsn as read last: saves fetching that line per report */
    uint64_t command_slots;
    uint64_t report_slots;
    /* for housekeeping */
    enum hf_contact_state contact;
    int socket_fd;       /**< -1 when contact is DOWN */
    pid_t owner;         /**< the process that opened it; a forked child has only a copy */
    uint64_t contact_ns; /**< CLOCK_MONOTONIC of the last look (UP), try (DOWN), request (ASKED) */
    uint64_t timeout_ns;
    struct hf_region status_region;
    struct hf_region report_region;
    struct hf_region command_region;
    uint64_t session_id;
    uint64_t reports_at_open; /**< number of the last report that the session had then */
    uint64_t generation;
    uint32_t session;
    uint32_t resumed;
    char name[HF_NAME_BYTES];
    char path[HF_CONNECTION_PATH_BYTES];
};

/** Set the text that hf_open_error() gives to this thread. Keeps errno. */
void hf_open_error_set(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Set it to what a result says of the daemon at a control socket. Keeps errno. */
void hf_open_error_of(const char *path, int result);

/** hf_connection_path(), which says here what is wrong with a name or path. */
int hf_open_path(char path[HF_CONNECTION_PATH_BYTES], const char *instance,
                 const char *socket_path);

/** Whether the session can go on, by loads only: 0, HF_E_SESSION, HF_E_HISTORY, HF_E_HALTED. */
int hf_client_verdict(const struct hf_client *client);

/** Whether LSNs and numbers from before mean nothing any more; then the verdict is negative. */
bool hf_client_void(const struct hf_client *client);

/** Wake the engine if it sleeps. What it is to see was stored sequentially consistent before. */
void hf_client_ring_doorbell(struct hf_client *client);

/** Whether a report may be shown under the session's level. */
bool hf_client_shows(struct hf_client *client, const struct hf_report *report);

/** The next report, whether it may be shown or not; NULL: none, or it has to be fetched first. */
const struct hf_report *hf_client_next_report(struct hf_client *client);

/** hf_maintain(), but that HF_LOST is not taken for told. */
int hf_client_maintain(struct hf_client *client);

/** Set both rings to where the shared objects say; see H1 and H2.
 *  @param next_report  the report to be shown first; 0: the first one that was not released */
void hf_client_rings_init(struct hf_client *client, uint64_t next_report);

#endif
