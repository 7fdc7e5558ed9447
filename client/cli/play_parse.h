/*
 * play_parse.h - one JSON object as a command or an expectation; for play_reader.c.
 */
#ifndef HF_CLI_PLAY_PARSE_H
#define HF_CLI_PLAY_PARSE_H

#include "cli/play_case.h"
#include "cli/play_json.h"

/** Parse a command; what it needs of the engine is noted in the case. Errors are in `fields`. */
void hf_play_parse_command(struct hf_play_fields *fields, struct hf_play_case *play_case,
                           struct hf_play_command *command);

/** Parse an expectation. Its rows are to be freed whatever happens. Errors are in `fields`. */
void hf_play_parse_expectation(struct hf_play_fields *fields, struct hf_play_case *play_case,
                               struct hf_play_expectation *expectation);

/** Append both sides of a book, by order, to `rows`. */
void hf_play_parse_book(struct hf_play_fields *fields, struct hf_play_case *play_case,
                        struct hf_play_shape shape, struct hf_play_rows *rows);

/** A list of trades, appended to `rows`. */
void hf_play_parse_trades(struct hf_play_fields *fields, json_t *list, struct hf_play_names *names,
                          struct hf_play_rows *rows);

#endif
