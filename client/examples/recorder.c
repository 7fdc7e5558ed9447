/*
 * recorder.c - market data into a file: every event of an instance, 64 bytes each, as market.h lays them out.
 *
 *     example_recorder record FILE [SOCKET]     goes on where FILE ends, until SIGTERM
 *     example_recorder print FILE               the same as lines of CSV
 *
 *   FILE:  | head, 64 bytes: magic, version, instance | event | event | ...
 *
 * Only what is durable is recorded, so that no loss of power takes back what stands in the file. Events are
 * numbered by the instance: numbers that are not there happened while nobody recorded, or so fast that the
 * recorder was overtaken. Whatever a crash left behind the last whole event is cut off.
 */
#define _POSIX_C_SOURCE 200809L /* ftruncate: with -std=c17 */
#include <errno.h>
#include <holdfast/holdfast.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x31544e5645464c48) /* "HLFEVNT1" */
#define SECOND_NS UINT64_C(1000000000)
#define BATCH 512

struct head {
    uint64_t magic;
    uint64_t version; /* of the events: HF_PROTOCOL_VERSION */
    uint64_t instance_id;
    uint64_t reserved[5];
};

_Static_assert(sizeof(struct head) == sizeof(struct hf_market_event),
               "the head is as long as an event");

static volatile sig_atomic_t stopped;

static void
stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int
complain(const char *path, const char *what)
{
    fprintf(stderr, "recorder: %s: %s\n", path, what);
    return 1;
}

/* Why reading or writing failed. @return -1 */
static int64_t
failed(const char *path)
{
    (void)complain(path, strerror(errno != 0 ? errno : EIO));
    return -1;
}

static const char foreign[] = "no file of this recorder; name another";

static const char *
head_fault(const struct head *head)
{
    if (head->magic != MAGIC) {
        return foreign;
    }
    return head->version == HF_PROTOCOL_VERSION ? NULL : "events of another version";
}

/* Go to the end, behind the last whole event. @return its number, 0: there is none; -1: it has said why not */
static int64_t
go_to_end(FILE *file, const char *path)
{
    struct hf_market_event last;
    const long unit = (long)sizeof(last);
    if (fseek(file, 0, SEEK_END) != 0) {
        return failed(path);
    }
    long end = ftell(file) / unit * unit;
    if (ftruncate(fileno(file), end) != 0 || fseek(file, end - unit, SEEK_SET) != 0 ||
        fread(&last, sizeof(last), 1, file) != 1 || fseek(file, end, SEEK_SET) != 0) {
        return failed(path);
    }
    return end == unit ? 0 : (int64_t)last.number;
}

/* A file that is empty, or holds a head that a crash has torn, and nothing else. */
static bool
is_new(const struct head *head, size_t bytes)
{
    const uint64_t magic = MAGIC;
    return bytes < sizeof(*head) &&
           memcmp(head, &magic, bytes < sizeof(magic) ? bytes : sizeof(magic)) == 0;
}

/* A new file gets its head, an old one must be of this instance. @return as go_to_end() */
static int64_t
begin(FILE *file, const char *path, uint64_t instance_id)
{
    struct head head;
    size_t bytes = fread(&head, 1, sizeof(head), file);
    if (ferror(file) != 0) {
        return failed(path);
    }
    if (is_new(&head, bytes)) {
        head = (struct head){
            .magic = MAGIC, .version = HF_PROTOCOL_VERSION, .instance_id = instance_id};
        rewind(file);
        bool written = fwrite(&head, sizeof(head), 1, file) == 1 && fflush(file) == 0;
        return written ? go_to_end(file, path) : failed(path);
    }
    const char *fault = bytes < sizeof(head) ? foreign : head_fault(&head);
    if (fault == NULL && head.instance_id != instance_id) {
        fault = "events of another instance";
    }
    if (fault != NULL) {
        (void)complain(path, fault);
        return -1;
    }
    return go_to_end(file, path);
}

/* Say it when numbers are passed over; run back they do only with a new history. */
static uint64_t
note_gap(uint64_t last, const struct hf_market_event *events, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        if (last != 0 && events[i].number != last + 1) {
            fprintf(stderr, "recorder: behind event %" PRIu64 " comes event %" PRIu64 "\n", last,
                    events[i].number);
        }
        last = events[i].number;
    }
    return last;
}

/* Until it is told to stop. What is there is written at once, and flushed when there is no more.
 * @return 0, or it has said why not */
static int
follow(struct hf_market *market, FILE *file, const char *path, uint64_t last)
{
    struct hf_market_event events[BATCH];
    while (stopped == 0) {
        int64_t count = hf_market_read_many(market, events, BATCH);
        if (count > 0) {
            last = note_gap(last, events, count);
            if (fwrite(events, sizeof(events[0]), (size_t)count, file) != (size_t)count) {
                return (int)failed(path);
            }
        } else if (count == 0 || hf_error_is_retriable((int)count)) { /* or it is being restarted */
            if (fflush(file) != 0) {
                return (int)failed(path);
            }
            (void)hf_market_wait(market, SECOND_NS / 10);
        } else {
            fprintf(stderr, "recorder: %s\n", hf_strerror((int)count));
            return -1;
        }
    }
    return fflush(file) == 0 ? 0 : (int)failed(path);
}

static int
record_into(FILE *file, const char *path, struct hf_market *market)
{
    struct hf_status status;
    hf_market_status(market, &status);
    int64_t last = begin(file, path, status.instance_id);
    if (last < 0) {
        return -1;
    }
    printf("recording behind event %" PRId64 "\n", last);
    (void)fflush(stdout);
    return follow(market, file, path, (uint64_t)last);
}

/* Two would write over each other. The lock ends with the process, however that ends.
 * @return 0, or it has said why not */
static int
lock(FILE *file, const char *path)
{
    if (flock(fileno(file), LOCK_EX | LOCK_NB) == 0) {
        return 0;
    }
    return errno == EWOULDBLOCK ? complain(path, "another recorder writes it") : (int)failed(path);
}

static int
record(const char *path, const char *socket_path)
{
    struct hf_market *market;
    if (hf_market_open(&market, "holdfast", socket_path, HF_MARKET_DURABLE) != HF_OK) {
        fprintf(stderr, "recorder: %s\n", hf_open_error());
        return 1;
    }
    FILE *file = fopen(path, "a+b"); /* made if there is none; "r+" moves where it writes */
    file = file == NULL ? NULL : freopen(path, "r+b", file);
    int code = file == NULL ? (int)failed(path) : lock(file, path);
    code = code == 0 ? record_into(file, path, market) : code;
    hf_market_close(market);
    if (file != NULL) {
        (void)fclose(file); /* all was flushed, or the reason was told */
    }
    return code == 0 ? 0 : 1;
}

static void
print_event(const struct hf_market_event *event)
{
    printf("%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s,%s,%" PRIu32 ",%" PRIu64 ",%" PRId64 ",%" PRIu64
           ",%u,%u,%" PRIu64 "\n",
           event->number, event->lsn, event->time_ns, hf_market_type_name(event->type),
           event->side != 0 ? hf_side_name(event->side) : "", event->instrument, event->order_id,
           event->price, event->quantity, event->phase, event->flags, event->trade_index);
}

static int
print(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct head head;
    if (file == NULL || fread(&head, sizeof(head), 1, file) != 1) {
        return complain(path, "cannot be read");
    }
    const char *fault = head_fault(&head);
    if (fault != NULL) {
        return complain(path, fault);
    }
    puts("number,lsn,time_ns,type,side,instrument,order_id,price,quantity,phase,flags,trade_index");
    for (struct hf_market_event event; fread(&event, sizeof(event), 1, file) == 1;) {
        print_event(&event);
    }
    bool good = ferror(file) == 0 && fflush(stdout) == 0;
    (void)fclose(file);
    return good ? 0 : complain(path, "cannot be read, or its lines not written");
}

int
main(int argc, char **argv)
{
    (void)signal(SIGTERM, stop);
    (void)signal(SIGINT, stop);
    if (argc > 2 && strcmp(argv[1], "record") == 0 && argv[2][0] != '-') {
        return record(argv[2], argc > 3 ? argv[3] : NULL);
    }
    if (argc == 3 && strcmp(argv[1], "print") == 0) {
        return print(argv[2]);
    }
    fprintf(stderr, "usage: %s record FILE [SOCKET] | print FILE\n", argv[0]);
    return 64;
}
