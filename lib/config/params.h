/*
 * params.h - every parameter of the configuration, once.
 *
 * From this table come the struct that the daemon reads, the parser's checks, --help-config,
 * --print-config, the commented default file and the man page holdfast.conf(5). Columns:
 *
 *   STRING(section, name, default, unit, when, text)
 *   NUMBER(section, name, default, min, max, unit, when, text)
 *   CHOICE(section, name, default, "a|b|c", when, text)
 *
 * `when` a changed value takes effect:
 *   RELOAD   at SIGHUP, while the daemon runs
 *   RESTART  at the next start
 *   LOG      never for a log that is begun: it stands in its first record
 *
 * The parameters of an [instrument.SYMBOL] section: FIELD(name, default, text).
 */
#ifndef HF_CONFIG_PARAMS_H
#define HF_CONFIG_PARAMS_H

#define HF_PARAMS(STRING, NUMBER, CHOICE)                                                          \
    STRING(instance, name, "", "name", RESTART,                                                    \
           "Name of the instance; part of every object's name; empty: that of the file, venue of " \
           "venue.conf, or holdfast if there is none")                                             \
    STRING(instance, directory, "", "path", RESTART,                                               \
           "Where the log lives; made when it is missing; empty: /var/lib/holdfast/NAME")          \
    STRING(instance, socket, "", "path", RESTART,                                                  \
           "Control socket; empty: /run/holdfast/NAME.sock")                                       \
    STRING(instance, allow, "", "users", RELOAD,                                                   \
           "Users (names or numbers, by comma) that may connect beside root and the daemon's own") \
    STRING(instance, watch, "", "users", RELOAD,                                                   \
           "Users that may read the status page and the metrics, and nothing else: for "           \
           "holdfast-exporter")                                                                    \
    STRING(                                                                                        \
        instance, admin, "", "sessions", RESTART,                                                  \
        "Sessions (by comma) with admin rights as long as no session has any; then the log wins")  \
    CHOICE(instance, after_loss, "halted", "halted|open", RESTART,                                 \
           "After a loss of the log's tail (power, --abandon-shm): halted: cancels only, until "   \
           "'holdfast admin phase SYMBOL|all open'; open: trading goes on")                        \
    NUMBER(                                                                                        \
        limits, sessions_max, 64, 1, 4096, "sessions", LOG,                                        \
        "Sessions open at one time. While more than 127 have a client connected, a first command " \
        "after a pause may wait up to 10 ms for an engine that sleeps")                            \
    NUMBER(                                                                                        \
        limits, instruments_max, 1024, 1, 1000000, "instruments", LOG,                             \
        "Instruments over the life of the log: the number of one that was removed is never used "  \
        "again")                                                                                   \
    NUMBER(limits, orders_max, 1048576, 1, 268435456, "orders", LOG, "Open orders over all books") \
    NUMBER(limits, levels_max, 131072, 1, 67108864, "levels", LOG,                                 \
           "Occupied price levels, all books")                                                     \
    NUMBER(limits, session_orders_max, 524288, 1, 268435456, "orders", LOG,                        \
           "Open orders of one session, a share of the pool; one command may cancel all, while "   \
           "everybody waits; at its default never more than orders_max")                           \
    NUMBER(limits, extras_max, 131072, 1, 268435456, "orders", LOG,                                \
           "Open orders that are icebergs, stops or good till a date; at its default never "       \
           "more than orders_max")                                                                 \
    NUMBER(limits, accounts_max, 4096, 1, 1048576, "accounts", LOG,                                \
           "Accounts that have settings (group, limit, kill switch)")                              \
    NUMBER(limits, entitlements_max, 4096, 1, 1048576, "entries", LOG,                             \
           "Entitlements of session names (accounts, instruments, users, rights, groups); and as " \
           "many names can have limits")                                                           \
    NUMBER(limits, events_max, 16384, 64, 16777216, "reports", LOG,                                \
           "Reports kept at hand for readers that are behind; older ones are made again from the " \
           "log; a power of two")                                                                  \
    CHOICE(session, names, "any", "any|listed", RELOAD,                                            \
           "Names that ordinary users may open; any: all but others' and those with rights; "      \
           "listed: only those given to them (holdfast admin entitle NAME user UID)")              \
    NUMBER(session, burst, 64, 1, 4096, "commands", RELOAD,                                        \
           "Commands taken from one session before the next one's turn")                           \
    NUMBER(session, per_user_max, 16, 1, 4096, "sessions", RELOAD,                                 \
           "Sessions of one user at a time; root and the daemon's own user may have all")          \
    NUMBER(session, slots_max, 65536, 64, 1048576, "slots", RELOAD,                                \
           "Longest command or report ring of a session that is opened from now on")               \
    NUMBER(session, lag_max, 1048576, 1024, 67108864, "reports", RELOAD,                           \
           "Reports that a session may fall behind; beyond it they are lost, and its orders told") \
    NUMBER(                                                                                        \
        session, reconnect_grace_ms, 10000, 0, 3600000, "ms", RESTART,                             \
        "After a restart of the daemon: how long clients have to come back before it counts as "   \
        "a disconnect; further restarts do not extend it")                                         \
    NUMBER(market, slots, 65536, 64, 16777216, "events", RESTART,                                  \
           "Length of the market-data ring; a power of two. Who falls further behind begins anew") \
    CHOICE(wal, mode, "group", "group|sync|memory", RESTART,                                       \
           "group: flush by interval, batch or need; sync: reports wait for the flush; memory: "   \
           "never flush")                                                                          \
    CHOICE(wal, io, "auto", "auto|mmap|pmem|direct", RESTART,                                      \
           "Way to the medium; auto: pmem where libpmem finds it, else mmap; direct: O_DIRECT by " \
           "io_uring, faster on block devices, not with wal.mode = memory")                        \
    NUMBER(wal, segment_kib, 262144, 64, 16777216, "KiB", RESTART,                                 \
           "Length of a segment file; multiple of 4")                                              \
    NUMBER(wal, flush_interval_us, 10000, 1, 10000000, "us", RELOAD,                               \
           "Group commit: oldest unflushed record's age at which to flush")                        \
    NUMBER(wal, flush_records, 1000, 1, 1000000, "records", RELOAD,                                \
           "Group commit: waiting records at which to flush; half of wal.queue_slots if less")     \
    NUMBER(wal, reserve_segments, 1, 1, 16, "segments", RESTART,                                   \
           "Segments prepared ahead of the writer")                                                \
    NUMBER(wal, queue_slots, 65536, 1024, 4194304, "records", RESTART,                             \
           "Length of the WAL queue; a power of two")                                              \
    NUMBER(snapshot, every_records, 5000000, 0, 1000000000000, "records", RELOAD,                  \
           "Records after which the checkpointer writes a snapshot; 0: their number alone makes "  \
           "none")                                                                                 \
    NUMBER(                                                                                        \
        snapshot, every_s, 300, 0, 31536000, "s", RELOAD,                                          \
        "Time after which it writes one, if anything was logged; 0: time alone makes none. Both "  \
        "0: no checkpointer")                                                                      \
    CHOICE(snapshot, at_stop, "yes", "yes|no", RELOAD,                                             \
           "Leave a snapshot at a clean stop, unless 5 million records or more would have to be "  \
           "replayed for it")                                                                      \
    NUMBER(log, keep_mib, 0, 0, 1000000000, "MiB", RELOAD,                                         \
           "Length beyond which the oldest segments go: none that the older snapshot needs, nor, " \
           "up to twice that, a session or a program that reads the log; 0: never")                \
    NUMBER(                                                                                        \
        log, keep_hours, 0, 0, 1000000, "h", RELOAD,                                               \
        "Age beyond which segments are removed, under the same condition; 0: none is for its age") \
    CHOICE(threads, engine_wait, "adaptive", "spin|yield|park|adaptive", RESTART,                  \
           "What the engine does when nothing is there")                                           \
    CHOICE(threads, wal_wait, "adaptive", "spin|yield|park|adaptive", RESTART,                     \
           "What the WAL writer does when nothing is there")                                       \
    NUMBER(threads, engine_cpu, -1, -1, 4095, "CPU", RESTART, "CPU of the engine thread; -1: any") \
    NUMBER(threads, writer_cpu, -1, -1, 4095, "CPU", RESTART, "CPU of the WAL writer; -1: any")    \
    NUMBER(threads, sync_cpu, -1, -1, 4095, "CPU", RESTART, "CPU of the sync thread; -1: any")     \
    NUMBER(memory, numa_node, -1, -1, 1023, "node", RESTART,                                       \
           "Node for books, rings and queue; -1: that of engine_cpu, or any. What is there stays") \
    CHOICE(memory, lock, "yes", "yes|no", RESTART,                                                 \
           "Lock the engine's memory (mlock) so that it stays resident")                           \
    CHOICE(memory, huge_pages, "yes", "yes|no", RESTART, "Ask for huge pages for books and pools")

#define HF_INSTRUMENT_PARAMS(FIELD)                                                                \
    FIELD(tick, 1, "Prices are multiples of it")                                                   \
    FIELD(lot, 1, "Quantities are multiples of it")                                                \
    FIELD(price_min, 1, "Lowest price of an order; may be negative")                               \
    FIELD(price_max, HF_PRICE_MAX - 1, "Highest price of an order")                                \
    FIELD(quantity_max, HF_QUANTITY_MAX, "Largest quantity of an order")

#endif
