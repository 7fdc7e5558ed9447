/* sequencer_request.h - the part of the engine's round that answers the control thread. */
#ifndef HF_DAEMON_SEQUENCER_REQUEST_H
#define HF_DAEMON_SEQUENCER_REQUEST_H

#include "daemon/sequencer.h"

/** Execute the posted request, if any. @return 1 when one was completed or moved on */
int64_t hf_sequencer_serve_request(struct hf_sequencer *sequencer);

/** Answer the posted request with HF_E_HALTED, but for those that only read. */
int64_t hf_sequencer_refuse_request(struct hf_sequencer *sequencer);

#endif
