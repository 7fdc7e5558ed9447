#!/usr/bin/env bash
# quota.sh BINARY_DIR - no user takes everything: sessions of one user are counted, rings have a greatest
# length; and a daemon without file descriptors turns callers away, says so, does not spin, and serves
# again as soon as there are some.
source "$(dirname "$0")/lib.sh" "$1"
need_root
cp "$bin/tests/probe" "$bin/tests/hostile" "$dir/"
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

start_daemon -s instance.allow=65534 -s session.per_user_max=3 -s session.slots_max=1024 -s limits.sessions_max=8
export HF_PROBE_SLOTS=1024
for i in 1 2 3; do
    as_nobody "$dir/probe" open "$socket" "n$i" >"$dir/open.out" || fail "session $i of 3"
done
as_nobody "$dir/probe" open "$socket" n4 >"$dir/fourth.out" && fail "a fourth session of three"
grep -q "HF_E_FULL.*session.per_user_max" "$dir/fourth.out" || fail "the quota is not named"
as_nobody "$dir/probe" open "$socket" n2 >"$dir/again.out" || fail "one of the three cannot be resumed"
probe open r1 >"$dir/root.out" || fail "root has no place"
HF_PROBE_SLOTS=2048 probe open r2 >"$dir/long.out" && fail "a ring beyond session.slots_max"
grep -q "session.slots_max" "$dir/long.out" || fail "the greatest ring is not named"

# Without descriptors.
nobody_left() { [ "$(readlink /proc/"$daemon"/fd/* | grep -c "^socket:")" = 1 ]; } # but who listens
until_true 5 nobody_left || fail "connections of clients that have ended are open"
used=$(ls /proc/"$daemon"/fd | wc -l)
prlimit --pid "$daemon" --nofile=$((used + 4)):4096
mkfifo "$dir/input"
exec 9<>"$dir/input"
"$dir/hostile" crowd "$socket" crowd 20 <"$dir/input" >"$dir/crowd.out" 2>&1 9<&- &
crowd=$!
pids+=("$crowd")
await_line "$dir/daemon.out" "no file descriptor is left" 10
ticks() { awk '{ print $14 + $15 }' /proc/"$daemon"/stat; }
before=$(ticks)
sleep 1
[ $(($(ticks) - before)) -lt 40 ] || fail "the daemon spins: $(($(ticks) - before)) ticks of 100 in a second"
turned_away() { # a thread that held one open for a moment gives it back, and somebody gets it
    ! probe open r2 >"$dir/none.out" && grep -q "no file descriptor left\|no daemon answers" "$dir/none.out"
}
until_true 5 turned_away || fail "a session without descriptors, or the want of them is not named"
kill -9 "$crowd"
wait "$crowd" 2>/dev/null || true
prlimit --pid "$daemon" --nofile=4096:4096
opens() { probe open r3 >"$dir/r3.out"; }
until_true 5 opens || fail "no session although there are descriptors again"
trip "a want of descriptors" r1
exec 9>&-
stop_daemon
say "no user takes everything; without descriptors callers are turned away"
