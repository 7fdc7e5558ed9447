/* test_halt.c - the first reason to halt is the one that is told. */
#include "daemon/halt.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct hf_status *
status_new(void)
{
    struct hf_status *status = aligned_alloc(128, HF_STATUS_PAGE_BYTES);
    memset(status, 0, HF_STATUS_PAGE_BYTES);
    status->state = HF_STATE_RUNNING;
    return status;
}

Test(halt, the_first_reason_stays)
{
    struct hf_halt halt = {.status = status_new()};
    cr_expect_not(hf_halted(&halt));
    hf_halt(&halt, HF_E_IO, "disk %d", 7);
    hf_halt(&halt, HF_E_NO_SPACE, "later");
    cr_expect(hf_halted(&halt));
    cr_expect_eq(halt.status->state, HF_STATE_HALTED);
    cr_expect_eq(halt.status->halt_code, HF_E_IO);
    cr_expect_str_eq(halt.status->halt_text, "disk 7");
    free(halt.status);
}

Test(halt, a_long_reason_is_cut_and_ends)
{
    struct hf_halt halt = {.status = status_new()};
    char text[500];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    hf_halt(&halt, HF_E_IO, "%s", text);
    cr_expect_eq(strlen(halt.status->halt_text), HF_HALT_TEXT_BYTES - 1);
    cr_expect_eq(halt.status->disk_low, 0, "what stands behind it is not touched");
    free(halt.status);
}

static void *
halt_too(void *context)
{
    hf_halt(context, HF_E_MEMORY, "one of many");
    return NULL;
}

Test(halt, many_threads_tell_one_whole_reason)
{
    struct hf_halt halt = {.status = status_new()};
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, halt_too, &halt), 0);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
    }
    cr_expect(hf_halted(&halt));
    cr_expect_str_eq(halt.status->halt_text, "one of many");
    free(halt.status);
}
