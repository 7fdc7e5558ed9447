/* facts.h - what a reader must know of the host and the time at which figures were measured. */
#ifndef HF_BENCH_FACTS_H
#define HF_BENCH_FACTS_H

#include "bench.h"

#include <stdio.h>

struct bench_facts {
    double load_before, load_after;   /**< of the last minute */
    double steal_before, steal_after; /**< CPU seconds that the hypervisor took */
    uint64_t begin_ns, end_ns;
};

void bench_facts_begin(struct bench_facts *facts);
void bench_facts_end(struct bench_facts *facts);
/** The section of the report. */
void bench_facts_write(const struct bench_facts *facts, const struct bench_options *options,
                       FILE *out);

#endif
