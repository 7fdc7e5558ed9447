/*
 * protocol.pml - the way of a command, from a client's ring to its report, over crashes.
 *
 *   client ──► command ring ──► engine ──► WAL queue ──► writer ──► file ──► sync ──► disk
 *      ▲                          │                                              │
 *      └──── report ring ◄────────┘                      durable_lsn ◄───────────┘
 *
 * One session, and every process that its commands meet, as one step per store that another process, or
 * a recovery, could see. Steps are named after the function whose store they are. At any of them:
 *   kill     the daemon dies, its own memory is gone; shared memory and the page cache stay
 *   power    shared memory is gone too, the client is dead, and every record that no completed flush
 *            covers is on the disk or not, each for itself
 *   flush    fails: of its range the disk has what it has, the pages count as clean, and may be read
 *            again from the disk; the daemon halts, and somebody restarts it
 *   client   dies, and a new one takes over
 * At most CRASHES of the first three and CLIENT_CRASHES of the last in a run.
 *
 * Every command yields one report, so the n-th command, the n-th report and its number are one number;
 * LSNs are others, because every start logs an EPOCH record. Memory is sequentially consistent here; the
 * orders that bring that about are checked by tests/memory.
 *
 * What must hold stands in assert()s (named P1, P2, P3, B1... as in the code and the design), and in
 * `watch`: when nothing can move any more, every command has been reported, and all of it is durable.
 * -DBUG_x plants a mistake (check.sh lists them); each must break one of them.
 */
#ifndef COMMANDS
#define COMMANDS 3
#endif
#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef CLIENT_CRASHES
#define CLIENT_CRASHES 1
#endif
#ifndef SHOW_DURABLE /* 1: a session that is shown durable reports only (HF_OPEN_DURABLE) */
#define SHOW_DURABLE 0
#endif
#define RING 2  /* slots of the command ring and of the report ring */
#define QUEUE 2 /* slots of the WAL queue */

#define LSN_MAX (COMMANDS + 1 + CRASHES) /* an EPOCH record a start */

/* A record's content: which command, and under which history it was submitted; command 0: an EPOCH
 * record, which begins that history. A record in the log has its epoch too, which stands for the chain of
 * checksums: none of an older epoch follows one of a newer. */
#define BODY(seq, history) ((seq) * 8 + (history))
#define SEQ(body) ((body) / 8)
#define HISTORY(body) ((body) % 8)
#define RECORD(epoch, body) ((epoch) * 256 + (body))
#define EPOCH(record) ((record) / 256)
#define CONTENT(record) ((record) % 256)
#ifdef BUG_TAIL_REVIVED /* a cut tail is neither zeroed nor told by its chain */
#define CHAINED(record, before) ((record) != 0)
#else
#define CHAINED(record, before) ((record) != 0 && EPOCH(record) >= EPOCH(before))
#endif
#define BIT(lsn) (1 << (lsn))

mtype = {
    /* the engine's thread in hf_daemon_start() */
    SCAN, REWRITE, REWRITE_SYNC, ZERO, ZERO_SYNC, APPEND, APPEND_SYNC, STATUS, UNSTAMP, STAMP, STAMPED,
    SEGMENT, EPOCH_FILL, EPOCH_PUBLISH, EPOCH_FLUSHED, TAKE_OVER, RUN,
    /* and in hf_sequencer_do_work() */
    IDLE, SEQUENCE, APPLY, REPORT, RELEASE, SEQUENCED,
    /* the sync thread */
    WAITS, FLUSHES, STORES, RELEASES,
    /* status->state */
    RECOVERING, RUNNING, HALTED
};

/* ---- the medium: lasts ---- */
short file[LSN_MAX + 2]; /* what the page cache shows, by LSN */
short disk[LSN_MAX + 2];
byte dirty;              /* bits: not written back; after a failed flush clean is not what the disk has */
byte segment_epoch = 1;  /* of the last segment; its header is durable before it has its name */
byte file_floor = 1;     /* the highest durable_lsn in a GROUP record or a segment header */
byte disk_floor = 1;

/* ---- shared memory: lasts until the power goes ---- */
bool page = true; /* the status page is there */
bool page_whole = true; /* its magic */
mtype state = RUNNING;
byte history = 1;
byte sequenced_lsn = 1;
byte written_lsn = 1;
byte durable_lsn = 1;
bool queue_spent; /* its records are in the log, it was not made anew since */

bool queue_whole = true; /* its magic */
byte queue_epoch = 1;
byte queue_first = 1;
byte queue_released = 1;
byte queue_word[QUEUE];
byte queue_body[QUEUE];

bool session = true; /* the session's two objects are there */
byte command_word[RING];
byte command_body[RING];
byte command_tail; /* stored by the engine */
byte report_word[RING];
byte report_body[RING];
byte report_lsn[RING];
byte report_tail; /* stored by the client */

/* ---- the daemon's own memory ---- */
mtype at = IDLE;        /* where the engine's thread is */
byte epoch = 1;
byte history_next;      /* decided by recovery */
bool resumed;           /* this start found a status page of this boot */
byte log_end;           /* recovery: last record of the log, */
byte rebuilt_end;       /* and of what the queue has beyond it */
byte log_floor;
byte queue_next = 2;    /* LSN that the next record gets */
byte command_next = 1;  /* position that the engine takes next */
byte taken;
bool owed;              /* commands of this burst are not released */
byte report_next = 1;   /* number that the ring gets next */
bool drains;            /* a takeover waits: the old command ring is drained */
byte last_seq;          /* the core: commands processed = reports made */
byte made_body[COMMANDS + 1];
byte made_lsn[COMMANDS + 1]; /* its event buffer */
byte writer_next = 2;
byte writer_stored;     /* last record of a batch that is stored and not published; 0: none */
mtype sync_at = WAITS;
byte sync_to;

/* ---- the client ---- */
bool attached = true;
bool filled;            /* a slot is filled and not published */
byte submit_next = 1;
byte read_next = 1;
byte client_history = 1;
byte got;               /* the application's own memory: number of the last report that it acted upon */

/* ---- what is known only to us ---- */
byte crashes = CRASHES;
byte client_crashes = CLIENT_CRASHES;
short truth[LSN_MAX + 2];          /* what was sequenced at each LSN, and not lost since */
byte submitted[COMMANDS + 2];      /* under which history hf_submit() returned 0 for a command; 0: not */
bool power_failed;                 /* since the last scan */
byte told_durable = 1;             /* the highest durable_lsn that anybody could have read */
byte lsn;                          /* of loops; 0 outside of them */
byte i;

#define queue_slot(n) ((n) % QUEUE)
#define ring_slot(n) ((n) % RING)

#define queue_has_room (queue_next - queue_released <= QUEUE)       /* hf_ring_claim() of the queue */
#define command_there (session && command_word[ring_slot(command_next)] == command_next)
#define report_behind (report_next <= last_seq)                     /* link->behind != 0 */
#ifdef BUG_REPORT_OVERWRITTEN /* the engine does not look whether the client has released */
#define report_room session
#else /* hf_ring_claim() of the reports */
#define report_room (session && report_next - report_tail <= RING)
#endif

/* ------------------------------------------------------------------------------------------------------
 * The state machine (hf_core_apply), live and in a replay.
 */
inline core_apply(body, at_lsn)
{
    if
    :: SEQ(body) == 0 -> skip
    :: else ->
        assert(SEQ(body) == last_seq + 1); /* P1: exactly once, in order */
        last_seq++;
        assert(body == BODY(last_seq, submitted[last_seq])); /* P1: what was submitted, and last so */
        made_body[last_seq] = body;
        made_lsn[last_seq] = at_lsn
    fi
}

/* ------------------------------------------------------------------------------------------------------
 * Recovery: daemon/rebuild.c, lib/recovery/{scan,seal}.c, daemon/start.c.
 */

/* A first start of this boot that died before anybody could connect: instance.c, go_on_unfinished(). */
inline give_up_unfinished()
{
    resumed = page && page_whole;
    if
    :: page && !page_whole -> queue_whole = false; queue_spent = false; assert(!session)
    :: else
    fi
}

/* hf_scan(), hf_replay_record(): the longest valid prefix. */
inline scan_log()
{
    log_end = 0; last_seq = 0; history_next = 0;
    do
    :: log_end < LSN_MAX && CHAINED(file[log_end + 1], file[log_end]) ->
        log_end++;
        core_apply(CONTENT(file[log_end]), log_end);
        if
        :: SEQ(CONTENT(file[log_end])) == 0 -> history_next = HISTORY(CONTENT(file[log_end]))
        :: else
        fi
    :: else -> break
    od;
    log_floor = file_floor;
    if
    :: resumed && durable_lsn > log_floor -> log_floor = durable_lsn
    :: else
    fi;
    assert(log_end >= log_floor) /* P4: no crash looks like damage */
}

/* queue_continues(), compare_queue_with_log(), replay_queue(). */
inline replay_queue()
{
    rebuilt_end = log_end;
    do
    :: rebuilt_end - log_end < QUEUE && queue_word[queue_slot(rebuilt_end + 1)] == rebuilt_end + 1 ->
        rebuilt_end++
    :: else -> break
    od;
    if
    :: queue_whole && queue_first <= log_end + 1 &&
       (queue_epoch == segment_epoch ||
        (rebuilt_end == log_end && (queue_epoch == segment_epoch + 1 || queue_epoch + 1 == segment_epoch))) ->
        i = 0;
        do /* B4; not the slot that may have been filled and not published (B5) */
        :: i < QUEUE ->
            assert(queue_word[i] == 0 || queue_word[i] < queue_first || queue_word[i] > log_end ||
                   queue_word[i] + QUEUE <= rebuilt_end + 1 ||
                   queue_body[i] == CONTENT(file[queue_word[i]]));
            i++
        :: else -> i = 0; break
        od;
        lsn = log_end;
#ifdef BUG_QUEUE_NOT_TAKEN /* recovery does not take what the queue holds */
        rebuilt_end = log_end;
#endif
        do
        :: lsn < rebuilt_end ->
            lsn++;
            core_apply(queue_body[queue_slot(lsn)], lsn);
            if
            :: SEQ(queue_body[queue_slot(lsn)]) == 0 -> history_next = HISTORY(queue_body[queue_slot(lsn)])
            :: else
            fi
        :: else -> lsn = 0; break
        od
    :: else ->
        assert(queue_spent); /* B7: no crash loses the queue */
        rebuilt_end = log_end
    fi
}

/* hf_link_last_report(), compare_with_ring(), check_link(). */
inline look_at_rings()
{
    report_next = 1;
    i = 0;
    do
    :: session && i < RING ->
        if
        :: report_word[i] >= report_next -> report_next = report_word[i] + 1
        :: else
        fi;
        i++
    :: else -> i = 0; break
    od;
    assert(!session || (report_next <= last_seq + 1 && command_tail <= last_seq)); /* B3 */
    do
    :: session && i < RING ->
        assert(report_word[i] == 0 || report_word[i] + RING <= report_next ||
               (report_body[i] == made_body[report_word[i]] && report_lsn[i] == made_lsn[report_word[i]])); /* B1 */
        i++
    :: else -> i = 0; break
    od;
    if
    :: session
    :: else -> report_next = last_seq + 1 /* B6 */
    fi;
#ifdef BUG_BACKLOG_FORGOTTEN /* recovery does not look for reports that are not in the ring */
    report_next = last_seq + 1;
#endif
}

/* decide_history() */
inline decide_history()
{
    if
    :: resumed ->
        if
        :: history > history_next -> history_next = history
        :: else
        fi
    :: else ->
#ifndef BUG_HISTORY_KEPT /* a lost tail begins no new history */
        history_next++
#endif
    fi
}

/* What a recovery has to give, of all that was ever sequenced. */
inline judge_rebuilt()
{
    assert(rebuilt_end >= told_durable); /* P3 */
    lsn = 1;
    do
    :: lsn <= rebuilt_end ->
        /* A prefix of what was sequenced; nothing that was lost before is back. */
        assert(CONTENT(truth[lsn]) ==
               (lsn <= log_end -> CONTENT(file[lsn]) : queue_body[queue_slot(lsn)]));
        lsn++
    :: lsn > rebuilt_end && lsn <= LSN_MAX ->
        /* P1: a kill loses nothing; but the EPOCH of a start that nobody could connect to. */
        assert(truth[lsn] == 0 || power_failed || (!resumed && SEQ(truth[lsn]) == 0));
        truth[lsn] = 0;
        lsn++
    :: else -> lsn = 0; break
    od;
    assert(history_next == history || !resumed); /* a kill begins no new history */
    power_failed = false
}

inline rebuild()
{
    give_up_unfinished();
    scan_log();
    rebuilt_end = log_end;
    if
    :: resumed ->
        replay_queue();
        assert(sequenced_lsn <= rebuilt_end) /* B3 */
    :: else
    fi;
    look_at_rings();
    decide_history();
    judge_rebuilt();
    epoch = segment_epoch + 1
}

/* A flush of these LSNs returns success. */
inline bring_to_disk(from, to)
{
    lsn = from;
    do
    :: lsn <= to ->
        if
        :: dirty & BIT(lsn) -> disk[lsn] = file[lsn]; dirty = dirty & ~BIT(lsn)
        :: else
        fi;
        lsn++
    :: else -> lsn = 0; break
    od;
    disk_floor = file_floor
}

/* It fails. Not to be put into a d_step: it chooses. */
inline fail_to_bring(from, to)
{
    lsn = from;
    do
    :: lsn <= to && (dirty & BIT(lsn)) ->
        dirty = dirty & ~BIT(lsn);
        if
        :: disk[lsn] = file[lsn] /* this one came through */
        :: skip                  /* the page cache shows what the disk has not */
        :: file[lsn] = disk[lsn] /* and was read again */
        fi;
        lsn++
    :: lsn <= to && !(dirty & BIT(lsn)) -> lsn++
    :: lsn > to -> lsn = 0; break
    od
}

inline forget_own_memory()
{
    at = SCAN; epoch = 0; history_next = 0; resumed = false;
    log_end = 0; rebuilt_end = 0; log_floor = 0;
    queue_next = 0; command_next = 0; taken = 0; owed = false; report_next = 0; drains = false;
    last_seq = 0;
    lsn = 0;
    do
    :: lsn < COMMANDS -> lsn++; made_body[lsn] = 0; made_lsn[lsn] = 0
    :: else -> lsn = 0; break
    od;
    writer_next = 0; writer_stored = 0; sync_at = WAITS; sync_to = 0
}

/* An fsync of hf_scan_seal(): a failure ends the start, and somebody tries again. */
inline seal_sync(next)
{
    if
    :: true ->
#ifndef BUG_SEAL_UNFLUSHED /* recovery does not flush what it accepts */
        bring_to_disk(1, LSN_MAX);
#endif
        at = next
    :: crashes > 0 -> crashes--; fail_to_bring(1, LSN_MAX); forget_own_memory()
    fi
}

/* hf_queue_stamp(): slots zeroed, and epoch and first LSN, while the magic is 0. */
inline stamp()
{
    i = 0;
    do
    :: i < QUEUE -> queue_word[i] = 0; queue_body[i] = 0; i++
    :: else -> i = 0; break
    od;
    queue_epoch = epoch; queue_first = rebuilt_end + 1; queue_released = rebuilt_end;
    queue_whole = true
}

/* ------------------------------------------------------------------------------------------------------
 * The engine's thread.
 */

/* hf_sequencer_report(), hf_backlog_drain(): the next report's slot is filled if there is room. */
inline fill_report(otherwise)
{
    if
    :: report_behind && report_room ->
        report_body[ring_slot(report_next)] = made_body[report_next];
        report_lsn[ring_slot(report_next)] = made_lsn[report_next];
        at = REPORT
    :: else -> at = otherwise
    fi
}

proctype engine()
{
end:
    do
    /* -- a start -- */
    :: d_step { at == SCAN -> rebuild(); state = RECOVERING; at = REWRITE }
    :: d_step { at == REWRITE -> /* hf_scan_seal() 1: the page cache is not believed */
           lsn = log_floor;
           do
           :: lsn <= log_end ->
#ifndef BUG_NOT_REWRITTEN /* recovery flushes what it accepts, and does not rewrite it before */
               dirty = dirty | BIT(lsn);
#endif
               lsn++
           :: else -> lsn = 0; break
           od;
#ifdef BUG_QUEUE_RESET_EARLY /* the queue is reset before its records are in the log */
           stamp();
#endif
           at = REWRITE_SYNC }
    :: atomic { at == REWRITE_SYNC -> seal_sync(ZERO) }
    :: d_step { at == ZERO -> /* 2, 3: the torn tail and segments behind it */
           lsn = log_end + 1;
#ifdef BUG_TAIL_REVIVED
           lsn = LSN_MAX + 1;
#endif
           do
           :: lsn <= LSN_MAX ->
               if
               :: file[lsn] != 0 || disk[lsn] != 0 -> file[lsn] = 0; dirty = dirty | BIT(lsn)
               :: else
               fi;
               lsn++
           :: else -> lsn = 0; break
           od;
           at = ZERO_SYNC }
    :: atomic { at == ZERO_SYNC -> seal_sync(APPEND) }
    :: d_step { at == APPEND -> /* 4: the queue's records, under the old epoch */
           lsn = log_end + 1;
           do
           :: lsn <= rebuilt_end ->
               file[lsn] = RECORD(segment_epoch, queue_body[queue_slot(lsn)]);
               dirty = dirty | BIT(lsn);
               lsn++
           :: else -> lsn = 0; break
           od;
           at = APPEND_SYNC }
    :: atomic { at == APPEND_SYNC -> seal_sync(STATUS) }
    :: d_step { at == STATUS -> /* hf_instance_create_status(), reset_counters(), stamp_queue() */
           page = true; history = history_next; queue_spent = true;
           at = UNSTAMP }
    :: d_step { at == UNSTAMP -> queue_whole = false; at = STAMP } /* hf_queue_stamp() */
    :: d_step { at == STAMP -> stamp(); at = STAMPED }
    :: d_step { at == STAMPED -> queue_spent = false; at = SEGMENT } /* stamp_queue() */
    :: d_step { at == SEGMENT -> /* hf_wal_open() */
           segment_epoch = epoch; file_floor = rebuilt_end; disk_floor = rebuilt_end;
           written_lsn = rebuilt_end; durable_lsn = rebuilt_end;
           writer_next = rebuilt_end + 1; queue_next = rebuilt_end + 1;
           at = EPOCH_FILL }
    :: d_step { at == EPOCH_FILL -> /* append_epoch(): commit() as below */
           queue_body[queue_slot(queue_next)] = BODY(0, history_next);
           at = EPOCH_PUBLISH }
    :: d_step { at == EPOCH_PUBLISH ->
           queue_word[queue_slot(queue_next)] = queue_next;
           truth[queue_next] = BODY(0, history_next);
           queue_next++;
           at = EPOCH_FLUSHED }
    :: atomic { at == EPOCH_FLUSHED && durable_lsn == queue_next - 1 -> at = TAKE_OVER } /* flush_now() */
    :: d_step { at == TAKE_OVER -> /* take_over_rings() */
           command_next = last_seq + 1;
#ifdef BUG_SEQUENCE_NOT_RESTORED /* the next sequence number is taken from the ring's tail */
           command_next = (session -> command_tail + 1 : last_seq + 1);
#endif
           if
           :: session -> command_tail = last_seq
           :: else
           fi;
           at = RUN }
    :: d_step { at == RUN -> /* hf_daemon_start(): from here on clients may connect */
           sequenced_lsn = queue_next - 1; page_whole = true; state = RUNNING;
           epoch = 0; history_next = 0; resumed = false; log_end = 0; rebuilt_end = 0; log_floor = 0;
           epoch = segment_epoch;
           at = IDLE }

    /* -- a round: hf_sequencer_do_work() -- */
    :: d_step { at == IDLE && report_behind && report_room && (state != HALTED || owed) ->
            fill_report(IDLE) } /* hf_backlog_drain() */
    :: d_step { at == IDLE && command_there && queue_has_room && (!report_behind || drains) &&
                (state != HALTED || owed) ->  /* 1: take(), and the record into the queue's slot */
           taken = command_body[ring_slot(command_next)];
           command_next++;
#ifdef BUG_SLOT_RELEASED_EARLY /* a command's slot is released before its record is in the queue */
           command_tail = command_next - 1;
#endif
#ifndef BUG_WORD_BEFORE_RECORD /* a queue slot's word is stored before the record */
           queue_body[queue_slot(queue_next)] = taken;
#endif
#ifdef BUG_REPORT_BEFORE_RECORD /* reports are published before the record is in the queue */
           core_apply(taken, queue_next);
           if
           :: report_room ->
               report_body[ring_slot(report_next)] = made_body[report_next];
               report_lsn[ring_slot(report_next)] = made_lsn[report_next];
               report_word[ring_slot(report_next)] = report_next;
               report_next++
           :: else
           fi;
#endif
           owed = true;
           at = SEQUENCE }
    :: d_step { at == SEQUENCE -> /* 2: hf_ring_publish_copy(): the point of no return (Q1) */
           queue_word[queue_slot(queue_next)] = queue_next;
           truth[queue_next] = taken;
           queue_next++;
           at = APPLY }
    :: d_step { at == APPLY -> /* 3: hf_core_apply(), 4: hf_sequencer_report() */
#ifdef BUG_WORD_BEFORE_RECORD
           queue_body[queue_slot(queue_next - 1)] = taken;
#endif
#ifndef BUG_REPORT_BEFORE_RECORD
           core_apply(taken, queue_next - 1);
#endif
           taken = 0;
           assert(last_seq == command_next - 1); /* ring position is the session's sequence number */
           fill_report(IDLE) }
    :: d_step { at == REPORT -> /* hf_ring_publish() */
           report_word[ring_slot(report_next)] = report_next;
           report_next++;
           at = IDLE }
    :: d_step { at == IDLE && owed -> /* 5: release_commands(), behind one command or a burst */
           command_tail = command_next - 1;
           owed = false;
           at = SEQUENCED }
    :: d_step { at == SEQUENCED -> sequenced_lsn = queue_next - 1; at = IDLE } /* finish_records() */
    od
}

/* ------------------------------------------------------------------------------------------------------
 * The WAL writer: lib/wal/writer.c. Before RUN the same functions are called by flush_now().
 */
proctype writer()
{
end:
    do
    :: d_step { writer_next != 0 && writer_stored == 0 && state != HALTED &&
                queue_word[queue_slot(writer_next)] == writer_next ->  /* batch_gather(), batch_store() */
           lsn = writer_next;
           do
           :: lsn - writer_next < QUEUE && queue_word[queue_slot(lsn)] == lsn ->
               file[lsn] = RECORD(epoch, queue_body[queue_slot(lsn)]);
               dirty = dirty | BIT(lsn);
               writer_stored = lsn;
               lsn++
           :: else -> lsn = 0; break
           od;
           file_floor = durable_lsn } /* the GROUP record */
    :: d_step { writer_stored != 0 -> /* batch_publish() */
           assert(writer_stored < queue_next); /* written <= sequenced */
           written_lsn = writer_stored;
           writer_next = writer_stored + 1;
           writer_stored = 0 }
    od
}

/* ------------------------------------------------------------------------------------------------------
 * The sync thread: hf_wal_sync_do_work().
 */
proctype syncer()
{
end:
    do
    :: atomic { sync_at == WAITS && writer_next != 0 && state != HALTED && written_lsn > durable_lsn ->
           sync_to = written_lsn; /* written_now() */
#ifdef BUG_DURABLE_BEFORE_FLUSH /* durable_lsn is stored before the flush has returned */
           durable_lsn = sync_to;
#endif
           sync_at = FLUSHES }
    :: atomic { sync_at == FLUSHES -> /* flush_mapped() */
           if
           :: true -> bring_to_disk(1, sync_to); sync_at = STORES
           :: crashes > 0 ->
               crashes--;
               fail_to_bring(1, sync_to);
#ifdef BUG_FLUSH_RETRIED /* a failed flush is tried again, and the second one trusted */
               sync_at = FLUSHES
#else
               state = HALTED; sync_at = WAITS; sync_to = 0 /* hf_halt(): fail-stop, P6 */
#endif
           fi }
    :: d_step { sync_at == STORES -> /* durable_publish() */
#ifdef BUG_APPENDED_COUNTED /* what is written during a flush counts as flushed */
           sync_to = written_lsn;
#endif
           assert(state != HALTED); /* P6: a halted daemon calls nothing durable */
           assert(sync_to >= durable_lsn && sync_to <= written_lsn); /* durable <= written */
           durable_lsn = sync_to;
#ifndef BUG_DURABLE_BEFORE_FLUSH
           lsn = 1;
           do
           :: lsn <= durable_lsn ->
               assert(CONTENT(disk[lsn]) == CONTENT(truth[lsn])); /* P3: the disk has it */
               lsn++
           :: else -> lsn = 0; break
           od;
#endif
           sync_at = RELEASES }
    :: d_step { sync_at == RELEASES -> /* queue_release() */
           queue_released = sync_to; sync_to = 0; sync_at = WAITS }
#ifdef BUG_QUEUE_RELEASED_EARLY /* queue slots are free when written, not when durable */
    :: atomic { writer_next != 0 && queue_released < written_lsn -> queue_released = written_lsn }
#endif
    od
}

/* ------------------------------------------------------------------------------------------------------
 * The client: client/{submit,reports,open}.c, and an application that keeps `got` by itself, resumes with
 * hf_client_options.next_report = got + 1, and submits again what a new history has lost.
 */

#ifdef BUG_CLIENT_SHOWS_EARLY /* a session of durable reports is shown others */
#define client_shows true
#else /* hf_client_shows() */
#define client_shows (!SHOW_DURABLE || report_lsn[ring_slot(read_next)] <= durable_lsn)
#endif
#ifdef BUG_DRAIN_FORGOTTEN /* a takeover does not drain the old command ring */
#define is_drained true
#else /* freeze() */
#define is_drained (!command_there)
#endif

/* retire_command_object(), replace_command_object() with the old report object: a takeover. */
inline take_over()
{
    i = 0;
    do
    :: i < RING -> command_word[i] = 0; command_body[i] = 0; i++
    :: else -> i = 0; break
    od;
    assert(history == client_history);
    assert(submitted[last_seq + 1] == 0); /* P1: all that hf_submit() took is sequenced */
    submit_next = last_seq + 1; /* hf_client_rings_init() */
    read_next = report_tail + 1;
    drains = false;
    attached = true
}

/* replace_command_object() after a reboot; what the ring will not hold comes from the gap service. */
inline resume_anew()
{
    i = 0;
    do
    :: i < RING ->
        command_word[i] = 0; command_body[i] = 0; report_word[i] = 0; report_body[i] = 0; report_lsn[i] = 0;
        i++
    :: else -> i = 0; break
    od;
    /* Who acted on what is lost now is told so by the history; a durable session never did. */
    assert(got <= last_seq || (history != client_history && !SHOW_DURABLE));
    i = last_seq + 1;
    do
    :: i <= COMMANDS -> submitted[i] = 0; i++ /* hf_accept_history(): what is not logged is lost */
    :: else -> i = 0; break
    od;
    do
    :: got < last_seq -> got++; assert(made_body[got] == BODY(got, submitted[got])) /* P2, hf_gap_*() */
    :: else -> break
    od;
    got = last_seq;
    client_history = history;
    command_tail = last_seq; report_tail = last_seq;
    command_next = last_seq + 1; report_next = last_seq + 1;
    submit_next = last_seq + 1; read_next = last_seq + 1;
    session = true;
    attached = true
}

proctype client()
{
end:
    do
    :: d_step { attached && !filled && submit_next <= COMMANDS && submit_next - command_tail <= RING &&
                state != HALTED ->  /* hf_ring_claim(), hf_ring_publish_copy() */
           command_body[ring_slot(submit_next)] = BODY(submit_next, client_history);
           filled = true }
    :: d_step { filled -> /* hf_ring_publish(): hf_submit() returns 0 from here on */
           command_word[ring_slot(submit_next)] = submit_next;
           submitted[submit_next] = client_history;
           submit_next++;
           filled = false }
    :: d_step { attached && report_word[ring_slot(read_next)] == read_next && client_shows -> /* hf_peek() */
           assert(report_body[ring_slot(read_next)] == BODY(read_next, submitted[read_next])); /* P2 */
           if
           :: read_next > got -> assert(read_next == got + 1); got = read_next /* hf_next() */
           :: else /* pass_over() */
           fi;
           read_next++ }
    :: atomic { attached && report_tail < read_next - 1 -> report_tail = read_next - 1 } /* hf_release() */

    /* a crash of the client, and who comes after it */
    :: d_step { attached && client_crashes > 0 ->
           client_crashes--; attached = false; filled = false; submit_next = 0; read_next = 0 }
    :: atomic { !attached && session && at == IDLE && !owed && state == RUNNING && !drains -> drains = true }
    :: d_step { drains && at == IDLE && !owed && state == RUNNING && is_drained -> take_over() }
    :: d_step { !attached && !session && at == IDLE && state == RUNNING -> resume_anew() }
    od
}

/* ------------------------------------------------------------------------------------------------------
 * What goes wrong; and whoever restarts a halted daemon.
 */
inline lose_shared_memory()
{
    told_durable = (durable_lsn > told_durable -> durable_lsn : told_durable);
    page = false; page_whole = false; state = RECOVERING; history = 0;
    sequenced_lsn = 0; written_lsn = 0; durable_lsn = 0; queue_spent = false;
    queue_whole = false; queue_epoch = 0; queue_first = 0; queue_released = 0;
    i = 0;
    do
    :: i < QUEUE -> queue_word[i] = 0; queue_body[i] = 0; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < RING ->
        command_word[i] = 0; command_body[i] = 0; report_word[i] = 0; report_body[i] = 0; report_lsn[i] = 0;
        i++
    :: else -> i = 0; break
    od;
    session = false; command_tail = 0; report_tail = 0;
    attached = false; filled = false; submit_next = 0; read_next = 0;
    power_failed = true
}

/* Not to be put into a d_step: it chooses. */
inline lose_unflushed()
{
    lsn = 1;
    do
    :: lsn <= LSN_MAX ->
        if
        :: dirty & BIT(lsn) -> disk[lsn] = file[lsn]
        :: true
        fi;
        lsn++
    :: else -> break
    od;
    if
    :: disk_floor = file_floor
    :: file_floor != disk_floor
    fi;
    lsn = 1;
    do
    :: lsn <= LSN_MAX -> file[lsn] = disk[lsn]; lsn++
    :: else -> lsn = 0; break
    od;
    file_floor = disk_floor;
    dirty = 0
}

proctype fate()
{
end:
    do
    :: d_step { crashes > 0 -> crashes--; forget_own_memory() } /* a kill */
    :: atomic { crashes > 0 -> crashes--; lose_shared_memory(); forget_own_memory(); lose_unflushed() }
    :: atomic { crashes > 0 || client_crashes > 0 -> crashes = 0; client_crashes = 0; break } /* it is enough */
    od
}

proctype operator()
{
end:
    do
    :: d_step { state == HALTED && at != SCAN -> forget_own_memory() }
    od
}

#ifndef LIVENESS
/* When nothing can move any more. */
proctype watch()
{
end:
    do
    :: atomic { timeout ->
           assert(got == COMMANDS && last_seq == COMMANDS); /* P1, P2: no command, no report is missing */
           assert(state == RUNNING && durable_lsn == queue_next - 1 && written_lsn == durable_lsn &&
                  sequenced_lsn == durable_lsn);
           break }
    od
}
#else
/* The same as a progress property: whoever else is served first, and however often nothing is done, every
 * command is reported in the end, if each process that can move moves now and then (weak fairness). */
proctype watch()
{
    do
    :: true -> skip
    od
}
#define all_reported (got == COMMANDS)
ltl reported { <> [] all_reported }
#endif

init
{
    atomic {
        file[1] = RECORD(1, BODY(0, 1)); /* what the first start leaves */
        disk[1] = file[1];
        truth[1] = BODY(0, 1);
        queue_word[queue_slot(1)] = 1;
        queue_body[queue_slot(1)] = BODY(0, 1);
        run engine(); run writer(); run syncer(); run client(); run fate(); run operator(); run watch()
    }
}
