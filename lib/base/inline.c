/*
 * inline.c - the inline functions of the public headers once more, as symbols: for other languages, which
 * cannot inline C, and for compilations that do not inline.
 */
#include <holdfast/report.h>

extern inline bool hf_report_is_second(const struct hf_report *slot);
