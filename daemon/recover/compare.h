/*
 * compare.h - two state machines, thing by thing: which are only in one of them, and which fields of the
 * others differ.
 */
#ifndef HF_RECOVER_COMPARE_H
#define HF_RECOVER_COMPARE_H

#include "core/core.h"

#include <jansson.h>

struct hf_compare {
    /* set by the caller */
    const struct hf_core *core[2];
    void *context;
    /** Each difference: a field of a thing, or, with field NULL, a thing that is only in one of them; what is
     *  not there is JSON's null. Values are borrowed for the call. */
    void (*differs)(void *context, const char *what, const char *field, const json_t *first,
                    const json_t *second);
    /* result */
    uint64_t differences;
};

/** Compare state, instruments, levels, orders, sessions, accounts, limits of names and entitlements. */
void hf_compare(struct hf_compare *compare);

#endif
