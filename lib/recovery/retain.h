/*
 * retain.h - which snapshots and segments stay.
 *
 *   segments     1   2   3   4   5   6   7   8   9  (prepared)
 *   snapshots              ▲A            ▲B      ▲C
 *                └ may go ─┘ stays       older   newest
 *
 * R1  the two newest snapshots stay, and all of the log behind the older one: its segment, and the one
 *     before (sealing reads back to the floor)
 * R2  a session with a gap needs the log from the first report of the gap on: the newest snapshot from
 *     before that stays too, with what is behind it; but only until the log is twice as long, or as old, as
 *     it is to be kept: a session that never reads must not fill the disk of all
 * R3  nothing goes before the snapshots that stay were read again and found whole
 * R4  segments go lowest first, each durably before the next: what stays has no hole
 * R5  who reads the log meanwhile holds it: a shared lock (flock) of its directory, which ends with the process.
 *     Nothing goes while there is one; but, as in R2, only until the log is twice as long or old, or
 *     HF_RETAIN_SNAPSHOTS_MAX snapshots are there. Who then finds that the log begins elsewhere by now begins
 *     anew
 *
 * What is not durable is behind every snapshot, and so never goes.
 */
#ifndef HF_RECOVERY_RETAIN_H
#define HF_RECOVERY_RETAIN_H

#include <holdfast/units.h>
#include <stdbool.h>

#define HF_RETAIN_TEXT_BYTES 1024
#define HF_RETAIN_SNAPSHOTS_MAX                                                                    \
    8u /* R5: a reader that never ends must not fill the disk with them */

struct hf_retain {
    /* set by the caller */
    const char *directory;
    uint64_t keep_bytes;  /**< of segments; 0: of any length */
    uint64_t keep_ns;     /**< since a segment was left by the writer; 0: for ever */
    uint64_t needed_lsn;  /**< R2: of the first report that a session may ask for; 0: none does */
    uint64_t now_wall_ns; /**< compared with what segments carry */
    /* results */
    uint64_t segments_removed;
    uint64_t snapshots_removed;
    uint64_t first_segment; /**< lowest number that is there */
    bool overruled;         /**< R2: what a session needed went */
    bool held;              /**< R5: somebody reads the log, and nothing went; */
    bool hold_overruled;    /**< or it went all the same */
    char text[HF_RETAIN_TEXT_BYTES];
};

/** Remove what need not stay; with neither bytes nor time given, snapshots alone. @return 0, or a code with
 *  a text: nothing, or less than could, was removed */
int hf_retain(struct hf_retain *retain);

/** R5: keep what a log's directory holds; waits while something is being removed. @return a descriptor, to be
 *  held for as long as the log is read, or -errno */
int hf_retain_hold(const char *directory);

#endif
