/* test_address.c - where to listen, out of words. */
#include "exporter/server.h"

#include <criterion/criterion.h>

Test(address, good_ones)
{
    static const struct {
        const char *text;
        sa_family_t family;
        bool loopback;
    } CASES[] = {
        {"127.0.0.1:9630", AF_INET, true},  {"9630", AF_INET, true},
        {"0.0.0.0:80", AF_INET, false},     {"[::1]:9630", AF_INET6, true},
        {"[::]:1", AF_INET6, false},        {"127.9.9.9:0", AF_INET, true},
        {"10.0.0.1:65535", AF_INET, false},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct hf_exporter_address address;
        const char *why = hf_exporter_parse_address(CASES[i].text, &address);
        cr_assert_null(why, "%s: %s", CASES[i].text, why);
        cr_expect_eq(address.socket.ss_family, CASES[i].family, "%s", CASES[i].text);
        cr_expect_eq(hf_exporter_is_loopback(&address), CASES[i].loopback, "%s", CASES[i].text);
    }
}

Test(address, bad_ones)
{
    static const char *const CASES[] = {
        "",
        ":",
        "localhost:80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "1.2.3.4:-1",
        "1.2.3.4: 1",
        "[::1:80",
        "::1]:80",
        "127.0.0.1:80x",
        "11111111111111111111111111111111111111111111111111111111111111111:80",
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct hf_exporter_address address;
        cr_expect_not_null(hf_exporter_parse_address(CASES[i], &address), "%s", CASES[i]);
    }
}
