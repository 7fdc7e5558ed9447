/*
 * stream_length.h - the length at which figures on the common stream are published, without stream.h's
 * functions: equal to its STREAM_WARMUP and STREAM_OPS, which core_common.c asserts.
 */
#ifndef HF_BENCH_STREAM_LENGTH_H
#define HF_BENCH_STREAM_LENGTH_H

#define STREAM_LENGTH_WARM 100000u
#define STREAM_LENGTH_TIMED 2000000u

#endif
