/*
 * compressors.c - the contexts of the compression library: made once, lent to whoever asks, as if they were new. (One
 * that was given back in the midst of a frame would go on with it, and the next world would be another than its seed's.)
 *
 * Their memory is the library's own, not of an arena: a process that is killed between making one and
 * freeing it would leave it behind for good.
 */
#include "sim/calls.h"

#include "sim/world.h"

#include <stdlib.h>

#define LENT_MAX 4 /* start, checkpointer and gap service, inside of each other */

struct lent {
    void *context;
    bool out;
};

static struct lent writers[LENT_MAX];
static struct lent readers[LENT_MAX];

static struct lent *
lend(struct lent *all)
{
    for (size_t i = 0; i < LENT_MAX; i++) {
        if (!all[i].out) {
            all[i].out = true;
            return &all[i];
        }
    }
    abort();
}

static size_t
take_back(struct lent *all, const void *context)
{
    for (size_t i = 0; i < LENT_MAX; i++) {
        all[i].out = all[i].out && all[i].context != context;
    }
    return 0;
}

void
sim_compressors_drop(void)
{
    for (size_t i = 0; i < LENT_MAX; i++) {
        writers[i].out = readers[i].out = false;
    }
}

ZSTD_CCtx *
__wrap_ZSTD_createCCtx(void)
{
    struct lent *lent = lend(writers);
    lent->context = lent->context == NULL ? __real_ZSTD_createCCtx() : lent->context;
    (void)ZSTD_CCtx_reset(lent->context, ZSTD_reset_session_and_parameters);
    return lent->context;
}

ZSTD_DCtx *
__wrap_ZSTD_createDCtx(void)
{
    struct lent *lent = lend(readers);
    lent->context = lent->context == NULL ? __real_ZSTD_createDCtx() : lent->context;
    (void)ZSTD_DCtx_reset(lent->context, ZSTD_reset_session_and_parameters);
    return lent->context;
}

size_t
__wrap_ZSTD_freeCCtx(ZSTD_CCtx *context)
{
    return take_back(writers, context);
}

size_t
__wrap_ZSTD_freeDCtx(ZSTD_DCtx *context)
{
    return take_back(readers, context);
}
