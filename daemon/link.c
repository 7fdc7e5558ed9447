/* link.c - make, attach and drop the daemon's side of a session. */
#include "daemon/link.h"

#include "base/atomic.h"
#include "base/planted.h"
#include "shm/guard.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hf_link *
hf_link_create(uint32_t slot, uint64_t session_id, const char *name, uint64_t next_report)
{
    struct hf_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return NULL;
    }
    link->slot = slot;
    link->session_id = session_id;
    snprintf(link->name, sizeof(link->name), "%s", name);
    link->reports.next = next_report;
    link->command_region.fd = -1;
    link->report_region.fd = -1;
    link->guard = -1;
    link->connection_fd = -1;
    return link;
}

void
hf_link_condemn(struct hf_link *link, int code)
{
    hf_store_release(&link->condemned, code); /* pairs with the control thread's load: K2 */
}

void
hf_link_unmap_command_object(struct hf_link *link)
{
    if (link->guard >= 0) {
        hf_guard_remove(link->guard);
        link->guard = -1;
    }
    hf_region_detach(&link->command_region);
}

void
hf_link_destroy(struct hf_link *link)
{
    if (link == NULL) {
        return;
    }
    hf_link_unmap_command_object(link);
    hf_region_detach(&link->report_region);
    free(link);
}

/** Also one whose maker died between logging the open and writing the session's id into it: nobody has
 *  been given it, and so far nothing but the name tells whose it is. */
static bool
belongs_to(const struct hf_report_object *object, const struct hf_link *link, uint64_t instance_id)
{
    bool unanswered =
        object->session_id == 0 && strncmp(object->name, link->name, HF_NAME_BYTES) == 0;
    return object->instance_id == instance_id &&
           (object->session_id == link->session_id || unanswered);
}

static int
open_report_object(struct hf_link *link, const char *name, uint64_t instance_id)
{
    int result = hf_region_open(&link->report_region, name, true);
    if (result != HF_OK) {
        bool not_ours = result == HF_E_CORRUPT || result == HF_E_DENIED; /* empty; a squatter's */
        return not_ours ? HF_E_UNKNOWN : result;
    }
    struct hf_report_object *object = link->report_region.base;
    result = hf_report_object_check(&link->report_region);
    bool unfinished = link->report_region.len_bytes >= sizeof(*object) && object->magic == 0;
    if (unfinished || (result == HF_OK && !belongs_to(object, link, instance_id))) {
        result = HF_E_UNKNOWN; /* never finished, or another session of that name, long closed */
    }
    if (result != HF_OK) {
        hf_region_detach(&link->report_region);
        return result;
    }
    link->report_object = object;
    return HF_OK;
}

/** Looking for a report object whose plain name somebody else had. */
struct drawn {
    struct hf_link *link;
    uint64_t instance_id;
    const char *plain; /**< the name that it lacks */
    int result;
};

static void
try_drawn(void *context, const char *name)
{
    struct drawn *drawn = context;
    if (drawn->result == HF_E_UNKNOWN && hf_session_report_name_is_drawn(name, drawn->plain)) {
        drawn->result = open_report_object(drawn->link, name, drawn->instance_id);
    }
}

static int
find_report_object(struct hf_link *link, const char *instance, uint64_t instance_id, bool drawn)
{
    char name[HF_REGION_NAME_BYTES];
    hf_session_report_name(name, instance, link->name, 0);
    struct drawn others = {.link = link, .instance_id = instance_id, .plain = name};
    others.result = open_report_object(link, name, instance_id);
    if (others.result == HF_E_UNKNOWN && drawn) {
        (void)hf_region_list(name, try_drawn, &others);
    }
    return others.result;
}

int
hf_link_open_objects(struct hf_link *link, const char *instance, uint64_t instance_id, bool drawn)
{
    int result = find_report_object(link, instance, instance_id, drawn);
    if (result != HF_OK) {
        return result;
    }
    char name[HF_REGION_NAME_BYTES];
    const struct hf_report_object *object = link->report_object;
    hf_session_command_name(name, instance, link->name, object->generation);
    /* Its client may have made it longer, beyond all that can be mapped. */
    size_t len_bytes = hf_session_object_bytes(object->command_slots);
    result = hf_region_open_part(&link->command_region, name, len_bytes, true);
    if (result == HF_OK) {
        return hf_link_guard(link);
    }
    /* Condemned or disconnected for good: reports only, until a client resumes. Or the client cut its
     * own object short: it has lost it, and nobody else anything. But that we cannot map it now is no
     * reason to lose what it submitted. */
    bool gone = result == HF_E_UNKNOWN || result == HF_E_CORRUPT || result == HF_E_DENIED;
    return gone ? HF_OK : result;
}

uint64_t
hf_link_last_report(const struct hf_report_object *object)
{
    const struct hf_slot *slots = hf_session_slots((struct hf_report_object *)object);
    uint64_t mask = object->report_slots - 1;
    /* Never beyond what is published; what stands before a restart does not count any more. */
    uint64_t start = object->report_head;
    if (object->restart > start) {
        start = object->restart - 1;
    }
    uint64_t last = start;
    for (uint64_t i = 0; i <= mask; i++) {
        uint64_t number = slots[i].number;
        if (number > last && (number & mask) == i) {
            last = number;
        }
    }
    /* The second slot of a message is published first (R3): alone it is not yet published. */
    bool lone_half = last > start + 1 && slots[(last - 1) & mask].number != last - 1;
    return lone_half ? last - 2 : last;
}

uint64_t
hf_link_oldest_report(const struct hf_report_object *object, uint64_t next)
{
    const struct hf_report *slots = hf_session_slots((struct hf_report_object *)object);
    uint64_t capacity = object->report_slots;
    uint64_t first =
        object->restart > object->first_report ? object->restart : object->first_report;
    if (next + HF_MESSAGE_SLOTS_MAX <= first + capacity) {
        return first;
    }
    uint64_t whole = next + HF_MESSAGE_SLOTS_MAX - capacity;
    bool half = hf_report_is_second(&slots[whole & (capacity - 1)]);
    return half ? whole + 1 : whole;
}

int
hf_link_guard(struct hf_link *link)
{
    link->guard = hf_guard_add(link->command_region.base, link->command_region.len_bytes);
    return link->guard < 0 ? link->guard : HF_OK;
}

int
hf_link_attach(struct hf_link *link, uint64_t next_seq, uint64_t next_report)
{
    struct hf_report_object *object = link->report_object;
    struct hf_command_object *commands = link->command_region.base;
    /* S1 */
    uint32_t slots = HF_PLANTED(HEADER_BELIEVED) ? commands->command_slots : object->command_slots;
    hf_ring_consumer_init(&link->commands, hf_session_slots(commands), slots, &object->command_tail,
                          next_seq);
    hf_ring_producer_init(&link->reports, hf_session_slots(object), object->report_slots,
                          &object->report_head, &commands->report_tail, next_report);
    if (object->restart != 0 && !HF_PLANTED(RESTART_FORGOTTEN)) {
        hf_ring_resume_restarted(&link->reports, object->restart);
    }
    link->command_object = commands;
    link->frozen = false;
    link->drain_to = 0;
    link->wish = 0;
    int code = hf_ring_refresh(&link->reports);
    hf_link_condemn(link, code); /* a refused client is not read from: nobody holds the session */
    return code;
}

void
hf_link_drop_command_object(struct hf_link *link)
{
    if (link->command_region.base != NULL) {
        char name[HF_REGION_NAME_BYTES];
        memcpy(name, link->command_region.name, sizeof(name));
        hf_link_unmap_command_object(link);
        hf_region_unlink(name);
    }
}

void
hf_link_drop_objects(struct hf_link *link)
{
    hf_link_drop_command_object(link);
    if (link->report_region.base != NULL) {
        hf_region_unlink(link->report_region.name);
        link->report_object = NULL;
        hf_region_detach(&link->report_region);
    }
}
