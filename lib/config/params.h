/*
 * params.h - every parameter of the configuration, once.
 *
 * From this table come the struct that the daemon reads, the parser's checks, --print-config and the
 * commented default file. Columns:
 *
 *   STRING(section, name, default, unit, text)
 *   NUMBER(section, name, default, min, max, unit, text)
 *   CHOICE(section, name, default, "a|b|c", text)
 */
#ifndef HF_CONFIG_PARAMS_H
#define HF_CONFIG_PARAMS_H

#define HF_PARAMS(STRING, NUMBER, CHOICE)                                                          \
    STRING(instance, name, "holdfast", "name",                                                     \
           "Name of the instance; part of every object's name")                                    \
    STRING(instance, directory, "/var/lib/holdfast/holdfast", "path",                              \
           "Where the log lives; made when it is missing")                                         \
    STRING(instance, socket, "", "path", "Control socket; empty: /run/holdfast/NAME.sock")         \
    STRING(instance, allow, "", "users",                                                           \
           "Users (names or numbers, by comma) that may connect beside root and the daemon's own") \
    STRING(                                                                                        \
        instance, admin, "", "sessions",                                                           \
        "Sessions (by comma) with admin rights as long as no session has any; then the log wins")  \
    CHOICE(instance, after_loss, "halted", "halted|open",                                          \
           "After a loss of the log's tail (power, --abandon-shm): halted: cancels only, until "   \
           "'holdfast admin phase SYMBOL|all open'; open: trading goes on")                        \
    NUMBER(                                                                                        \
        limits, sessions_max, 64, 1, 4096, "sessions",                                             \
        "Sessions open at one time. While more than 127 have a client connected, a first command " \
        "after a pause may wait up to 10 ms for an engine that sleeps")                            \
    NUMBER(                                                                                        \
        limits, instruments_max, 1024, 1, 1000000, "instruments",                                  \
        "Instruments over the life of the log: the number of one that was removed is never used "  \
        "again")                                                                                   \
    NUMBER(limits, orders_max, 1048576, 1, 268435456, "orders", "Open orders over all books")      \
    NUMBER(limits, levels_max, 131072, 1, 67108864, "levels", "Occupied price levels, all books")  \
    NUMBER(limits, session_orders_max, 524288, 1, 268435456, "orders",                             \
           "Open orders of one session, a share of the pool; one command may cancel all, while "   \
           "everybody waits; at its default never more than orders_max")                           \
    NUMBER(limits, extras_max, 131072, 1, 268435456, "orders",                                     \
           "Open orders that are icebergs, stops or good till a date; at its default never more "  \
           "than "                                                                                 \
           "orders_max")                                                                           \
    NUMBER(limits, accounts_max, 4096, 1, 1048576, "accounts",                                     \
           "Accounts that have settings (group, limit, kill switch)")                              \
    NUMBER(limits, entitlements_max, 4096, 1, 1048576, "entries",                                  \
           "Entitlements of session names (accounts, instruments, users, rights, groups); and as " \
           "many names can have limits")                                                           \
    NUMBER(limits, events_max, 16384, 64, 16777216, "reports",                                     \
           "Reports kept at hand for readers that are behind; older ones are made again from the " \
           "log; a power of two")                                                                  \
    CHOICE(session, names, "any", "any|listed",                                                    \
           "Names that ordinary users may open; any: all but others' and those with rights; "      \
           "listed: only those given to them (holdfast admin entitle NAME user UID)")              \
    NUMBER(session, burst, 64, 1, 4096, "commands",                                                \
           "Commands taken from one session before the next one's turn")                           \
    NUMBER(session, per_user_max, 16, 1, 4096, "sessions",                                         \
           "Sessions of one user at a time; root and the daemon's own user may have all")          \
    NUMBER(session, slots_max, 65536, 64, 1048576, "slots",                                        \
           "Longest command or report ring of a session that is opened from now on")               \
    NUMBER(session, lag_max, 1048576, 1024, 67108864, "reports",                                   \
           "Reports that a session may fall behind; beyond it they are lost, and its orders told") \
    NUMBER(                                                                                        \
        session, reconnect_grace_ms, 10000, 0, 3600000, "ms",                                      \
        "After a restart of the daemon: how long clients have to come back before it counts as "   \
        "a disconnect; further restarts do not extend it")                                         \
    NUMBER(market, slots, 65536, 64, 16777216, "events",                                           \
           "Length of the market-data ring; a power of two. Who falls further behind begins anew") \
    CHOICE(wal, mode, "group", "group|sync|memory",                                                \
           "group: flush by interval, batch or need; sync: reports wait for the flush; memory: "   \
           "never flush")                                                                          \
    CHOICE(wal, io, "auto", "auto|mmap|pmem|direct",                                               \
           "Way to the medium; auto: pmem where libpmem finds it, else mmap; direct: O_DIRECT by " \
           "io_uring, faster on block devices, not with wal.mode = memory")                        \
    NUMBER(wal, segment_kib, 262144, 64, 16777216, "KiB",                                          \
           "Length of a segment file; multiple of 4")                                              \
    NUMBER(wal, flush_interval_us, 10000, 1, 10000000, "us",                                       \
           "Group commit: oldest unflushed record's age at which to flush")                        \
    NUMBER(wal, flush_records, 1000, 1, 1000000, "records",                                        \
           "Group commit: waiting records at which to flush; half of wal.queue_slots if less")     \
    NUMBER(wal, reserve_segments, 1, 1, 16, "segments", "Segments prepared ahead of the writer")   \
    NUMBER(wal, queue_slots, 65536, 1024, 4194304, "records",                                      \
           "Length of the WAL queue; a power of two")                                              \
    NUMBER(snapshot, every_records, 5000000, 0, 1000000000000, "records",                          \
           "Records after which the checkpointer writes a snapshot; 0: their number alone makes "  \
           "none")                                                                                 \
    NUMBER(                                                                                        \
        snapshot, every_s, 300, 0, 31536000, "s",                                                  \
        "Time after which it writes one, if anything was logged; 0: time alone makes none. Both "  \
        "0: no checkpointer")                                                                      \
    CHOICE(snapshot, at_stop, "yes", "yes|no",                                                     \
           "Leave a snapshot at a clean stop, unless 5 million records or more would have to be "  \
           "replayed for it")                                                                      \
    NUMBER(log, keep_mib, 0, 0, 1000000000, "MiB",                                                 \
           "Length beyond which the oldest segments go: none that the older snapshot needs, nor, " \
           "up to twice that, a session or a program that reads the log; 0: never")                \
    NUMBER(                                                                                        \
        log, keep_hours, 0, 0, 1000000, "h",                                                       \
        "Age beyond which segments are removed, under the same condition; 0: none is for its age") \
    CHOICE(threads, engine_wait, "adaptive", "spin|yield|park|adaptive",                           \
           "What the engine does when nothing is there")                                           \
    CHOICE(threads, wal_wait, "adaptive", "spin|yield|park|adaptive",                              \
           "What the WAL writer does when nothing is there")                                       \
    NUMBER(threads, engine_cpu, -1, -1, 4095, "CPU", "CPU of the engine thread; -1: any")          \
    NUMBER(threads, writer_cpu, -1, -1, 4095, "CPU", "CPU of the WAL writer; -1: any")             \
    NUMBER(threads, sync_cpu, -1, -1, 4095, "CPU", "CPU of the sync thread; -1: any")              \
    NUMBER(memory, numa_node, -1, -1, 1023, "node",                                                \
           "Node for books, rings and queue; -1: that of engine_cpu, or any. What is there stays") \
    CHOICE(memory, lock, "yes", "yes|no",                                                          \
           "Lock the engine's memory (mlock) so that it stays resident")                           \
    CHOICE(memory, huge_pages, "yes", "yes|no", "Ask for huge pages for books and pools")

#endif
