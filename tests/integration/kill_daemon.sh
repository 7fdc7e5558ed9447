#!/usr/bin/env bash
# kill_daemon.sh BINARY_DIR [COMMANDS [KILLS]] - P1 and P2 with real processes: three producers submit
# COMMANDS commands in all while the daemon is killed with SIGKILL at KILLS random moments and started
# again; one in five in the middle of its recovery. Then: every command is in the log once and in
# order, every session has seen exactly the reports of an uninterrupted replay, byte for byte and once
# each, and the books are equal.
source "$(dirname "$0")/lib.sh" "$1"
commands=${2:-1000000}
kills=${3:-50}
each=$((commands / 3))
rate=$((each * 5 / (kills + 5))) # so that it lasts for all kills, at about five a second
orders=$((commands / 4 + 4096)) # an audited build walks their tables
options=(-s wal.segment_kib=4096 -s limits.orders_max="$orders" -s limits.session_orders_max="$orders"
    -s instrument.SECOND.tick=1)

start_daemon "${options[@]}"
mkfifo "$dir/stop"
exec 9<>"$dir/stop" # keeps the producers' standard input open
for i in 1 2 3; do
    "$bin/tests/producer" "$socket" "p$i" "$i" "$each" "$rate" <"$dir/stop" >"$dir/p$i.out" 2>&1 9<&- &
    pids+=($!)
done

for i in 1 2 3; do await_line "$dir/p$i.out" "^open" 10; done
for kill in $(seq "$kills"); do
    sleep "0.$(printf %03d $((RANDOM % 200 + 20)))"
    kill_daemon
    launch_daemon "${options[@]}"
    [ $((kill % 5)) -eq 0 ] || wait_running
done
wait_running

for i in 1 2 3; do
    await_line "$dir/p$i.out" "^answered" 120
done
sleep 0.3
exec 9>&- # end of file for the producers: print and end
for pid in "${pids[@]}"; do wait "$pid" || fail "a producer found a violation"; done
pids=()
probe depth 1 >"$dir/depth.out"
probe depth 2 >>"$dir/depth.out"
stop_daemon

"$bin/tests/check_log" "$log" "p1=1=$each" "p2=2=$each" "p3=3=$each" >"$dir/check.out" ||
    fail "the log"
for i in 1 2 3; do
    seen=$(grep "^p$i reports" "$dir/p$i.out")
    grep -qxF "$seen" "$dir/check.out" || fail "session p$i saw '$seen', the log gives other reports"
done
grep "^book" "$dir/check.out" | cmp -s - "$dir/depth.out" || fail "the books differ"
say "$(grep '^log:' "$dir/check.out")"
say "$kills kills, $((3 * each)) commands: every command once, every report once, books equal"
