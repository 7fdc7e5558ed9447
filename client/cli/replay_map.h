/*
 * replay_map.h - a hash map from 64-bit keys to non-zero 32-bit values.
 *
 * Open addressing, linear probing, deletion by shifting back; grows at three quarters full. The key is
 * mixed, so that neither sequential order ids nor those of a hostile file make long runs likely.
 */
#ifndef HF_CLI_REPLAY_MAP_H
#define HF_CLI_REPLAY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hf_replay_map {
    struct hf_replay_map_slot {
        uint64_t key;
        uint32_t value; /**< 0: empty */
    } * slots;
    size_t capacity; /**< power of two, or 0 before the first put */
    size_t count;
};

/** The value of a key; 0 when it is not there. A zeroed struct is an empty map. */
uint32_t hf_replay_map_get(const struct hf_replay_map *map, uint64_t key);

/** Set the value (not 0) of a key. @return false: no memory, nothing changed */
bool hf_replay_map_put(struct hf_replay_map *map, uint64_t key, uint32_t value);

/** Remove a key; nothing happens when it is not there. */
void hf_replay_map_remove(struct hf_replay_map *map, uint64_t key);

void hf_replay_map_free(struct hf_replay_map *map);

#endif
