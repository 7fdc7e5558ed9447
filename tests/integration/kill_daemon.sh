#!/usr/bin/env bash
# kill_daemon.sh BINARY_DIR [COMMANDS [KILLS]] - P1 and P2 with real processes: three producers submit
# COMMANDS commands in all while the daemon is killed with SIGKILL at KILLS random moments and started
# again. Then: every command is in the log once and in order, every session has seen exactly the
# reports of an uninterrupted replay, byte for byte and once each, and the books are equal.
set -euo pipefail
bin=$1
commands=${2:-1000000}
kills=${3:-50}
dir=$(mktemp -d /tmp/holdfast-kill.XXXXXX)
instance=kill$$
socket=$dir/sock
each=$((commands / 3))
rate=$((each / (kills / 5 + 1)))
daemon=
producers=()

cleanup() {
    for pid in $daemon "${producers[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
    rm -rf "$dir" /dev/shm/holdfast."$instance".*
}
trap cleanup EXIT

start_daemon() {
    "$bin/holdfastd" -s instance.name="$instance" -s instance.directory="$dir/log" \
        -s instance.socket="$socket" -s instrument.SECOND.tick=1 -s wal.segment_kib=16384 \
        >>"$dir/daemon.out" 2>&1 9<&- &
    daemon=$!
}

fail() {
    echo "FAILED: $*"
    tail -n 20 "$dir"/daemon.out "$dir"/p*.out
    exit 1
}

wait_running() {
    for _ in $(seq 500); do
        [ -S "$socket" ] && return
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended"
        sleep 0.01
    done
    fail "the daemon does not start"
}

start_daemon
wait_running
mkfifo "$dir/stop"
exec 9<>"$dir/stop" # keeps the producers' standard input open
for i in 1 2 3; do
    "$bin/tests/producer" "$socket" "p$i" "$i" "$each" "$rate" <"$dir/stop" >"$dir/p$i.out" 2>&1 9<&- &
    producers+=($!)
done

for kill in $(seq "$kills"); do
    sleep "0.$(printf %03d $((RANDOM % 200 + 20)))"
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    rm -f "$socket"
    start_daemon
    [ $((kill % 10)) -ne 0 ] || wait_running # mostly, recovery itself may be killed too
done
wait_running

for i in 1 2 3; do
    for _ in $(seq 1200); do
        grep -q answered "$dir/p$i.out" && break
        kill -0 "${producers[$((i - 1))]}" 2>/dev/null || fail "producer $i ended"
        sleep 0.1
    done
    grep -q answered "$dir/p$i.out" || fail "producer $i was not answered"
done
sleep 0.3
exec 9>&- # end of file for the producers: print and end
for pid in "${producers[@]}"; do wait "$pid" || fail "a producer found a violation"; done
producers=()
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon did not stop cleanly"
daemon=

"$bin/tests/check_log" "$dir/log" "p1=1=$each" "p2=2=$each" "p3=3=$each" >"$dir/check.out" ||
    { cat "$dir/check.out"; fail "the log"; }
for i in 1 2 3; do
    seen=$(grep "^p$i reports" "$dir/p$i.out")
    grep -qxF "$seen" "$dir/check.out" || fail "session p$i saw '$seen', the log gives other reports"
done
grep '^log:' "$dir/check.out"
echo "$kills kills, $((3 * each)) commands: every command once, every report once"
