/*
 * report_print.h - a report in words, or as one JSON object.
 */
#ifndef HF_CLI_REPORT_PRINT_H
#define HF_CLI_REPORT_PRINT_H

#include <holdfast/command.h>
#include <holdfast/report.h>
#include <jansson.h>
#include <stdio.h>

/** One line: "#12 filled: ...". @param more second slot, NULL when the report has one */
void hf_report_print(FILE *file, const struct hf_report *report, const struct hf_report_more *more);

/** An integer; above INT64_MAX, which JSON readers' integers do not hold, a string of digits. */
json_t *hf_json_unsigned(uint64_t value);

/** One object with all fields that the type has, numbers by hf_json_unsigned(). The caller's; NULL: out
 *  of memory */
json_t *hf_report_json(const struct hf_report *report, const struct hf_report_more *more);

/** As these, for the acceptance of a new order: with what its report leaves out, which this session knows: that there
 *  is no limit, and what a stop waits for. @param order  its slots */
void hf_report_print_accepted(FILE *file, const struct hf_report *report,
                              const struct hf_command *order);
json_t *hf_report_accepted_json(const struct hf_report *report, const struct hf_command *order);

/** As these, for the copy of another session's report: whose and which it is, then the report. */
void hf_report_print_copy(FILE *file, const struct hf_report *report,
                          const struct hf_report_copy *copy);
json_t *hf_report_copy_json(const struct hf_report *report, const struct hf_report_copy *copy);

/** Print an object on one line and free it. */
void hf_json_print_line(FILE *file, json_t *object);

#endif
