#!/usr/bin/env bash
# crash_points.sh BINARY_DIR [STEP] - the daemon killed at each STEP-th system call of its control thread
# while a producer takes its session over, opens, resumes and hangs up: between any two steps of OPEN,
# takeover and disconnect. The producer dies with it, and both start again. In the end every command is
# in the log once, every report was seen once, and no other start was refused.
source "$(dirname "$0")/lib.sh" "$1"
step=${2:-7}
! is_audited || step=${2:-20}
strace -e trace=none true 2>/dev/null || { say "skipped: strace does not work here"; exit 77; }
each=6000
options=(-s instrument.SECOND.tick=1 -s session.reconnect_grace_ms=200)
mkfifo "$dir/stop"
exec 9<>"$dir/stop"

launch_producer() { # RATE
    "$bin/tests/producer" "$socket" p1 1 "$each" "$1" "$dir/p1.diary" <"$dir/stop" >"$dir/p1.out" \
        2>&1 9<&- &
    producer=$!
    pids=("$producer")
}

dead() { ! kill -0 "$daemon" 2>/dev/null; }

# Kill the daemon at the nth system call from now on, while sessions come and go.
points=0
for nth in $(seq $((RANDOM % step + 1)) "$step" 140); do
    start_daemon "${options[@]}"
    strace -qq -p "$daemon" -o "$dir/strace.txt" -e trace=all \
        -e inject=all:signal=KILL:when="$nth" 9<&- 2>/dev/null &
    tracer=$!
    until_true 5 grep -q "TracerPid:[[:space:]]*$tracer" "/proc/$daemon/status" 2>/dev/null || true
    launch_producer 4000
    timeout 2 "$bin/tests/hostile" churn "$socket" "c$nth" 4 </dev/null >/dev/null 2>&1 9<&- || true
    HOLDFAST_PATIENCE=1 until_true 1 dead || kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    kill -9 "$producer"
    wait "$producer" "$tracer" 2>/dev/null || true
    points=$((points + 1))
done
start_daemon "${options[@]}"
launch_producer 0
await_line "$dir/p1.out" "^answered" 20
trip "crash points"
sleep 0.3
exec 9>&-
wait "$producer" || fail "the producer found a violation"
pids=()
stop_daemon
"$bin/tests/check_log" "$log" p1=1="$each" others >"$dir/check.out" || fail "the log"
grep -qxF "$(grep "^p1 reports" "$dir/p1.out")" "$dir/check.out" ||
    fail "session p1 saw other reports than the log gives"
say "$points crash points: every command once, every report once"
