/* chance.c - the one stream of chance (splitmix64). */
#include "sim/world.h"

static uint64_t state;

void
sim_seed(uint64_t seed)
{
    state = seed * 0x9e3779b97f4a7c15u + 0x632be59bd9b4e019u;
}

uint64_t
sim_random(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t
sim_below(uint64_t bound)
{
    return (sim_random() >> 32) * bound >> 32;
}

bool
sim_chance(uint32_t percent)
{
    return sim_below(100) < percent;
}
