/*
 * stream.h - a stream of commands as a test case: limits of an instance, and steps that are applied
 * to it one after the other.
 *
 * A step is a record without its LSN. Whatever in it is an LSN (an order id, a session id) is told by
 * a reference to the step that it stems from, so that a stream still means the same when some of its
 * steps are left out.
 */
#ifndef HF_TESTS_MODEL_STREAM_H
#define HF_TESTS_MODEL_STREAM_H

#include <holdfast/engine.h>
#include <holdfast/record.h>

#include <stdbool.h>

#define STREAM_STEPS_MAX 4096u

/** The fields that hold an LSN. */
enum step_reference {
    STEP_ORDER_ID = 0,  /**< client_order_id of a CANCEL or REDUCE by order id, or of a list */
    STEP_SESSION_A = 1, /**< session_id[0] of a BUST */
    STEP_SESSION_B = 2, /**< session_id[1] of a BUST */
    STEP_REFERENCES = 3,
};

struct step {
    struct hf_record record;              /**< lsn is filled when the step is applied */
    struct hf_record more;                /**< used when record.slots is 2 */
    uint32_t references[STEP_REFERENCES]; /**< 1 + number of the step that is meant; 0: none */
    /* Of a command (else the record is the daemon's own): it is checked, and refused, as the engine
     * does it when it takes a command from a ring. */
    bool is_command;
    bool disk_is_low;
    uint64_t reserved[2]; /**< bytes 8 to 23 of the command */
};

struct stream {
    uint64_t seed;
    struct hf_engine_limits limits;
    size_t count;
    struct step steps[STREAM_STEPS_MAX];
    bool is_left_out[STREAM_STEPS_MAX];
};

#endif
