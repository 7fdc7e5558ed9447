/*
 * status_print.h - what `holdfast status` shows, in words or as JSON.
 */
#ifndef HF_CLI_STATUS_PRINT_H
#define HF_CLI_STATUS_PRINT_H

#include "watch/look.h"

#include <holdfast/client.h>

#include <stdbool.h>
#include <stdio.h>

/** Everything that is shown: two copies of the status page and the session table after them. */
struct hf_status_view {
    struct hf_status before; /**< equal to `now` when no rates were asked for */
    struct hf_status now;
    uint64_t interval_ns; /**< between the two; 0: no rates */
    uint64_t heartbeat_age_ns;
    bool measured; /**< the stages say something */
    struct hf_watch_summary stages[HF_WATCH_STAGES];
    const struct hf_session_row *rows;
    size_t row_count;
    int rows_code;                                /**< 0, or why there is no session table */
    const struct hf_instrument_info *instruments; /**< that were not removed */
    size_t instrument_count;
};

/** Growth of a counter over the interval, per second; 0 when the daemon has started anew between. */
double hf_status_rate(const struct hf_status_view *view, uint64_t before, uint64_t now);

/** Mean of `sum` over `count`, of the interval where there was something in it, else since start. */
uint64_t hf_status_mean(uint64_t sum_before, uint64_t sum_now, uint64_t count_before,
                        uint64_t count_now);

void hf_status_print(FILE *file, const struct hf_status_view *view);
void hf_status_print_json(FILE *file, const struct hf_status_view *view);

#endif
