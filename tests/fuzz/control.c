/*
 * control.c - the daemon's control socket, and the memory of its clients.
 *
 *   input: steps: | what (1) | which connection (1) | by what ... |
 *     connect: user (1); request: type, flags, ... (see take_request); bytes: count (1), these;
 *     submit: how often (1), a command's bytes 24 to 63; scribble: patches of the command object
 *
 * After each step the daemon has done its work. At the end all clients go, their sessions are closed; then
 * nothing of them is left: no session, no order, no descriptor; the daemon runs, its state is whole.
 */
#include "fuzz/desk.h"
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <holdfast/error.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 4u
#define STEPS_MAX 64u

enum what { CONNECT, REQUEST, BYTES, LEAVE, SUBMIT, SCRIBBLE, READ, WHATS };

/** A client's end. */
struct client {
    int fd; /**< -1: not connected */
    uint64_t session_id;
    uint64_t generation;
};

static struct client clients[CLIENTS];

void
fuzz_target_init(void)
{
    desk_init();
}

/* Requests */

static const char *const NAMES[] = {"ann", "bob", "cat", "dan", "eve", ".", "a/b", ""};

static uint32_t
take_slots(struct fuzz_input *input)
{
    unsigned code = fuzz_byte(input);
    return code < 20 ? 1u << code : code;
}

/** What of the client's own session is asked for, in one case of two. */
static uint64_t
own_or(struct fuzz_input *input, uint64_t own)
{
    unsigned code = fuzz_byte(input);
    return code % 2 == 0 ? own : code;
}

static struct hf_control_request
take_request(struct fuzz_input *input, const struct client *client)
{
    struct hf_control_request request = {.magic = HF_CONTROL_MAGIC,
                                         .version = HF_PROTOCOL_VERSION,
                                         .type = fuzz_byte(input) % 16u,
                                         .flags = fuzz_byte(input)};
    request.command_slots = take_slots(input);
    request.report_slots = take_slots(input);
    request.instrument = fuzz_byte(input);
    request.first = fuzz_word(input);
    request.price = (int64_t)fuzz_word(input) - 1000;
    request.side = fuzz_byte(input);
    request.session_id = own_or(input, client->session_id);
    request.generation = own_or(input, client->generation);
    strncpy(request.session, NAMES[fuzz_byte(input) % 8], sizeof(request.session) - 1);
    request.first_report = fuzz_byte(input);
    request.last_report = fuzz_byte(input);
    fuzz_patch(input, &request, sizeof(request), 4);
    return request;
}

static void
read_answers(struct client *client)
{
    static struct hf_control_answer answer;
    int fds[3];
    unsigned count = 3;
    while (client->fd >= 0 &&
           hf_control_receive(client->fd, &answer, sizeof(answer), fds, &count) == HF_OK) {
        FUZZ_CHECK("an answer is one", answer.magic == HF_CONTROL_MAGIC && answer.code <= 0);
        FUZZ_CHECK("its words end", memchr(answer.text, 0, sizeof(answer.text)) != NULL);
        FUZZ_CHECK("a refusal has words", answer.code == HF_OK || answer.text[0] != '\0');
        FUZZ_CHECK("it brings nothing else", answer.code == HF_OK || count == 0);
        for (unsigned i = 0; i < count; i++) {
            (void)close(fds[i]);
        }
        if (answer.type == HF_CONTROL_OPEN && answer.code == HF_OK) {
            FUZZ_CHECK("OPEN brings three objects", count == 3);
            client->session_id = answer.session_id;
        }
        count = 3;
    }
}

/* What a client does to its memory */

static struct hf_link *
link_of(const struct client *client)
{
    const struct hf_link_table *table = hf_registry_read(&desk_daemon.registry);
    for (uint32_t i = 0; i < table->count; i++) {
        if (table->dense[i]->session_id == client->session_id) {
            return table->dense[i];
        }
    }
    return NULL;
}

/** As the library does it: the next slots, each one's number last. */
static void
submit(struct hf_link *link, struct fuzz_input *input)
{
    struct hf_command command = {.seq = link->commands.next};
    uint64_t mask = link->report_object->command_slots - 1;
    char *slots = hf_session_slots(link->command_object);
    unsigned times = 1 + fuzz_byte(input) % (HF_SESSION_SLOTS_MIN / 2);
    fuzz_take(input, (char *)&command + offsetof(struct hf_command, type),
              sizeof(command) - offsetof(struct hf_command, type));
    for (unsigned i = 0; i < times; i++) {
        memcpy(slots + (command.seq & mask) * HF_SLOT_BYTES, &command, sizeof(command));
        command.seq++;
        command.client_order_id++;
    }
}

static void
touch_memory(struct client *client, enum what what, struct fuzz_input *input)
{
    struct hf_link *link = link_of(client);
    if (link == NULL || link->command_object == NULL || link->command_region.base == NULL) {
        return;
    }
    client->generation = link->report_object->generation;
    if (what == SUBMIT) {
        submit(link, input);
    } else {
        fuzz_patch(input, link->command_region.base, link->command_region.len_bytes, 8);
    }
}

/* Steps */

static void
leave(struct client *client)
{
    if (client->fd >= 0) {
        (void)close(client->fd);
    }
    client->fd = -1;
}

static void
send_bytes(const struct client *client, struct fuzz_input *input)
{
    uint8_t bytes[2 * UINT8_MAX];
    size_t count = fuzz_byte(input) * 2u;
    fuzz_take(input, bytes, count);
    (void)send(client->fd, bytes, count, MSG_NOSIGNAL);
}

static void
step(struct fuzz_input *input)
{
    enum what what = fuzz_byte(input) % WHATS;
    struct client *client = &clients[fuzz_byte(input) % CLIENTS];
    if (what == CONNECT) {
        unsigned user = fuzz_byte(input);
        leave(client);
        client->fd = desk_connect(user % 4, (user & 16) == 0);
    } else if (what == REQUEST) {
        struct hf_control_request request = take_request(input, client);
        (void)hf_control_send(client->fd, &request, sizeof(request), NULL, 0);
    } else if (what == BYTES) {
        send_bytes(client, input);
    } else if (what == LEAVE) {
        leave(client);
    } else if (what == READ) {
        read_answers(client);
    } else {
        touch_memory(client, what, input);
    }
    (void)hf_control_do_work(&desk_control, 0);
    desk_round();
    (void)hf_control_do_work(&desk_control, 0);
}

/** All go; nothing stays of them. */
static void
end(void)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        read_answers(&clients[i]);
        leave(&clients[i]);
    }
    for (unsigned i = 0; i < CLIENTS && desk_control.connection_count > 0; i++) {
        (void)hf_control_do_work(&desk_control, 0);
        desk_round();
    }
    FUZZ_CHECK("ended connections are dropped", desk_control.connection_count == 0);
    desk_close_sessions();
    const struct hf_core *core = desk_daemon.replay.core;
    FUZZ_CHECK("no order is left", hf_core_open_orders(core) == 0);
    FUZZ_CHECK("no session is left", hf_core_session_free(core) == 1);
    FUZZ_CHECK("no client can halt a daemon", !hf_halted(&desk_daemon.halt));
    hf_core_audit(core);
}

/** The lowest descriptor that is free, when the daemon's spare ones are the lowest that they can be. */
static int
free_descriptor(void)
{
    hf_spare_lend(&desk_control.spare);
    (void)hf_spare_hold(&desk_control.spare);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)close(fd);
    return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct fuzz_input input = {bytes, count};
    int lowest = free_descriptor();
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.fd = -1};
    }
    for (unsigned i = 0; i < STEPS_MAX && input.left > 0; i++) {
        step(&input);
    }
    end();
    FUZZ_CHECK("no descriptor is left", free_descriptor() == lowest);
    return 0;
}

/* Seeds: each kind of request, by a client that has a session, and by one that has none */

static void
seed_step(struct fuzz_bytes *seed, enum what what, unsigned client)
{
    fuzz_put_byte(seed, what);
    fuzz_put_byte(seed, client);
}

static void
seed_request(struct fuzz_bytes *seed, unsigned client, unsigned type, unsigned name)
{
    seed_step(seed, REQUEST, client);
    fuzz_put_byte(seed, type);
    fuzz_put_byte(seed, 0);    /* flags */
    fuzz_put_byte(seed, 6);    /* command slots: 64 */
    fuzz_put_byte(seed, 6);    /* report slots */
    fuzz_put_byte(seed, 1);    /* instrument */
    fuzz_put_word(seed, 1);    /* first */
    fuzz_put_word(seed, 2000); /* price */
    fuzz_put_byte(seed, HF_BUY);
    fuzz_put_byte(seed, 0); /* session id, generation: its own */
    fuzz_put_byte(seed, 0);
    fuzz_put_byte(seed, name);
    fuzz_put_byte(seed, 1); /* reports */
    fuzz_put_byte(seed, 1);
    fuzz_put_byte(seed, 0); /* patches */
    seed_step(seed, READ, client);
}

static void
seed_orders(struct fuzz_bytes *seed, unsigned client, unsigned count)
{
    const struct hf_command command = {.type = HF_COMMAND_NEW,
                                       .slots = 1,
                                       .side = HF_BUY,
                                       .order_type = HF_LIMIT,
                                       .time_in_force = HF_GTC,
                                       .instrument = 1,
                                       .client_order_id = 1,
                                       .price = 100,
                                       .quantity = 5};
    seed_step(seed, SUBMIT, client);
    fuzz_put_byte(seed, count - 1);
    fuzz_put(seed, (const char *)&command + offsetof(struct hf_command, type),
             sizeof(command) - offsetof(struct hf_command, type));
}

static void
seed_scribble(struct fuzz_bytes *seed, unsigned client)
{
    seed_step(seed, SCRIBBLE, client);
    fuzz_put_byte(seed, 1);
    fuzz_put_word(seed, (unsigned)offsetof(struct hf_command_object, report_tail) / 8);
    fuzz_put_byte(seed, 4);
    fuzz_put(seed, "\377\377\1\2", 4);
}

/** A client that does not read, or says that it has read what never came; and then asks for it. */
static void
seed_unread(struct fuzz_bytes *seed, bool scribbles)
{
    seed->count = 0;
    seed_step(seed, CONNECT, 0);
    fuzz_put_byte(seed, 1);
    seed_request(seed, 0, HF_CONTROL_OPEN, 0);
    if (scribbles) {
        seed_scribble(seed, 0);
    }
    for (unsigned i = 0; i < 6; i++) {
        seed_orders(seed, 0, HF_SESSION_SLOTS_MIN / 2);
    }
    seed_request(seed, 0, HF_CONTROL_REPORTS, 0);
    fuzz_seed(seed->bytes, seed->count);
}

void
fuzz_target_seeds(void)
{
    static struct fuzz_bytes seed;
    for (unsigned type = 0; type <= HF_CONTROL_REPORTS + 1; type++) {
        seed.count = 0;
        seed_step(&seed, CONNECT, 0);
        fuzz_put_byte(&seed, 1);
        seed_request(&seed, 0, type, 0);
        seed_request(&seed, 0, HF_CONTROL_OPEN, 0);
        seed_orders(&seed, 0, 1);
        seed_request(&seed, 0, type, 1);
        seed_step(&seed, LEAVE, 0);
        seed_step(&seed, CONNECT, 1);
        fuzz_put_byte(&seed, type % 2);
        seed_request(&seed, 1, HF_CONTROL_OPEN, 0);
        seed_orders(&seed, 1, 1);
        seed_scribble(&seed, 1);
        seed_request(&seed, 1, type, 1);
        fuzz_seed(seed.bytes, seed.count);
    }
    seed_unread(&seed, false);
    seed_unread(&seed, true);
}
