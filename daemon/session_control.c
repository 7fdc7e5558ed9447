/* session_control.c - opening, resuming, disconnecting and closing sessions. */
#include "daemon/control.h"

#include "base/clock.h"
#include "base/futex.h"
#include "base/log.h"
#include "base/name.h"
#include "daemon/owner.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#define SECOND_NS UINT64_C(1000000000)

/** Names are drawn from 2^32 or more: somebody who squats on one of them has to be met this often. */
#define NAMES_TRIED 8

static void __attribute__((format(printf, 3, 4)))
refuse(struct hf_control_answer *answer, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer->text, sizeof(answer->text), format, arguments);
    va_end(arguments);
    answer->code = code;
}

static int
ask(struct hf_control *control, struct hf_request *request, enum hf_request_type type)
{
    request->type = type;
    return hf_sequencer_ask(&control->daemon->sequencer, request);
}

static struct hf_session_spec
make_spec(const struct hf_control *control, const char *session)
{
    return (struct hf_session_spec){
        .instance = control->daemon->config.instance_name,
        .session = session,
        .instance_id = control->daemon->instance_id,
        .generation = 1,
        .first_seq = 1,
        .first_report = 1,
    };
}

/** Another name, which nobody can have foreseen. */
static void
draw_report_name(struct hf_session_spec *spec, const char *taken)
{
    char why[HF_OWNER_TEXT_BYTES];
    hf_owner_text(taken, why, sizeof(why));
    if (getrandom(&spec->report_draw, sizeof(spec->report_draw), 0) ==
        (ssize_t)sizeof(spec->report_draw)) {
        hf_log(HF_LOG_WARNING, "session '%s': /dev/shm%s %s; its reports get another name",
               spec->session, taken, why);
    }
}

/** An object of this name is an orphan, of a crash of its maker between two steps; or somebody else's, who
 *  has the same right to names in /dev/shm as we. Clients get descriptors, so that any name will do, and
 *  recovery looks for it (link.h). */
static int
create_report_object(struct hf_region *region, struct hf_session_spec *spec)
{
    char name[HF_REGION_NAME_BYTES];
    int code = hf_report_object_create(region, spec);
    for (int i = 0; code == HF_E_BUSY && i < NAMES_TRIED; i++) {
        hf_session_report_name(name, spec->instance, spec->session, spec->report_draw);
        if (hf_owner_is_foreign(name)) {
            draw_report_name(spec, name);
        } else {
            hf_region_unlink(name);
        }
        code = hf_report_object_create(region, spec);
    }
    return code;
}

static void
unlink_generation(const struct hf_session_spec *spec, uint64_t generation)
{
    char name[HF_REGION_NAME_BYTES];
    hf_session_command_name(name, spec->instance, spec->session, generation);
    hf_region_unlink(name);
}

/** Whether somebody else has taken this generation's name. */
static bool
generation_is_foreign(const struct hf_session_spec *spec)
{
    char name[HF_REGION_NAME_BYTES];
    hf_session_command_name(name, spec->instance, spec->session, spec->generation);
    return hf_owner_is_foreign(name);
}

/** Generations only have to differ: where a name is taken by somebody else another one is drawn, which
 *  nobody can have foreseen. */
static int
create_command_object(struct hf_region *region, struct hf_session_spec *spec)
{
    int code = hf_command_object_create(region, spec);
    for (int i = 0; code == HF_E_BUSY && i < NAMES_TRIED; i++) {
        uint32_t step;
        if (!generation_is_foreign(spec)) {
            unlink_generation(spec, spec->generation);
        } else if (getrandom(&step, sizeof(step), 0) == (ssize_t)sizeof(step)) {
            spec->generation += 1 + (uint64_t)step;
        }
        code = hf_command_object_create(region, spec);
    }
    return code;
}

/** The connection now holds the session (N1), also across a restart of the daemon. */
static void
hold(struct hf_connection *connection, struct hf_link *link)
{
    link->report_object->holder_pid = connection->pid;
    link->report_object->holder_start = connection->pid_start;
    link->connection_fd = connection->fd;
    link->grace_until_ns = 0;
    connection->link = link;
}

static bool
holder_lives(const struct hf_link *link)
{
    const struct hf_report_object *object = link->report_object;
    return object != NULL && object->holder_pid != 0 &&
           object->holder_start != 0 && /* 0: it was gone before we could look */
           hf_process_start(object->holder_pid) == object->holder_start;
}

/* A new session */

static int
create_objects(struct hf_link *link, struct hf_session_spec *spec)
{
    int code = HF_OK;
    if (link->report_region.base == NULL) {
        code = create_report_object(&link->report_region, spec);
    }
    if (code == HF_OK) {
        code = create_command_object(&link->command_region, spec);
    }
    return code == HF_OK ? hf_link_guard(link) : code;
}

static int
log_open(struct hf_control *control, struct hf_link *link, const struct hf_session_spec *spec)
{
    struct hf_request request = {.uid = spec->uid, .flags = spec->flags};
    memcpy(request.name, link->name, sizeof(request.name));
    int code = ask(control, &request, HF_REQUEST_OPEN);
    if (code != HF_OK) {
        return code;
    }
    link->slot = request.slot;
    link->session_id = request.session_id;
    link->report_object->session = request.slot;
    link->report_object->session_id = request.session_id;
    return HF_OK;
}

/** Root, and the user as whom the daemon runs. */
static bool
is_trusted(uint32_t uid)
{
    return uid == 0 || uid == geteuid();
}

static uint32_t
session_flags(uint32_t open_flags, uint32_t uid)
{
    return (uid == geteuid() ? HF_SESSION_OF_DAEMON : 0u) |
           ((open_flags & HF_OPEN_CANCEL_ON_DISCONNECT) ? HF_SESSION_CANCEL_ON_DISCONNECT : 0u) |
           ((open_flags & HF_OPEN_DURABLE) ? HF_SESSION_DURABLE : 0u);
}

/** The length of a ring about which the client has no wish. */
static uint32_t
usual_slots(uint32_t slots, int64_t most)
{
    while (slots > most) {
        slots /= 2;
    }
    return slots;
}

/** Before a session's rings are made: how long they become. Those of a session that has them stay. */
static bool
settle_rings(const struct hf_control *control, struct hf_control_request *open,
             struct hf_control_answer *answer)
{
    int64_t most = control->daemon->config.session_slots_max;
    if (open->command_slots == 0) {
        open->command_slots = usual_slots(HF_SESSION_COMMAND_SLOTS_DEFAULT, most);
    }
    if (open->report_slots == 0) {
        open->report_slots = usual_slots(HF_SESSION_REPORT_SLOTS_DEFAULT, most);
    }
    if (!hf_session_slots_valid(open->command_slots) ||
        !hf_session_slots_valid(open->report_slots)) {
        refuse(answer, HF_E_ARGUMENT, "ring sizes %u and %u: powers of two from %u to %u",
               open->command_slots, open->report_slots, HF_SESSION_SLOTS_MIN, HF_SESSION_SLOTS_MAX);
        return false;
    }
    if (open->command_slots > most || open->report_slots > most) {
        refuse(answer, HF_E_ARGUMENT, "ring sizes %u and %u: at most %lld (session.slots_max)",
               open->command_slots, open->report_slots, (long long)most);
        return false;
    }
    return true;
}

static struct hf_link *
create_session(struct hf_control *control, const struct hf_connection *connection,
               const struct hf_control_request *request, struct hf_control_answer *answer)
{
    struct hf_session_spec spec = make_spec(control, request->session);
    spec.uid = connection->uid;
    spec.flags = session_flags(request->flags, connection->uid);
    spec.command_slots = request->command_slots;
    spec.report_slots = request->report_slots;
    struct hf_link *link = hf_link_create(0, 0, request->session, 1);
    int code = link == NULL ? HF_E_MEMORY : create_objects(link, &spec);
    if (code == HF_OK) {
        link->report_object = link->report_region.base;
        link->report_object->generation = spec.generation;
        code = log_open(control, link, &spec); /* N2 */
    }
    bool published = false;
    if (code == HF_OK) {
        code = hf_registry_add(&control->daemon->registry, link);
        published = code == HF_OK;
    }
    if (published) { /* it may have got reports already: the engine looks where it stands */
        struct hf_request attach = {.link = link};
        code = ask(control, &attach, HF_REQUEST_ATTACH);
    }
    if (code != HF_OK) {
        refuse(answer, code, "cannot open session '%s': %s%s", request->session, hf_words_of(code),
               code == HF_E_FULL ? " (limits.sessions_max)" : "");
        if (link != NULL && !published) {
            hf_link_drop_objects(link);
            hf_link_destroy(link);
        }
        return NULL;
    }
    return link;
}

/* An existing session */

static bool
may_resume(struct hf_control *control, struct hf_connection *connection,
           const struct hf_control_request *request, const struct hf_request *found,
           const struct hf_link *link, struct hf_control_answer *answer)
{
    if (connection->uid != found->uid && !is_trusted(connection->uid)) {
        refuse(answer, HF_E_DENIED, "session '%s' belongs to user %u, you are user %u", found->name,
               found->uid, connection->uid);
        return false;
    }
    if (link->connection_fd >= 0 || (link->grace_until_ns != 0 && holder_lives(link) &&
                                     link->report_object->holder_pid != connection->pid)) {
        refuse(answer, HF_E_BUSY, "session '%s' is held by process %llu, which is %s", found->name,
               (unsigned long long)link->report_object->holder_pid,
               link->connection_fd >= 0 ? "connected" : "alive");
        return false;
    }
    if (link->leaving != HF_STAYS) {
        hf_control_wait(control, connection, request, answer);
        return false;
    }
    if (found->low_wait_ns != 0) { /* E7 */
        uint64_t seconds = found->low_wait_ns / SECOND_NS + 1;
        refuse(answer, HF_AGAIN,
               "log space is low, and session '%s' has logged too much since: try again in %llu s",
               found->name, (unsigned long long)seconds);
        return false;
    }
    return true;
}

/** N4, the first half: what the last client published is sequenced; nobody reads its object again. It
 *  keeps its name until the new generation counts: a crash in between finds it, and in it how far its
 *  client had read. @return HF_AGAIN: it has to be drained first, which was begun */
static int
retire_command_object(struct hf_control *control, struct hf_link *link,
                      const struct hf_control_request *open, struct hf_request *request)
{
    request->link = link;
    request->next_report = open->first_report;
    int code = ask(control, request, HF_REQUEST_FREEZE);
    if (code == HF_OK && !request->drained) {
        link->leaving = HF_LEAVES_TO_NEXT;
        return HF_AGAIN;
    }
    if (code == HF_OK) {
        code = ask(control, request, HF_REQUEST_DETACH);
    }
    if (code == HF_OK) {
        hf_link_unmap_command_object(link);
        /* What the drain sequenced counts too. */
        code = ask(control, request, HF_REQUEST_FIND);
    }
    return code;
}

/** A fresh report object goes too: the next try may ask for rings of another size. */
static void
drop_new_objects(struct hf_link *link, bool fresh)
{
    if (fresh) {
        hf_link_drop_objects(link);
    } else {
        hf_link_drop_command_object(link);
    }
}

/** N4, the second half. */
static int
replace_command_object(struct hf_control *control, struct hf_link *link,
                       const struct hf_control_request *open, struct hf_request *request)
{
    struct hf_session_spec spec = make_spec(control, link->name);
    struct hf_report_object *object = link->report_object;
    bool fresh = object == NULL; /* after a reboot: the reports from here on */
    uint64_t old = fresh ? 0 : object->generation;
    spec.session_id = link->session_id; /* before its magic: an earlier session had the name too */
    spec.slot = link->slot;
    spec.uid = request->uid;
    spec.flags = request->flags;
    spec.command_slots = fresh ? open->command_slots : object->command_slots;
    spec.report_slots = fresh ? open->report_slots : object->report_slots;
    spec.generation = old + 1;
    spec.first_seq = request->last_seq + 1;
    spec.first_report = fresh ? link->reports.next : request->first_report;
    int code = create_objects(link, &spec);
    if (code != HF_OK) {
        drop_new_objects(link, fresh);
        return code;
    }
    object = link->report_region.base;
    if (fresh) {
        hf_store_release(&link->report_object, object); /* the waker looks at it */
    }
    hf_store_release(&object->state, HF_SESSION_OPEN);
    hf_store_release(&object->generation, spec.generation); /* clients of older ones see it (S2) */
    unlink_generation(&spec, old);
    return ask(control, request, HF_REQUEST_ATTACH);
}

static struct hf_link *
resume_session(struct hf_control *control, struct hf_connection *connection,
               struct hf_control_request *open, struct hf_request *found,
               struct hf_control_answer *answer)
{
    struct hf_link *link = hf_registry_link(&control->daemon->registry, found->slot);
    bool fresh = link->report_object == NULL; /* after a reboot */
    if (!may_resume(control, connection, open, found, link, answer) ||
        (fresh && !settle_rings(control, open, answer))) {
        return NULL;
    }
    int code = retire_command_object(control, link, open, found);
    if (code == HF_OK) {
        code = replace_command_object(control, link, open, found);
    }
    if (code == HF_OK) {
        code = ask(control, found, HF_REQUEST_CONNECT);
    }
    if (code != HF_OK) {
        refuse(answer, code, "cannot resume session '%s': %s", open->session, hf_words_of(code));
        return NULL;
    }
    answer->resumed = 1;
    answer->last_report = found->last_report;
    return link;
}

/* OPEN */

/** A request about a session, of whoever is at the other end. */
static struct hf_request
request_of(const struct hf_connection *connection)
{
    return (struct hf_request){.uid = connection->uid,
                               .client_uid = connection->uid,
                               .of_daemon = connection->uid == geteuid()};
}

/** Whether the configuration gives a name admin rights, be it in the log or not. */
static bool
is_admins_name(const struct hf_config *config, const char *name)
{
    const char *rest = config->instance_admin;
    char admin[HF_NAME_BYTES];
    while (hf_config_next_admin(&rest, admin) > 0) {
        if (strncmp(admin, name, HF_NAME_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static bool
names_are_listed(const struct hf_config *config)
{
    return strcmp(config->session_names, "listed") == 0;
}

/** N6. What is said names the command that changes it. */
static bool
may_have_name(const struct hf_control *control, uint32_t uid, const struct hf_request *found,
              struct hf_control_answer *answer)
{
    const struct hf_config *config = &control->daemon->config;
    const char *why = NULL;
    if (is_trusted(uid) || found->claim == HF_CLAIM_GRANTED) {
        return true;
    }
    if (found->claim == HF_CLAIM_OTHERS) {
        why = "belongs to other users";
    } else if (found->claim == HF_CLAIM_RESERVED || is_admins_name(config, found->name)) {
        why = "has rights that are nobody's yet";
    } else if (names_are_listed(config)) {
        why = "is not yours (session.names = listed)";
    } else {
        return true;
    }
    refuse(answer, HF_E_DENIED,
           "the name '%s' %s; an administrator gives it to you with: "
           "holdfast admin entitle %s user %u",
           found->name, why, found->name, uid);
    return false;
}

/** No user may take all session slots, or all shared memory; nor, while log space is low, what is left of
 *  it, with one session behind the other (E7 bounds each of those that are there). */
static bool
within_quota(struct hf_control *control, const struct hf_connection *connection,
             const struct hf_request *found, struct hf_control_answer *answer)
{
    int64_t most = control->daemon->config.session_per_user_max;
    if (is_trusted(connection->uid)) {
        return true;
    }
    if (found->user_sessions >= (uint64_t)most) {
        refuse(answer, HF_E_FULL, "user %u has %u sessions open already (session.per_user_max)",
               connection->uid, found->user_sessions);
        return false;
    }
    if (found->disk_low) {
        refuse(answer, HF_E_NO_SPACE,
               "log space is low: no new session is opened, those that there are can be resumed");
        return false;
    }
    return true;
}

static bool
check_open(struct hf_control *control, const struct hf_connection *connection,
           const struct hf_control_request *request, struct hf_control_answer *answer)
{
    if (connection->link != NULL) {
        refuse(answer, HF_E_BUSY, "this connection holds session '%s' already",
               connection->link->name);
    } else if (memchr(request->session, '\0', sizeof(request->session)) == NULL ||
               !hf_name_valid(request->session)) {
        refuse(answer, HF_E_ARGUMENT, "session name: 1 to 23 of letters, digits, '_', '.', '-'");
    } else if (hf_halted(&control->daemon->halt)) {
        refuse(answer, HF_E_HALTED, "the daemon has halted: %s",
               control->daemon->status->halt_text);
    } else {
        return true;
    }
    return false;
}

static void
pass_descriptors(struct hf_control *control, const struct hf_link *link,
                 struct hf_control_answer *answer, int fds[3])
{
    fds[0] = hf_region_reader_fd(&control->daemon->status_region);
    fds[1] = hf_region_reader_fd(&link->report_region);
    fds[2] = dup(link->command_region.fd);
    answer->status_bytes = control->daemon->status_region.len_bytes;
    answer->report_bytes = link->report_region.len_bytes;
    answer->command_bytes = link->command_region.len_bytes;
    answer->session_id = link->session_id;
    answer->session = link->slot;
}

void
hf_control_open(struct hf_control *control, struct hf_connection *connection,
                const struct hf_control_request *request, struct hf_control_answer *answer,
                int fds[3])
{
    if (!check_open(control, connection, request, answer)) {
        return;
    }
    struct hf_control_request open = *request;
    struct hf_request found = request_of(connection);
    memcpy(found.name, request->session, sizeof(found.name));
    struct hf_link *link;
    bool exists = ask(control, &found, HF_REQUEST_FIND) == HF_OK;
    if (!may_have_name(control, connection->uid, &found, answer)) {
        return;
    }
    if (exists) {
        link = resume_session(control, connection, &open, &found, answer);
    } else if (request->flags & HF_OPEN_NO_CREATE) {
        refuse(answer, HF_E_UNKNOWN, "no session '%s'", request->session);
        return;
    } else if (!within_quota(control, connection, &found, answer) ||
               !settle_rings(control, &open, answer)) {
        return;
    } else {
        link = create_session(control, connection, &open, answer);
    }
    if (link != NULL) {
        hold(connection, link);
        pass_descriptors(control, link, answer, fds);
    }
}

/* REATTACH */

static struct hf_link *
find_link(const struct hf_control *control, uint64_t session_id)
{
    const struct hf_link_table *table = control->daemon->registry.table;
    for (uint32_t i = 0; i < table->count; i++) {
        if (table->dense[i]->session_id == session_id) {
            return table->dense[i];
        }
    }
    return NULL;
}

void
hf_control_reattach(struct hf_control *control, struct hf_connection *connection,
                    const struct hf_control_request *request, struct hf_control_answer *answer)
{
    struct hf_link *link = find_link(control, request->session_id);
    if (connection->link != NULL || link == NULL || link->command_region.base == NULL ||
        link->report_object->generation != request->generation) {
        refuse(answer, HF_E_SESSION, "the session was closed or taken over: open it again");
        return;
    }
    struct hf_request found = request_of(connection);
    memcpy(found.name, link->name, sizeof(found.name));
    (void)ask(control, &found, HF_REQUEST_FIND);
    if (!may_have_name(control, connection->uid, &found, answer) ||
        !may_resume(control, connection, request, &found, link, answer)) {
        return;
    }
    int code = HF_OK;
    if (!found.connected) { /* its disconnect is logged, its ring frozen: go on where it stopped */
        found.link = link;
        code = ask(control, &found, HF_REQUEST_ATTACH);
    }
    if (code == HF_OK) {
        code = ask(control, &found, HF_REQUEST_CONNECT); /* also ends the logged grace time */
    }
    if (code != HF_OK) {
        refuse(answer, code, "cannot reattach: %s", hf_strerror(code));
        return;
    }
    hold(connection, link);
    answer->resumed = 1;
    answer->session_id = link->session_id;
    answer->session = link->slot;
}

/* Endings */

/** A hostile or broken client: its object is dropped; its orders, reports and name stay its user's. */
static void
expel(struct hf_control *control, struct hf_link *link, int code)
{
    hf_log(HF_LOG_WARNING, "session '%s': its client broke the ring protocol; it is disconnected",
           link->name);
    struct hf_request request = {.link = link};
    hf_control_mark_closed(link, code);
    hf_control_forget(control, link);
    hf_control_disconnect(control, link); /* at once: nothing of it is read any more (K2) */
    if (ask(control, &request, HF_REQUEST_DETACH) == HF_OK) {
        hf_link_drop_command_object(link);
    }
}

/** Whether the user of an open session may not have its name any more. One whose name has got rights that
 *  are nobody's yet keeps it: they do not count for him (core/entitle.h). */
static bool
has_lost_name(const struct hf_control *control, const struct hf_request *found)
{
    bool is_owners = found->uid == 0 || (found->flags & HF_SESSION_OF_DAEMON) != 0;
    bool none = found->owner_claim == HF_CLAIM_FREE && names_are_listed(&control->daemon->config);
    return !is_owners && (found->owner_claim == HF_CLAIM_OTHERS || none);
}

/** Close a session whose user has lost its name, or leave it. @return 0, also when it is being closed */
static int
judge_name(struct hf_control *control, struct hf_link *link)
{
    struct hf_request found = {0};
    memcpy(found.name, link->name, sizeof(found.name));
    if (ask(control, &found, HF_REQUEST_FIND) != HF_OK || !has_lost_name(control, &found)) {
        return HF_OK;
    }
    hf_log(HF_LOG_NOTICE, "session '%s': the name is not user %u's any more; the session is closed",
           found.name, found.uid);
    int code = hf_control_close(control, link, HF_E_DENIED);
    return code == HF_AGAIN ? HF_OK : code;
}

/** N6, after USER entries came or went, and once after a start. */
static void
take_names_back(struct hf_control *control)
{
    struct hf_registry *registry = &control->daemon->registry;
    uint64_t changed = hf_load_relaxed(&control->daemon->sequencer.claims_changed);
    if (control->claims_seen == changed) {
        return;
    }
    int code = HF_OK;
    for (uint32_t slot = 1; slot <= registry->sessions_max && code == HF_OK; slot++) {
        struct hf_link *link = hf_registry_link(registry, slot);
        code = link == NULL ? HF_OK : judge_name(control, link);
    }
    control->claims_seen = code == HF_OK ? changed : control->claims_seen; /* else try again */
}

static void
housekeep_link(struct hf_control *control, struct hf_link *link, uint64_t now_ns)
{
    if (hf_control_look_after(control, link)) {
        return; /* in its grace time, too: who comes for it has come in time */
    }
    int code = hf_load_acquire(&link->condemned); /* pairs with the engine's release (K2) */
    if (code != HF_OK && link->command_region.base != NULL) {
        expel(control, link, code);
    } else if (link->grace_until_ns != 0 && now_ns > link->grace_until_ns) {
        hf_log(HF_LOG_NOTICE, "session '%s': its client did not come back in time", link->name);
        hf_control_disconnect(control, link);
    }
}

void
hf_control_housekeep(struct hf_control *control)
{
    struct hf_registry *registry = &control->daemon->registry;
    uint64_t now_ns = hf_clock_monotonic_ns();
    hf_store_relaxed(&control->daemon->status->sessions_open,
                     registry->table->count); /* for onlookers */
    if (hf_halted(&control->daemon->halt)) {
        return; /* nothing can be logged any more; recovery will see to it */
    }
    take_names_back(control);
    for (uint32_t slot = 1; slot <= registry->sessions_max; slot++) {
        struct hf_link *link = hf_registry_link(registry, slot);
        if (link != NULL) {
            housekeep_link(control, link, now_ns);
        }
    }
}
