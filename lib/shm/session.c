/*
 * session.c - make, name and check the two objects of a session.
 */
#include "shm/session.h"

#include "base/atomic.h"
#include "base/name.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REPORT_SUFFIX ".rep"
#define DRAW_DIGITS 16

bool
hf_session_slots_valid(uint32_t slots)
{
    return slots >= HF_SESSION_SLOTS_MIN && slots <= HF_SESSION_SLOTS_MAX &&
           (slots & (slots - 1)) == 0;
}

size_t
hf_session_object_bytes(uint32_t slots)
{
    return HF_SESSION_SLOTS_OFFSET + (size_t)slots * HF_SLOT_BYTES;
}

/* Longest: 10 + 23 + 3 + 23 + 5 + 20 + NUL = 85 bytes. */
void
hf_session_report_name(char name[HF_REGION_NAME_BYTES], const char *instance, const char *session,
                       uint64_t draw)
{
    int len =
        snprintf(name, HF_REGION_NAME_BYTES, "/holdfast.%s.s.%s" REPORT_SUFFIX, instance, session);
    if (draw != 0) {
        (void)snprintf(name + len, HF_REGION_NAME_BYTES - (size_t)len, ".%0*" PRIx64, DRAW_DIGITS,
                       draw);
    }
}

bool
hf_session_report_name_is_drawn(const char *name, const char *plain)
{
    const char *dot = strrchr(name, '.');
    if (dot == NULL || strlen(dot) != 1 + DRAW_DIGITS ||
        strspn(dot + 1, "0123456789abcdef") != DRAW_DIGITS) {
        return false;
    }
    size_t len = (size_t)(dot - name);
    if (plain != NULL) {
        return strlen(plain) == len && strncmp(plain, name, len) == 0;
    }
    return len >= strlen(REPORT_SUFFIX) &&
           strncmp(dot - strlen(REPORT_SUFFIX), REPORT_SUFFIX, strlen(REPORT_SUFFIX)) == 0;
}

void
hf_session_command_name(char name[HF_REGION_NAME_BYTES], const char *instance, const char *session,
                        uint64_t generation)
{
    (void)snprintf(name, HF_REGION_NAME_BYTES, "/holdfast.%s.s.%s.cmd.%" PRIu64, instance, session,
                   generation);
}

static bool
spec_valid(const struct hf_session_spec *spec)
{
    return hf_name_valid(spec->instance) && hf_name_valid(spec->session) &&
           hf_session_slots_valid(spec->command_slots) &&
           hf_session_slots_valid(spec->report_slots) && spec->first_seq >= 1 &&
           spec->first_report >= 1;
}

int
hf_report_object_create(struct hf_region *region, const struct hf_session_spec *spec)
{
    if (!spec_valid(spec)) {
        return HF_E_ARGUMENT;
    }
    char name[HF_REGION_NAME_BYTES];
    hf_session_report_name(name, spec->instance, spec->session, spec->report_draw);
    int result = hf_region_create(region, name, hf_session_object_bytes(spec->report_slots));
    if (result != HF_OK) {
        return result;
    }
    struct hf_report_object *object = region->base;
    object->version = HF_PROTOCOL_VERSION;
    object->report_slots = spec->report_slots;
    object->instance_id = spec->instance_id;
    object->session_id = spec->session_id;
    object->generation = spec->generation;
    object->command_slots = spec->command_slots;
    object->session = spec->slot;
    object->uid = spec->uid;
    object->flags = spec->flags;
    memcpy(object->name, spec->session, strlen(spec->session)); /* the object is zeroed */
    object->first_report = spec->first_report;
    object->command_tail = spec->first_seq - 1;
    object->report_head = spec->first_report - 1;
    object->state = HF_SESSION_OPEN;
    /* Release pairs with the acquire in hf_report_object_check(): magic seen, header seen. */
    hf_store_release(&object->magic, HF_REPORT_OBJECT_MAGIC);
    return HF_OK;
}

int
hf_command_object_create(struct hf_region *region, const struct hf_session_spec *spec)
{
    if (!spec_valid(spec)) {
        return HF_E_ARGUMENT;
    }
    char name[HF_REGION_NAME_BYTES];
    hf_session_command_name(name, spec->instance, spec->session, spec->generation);
    int result = hf_region_create(region, name, hf_session_object_bytes(spec->command_slots));
    if (result != HF_OK) {
        return result;
    }
    struct hf_command_object *object = region->base;
    object->version = HF_PROTOCOL_VERSION;
    object->command_slots = spec->command_slots;
    object->instance_id = spec->instance_id;
    object->generation = spec->generation;
    object->first_seq = spec->first_seq;
    object->first_report = spec->first_report;
    object->command_head = spec->first_seq - 1;
    object->report_tail = spec->first_report - 1;
    /* Release pairs with the acquire in hf_command_object_check(): magic seen, header seen. */
    hf_store_release(&object->magic, HF_COMMAND_OBJECT_MAGIC);
    return HF_OK;
}

/* The slots that a header claims, against the mapping that is really there. */
static bool
slots_fit(const struct hf_region *region, uint32_t slots)
{
    return hf_session_slots_valid(slots) && region->len_bytes >= hf_session_object_bytes(slots);
}

int
hf_report_object_check(const struct hf_region *region)
{
    if (region->base == NULL || region->len_bytes < HF_SESSION_SLOTS_OFFSET) {
        return HF_E_CORRUPT;
    }
    const struct hf_report_object *object = region->base;
    /* Acquire pairs with the release in hf_report_object_create(). */
    if (hf_load_acquire(&object->magic) != HF_REPORT_OBJECT_MAGIC) {
        return HF_E_CORRUPT;
    }
    if (hf_load_relaxed(&object->version) != HF_PROTOCOL_VERSION) {
        return HF_E_VERSION;
    }
    uint32_t report_slots = hf_load_relaxed(&object->report_slots);
    uint32_t command_slots = hf_load_relaxed(&object->command_slots);
    return slots_fit(region, report_slots) && hf_session_slots_valid(command_slots) ? HF_OK
                                                                                    : HF_E_CORRUPT;
}

int
hf_command_object_check(const struct hf_region *region)
{
    if (region->base == NULL || region->len_bytes < HF_SESSION_SLOTS_OFFSET) {
        return HF_E_CORRUPT;
    }
    const struct hf_command_object *object = region->base;
    /* Acquire pairs with the release in hf_command_object_create(). */
    if (hf_load_acquire(&object->magic) != HF_COMMAND_OBJECT_MAGIC) {
        return HF_E_CORRUPT;
    }
    if (hf_load_relaxed(&object->version) != HF_PROTOCOL_VERSION) {
        return HF_E_VERSION;
    }
    return slots_fit(region, hf_load_relaxed(&object->command_slots)) ? HF_OK : HF_E_CORRUPT;
}
