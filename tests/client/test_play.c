/*
 * test_play.c - cases through the in-process engine: what passes, what is reported as different and how,
 * what is left out, and outcomes that pass a check of themselves.
 */
#include "client/temporary_files.h"

#include "cli/cli.h"
#include "cli/play.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <stdio.h>
#include <sys/wait.h>

TestSuite(play, .init = make_directory, .fini = remove_directory, .timeout = 60);

/* Single quotes stand for double ones. */
#define HEAD "{'case': 'c'}\n"
#define BUY(id, px, qty)                                                                           \
    "{'op': 'new', 'id': '" id "', 'side': 'B', 'type': 'limit', 'tif': 'GTC', 'px': " #px         \
    ", 'qty': " #qty "}\n"
#define SELL(id, px, qty)                                                                          \
    "{'op': 'new', 'id': '" id "', 'side': 'S', 'type': 'limit', 'tif': 'GTC', 'px': " #px         \
    ", 'qty': " #qty "}\n"
#define SELL_AS(owner, id, px, qty)                                                                \
    "{'op': 'new', 'owner': '" owner "', 'id': '" id                                               \
    "', 'side': 'S', 'type': 'limit', 'tif': 'GTC', 'px': " #px ", 'qty': " #qty "}\n"
#define OP(text) "{'op': " text "}\n"
#define EXP(text) "{'exp': " text "}\n"
#define STOP(id, side, stop_px, qty)                                                               \
    "{'op': 'new', 'id': '" id "', 'side': '" side                                                 \
    "', 'type': 'stop', 'tif': 'GTC', 'stop_px': " #stop_px ", 'qty': " #qty "}\n"

struct played {
    int code;
    struct hf_play_counts counts;
    char error[768];
    char *output; /* free it */
};

static const char *
write_quoted(const char *name, const char *text)
{
    char *copy = strdup(text);
    cr_assert_not_null(copy);
    for (char *at = copy; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    const char *path = write_text(name, copy);
    free(copy);
    return path;
}

static struct played
play_path(const char *path, struct hf_play_options options)
{
    struct played played = {0};
    size_t size;
    char *paths[] = {(char *)path};
    struct hf_play play = {.options = options, .out = open_memstream(&played.output, &size)};
    cr_assert_not_null(play.out);
    played.code = hf_play_run(&play, paths, 1);
    hf_play_free(&play);
    cr_assert_eq(fclose(play.out), 0);
    played.counts = play.counts;
    strcpy(played.error, play.error);
    return played;
}

static struct played
play(const char *text, struct hf_play_options options)
{
    return play_path(write_quoted("case.jsonl", text), options);
}

static const struct hf_play_options check = {.check = true};

/** What may be wrong with an expectation, and the lines that must tell. */
struct mismatch {
    const char *text;
    const char *difference; /* with single quotes; "" : none, it passes */
};

static void
expect_mismatch(const struct mismatch *mismatch)
{
    struct played played = play(mismatch->text, check);
    bool differs = mismatch->difference[0] != '\0';
    cr_assert_eq(played.code, 0, "%s", played.error);
    cr_expect_eq(played.counts.differ, differs, "%s\n%s", mismatch->text, played.output);
    cr_expect_eq(played.counts.passed, !differs, "%s\n%s", mismatch->text, played.output);
    for (char *at = played.output; *at != '\0'; at++) {
        *at = *at == '"' ? '\'' : *at;
    }
    cr_expect(strstr(played.output, mismatch->difference) != NULL, "%s\nexpected: %s\ngot: %s",
              mismatch->text, mismatch->difference, played.output);
    free(played.output);
}

static void
expect_mismatches(const struct mismatch *mismatches, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_mismatch(&mismatches[i]);
    }
}
#define EXPECT_MISMATCHES(table) expect_mismatches(table, sizeof table / sizeof table[0])

#define TWO_TRADES SELL("a", 10, 3) SELL("b", 11, 4) BUY("c", 12, 5)

Test(play, trades_are_compared_in_order_and_in_full)
{
    static const struct mismatch table[] = {
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'a', 10, 3], ['c', 'b', 11, 2]]"), ""},
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'a', 10, 3]]"),
         "@@ line 5: trades @@\n ['c', 'a', 10, 3]\n+['c', 'b', 11, 2]\n"},
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'a', 10, 3], ['c', 'b', 11, 3]]"),
         " ['c', 'a', 10, 3]\n-['c', 'b', 11, 3]\n+['c', 'b', 11, 2]\n"},
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'b', 11, 2], ['c', 'a', 10, 3]]"),
         "-['c', 'b', 11, 2]\n-['c', 'a', 10, 3]\n+['c', 'a', 10, 3]\n+['c', 'b', 11, 2]\n"},
        {HEAD TWO_TRADES EXP("'trades', 'list': [['b', 'c', 11, 2]]"), "-['b', 'c', 11, 2]\n"},
        /* All trades since the last expectation of trades, and none twice. */
        {HEAD TWO_TRADES EXP("'levels', 'bids': 0") BUY("d", 11, 1)
             EXP("'trades', 'list': [['c', 'a', 10, 3], ['c', 'b', 11, 2], ['d', 'b', 11, 1]]")
                 EXP("'trades', 'list': []"),
         ""},
    };
    EXPECT_MISMATCHES(table);
}

Test(play, flags_of_trades_say_how_they_are_compared)
{
    static const struct mismatch table[] = {
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'b', 11, 2], ['c', 'a', 10, 3]], "
                             "'unordered': true"),
         ""},
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'b', 11, 2], ['c', 'a', 10, 2]], "
                             "'unordered': true"),
         "-['c', 'a', 10, 2]\n+['c', 'a', 10, 3]\n"},
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'b', 11, 2]], 'incomplete': true"), ""},
        {HEAD TWO_TRADES EXP("'trades', 'list': [['c', 'b', 11, 1]], 'incomplete': true"),
         "-['c', 'b', 11, 1]\n"},
        {HEAD SELL("a", 10, 9) BUY("b", 10, 4) BUY("b", 10, 1)
             EXP("'trades', 'list': [['b', 'a', 10, 5]], 'merged_per_pair': true"),
         ""},
        {HEAD SELL("a", 10, 9) BUY("b", 10, 4) BUY("b", 10, 1)
             EXP("'trades', 'list': [['b', 'a', 10, 5]]"),
         "-['b', 'a', 10, 5]\n+['b', 'a', 10, 4]\n+['b', 'a', 10, 1]\n"},
        {HEAD SELL_AS("you", "a", 10, 9) BUY("b", 10, 4)
             EXP("'trades', 'by': 'owner', 'list': [['you', 'me', 10, 4]]"),
         "-['you', 'me', 10, 4]\n+[null, 'you', 10, 4]\n"},
    };
    EXPECT_MISMATCHES(table);
}

#define THREE BUY("a", 10, 3) BUY("b", 11, 4) BUY("c", 11, 5) SELL("d", 12, 6)

Test(play, books_are_compared_by_order_and_by_level)
{
    static const struct mismatch table[] = {
        {HEAD THREE EXP(
             "'book', 'by': 'order', 'bids': [['b', 11, 4], ['c', 11, 5], ['a', 10, 3]], "
             "'asks': [['d', 12, 6]]"),
         ""},
        {HEAD THREE EXP(
             "'book', 'by': 'order', 'bids': [['c', 11, 5], ['b', 11, 4], ['a', 10, 3]], "
             "'asks': [['d', 12, 6]]"),
         "@@ line 6: book @@\n-bid ['c', 11, 5]\n-bid ['b', 11, 4]\n+bid ['b', 11, 4]\n+bid ['c', "
         "11, 5]\n bid ['a', 10, 3]\n ask ['d', 12, 6]\n"},
        {HEAD THREE EXP(
             "'book', 'by': 'order', 'unordered': true, 'bids': [['c', 11, 5], ['a', 10, "
             "3], ['b', 11, 4]], 'asks': [['d', 12, 6]]"),
         ""},
        {HEAD THREE EXP("'book', 'by': 'level', 'bids': [[11, 9], [10, 3]], 'asks': [[12, 6]]"),
         ""},
        {HEAD THREE EXP("'book', 'by': 'level', 'bids': [[11, 9]], 'asks': [[12, 7]]"),
         " bid [11, 9]\n-ask [12, 7]\n+bid [10, 3]\n+ask [12, 6]\n"},
        {HEAD THREE EXP("'top', 'bids': [[11, 9]], 'asks': [[12, 6]]"), ""},
        {HEAD THREE EXP("'top', 'bids': [[11, 4]], 'asks': [[12, 6]]"),
         "-bid [11, 4]\n+bid [11, 9]\n ask [12, 6]\n"},
        {HEAD THREE EXP("'top', 'price_only': true, 'bids': [[11, 4]], 'asks': [[12]]"), ""},
        {HEAD THREE EXP("'top', 'price_only': true, 'bids': [[10]], 'asks': [[12]]"),
         "-bid [10]\n+bid [11]\n"},
        {HEAD THREE EXP("'top', 'bids': [], 'asks': [[12, 6]]"), "+bid [11, 9]\n ask [12, 6]\n"},
    };
    EXPECT_MISMATCHES(table);
}

#define ICEBERG                                                                                    \
    OP("'new', 'id': 'i', 'side': 'B', 'type': 'limit', 'tif': 'GTC', 'px': 10, 'qty': 100, "      \
       "'display': 20")                                                                            \
    BUY("b", 10, 5) SELL("s", 10, 20)

Test(play, what_is_visible_of_an_iceberg_is_told_from_what_is_open)
{
    static const struct mismatch table[] = {
        {HEAD ICEBERG EXP(
             "'book', 'by': 'order', 'bids': [['b', 10, 5], ['i', 10, 80]], 'asks': []"),
         ""},
        {HEAD ICEBERG EXP(
             "'book', 'by': 'order', 'visible': true, 'bids': [['b', 10, 5], ['i', 10, "
             "20]], 'asks': []"),
         ""},
        {HEAD ICEBERG EXP("'book', 'by': 'level', 'visible': true, 'bids': [[10, 85]], 'asks': []"),
         "-bid [10, 85]\n+bid [10, 25]\n"},
        {HEAD ICEBERG EXP("'order', 'id': 'i', 'live': true, 'open': 80"), ""},
        {HEAD ICEBERG EXP("'order', 'id': 'i', 'open': 80, 'visible': true"),
         "-open 80\n+open 20\n"},
        {HEAD ICEBERG EXP("'totals', 'what': 'volume', 'bid': 85, 'ask': 0")
             EXP("'totals', 'what': 'orders', 'bid': 2")
                 EXP("'totals', 'what': 'visible_volume', 'bid': 85"),
         "@@ line 7: totals @@\n-bid 85\n+bid 25\n"},
    };
    EXPECT_MISMATCHES(table);
}

Test(play, an_option_leaves_a_refilled_iceberg_in_its_place)
{
    static const char text[] = HEAD ICEBERG EXP(
        "'book', 'by': 'order', 'bids': [['i', 10, 80], ['b', 10, 5]], 'asks': []");
    struct played played =
        play(text, (struct hf_play_options){.check = true, .flags = HF_ICEBERG_KEEPS_PLACE});
    cr_expect_eq(played.counts.passed, 1, "%s", played.output);
    free(played.output);
    expect_mismatch(&(struct mismatch){text, "+bid ['b', 10, 5]\n+bid ['i', 10, 80]\n"});
}

#define SHRUNK BUY("a", 10, 5) BUY("b", 10, 5) OP("'replace', 'id': 'a', 'qty': 2")
#define A_FIRST "'book', 'by': 'order', 'bids': [['a', 10, 2], ['b', 10, 5]], 'asks': []"
#define B_FIRST "'book', 'by': 'order', 'bids': [['b', 10, 5], ['a', 10, 2]], 'asks': []"

Test(play, the_header_or_an_option_says_whether_a_smaller_order_keeps_its_place)
{
    static const struct mismatch table[] = {
        {HEAD SHRUNK EXP(A_FIRST), ""},
        {HEAD SHRUNK EXP(B_FIRST), "-bid ['b', 10, 5]\n"},
        {"{'case': 'c', 'depends': {'replace': 'lose'}}\n" SHRUNK EXP(B_FIRST), ""},
        {"{'case': 'c', 'depends': {'replace': 'lose'}}\n" SHRUNK EXP(A_FIRST),
         "-bid ['a', 10, 2]\n"},
        {"{'case': 'c', 'depends': {'replace': 'keep', 'fok_px': 'maker', 'resting_market': "
         "false}}\n" SHRUNK EXP(A_FIRST),
         ""},
    };
    EXPECT_MISMATCHES(table);
    struct played played =
        play(HEAD SHRUNK EXP(B_FIRST),
             (struct hf_play_options){.check = true, .flags = HF_REPLACE_LOSES_PRIORITY});
    cr_expect_eq(played.counts.passed, 1, "%s", played.output);
    free(played.output);
}

Test(play, changes_name_open_quantities)
{
    static const struct mismatch table[] = {
        /* 2 of 5 are executed: open 1 is a total of 3. */
        {HEAD BUY("a", 10, 5) SELL("s", 10, 2)
             OP("'replace', 'id': 'a', 'qty': 1, 'qty_is': 'open'")
                 EXP("'order', 'id': 'a', 'open': 1"),
         ""},
        {HEAD BUY("a", 10, 5) SELL("s", 10, 2) OP("'replace', 'id': 'a', 'qty_delta': 4, 'px': 9")
             EXP("'book', 'by': 'order', 'bids': [['a', 9, 7]], 'asks': []"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'replace', 'id': 'a', 'new_id': 'z', 'px': 9")
             EXP("'order', 'id': 'a', 'live': false") EXP("'order', 'id': 'z', 'live': true")
                 EXP("'event', 'id': 'z', 'ev': 'replaced'"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'reduce', 'id': 'a', 'qty': 2")
             EXP("'event', 'id': 'a', 'ev': 'reduced'") EXP("'order', 'id': 'a', 'open': 3"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'resize', 'id': 'a', 'qty': 2")
             EXP("'order', 'id': 'a', 'open': 2"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'resize', 'id': 'a', 'qty': 7")
             EXP("'order', 'id': 'a', 'open': 5"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'resize', 'id': 'a', 'qty': 0")
             EXP("'order', 'id': 'a', 'live': false, 'open': 5"),
         ""},
        /* More than there can be, and less than nothing: refused, and never a cancel by chance. */
        {HEAD BUY("a", 10, 5) OP("'replace', 'id': 'a', 'qty_delta': 9223372036854775807")
             EXP("'event', 'id': 'a', 'ev': 'replace_rejected'")
                 EXP("'order', 'id': 'a', 'live': true, 'open': 5"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'replace', 'id': 'a', 'qty': 9223372036854775807")
             EXP("'order', 'id': 'a', 'live': true, 'open': 5"),
         ""},
        {HEAD BUY("a", 10, -5) EXP("'event', 'id': 'a', 'ev': 'rejected'"), ""},
        {HEAD BUY("a", 10, 5) OP("'replace', 'id': 'a', 'qty_delta': -9223372036854775808")
             EXP("'event', 'id': 'a', 'ev': 'cancelled'"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'replace', 'id': 'a', 'qty_delta': -5") EXP(
             "'event', 'id': 'a', 'ev': 'replaced'") EXP("'event', 'id': 'a', 'ev': 'cancelled'"),
         ""},
        {HEAD OP("'replace', 'id': 'a', 'qty': 5")
             EXP("'event', 'id': 'a', 'ev': 'replace_rejected'") OP("'cancel', 'id': 'a'") EXP(
                 "'event', 'id': 'a', 'ev': 'cancel_rejected'") OP("'reduce', 'id': 'a', 'qty': 1")
                 EXP("'event', 'id': 'a', 'ev': 'reduce_rejected'"),
         ""},
        {HEAD BUY("a", 10, 5) SELL("b", 12, 5) OP("'mass_cancel', 'side': 'S'")
             EXP("'levels', 'bids': 1, 'asks': 0"),
         ""},
    };
    EXPECT_MISMATCHES(table);
}

#define POST_ONLY                                                                                  \
    BUY("a", 10, 5)                                                                                \
    OP("'new', 'id': 'p', 'side': 'S', 'type': 'limit', 'tif': 'GTC', 'px': 10, 'qty': 7, "        \
       "'post_only': true")
#define IOC(id, px, qty)                                                                           \
    OP("'new', 'id': '" id "', 'side': 'S', 'type': 'limit', 'tif': 'IOC', 'px': " #px             \
       ", 'qty': " #qty)

Test(play, events_are_looked_for_among_those_of_the_last_commands)
{
    static const struct mismatch table[] = {
        {HEAD BUY("a", 10, 5) BUY("b", 10, 5) EXP("'event', 'id': 'a', 'ev': 'accepted'")
             EXP("'event', 'id': 'b', 'ev': 'accepted'"),
         ""},
        {HEAD BUY("a", 10, 5) EXP("'levels', 'bids': 1") BUY("b", 10, 5)
             EXP("'event', 'id': 'a', 'ev': 'accepted'"),
         "-{'exp': 'event', 'id': 'a', 'ev': 'accepted'}\n+(no event of this order)\n"},
        {HEAD BUY("a", 10, 5) EXP("'event', 'id': 'a', 'ev': 'rejected'"),
         "-{'exp': 'event', 'id': 'a', 'ev': 'rejected'}\n+{'exp': 'event', 'id': 'a', 'ev': "
         "'accepted'}\n"},
        {HEAD BUY("a", 10, 0) EXP("'event', 'id': 'a', 'ev': 'rejected', 'reason': 'anything'"),
         ""},
        {HEAD BUY("a", 10, 0)
             EXP("'event', 'id': 'a', 'ev': 'rejected', 'reason': 'HF_REASON_QUANTITY_ZERO'"),
         ""},
        {HEAD BUY("a", 10, 0)
             EXP("'event', 'id': 'a', 'ev': 'rejected', 'reason': 'HF_REASON_POST_ONLY'"),
         "+{'exp': 'event', 'id': 'a', 'ev': 'rejected', 'reason': 'HF_REASON_QUANTITY_ZERO'}\n"},
        {HEAD BUY("a", 10, 5) OP("'cancel', 'id': 'a'")
             EXP("'event', 'id': 'a', 'ev': 'cancelled', 'open': 5"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'cancel', 'id': 'a'")
             EXP("'event', 'id': 'a', 'ev': 'cancelled', 'open': 4"),
         "+{'exp': 'event', 'id': 'a', 'ev': 'cancelled', 'open': 5, 'reason': "
         "'HF_REASON_REQUESTED'}\n"},
    };
    EXPECT_MISMATCHES(table);
}

Test(play, refusals_may_be_told_as_rejection_or_as_acceptance_and_cancel)
{
    static const struct mismatch table[] = {
        {HEAD POST_ONLY EXP("'event', 'id': 'p', 'ev': 'rejected'"), ""},
        {HEAD POST_ONLY EXP("'event', 'id': 'p', 'ev': 'accepted'")
             EXP("'event', 'id': 'p', 'ev': 'cancelled', 'open': 7")
                 EXP("'order', 'id': 'p', 'live': false, 'open': 7"),
         ""},
        {HEAD POST_ONLY EXP("'event', 'id': 'p', 'ev': 'accepted'"),
         "+{'exp': 'event', 'id': 'p', 'ev': 'rejected', 'reason': 'HF_REASON_POST_ONLY'}\n"},
        {HEAD BUY("a", 10, 5) IOC("i", 11, 7) EXP("'event', 'id': 'i', 'ev': 'rejected'"), ""},
        /* It has traded: not refused any more. */
        {HEAD BUY("a", 10, 5) IOC("i", 10, 7) EXP("'event', 'id': 'i', 'ev': 'rejected'"),
         "+{'exp': 'event', 'id': 'i', 'ev': 'accepted'}\n+{'exp': 'event', 'id': 'i', 'ev': "
         "'cancelled', 'open': 2, 'reason': 'HF_REASON_IOC_REMAINDER'}\n"},
    };
    EXPECT_MISMATCHES(table);
}

Test(play, stops_and_the_last_price)
{
    static const struct mismatch table[] = {
        {HEAD STOP("s", "B", 10, 3) EXP("'last_px', 'px': null")
             EXP("'event', 'id': 's', 'ev': 'accepted_stop'")
                 EXP("'levels', 'bids': 0, 'asks': 0, 'stop_bids': 1, 'stop_asks': 0")
                     EXP("'totals', 'what': 'stop_volume', 'bid': 3, 'ask': 0")
                         EXP("'totals', 'what': 'stop_orders', 'bid': 2"),
         "-bid 2\n+bid 1\n"},
        {HEAD STOP("s", "B", 10, 3) SELL("a", 10, 9) BUY("b", 10, 1)
             EXP("'trades', 'list': [['b', 'a', 10, 1], ['s', 'a', 10, 3]]")
                 EXP("'event', 'id': 's', 'ev': 'triggered'") EXP("'last_px', 'px': 11"),
         "-px 11\n+px 10\n"},
        /* A stop that grows while it waits shows all of it afterwards. */
        {HEAD OP(
             "'new', 'id': 's', 'side': 'S', 'type': 'stop_limit', 'tif': 'GTC', 'stop_px': 10, "
             "'px': 12, 'qty': 1") OP("'replace', 'id': 's', 'qty': 40") BUY("a", 10, 1)
             SELL("b", 10, 1)
                 EXP("'book', 'by': 'level', 'visible': true, 'bids': [], 'asks': [[12, 40]]"),
         ""},
        {HEAD OP("'set_last', 'px': 12") SELL("a", 13, 9) STOP("s", "B", 10, 3)
             EXP("'trades', 'list': [['s', 'a', 13, 3]]"),
         ""},
        {HEAD EXP("'last_px', 'px': 1"), "-known 1\n+known 0\n"},
    };
    EXPECT_MISMATCHES(table);
}

Test(play, an_admins_commands_open_expire_and_keep_owners_apart)
{
    static const struct mismatch table[] = {
        {HEAD OP("'phase', 'phase': 'pre_open'") BUY("a", 12, 5) SELL("b", 10, 5)
             EXP("'trades', 'list': []") OP("'phase', 'phase': 'open'")
                 EXP("'trades', 'list': [['a', 'b', 10, 5]]"),
         ""},
        {HEAD OP("'new', 'id': 'd', 'side': 'B', 'type': 'limit', 'tif': 'DAY', 'px': 1, 'qty': 1")
             OP("'session_end'")
                 EXP("'event', 'id': 'd', 'ev': 'cancelled', 'reason': 'HF_REASON_EXPIRED'"),
         ""},
        {HEAD OP("'group', 'owner': 'x', 'group': 1, 'self_trade': 'cancel_oldest'")
             SELL_AS("x", "a", 10, 5) OP("'new', 'owner': 'x', 'id': 'b', 'side': 'B', 'type': "
                                         "'market', 'tif': 'IOC', 'qty': 5")
                 EXP("'trades', 'list': []") EXP("'order', 'id': 'a', 'live': false"),
         ""},
        {HEAD BUY("a", 10, 5) OP("'account', 'owner': 'x', 'notional': 100") SELL_AS(
             "x", "b", 20, 5) SELL_AS("x", "c", 21, 1) EXP("'event', 'id': 'b', 'ev': 'accepted'")
             EXP("'event', 'id': 'c', 'ev': 'rejected', 'reason': 'HF_REASON_ACCOUNT_NOTIONAL'")
                 OP("'account', 'owner': 'x', 'kill': true")
                     EXP("'book', 'by': 'order', 'bids': [['a', 10, 5]], 'asks': []"),
         ""},
        {HEAD OP("'limits', 'notional': 100") BUY("a", 10, 11) BUY("b", 10, 10)
             EXP("'book', 'by': 'order', 'bids': [['b', 10, 10]], 'asks': []"),
         ""},
        {HEAD OP("'session', 'orders': 1") BUY("a", 10, 1) BUY("b", 10, 1)
             EXP("'event', 'id': 'b', 'ev': 'rejected'") OP("'session', 'kill': true")
                 BUY("c", 10, 1) EXP("'book', 'by': 'order', 'bids': [], 'asks': []"),
         ""},
        {HEAD OP("'new', 'id': 'g', 'side': 'B', 'type': 'limit', 'tif': 'GTD', 'px': 1, 'qty': 1, "
                 "'expires': 1000") OP("'time', 'to': 999") EXP("'order', 'id': 'g', 'live': true")
             OP("'time', 'to': 1000")
                 EXP("'event', 'id': 'g', 'ev': 'cancelled', 'reason': 'HF_REASON_EXPIRED'"),
         ""},
        /* What would have been its trade is cancelled, its price is the limit all the same. */
        {HEAD OP("'group', 'owner': 'x', 'group': 1, 'self_trade': 'cancel_oldest'")
             SELL_AS("x", "a", 10, 5) SELL("c", 11, 5) OP(
                 "'new', 'owner': 'x', 'id': 'b', 'side': 'B', 'type': 'market_to_limit', 'tif': "
                 "'GTC', 'qty': 7") EXP("'top', 'bids': [[10, 7]], 'asks': [[11, 5]]"),
         ""},
        {HEAD OP("'set_last', 'px': -3"),
         "    line 2: {'op': 'set_last', 'px': -3}\n@@ line 2: the engine refuses this: price is "
         "outside"},
    };
    EXPECT_MISMATCHES(table);
}

Test(play, a_stream_is_compared_command_by_command_and_at_its_end)
{
#define STREAM(trades, bids)                                                                       \
    "{'case': 's', 'cmds': [{'op': 'new', 'id': 1, 'side': 'B', 'type': 'limit', 'tif': 'GTC', "   \
    "'px': 10, 'qty': 5}, {'op': 'new', 'id': 2, 'side': 'B', 'type': 'limit', 'tif': 'GTC', "     \
    "'px': 10, 'qty': 5}, {'op': 'replace', 'id': 1, 'px': 10, 'qty': 4}, {'op': 'cancel', 'id': " \
    "9}, {'op': 'new', 'id': 3, 'side': 'S', 'type': 'market', 'tif': 'IOC', 'qty': 1}], "         \
    "'trades': [[], [], [], [], [" trades "]], 'bids': [" bids "], 'asks': []}\n"
    static const struct mismatch table[] = {
        {STREAM("[2, 3, 10, 1]", "[2, 10, 4], [1, 10, 4]"), ""},
        {STREAM("[1, 3, 10, 1]", "[2, 10, 4], [1, 10, 4]"),
         "@@ command 5: trades @@\n-[1, 3, 10, 1]\n+[2, 3, 10, 1]\n"},
        {STREAM("[2, 3, 10, 1]", "[2, 10, 4], [1, 10, 5]"),
         "@@ command 5: book @@\n bid [2, 10, 4]\n-bid [1, 10, 5]\n+bid [1, 10, 4]\n"},
    };
    EXPECT_MISMATCHES(table);
}

Test(play, cases_of_other_rules_are_left_out_and_counted_by_reason)
{
    static const char text[] =
        "{'case': '1', 'out_of_scope': ['AON']}\n"
        "{'case': '2', 'depends': {'resting_market': true}}\n"
        "{'case': '3', 'depends': {'resting_market': true}}\n"
        "{'case': '4', 'depends': {'replace': 'split'}}\n"
        "{'case': '5'}\n"
        "{'op': 'new', 'id': 1, 'side': 'B', 'type': 'limit', 'tif': 'AON', 'px': 1, 'qty': 1}\n"
        "{'case': '6', 'depends': {'dup': 'live'}}\n";
    static const char *const reasons[] = {"out of scope: AON", "other rule: resting_market true",
                                          "other rule: replace split", "cannot be entered: AON"};
    static const uint64_t counts[] = {1, 2, 1, 1};
    struct played played = play(text, check);
    cr_expect_eq(played.counts.cases, 6);
    cr_expect_eq(played.counts.skipped, 5);
    cr_expect_eq(played.counts.passed, 1);
    cr_assert_eq(played.counts.skip_count, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(played.counts.skips[i].reason, reasons[i]);
        cr_expect_eq(played.counts.skips[i].count, counts[i]);
    }
    free(played.output);
    played = play(text, (struct hf_play_options){.check = true, .all = true});
    cr_expect_eq(played.counts.skipped, 1, "what cannot be said cannot be played");
    cr_expect_eq(played.counts.passed, 5);
    free(played.output);
}

Test(play, more_reasons_than_have_a_place_are_counted_together)
{
    char text[64 * 48] = "";
    for (unsigned i = 0; i < 48; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "{'case': 'c', 'depends': {'r%u': true}}\n", i);
    }
    struct played played = play(text, check);
    cr_expect_eq(played.counts.skipped, 48);
    uint64_t sum = 0;
    for (size_t i = 0; i < HF_PLAY_SKIPS_MAX; i++) {
        sum += played.counts.skips[i].count;
    }
    cr_expect_eq(sum, 48);
    free(played.output);
}

/** Everything the rule book has, in one case of commands alone. */
static const char everything[] = HEAD ICEBERG STOP("t", "S", 9, 4) OP(
    "'new', 'id': 'l', 'side': 'B', 'type': 'stop_limit', 'tif': 'GTC', 'stop_px': 12, 'px': 12, "
    "'qty': 3") SELL("u", 11, 2) SELL("v", 12, 9)
    OP("'new', 'id': 'm', 'side': 'B', 'type': 'market_to_limit', 'tif': 'GTC', 'qty': 6") OP(
        "'new', 'id': 'n', 'side': 'B', 'type': 'limit', 'tif': 'IOC', 'px': 12, 'qty': 90, "
        "'min_qty': 2") OP("'replace', 'id': 'i', 'new_id': 'j', 'qty': 30")
        OP("'replace', 'id': 'j', 'px': 9") OP("'reduce', 'id': 'j', 'qty': 5")
            OP("'phase', 'phase': 'pre_open'") BUY("x", 14, 4) SELL("y", 9, 6)
                OP("'phase', 'phase': 'open'") OP("'set_last', 'px': 10")
                    OP("'group', 'owner': 'o', 'group': 3, 'self_trade': 'decrement'")
                        SELL_AS("o", "q", 15, 4)
                            OP("'new', 'owner': 'o', 'id': 'r', 'side': 'B', 'type': 'limit', "
                               "'tif': 'DAY', 'px': 15, 'qty': "
                               "6") OP("'limits', 'collar': 500")
                                OP("'account', 'owner': 'o', 'notional': 9000")
                                    OP("'new', 'id': 'gtd', 'side': 'B', 'type': 'limit', 'tif': "
                                       "'GTD', 'px': 1, 'qty': 1, 'expires': 5000")
                                        OP("'time', 'to': 6000") OP("'session_end'")
                                            OP("'cancel', 'id': 'zz'") OP("'mass_cancel'");

Test(play, an_outcome_passes_a_check_of_itself_under_every_variant)
{
    for (uint32_t flags = 0; flags < 4; flags++) {
        struct played outcome = play(everything, (struct hf_play_options){.flags = flags});
        cr_assert_eq(outcome.code, 0, "%s", outcome.error);
        cr_expect_eq(outcome.counts.passed, 1);
        cr_expect_gt(outcome.counts.trades, 4);
        /* The header tells which variant it was. */
        struct played again = play_path(write_text("outcome.jsonl", outcome.output), check);
        cr_assert_eq(again.code, 0, "%s", again.error);
        cr_expect_eq(again.counts.passed, 1, "%s", again.output);
        cr_expect_eq(again.counts.trades, outcome.counts.trades);
        free(again.output);
        free(outcome.output);
    }
}

/* As a shell sees it: argp ends the process on a usage error, so it gets one of its own. */

static int
run(const char *arguments[], int count)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        char *argv[8] = {"holdfast play"};
        for (int i = 0; i < count; i++) {
            argv[i + 1] = (char *)arguments[i];
        }
        cr_assert(freopen("/dev/null", "w", stdout) != NULL);
        cr_assert(freopen("/dev/null", "w", stderr) != NULL);
        int code = hf_cli_play(count + 1, argv);
        fflush(NULL);
        _exit(code);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}
#define RUN(...)                                                                                   \
    run((const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

Test(play, exit_codes_tell_a_difference_from_a_bad_file_and_bad_options)
{
    char good[128];
    char different[128];
    char bad[128];
    strcpy(good, write_quoted("good.jsonl", HEAD BUY("a", 1, 1) EXP("'levels', 'bids': 1")));
    strcpy(different, write_quoted("diff.jsonl", HEAD BUY("a", 1, 1) EXP("'levels', 'bids': 2")));
    strcpy(bad, write_quoted("bad.jsonl", HEAD "{'op': }\n"));
    cr_expect_eq(RUN("--check", good), HF_EXIT_OK);
    cr_expect_eq(RUN(good), HF_EXIT_OK);
    cr_expect_eq(RUN("--check", different, good), HF_EXIT_FAILED);
    cr_expect_eq(RUN(different), HF_EXIT_OK, "without --check nothing is expected");
    cr_expect_eq(RUN("--check", good, bad), HF_EXIT_DATA);
    cr_expect_eq(RUN("--check", path_of("absent")), HF_EXIT_NO_INPUT);
    cr_expect_eq(RUN("--check"), HF_EXIT_USAGE);
    cr_expect_eq(RUN("--chekc", good), HF_EXIT_USAGE);
    cr_expect_eq(RUN("--socket", "x", good), HF_EXIT_USAGE);
    cr_expect_eq(RUN("--via", "nobody", "--socket", path_of("none"), good), HF_EXIT_UNAVAILABLE);
}
