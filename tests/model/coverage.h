/*
 * coverage.h - what a run has reached: which command was answered how, and how often.
 */
#ifndef HF_TESTS_MODEL_COVERAGE_H
#define HF_TESTS_MODEL_COVERAGE_H

#include "model/rig.h"

#include <stdio.h>

#define COVERAGE_TYPES 128u
#define COVERAGE_REASONS 128u

/** What is known of this stream's names, which differ in their first letters. */
struct coverage_names {
    char of_session[8][HF_NAME_BYTES]; /**< by slot */
    bool is_killed[8];   /**< its name was killed when it was opened, and when closed before */
    bool was_killed[32]; /**< by letter: when its last session was closed */
};

struct coverage {
    uint64_t commands;
    uint64_t answers[COVERAGE_TYPES][COVERAGE_REASONS]; /**< record type, reason (0: done) */
    uint64_t unasked[COVERAGE_REASONS];                 /**< cancels that answer nothing */
    uint64_t reports[256];
    uint64_t events[256];
    uint64_t kinds[8][8];    /**< accepted orders: order type, time in force */
    uint64_t cascades;       /**< commands that triggered more than one stop */
    uint64_t called;         /**< references that triggered stops */
    uint64_t opened;         /**< openings that did, without an uncross */
    uint64_t judged_at_best; /**< risk limits that refused an order without a price of its own */
    uint64_t halts;          /**< epochs that halted something */
    uint64_t decrements;     /**< orders that self-trade prevention made smaller */
    uint64_t front_adds;     /**< refilled peaks that kept their place */
    uint64_t auctions;       /**< fills of uncrosses */
    uint64_t held;       /**< market orders that ended at the collar, with more to be had beyond */
    uint64_t stops_held; /**< stops of which the same is true */
    uint64_t outlived;   /**< commands refused by a kill switch that has outlived a CLOSE */
    uint64_t lessened; /**< replaces at a price outside the collar, which only lessened an order */
    uint64_t alone;    /**< orders kept apart within an account that has no group */
    uint64_t past_own; /**< minimums that were met behind an own order, which decremented both */
    struct coverage_names names;
    uint64_t joins; /**< level books built from pages of different moments */
};

/** Count what the last record of the rig gave. */
void coverage_count(struct coverage *coverage, const struct rig *rig);

/** Print the table; returns how many expected things never happened (and names them). */
size_t coverage_print(FILE *file, const struct coverage *coverage);

/** How many expected things never happened; names them unless `file` is NULL. */
size_t coverage_missing(FILE *file, const struct coverage *coverage);

#endif
