/*
 * output.h - nobody shall take half an answer for a whole one: what could not be written to standard output
 * ends the program with an error, whatever it would have ended with.
 */
#ifndef HF_BASE_OUTPUT_H
#define HF_BASE_OUTPUT_H

#define HF_OUTPUT_EXIT_CODE 74 /* EX_IOERR of sysexits.h */

/** First in a main(): at exit standard output is flushed; if that fails, or anything before it did, the reason goes
 *  to standard error, and the exit code is HF_OUTPUT_EXIT_CODE. A program that ends by _exit() is not looked at. */
void hf_output_guard(void);

#endif
