/* test_error.c - every code and reason has its name and text; other numbers say so. */
#include <holdfast/error.h>

#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>

struct entry {
    int number;
    const char *name;
    const char *text;
};

#define ENTRY(number, name, text) {number, #name, text},
static const struct entry errors[] = {HF_ERRORS(ENTRY)};
static const struct entry reasons[] = {HF_REASONS(ENTRY)};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

Test(error, every_code_has_its_name_and_text)
{
    for (size_t i = 0; i < COUNT(errors); i++) {
        cr_assert_str_eq(hf_error_name(errors[i].number), errors[i].name);
        cr_assert_str_eq(hf_strerror(errors[i].number), errors[i].text);
        cr_assert_leq(errors[i].number, 0, "codes are not positive: those are counts");
    }
    cr_assert_str_eq(hf_error_name(HF_E_BUSY), "HF_E_BUSY");
    cr_assert_str_eq(hf_strerror(HF_OK), "success");
}

Test(error, every_reason_has_its_name_and_text)
{
    for (size_t i = 0; i < COUNT(reasons); i++) {
        cr_assert_str_eq(hf_reason_name((uint32_t)reasons[i].number), reasons[i].name);
        cr_assert_str_eq(hf_reason_text((uint32_t)reasons[i].number), reasons[i].text);
    }
    cr_assert_str_eq(hf_reason_name(HF_REASON_POST_ONLY), "HF_REASON_POST_ONLY");
}

Test(error, no_two_codes_or_reasons_share_a_text)
{
    for (size_t i = 0; i < COUNT(errors); i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_str_neq(errors[i].text, errors[j].text);
        }
    }
    for (size_t i = 0; i < COUNT(reasons); i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_str_neq(reasons[i].text, reasons[j].text);
        }
    }
}

Test(error, what_only_takes_time_is_retriable_and_nothing_else)
{
    const int retriable[] = {HF_AGAIN, HF_TIMEOUT, HF_GAP, HF_E_BUSY, HF_E_NO_DAEMON, HF_E_STUCK};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(errors); i++) {
        count += hf_error_is_retriable(errors[i].number) ? 1 : 0;
    }
    for (size_t i = 0; i < COUNT(retriable); i++) {
        cr_expect(hf_error_is_retriable(retriable[i]), "%s", hf_error_name(retriable[i]));
    }
    cr_expect_eq(count, COUNT(retriable));
}

Test(error, other_numbers_are_unknown)
{
    const int others[] = {1, 2, -1000, INT_MIN, INT_MAX};
    for (size_t i = 0; i < COUNT(others); i++) {
        cr_assert_str_eq(hf_strerror(others[i]), "unknown error");
        cr_assert_str_eq(hf_error_name(others[i]), "unknown error");
    }
    const uint32_t other_reasons[] = {7, 999, UINT32_MAX};
    for (size_t i = 0; i < COUNT(other_reasons); i++) {
        cr_assert_str_eq(hf_reason_text(other_reasons[i]), "unknown reason");
        cr_assert_str_eq(hf_reason_name(other_reasons[i]), "unknown reason");
    }
}
