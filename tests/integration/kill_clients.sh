#!/usr/bin/env bash
# kill_clients.sh BINARY_DIR [KILLS] - producers killed with SIGKILL at random moments, in the middle of
# a submit or a release, and resumed by new processes; now and then the daemon too. Commands are in the
# log once each and in order, and what was not released comes again, the same, and once.
source "$(dirname "$0")/lib.sh" "$1"
kills=${2:-40}
each=15000
if is_audited; then
    kills=${2:-15}
    each=2000
fi
options=(-s instrument.SECOND.tick=1)
start_daemon "${options[@]}"
mkfifo "$dir/stop"
exec 9<>"$dir/stop"
declare -A producer

launch_producer() {
    "$bin/tests/producer" "$socket" "p$1" "$1" "$each" 2000 "$dir/p$1.diary" <"$dir/stop" \
        >"$dir/p$1.out" 2>&1 9<&- &
    producer[$1]=$!
    pids=("${producer[@]}")
}

for i in 1 2 3; do launch_producer "$i"; done
for kill in $(seq "$kills"); do
    sleep "0.$(printf %03d $((RANDOM % 100 + 5)))"
    i=$((RANDOM % 3 + 1))
    kill -9 "${producer[$i]}" 2>/dev/null || fail "producer $i ended by itself"
    wait "${producer[$i]}" 2>/dev/null || true
    if [ $((kill % 10)) -eq 0 ]; then # both at once
        kill_daemon
        launch_producer "$i"
        start_daemon "${options[@]}"
    else
        launch_producer "$i"
    fi
done
for i in 1 2 3; do await_line "$dir/p$i.out" "^answered" 60; done
sleep 0.3
exec 9>&-
for i in 1 2 3; do wait "${producer[$i]}" || fail "producer $i found a violation"; done
pids=()
stop_daemon
"$bin/tests/check_log" "$log" "p1=1=$each" "p2=2=$each" "p3=3=$each" >"$dir/check.out" ||
    fail "the log"
for i in 1 2 3; do
    grep -qxF "$(grep "^p$i reports" "$dir/p$i.out")" "$dir/check.out" ||
        fail "session p$i saw other reports than the log gives"
done
say "$kills clients killed: every command once, every report once"
