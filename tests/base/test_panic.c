/* test_panic.c - a broken invariant ends the process and says where and which. */
#include "base/panic.h"

#include "base/child.h"

#include <criterion/criterion.h>

static int
panic_with_numbers(void *context)
{
    (void)context;
    hf_panic("some/file.c", 42, "%s is %d", "x", 7);
}

static int
panic_with_long_text(void *context)
{
    (void)context;
    static char text[5000];
    memset(text, 'a', sizeof(text) - 1);
    hf_panic("some/file.c", 42, "%s", text);
}

static int
assert_of(void *context)
{
    int value = *(int *)context;
    HF_ASSERT("R7", value == 1);
    return 0;
}

Test(panic, prints_place_and_message_and_aborts)
{
    char text[8192];
    int end = child_run_stderr(panic_with_numbers, NULL, text, sizeof(text));
    cr_assert_eq(end, CHILD_SIGNAL + SIGABRT);
    cr_assert_str_eq(text, "PANIC some/file.c:42: x is 7\n");
}

Test(panic, cuts_a_long_message_and_still_ends_the_line)
{
    char text[8192];
    int end = child_run_stderr(panic_with_long_text, NULL, text, sizeof(text));
    cr_assert_eq(end, CHILD_SIGNAL + SIGABRT);
    cr_assert_lt(strlen(text), 1024);
    cr_assert_eq(strchr(text, '\n'), text + strlen(text) - 1);
}

Test(panic, a_broken_assertion_names_its_invariant)
{
    char text[8192];
    int value = 2;
    int end = child_run_stderr(assert_of, &value, text, sizeof(text));
    cr_assert_eq(end, CHILD_SIGNAL + SIGABRT);
    cr_assert_not_null(strstr(text, "test_panic.c:"));
    cr_assert_not_null(strstr(text, "invariant R7 broken: value == 1"));
}

Test(panic, an_assertion_that_holds_does_nothing)
{
    char text[8192];
    int value = 1;
    cr_assert_eq(child_run_stderr(assert_of, &value, text, sizeof(text)), 0);
    cr_assert_str_eq(text, "");
}
