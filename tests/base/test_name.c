/* test_name.c - which names there can be. */
#include "base/name.h"

#include <criterion/criterion.h>
#include <holdfast/units.h>
#include <stdlib.h>
#include <string.h>

Test(name, names_are_1_to_23_harmless_bytes)
{
    const struct {
        const char *name;
        bool valid;
    } cases[] = {
        {"a", true},    {"A-z_0.9", true},   {"12345678901234567890123", true},
        {"...", true},  {".a", true},        {"-", true},
        {"", false},    {".", false},        {"..", false},
        {"a/b", false}, {"a b", false},      {"123456789012345678901234", false},
        {"a\n", false}, {"\xc3\xa4", false}, {"a:b", false},
        {"@", false},   {"[", false},        {"`", false},
        {"{", false},   {"a\x7f", false},    {"/", false},
        {"%s", false},  {"a\\b", false},     {"a*", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(hf_name_valid(cases[i].name), cases[i].valid, "%s", cases[i].name);
    }
}

Test(name, a_name_field_without_its_nul_is_invalid_and_not_read_beyond)
{
    char *field = malloc(HF_NAME_BYTES); /* ASan watches its end */
    memset(field, 'a', HF_NAME_BYTES);
    cr_assert_not(hf_name_valid(field));
    free(field);
}
