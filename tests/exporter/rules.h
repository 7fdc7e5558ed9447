/*
 * rules.h - whether a text keeps to Prometheus's exposition format, version 0.0.4, and to the rules that
 * daemon/exporter/exposition.h sets itself (X1 to X3).
 */
#ifndef HF_TESTS_EXPORTER_RULES_H
#define HF_TESTS_EXPORTER_RULES_H

#include <stdbool.h>
#include <stddef.h>

#define RULES_TEXT_BYTES 512

/** Check a whole text. @param why  receives the line and the fault. @return whether there is none */
bool rules_keep(const char *text, char why[RULES_TEXT_BYTES]);

/** Whether the text has a sample of exactly this name. */
bool rules_have(const char *text, const char *name);

/** The value of the first sample whose name and labels begin like this; -1: there is none. */
double rules_value(const char *text, const char *beginning);

#endif
