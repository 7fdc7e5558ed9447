/*
 * trace.h - what the recorded disk writes down: each write and flush in the order in which it came, and
 * notes of what had been called durable by then.
 *
 *   entry, data, entry, data, ...      data: of writes only, `len_bytes` long
 */
#ifndef HF_POWER_TRACE_H
#define HF_POWER_TRACE_H

#include <stdint.h>

enum trace_type {
    TRACE_WRITE = 1,
    TRACE_FLUSH = 2, /**< everything before it is on the medium */
    TRACE_NOTE = 3,  /**< the LSN in `offset` was durable for a client; or TRACE_BEGIN */
};

/** The note that the file system is made: crashes before it are nobody's business. */
#define TRACE_BEGIN UINT64_MAX

struct trace_entry {
    uint32_t type; /**< enum trace_type */
    uint32_t len_bytes;
    uint64_t offset;
};

#endif
