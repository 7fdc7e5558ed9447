/*
 * md_screen.h - the terminal while a ladder is drawn in place: another screen, keys without Enter, and
 * everything as before at the end, however it ends.
 */
#ifndef HF_CLI_MD_SCREEN_H
#define HF_CLI_MD_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/** Whether both standard input and output are a terminal that can be drawn on. */
bool hf_md_screen_possible(void);

/** Take over the terminal. @return 0 or HF_E_SYSTEM */
int hf_md_screen_open(void);
void hf_md_screen_close(void);

/** Rows that fit now: a terminal may be resized at any time. */
size_t hf_md_screen_rows(void);

/** Begin a picture over the last one; hf_md_screen_end() clears what it left of that. Lines end with
 *  HF_MD_SCREEN_EOL. */
void hf_md_screen_begin(void);
void hf_md_screen_end(void);
#define HF_MD_SCREEN_EOL "\033[K\r\n"

/** Wait for a key at most so long. @return whether it is one that quits */
bool hf_md_screen_quit_key(int timeout_ms);

#endif
