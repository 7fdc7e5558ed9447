/* test_watch.c - verdicts of a look: who does not answer, who is denied, who is gone although its heart beat just now. */
#include "watch/health.h"

#include <criterion/criterion.h>
#include <string.h>

#define STUCK_NS HF_WATCH_STUCK_NS_DEFAULT

static struct hf_watch_sample sample;
static struct hf_watch watch = {.now = &sample};

static void
expect(enum hf_watch_health health, const char *words, bool is_there)
{
    struct hf_watch_verdict verdict = hf_watch_judge(&watch, STUCK_NS);
    cr_expect_str_eq(verdict.word, hf_watch_health_word(health), "%s", verdict.text);
    cr_expect_eq(verdict.health, health);
    cr_expect_not_null(strstr(verdict.text, words), "no '%s' in: %s", words, verdict.text);
    cr_expect_eq(hf_watch_is_there(&watch, verdict.health, STUCK_NS), is_there);
}

/** A page whose daemon had a round a millisecond ago. */
static void
see(enum hf_state state, bool alive, bool shown)
{
    sample = (struct hf_watch_sample){.seen = true,
                                      .measured = true,
                                      .alive = alive,
                                      .shown = shown,
                                      .heartbeat_age_ns = 1000000,
                                      .status = {.state = state, .pid = 4711}};
}

Test(watch, a_daemon_that_is_not_seen)
{
    sample = (struct hf_watch_sample){.code = HF_E_NO_DAEMON};
    expect(HF_WATCH_ABSENT, "is it started", false);
    sample.code = HF_E_DENIED;
    expect(HF_WATCH_DENIED, "instance.watch", false);
    sample.code = HF_TIMEOUT;
    expect(HF_WATCH_STUCK, "does not answer", true);
    sample.code = HF_AGAIN;
    expect(HF_WATCH_RECOVERING, "", true);
}

Test(watch, a_process_that_was_shown_and_no_longer_is_has_ended)
{
    see(HF_STATE_RUNNING, true, true);
    expect(HF_WATCH_WELL, "running", true);
    see(HF_STATE_RUNNING, false, true);
    expect(HF_WATCH_DEAD, "process 4711 is gone", false);
    sample.code = HF_E_DENIED; /* another one answers */
    expect(HF_WATCH_DENIED, "instance.watch", false);
    see(HF_STATE_RUNNING, false, false); /* /proc hides it: its heartbeat shows it */
    expect(HF_WATCH_WELL, "running", true);
    sample.heartbeat_age_ns = STUCK_NS + 1;
    expect(HF_WATCH_DEAD, "process 4711 is gone", false);
}

Test(watch, a_daemon_that_refuses_new_orders_is_ill)
{
    see(HF_STATE_RUNNING, true, true);
    sample.status.disk_low = 1;
    expect(HF_WATCH_FULL, "new orders are refused", true);
    cr_expect(hf_watch_is_ill(HF_WATCH_FULL));
    cr_expect(hf_watch_is_ill(HF_WATCH_SHUT));
    cr_expect_not(hf_watch_is_ill(HF_WATCH_FRAIL));
}

Test(watch, a_halted_daemon_is_there_until_its_process_ends)
{
    see(HF_STATE_HALTED, true, true);
    expect(HF_WATCH_HALTED, "Mend it", true);
    see(HF_STATE_HALTED, false, true);
    expect(HF_WATCH_HALTED, "process 4711 has ended", false);
    see(HF_STATE_STOPPED, false, true);
    expect(HF_WATCH_STOPPED, "cleanly, at LSN", false);
}
