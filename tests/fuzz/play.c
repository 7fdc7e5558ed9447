/*
 * play.c - the files of commands and expectations that `holdfast play` reads: one JSON object a line.
 *
 *   input: the file
 */
#include "cli/play_case.h"
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

static struct fuzz_file file;

void
fuzz_target_init(void)
{
    fuzz_file_open(&file);
}

/** @return why reading ended */
static int
read_cases(const char *path)
{
    struct hf_play_reader *reader;
    int code = hf_play_reader_open(&reader, path);
    code = code == 0 ? 1 : code;
    while (code == 1) {
        struct hf_play_case play_case;
        code = hf_play_reader_next(reader, &play_case);
        FUZZ_CHECK("a case has its steps",
                   code != 1 || play_case.step_count <= play_case.step_capacity);
        hf_play_case_free(&play_case);
    }
    FUZZ_CHECK("an error is in words", (code < 0) == (hf_play_reader_error(reader)[0] != '\0'));
    hf_play_reader_close(reader);
    return code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    fuzz_file_store(&file, bytes, count);
    (void)read_cases(file.path);
    return 0;
}

/* Seeds: every field and word of the format, as play_parse_*.c know them */

static const char *const STEPS[] = {
    "{'op': 'new', 'id': 'a', 'side': 'B', 'type': 'limit', 'tif': 'GTC', 'px': 100, 'qty': 5}",
    "{'op': 'new', 'id': 1, 'owner': 'o', 'side': 'S', 'type': 'limit', 'tif': 'DAY', 'px': 9, "
    "'qty': 5}",
    "{'op': 'new', 'id': 5, 'side': 'S', 'type': 'stop_limit', 'tif': 'GTC', 'px': 9, 'qty': 5, "
    "'stop_px': 8}",
    "{'op': 'new', 'id': 6, 'side': 'B', 'type': 'limit', 'tif': 'GTC', 'px': 9, 'qty': 5, "
    "'display': 2}",
    "{'op': 'new', 'id': 7, 'side': 'B', 'type': 'limit', 'tif': 'IOC', 'px': 9, 'qty': 5, "
    "'min_qty': 2}",
    "{'op': 'new', 'id': 8, 'side': 'B', 'type': 'limit', 'tif': 'GTC', 'px': 9, 'qty': 5, "
    "'post_only': true}",
    "{'op': 'new', 'id': 2, 'side': 'S', 'type': 'market', 'tif': 'AON', 'qty': 5}",
    "{'op': 'new', 'id': 3, 'side': 'B', 'type': 'stop', 'tif': 'GTC', 'qty': 5, 'stop_px': -1}",
    "{'op': 'new', 'id': 4, 'side': 'B', 'type': 'market_to_limit', 'tif': 'FOK', 'qty': 5}",
    "{'op': 'cancel', 'id': 'a'}",
    "{'op': 'replace', 'id': 'a', 'new_id': 'b', 'px': 3, 'qty': 4, 'qty_is': 'open'}",
    "{'op': 'replace', 'id': 'a', 'qty_delta': -1}",
    "{'op': 'reduce', 'id': 'a', 'qty': 1}",
    "{'op': 'resize', 'id': 'a', 'qty': 1}",
    "{'op': 'mass_cancel', 'side': 'B', 'owner': 'o'}",
    "{'op': 'set_last', 'px': 100}",
    "{'op': 'phase', 'phase': 'pre_open'}",
    "{'op': 'group', 'owner': 'o', 'group': 7, 'self_trade': 'cancel_oldest'}",
    "{'op': 'session_end'}",
    "{'exp': 'trades', 'list': [['a', 1, 100, 5]], 'unordered': true, 'merged_per_pair': true}",
    "{'exp': 'trades', 'list': [], 'by': 'owner', 'incomplete': false}",
    "{'exp': 'book', 'by': 'order', 'bids': [['a', 100, 5]], 'asks': [], 'unordered': true}",
    "{'exp': 'book', 'by': 'level', 'bids': [[100, 5]], 'asks': [], 'visible': true}",
    "{'exp': 'top', 'bids': [[1]], 'asks': [[2, 3]], 'price_only': true}",
    "{'exp': 'event', 'id': 'a', 'ev': 'cancelled', 'open': 3, 'reason': 'x'}",
    "{'exp': 'order', 'id': 'a', 'live': true, 'open': 4, 'visible': true, 'last': true}",
    "{'exp': 'levels', 'bids': 1, 'asks': 2, 'stop_bids': 0, 'stop_asks': 0}",
    "{'exp': 'totals', 'what': 'stop_volume', 'bid': 1, 'ask': 0}",
    "{'exp': 'last_px', 'px': null}",
};

/** Quotes are written singly here. */
static void
seed(const char *text)
{
    char json[1024];
    size_t length = strlen(text);
    HF_ASSERT("a seed is small", length < sizeof(json));
    for (size_t i = 0; i < length; i++) {
        json[i] = text[i] == '\'' ? '"' : text[i];
    }
    fuzz_file_store(&file, json, length);
    FUZZ_CHECK("a seed is read to its end", read_cases(file.path) == 0);
    fuzz_seed(json, length);
}

void
fuzz_target_seeds(void)
{
    char text[512];
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        (void)snprintf(text, sizeof(text), "{'case': 'c'}\n\n%s\n", STEPS[i]);
        seed(text);
    }
    seed("{'case': 'c', 'cmds': [{'op': 'cancel', 'id': 1}], 'trades': [[[1, 2, 3, 4]]], "
         "'bids': [[1, 5, 1]], 'asks': []}\n{'case': 'd'}\n");
}
