#!/usr/bin/env bash
# takeover.sh BINARY_DIR - a session has one client at a time: others are refused while it lives, also
# when it is stopped, also across a restart of the daemon; after its death its reports that were not
# released come again. Cancel on disconnect acts at its death and not at a restart.
source "$(dirname "$0")/lib.sh" "$1"
start_daemon -s session.reconnect_grace_ms=2000
mkfifo "$dir/input"
exec 9<>"$dir/input"

hold() {
    "$bin/tests/probe" hold "$socket" "$@" <"$dir/input" >"$dir/$1.out" 2>&1 9<&- &
    holder=$!
    pids+=("$holder")
    await_line "$dir/$1.out" "^held" 5
}

refused() {
    if probe open "$1" >"$dir/refused.out"; then fail "$2: another client got the session"; fi
    grep -q "^HF_E_BUSY" "$dir/refused.out" || fail "$2: refused without HF_E_BUSY"
}

# While its client lives, also when it is stopped by a signal or the daemon has been restarted.
hold alive
refused alive "a live client"
kill -STOP "$holder"
refused alive "a stopped client"
kill_daemon
start_daemon -s session.reconnect_grace_ms=2000
refused alive "a stopped client of before the restart"
sleep 2.5 # its grace time is over
[ "$(probe depth 1 | wc -l)" -gt 0 ] || fail "orders are gone although nobody asked for it"
kill -CONT "$holder"
sleep 0.5
refused alive "a client that came back late"
kill -9 "$holder"
wait "$holder" 2>/dev/null || true

# Reports that were not released come again, each once, to the next process and across restarts.
probe unread reader 100 >"$dir/unread.out" || fail "entering orders"
[ "$(probe reports reader)" = "1 100" ] || fail "unreleased reports do not come again"
[ "$(probe reports reader)" = "0 0" ] || fail "released reports come again"
probe unread reader 50 >"$dir/unread.out"
kill_daemon
start_daemon
[ "$(probe reports reader)" = "101 150" ] || fail "reports over a restart"
probe unread reader 7 >"$dir/unread.out"
stop_daemon
start_daemon
[ "$(probe reports reader)" = "151 157" ] || fail "reports over a clean restart"

# Cancel on disconnect: not for a restart of the daemon, but for the death of the client.
hold cancels cancel
orders() { probe depth 1 | awk '{ sum += $6 } END { print sum + 0 }'; }
before=$(orders)
kill_daemon
start_daemon
sleep 0.5
[ "$(orders)" = "$before" ] || fail "a restart of the daemon cancelled orders"
kill -9 "$holder"
wait "$holder" 2>/dev/null || true
one_less() { [ "$(orders)" = $((before - 1)) ]; }
until_true 5 one_less || fail "the order of a dead client is still there"

# The death of client and daemon together: the grace time, then the cancel.
hold again cancel
kill -9 "$holder" "$daemon"
wait "$holder" "$daemon" 2>/dev/null || true
start_daemon -s session.reconnect_grace_ms=300
until_true 5 one_less || fail "the order of a client that died with the daemon is still there"

# The daemon is killed again and again, each time long before the grace time is over: it began with the
# first restart.
hold dead cancel
kill -9 "$holder" "$daemon"
wait "$holder" "$daemon" 2>/dev/null || true
gone=no
for _ in $(seq 40); do
    start_daemon -s session.reconnect_grace_ms=2000
    sleep 0.2
    ! one_less || { gone=yes; break; }
    kill_daemon
done
[ "$gone" = yes ] || fail "restarts extend the grace time of a dead client"
exec 9>&-
stop_daemon
say "one client at a time, every report once"
