#!/usr/bin/env bash
# market.sh BINARY_DIR - market data with real processes: two producers trade while the daemon is killed
# and started again; subscribers follow it: an eager one, one that is shown durable events only, one that
# is stopped and lapped, one that comes late. In the end the books of all of them are the engine's, and no
# number was passed over unsaid. Then the same over a loss of all shared memory, and with writes to the
# ring that must hurt nobody but the writer.
source "$(dirname "$0")/lib.sh" "$1"
commands=20000
rate=8000
slots=4096
orders=65536
if is_audited; then
    # Every command is followed by a walk through all books.
    commands=1200 rate=600 slots=256 orders=4096
    small+=(-s limits.levels_max=1024 -s limits.extras_max=64)
fi
options=(-s market.slots="$slots" -s instrument.SECOND.tick=1 -s limits.orders_max="$orders"
    -s limits.session_orders_max="$orders")
declare -A subscribers=()
producers=()

# subscribe NAME [durable]: in the background, until standard input ends
subscribe() {
    rm -f "$dir/$1.out" # or its predecessor's "following" is taken for its own
    "$bin/tests/subscriber" follow "$socket" "${@:2}" <"$dir/stop" >"$dir/$1.out" 2>&1 9<&- &
    subscribers[$1]=$!
    pids+=($!)
    await_line "$dir/$1.out" "^following" 30
}

# produce NAME INDEX: as above
produce() {
    "$bin/tests/producer" "$socket" "$1" "$2" "$commands" "$rate" <"$dir/stop" >"$dir/$1.out" 2>&1 9<&- &
    producers+=($!)
    pids+=($!)
}

# Let all end, and compare what the subscribers have with the engine's books.
compare_all() {
    exec 9>&-
    for pid in "${producers[@]}"; do wait "$pid" || fail "a producer found a violation"; done
    for name in "${!subscribers[@]}"; do
        wait "${subscribers[$name]}" || fail "subscriber $name found a violation"
    done
    probe depth 1 >"$dir/depth.txt"
    probe depth 2 >>"$dir/depth.txt"
    [ "$(wc -l <"$dir/depth.txt")" -gt 64 ] || fail "the books are too small to prove anything"
    last=$(sed -n 's/.* last=\([0-9]*\) .*/\1/p' "$dir"/"$1".out)
    for name in "${!subscribers[@]}"; do
        grep "^book" "$dir/$name.out" | cmp -s - "$dir/depth.txt" || fail "the books of $name differ"
        grep -q " last=$last " "$dir/$name.out" || fail "$name has not seen the last event, $last"
        say "$name: $(tail -n 1 "$dir/$name.out")"
    done
    subscribers=()
    producers=()
}

open_fifo() {
    rm -f "$dir/stop"
    mkfifo "$dir/stop"
    exec 9<>"$dir/stop"
}

start_daemon "${options[@]}"
open_fifo
subscribe eager
subscribe durable durable
subscribe lapped
kill -STOP "${subscribers[lapped]}"
produce p1 1
produce p2 2
for kill in $(seq 6); do
    sleep "0.$((RANDOM % 300 + 200))"
    kill_daemon
    launch_daemon "${options[@]}"
    wait_running
    [ "$kill" != 3 ] || subscribe late
done
"$bin/tests/subscriber" write "$socket" >"$dir/write.out" 2>&1 || fail "a subscriber can write the ring"
say "$(cat "$dir/write.out")"
for name in p1 p2; do await_line "$dir/$name.out" "^answered" 180; done
kill -CONT "${subscribers[lapped]}"
compare_all eager
[ "$(sed -n 's/.* lapped=\([0-9]*\) .*/\1/p' "$dir/lapped.out")" -ge 1 ] || fail "who was stopped was not lapped"
"$bin/holdfast" md DEMO --once -S "$socket" -n 64 >"$dir/md.txt" || fail "holdfast md --once"
"$bin/holdfast" book DEMO -S "$socket" -n 64 >"$dir/book.txt" || fail "holdfast book"
diff <(sed 1,3d "$dir/md.txt") <(sed 1,2d "$dir/book.txt") >/dev/null || fail "md and book differ"

# All shared memory is lost, and given up: another ring, another history.
open_fifo
subscribe eager
subscribe durable durable
kill_daemon
rm -f /dev/shm/holdfast."$instance".*
expect_refusal 65 "status is missing, but the log's last daemon ran in this boot" "${options[@]}"
start_daemon "${options[@]}" --abandon-shm -s instance.after_loss=open
produce p3 3
await_line "$dir/p3.out" "^answered" 180
compare_all eager
for name in eager durable; do
    grep -q " lapped=[1-9].* history=2$" "$dir/$name.out" || fail "$name did not notice the new history"
done
stop_daemon
say "every book is the engine's, no number was passed over unsaid"
