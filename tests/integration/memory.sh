#!/usr/bin/env bash
# memory.sh BINARY_DIR - no room for shared memory: a start is refused with words; while it is full in
# mid-run, sessions that are open trade on, others are told why they cannot be opened or resumed and lose
# nothing by it; a daemon that is killed then starts again. All that in a /dev/shm of its own.
if [ -z "${HOLDFAST_OWN_SHM-}" ]; then
    if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
        echo "memory: skipped: needs root and mount namespaces"
        exit 77
    fi
    HOLDFAST_OWN_SHM=yes exec unshare -m "$0" "$@"
fi
mount -t tmpfs -o size=128k tmpfs /dev/shm || { echo "memory: skipped: cannot mount"; exit 77; }
source "$(dirname "$0")/lib.sh" "$1"
options=(-s wal.queue_slots=4096 -s market.slots=1024 -s limits.orders_max=8192
    -s limits.session_orders_max=8192 -s instrument.SECOND.tick=1)
export HF_PROBE_SLOTS=1024
each=20000

expect_refusal 74 "/dev/shm/holdfast.*(No space|no space)" "${options[@]}"
mount -o remount,size=8m /dev/shm
start_daemon "${options[@]}"
mkfifo "$dir/stop"
exec 9<>"$dir/stop"
"$bin/tests/producer" "$socket" p1 1 "$each" 2000 <"$dir/stop" >"$dir/p1.out" 2>&1 9<&- &
producer=$!
pids=("$producer")
await_line "$dir/p1.out" "^open" 10
probe unread reader 50 >"$dir/reader.out" || fail "orders"

fill() { head -c 16m /dev/zero >/dev/shm/eater 2>/dev/null || true; }
refused() { # SESSION WHAT
    ! probe open "$1" >"$dir/refused.out" || fail "$2 although there is no room"
    grep -q "^HF_E_NO_SPACE .*no space" "$dir/refused.out" || fail "$2: refused with '$(cat "$dir/refused.out")'"
}

fill
refused new "a session was opened"
refused reader "a session was resumed"
before=$(status sequenced)
trades_on() { [ "$(status sequenced)" -ge $((before + 100)) ]; }
until_true 10 trades_on || fail "an open session does not trade on"
kill_daemon
start_daemon "${options[@]}"
before=$(status sequenced)
until_true 10 trades_on || fail "an open session does not trade on over a restart"
refused new "a session was opened after the restart"
rm /dev/shm/eater
[ "$(probe reports reader)" = "1 50" ] || fail "a session whose resume was refused has lost reports"
trip "there is room again"

await_line "$dir/p1.out" "^answered" 60
sleep 0.3
exec 9>&-
wait "$producer" || fail "the producer found a violation"
pids=()
stop_daemon
"$bin/tests/check_log" "$log" "p1=1=$each" others >"$dir/check.out" || fail "the log"
grep -qxF "$(grep "^p1 reports" "$dir/p1.out")" "$dir/check.out" || fail "other reports than the log gives"
say "no room for shared memory: refused, told, traded on"
