/*
 * open.c - the life of a handle: open or resume, detach, close.
 *
 *   connect ─► OPEN ─► answer with three descriptors ─► map ─► check ─► rings
 *
 * The connection stays open as long as the handle: its end tells the daemon that the client is gone.
 */
#include "gap.h"
#include "handle.h"
#include "page.h"

#include "base/clock.h"
#include "base/cpu.h"
#include "base/name.h"

#include <errno.h>
#include <holdfast/record.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define POSITION_LAST (UINT64_MAX / 2) /* a million a second for 290,000 years */

/** struct hf_client_options as it was first: what an older program passes. */
#define OPTIONS_BYTES_MIN offsetof(struct hf_client_options, patience_ns)

enum { FD_STATUS, FD_REPORT, FD_COMMAND, FD_COUNT };

HF_STATIC_ASSERT(FD_COUNT == HF_CONNECTION_FDS_MAX, "the answer to OPEN carries three objects");

static _Thread_local char open_error[HF_CONTROL_TEXT_BYTES];

const char *
hf_open_error(void)
{
    return open_error;
}

void
hf_open_error_set(const char *format, ...)
{
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(open_error, sizeof(open_error), format, arguments);
    va_end(arguments);
    errno = error;
}

void
hf_open_error_of(const char *path, int result)
{
    if (result == HF_TIMEOUT) { /* who gave no time understands nothing of one that has passed */
        hf_open_error_set("%s: a daemon is there, but does not answer: is its process stopped, or "
                          "the host overloaded?",
                          path);
        return;
    }
    hf_open_error_set("%s: %s%s%s", path, hf_strerror(result), result == HF_E_SYSTEM ? ": " : "",
                      result == HF_E_SYSTEM ? strerror(errno) : "");
}

int
hf_open_path(char path[HF_CONNECTION_PATH_BYTES], const char *instance, const char *socket_path)
{
    int result = hf_connection_path(path, instance, socket_path);
    if (result != HF_OK && socket_path != NULL) {
        hf_open_error_set("the path of a socket has 1 to %zu bytes, unlike '%s'",
                          HF_CONNECTION_PATH_BYTES - 1, socket_path);
    } else if (result != HF_OK) {
        hf_open_error_set("the name of an instance is 1 to 23 bytes of [A-Za-z0-9_.-], unlike '%s'",
                          instance == NULL ? "" : instance);
    }
    return result;
}

/* A caller built against a later header passes a longer struct: fine as long as it uses none of what
 * we do not know, which is then zero. */
static bool
options_known(const struct hf_client_options *options)
{
    const unsigned char *bytes = (const unsigned char *)options;
    for (size_t i = sizeof(*options); i < options->size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* One built against an earlier header passes a shorter one: what it does not know is 0. */
static const char *
options_take(struct hf_client_options *taken, const struct hf_client_options *given)
{
    if (given->size < OPTIONS_BYTES_MIN) {
        return "options.size is not sizeof(struct hf_client_options)";
    }
    if (!options_known(given)) {
        return "options hold something that this library does not know";
    }
    *taken = (struct hf_client_options){0};
    memcpy(taken, given, given->size < sizeof(*taken) ? given->size : sizeof(*taken));
    return NULL;
}

static bool
slots_ok(uint32_t slots)
{
    return slots == 0 || hf_session_slots_valid(slots);
}

static const char *
options_fault(const struct hf_client_options *options)
{
    const uint32_t known = HF_OPEN_CANCEL_ON_DISCONNECT | HF_OPEN_DURABLE | HF_OPEN_NO_CREATE;
    if ((options->flags & ~known) != 0 || options->reserved != 0) {
        return "options hold something that this library does not know";
    }
    if (options->session == NULL || !hf_name_valid(options->session)) {
        return "the session's name must be 1 to 23 bytes of [A-Za-z0-9_.-]";
    }
    if (!slots_ok(options->command_slots) || !slots_ok(options->report_slots)) {
        return "ring sizes must be powers of two from 64 to 1048576";
    }
    return NULL;
}

static int
client_new(struct hf_client **client, const struct hf_client_options *options)
{
    const char *fault = options_fault(options);
    if (fault != NULL) {
        hf_open_error_set("%s", fault);
        return HF_E_ARGUMENT;
    }
    *client = calloc(1, sizeof(**client));
    if (*client == NULL) {
        hf_open_error_set("%s", hf_strerror(HF_E_MEMORY));
        return HF_E_MEMORY;
    }
    (*client)->socket_fd = -1;
    (*client)->owner = getpid();
    (*client)->status_region.fd = -1;
    (*client)->report_region.fd = -1;
    (*client)->command_region.fd = -1;
    (*client)->timeout_ns =
        options->timeout_ns != 0 ? options->timeout_ns : HF_CONNECTION_TIMEOUT_NS_DEFAULT;
    memcpy((*client)->name, options->session, strlen(options->session));
    return hf_open_path((*client)->path, options->instance, options->socket_path);
}

/* Connect, send OPEN, await the answer. */
static int
ask_open(struct hf_client *client, const struct hf_client_options *options,
         struct hf_control_answer *answer, int fds[FD_COUNT], unsigned *fd_count)
{
    uint64_t deadline_ns = hf_connection_deadline(client->timeout_ns);
    struct hf_control_request request = hf_connection_request(HF_CONTROL_OPEN);
    request.flags = options->flags;
    request.first_report = options->next_report;
    request.command_slots = options->command_slots; /* 0 too: only the daemon knows its greatest */
    request.report_slots = options->report_slots;
    memcpy(request.session, client->name, sizeof(request.session));

    int result = hf_connection_connect(client->path, deadline_ns, &client->socket_fd);
    if (result == HF_OK) {
        result = hf_connection_ask(client->socket_fd, &request, deadline_ns, answer, fds, fd_count);
    }
    if (result != HF_OK) {
        hf_open_error_of(client->path, result);
        return result;
    }
    if (answer->code != HF_OK) {
        hf_open_error_set("%s", answer->text[0] != '\0' ? answer->text : hf_strerror(answer->code));
    }
    return answer->code;
}

static int
map_objects(struct hf_client *client, const struct hf_control_answer *answer, int fds[FD_COUNT])
{
    /* Each call takes over its descriptor, also when it fails. */
    int status =
        hf_region_map_fd(&client->status_region, fds[FD_STATUS], answer->status_bytes, false);
    int report =
        hf_region_map_fd(&client->report_region, fds[FD_REPORT], answer->report_bytes, false);
    int command =
        hf_region_map_fd(&client->command_region, fds[FD_COMMAND], answer->command_bytes, true);
    if (status != HF_OK) {
        return status;
    }
    return report != HF_OK ? report : command;
}

static int
check_objects(const struct hf_client *client)
{
    int status = hf_page_check(&client->status_region);
    int report = hf_report_object_check(&client->report_region);
    int command = hf_command_object_check(&client->command_region);
    if (status != HF_OK) {
        return status;
    }
    return report != HF_OK ? report : command;
}

/* The three objects and the answer must speak of the same session. */
static bool
objects_agree(const struct hf_client *client, const struct hf_control_answer *answer)
{
    const struct hf_status *status = client->status_region.base;
    const struct hf_report_object *report = client->report_region.base;
    const struct hf_command_object *command = client->command_region.base;
    return report->instance_id == status->instance_id &&
           command->instance_id == status->instance_id &&
           report->session_id == answer->session_id && report->generation == command->generation &&
           report->command_slots == command->command_slots &&
           strncmp(report->name, client->name, HF_NAME_BYTES) == 0;
}

/* Take the page faults here and not on the first round through the rings. A kernel that cannot
 * (before 5.14) takes them there. */
static void
populate(const struct hf_region *region, int advice)
{
    int error = errno;
    (void)madvise(region->base, region->len_bytes, advice);
    errno = error;
}

/** Where a ring goes on, behind a word in shared memory and before the first position that is meant for the
 *  object. What no session ever reaches is nonsense, and goes no further than the last position. */
static uint64_t
position_before(uint64_t word, uint64_t first)
{
    uint64_t before = first == 0 ? 0 : first - 1;
    before = word > before ? word : before;
    return before < POSITION_LAST ? before : POSITION_LAST;
}

void
hf_client_rings_init(struct hf_client *client, uint64_t next_report)
{
    const struct hf_report_object *report = client->report_object;
    struct hf_command_object *command = client->command_object;
    /* Pairs with the engine's release of the tail. */
    uint64_t tail = hf_load_acquire(&report->command_tail);
    uint64_t before = position_before(tail, command->first_seq);
    uint64_t last = hf_ring_published(hf_session_slots(command), client->command_slots, before + 1);
    hf_ring_producer_init(&client->commands, hf_session_slots(command), client->command_slots,
                          &command->command_head, &report->command_tail, last + 1);

    uint64_t released = hf_load_relaxed(&command->report_tail); /* our own side's word */
    client->released = position_before(released, command->first_report);
    hf_ring_consumer_init(&client->reports, hf_session_slots(client->report_region.base),
                          client->report_slots, &command->report_tail, client->released + 1);
    client->tail = client->released;
    hf_client_gap_init(client, next_report);
}

static void
client_start(struct hf_client *client, const struct hf_control_answer *answer, uint64_t next_report)
{
    client->status = client->status_region.base;
    client->report_object = client->report_region.base;
    client->command_object = client->command_region.base;
    client->history = hf_load_acquire(&client->status->history);
    client->durable = (client->report_object->flags & HF_SESSION_DURABLE) != 0;
    client->command_slots = client->report_object->command_slots;
    client->report_slots = client->report_object->report_slots;
    client->session_id = answer->session_id;
    client->reports_at_open = answer->last_report;
    client->session = answer->session;
    client->resumed = answer->resumed;
    client->generation = client->command_object->generation;
    client->contact = HF_CONTACT_UP;
    client->contact_ns = hf_clock_monotonic_ns();
    populate(&client->status_region, MADV_POPULATE_READ);
    populate(&client->report_region, MADV_POPULATE_READ);
    populate(&client->command_region, MADV_POPULATE_WRITE);
    hf_client_rings_init(client, next_report);
}

/* What the library itself makes of the answer and its objects. */
static int
client_attach(struct hf_client *client, const struct hf_control_answer *answer,
              uint64_t next_report, int fds[FD_COUNT], unsigned fd_count)
{
    if (fd_count != FD_COUNT) {
        for (unsigned i = 0; i < fd_count; i++) {
            hf_connection_close(&fds[i]);
        }
        hf_open_error_set("the daemon sent %u objects in place of %d", fd_count, (int)FD_COUNT);
        return HF_E_PROTOCOL;
    }
    int result = map_objects(client, answer, fds);
    if (result == HF_OK) {
        result = check_objects(client);
    }
    if (result == HF_E_CORRUPT || (result == HF_OK && !objects_agree(client, answer))) {
        result = HF_E_PROTOCOL;
    }
    if (result != HF_OK) {
        hf_open_error_set("the daemon's shared objects: %s", hf_strerror(result));
        return result;
    }
    client_start(client, answer, next_report);
    if (next_report > answer->last_report + 1) {
        hf_open_error_set("report %" PRIu64 " is wanted first, but session %s has %" PRIu64
                          " reports so far",
                          next_report, client->name, answer->last_report);
        return HF_E_ARGUMENT;
    }
    if (client->durable && client->status->mode == HF_MODE_MEMORY) {
        hf_open_error_set("session %s shows durable reports only, but the instance runs in memory "
                          "mode: nothing becomes durable there",
                          client->name);
        return HF_E_ARGUMENT;
    }
    return HF_OK;
}

static int
open_once(struct hf_client **client, const struct hf_client_options *options)
{
    struct hf_control_answer answer;
    int fds[FD_COUNT];
    unsigned fd_count = 0;
    struct hf_client *opened = NULL;
    open_error[0] = '\0';
    const char *lacks = hf_cpu_lacks();
    if (lacks != NULL) {
        errno = ENOTSUP;
        hf_open_error_set("%s", lacks);
        return HF_E_SYSTEM;
    }
    int result = client_new(&opened, options);
    if (result == HF_OK) {
        result = ask_open(opened, options, &answer, fds, &fd_count);
    }
    if (result == HF_OK) {
        result = client_attach(opened, &answer, options->next_report, fds, fd_count);
    }
    if (result != HF_OK) {
        hf_detach(opened);
        return result;
    }
    *client = opened;
    return HF_OK;
}

int
hf_open(struct hf_client **client, const struct hf_client_options *options)
{
    struct hf_client_options taken;
    *client = NULL;
    const char *fault = options_take(&taken, options);
    if (fault != NULL) {
        hf_open_error_set("%s", fault);
        return HF_E_ARGUMENT;
    }
    uint64_t deadline_ns = hf_connection_deadline(taken.patience_ns);
    int result;
    do {
        result = open_once(client, &taken);
    } while (hf_connection_again(result, deadline_ns));
    return result;
}

void
hf_detach(struct hf_client *client)
{
    if (client == NULL) {
        return;
    }
    int error = errno; /* hf_open() comes by here when it fails */
    if (client->owner == getpid()) {
        hf_connection_end(&client->socket_fd);
    } else {
        hf_connection_close(&client->socket_fd); /* a child's copy is not the session's end */
    }
    hf_region_detach(&client->status_region);
    hf_region_detach(&client->report_region);
    hf_region_detach(&client->command_region);
    hf_client_gap_destroy(client);
    free(client);
    errno = error;
}

/** Bring the connection up, as far as the time goes. What is learnt of lost reports meanwhile is kept for
 *  the application's own hf_maintain(). */
static int
await_contact(struct hf_client *client, uint64_t deadline_ns)
{
    for (;;) {
        int result = hf_client_maintain(client);
        bool free_to_ask = client->contact == HF_CONTACT_UP && !client->gap.asked;
        if (free_to_ask || client->lost != HF_OK) {
            return HF_OK;
        }
        if (hf_clock_monotonic_ns() >= deadline_ns) {
            return result == HF_OK || result == HF_GAP || result == HF_LOST ? HF_TIMEOUT : result;
        }
        hf_clock_sleep_ns(HF_CONTACT_PAUSE_NS);
    }
}

static bool
session_ended(const struct hf_client *client)
{
    return client->lost != HF_OK ||
           hf_load_acquire(&client->report_object->state) == HF_SESSION_CLOSED;
}

static int
ask_close(struct hf_client *client, uint64_t deadline_ns)
{
    struct hf_control_answer answer;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_CLOSE);
    request.session_id = client->session_id;
    int result = hf_connection_ask(client->socket_fd, &request, deadline_ns, &answer, NULL, NULL);
    if (result == HF_OK) {
        return answer.code;
    }
    /* A late answer must not be taken for that of a later request. */
    hf_connection_end(&client->socket_fd);
    client->contact = HF_CONTACT_DOWN;
    return result;
}

int
hf_close(struct hf_client *client)
{
    uint64_t deadline_ns = hf_connection_deadline(client->timeout_ns);
    int result = HF_OK;
    while (!session_ended(client)) { /* ended: nothing is left to close */
        result = await_contact(client, deadline_ns);
        if (result == HF_OK && !session_ended(client)) {
            result = ask_close(client, deadline_ns);
        }
        if (result != HF_E_NO_DAEMON || hf_clock_monotonic_ns() >= deadline_ns) {
            break; /* closed, refused, or no time is left; else it died in between: once more */
        }
    }
    if (result == HF_OK || result == HF_E_SESSION) {
        hf_detach(client);
        return HF_OK;
    }
    return result;
}
