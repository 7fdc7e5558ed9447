/* test_visitors.c - connections: who owes a request for too long is sent away, and room is made for the next one. */
#include "exporter/visitors.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISITORS HF_EXPORTER_VISITORS_MAX

/** Both ends of each connection: [i][0] is the server's. */
static int ends[VISITORS][2];
static struct hf_exporter_visitors visitors;

static void
connect_all(unsigned count)
{
    hf_exporter_visitors_init(&visitors);
    for (unsigned i = 0; i < count; i++) {
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]), 0);
        hf_exporter_visitors_enter(&visitors, ends[i][0], 1000 + i);
    }
}

static bool
is_sent_away(unsigned i)
{
    struct pollfd end = {.fd = ends[i][1], .events = POLLIN};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0;
}

Test(visitors, each_request_has_a_time_in_which_it_must_be_over)
{
    connect_all(3);
    hf_exporter_visitors_expire(&visitors, 1000 + HF_EXPORTER_VISIT_NS);
    cr_expect_not(is_sent_away(0));
    hf_exporter_visitors_served(&visitors, ends[1][0], 5000);
    hf_exporter_visitors_expire(&visitors, 1000 + HF_EXPORTER_VISIT_NS + 1);
    cr_expect(is_sent_away(0));
    cr_expect_not(is_sent_away(1), "it had an answer meanwhile");
    cr_expect_not(is_sent_away(2), "it came a moment later");
    hf_exporter_visitors_expire(&visitors, 5000 + HF_EXPORTER_VISIT_NS + 1);
    cr_expect(is_sent_away(1) && is_sent_away(2));
}

Test(visitors, the_last_one_that_fits_sends_away_the_one_waited_for_longest)
{
    connect_all(VISITORS - 1);
    hf_exporter_visitors_served(&visitors, ends[0][0], 9000);
    for (unsigned i = 0; i < VISITORS - 1; i++) {
        cr_expect_not(is_sent_away(i), "%u", i);
    }
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[VISITORS - 1]), 0);
    hf_exporter_visitors_enter(&visitors, ends[VISITORS - 1][0], 9001);
    cr_expect(is_sent_away(1));
    cr_expect_not(is_sent_away(0));
    cr_expect_not(is_sent_away(VISITORS - 1));
    hf_exporter_visitors_leave(&visitors, ends[1][0]);
    close(ends[1][0]);
    cr_expect_eq(visitors.count, VISITORS - 1);
}
