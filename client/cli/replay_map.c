/* replay_map.c - see replay_map.h. */
#include "cli/replay_map.h"

#include "base/panic.h"

#include <stdlib.h>

static size_t
home(const struct hf_replay_map *map, uint64_t key)
{
    key ^= key >> 31; /* two rounds of a multiply-xorshift mix: every bit reaches the low ones */
    key *= 0x9e3779b97f4a7c15u;
    key ^= key >> 29;
    key *= 0xbf58476d1ce4e5b9u;
    key ^= key >> 32;
    return (size_t)key & (map->capacity - 1);
}

/** Where the key is, or the empty slot where it would go. */
static size_t
locate(const struct hf_replay_map *map, uint64_t key)
{
    size_t at = home(map, key);
    while (map->slots[at].value != 0 && map->slots[at].key != key) {
        at = (at + 1) & (map->capacity - 1);
    }
    return at;
}

uint32_t
hf_replay_map_get(const struct hf_replay_map *map, uint64_t key)
{
    return map->capacity == 0 ? 0 : map->slots[locate(map, key)].value;
}

static bool
grow(struct hf_replay_map *map)
{
    struct hf_replay_map larger = {.capacity = map->capacity == 0 ? 1024 : map->capacity * 2,
                                   .count = map->count};
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].value != 0) {
            larger.slots[locate(&larger, map->slots[i].key)] = map->slots[i];
        }
    }
    free(map->slots);
    *map = larger;
    return true;
}

bool
hf_replay_map_put(struct hf_replay_map *map, uint64_t key, uint32_t value)
{
    HF_ASSERT("map values are not zero", value != 0);
    if (map->count >= map->capacity / 4 * 3 && !grow(map)) {
        return false;
    }
    size_t at = locate(map, key);
    map->count += map->slots[at].value == 0;
    map->slots[at].key = key;
    map->slots[at].value = value;
    return true;
}

void
hf_replay_map_remove(struct hf_replay_map *map, uint64_t key)
{
    if (hf_replay_map_get(map, key) == 0) {
        return;
    }
    size_t mask = map->capacity - 1;
    size_t hole = locate(map, key);
    for (size_t at = (hole + 1) & mask; map->slots[at].value != 0; at = (at + 1) & mask) {
        /* An entry may move into the hole unless its home lies between the two. */
        size_t wanted = home(map, map->slots[at].key);
        if (((at - wanted) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole].value = 0;
    map->count--;
}

void
hf_replay_map_free(struct hf_replay_map *map)
{
    free(map->slots);
    *map = (struct hf_replay_map){0};
}
