/*
 * subscriber.c - a reader of market data, for the integration scripts: keeps the books of instruments 1
 * and 2 over kills and restarts of the daemon, and holds every number that it sees against the last one.
 *
 *   subscriber follow SOCKET [durable]  follows until its standard input ends; then waits until both books
 *                                       are whole and nothing is to come, prints them as `probe depth`
 *                                       does, and a line "events=N missed=N lapped=N joins=N durable=N"
 *   subscriber write SOCKET             tries to write the ring in every way it can think of; prints what
 *                                       became of each
 *
 * Exit code: 0, or 1 when something is not as it should be.
 */
#include <holdfast/holdfast.h>

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define SLICE_NS UINT64_C(20000000)
#define BOOKS 2u
#define QUIET_ROUNDS 10 /* that end it */
#define PATIENCE_S 120

struct follower {
    struct hf_market *market;
    struct hf_market_book *books[BOOKS];
    bool durable;
    uint64_t next; /* number that is to come */
    uint64_t lapped;
    uint64_t history;
    uint64_t events;
    uint64_t gaps; /* numbers that were passed over */
    bool failed;
};

static int
complain(const char *what, int code)
{
    printf("%s: %s (%s)\n", what, hf_error_name(code), hf_open_error());
    return 1;
}

static void
fail(struct follower *follower, const char *what, uint64_t number)
{
    if (!follower->failed) {
        printf("VIOLATION: %s at %" PRIu64 ", expected %" PRIu64 "\n", what, number,
               follower->next);
    }
    follower->failed = true;
}

static void
on_event(void *context, const struct hf_market_event *event)
{
    struct follower *follower = context;
    struct hf_market_facts facts;
    hf_market_facts(follower->market, &facts);
    bool jumped = facts.lapped != follower->lapped;
    if (facts.history != follower->history && jumped) {
        follower->next = event->number; /* numbers of before are void */
        follower->history = facts.history;
    }
    if (event->number != follower->next && !jumped) {
        fail(follower, "a gap, and nobody said so", event->number);
    }
    if (jumped && event->number < follower->next) {
        fail(follower, "numbers run back", event->number);
    }
    if (follower->durable && event->lsn > facts.durable_lsn) {
        fail(follower, "an event that is not durable", event->number);
    }
    follower->gaps += event->number - follower->next;
    follower->next = event->number + 1;
    follower->lapped = facts.lapped;
    follower->events++;
}

static bool
input_ended(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) == 0;
}

static bool
is_settled(const struct follower *follower)
{
    struct hf_market_facts facts;
    struct hf_depth_level level;
    hf_market_facts(follower->market, &facts);
    bool settled = facts.connected != 0 && facts.head == facts.number;
    for (unsigned i = 0; i < BOOKS; i++) {
        settled = settled && hf_market_book_levels(follower->books[i], HF_BUY, &level, 1) >= 0;
    }
    return settled;
}

/* Until the input ends and, from then on, everything is quiet for a while. */
static void
follow(struct follower *follower)
{
    time_t end = 0;
    int quiet = 0;
    while (quiet < QUIET_ROUNDS && !follower->failed) {
        int64_t count = hf_market_poll(follower->market, on_event, follower);
        if (count <= 0) {
            (void)hf_market_wait(follower->market, SLICE_NS);
        }
        if (end == 0 && input_ended()) {
            end = time(NULL) + PATIENCE_S;
        }
        quiet = end != 0 && count <= 0 && is_settled(follower) ? quiet + 1 : 0;
        if (end != 0 && time(NULL) > end) {
            fail(follower, "no end", 0);
        }
    }
}

static void
print_side(uint32_t instrument, const struct hf_market_book *book, enum hf_side side)
{
    struct hf_depth_level levels[HF_DEPTH_LEVELS_MAX];
    int64_t count = hf_market_book_levels(book, side, levels, HF_DEPTH_LEVELS_MAX);
    for (int64_t i = 0; i < count; i++) {
        printf("book %" PRIu32 " %s %" PRId64 " %" PRIu64 " %" PRIu32 "\n", instrument,
               side == HF_BUY ? "bid" : "ask", levels[i].price, levels[i].quantity,
               levels[i].orders);
    }
}

static int
finish(struct follower *follower)
{
    struct hf_market_facts facts;
    uint64_t joins = 0;
    hf_market_facts(follower->market, &facts);
    for (unsigned i = 0; i < BOOKS; i++) {
        struct hf_market_book_facts book;
        hf_market_book_facts(follower->books[i], &book);
        print_side(i + 1, follower->books[i], HF_BUY);
        print_side(i + 1, follower->books[i], HF_SELL);
        joins += book.joins;
        if (book.joins > facts.lapped + 1) {
            fail(follower, "a book was rebuilt although nothing was missed", book.joins);
        }
    }
    /* The last gap is known when the next event comes: until then the library knows more. */
    if (follower->gaps > facts.missed) {
        fail(follower, "more was missed than was told", follower->gaps);
    }
    printf("events=%" PRIu64 " missed=%" PRIu64 " lapped=%" PRIu64 " joins=%" PRIu64
           " durable=%d last=%" PRIu64 " history=%" PRIu64 "\n",
           follower->events, facts.missed, facts.lapped, joins, follower->durable, facts.number,
           facts.history);
    return follower->failed ? 1 : 0;
}

static int
task_follow(int argc, char **argv)
{
    struct follower follower = {.durable = argc > 3 && strcmp(argv[3], "durable") == 0};
    struct hf_market_facts facts;
    int code =
        hf_market_open(&follower.market, NULL, argv[2], follower.durable ? HF_MARKET_DURABLE : 0);
    for (unsigned i = 0; i < BOOKS && code == HF_OK; i++) {
        code = hf_market_book_open(follower.market, i + 1, &follower.books[i]);
    }
    if (code != HF_OK) {
        return complain("open", code);
    }
    hf_market_facts(follower.market, &facts);
    follower.next = facts.number + 1;
    follower.history = facts.history;
    printf("following from %" PRIu64 "\n", follower.next);
    (void)fflush(stdout);
    follow(&follower);
    int result = finish(&follower);
    hf_market_close(follower.market);
    return result;
}

/* Where the ring is mapped, and what the kernel allows there. */
static unsigned char *
find_ring(char permissions[8], size_t *len_bytes)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    unsigned char *found = NULL;
    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        uintptr_t from;
        uintptr_t to;
        if (strstr(line, ".md\n") != NULL &&
            sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &from, &to, permissions) == 3) {
            found = (unsigned char *)from; /* NOLINT: an address of our own */
            *len_bytes = to - from;
        }
    }
    if (maps != NULL) {
        (void)fclose(maps);
    }
    return found;
}

/* In a child: the write must end it. */
static int
killed_by(unsigned char *ring)
{
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL);               /* a sanitizer would catch it */
        *(volatile unsigned char *)(ring + 4096) = 1; /* the compiler must not leave it out */
        _exit(0);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int
task_write(char **argv)
{
    struct hf_market *market;
    char permissions[8] = "";
    size_t len_bytes = 0;
    int code = hf_market_open(&market, NULL, argv[2], 0);
    if (code != HF_OK) {
        return complain("open", code);
    }
    unsigned char *ring = find_ring(permissions, &len_bytes);
    bool good = ring != NULL && strcmp(permissions, "r--s") == 0 &&
                mprotect(ring, len_bytes, PROT_READ | PROT_WRITE) != 0;
    int signal_number = ring == NULL ? 0 : killed_by(ring);
    printf("permissions %s, a write ends with signal %d\n", permissions, signal_number);
    hf_market_close(market);
    return good && signal_number == SIGSEGV ? 0 : 1;
}

int
main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "follow") == 0) {
        return task_follow(argc, argv);
    }
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        return task_write(argv);
    }
    fprintf(stderr, "usage: subscriber follow SOCKET [durable] | write SOCKET\n");
    return 2;
}
