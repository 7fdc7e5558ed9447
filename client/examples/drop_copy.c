/*
 * drop_copy.c - copies of other sessions' reports into a file of CSV, each once: for a clearing system, a
 * surveillance, a ledger.
 *
 *     example_drop_copy FILE [SOCKET]        goes on where FILE ends, until SIGTERM
 *
 * An administrator says whose reports are copied: sessions belong to groups, and this one, "drop_copy", gets
 * the copies of a group.
 *
 *     holdfast admin entitle alice group 7
 *     holdfast admin entitle drop_copy drop-copy 7
 *
 * Copies are reports of this session, numbered and kept like all reports. So the file itself tells where to go
 * on: behind the number in its last line. Lines are on the medium before their reports are given back, and a
 * line that a crash has torn is cut off: nothing is missing, nothing comes twice. Only what is durable is
 * copied, so that no loss of power takes it back.
 */
#define _POSIX_C_SOURCE 200809L /* ftruncate: with -std=c17 */
#include <errno.h>
#include <holdfast/holdfast.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define LINE_BYTES 512

static const char columns[] = "number,lsn,time_ns,session,session_number,type,side,instrument,"
                              "client_order_id,order_id,price,quantity,leaves,executed,trade_index,"
                              "maker,reason\n";

static volatile sig_atomic_t stopped;

static void
stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* The file */

/* Cut off a line that has no end, and find the number of the last report in it.
 * @return 0, or why not, of errno */
static int
find_end(FILE *file, uint64_t *number)
{
    char line[LINE_BYTES];
    long whole = 0;
    *number = 0;
    rewind(file);
    while (fgets(line, sizeof(line), file) != NULL && strchr(line, '\n') != NULL) {
        whole = ftell(file);
        uint64_t first =
            strtoull(line, NULL, 10); /* 0 of the first line, which names the columns */
        *number = first != 0 ? first : *number;
    }
    if (ferror(file) != 0 || ftruncate(fileno(file), whole) != 0 ||
        fseek(file, whole, SEEK_SET) != 0) {
        return errno;
    }
    return whole > 0 || fputs(columns, file) >= 0 ? 0 : errno;
}

static int
make_durable(FILE *file)
{
    return fflush(file) == 0 && fsync(fileno(file)) == 0 ? 0 : errno;
}

/* Copies */

/* Of the words that several types of report share, each column has its own. */
static void
write_copy(FILE *file, const struct hf_report *report, const struct hf_report_copy *copy)
{
    bool fill = report->type == HF_REPORT_FILL;
    bool trade = fill || report->type == HF_REPORT_BUSTED;
    bool ended = report->type == HF_REPORT_CANCELLED;
    bool refused = report->type == HF_REPORT_REJECTED;
    bool by_id = ended || report->type == HF_REPORT_REDUCED || report->type == HF_REPORT_TRIGGERED;
    bool entered = report->type == HF_REPORT_ACCEPTED;
    uint64_t order_id = by_id ? report->order_id : entered ? report->lsn : copy->order_id;
    fprintf(file, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu64 ",%s,%s,%" PRIu32,
            report->number, report->lsn, report->time_ns, copy->session, copy->original_number,
            hf_report_type_name(report->type), report->side != 0 ? hf_side_name(report->side) : "",
            trade || ended || refused ? 0 : report->instrument);
    fprintf(file,
            ",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32,
            report->client_order_id, order_id, by_id ? 0 : report->price, report->quantity,
            fill ? report->leaves : 0, copy->executed, trade ? report->trade_index : 0);
    fprintf(file, ",%d,%s\n", fill && (report->flags & HF_REPORT_MAKER) != 0,
            ended || refused ? hf_reason_name(report->reason) : "");
}

/* All that are there; those of this session itself are passed over. @return how many were written */
static uint64_t
write_copies(struct hf_client *client, FILE *file)
{
    uint64_t count = 0;
    for (const struct hf_report *report; (report = hf_peek(client)) != NULL; hf_next(client)) {
        const struct hf_report_copy *copy = hf_copy(client, report);
        if (copy != NULL) {
            write_copy(file, report, copy);
            count++;
        }
    }
    return count;
}

static int
follow(struct hf_client *client, FILE *file)
{
    while (stopped == 0) {
        int code = hf_wait_report(client, SECOND_NS / 10);
        if (code == HF_LOST) {
            struct hf_session_facts facts;
            hf_facts(client, &facts);
            fprintf(stderr, "drop copy: reports %" PRIu64 " to %" PRIu64 " are lost\n",
                    facts.lost_first, facts.lost_last);
        } else if (code != HF_OK && !hf_error_is_retriable(code)) {
            return code;
        }
        if (write_copies(client, file) > 0 && make_durable(file) != 0) {
            return HF_E_IO;
        }
        hf_release(client);
    }
    return HF_OK;
}

/* @return HF_OK when told to stop; HF_E_SESSION, HF_E_HISTORY: anew; else it has said what is wrong */
static int
copy_into(FILE *file, const char *path, const char *socket_path)
{
    uint64_t last;
    int error = find_end(file, &last);
    if (error != 0) {
        fprintf(stderr, "drop copy: %s: %s\n", path, strerror(error));
        return HF_E_IO;
    }
    struct hf_client *client;
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = "holdfast",
                                        .socket_path = socket_path,
                                        .session = "drop_copy",
                                        .flags = HF_OPEN_DURABLE,
                                        .next_report = last != 0 ? last + HF_MESSAGE_SLOTS_MAX : 0,
                                        .patience_ns = 60 * SECOND_NS};
    int code = hf_open(&client, &options);
    if (code != HF_OK) {
        fprintf(stderr, "drop copy: %s\n", hf_open_error());
        return code;
    }
    printf("copying behind report %" PRIu64 "\n", last);
    (void)fflush(stdout);
    code = follow(client, file);
    if (code != HF_OK) {
        fprintf(stderr, "drop copy: %s\n", hf_strerror(code));
    }
    hf_detach(client);
    return code;
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE [SOCKET]\n", argv[0]);
        return 64;
    }
    (void)signal(SIGTERM, stop);
    (void)signal(SIGINT, stop);
    FILE *file = fopen(argv[1], "a+"); /* made, if there is none; "r+" can be cut, too */
    file = file == NULL ? NULL : freopen(argv[1], "r+", file);
    if (file == NULL) {
        perror(argv[1]);
        return 1;
    }
    int code;
    do {
        code = copy_into(file, argv[1], argc > 2 ? argv[2] : NULL);
    } while (code == HF_E_SESSION || code == HF_E_HISTORY);
    return fclose(file) == 0 && code == HF_OK ? 0 : 1;
}
