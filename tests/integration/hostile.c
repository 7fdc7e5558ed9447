/*
 * hostile.c - a client that breaks the rules, one attack per call.
 *
 *   hostile ATTACK SOCKET SESSION [ARGUMENT]
 *
 *   truncate holes grow scribble     what can be done to the object that it may write
 *   word OFFSET                      lies in one word of its header, and keeps lying
 *   takeback                         publishes a ring full, hangs up, and takes back the slots
 *   zombie                           goes on writing its old object after another took the session over
 *   comeback COUNT                   hangs up, and asks so often to be let in again, with a tail that cannot be
 *   slow COUNT                       enters COUNT resting sell orders, does not read; on SIGUSR1 it releases
 *                                    all and prints what the engine has given up; until its input ends
 *   sweep COUNT                      the counterpart of slow: buys COUNT times one lot, and reads
 *   die COUNT                        so many children, each killed while it submits
 *   churn COUNT                      connects, opens, submits, hangs up or closes
 *   crowd COUNT                      holds so many silent connections until its input ends
 *   half mute                        half messages; requests whose answers it never reads
 *
 * Exit code 0: the attack was carried out, whatever the daemon made of it.
 */
#include "raw.h"

#include <fcntl.h>
#include <holdfast/holdfast.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

struct attack {
    const char *path;
    const char *session;
    long argument;
};

static uint64_t random_state;

static uint64_t
random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static struct hf_command
order(uint64_t id, enum hf_side side, int64_t price, uint64_t quantity)
{
    return (struct hf_command){.type = HF_COMMAND_NEW,
                               .slots = 1,
                               .side = (uint8_t)side,
                               .order_type = HF_LIMIT,
                               .time_in_force = HF_GTC,
                               .instrument = 4, /* not where the honest trade */
                               .client_order_id = id,
                               .price = price,
                               .quantity = quantity};
}

/** Publish orders as long as there is room. */
static void
fill_ring(struct raw *raw)
{
    while (hf_ring_claim(&raw->ring, 1) == HF_OK) {
        struct hf_command command = order(raw->ring.next, HF_BUY, 1, 1);
        hf_ring_publish_copy(&raw->ring, &command, 1);
    }
    raw_doorbell(raw);
}

static void
give_it_reports(struct raw *raw)
{
    struct hf_command command = order(raw->ring.next, HF_BUY, 1, 1);
    (void)raw_publish(raw, &command, 1);
    raw_doorbell(raw);
}

static bool
input_ended(int timeout_ms)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char byte;
    return poll(&input, 1, timeout_ms) > 0 && read(0, &byte, 1) <= 0;
}

/* The object */

static void
attack_truncate(const struct attack *attack)
{
    struct raw raw;
    raw_open(&raw, attack->path, attack->session, 4096, 64);
    fill_ring(&raw);
    if (ftruncate(raw.command_fd, attack->argument) != 0) {
        raw_fail("ftruncate", 0);
    }
    raw_pause_ms(100);
    for (int i = 0; i < 200; i++) { /* there, and gone again */
        (void)!ftruncate(raw.command_fd, (off_t)raw.command_bytes);
        (void)!ftruncate(raw.command_fd, attack->argument);
    }
    raw_pause_ms(100);
}

static void
attack_holes(const struct attack *attack)
{
    struct raw raw;
    raw_open(&raw, attack->path, attack->session, 4096, 64);
    for (int i = 0; i < 100; i++) {
        fill_ring(&raw);
        (void)fallocate(raw.command_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                        (off_t)raw.command_bytes);
        raw_pause_ms(1);
    }
}

static void
attack_grow(const struct attack *attack)
{
    struct raw raw;
    raw_open(&raw, attack->path, attack->session, 64, 64);
    (void)!ftruncate(raw.command_fd, (off_t)1 << 40); /* sparse */
    give_it_reports(&raw);
    raw_pause_ms(50);
}

static void
attack_scribble(const struct attack *attack)
{
    struct raw raw;
    raw_open(&raw, attack->path, attack->session, 4096, 64);
    for (int round = 0; round < 50; round++) {
        fill_ring(&raw);
        uint64_t *words = (uint64_t *)(void *)raw.command_base;
        for (int i = 0; i < 20000; i++) {
            hf_store_relaxed(&words[random_next() % (raw.command_bytes / 8)], random_next());
        }
        hf_futex_wake(&raw.commands->doorbell);
        raw_pause_ms(2);
    }
}

/** End the session, so that its name is free again. */
static void
close_session(struct raw *raw)
{
    static struct hf_control_answer answer;
    struct hf_control_request request = raw_request(HF_CONTROL_CLOSE, "");
    int fds[3];
    int code = raw_ask(raw->socket_fd, &request, sizeof(request), &answer, fds);
    if (code != HF_OK || (answer.code != HF_OK && answer.code != HF_E_SESSION)) {
        raw_fail("CLOSE", code != HF_OK ? code : answer.code);
    }
    close(raw->socket_fd);
    close(raw->command_fd);
    munmap(raw->command_base, raw->command_bytes);
}

static void
attack_word(const struct attack *attack)
{
    const uint64_t lies[] = {0, 1, 70, UINT64_MAX, (uint64_t)1 << 63, random_next()};
    for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
        struct raw raw;
        raw_open(&raw, attack->path, attack->session, 64, 64);
        for (int i = 0; i < 200 && hf_load_acquire(&raw.reports->state) == HF_SESSION_OPEN; i++) {
            fill_ring(&raw); /* enough for the report ring to go round, as far as the lie allows */
            hf_store_seq_cst((uint64_t *)(void *)(raw.command_base + attack->argument), lies[k]);
            hf_futex_wake(&raw.commands->doorbell);
            if (i % 20 == 0) {
                raw_pause_ms(1);
            }
        }
        close_session(&raw);
    }
}

static void
attack_takeback(const struct attack *attack)
{
    struct raw raw;
    raw_open(&raw, attack->path, attack->session, 65536, 64);
    fill_ring(&raw); /* its report ring is full after 64: the rest is only read when it hangs up */
    close(raw.socket_fd);
    struct hf_slot *slots = hf_session_slots(raw.commands);
    for (int round = 0; round < 2000; round++) {
        for (unsigned i = 0; i < 65536; i += 997) {
            hf_store_relaxed(&slots[i].number, 0);
        }
    }
}

static void
attack_zombie(const struct attack *attack)
{
    struct raw old;
    struct raw new;
    raw_open(&old, attack->path, attack->session, 64, 64);
    close(old.socket_fd);
    raw_open(&new, attack->path, attack->session, 64, 64);
    if (new.commands->generation != old.commands->generation + 1) {
        raw_fail("a takeover did not make a new generation", 0);
    }
    uint64_t before = hf_load_acquire(&new.reports->command_tail);
    for (int i = 0; i < 50; i++) {
        fill_ring(&old);
        raw_pause_ms(1);
    }
    if (hf_load_acquire(&new.reports->command_tail) != before) {
        raw_fail("commands of a client whose session was taken over were read", 0);
    }
    give_it_reports(&new);
    for (int i = 0; i < 500 && hf_load_acquire(&new.reports->command_tail) == before; i++) {
        raw_pause_ms(10);
    }
    if (hf_load_acquire(&new.reports->command_tail) != before + 1) {
        raw_fail("the new client is not read", 0);
    }
}

/** Its disconnect is logged; then each try publishes more, although it is refused. */
static void
attack_comeback(const struct attack *attack)
{
    static struct hf_control_answer answer;
    struct raw raw;
    int fds[3];
    raw_open(&raw, attack->path, attack->session, 4096, 4096);
    give_it_reports(&raw);
    struct hf_control_request request = raw_request(HF_CONTROL_REATTACH, attack->session);
    request.session_id = raw.reports->session_id;
    request.generation = raw.commands->generation;
    close(raw.socket_fd);
    hf_store_release(&raw.commands->report_tail, UINT64_MAX);
    for (long i = 0; i < attack->argument; i++) {
        raw.socket_fd = raw_connect(attack->path);
        give_it_reports(&raw);
        if (raw.socket_fd >= 0 &&
            raw_ask(raw.socket_fd, &request, sizeof(request), &answer, fds) == HF_OK &&
            answer.code == HF_OK) {
            raw_fail("a client with an impossible tail was let in", 0);
        }
        close(raw.socket_fd);
    }
}

/* Those who do not read, and those who read a lot */

/** The smallest ring that holds @p count entries. */
static uint32_t
slots_for(long count)
{
    uint32_t slots = 64;
    while (slots < (uint32_t)count) {
        slots *= 2;
    }
    return slots;
}

/** Until the daemon has taken all commands of @p raw; reads the reports meanwhile when @p reads. */
static void
await_taken(struct raw *raw, bool reads)
{
    for (int i = 0; hf_load_acquire(&raw->reports->command_tail) < raw->ring.next - 1; i++) {
        if (i == PATIENCE_MS) {
            raw_fail("the daemon does not take all commands", 0);
        }
        if (reads) {
            hf_store_release(&raw->commands->report_tail,
                             hf_load_acquire(&raw->reports->report_head));
        }
        raw_pause_ms(1);
    }
}

static void
attack_slow(const struct attack *attack)
{
    const struct timespec at_once = {0};
    const uint32_t slots = slots_for(attack->argument);
    struct raw raw;
    sigset_t release;
    sigemptyset(&release);
    sigaddset(&release, SIGUSR1);
    sigprocmask(SIG_BLOCK, &release, NULL);
    raw_open(&raw, attack->path, attack->session, slots, slots);
    for (long i = 0; i < attack->argument; i++) {
        struct hf_command command = order(raw.ring.next, HF_SELL, 100, 1);
        if (!raw_publish(&raw, &command, 1)) {
            raw_fail("no room", 0);
        }
    }
    raw_doorbell(&raw);
    await_taken(&raw, false);
    puts("resting");
    fflush(stdout);
    while (!input_ended(10)) {
        if (sigtimedwait(&release, NULL, &at_once) == SIGUSR1) {
            hf_store_release(&raw.commands->report_tail,
                             hf_load_acquire(&raw.reports->report_head));
            raw_doorbell(&raw);
        }
        if (hf_load_acquire(&raw.reports->restart) != 0) {
            printf("lost %llu to %llu\n", (unsigned long long)raw.reports->lost_first,
                   (unsigned long long)raw.reports->lost_last);
            return;
        }
    }
}

static void
attack_sweep(const struct attack *attack)
{
    const uint32_t slots = slots_for(attack->argument);
    struct raw raw;
    raw_open(&raw, attack->path, attack->session, slots, slots);
    for (long i = 0; i < attack->argument; i++) {
        struct hf_command command = order(raw.ring.next, HF_BUY, 100, 1);
        if (!raw_publish(&raw, &command, 1)) {
            raw_fail("no room", 0);
        }
        hf_store_release(&raw.commands->report_tail, hf_load_acquire(&raw.reports->report_head));
        if (i % 64 == 0) {
            raw_doorbell(&raw);
        }
    }
    raw_doorbell(&raw);
    await_taken(&raw, true);
}

/* Coming and going */

static void
submit_for_ever(const struct attack *attack)
{
    struct raw raw;
    raw_open(&raw, attack->path, attack->session, 256, 256);
    for (;;) {
        fill_ring(&raw);
        hf_store_release(&raw.commands->report_tail, hf_load_acquire(&raw.reports->report_head));
    }
}

static void
attack_die(const struct attack *attack)
{
    for (long i = 0; i < attack->argument; i++) {
        pid_t child = fork();
        if (child == 0) {
            submit_for_ever(attack);
        }
        raw_pause_ms((long)(random_next() % 30));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
}

static void
attack_churn(const struct attack *attack)
{
    for (long i = 0; i < attack->argument; i++) {
        struct raw raw;
        raw_open(&raw, attack->path, attack->session, 64, 64);
        fill_ring(&raw);
        if (i % 3 == 0) { /* an orderly end */
            close_session(&raw);
            continue;
        }
        close(raw.socket_fd);
        close(raw.command_fd);
        munmap(raw.command_base, raw.command_bytes);
    }
}

static void
attack_crowd(const struct attack *attack)
{
    long connected = 0;
    for (long i = 0; i < attack->argument; i++) {
        connected += raw_connect(attack->path) >= 0;
    }
    printf("crowd of %ld\n", connected);
    fflush(stdout);
    while (!input_ended(10)) {
        int fd = raw_connect(attack->path); /* pressing on */
        if (fd >= 0) {
            close(fd);
        }
    }
}

static void
attack_half(const struct attack *attack)
{
    struct hf_control_request request = raw_request(HF_CONTROL_OPEN, attack->session);
    for (size_t bytes = 0; bytes < sizeof(request); bytes++) {
        int fd = raw_connect(attack->path);
        (void)send(fd, &request, bytes, MSG_NOSIGNAL);
        (void)send(fd, &request, sizeof(request) - bytes, MSG_NOSIGNAL);
        close(fd);
    }
    char junk[65536];
    int fds[3];
    for (int i = 0; i < 50; i++) { /* long ones, and descriptors that nobody asked for */
        int fd = raw_connect(attack->path);
        for (int k = 0; k < 3; k++) {
            fds[k] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        }
        memset(junk, i, sizeof(junk));
        (void)hf_control_send(fd, junk, (size_t)(1 + random_next() % sizeof(junk)), fds, 3);
        (void)hf_control_send(fd, &request, sizeof(request), fds, 3);
        for (int k = 0; k < 3; k++) {
            close(fds[k]);
        }
        close(fd);
    }
}

static void
attack_mute(const struct attack *attack)
{
    struct hf_control_request request = raw_request(HF_CONTROL_SESSIONS, attack->session);
    int fd = raw_connect(attack->path);
    for (int i = 0; i < 20000; i++) {
        if (send(fd, &request, sizeof(request), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
            raw_pause_ms(1);
        }
    }
    close(fd);
}

static const struct {
    const char *name;
    void (*run)(const struct attack *attack);
} ATTACKS[] = {
    {"truncate", attack_truncate}, {"holes", attack_holes}, {"grow", attack_grow},
    {"scribble", attack_scribble}, {"word", attack_word},   {"takeback", attack_takeback},
    {"zombie", attack_zombie},     {"slow", attack_slow},   {"sweep", attack_sweep},
    {"die", attack_die},           {"churn", attack_churn}, {"crowd", attack_crowd},
    {"half", attack_half},         {"mute", attack_mute},   {"comeback", attack_comeback},
};

int
main(int argc, char **argv)
{
    struct attack attack = {.path = argc > 2 ? argv[2] : "",
                            .session = argc > 3 ? argv[3] : "",
                            .argument = argc > 4 ? atol(argv[4]) : 0};
    random_state = (uint64_t)getpid() * 0x9e3779b97f4a7c15u + 1;
    for (size_t i = 0; argc >= 4 && i < sizeof(ATTACKS) / sizeof(ATTACKS[0]); i++) {
        if (strcmp(argv[1], ATTACKS[i].name) == 0) {
            ATTACKS[i].run(&attack);
            return 0;
        }
    }
    fprintf(stderr, "usage: hostile ATTACK SOCKET SESSION [ARGUMENT]\n");
    return 2;
}
