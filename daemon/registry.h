/*
 * registry.h - the table of links, published to the engine and the waker by RCU (liburcu, QSBR).
 *
 *   control: build a new table ──► rcu_assign_pointer ──► synchronize_rcu ──► free the old one, unmap
 *   engine:  rcu_dereference once per round; quiescent between rounds, offline while it sleeps
 *
 * Readers never wait; a closed session's mappings are reclaimed only after the engine and the waker
 * have passed a quiescent state.
 */
#ifndef HF_DAEMON_REGISTRY_H
#define HF_DAEMON_REGISTRY_H

#include "daemon/link.h"

/** One immutable version. */
struct hf_link_table {
    uint32_t count;
    uint32_t slots; /**< length of by_slot */
    struct hf_link **dense;
    struct hf_link **by_slot; /**< NULL where no session is open */
};

struct hf_registry {
    struct hf_link_table *table; /**< rcu */
    uint32_t sessions_max;
};

int hf_registry_init(struct hf_registry *registry, uint32_t sessions_max);

/** Destroy all links and the table; no reader may be left. */
void hf_registry_destroy(struct hf_registry *registry);

/** The present version. Thread: a registered QSBR reader, until its next quiescent state */
const struct hf_link_table *hf_registry_read(const struct hf_registry *registry);

/** A link by slot or NULL; for the control thread, which alone changes the table. */
struct hf_link *hf_registry_link(const struct hf_registry *registry, uint32_t slot);

/** Publish a link. @return 0 or HF_E_MEMORY. Thread: control */
int hf_registry_add(struct hf_registry *registry, struct hf_link *link);

/** Unpublish a link and wait until no reader can hold it. Thread: control. @return 0 or HF_E_MEMORY */
int hf_registry_remove(struct hf_registry *registry, struct hf_link *link);

#endif
