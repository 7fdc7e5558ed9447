#!/usr/bin/env bash
# gap_fair.sh BINARY_DIR - the gap service among clients that ask without end, do not read what they asked
# for, or keep it: everybody has a turn, and the memory of answers is the daemon's to take back.
source "$(dirname "$0")/lib.sh" "$1"
greedy() { "$bin/tests/greedy" "$1" "$socket" "$2" "$3"; }

start_daemon
# Three who began before: none of them ever waits without asking.
for i in 1 2 3; do
    greedy again "h$i" 0 >"$dir/h$i.out" 2>&1 &
    pids+=($!)
done
for i in 1 2 3; do await_line "$dir/h$i.out" "^served 2$" 30; done
greedy again late 20 >"$dir/late.out" 2>&1 &
late=$!
pids+=("$late")
await_line "$dir/late.out" "^served 20$" 60
wait "$late" || fail "a client that takes its turns"
for i in 1 2 3; do kill -0 "${pids[i - 1]}" || fail "client $i gave up: $(tail -n 1 "$dir/h$i.out")"; done
for pid in "${pids[@]:0:3}"; do
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
done
pids=()

# Kept open, in whatever connection: empty, but for the last.
greedy hoard keeper 20 >"$dir/hoard.out" 2>&1 || fail "a client that keeps what it gets"
grep -qx "objects 20 full 1" "$dir/hoard.out" || fail "answers are not taken back: $(cat "$dir/hoard.out")"
trip "a hoard of answers"

# Never read: one answer and no more, and then the end of the connection.
timeout 300 "$bin/tests/greedy" unread "$socket" mute 12 >"$dir/unread.out" 2>&1 ||
    fail "a client that does not read keeps its connection"
grep -qx "answers 1 bytes 0" "$dir/unread.out" || fail "unread answers: $(cat "$dir/unread.out")"
grep -q "does not read its answers" "$dir/daemon.out" || fail "the daemon does not say why"
trip "a client that does not read"
stop_daemon
say "everybody has a turn; what is not read or not given back is taken back"
