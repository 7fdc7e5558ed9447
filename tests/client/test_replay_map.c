/* test_replay_map.c - the id map against a plain array. */
#include "client/draw.h"

#include "cli/replay_map.h"

#include <criterion/criterion.h>

Test(replay_map, agrees_with_a_plain_array_over_random_changes)
{
    enum { KEYS = 4096, ROUNDS = 200000 };
    static uint32_t model[KEYS];
    struct hf_replay_map map = {0};
    uint64_t state = 3;
    size_t count = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t drawn = draw(&state);
        uint32_t index = (uint32_t)(drawn % KEYS);
        uint64_t key = (uint64_t)index * 0x100000001u; /* far apart and close together */
        cr_assert_eq(hf_replay_map_get(&map, key), model[index]);
        if (drawn >> 63 != 0) {
            count += model[index] == 0;
            model[index] = round + 1;
            cr_assert(hf_replay_map_put(&map, key, round + 1));
        } else {
            count -= model[index] != 0;
            model[index] = 0;
            hf_replay_map_remove(&map, key);
        }
        cr_assert_eq(map.count, count);
    }
    for (uint32_t index = 0; index < KEYS; index++) {
        cr_assert_eq(hf_replay_map_get(&map, (uint64_t)index * 0x100000001u), model[index]);
    }
    hf_replay_map_free(&map);
}

Test(replay_map, an_empty_map_has_nothing)
{
    struct hf_replay_map map = {0};
    cr_expect_eq(hf_replay_map_get(&map, 0), 0);
    hf_replay_map_remove(&map, 0);
    cr_expect(hf_replay_map_put(&map, 0, 7));
    cr_expect(hf_replay_map_put(&map, UINT64_MAX, 8));
    cr_expect_eq(hf_replay_map_get(&map, 0), 7);
    cr_expect_eq(hf_replay_map_get(&map, UINT64_MAX), 8);
    hf_replay_map_free(&map);
    cr_expect_eq(hf_replay_map_get(&map, 0), 0);
}
