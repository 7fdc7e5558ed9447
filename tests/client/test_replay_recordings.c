/*
 * test_replay_recordings.c - real recordings through the in-process engine. They live outside the
 * tree (HF_DATA_DIR): where they are absent, a notice is printed and nothing is checked.
 */
#include "cli/replay.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AMZN "AMZN_2012-06-21_34200000_57600000_"

struct recording {
    enum hf_replay_format format;
    const char *file;
    const char *book; /* NULL: none */
    double min_maker;
    uint64_t messages, rows, executions, trades;
};

static const struct recording recordings[] = {
    {HF_REPLAY_LOBSTER, "lobster/" AMZN "message_1.csv.xz", "lobster/" AMZN "orderbook_1.csv.xz",
     99.8, 57515, 57515, 8974, 8965},
    {HF_REPLAY_LOBSTER, "lobster/" AMZN "message_5.csv.xz", "lobster/" AMZN "orderbook_5.csv.xz",
     99.5, 155935, 155935, 8974, 8939},
    {HF_REPLAY_LOBSTER, "lobster/AAPL_head998_message_10.csv.xz",
     "lobster/AAPL_head998_orderbook_10.csv.xz", 100, 999, 999, 98, 98},
    {HF_REPLAY_STREAM, "streams/AMZN_L1.csv.xz", "lobster/" AMZN "orderbook_1.csv.xz", 100, 92784,
     57515, 8965, 8965},
    {HF_REPLAY_STREAM, "streams/AMZN_L5.csv.xz", "lobster/" AMZN "orderbook_5.csv.xz", 100, 237650,
     155935, 8939, 8939},
    {HF_REPLAY_STREAM, "streams/AAPL_L10_head.csv.xz", "lobster/AAPL_head998_orderbook_10.csv.xz",
     100, 1625, 999, 98, 98},
};

static struct hf_replay replay;

static void
free_replay(void)
{
    hf_replay_destroy(&replay);
}

TestSuite(recordings, .fini = free_replay, .timeout = 120);

/** An audit after every record makes whole days too long. */
static bool
is_too_long(const char *name)
{
#ifdef HF_EXPENSIVE_CHECKS
    return strstr(name, "AMZN") != NULL || strstr(name, "BITSTAMP") != NULL;
#else
    (void)name;
    return false;
#endif
}

static bool
find(char path[512], const char *name)
{
    if (is_too_long(name)) {
        return false;
    }
    snprintf(path, 512, "%s/%s", HF_DATA_DIR, name);
    if (access(path, R_OK) == 0) {
        return true;
    }
    fprintf(stderr, "%s is not here: not checked\n", path);
    return false;
}

static void
replay_recording(const struct recording *recording)
{
    char file[512];
    char book[512];
    if (!find(file, recording->file) || !find(book, recording->book)) {
        return;
    }
    replay = (struct hf_replay){.options = {.file = file,
                                            .book = book,
                                            .format = recording->format,
                                            .sessions = 4,
                                            .min_maker = recording->min_maker,
                                            .min_rows = 100}};
    cr_assert_eq(hf_replay_run(&replay), 0, "%s", replay.error);
    const struct hf_replay_result *result = &replay.result;
    cr_expect(hf_replay_passed(&replay));
    cr_expect_eq(result->messages, recording->messages);
    cr_expect_eq(result->rows, recording->rows);
    cr_expect_eq(result->rows_equal, recording->rows);
    cr_expect_eq(result->executions, recording->executions);
    cr_expect_eq(result->trades, recording->trades);
    cr_expect_eq(result->rejects, 0);
    cr_expect_eq(result->books_differ, 0);
    cr_expect_eq(result->count[HF_DIFFERS_TRADED_ON_ENTRY], 0);
    /* Every maker that is not the record's was known beforehand not to be first. */
    cr_expect_eq(result->maker_wrong, result->count[HF_DIFFERS_NOT_FIRST]);
}

Test(recordings, one_level_of_amazon)
{
    replay_recording(&recordings[0]);
}

Test(recordings, five_levels_of_amazon)
{
    replay_recording(&recordings[1]);
}

Test(recordings, ten_levels_of_apple)
{
    replay_recording(&recordings[2]);
}

Test(recordings, the_stream_of_one_level_of_amazon)
{
    replay_recording(&recordings[3]);
}

Test(recordings, the_stream_of_five_levels_of_amazon)
{
    replay_recording(&recordings[4]);
}

Test(recordings, the_stream_of_ten_levels_of_apple)
{
    replay_recording(&recordings[5]);
}

static int
replay_file(enum hf_replay_format format, const char *file)
{
    replay = (struct hf_replay){
        .options = {
            .file = file, .format = format, .sessions = 4, .min_maker = -1, .min_rows = -1}};
    return hf_replay_run(&replay);
}

Test(recordings, the_clients_of_bitstamp_trade_as_often_as_in_any_price_time_engine)
{
    char file[512];
    if (find(file, "streams/BITSTAMP_20150501.csv.xz")) {
        cr_assert_eq(replay_file(HF_REPLAY_STREAM, file), 0, "%s", replay.error);
        cr_expect_eq(replay.result.trades, 559);
        cr_expect_eq(replay.result.rejects, 0);
        cr_expect_eq(replay.result.books_differ, 0);
    }
}

Test(recordings, an_artificial_itch_day_is_accounted_for)
{
    char file[512];
    if (find(file, "itch/ex20101224.TEST_ITCH_50.xz")) {
        cr_assert_eq(replay_file(HF_REPLAY_ITCH, file), 0, "%s", replay.error);
        cr_expect_eq(replay.result.messages, 12012);
        cr_expect_eq(replay.result.count[HF_APPLIED_SUBMIT], 4999);
        cr_expect_eq(replay.result.count[HF_LEFT_REFUSED], 1, "one order has id 0");
        cr_expect_eq(replay.result.count[HF_LEFT_TRADE], 5000);
        cr_expect_eq(replay.result.count[HF_LEFT_ADMIN], 12);
        cr_expect_eq(replay.result.books_differ, 0);
        cr_expect_eq(replay.books.book_count, 3);
    }
}

Test(recordings, the_first_thousand_messages_of_an_itch_day_have_no_orders)
{
    char file[512];
    if (find(file, "itch/nasdaq_head1000.itch50.xz")) {
        cr_assert_eq(replay_file(HF_REPLAY_ITCH, file), 0, "%s", replay.error);
        cr_expect_eq(replay.result.count[HF_LEFT_ADMIN], 1000);
        cr_expect_eq(replay.books.book_count, 993);
    }
}
