/* gap.h - reports that the ring does not hold (gap.c). */
#ifndef HF_CLIENT_GAP_H
#define HF_CLIENT_GAP_H

#include "handle.h"

/** Begin with `next_report` (0: where the ring's reader stands). After the rings are set up. */
void hf_client_gap_init(struct hf_client *client, uint64_t next_report);
void hf_client_gap_destroy(struct hf_client *client);

/** The ring has nothing: whether that is because it has restarted further on. Loads only. */
bool hf_client_gap_opens(struct hf_client *client);

/** The next report, out of what was fetched; NULL: not there yet. */
const struct hf_report *hf_client_gap_report(const struct hf_client *client);

/** Whether a report lies in what was fetched. */
bool hf_client_gap_holds(const struct hf_client *client, const struct hf_report *report);

/** Whether the next report is still to be fetched. */
bool hf_client_gap_pending(const struct hf_client *client);

/** The application has been told HF_LOST: go on behind what is lost. */
void hf_client_gap_pass_lost(struct hf_client *client);

/** One step of a fetch, if there is one; the connection is up. @return HF_OK (nothing is missing), HF_GAP
 *  (it goes on), HF_LOST (the next report is lost: tell, then pass it), HF_E_NO_DAEMON (drop the connection), or why it failed: tried again after a while */
int hf_client_gap_step(struct hf_client *client, uint64_t now_ns);

#endif
