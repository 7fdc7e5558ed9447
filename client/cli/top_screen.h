/*
 * top_screen.h - the terminal while a picture is drawn in place (ncurses): another screen, keys without Enter,
 * and everything as before at the end, however it ends.
 */
#ifndef HF_CLI_TOP_SCREEN_H
#define HF_CLI_TOP_SCREEN_H

#include <stdbool.h>

enum hf_top_key {
    HF_TOP_KEY_NONE, /**< the time is over, or a signal came */
    HF_TOP_KEY_QUIT,
    HF_TOP_KEY_HELP,
    HF_TOP_KEY_THREADS,
    HF_TOP_KEY_LOOK, /**< at once */
    HF_TOP_KEY_DOWN,
    HF_TOP_KEY_UP,
    HF_TOP_KEY_RESIZE, /**< the terminal has another size: draw again */
};

/** Whether both standard input and output are a terminal. */
bool hf_top_screen_possible(void);

/** Take over the terminal. @return false: ncurses does not know its kind (TERM) */
bool hf_top_screen_open(void);
void hf_top_screen_close(void);

/** Its size now. */
void hf_top_screen_size(unsigned *rows, unsigned *columns);

/** Show lines with styles (top_picture.h) in place of the last ones. */
void hf_top_screen_show(const char *text);

/** Wait for a key, at most so long. */
enum hf_top_key hf_top_screen_key(int timeout_ms);

#endif
