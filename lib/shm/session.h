/*
 * session.h - the two shared objects of a session, each with exactly one writing process.
 *
 *   command object (the client writes)          report object (the daemon writes, client maps r/o)
 *     0    header, written once by the daemon     0    header
 *     128  command head (hint)                    128  command tail, LSN of it
 *     256  report tail                            256  report head (hint)
 *     384  parked, doorbell, durable wish         384  state
 *                                                 512  restart of the ring, what was lost
 *     4096 command slots                          4096 report slots
 *
 * S1  the daemon never believes a header of the command object after creation: sizes and positions
 *     come from the report object and its own memory
 * S2  generation: the report object names the generation of the command object in use; a takeover by
 *     a restarted client makes a new command object with generation + 1, and the old is never read
 *     again once it is drained
 * S3  anybody may make any name in /dev/shm. Where the plain name of a report object is another user's, it
 *     gets a drawn one; its owner and what it says of itself make it the session's, not its name
 */
#ifndef HF_SHM_SESSION_H
#define HF_SHM_SESSION_H

#include "shm/region.h"

#include <holdfast/units.h>

#define HF_COMMAND_OBJECT_MAGIC 0x31444e4d434c4648u /* "HFLCMND1" */
#define HF_REPORT_OBJECT_MAGIC 0x3154524f504c4648u  /* "HFLPORT1" */
#define HF_SESSION_SLOTS_OFFSET 4096u
#define HF_SESSION_SLOTS_MIN 64u
#define HF_SESSION_SLOTS_MAX (1u << 20)
#define HF_SESSION_COMMAND_SLOTS_DEFAULT 4096u
#define HF_SESSION_REPORT_SLOTS_DEFAULT 16384u

enum hf_session_state {
    HF_SESSION_OPEN = 1,
    HF_SESSION_CLOSED = 2, /**< nothing more will be read or written */
};

struct hf_command_object {
    uint64_t magic; /**< stored last */
    uint32_t version;
    uint32_t command_slots;
    uint64_t instance_id;
    uint64_t generation;
    uint64_t first_seq;    /**< first sequence number that belongs into this object */
    uint64_t first_report; /**< first report number that its client has not released */
    uint8_t pad0[80];
    /* 128: client */
    uint64_t command_head;
    uint8_t pad1[120];
    /* 256: client */
    uint64_t report_tail;
    uint8_t pad2[120];
    /* 384: client */
    uint32_t parked;       /**< 1: the client sleeps on the report head or the durable watermark */
    uint32_t doorbell;     /**< changed, then woken, when the engine is parked */
    uint64_t durable_wish; /**< LSN that the client waits for; flush without delay up to it */
    uint8_t pad3[112];
};

struct hf_report_object {
    uint64_t magic; /**< stored last */
    uint32_t version;
    uint32_t report_slots;
    uint64_t instance_id;
    uint64_t session_id; /**< LSN of the OPEN record; 0 until it is logged */
    uint64_t generation; /**< of the command object in use */
    uint32_t command_slots;
    uint32_t session;      /**< session slot */
    uint64_t holder_pid;   /**< the client that holds the session; */
    uint64_t holder_start; /**< its process start time; 0: nobody */
    uint32_t uid;
    uint32_t flags;
    char name[HF_NAME_BYTES];
    uint64_t first_report; /**< number of the first report that was meant for this object */
    uint8_t pad0[24];
    /* 128: engine */
    uint64_t command_tail;  /**< slots up to here are sequenced and free again */
    uint64_t sequenced_lsn; /**< LSN of the last of them; stored before the tail */
    uint8_t pad1[112];
    /* 256: engine */
    uint64_t report_head; /**< its low 32 bits are the word on which a client sleeps */
    uint8_t pad2[120];
    /* 384: control thread */
    uint32_t state;     /**< enum hf_session_state */
    int32_t close_code; /**< enum hf_error: why it was closed */
    uint8_t pad3[120];
    /* 512: engine, rarely: who spins on slots looks here, and must not wait for the head's line */
    uint64_t restart;    /**< number at which the ring went on after a gap; 0: there was none */
    uint64_t lost_first; /**< reports that will never be shown; stored before lost_last, */
    uint64_t lost_last;  /**< and that before the restart behind them; 0: none */
    uint8_t pad4[104];
};

HF_STATIC_ASSERT(offsetof(struct hf_command_object, command_head) == 128, "head line moved");
HF_STATIC_ASSERT(offsetof(struct hf_command_object, report_tail) == 256, "tail line moved");
HF_STATIC_ASSERT(offsetof(struct hf_command_object, parked) == 384, "wait line moved");
HF_STATIC_ASSERT(sizeof(struct hf_command_object) == 512, "command object header");
HF_STATIC_ASSERT(offsetof(struct hf_report_object, command_tail) == 128, "tail line moved");
HF_STATIC_ASSERT(offsetof(struct hf_report_object, report_head) == 256, "head line moved");
HF_STATIC_ASSERT(offsetof(struct hf_report_object, restart) == 512, "restart line moved");
HF_STATIC_ASSERT(offsetof(struct hf_report_object, state) == 384, "state line moved");
HF_STATIC_ASSERT(sizeof(struct hf_report_object) == 640, "report object header");

/** What a new pair of objects is made from. */
struct hf_session_spec {
    const char *instance;
    const char *session;
    uint64_t instance_id;
    uint64_t session_id; /**< 0: its OPEN is not logged yet */
    uint32_t slot;
    uint32_t uid;
    uint32_t flags;
    uint32_t command_slots; /**< power of two, HF_SESSION_SLOTS_MIN to _MAX */
    uint32_t report_slots;
    uint64_t generation;
    uint64_t report_draw;  /**< of the report object's name; 0: the plain one */
    uint64_t first_seq;    /**< 1 for a new session */
    uint64_t first_report; /**< 1 for a new session */
};

static inline void *
hf_session_slots(void *object)
{
    return (unsigned char *)object + HF_SESSION_SLOTS_OFFSET;
}

bool hf_session_slots_valid(uint32_t slots);
size_t hf_session_object_bytes(uint32_t slots);

/** "/holdfast.INSTANCE.s.SESSION.rep", with a draw "/holdfast.INSTANCE.s.SESSION.rep.DRAW" (16 hexadecimal
 *  digits), and "/holdfast.INSTANCE.s.SESSION.cmd.GENERATION" */
void hf_session_report_name(char name[HF_REGION_NAME_BYTES], const char *instance,
                            const char *session, uint64_t draw);
/** Whether a name is that of a report object with a draw. No name of another kind is: sessions may have
 *  dots in their names, but what is behind them tells.
 *  @param plain  the name without a draw; NULL: of whatever session */
bool hf_session_report_name_is_drawn(const char *name, const char *plain);
void hf_session_command_name(char name[HF_REGION_NAME_BYTES], const char *instance,
                             const char *session, uint64_t generation);

/** Create and initialise the report object (magic last). @return as hf_region_create(), HF_E_ARGUMENT
 *  (a name, a slot count or a first position out of its range: nothing was made) */
int hf_report_object_create(struct hf_region *region, const struct hf_session_spec *spec);
/** Create and initialise the command object (magic last). @return as hf_report_object_create() */
int hf_command_object_create(struct hf_region *region, const struct hf_session_spec *spec);

/** Check the header of a mapped report object: magic, version, sizes against the mapping.
 *  @return 0, HF_E_CORRUPT, HF_E_VERSION */
int hf_report_object_check(const struct hf_region *region);
/** As above, for the client's side of the command object. */
int hf_command_object_check(const struct hf_region *region);

#endif
