/* peer.c - see peer.h. */
#include "fuzz/peer.h"

#include "base/clock.h"
#include "base/idle.h"
#include "client/connection.h"
#include "shm/ring.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define INSTANCE_ID 0x1122334455667788u
#define SESSION_ID 7u
#define LOOK_NS 1000u /* that pass with each look at a clock */
#define CONNECTIONS_MAX 8u

struct object {
    int fd;
    size_t bytes;
    unsigned char *base;
};

static struct object objects[PEER_OBJECTS];
static struct fuzz_input *script;
static struct hf_ring_producer reports;
static struct hf_broadcast_writer market;
static uint64_t now_ns;
static struct {
    int client;
    int peer;
} connections[CONNECTIONS_MAX];
static unsigned connection_count;

uint64_t __wrap_hf_clock_monotonic_ns(void);
void __wrap_hf_clock_sleep_ns(uint64_t ns);
bool __wrap_hf_idle_wait(struct hf_idle *idle);
int __wrap_hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns);
int __wrap_hf_connection_connect(const char *path, uint64_t deadline_ns, int *fd);
int __wrap_hf_control_send(int socket_fd, const void *message, size_t len_bytes, const int *fds,
                           unsigned fd_count);
int __real_hf_control_send(int socket_fd, const void *message, size_t len_bytes, const int *fds,
                           unsigned fd_count);

/* Time */

uint64_t
__wrap_hf_clock_monotonic_ns(void)
{
    return now_ns += LOOK_NS;
}

void
__wrap_hf_clock_sleep_ns(uint64_t ns)
{
    now_ns += ns;
}

/** Nobody else runs, for whom one could spin or yield: sleep at once. */
bool
__wrap_hf_idle_wait(struct hf_idle *idle)
{
    (void)idle;
    return true;
}

int
__wrap_hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)word;
    (void)expected;
    now_ns += timeout_ns;
    return 0;
}

void
peer_pass_time(uint64_t ns)
{
    now_ns += ns;
}

/* Objects */

static void
make_object(enum peer_object which, size_t bytes)
{
    struct object *object = &objects[which];
    object->fd = memfd_create("fuzz", MFD_CLOEXEC);
    object->bytes = bytes;
    HF_ASSERT("there is memory", object->fd >= 0 && ftruncate(object->fd, (off_t)bytes) == 0);
    object->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, object->fd, 0);
    HF_ASSERT("it is mapped", object->base != MAP_FAILED);
}

void
peer_init(void)
{
    make_object(PEER_STATUS, HF_STATUS_PAGE_BYTES * 2);
    make_object(PEER_REPORT, hf_session_object_bytes(PEER_SLOTS));
    make_object(PEER_COMMAND, hf_session_object_bytes(PEER_SLOTS));
    make_object(PEER_MARKET, HF_BROADCAST_SLOTS_OFFSET + PEER_SLOTS * HF_SLOT_BYTES);
    make_object(PEER_GAP, HF_STATUS_PAGE_BYTES);
}

void *
peer_base(enum peer_object object)
{
    return objects[object].base;
}

static void
fill_status(void)
{
    struct hf_status *status = peer_base(PEER_STATUS);
    *status = (struct hf_status){.magic = HF_STATUS_MAGIC,
                                 .version = HF_PROTOCOL_VERSION,
                                 .instruments_max = PEER_INSTRUMENTS,
                                 .bytes = objects[PEER_STATUS].bytes,
                                 .instance_id = INSTANCE_ID,
                                 .epoch = 1,
                                 .history = 1,
                                 .state = HF_STATE_RUNNING,
                                 .heartbeat_ns = now_ns,
                                 .instruments = 1};
    struct hf_instrument_info *table = (void *)(objects[PEER_STATUS].base + HF_STATUS_PAGE_BYTES);
    table[0] = (struct hf_instrument_info){.id = 1, .symbol = "ONE", .tick = 1, .phase = 1};
}

static void
fill_session(void)
{
    struct hf_report_object *report = peer_base(PEER_REPORT);
    struct hf_command_object *command = peer_base(PEER_COMMAND);
    *report = (struct hf_report_object){.magic = HF_REPORT_OBJECT_MAGIC,
                                        .version = HF_PROTOCOL_VERSION,
                                        .report_slots = PEER_SLOTS,
                                        .instance_id = INSTANCE_ID,
                                        .session_id = SESSION_ID,
                                        .generation = 1,
                                        .command_slots = PEER_SLOTS,
                                        .session = 1,
                                        .name = PEER_SESSION,
                                        .first_report = 1,
                                        .state = HF_SESSION_OPEN};
    *command = (struct hf_command_object){.magic = HF_COMMAND_OBJECT_MAGIC,
                                          .version = HF_PROTOCOL_VERSION,
                                          .command_slots = PEER_SLOTS,
                                          .instance_id = INSTANCE_ID,
                                          .generation = 1,
                                          .first_seq = 1,
                                          .first_report = 1};
    hf_ring_producer_init(&reports, hf_session_slots(report), PEER_SLOTS, &report->report_head,
                          &command->report_tail, 1);
}

static void
fill_market(void)
{
    struct hf_broadcast_object *object = peer_base(PEER_MARKET);
    *object = (struct hf_broadcast_object){.magic = HF_BROADCAST_MAGIC,
                                           .version = 1,
                                           .slots = PEER_SLOTS,
                                           .instance_id = INSTANCE_ID,
                                           .epoch = 1,
                                           .history = 1,
                                           .first_number = 1};
    const struct hf_region region = {
        .base = object, .len_bytes = objects[PEER_MARKET].bytes, .fd = -1};
    hf_broadcast_writer_init(&market, &region, 1);
}

/** Two reports: of those that a ring has no more. */
static void
fill_gap(void)
{
    struct hf_report *slots = peer_base(PEER_GAP);
    for (unsigned i = 0; i < 2; i++) {
        slots[i] = (struct hf_report){.number = i + 1, .type = HF_REPORT_ACCEPTED, .slots = 1};
    }
}

void
peer_begin(struct fuzz_input *input)
{
    script = input;
    now_ns = 1000000000;
    for (unsigned i = 0; i < PEER_OBJECTS; i++) {
        memset(objects[i].base, 0, objects[i].bytes);
    }
    fill_status();
    fill_session();
    fill_market();
    fill_gap();
}

void
peer_patch(enum peer_object object)
{
    fuzz_patch(script, objects[object].base, objects[object].bytes, 8);
}

void
peer_publish_report(void)
{
    struct hf_report slots[2] = {{.number = 0}};
    fuzz_take(script, (char *)&slots[0] + 8, 32);
    unsigned count = slots[0].slots == 2 ? 2 : 1;
    if (count == 2) {
        slots[1].type = fuzz_byte(script);
    }
    if (hf_ring_claim(&reports, count) == HF_OK) {
        hf_ring_publish_copy(&reports, slots, count);
        hf_ring_announce(&reports);
    }
}

void
peer_publish_event(void)
{
    struct hf_market_event event = {.lsn = market.next};
    event.type = fuzz_byte(script) % 10;
    event.side = fuzz_byte(script) % 4;
    event.flags = fuzz_byte(script);
    event.instrument = fuzz_byte(script) % 4;
    event.price = (int8_t)fuzz_byte(script);
    event.quantity = fuzz_byte(script);
    hf_broadcast_publish(&market, &event);
    hf_broadcast_announce(&market);
}

/* Answers */

static void
fill_levels(struct hf_control_answer *answer, const struct hf_control_request *request)
{
    int64_t step = request->side == HF_BUY ? -1 : 1;
    answer->level_count = fuzz_byte(script) % (HF_DEPTH_LEVELS_MAX + 1);
    answer->market_number = market.next - 1;
    int64_t price = fuzz_byte(script);
    for (uint32_t i = 0; i < answer->level_count; i++) {
        price += step;
        answer->levels[i] = (struct hf_depth_level){.price = price, .quantity = 5, .orders = 1};
    }
}

/** A good answer. @return how many descriptors come with it */
static unsigned
fill_answer(struct hf_control_answer *answer, const struct hf_control_request *request, int fds[3])
{
    memset(answer, 0, sizeof(*answer));
    answer->magic = HF_CONTROL_MAGIC;
    answer->version = HF_PROTOCOL_VERSION;
    answer->type = request->type;
    answer->session_id = SESSION_ID;
    answer->session = 1;
    answer->status_bytes = objects[PEER_STATUS].bytes;
    answer->report_bytes = objects[PEER_REPORT].bytes;
    answer->command_bytes = objects[PEER_COMMAND].bytes;
    answer->market_bytes = objects[PEER_MARKET].bytes;
    fds[0] = objects[PEER_STATUS].fd;
    switch (request->type) {
    case HF_CONTROL_OPEN:
        fds[1] = objects[PEER_REPORT].fd;
        fds[2] = objects[PEER_COMMAND].fd;
        answer->last_report = fuzz_byte(script);
        return 3;
    case HF_CONTROL_MARKET:
        fds[1] = objects[PEER_MARKET].fd;
        return 2;
    case HF_CONTROL_HELLO:
        return 1;
    case HF_CONTROL_REPORTS:
        fds[0] = objects[PEER_GAP].fd;
        answer->first_report = request->first_report;
        answer->last_report = request->first_report + 1;
        answer->report_bytes = 2 * HF_SLOT_BYTES;
        return 1;
    case HF_CONTROL_LEVELS:
        fill_levels(answer, request);
        return 0;
    default:
        answer->row_count = fuzz_byte(script) % 4;
        answer->bid_count = answer->row_count;
        return 0;
    }
}

static int
peer_of(int client)
{
    for (unsigned i = connection_count; i-- > 0;) {
        if (connections[i].client == client) {
            return connections[i].peer;
        }
    }
    return -1;
}

static void
hang_up(int peer)
{
    (void)shutdown(peer, SHUT_RDWR);
}

/** How an answer comes: as it is, patched, cut, with fewer or more descriptors, or not at all. */
static void
answer_request(int peer, const struct hf_control_request *request)
{
    static struct hf_control_answer answer;
    int fds[3] = {-1, -1, -1};
    unsigned way = fuzz_byte(script);
    if (script->left == 0 && way == 0) {
        hang_up(peer); /* the input is used up */
        return;
    }
    unsigned count = fill_answer(&answer, request, fds);
    size_t length = sizeof(answer);
    if ((way & 1) != 0) {
        fuzz_patch(script, &answer, (way & 2) != 0 ? sizeof(answer) : 400, 4);
    }
    if (way >= 250) {
        length = fuzz_word(script) % sizeof(answer);
    } else if (way >= 240 && count > 0) {
        count--;
    } else if (way >= 230 && count < 3) {
        fds[count++] = objects[way % PEER_OBJECTS].fd;
    } else if (way >= 220) {
        hang_up(peer);
        return;
    }
    (void)__real_hf_control_send(peer, &answer, length, fds, count);
}

int
__wrap_hf_control_send(int socket_fd, const void *message, size_t len_bytes, const int *fds,
                       unsigned fd_count)
{
    struct hf_control_request request;
    int peer = peer_of(socket_fd);
    FUZZ_CHECK("a client sends requests", len_bytes == sizeof(request) && fds == NULL);
    FUZZ_CHECK("a client passes no descriptors", fd_count == 0);
    FUZZ_CHECK("a client asks over a connection", peer >= 0);
    memcpy(&request, message, sizeof(request));
    answer_request(peer, &request);
    return HF_OK;
}

int
__wrap_hf_connection_connect(const char *path, uint64_t deadline_ns, int *fd)
{
    int pair[2];
    (void)path;
    (void)deadline_ns;
    *fd = -1;
    if (connection_count == CONNECTIONS_MAX || script->left == 0) {
        return HF_E_NO_DAEMON;
    }
    HF_ASSERT("a pair of sockets",
              socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    connections[connection_count].client = pair[0];
    connections[connection_count++].peer = pair[1];
    *fd = pair[0];
    return HF_OK;
}

void
peer_end(void)
{
    while (connection_count > 0) {
        (void)close(connections[--connection_count].peer);
    }
}
