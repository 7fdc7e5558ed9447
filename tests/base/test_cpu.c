/* test_cpu.c - the processor that runs the tests has what they were built for. */
#include "base/cpu.h"

#include <criterion/criterion.h>

Test(cpu, that_runs_this_test_lacks_nothing)
{
    cr_expect_null(hf_cpu_lacks(), "%s", hf_cpu_lacks());
}
