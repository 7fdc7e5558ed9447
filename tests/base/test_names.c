/* test_names.c - what an enumeration knows has a name, and nothing else has one. */
#include <holdfast/command.h>
#include <holdfast/market.h>
#include <holdfast/record.h>
#include <holdfast/report.h>

#include <criterion/criterion.h>
#include <string.h>

/* How many of the first 300 numbers have a name, each one of its own. */
static unsigned
count_names(const char *(*name)(uint32_t))
{
    unsigned count = 0;
    for (uint32_t i = 0; i < 300; i++) {
        bool known = strcmp(name(i), "?") != 0;
        for (uint32_t j = 0; known && j < i; j++) {
            cr_expect_str_neq(name(i), name(j));
        }
        count += known ? 1 : 0;
    }
    cr_expect_str_eq(name(UINT32_MAX), "?");
    return count;
}

Test(names, every_value_of_an_enumeration_has_a_name_and_no_other_number)
{
    cr_expect_eq(count_names(hf_side_name), 2);
    cr_expect_eq(count_names(hf_report_type_name), HF_REPORT_BUSTED);
    cr_expect_eq(count_names(hf_market_type_name), HF_MARKET_REFERENCE);
    cr_expect_eq(count_names(hf_command_type_name),
                 HF_COMMAND_OPEN_ORDERS + (HF_COMMAND_REFERENCE - HF_COMMAND_INSTRUMENT_ADD + 1) +
                     1 /* HF_RECORD_LOST */);
}

Test(names, names_are_those_of_the_headers)
{
    cr_expect_str_eq(hf_side_name(HF_SELL), "sell");
    cr_expect_str_eq(hf_report_type_name(HF_REPORT_TRIGGERED), "triggered");
    cr_expect_str_eq(hf_command_type_name(HF_COMMAND_MASS_CANCEL), "mass cancel");
    cr_expect_str_eq(hf_command_type_name(HF_RECORD_LOST), "reports lost");
    cr_expect_str_eq(hf_market_type_name(HF_MARKET_UNCROSS), "uncross");
}
