/* registry.c - immutable tables, exchanged whole. */
#include "daemon/registry.h"

#include "base/panic.h"

#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>
#include <urcu-pointer.h>
#include <urcu-qsbr.h>

static struct hf_link_table *
table_create(uint32_t sessions_max)
{
    struct hf_link_table *table = calloc(1, sizeof(*table));
    if (table == NULL) {
        return NULL;
    }
    table->slots = sessions_max + 1;
    table->dense = calloc(sessions_max, sizeof(struct hf_link *));
    table->by_slot = calloc(table->slots, sizeof(struct hf_link *));
    if (table->dense == NULL || table->by_slot == NULL) {
        free(table->dense);
        free(table->by_slot);
        free(table);
        return NULL;
    }
    return table;
}

static void
table_free(struct hf_link_table *table)
{
    free(table->dense);
    free(table->by_slot);
    free(table);
}

int
hf_registry_init(struct hf_registry *registry, uint32_t sessions_max)
{
    registry->sessions_max = sessions_max;
    registry->table = table_create(sessions_max);
    return registry->table == NULL ? HF_E_MEMORY : HF_OK;
}

void
hf_registry_destroy(struct hf_registry *registry)
{
    struct hf_link_table *table = registry->table;
    if (table == NULL) {
        return;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        hf_link_destroy(table->dense[i]);
    }
    table_free(table);
    registry->table = NULL;
}

const struct hf_link_table *
hf_registry_read(const struct hf_registry *registry)
{
    return rcu_dereference(registry->table);
}

struct hf_link *
hf_registry_link(const struct hf_registry *registry, uint32_t slot)
{
    return slot < registry->table->slots ? registry->table->by_slot[slot] : NULL;
}

/** Copy the table with by_slot[slot] replaced, publish, wait for readers, free the old one. */
static int
exchange(struct hf_registry *registry, uint32_t slot, struct hf_link *link)
{
    struct hf_link_table *old = registry->table;
    struct hf_link_table *table = table_create(registry->sessions_max);
    if (table == NULL) {
        return HF_E_MEMORY;
    }
    memcpy(table->by_slot, old->by_slot, old->slots * sizeof(struct hf_link *));
    table->by_slot[slot] = link;
    for (uint32_t i = 0; i < table->slots; i++) {
        if (table->by_slot[i] != NULL) {
            table->dense[table->count++] = table->by_slot[i];
        }
    }
    rcu_assign_pointer(registry->table, table);
    synchronize_rcu();
    table_free(old);
    return HF_OK;
}

int
hf_registry_add(struct hf_registry *registry, struct hf_link *link)
{
    HF_ASSERT("one link per slot", hf_registry_link(registry, link->slot) == NULL);
    return exchange(registry, link->slot, link);
}

int
hf_registry_remove(struct hf_registry *registry, struct hf_link *link)
{
    HF_ASSERT("link is published", hf_registry_link(registry, link->slot) == link);
    return exchange(registry, link->slot, NULL);
}
