/*
 * test_replay.c - whole replays of small generated files through the in-process engine: what is
 * applied, what is left out and why, and that a wrong row, a wrong maker or a damaged file is seen.
 */
#include "client/itch_bytes.h"
#include "client/temporary_files.h"

#include "cli/cli.h"
#include "cli/replay.h"

#include <criterion/redirect.h>
#include <jansson.h>

static struct hf_replay replay;

static void
clean_up(void)
{
    hf_replay_destroy(&replay);
    remove_directory();
}

TestSuite(replay, .init = make_directory, .fini = clean_up, .timeout = 120);

static int
run(enum hf_replay_format format, const char *file, const char *book)
{
    hf_replay_destroy(&replay);
    replay = (struct hf_replay){.options = {.file = file,
                                            .book = book,
                                            .format = format,
                                            .sessions = 4,
                                            .min_maker = 100,
                                            .min_rows = book == NULL ? -1 : 100}};
    return hf_replay_run(&replay);
}

static uint64_t
count(enum hf_replay_count which)
{
    return replay.result.count[which];
}

#define STREAM_HEADER "row,op,id,side,price,qty,maker,sync\n"

static const char stream_text[] = STREAM_HEADER "1,N,1,S,101,10,,0\n"
                                                "1,N,2,B,99,5,,1\n"
                                                "2,X,,B,101,6,1,0\n"
                                                "3,N,3,S,102,7,,0\n"
                                                "3,R,2,B,99,1,,0\n"
                                                "4,U,3,S,103,9,4,0\n"
                                                "5,C,4,,,,,0\n"
                                                "6,O,1,S,101,1,,0\n"
                                                "7,H,,,,,,0\n";

#define NO_ASK "9999999999,0"
#define NO_BID "-9999999999,0"

static const char *const stream_rows[] = {
    "101,10,99,5," NO_ASK "," NO_BID, "101,4,99,5," NO_ASK "," NO_BID,
    "101,4,99,4,102,7," NO_BID,       "101,4,99,4,103,9," NO_BID,
    "101,4,99,4," NO_ASK "," NO_BID,  "101,3,99,4," NO_ASK "," NO_BID,
    "101,3,99,4," NO_ASK "," NO_BID,  "101,3,99,4," NO_ASK "," NO_BID,
};
enum { STREAM_ROWS = sizeof stream_rows / sizeof stream_rows[0] };

/** An orderbook file of these rows, in which row `other` (1, 2...; 0: none) is another text. */
static const char *
write_rows(const char *const *rows, size_t row_count, size_t other, const char *text)
{
    char file[4096] = "";
    for (size_t i = 0; i < row_count; i++) {
        strcat(file, i + 1 == other ? text : rows[i]);
        strcat(file, "\n");
    }
    return write_text("rows", file);
}

Test(replay, a_stream_is_applied_and_every_row_compared)
{
    const char *file = write_text("stream", stream_text);
    const char *rows = write_rows(stream_rows, STREAM_ROWS, 0, "");
    cr_assert_eq(run(HF_REPLAY_STREAM, file, rows), 0, "%s", replay.error);
    cr_expect_eq(replay.result.messages, 9);
    cr_expect_eq(replay.result.rows, STREAM_ROWS);
    cr_expect_eq(replay.result.rows_equal, STREAM_ROWS);
    cr_expect_eq(replay.result.maker_right, 1);
    cr_expect_eq(replay.result.executions, 1);
    cr_expect_eq(count(HF_APPLIED_SUBMIT), 3);
    cr_expect_eq(count(HF_APPLIED_REPLACE), 1);
    cr_expect_eq(count(HF_APPLIED_CANCEL), 1);
    cr_expect_eq(count(HF_APPLIED_REDUCE), 1);
    cr_expect_eq(count(HF_APPLIED_UNEXPLAINED), 1);
    cr_expect_eq(count(HF_LEFT_HALT), 1);
    cr_expect_eq(count(HF_BOOKKEEPING_SYNC), 1);
    cr_expect_eq(replay.result.commands, 8);
    cr_expect(hf_replay_passed(&replay));
}

Test(replay, one_session_or_many_give_the_same)
{
    const char *file = write_text("stream", stream_text);
    const char *rows = write_rows(stream_rows, STREAM_ROWS, 0, "");
    for (uint32_t sessions = 1; sessions <= HF_REPLAY_SESSIONS_MAX; sessions *= 4) {
        hf_replay_destroy(&replay);
        replay = (struct hf_replay){.options = {.file = file,
                                                .book = rows,
                                                .format = HF_REPLAY_STREAM,
                                                .sessions = sessions,
                                                .min_maker = 100,
                                                .min_rows = 100}};
        cr_assert_eq(hf_replay_run(&replay), 0, "%s", replay.error);
        cr_expect(hf_replay_passed(&replay), "%u sessions", sessions);
    }
}

Test(replay, a_row_that_is_not_equal_is_found_whatever_is_wrong_with_it)
{
    static const char *const wrong[] = {
        "101,4,99,5,102,7," NO_BID,      /* quantity */
        "101,4,98,4,102,7," NO_BID,      /* price */
        "101,4,99,4," NO_ASK "," NO_BID, /* a level too few */
        "101,4,99,4,102,7,98,1",         /* a level too many */
    };
    const char *file = write_text("stream", stream_text);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *rows = write_rows(stream_rows, STREAM_ROWS, 3, wrong[i]);
        cr_assert_eq(run(HF_REPLAY_STREAM, file, rows), 0, "%s", replay.error);
        cr_expect_eq(replay.result.rows_equal, STREAM_ROWS - 1, "%s", wrong[i]);
        cr_expect_eq(replay.result.unequal[0], 3);
        cr_expect_not(hf_replay_passed(&replay));
        replay.options.min_rows = 87.5; /* 7 of 8 */
        cr_expect(hf_replay_passed(&replay));
    }
}

static const char two_makers[] = STREAM_HEADER "1,N,1,S,101,10,,0\n"
                                               "1,N,2,S,101,10,,0\n"
                                               "2,X,,B,101,%d,%d,0\n";

Test(replay, a_wrong_maker_is_found_and_named)
{
    static const struct {
        int quantity, maker;
        bool right;
    } cases[] = {{6, 1, true}, {10, 1, true}, {6, 2, false}, {12, 1, false}, {6, 9, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, two_makers, cases[i].quantity, cases[i].maker);
        cr_assert_eq(run(HF_REPLAY_STREAM, write_text("stream", text), NULL), 0);
        cr_expect_eq(replay.result.maker_right, cases[i].right);
        cr_expect_eq(replay.result.maker_wrong, !cases[i].right);
        cr_expect_eq(hf_replay_passed(&replay), cases[i].right);
        if (!cases[i].right) {
            cr_expect_eq(replay.result.wrong[0].row, 2);
            cr_expect_eq(replay.result.wrong[0].record, (uint64_t)cases[i].maker);
            cr_expect_eq(replay.result.wrong[0].engine, 1);
        }
    }
}

Test(replay, a_replaced_order_goes_to_the_back_whatever_has_changed)
{
    static const char *const changes[] = {"101,4", "101,10", "101,11"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 STREAM_HEADER "1,N,1,S,101,10,,0\n1,N,2,S,101,10,,0\n1,U,1,S,%s,3,0\n"
                               "2,X,,B,101,10,2,0\n3,X,,B,101,4,3,0\n",
                 changes[i]);
        cr_assert_eq(run(HF_REPLAY_STREAM, write_text("stream", text), NULL), 0);
        cr_expect_eq(replay.result.maker_right, 2, "%s", changes[i]);
        cr_expect_eq(replay.result.rejects, 0);
    }
}

Test(replay, a_replacement_keeps_what_was_executed_out_of_the_open_quantity)
{
    const char *text = STREAM_HEADER "1,N,1,S,101,10,,0\n1,X,,B,101,6,1,0\n1,U,1,S,102,9,2,0\n";
    const char *rows = write_text("rows", "102,9," NO_BID "\n");
    cr_assert_eq(run(HF_REPLAY_STREAM, write_text("stream", text), rows), 0, "%s", replay.error);
    cr_expect(hf_replay_passed(&replay));
}

Test(replay, an_id_that_is_live_in_another_session_is_not_used_twice)
{
    /* With four sessions, 2 and 3 have different ones, and a replacement stays in its own. */
    const char *text = STREAM_HEADER "1,N,2,S,101,10,,0\n1,N,3,S,101,10,,0\n1,U,2,S,102,9,3,0\n"
                                     "1,U,2,S,102,9,6,0\n1,N,6,S,103,1,,0\n";
    cr_assert_eq(run(HF_REPLAY_STREAM, write_text("stream", text), NULL), 0, "%s", replay.error);
    cr_expect_eq(count(HF_APPLIED_SUBMIT), 2);
    cr_expect_eq(count(HF_APPLIED_REPLACE), 1);
    cr_expect_eq(count(HF_LEFT_REFUSED), 2);
}

static const struct {
    const char *what;
    const char *stream;
    const char *error;
} bad_streams[] = {
    {"header", "row,op\n", "/stream: line 1: header is not"},
    {"letter", STREAM_HEADER "1,N,1,S,101,10,,0\n1,Q,1,S,101,10,,0\n", "/stream: line 3: op is"},
    {"rows backwards", STREAM_HEADER "2,H,,,,,,0\n1,H,,,,,,0\n", "line 3: rows run backwards"},
    {"a row too many", STREAM_HEADER "9,H,,,,,,0\n", "/rows ends at row 8 of 9"},
    {"rows far beyond", STREAM_HEADER "99,H,,,,,,0\n", "/rows ends at row 8 of 98"},
};

Test(replay, a_bad_stream_is_refused_with_file_and_line)
{
    const char *rows = write_rows(stream_rows, STREAM_ROWS, 0, "");
    for (size_t i = 0; i < sizeof bad_streams / sizeof bad_streams[0]; i++) {
        const char *file = write_text("stream", bad_streams[i].stream);
        cr_expect_eq(run(HF_REPLAY_STREAM, file, rows), HF_E_CORRUPT, "%s", bad_streams[i].what);
        cr_expect_not_null(strstr(replay.error, bad_streams[i].error), "%s: %s",
                           bad_streams[i].what, replay.error);
    }
}

Test(replay, a_bad_orderbook_file_is_refused_with_file_and_line)
{
    const char *file = write_text("stream", stream_text);
    const char *rows = write_rows(stream_rows, STREAM_ROWS, 2, "101,4,99");
    cr_expect_eq(run(HF_REPLAY_STREAM, file, rows), HF_E_CORRUPT);
    cr_expect_not_null(strstr(replay.error, "/rows: line 2: "), "%s", replay.error);
    rows = write_rows(stream_rows, STREAM_ROWS, 2, "101,4,99,5");
    cr_expect_eq(run(HF_REPLAY_STREAM, file, rows), HF_E_CORRUPT);
    cr_expect_not_null(strstr(replay.error, "/rows: line 2: row has not as many levels"));
    cr_expect_eq(run(HF_REPLAY_STREAM, file, path_of("absent")), HF_E_IO);
    cr_expect_eq(run(HF_REPLAY_STREAM, path_of("absent"), NULL), HF_E_IO);
}

/* A window of one level. Order 3 rests at 105 from before the file, 1 at 95 with more around it. */
static const char *const lobster_messages[] = {
    "1.1,5,0,1,100,-1",  "1.2,1,20,5,104,-1", "1.3,4,20,5,104,-1",
    "1.4,4,3,8,105,-1",  "1.5,3,1,10,95,1",   "1.6,7,0,0,-1,-1",
    "1.7,3,3,12,105,-1", "1.8,4,50,4,106,-1", "1.9,6,0,5,100,1",
};
static const char *const lobster_rows[] = {
    "105,20,95,30", "104,5,95,30", "105,20,95,30", "105,12,95,30", "105,12,95,20",
    "105,12,95,20", "106,9,95,20", "106,5,95,20",  "106,5,95,20",
};
enum { LOBSTER_ROWS = sizeof lobster_rows / sizeof lobster_rows[0] };

static const char *
write_messages(void)
{
    char file[1024] = "";
    for (size_t i = 0; i < LOBSTER_ROWS; i++) {
        strcat(file, lobster_messages[i]);
        strcat(file, "\n");
    }
    return write_text("AMZN_messages", file);
}

Test(replay, a_recording_is_replayed_with_levels_that_come_from_outside_the_window)
{
    const char *rows = write_rows(lobster_rows, LOBSTER_ROWS, 0, "");
    cr_assert_eq(run(HF_REPLAY_LOBSTER, write_messages(), rows), 0, "%s", replay.error);
    cr_expect_eq(replay.result.rows, LOBSTER_ROWS);
    cr_expect_eq(replay.result.rows_equal, LOBSTER_ROWS);
    cr_expect_eq(replay.result.executions, 3);
    cr_expect_eq(replay.result.maker_right, 3);
    cr_expect_eq(count(HF_LEFT_HIDDEN), 1);
    cr_expect_eq(count(HF_LEFT_CROSS), 1);
    cr_expect_eq(count(HF_LEFT_HALT), 1);
    cr_expect_eq(count(HF_APPLIED_SUBMIT), 1);
    cr_expect_eq(count(HF_APPLIED_CANCEL), 2);
    cr_expect_eq(count(HF_BOOKKEEPING_LEVELS_ENTERED), 4); /* two at first, 105 again, 106 */
    cr_expect_eq(count(HF_BOOKKEEPING_LEVELS_LEFT), 1);
    cr_expect_eq(count(HF_BOOKKEEPING_SEEDED), 4);  /* 3, 1, 3 again, 50 */
    cr_expect_eq(count(HF_BOOKKEEPING_FILLERS), 2); /* at 95 and 106 */
    cr_expect_eq(count(HF_BOOKKEEPING_DROPPED), 1);
    cr_expect_eq(replay.result.trades, 3);
    cr_expect_str_eq(replay.books.books[0]->symbol, "AMZN");
    cr_expect(hf_replay_passed(&replay));
}

Test(replay, an_unequal_row_of_a_recording_is_counted_once_and_set_right)
{
    const char *rows = write_rows(lobster_rows, LOBSTER_ROWS, 4, "105,11,95,30");
    cr_assert_eq(run(HF_REPLAY_LOBSTER, write_messages(), rows), 0, "%s", replay.error);
    /* Row 4 is wrong, and with the book set to it the right row 5 differs too. */
    cr_expect_eq(replay.result.rows_equal, LOBSTER_ROWS - 2);
    cr_expect_eq(replay.result.unequal[0], 4);
    cr_expect_eq(replay.result.unequal[1], 5);
    cr_expect_gt(count(HF_BOOKKEEPING_LEVELS_REPAIRED), 0);
    cr_expect_not(hf_replay_passed(&replay));
}

Test(replay, a_level_that_appears_inside_the_window_is_not_allowed_for)
{
    const char *rows = write_rows(lobster_rows, LOBSTER_ROWS, 5, "104,3,95,20");
    cr_assert_eq(run(HF_REPLAY_LOBSTER, write_messages(), rows), 0, "%s", replay.error);
    cr_expect_eq(replay.result.unequal[0], 5);
    cr_expect_lt(replay.result.rows_equal, LOBSTER_ROWS);
}

Test(replay, an_execution_of_an_order_that_is_not_first_counts_as_a_wrong_maker)
{
    const char *messages = write_text("m", "1,1,7,5,100,1\n2,1,8,5,100,1\n3,4,8,2,100,1\n");
    const char *rows = write_text("rows", "110,1,100,5\n110,1,100,10\n110,1,100,8\n");
    cr_assert_eq(run(HF_REPLAY_LOBSTER, messages, rows), 0, "%s", replay.error);
    cr_expect_eq(replay.result.rows_equal, 3);
    cr_expect_eq(replay.result.maker_wrong, 1);
    cr_expect_eq(replay.result.wrong[0].row, 3);
    cr_expect_eq(replay.result.wrong[0].record, 8);
    cr_expect_eq(replay.result.wrong[0].engine, 7);
    cr_expect_eq(count(HF_DIFFERS_NOT_FIRST), 1);
    cr_expect_eq(hf_replay_order_find(&replay.books, 8)->open, 3);
    cr_expect_not(hf_replay_passed(&replay));
}

Test(replay, an_order_that_does_not_fit_its_level_is_taken_from_the_filler)
{
    /* Order 9 takes more than the level had when it entered: it came while that was outside. */
    const char *messages = write_text("m", "1,5,0,1,1,1\n2,4,9,7,100,1\n3,2,9,1,100,1\n");
    const char *rows = write_text("rows", "110,1,100,7\n110,1," NO_BID "\n110,1," NO_BID "\n");
    cr_assert_eq(run(HF_REPLAY_LOBSTER, messages, rows), 0, "%s", replay.error);
    cr_expect_eq(count(HF_DIFFERS_UNKNOWN_MAKER), 1);
    cr_expect_eq(count(HF_LEFT_UNKNOWN_ORDER), 1);
    cr_expect_eq(replay.result.executions, 1);
    cr_expect_eq(replay.result.maker_right, 0);
    cr_expect_eq(replay.result.rows_equal, 3);
}

Test(replay, without_an_orderbook_file_earlier_orders_are_left_out)
{
    cr_assert_eq(run(HF_REPLAY_LOBSTER, write_messages(), NULL), 0, "%s", replay.error);
    cr_expect_eq(count(HF_LEFT_UNKNOWN_ORDER), 4);
    cr_expect_eq(replay.result.executions, 1);
    cr_expect_eq(replay.result.rows, 0);
}

Test(replay, message_and_orderbook_file_must_have_the_same_length)
{
    const char *rows = write_rows(lobster_rows, LOBSTER_ROWS - 1, 0, "");
    cr_expect_eq(run(HF_REPLAY_LOBSTER, write_messages(), rows), HF_E_CORRUPT);
    cr_expect_not_null(strstr(replay.error, "/rows ends after 8 of 9 rows"), "%s", replay.error);
    rows = write_text("rows", "1,1,0,0\n2,1,0,0\n");
    cr_expect_eq(run(HF_REPLAY_LOBSTER, write_text("m", "1,5,0,1,1,1\n"), rows), HF_E_CORRUPT);
    cr_expect_not_null(strstr(replay.error, "has more rows"), "%s", replay.error);
}

Test(replay, a_bad_message_is_refused_with_file_and_line)
{
    cr_expect_eq(run(HF_REPLAY_LOBSTER, write_text("m", "1,5,0,1,1,1\n1,5,0,1,1\n"), NULL),
                 HF_E_CORRUPT);
    cr_expect_not_null(strstr(replay.error, "/m: line 2: direction is not"), "%s", replay.error);
    cr_expect_eq(run(HF_REPLAY_LOBSTER, write_text("m", "1,1,9000000000000001,1,1,1\n"), NULL),
                 HF_E_CORRUPT, "ids of fillers are ours");
}

static struct itch_bytes itch;

/** Orders that trade on entry, orders that have gone, and every kind of message. */
static void
make_itch(void)
{
    itch = (struct itch_bytes){.framing = LENGTH_PREFIX};
    put_symbol(put_message(&itch, 'R') + 11, "AMZN");
    put_message(&itch, 'S');
    put_order(&itch, 'A', 1, 'B', 100, "AMZN", 10);
    put_order(&itch, 'F', 2, 'S', 50, "AMZN", 10); /* takes 50 of 1 and is gone */
    put_order(&itch, 'A', 3, 'S', 60, "AMZN", 10); /* takes the rest of 1; 10 rest */
    put_change(&itch, 'D', 1, 0, 0);               /* traded */
    put_change(&itch, 'E', 2, 5, 0);               /* traded */
    put_change(&itch, 'E', 3, 4, 0);               /* right: 6 left */
    put_change(&itch, 'C', 3, 2, 11);              /* at another price: 4 left */
    put_change(&itch, 'X', 3, 1, 0);               /* 3 left */
    put_replace(&itch, 3, 4, 6, 12);
    put_change(&itch, 'X', 4, 100, 0);            /* of more than is open: cut, and gone */
    put_change(&itch, 'D', 4, 0, 0);              /* ended */
    put_change(&itch, 'D', 99, 0, 0);             /* never seen */
    put_order(&itch, 'A', 0, 'B', 1, "AMZN", 10); /* no id */
    put_change(&itch, 'D', 0, 0, 0);              /* refused before */
    put_order(&itch, 'A', 5, 'B', 1, "MSFT", 10);
    put_order(&itch, 'A', 5, 'B', 1, "MSFT", 10); /* the same id again */
    put_order(&itch, 'P', 0, 'B', 1, "AMZN", 10);
    put_message(&itch, 'Q');
    put_message(&itch, 'B');
}

Test(replay, every_itch_message_is_applied_or_named_with_the_reason)
{
    make_itch();
    const char *file = write_packed("itch", XZ, itch.bytes, itch.length);
    cr_assert_eq(run(HF_REPLAY_ITCH, file, NULL), 0, "%s", replay.error);
    cr_expect_eq(replay.result.messages, 21);
    cr_expect_eq(count(HF_LEFT_ADMIN), 2);
    cr_expect_eq(count(HF_APPLIED_SUBMIT), 4);
    cr_expect_eq(count(HF_DIFFERS_TRADED_ON_ENTRY), 2);
    cr_expect_eq(count(HF_LEFT_GONE_TRADED), 2);
    cr_expect_eq(count(HF_APPLIED_EXECUTE), 1);
    cr_expect_eq(replay.result.maker_right, 1);
    cr_expect_eq(count(HF_APPLIED_OTHER_PRICE), 1);
    cr_expect_eq(count(HF_APPLIED_REDUCE), 2);
    cr_expect_eq(count(HF_APPLIED_REPLACE), 1);
    cr_expect_eq(count(HF_DIFFERS_SHORTENED), 1);
    cr_expect_eq(count(HF_LEFT_UNKNOWN_ORDER), 2);
    cr_expect_eq(count(HF_LEFT_REFUSED), 2);
    cr_expect_eq(count(HF_LEFT_GONE_REFUSED), 1);
    cr_expect_eq(count(HF_LEFT_TRADE), 1);
    cr_expect_eq(count(HF_LEFT_CROSS), 1);
    cr_expect_eq(count(HF_LEFT_BROKEN), 1);
    cr_expect_eq(replay.result.rejected[HF_REASON_MALFORMED_ID], 1);
    cr_expect_eq(replay.result.rejected[HF_REASON_DUPLICATE_ID], 1);
    cr_expect_eq(replay.books.book_count, 2);
    cr_expect_eq(hf_replay_order_find(&replay.books, 5)->open, 1);
    cr_expect_eq(replay.books.by_id.count, 1);
}

Test(replay, one_symbol_of_an_itch_file_can_be_asked_for)
{
    itch = (struct itch_bytes){.framing = ZERO_PREFIX};
    put_order(&itch, 'A', 1, 'B', 100, "AMZN", 10);
    put_order(&itch, 'A', 2, 'B', 100, "MSFT", 10);
    put_number(itch.bytes + itch.length - 36 + 1, 2, 2); /* another locate code */
    put_change(&itch, 'D', 2, 0, 0);
    put_number(itch.bytes + itch.length - 19 + 1, 2, 2);
    put_change(&itch, 'D', 1, 0, 0);
    replay = (struct hf_replay){.options = {.file = write_plain("f", itch.bytes, itch.length),
                                            .format = HF_REPLAY_ITCH,
                                            .symbol = "AMZN",
                                            .sessions = 2}};
    cr_assert_eq(hf_replay_run(&replay), 0, "%s", replay.error);
    cr_expect_eq(count(HF_APPLIED_SUBMIT), 1);
    cr_expect_eq(count(HF_APPLIED_CANCEL), 1);
    cr_expect_eq(count(HF_LEFT_OTHER_SYMBOL), 2);
    cr_expect_eq(replay.books.book_count, 1);
}

Test(replay, a_symbol_that_is_none_is_left_out)
{
    itch = (struct itch_bytes){.framing = BARE};
    put_order(&itch, 'A', 1, 'B', 100, "A\x01", 10);
    put_order(&itch, 'A', 2, 'B', 100, "", 10);
    put_change(&itch, 'D', 1, 0, 0);
    cr_assert_eq(run(HF_REPLAY_ITCH, write_plain("f", itch.bytes, itch.length), NULL), 0);
    cr_expect_eq(count(HF_LEFT_UNKNOWN_SYMBOL), 3);
}

/** The command line, in this process, its output thrown away. */
static int
command(char *format, const char *file, char *option, char *value)
{
    char *arguments[] = {"holdfast replay", "--format", format, "--json",
                         (char *)file,      option,     value,  NULL};
    int count_of = option == NULL ? 5 : 7;
    return hf_cli_replay(count_of, arguments);
}

Test(replay, the_exit_code_tells_a_failed_check_from_a_bad_file, .init = cr_redirect_stdout)
{
    cr_redirect_stderr();
    const char *file = write_text("stream", stream_text);
    const char *wrong = write_rows(stream_rows, STREAM_ROWS, 3, "101,4,99,5,102,7," NO_BID);
    cr_expect_eq(command("stream", file, NULL, NULL), HF_EXIT_OK);
    cr_expect_eq(command("stream", file, "--min-maker", "100"), HF_EXIT_OK);
    cr_expect_eq(command("stream", file, "--book", (char *)wrong), HF_EXIT_OK);
    char text[256];
    snprintf(text, sizeof text, two_makers, 6, 2);
    cr_expect_eq(command("stream", write_text("two", text), "--min-maker", "99"), HF_EXIT_FAILED);
    cr_expect_eq(command("lobster", file, NULL, NULL), HF_EXIT_DATA);
    cr_expect_eq(command("lobster", path_of("absent"), NULL, NULL), HF_EXIT_NO_INPUT);
    cr_expect_eq(command("stream", file, "--via", "no-such-instance"), HF_EXIT_UNAVAILABLE);
    char *both[] = {"holdfast replay", "--format=stream", (char *)file, "--book",
                    (char *)wrong,     "--min-rows=100",  NULL};
    cr_expect_eq(hf_cli_replay(6, both), HF_EXIT_FAILED);
}

Test(replay, rows_cannot_be_asked_for_without_an_orderbook_file, .exit_code = HF_EXIT_USAGE)
{
    remove_directory(); /* who exits does not come to clean_up() */
    cr_redirect_stderr();
    command("stream", "x", "--min-rows", "100");
}

Test(replay, nonsense_on_the_command_line_is_a_usage_error, .exit_code = HF_EXIT_USAGE)
{
    remove_directory();
    cr_redirect_stderr();
    command("stream", "x", "--rate", "fast");
}

Test(replay, a_rate_is_kept)
{
    /* Eight commands at 400 a second: the last one leaves 17.5 ms after the first, not before. */
    replay = (struct hf_replay){.options = {.file = write_text("stream", stream_text),
                                            .format = HF_REPLAY_STREAM,
                                            .rate = 400,
                                            .sessions = 4}};
    cr_assert_eq(hf_replay_run(&replay), 0, "%s", replay.error);
    cr_expect_geq(replay.result.end_ns - replay.result.start_ns, 17500000);
}

Test(replay, json_holds_the_same_numbers)
{
    FILE *whole = tmpfile();
    cr_assert_not_null(whole);
    const char *file = write_text("stream", stream_text);
    cr_assert_eq(run(HF_REPLAY_STREAM, file, write_rows(stream_rows, STREAM_ROWS, 0, "")), 0);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    cr_assert_neq(dup2(fileno(whole), STDOUT_FILENO), -1);
    hf_replay_print_json(&replay);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    rewind(whole);
    json_error_t error;
    json_t *object = json_loadf(whole, 0, &error);
    cr_assert_not_null(object, "%s", error.text);
    json_int_t rows = 0;
    json_int_t right = 0;
    json_int_t commands = 0;
    int passed = 0;
    cr_expect_eq(json_unpack(object, "{s:b, s:I, s:{s:I}, s:{s:I}}", "passed", &passed, "commands",
                             &commands, "rows", "equal", &rows, "makers", "right", &right),
                 0);
    cr_expect(passed);
    cr_expect_eq(rows, STREAM_ROWS);
    cr_expect_eq(right, 1);
    cr_expect_eq(commands, 8);
    json_decref(object);
    fclose(whole);
}

/* An engine that takes the last order of a level in place of the first, and one that says nothing. */

static uint64_t lsn;

static void
answer(uint32_t session, struct hf_report report)
{
    report.slots = 1;
    report.lsn = lsn;
    hf_replay_report(&replay, session, &report);
}

static int
submit_unfair(struct hf_replay *to, uint32_t session, const struct hf_command *command)
{
    const struct hf_replay_level *level = hf_replay_best(to->books.books[0], HF_SELL);
    lsn++;
    answer(session, (struct hf_report){.type = HF_REPORT_ACCEPTED,
                                       .side = command->side,
                                       .client_order_id = command->client_order_id,
                                       .price = command->price,
                                       .quantity = command->quantity});
    if (command->time_in_force == HF_GTC) {
        return 0;
    }
    const struct hf_replay_order *order = hf_replay_order_first(&to->books, level);
    const struct hf_replay_order *next;
    while ((next = hf_replay_order_next(&to->books, order)) != NULL) {
        order = next;
    }
    struct hf_report fill = {.type = HF_REPORT_FILL,
                             .side = HF_SELL,
                             .flags = HF_REPORT_MAKER,
                             .client_order_id = order->id,
                             .price = order->price,
                             .quantity = command->quantity,
                             .leaves = order->open - command->quantity};
    answer(order->session, fill);
    fill.flags = 0;
    fill.side = command->side;
    fill.client_order_id = command->client_order_id;
    fill.leaves = 0;
    answer(session, fill);
    return 0;
}

static int
submit_silent(struct hf_replay *to, uint32_t session, const struct hf_command *command)
{
    (void)to;
    (void)session;
    (void)command;
    return 0;
}

static int
collect_nothing(struct hf_replay *to, uint32_t session)
{
    (void)session;
    return hf_replay_fail(to, HF_TIMEOUT, "nothing comes");
}

static void
close_nothing(struct hf_replay *to)
{
    (void)to;
}

static struct hf_replay_book *
start_with(int (*submit)(struct hf_replay *, uint32_t, const struct hf_command *))
{
    replay = (struct hf_replay){.options = {.sessions = 3}, .next_taker = HF_REPLAY_TAKER_FIRST};
    replay.driver = (struct hf_replay_driver){
        .self = &replay, .submit = submit, .collect = collect_nothing, .close = close_nothing};
    return hf_replay_book_new(&replay.books, "X", 1);
}

Test(replay, an_engine_that_takes_another_order_than_the_first_is_found_out)
{
    struct hf_replay_book *book = start_with(submit_unfair);
    cr_assert_eq(hf_replay_apply_submit(&replay, book, 1, HF_SELL, 100, 10), 0);
    cr_assert_eq(hf_replay_apply_submit(&replay, book, 2, HF_SELL, 100, 10), 0);
    cr_assert_eq(hf_replay_apply_execute(&replay, 1, 4, 3), 0, "%s", replay.error);
    cr_expect_eq(replay.result.maker_right, 0);
    cr_expect_eq(replay.result.maker_wrong, 1);
    cr_expect_eq(replay.result.wrong[0].record, 1);
    cr_expect_eq(replay.result.wrong[0].engine, 2);
    cr_expect_eq(count(HF_DIFFERS_NOT_FIRST), 0);
}

Test(replay, an_engine_that_does_not_answer_ends_the_replay)
{
    struct hf_replay_book *book = start_with(submit_silent);
    cr_expect_eq(hf_replay_enter(&replay, book, 1, HF_SELL, 100, 10), HF_TIMEOUT);
}

static const struct {
    const char *what;
    uint32_t session;
    struct hf_report report;
} misfits[] = {
    {"a fill of an order that does not rest",
     1,
     {.lsn = 9, .type = HF_REPORT_FILL, .flags = HF_REPORT_MAKER, .client_order_id = 77}},
    {"of a resting order in another session",
     2,
     {.lsn = 9,
      .type = HF_REPORT_FILL,
      .side = HF_SELL,
      .flags = HF_REPORT_MAKER,
      .client_order_id = 2,
      .price = 100,
      .quantity = 1,
      .leaves = 9}},
    {"at another price",
     1,
     {.lsn = 9,
      .type = HF_REPORT_FILL,
      .side = HF_SELL,
      .flags = HF_REPORT_MAKER,
      .client_order_id = 2,
      .price = 101,
      .quantity = 1,
      .leaves = 9}},
    {"with wrong leaves",
     1,
     {.lsn = 9,
      .type = HF_REPORT_FILL,
      .side = HF_SELL,
      .flags = HF_REPORT_MAKER,
      .client_order_id = 2,
      .price = 100,
      .quantity = 1,
      .leaves = 8}},
    {"a fill of a taker that is not ours",
     0,
     {.lsn = 9, .type = HF_REPORT_FILL, .client_order_id = 5, .quantity = 1}},
    {"the accept of another order",
     0,
     {.lsn = 9, .type = HF_REPORT_ACCEPTED, .client_order_id = 5, .price = 100, .quantity = 3}},
    {"a reduction to more",
     1,
     {.lsn = 9, .type = HF_REPORT_REDUCED, .side = HF_SELL, .client_order_id = 2, .quantity = 11}},
    {"a cancel of another quantity",
     1,
     {.lsn = 9, .type = HF_REPORT_CANCELLED, .side = HF_SELL, .client_order_id = 2, .quantity = 9}},
    {"another command", 1, {.lsn = 8, .type = HF_REPORT_REJECTED}},
    {"half a replacement", 1, {.lsn = 9, .slots = 1, .type = HF_REPORT_REPLACED}},
    {"a type that does not exist", 1, {.lsn = 9, .type = 99}},
};

Test(replay, a_report_that_fits_no_order_of_ours_ends_the_replay)
{
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        hf_replay_destroy(&replay);
        struct hf_replay_book *book = start_with(submit_unfair);
        cr_assert_eq(hf_replay_enter(&replay, book, 2, HF_SELL, 100, 10), 0);
        replay.flight = (struct hf_replay_flight){.book = book,
                                                  .id = 1u << 20,
                                                  .price = 100,
                                                  .leaves = 3,
                                                  .lsn = 9,
                                                  .side = HF_BUY,
                                                  .enters = true};
        cr_assert_eq(hf_replay_order_find(&replay.books, 2)->session, 1);
        hf_replay_report(&replay, misfits[i].session, &misfits[i].report);
        cr_expect_eq(replay.code, HF_E_PROTOCOL, "%s", misfits[i].what);
    }
}

/** A copy of a file with some bytes changed, some cut out. */
static const char *
mutate(const unsigned char *bytes, size_t length, uint64_t *state)
{
    unsigned char copy[4096];
    memcpy(copy, bytes, length);
    for (uint64_t changes = 1 + draw(state) % 6; changes > 0; changes--) {
        size_t at = draw(state) % length;
        static const char likely[] = "0123456789,-\n.NRCXOUHBS";
        uint64_t kind = draw(state) % 3;
        if (kind == 0) {
            copy[at] = (unsigned char)draw(state);
        } else if (kind == 1) {
            copy[at] = (unsigned char)likely[draw(state) % (sizeof likely - 1)];
        } else {
            size_t cut = 1 + draw(state) % 4;
            cut = cut < length - at ? cut : length - at;
            memmove(copy + at, copy + at + cut, length - at - cut);
            length -= length > cut ? cut : 0;
        }
    }
    return write_plain("mutant", copy, length);
}

Test(replay, damaged_files_never_bring_it_down)
{
    uint64_t state = 99;
    const char *rows = write_rows(stream_rows, STREAM_ROWS, 0, "");
    for (unsigned i = 0; i < 40; i++) {
        const char *file = mutate((const unsigned char *)stream_text, strlen(stream_text), &state);
        run(HF_REPLAY_STREAM, file, i % 2 == 0 ? rows : NULL);
    }
    make_itch();
    for (unsigned i = 0; i < 10; i++) {
        run(HF_REPLAY_ITCH, mutate(itch.bytes, itch.length, &state), NULL);
    }
}

Test(replay, damaged_recordings_never_bring_it_down)
{
    uint64_t state = 77;
    char rows_text[512] = "";
    char message_text[512] = "";
    for (size_t i = 0; i < LOBSTER_ROWS; i++) {
        strcat(strcat(rows_text, lobster_rows[i]), "\n");
        strcat(strcat(message_text, lobster_messages[i]), "\n");
    }
    const unsigned char *rows = (const unsigned char *)rows_text;
    const unsigned char *messages = (const unsigned char *)message_text;
    for (unsigned i = 0; i < 40; i++) {
        bool damage_rows = i % 2 == 0;
        const char *mutant = damage_rows ? mutate(rows, strlen(rows_text), &state)
                                         : mutate(messages, strlen(message_text), &state);
        const char *other =
            damage_rows ? write_text("other", message_text) : write_text("other", rows_text);
        run(HF_REPLAY_LOBSTER, damage_rows ? other : mutant, damage_rows ? mutant : other);
    }
}
