/*
 * plots.h - SVG plots of a report, drawn by gnuplot from percentiles.hgrm and from small files of growth.
 * Where gnuplot is not installed, the report says so and the data stay.
 */
#ifndef HF_BENCH_PLOTS_H
#define HF_BENCH_PLOTS_H

#include "bench.h"

#include <stdio.h>

/** Write data and script (plots.gp) into options->output, and run gnuplot there. Says in a note of group
 *  "plots" when there is no gnuplot. */
void bench_plots_make(const struct bench_options *options, struct bench_results *results);

/** Links to the plots of a group that were made. */
void bench_plots_link(const struct bench_options *options, const char *group, FILE *out);

#endif
