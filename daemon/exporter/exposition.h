/*
 * exposition.h - a view in Prometheus's text format, version 0.0.4.
 *
 * X1  a metric's HELP and TYPE come once, before its samples, and these in one block
 * X2  no two samples have the same name and labels
 * X3  a histogram's buckets are cumulative, in growing order, and end in +Inf, which equals its _count
 * X4  of a daemon that is not there nothing is told but that: its last counters would look alive
 * X5  where the exporter is not let look, neither up nor healthy is told: nobody may act on what it does not know
 */
#ifndef HF_EXPORTER_EXPOSITION_H
#define HF_EXPORTER_EXPOSITION_H

#include "watch/view.h"

#include <stdio.h>

#define HF_EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/** @param looks  of the exporter so far */
void hf_exposition_print(FILE *out, const struct hf_watch_view *view, uint64_t looks);

#endif
