/* test_difference.c - what of the configuration the log does not have, told one by one. */
#include "config/difference.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

static struct hf_config config;
static struct hf_instrument_info logged[2]; /* ONE, TWO */
static const char *admin_name;              /* the only one in the log */
static char told[1024];                     /* one line for each difference */
static unsigned wanted_lines;

static bool
find_logged(void *context, const char *symbol, struct hf_instrument_info *info)
{
    (void)context;
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(logged[i].symbol, symbol) == 0) {
            *info = logged[i];
            return true;
        }
    }
    return false;
}

static bool
is_admin(void *context, const char *name)
{
    (void)context;
    return strcmp(name, admin_name) == 0;
}

static bool
tell(void *context, const struct hf_difference *difference)
{
    unsigned *lines = context;
    size_t used = strlen(told);
    hf_difference_text(difference, told + used, sizeof(told) - used - 1);
    strcat(told, "\n");
    return ++*lines < wanted_lines;
}

static const char *
compare(void)
{
    const struct hf_config_log log = {.instrument = find_logged, .is_admin = is_admin};
    unsigned lines = 0;
    told[0] = '\0';
    hf_config_compare(&config, &log, tell, &lines);
    return told;
}

static void
set_up(void)
{
    cr_assert_eq(hf_config_init(&config), HF_OK);
    hf_config_set(&config, "instrument.ONE.tick=5");
    hf_config_set(&config, "instrument.TWO.lot=10");
    hf_config_set(&config, "instance.admin=ops, desk");
    cr_assert(hf_config_check(&config), "%s", config.errors);
    cr_assert_eq(config.instrument_count, 3, "DEMO, ONE, TWO");
    logged[0] = config.instruments[1];
    logged[1] = config.instruments[2];
    admin_name = "ops";
    wanted_lines = 100;
}

static void
tear_down(void)
{
    hf_config_free(&config);
}

TestSuite(difference, .init = set_up, .fini = tear_down);

Test(difference, what_the_log_lacks_is_told_administrators_first)
{
    cr_expect_str_eq(compare(), "session 'desk' has no admin rights in the log\n"
                                "instrument 'DEMO' is not in the log\n");
}

Test(difference, each_value_that_differs_is_named_with_both)
{
    logged[0].tick = 1;
    logged[0].quantity_max = 7;
    logged[1].lot = 1;
    logged[1].price_min = -5;
    logged[1].price_max = 5;
    hf_config_set(&config, "instance.admin=ops");
    compare();
    cr_expect_not_null(strstr(told, "instrument 'ONE' has in the log tick 1 (configuration: 5) "
                                    "quantity_max 7 (configuration: 8796093022208)\n"),
                       "%s", told);
    cr_expect_not_null(strstr(told, "'TWO' has in the log lot 1 (configuration: 10) price_min -5 "
                                    "(configuration: 1) price_max 5 (configuration: "),
                       "%s", told);
}

Test(difference, phases_limits_and_flags_are_none)
{
    logged[0].phase = HF_PHASE_HALTED;
    logged[0].collar = 3;
    logged[0].notional_max = 9;
    logged[0].flags = HF_REPLACE_LOSES_PRIORITY;
    compare();
    cr_expect_null(strstr(told, "ONE"), "%s", told);
}

Test(difference, the_receiver_can_have_enough)
{
    wanted_lines = 1;
    cr_expect_str_eq(compare(), "session 'desk' has no admin rights in the log\n");
}

Test(difference, an_empty_list_of_administrators_is_no_difference)
{
    hf_config_set(&config, "instance.admin= , ");
    cr_expect_str_eq(compare(), "instrument 'DEMO' is not in the log\n");
}
