/*
 * options.h - the command line of a sub-command as one table: its operands in their order, then its options.
 *
 *     struct arguments { const char *directory; uint64_t from_lsn; bool json; };
 *
 *     static const struct hf_recover_option options[] = {
 *         {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
 *         {"from", 0, "LSN", "Begin with this LSN", HF_OPTION_NUMBER,
 *          .at = offsetof(struct arguments, from_lsn), .least = 1},
 *         {"json", 'j', NULL, "One JSON object", HF_OPTION_FLAG, .at = offsetof(struct arguments, json)}};
 *
 * A mistake ends the program with a message and EX_USAGE.
 */
#ifndef HF_RECOVER_OPTIONS_H
#define HF_RECOVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF_RECOVER_OPTIONS_MAX 16

enum hf_option_kind {
    HF_OPTION_TEXT,   /**< a const char * */
    HF_OPTION_NUMBER, /**< a uint64_t: a whole decimal number */
    HF_OPTION_FLAG,   /**< a bool, without an argument */
};

struct hf_recover_option {
    const char *name;     /**< without dashes; NULL: an operand */
    char key;             /**< its short form; 0: it has none */
    const char *argument; /**< what it is called in --help */
    const char *help;
    enum hf_option_kind kind;
    size_t at;      /**< where it goes, in the arguments */
    uint64_t least; /**< NUMBER */
    uint64_t most;  /**< NUMBER; 0: no bound */
    bool needed;
};

struct hf_recover_usage {
    const char *operands; /**< for --help: "DIRECTORY --to NEWDIR" */
    const char *doc;
    const struct hf_recover_option *options;
    size_t count;
    /** What is wrong with the arguments as a whole, in words; NULL: nothing. May be NULL. */
    const char *(*check)(const void *arguments);
};

/** Fill `arguments`, which has the defaults. Returns when all is right. */
void hf_recover_parse(const struct hf_recover_usage *usage, int argc, char **argv, void *arguments);

#endif
