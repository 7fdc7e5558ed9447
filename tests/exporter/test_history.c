/* test_history.c - the history by numbers of points: each second once, whatever the clock does. */
#include "exporter/api.h"

#include <criterion/criterion.h>

static struct hf_exporter_state state;

static void
make_points(uint64_t count)
{
    state.points = count;
    for (uint64_t i = 0; i < HF_EXPORTER_HISTORY; i++) {
        state.history[i].time_s = 1e9 - (double)i; /* the wall clock goes back */
    }
}

static void
expect_points(uint64_t from, uint64_t first, uint64_t next)
{
    json_t *json = hf_api_history(&state, from);
    cr_expect_eq(json_integer_value(json_object_get(json, "first")), (json_int_t)first);
    cr_expect_eq(json_integer_value(json_object_get(json, "next")), (json_int_t)next);
    cr_expect_eq(json_array_size(json_object_get(json, "time")), next - first);
    cr_expect_eq(json_array_size(json_object_get(json, "loop_max")), next - first);
    json_decref(json);
}

Test(history, each_point_is_given_once)
{
    make_points(10);
    expect_points(0, 0, 10);
    expect_points(7, 7, 10);
    expect_points(10, 10, 10);
    expect_points(11, 0, 10); /* of an exporter before this one */
    make_points(HF_EXPORTER_HISTORY + 50);
    expect_points(7, 50, HF_EXPORTER_HISTORY + 50);
    expect_points(HF_EXPORTER_HISTORY + 49, HF_EXPORTER_HISTORY + 49, HF_EXPORTER_HISTORY + 50);
}
