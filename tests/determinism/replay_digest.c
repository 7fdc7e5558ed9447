/*
 * replay_digest.c - replay logs, and print what each comes to.
 *
 *   replay_digest DIRECTORY...     a line each: NAME LSN DIGEST, with the books of all instruments and
 *                                  everything the sink hears folded into one more word
 */
#include "recovery/replay.h"
#include "recovery/scan.h"

#include "base/crc32c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LEVELS_MAX 256

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    uint32_t *heard = context;
    *heard = hf_crc32c(*heard, &session, sizeof(session));
    *heard = hf_crc32c(*heard, report, (size_t)report->slots * HF_SLOT_BYTES);
}

static void
on_market(void *context, const struct hf_market_event *event)
{
    uint32_t *heard = context;
    *heard = hf_crc32c(*heard, event, sizeof(*event));
}

static uint32_t
fold_books(const struct hf_core *core, uint32_t word)
{
    for (uint32_t id = 1; id <= hf_core_instruments(core); id++) {
        for (int side = HF_BUY; side <= HF_SELL; side++) {
            struct hf_depth_level levels[LEVELS_MAX];
            size_t count = hf_core_depth(core, id, (enum hf_side)side, levels, LEVELS_MAX);
            word = hf_crc32c(word, levels, count * sizeof(levels[0]));
        }
    }
    return word;
}

static int
replay(const char *directory)
{
    uint32_t heard = 0;
    struct hf_scan_result scan;
    struct hf_replay replay = {
        .sink = {.context = &heard, .report = on_report, .market = on_market}, .numa_node = -1};
    int code = hf_scan(directory, 0, hf_replay_record, &replay, &scan);
    const char *name = strrchr(directory, '/') == NULL ? directory : strrchr(directory, '/') + 1;
    if (code != HF_OK || replay.core == NULL) {
        printf("%s: %s\n", name, replay.code != HF_OK ? replay.text : scan.text);
    } else {
        printf("%s %" PRIu64 " %016" PRIx64 " %08" PRIx32 "\n", name, hf_core_lsn(replay.core),
               hf_core_digest(replay.core), fold_books(replay.core, heard));
    }
    hf_replay_free(&replay);
    return code == HF_OK ? 0 : 1;
}

int
main(int argc, char **argv)
{
    int status = argc > 1 ? 0 : 2;
    for (int i = 1; i < argc; i++) {
        status |= replay(argv[i]);
    }
    return status;
}
