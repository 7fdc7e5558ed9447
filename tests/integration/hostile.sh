#!/usr/bin/env bash
# hostile.sh BINARY_DIR - clients that break every rule while two honest sessions trade: after each
# attack the daemon is there and an honest round trip works, and at the end every command of the honest
# is in the log once and in order, and they saw every report once (P1, P2, P5).
source "$(dirname "$0")/lib.sh" "$1"
each=40000
orders=262144
words=8        # bytes from one word of a header to the next that is attacked
fills=3500     # of a session that does not read
slow_slots=4096 # of its rings: the next power of two; it loses reports 1024 behind that
if is_audited; then # slow
    each=2000
    orders=16384
    words=56
    fills=1600
    slow_slots=2048
fi

start_daemon -s session.lag_max=1024 -s limits.events_max=1024 -s limits.orders_max="$orders" -s limits.session_orders_max=8192 \
    -s instrument.SECOND.tick=1 -s instrument.THIRD.tick=1 -s instrument.FOURTH.tick=1
mkfifo "$dir/input"
exec 9<>"$dir/input"
for i in 1 2; do
    "$bin/tests/producer" "$socket" "p$i" "$i" "$each" 3000 <"$dir/input" >"$dir/p$i.out" 2>&1 9<&- &
    pids+=($!)
done
producers=("${pids[@]}")

# attack NAME [ARGUMENT...]: a session of its own each time; it may be closed on the attacker
number=0
attack() {
    number=$((number + 1))
    timeout 30 "$bin/tests/hostile" "$1" "$socket" "h$number" "${@:2}" </dev/null \
        >"$dir/hostile.out" 2>&1 9<&- || { [ $? -lt 124 ] && fail "attack $*"; }
    trip "$*"
}

attack truncate 0
attack truncate 4096
attack truncate 100
attack holes
attack grow
attack scribble
for word in $(seq 0 "$words" 504); do # all of its header
    attack word "$word"
done
attack takeback
attack takeback
attack zombie
attack comeback 300
attack die 20
attack churn 100
attack half
attack mute

# A crowd of silent connections, more than there is room for: others still get in.
"$bin/tests/hostile" crowd "$socket" crowd 400 <"$dir/input" >"$dir/crowd.out" 2>&1 9<&- &
crowd=$!
pids+=("$crowd")
await_line "$dir/crowd.out" "^crowd of" 10
trip "a crowd of silent connections"
kill -9 "$crowd"
wait "$crowd" 2>/dev/null || true
trip "the end of a crowd"

# A session that does not read, flooded with fills of its resting orders, loses reports alone.
"$bin/tests/hostile" slow "$socket" slow "$fills" <"$dir/input" >"$dir/slow.out" 2>&1 9<&- &
slow=$!
pids+=("$slow")
await_line "$dir/slow.out" "^resting" 60
timeout 120 "$bin/tests/hostile" sweep "$socket" sweeper "$fills" </dev/null >"$dir/sweep.out" 2>&1 9<&- ||
    fail "the honest counterpart of a slow client"
kill -USR1 "$slow"
await_line "$dir/slow.out" "^lost $((slow_slots + 1)) to $((2 * fills))\$" 20
trip "a client that does not read"

for i in 1 2; do
    await_line "$dir/p$i.out" "^answered" 40
done
sleep 0.3
exec 9>&-
for pid in "${producers[@]}"; do wait "$pid" || fail "a producer found a violation"; done
stop_daemon
"$bin/tests/check_log" "$log" "p1=1=$each" "p2=2=$each" others >"$dir/check.out" ||
    fail "the log"
for i in 1 2; do
    grep -qxF "$(grep "^p$i reports" "$dir/p$i.out")" "$dir/check.out" ||
        fail "session p$i saw other reports than the log gives"
done
grep -c "broke the ring protocol" "$dir/daemon.out" >/dev/null || fail "no attack was noticed"
say "$number attacks; the honest saw nothing of them"
