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
 * on: behind the number in its last line, or, where the session was closed and made anew meanwhile, whose id is the
 * last word of each line, at the first report of the new one. Lines are on the medium before their reports are given back, and a
 * line that a crash has torn is cut off: nothing is missing, nothing comes twice. Only what is durable is
 * copied, so that no loss of power takes it back. A file that does not begin with the columns is left alone.
 *
 * A column is 0, or empty, where its report has no word for it: a report is one slot, and its own session knows its
 * orders. Who joins lines takes what is missing from the last accepted, replaced or order line before of the same
 * session and client_order_id.
 *
 *     instrument     not in fill, busted, cancelled, rejected
 *     order_id       not in fill, busted, rejected, done
 *     price          not in cancelled, reduced, triggered, done
 *     leaves, maker  only in fill
 *     executed       only in replaced, order
 *     trade_index    only in fill, busted
 *     reason         only in cancelled, rejected
 */
#define _POSIX_C_SOURCE 200809L /* ftruncate: with -std=c17 */
#include <errno.h>
#include <holdfast/holdfast.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define PATIENCE_NS (SECOND_NS / 5) /* of one try to open: no signal ends it */
#define TRIES 300u                  /* a minute */
#define LINE_BYTES 512

static const char columns[] = "number,lsn,time_ns,session,session_number,type,side,instrument,"
                              "client_order_id,order_id,price,quantity,leaves,executed,trade_index,"
                              "maker,reason,copied_by\n";

static volatile sig_atomic_t stopped;

static void
stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* The file */

/* Where a file ends. */
struct end {
    uint64_t number;  /* of the last report in it; 0: there is none */
    uint64_t session; /* the id of the session that got it */
    long whole;       /* bytes up to behind the last line that has an end */
};

static bool
take_line(const char *line, struct end *end)
{
    const char *last = strrchr(line, ',');
    if (last == NULL) {
        return false;
    }
    end->number = strtoull(line, NULL, 10);
    end->session = strtoull(last + 1, NULL, 10);
    return end->number != 0 && end->session != 0;
}

/* Only what this program has written: the columns, lines, and perhaps one that a crash has torn. */
static bool
read_lines(FILE *file, struct end *end)
{
    char line[LINE_BYTES];
    *end = (struct end){0};
    rewind(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strchr(line, '\n') == NULL) {
            return feof(file) != 0 && (end->whole > 0 || strncmp(columns, line, strlen(line)) == 0);
        }
        if (end->whole == 0 ? strcmp(line, columns) != 0 : !take_line(line, end)) {
            return false;
        }
        end->whole = ftell(file);
    }
    return true;
}

/* Go to the end, behind the last whole line. @return 0, or it has said why not */
static int
go_to_end(FILE *file, const char *path, struct end *end)
{
    bool own = read_lines(file, end);
    if (!own && ferror(file) == 0) {
        fprintf(stderr, "drop copy: %s: no file of a drop copy; name another\n", path);
        return HF_E_ARGUMENT;
    }
    if (ferror(file) != 0 || ftruncate(fileno(file), end->whole) != 0 ||
        fseek(file, end->whole, SEEK_SET) != 0 || (end->whole == 0 && fputs(columns, file) < 0)) {
        fprintf(stderr, "drop copy: %s: %s\n", path, strerror(errno));
        return HF_E_IO;
    }
    return HF_OK;
}

/* @return 0, or it has said why not. What stdio could not write earlier is told here, too. */
static int
make_durable(FILE *file, const char *path)
{
    if (ferror(file) == 0 && fflush(file) == 0 && fsync(fileno(file)) == 0) {
        return HF_OK;
    }
    fprintf(stderr, "drop copy: %s: %s\n", path, strerror(errno != 0 ? errno : EIO));
    return HF_E_IO;
}

/* Copies */

/* Of the words that several types of report share, each column has its own. */
static void
write_copy(FILE *file, const struct hf_report *report, const struct hf_report_copy *copy,
           uint64_t copied_by)
{
    bool fill = report->type == HF_REPORT_FILL;
    bool trade = fill || report->type == HF_REPORT_BUSTED;
    bool ended = report->type == HF_REPORT_CANCELLED;
    bool refused = report->type == HF_REPORT_REJECTED;
    bool by_id = ended || report->type == HF_REPORT_REDUCED || report->type == HF_REPORT_TRIGGERED;
    bool entered = report->type == HF_REPORT_ACCEPTED;
    bool priced = !by_id && report->type != HF_REPORT_DONE; /* there it is where a list goes on */
    uint64_t order_id = by_id ? report->order_id : entered ? report->lsn : copy->order_id;
    fprintf(file, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu64 ",%s,%s,%" PRIu32,
            report->number, report->lsn, report->time_ns, copy->session, copy->original_number,
            hf_report_type_name(report->type), report->side != 0 ? hf_side_name(report->side) : "",
            trade || ended || refused ? 0 : report->instrument);
    fprintf(file,
            ",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32,
            report->client_order_id, order_id, priced ? report->price : 0, report->quantity,
            fill ? report->leaves : 0, copy->executed, trade ? report->trade_index : 0);
    fprintf(file, ",%d,%s,%" PRIu64 "\n", fill && (report->flags & HF_REPORT_MAKER) != 0,
            ended || refused ? hf_reason_name(report->reason) : "", copied_by);
}

/* All that are there; those of this session itself are passed over. @return how many were written */
static uint64_t
write_copies(struct hf_client *client, FILE *file)
{
    uint64_t count = 0;
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    errno = 0;
    for (const struct hf_report *report; (report = hf_peek(client)) != NULL; hf_next(client)) {
        const struct hf_report_copy *copy = hf_copy(client, report);
        if (copy != NULL) {
            write_copy(file, report, copy, facts.session_id);
            count++;
        }
    }
    return count;
}

static void
tell_of_loss(const struct hf_client *client)
{
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    fprintf(stderr, "drop copy: reports %" PRIu64 " to %" PRIu64 " are lost\n", facts.lost_first,
            facts.lost_last);
}

/* Until it is told to stop. @return as copy_into() */
static int
follow(struct hf_client *client, FILE *file, const char *path)
{
    while (stopped == 0) {
        int code = hf_wait_report(client, SECOND_NS / 10);
        if (code == HF_LOST) {
            tell_of_loss(client);
        } else if (code != HF_OK && !hf_error_is_retriable(code)) {
            fprintf(stderr, "drop copy: %s\n", hf_strerror(code));
            return code;
        }
        if (write_copies(client, file) > 0 && make_durable(file, path) != HF_OK) {
            return HF_E_IO;
        }
        hf_release(client);
    }
    return HF_OK;
}

/* Again while the daemon is being restarted, say, unless told to stop. */
static int
open_unless_stopped(struct hf_client **client, struct hf_client_options *options)
{
    int code = hf_open(client, options);
    for (unsigned tries = 1; hf_error_is_retriable(code) && tries < TRIES && stopped == 0;
         tries++) {
        code = hf_open(client, options);
    }
    if (code != HF_OK && stopped == 0) {
        fprintf(stderr, "drop copy: %s\n", hf_open_error());
    }
    return code;
}

/* Open the session at the report that the file lacks. Whose numbers the file has only the open session tells, so
 * that it is opened twice. */
static int
open_behind(struct hf_client **client, struct end *end, const char *socket_path)
{
    struct hf_session_facts facts;
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = "holdfast",
                                        .socket_path = socket_path,
                                        .session = "drop_copy",
                                        .flags = HF_OPEN_DURABLE,
                                        .patience_ns = PATIENCE_NS};
    int code = open_unless_stopped(client, &options);
    if (code != HF_OK || end->number == 0) {
        return code;
    }
    hf_facts(*client, &facts);
    bool same = facts.session_id == end->session;
    options.next_report = same ? end->number + HF_MESSAGE_SLOTS_MAX : 1;
    if (!same) {
        printf("session %s was made anew behind report %" PRIu64 "\n", options.session,
               end->number);
        end->number = 0;
    }
    hf_detach(*client);
    *client = NULL;
    return open_unless_stopped(client, &options);
}

/* @return HF_OK when told to stop; HF_E_SESSION, HF_E_HISTORY: anew; else it has said what is wrong */
static int
copy_into(FILE *file, const char *path, const char *socket_path)
{
    struct end end;
    struct hf_client *client = NULL;
    int code = go_to_end(file, path, &end);
    if (code == HF_OK) {
        code = open_behind(&client, &end, socket_path);
    }
    if (code == HF_OK) {
        printf("copying behind report %" PRIu64 "\n", end.number);
        (void)fflush(stdout);
        code = follow(client, file, path);
    }
    hf_detach(client);
    return stopped != 0 && hf_error_is_retriable(code) ? HF_OK : code;
}

int
main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') { /* --help, and whatever else is no name of a file */
        fprintf(stderr, "usage: %s FILE [SOCKET]\n", argv[0]);
        return 64;
    }
    (void)signal(SIGTERM, stop);
    (void)signal(SIGINT, stop);
    FILE *file = fopen(argv[1], "a+"); /* made, if there is none; "r+" can be cut, too */
    file = file == NULL ? NULL : freopen(argv[1], "r+", file);
    if (file == NULL || flock(fileno(file), LOCK_EX | LOCK_NB) != 0) { /* until it is closed */
        bool other = file != NULL && errno == EWOULDBLOCK;
        fprintf(stderr, "drop copy: %s: %s\n", argv[1],
                other ? "another drop copy writes it" : strerror(errno));
        return 1;
    }
    int code;
    do {
        code = copy_into(file, argv[1], argc > 2 ? argv[2] : NULL);
    } while (code == HF_E_SESSION || code == HF_E_HISTORY);
    return fclose(file) == 0 && code == HF_OK ? 0 : 1;
}
