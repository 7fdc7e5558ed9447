#!/usr/bin/env bash
# demo.sh [MESSAGES.csv BOOK.csv] - see Holdfast work, in one command, on Debian 12 as root or with sudo.
#
# Installs what is missing, builds, starts a daemon of its own in a temporary directory, measures it,
# kills it with SIGKILL under load from two producer processes, starts it again, and proves that every
# order was processed once. With a LOBSTER message and orderbook file it replays these too.
set -euo pipefail
cd "$(dirname "$0")/.."
./deploy/install_packages.sh
build=build/demo
instance=demo$$
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/holdfast-demo.XXXXXX")
socket=$dir/control.sock
orders=${HF_DEMO_ORDERS:-400000}
daemon=
producers=()

cleanup() {
    for pid in $daemon "${producers[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
    rm -rf "$dir" /dev/shm/holdfast."$instance".*
}
trap cleanup EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

fail() {
    echo "The demo failed: $*"
    tail -n 20 "$dir"/*.out
    exit 1
}

start_daemon() { # everything but these few is the built-in configuration
    "$build/holdfastd" --set instance.name="$instance" --set instance.directory="$dir/log" \
        --set instance.socket="$socket" --set instrument.AMZN.tick=100 \
        --set wal.segment_kib=65536 </dev/null >>"$dir/daemon.out" 2>&1 9<&- &
    daemon=$!
    for _ in $(seq 500); do
        "$build/holdfast" status --instance "$instance" --socket "$socket" >/dev/null 2>&1 && return
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended"
        sleep 0.02
    done
    fail "the daemon does not answer"
}

say "Building (the first time this takes a minute or two)"
cmake -B "$build" -G Ninja >"$dir/build.out" 2>&1 || fail "cmake"
cmake --build "$build" --target holdfastd holdfast producer check_log bench_e2e \
    >>"$dir/build.out" 2>&1 || fail "the build"

say "Two producers killed from under: $orders orders, SIGKILL to the daemon in the middle"
start_daemon
mkfifo "$dir/stop"
exec 9<>"$dir/stop"
for i in 1 2; do
    "$build/tests/producer" "$socket" "producer-$i" "$i" $((orders / 2)) $((orders / 8)) \
        <"$dir/stop" >"$dir/producer-$i.out" 2>&1 9<&- &
    producers+=($!)
done
sleep 2
echo "  $("$build/holdfast" status --instance "$instance" --socket "$socket" | grep -m1 sequenced | xargs)"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
echo "  killed -9; the producers go on into their rings"
start_daemon
echo "  $(tail -n 1 "$dir/daemon.out")"
for i in 1 2; do
    for _ in $(seq 600); do
        grep -q answered "$dir/producer-$i.out" && break
        sleep 0.1
    done
    grep -q answered "$dir/producer-$i.out" || fail "producer $i was not answered"
done
sleep 0.3
exec 9>&-
for pid in "${producers[@]}"; do wait "$pid" || fail "a producer found a violation"; done
producers=()

say "The book"
"$build/holdfast" book DEMO --levels 5 --instance "$instance" --socket "$socket"

kill -TERM "$daemon"
wait "$daemon" || fail "the daemon did not stop cleanly"
daemon=

say "Proof: the log, replayed from its first record, against what the producers saw"
for i in 1 2; do
    grep "^producer-$i reports" "$dir/producer-$i.out" >"$dir/seen-$i"
done
"$build/tests/check_log" "$dir/log" "producer-1=1=$((orders / 2))" "producer-2=2=$((orders / 2))" \
    >"$dir/check.out" || { cat "$dir/check.out"; fail "the log"; }
for i in 1 2; do
    grep -qxF "$(cat "$dir/seen-$i")" "$dir/check.out" || fail "producer $i saw other reports than the log gives"
    echo "  $(cat "$dir/seen-$i")  = what the log gives, byte for byte"
done
echo "  $orders orders: every one processed once, every report delivered once, over a kill -9."

start_daemon
say "Speed of this host: 100,000 orders/s from one process, then as fast as two can, durable group commit on"
"$build/tests/bench_e2e" "$socket" AMZN 1 100000 3
"$build/tests/bench_e2e" "$socket" AMZN 2 0 3

if [ $# -ge 2 ]; then
    say "Recorded order flow: $(basename "$1")"
    "$build/holdfast" replay --format lobster "$1" --book "$2" --local
fi

kill -TERM "$daemon"
wait "$daemon" || fail "the daemon did not stop cleanly"
daemon=
