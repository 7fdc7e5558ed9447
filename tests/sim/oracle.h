/*
 * oracle.h - what must be true, whatever is crashed and when: the promises P1 to P6.
 *
 *   queue in shared memory ──► every record that was ever sequenced ──► a state machine of its own
 *                                     │                                      │ reports, digest
 *   recovery: records replayed ── = ──┘        clients: reports read ── = ───┘
 *
 * O1  recovery ends with a prefix of what was sequenced, record by record; with all of it when no power
 *     was cut and no memory given up (but for a first start that died before anybody could see it); never
 *     before the highest durable_lsn that anybody was shown (P1, P3)
 * O2  once the log is sealed there, what was beyond never comes back; until then a second power cut
 *     finds the same end
 * O3  state and digest are those of the oracle's own state machine
 * O4  what is sequenced for a session is what its client submitted, each command once, in order (P1); of a
 *     hostile one, something that can be applied, in its own session (P5)
 * O5  a client reads exactly the reports that the oracle's state machine makes, number by number (P2);
 *     in sync mode, or in a session that wants durable reports, none that is not durable yet
 * O6  durable <= written <= sequenced; after a failed flush durable_lsn stands still (P6)
 * O7  after the loss of a record that a running daemon had sequenced, and after memory was given up (unless
 *     the power was cut before a daemon ran without it: then it is gone in any case, and nobody is left who
 *     knew it), there is a new history; clients of that memory are told, and it takes no command from them
 * O8  the market-data ring holds exactly the events that the oracle's state machine makes
 * O9  the checkpointer applies nothing that is not durable, and nothing else stands before where it goes on
 * O10 behind a loss no instrument is open or about to, unless configured; without a new history no start
 *     halts anything
 * O11 the log is valid from its first segment to its end, whatever snapshots the starts began with
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "recovery/position.h"

#include <holdfast/report.h>
#include <stdbool.h>
#include <stdint.h>

void oracle_reset(void);

/** Look at shared memory: what is new there? */
void oracle_observe(void);
void oracle_power_cut(void);
void oracle_start_begins(void);
void oracle_started(void); /**< hf_daemon_start() has returned success */
void oracle_flush_failed(void);
void oracle_check_log(void); /**< O11, of a log that nobody writes, in calm */
/** O9 of the bytes. @param position  where the checkpointer stands now */
void oracle_checkpointed(const struct hf_log_position *position);

bool oracle_is_at_rest(void);  /**< all is durable, and every market event was published */
uint64_t oracle_last(void);    /**< LSN of the last record that was sequenced */
uint64_t oracle_durable(void); /**< highest durable_lsn that was shown */

/** Positions of a client's session as the oracle knows them. @return false: it has none */
struct oracle_session {
    uint64_t id;
    uint64_t last_seq;
    uint64_t last_report;
};
bool oracle_session(int process, struct oracle_session *session);

/** O5 for one report that a client was shown. */
void oracle_report_read(int process, const struct hf_report *report,
                        const struct hf_report_more *more);

#endif
