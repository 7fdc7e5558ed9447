/*
 * play.h - cases of commands and expectations in, comparisons or outcomes out.
 *
 *   FILE ──► play_reader ──► steps ──► play_command ──► driver: in-process engine or daemon
 *                              │                              │ reports
 *                              ▼                              ▼
 *                          play_check ◄──────────────── play_state: orders, queue, trades, events
 *                          play_print ◄────────────────────────┘
 *
 * Every case begins with an empty book: a fresh engine, or a fresh session and (with an admin's help) a
 * fresh instrument of a daemon. After each run of commands the book that the reports tell of is compared
 * with the engine's own.
 */
#ifndef HF_CLI_PLAY_H
#define HF_CLI_PLAY_H

#include "cli/play_case.h"
#include "cli/play_state.h"

#include <holdfast/engine.h>

#include <stdio.h>

/** Of a daemon; what is left of it from an earlier run may be closed. */
#define HF_PLAY_SESSION_DEFAULT "play"

struct hf_play_options {
    const char *instance; /**< NULL: in-process engine */
    const char *socket_path;
    const char *symbol;        /**< of a daemon */
    const char *session;       /**< of a daemon; one that is there may be refused (own_session.h) */
    const char *admin_session; /**< of a daemon; NULL: none */
    uint32_t flags;            /**< enum hf_instrument_flag bits for every case */
    bool check;
    bool all; /**< also cases that are said to need other rules */
    bool verbose;
};

/** Why a case was not played, and how often. */
struct hf_play_skip {
    char reason[64];
    uint64_t count;
};
#define HF_PLAY_SKIPS_MAX 32u

struct hf_play_counts {
    uint64_t files, cases, passed, differ, skipped;
    uint64_t commands, trades;
    struct hf_play_skip skips[HF_PLAY_SKIPS_MAX]; /**< the last one takes all that find no place */
    size_t skip_count;
};

struct hf_play;

/** Where commands go. All functions return 0 or a negative code after hf_play_fail(). */
struct hf_play_driver {
    const char *name;
    void *self;
    /** Get ready for a case: an empty book, play->instrument. `*skip` receives words when it cannot be
     *  played here. */
    int (*begin)(struct hf_play *play, const char **skip);
    /** Submit; all its reports have gone to hf_play_state_report() on return. */
    int (*submit)(struct hf_play *play, const struct hf_command *command);
    /** Submit as an admin, whose answer is a reason (0: done). */
    int (*admin)(struct hf_play *play, const struct hf_command *command, uint32_t *reason);
    /** The case's clock goes on to `time_ns`; NULL: no case has one of its own here. */
    int (*tick)(struct hf_play *play, uint64_t time_ns);
    /** Is the engine's book the one of play->state? */
    int (*compare)(struct hf_play *play, bool *equal);
    int (*end)(struct hf_play *play);
    void (*close)(struct hf_play *play);
};

struct hf_play {
    struct hf_play_options options;
    struct hf_play_driver driver;
    struct hf_play_counts counts;
    FILE *out;        /**< differences or outcomes, and the summary */
    const char *path; /**< of the file now */
    struct hf_play_case play_case;
    struct hf_play_state state;
    uint32_t instrument;
    int code; /**< the first fatal error, 0: none */
    char error[768];
};

/* play_local.c, play_via.c: open a driver. 0, or negative after hf_play_fail(). */
int hf_play_local_open(struct hf_play *play);
int hf_play_via_open(struct hf_play *play);

/* play_run.c */

/** Note a fatal error. @return its code */
int hf_play_fail(struct hf_play *play, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Play files. @return 0 (see counts), or negative with play->error: HF_E_CORRUPT (a malformed file)... */
int hf_play_run(struct hf_play *play, char *const *paths, size_t count);

void hf_play_print_summary(const struct hf_play *play);

/** Close the driver. */
void hf_play_free(struct hf_play *play);

/* play_rules.c */

/** What of the case's header Holdfast cannot satisfy, in words into `reason`. @return whether there is
 *  anything; else `*flags` receives the instrument's options */
bool hf_play_rules_missing(const struct hf_play_case *play_case, uint32_t *flags, char *reason,
                           size_t size);

/** The rules of an instrument with these options, as the `depends` object of a header; NULL: no memory */
json_t *hf_play_rules_depends(uint32_t flags);

/* play_command.c */

/** The session of a case where it can be administrated: in process. */
#define HF_PLAY_SESSION_NAME "play"

/** What became of a command of a case. */
enum hf_play_entry { HF_PLAY_SUBMIT, HF_PLAY_SUBMIT_ADMIN, HF_PLAY_TICK, HF_PLAY_NOTHING };

/** Say a command of a case in Holdfast's words. */
enum hf_play_entry hf_play_command_make(const struct hf_play_state *state, uint32_t instrument,
                                        const struct hf_play_command *command,
                                        struct hf_command slots[HF_MESSAGE_SLOTS_MAX]);

/* play_check.c */

/** Compare the expectation of step `at` with the state; print the difference, if any, and count it.
 *  `first` is the first step of the run of commands and expectations that it belongs to. @return 1 as
 *  expected, 0 not, negative after hf_play_fail() */
int hf_play_check(struct hf_play *play, size_t first, size_t at);

/* play_print.c */

/** The line of a step in its file; in a stream: the number of its command. */
uint64_t hf_play_line(const struct hf_play_case *play_case, size_t at);

/** Begin a difference: where, and the commands since the last expectation (steps first to at). */
void hf_play_print_place(const struct hf_play *play, size_t first, size_t at, const char *what);

/** Print two lists as a unified difference. */
void hf_play_print_rows(const struct hf_play *play, const struct hf_play_expectation *expectation,
                        const struct hf_play_rows *expected, const struct hf_play_rows *actual);

/** Print any JSON value on a line. */
void hf_play_print_json(const struct hf_play *play, const char *prefix, const json_t *json);

/** An event as an expectation; NULL: no memory. */
json_t *hf_play_event_json(const struct hf_play_state *state, const struct hf_play_event *event);

/** The trades so far as a list; NULL: no memory. */
json_t *hf_play_trades_json(const struct hf_play *play);

/** Set "bids" and "asks" of an object. @return 0 or negative after hf_play_fail() */
int hf_play_book_json(struct hf_play *play, bool visible, json_t *json);

/* play_outcome.c: 0 or negative after hf_play_fail() */

/** Print the header with our rules. */
int hf_play_print_header(struct hf_play *play);

/** Print a command and what it did, in the form of expectations. */
int hf_play_print_outcome(struct hf_play *play, const struct hf_play_command *command);

/** Print a stream with what happened: one list of trades for each command, and the book. */
int hf_play_print_stream(struct hf_play *play, json_t *trades);

#endif
