/*
 * reload.h - SIGHUP: the configuration is read again, and what may change at run time changes.
 *
 *   file + --set ──► mistakes? ── yes ──► each is logged, everything stays as it is
 *                        │ no
 *                        ▼
 *                    what differs ──► RELOAD: stored for the thread that reads it, and logged
 *                                     RESTART, LOG, instruments: logged, with what would bring it about
 *
 * Only the control thread writes the configuration. What other threads read of it stands in their stages'
 * own words, which are stored and loaded relaxed: an old value does its work for one round more.
 */
#ifndef HF_DAEMON_RELOAD_H
#define HF_DAEMON_RELOAD_H

#include "daemon/control.h"

/** Give the stages what the configuration says at run time: at the start, and when it has changed. */
void hf_tune(struct hf_daemon *daemon);

/** Read the configuration again. Thread: control */
void hf_reload(struct hf_control *control);

#endif
