/*
 * shrink.h - a failing stream is cut down to the few steps that are needed for it to fail.
 */
#ifndef HF_TESTS_MODEL_SHRINK_H
#define HF_TESTS_MODEL_SHRINK_H

#include "model/rig.h"

/** Run all steps of a stream that are not left out, from scratch. A panic of the core, a crash or an
 *  endless loop counts as a failure like any difference. Returns true when all was equal. */
bool shrink_run(struct rig *rig, const struct stream *stream);

/** As rig_apply(), with panics, crashes and endless loops caught. */
bool shrink_apply(struct rig *rig, const struct stream *stream, size_t number, bool *was_applied);

/** Leave out as many steps as possible so that the stream still fails in the same way. */
void shrink(struct rig *rig, struct stream *stream);

#endif
