/* test_alter.c - taking orders away and quantities off, from outside matching. */
#include "core/alter.h"

#include "script.h"

Test(alter, reductions_take_what_is_hidden_first_and_keep_the_place)
{
    static const struct script_case cases[] = {
        {"of what is hidden: the market sees nothing",
         "1 new 1 B 50 25 show10\n1 new 2 B 50 5\nevents\n1 reduce 1 15\nbook",
         "1 accepted 1 B 50x25\n1 accepted 2 B 50x5\n1 reduced 1 10\nbook 1@50x10 2@50x5 |\n"},
        {"more than that: the rest off the peak",
         "1 new 1 B 50 25 show10\n1 new 2 B 50 5\nevents\n1 reduce 1 17\nbook",
         "1 accepted 1 B 50x25\n1 accepted 2 B 50x5\n* reduce B 1@50x2\n1 reduced 1 8\n"
         "book 1@50x8 2@50x5 |\n"},
        {"all of it", "1 new 1 B 50 25 show10\nevents\n1 reduce 1 25\nbook",
         "1 accepted 1 B 50x25\n* cancel B 1@50x10\n1 cancelled 1 25 REQUESTED\nbook |\n"},
        {"a plain one", "1 new 1 B 50 25\nevents\n1 reduce 1 24",
         "1 accepted 1 B 50x25\n* reduce B 1@50x24\n1 reduced 1 1\n"},
        {"a peak that was partly used",
         "1 new 1 B 50 25 show10\n2 new 2 S 50 4\nevents\n1 reduce 1 18\n"
         "book",
         "1 accepted 1 B 50x25\n2 accepted 2 S 50x4\n1 maker 1 50x4 left 21\n2 taker 2 50x4 left "
         "0\n"
         "* reduce B 1@50x3\n1 reduced 1 3\nbook 1@50x3 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(alter, a_cancel_says_all_that_was_open_and_shows_what_was_seen)
{
    static const struct script_case cases[] = {
        {"an iceberg", "1 new 1 B 50 25 show10\n2 new 2 S 50 14\nevents\n1 cancel 1",
         "1 accepted 1 B 50x25\n2 accepted 2 S 50x14\n1 maker 1 50x10 left 15\n"
         "2 taker 2 50x10 left 4\n1 maker 1 50x4 left 11\n2 taker 2 50x4 left 0\n"
         "* cancel B 1@50x6\n1 cancelled 1 11 REQUESTED\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(alter, open_quantity_and_instrument_of_an_order)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 50 20 i2 show10\n1 new 2 B market 5 stop90");
    uint32_t iceberg = hf_resting_find(fixture->core, 1, 1);
    uint32_t stop = hf_resting_find(fixture->core, 1, 2);
    cr_expect_eq(hf_alter_open(fixture->core, iceberg), 20);
    cr_expect_eq(hf_alter_open(fixture->core, stop), 5);
    cr_expect_eq(hf_alter_book(fixture->core, iceberg)->id, 2);
    cr_expect_eq(hf_alter_book(fixture->core, stop)->id, 1);
    fixture_free(fixture);
}
