#!/usr/bin/env bash
# seed.sh BINARY_DIR - a daemon that is killed in the midst of its very first start, between two of the
# instruments that the configuration has for an empty log: the next start goes on with them. And an
# instance without any administrator gets those that the configuration names later.
source "$(dirname "$0")/lib.sh" "$1"
count=4000
{
    for i in $(seq "$count"); do printf '[instrument.S%04d]\ntick = 5\n' "$i"; done
} >"$dir/many.conf"
# The queue is full again and again: each time what is in it goes to the log first.
options=(--config "$dir/many.conf" -s limits.instruments_max=5000 -s wal.queue_slots=1024
    -s wal.flush_records=512)

wait_first_segment() {
    local segments=()
    until segments=("$log"/*1.wal) && [ "${#segments[@]}" -gt 0 ]; do
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended at its start"
    done
}

# The first segment is there just before the first records are logged; a kill after that may still come
# too late, or too early.
halfway=no
for attempt in $(seq 60); do
    rm -rf "$log" /dev/shm/holdfast."$instance".*
    daemon_command
    "${command[@]}" "${options[@]}" >>"$dir/daemon.out" 2>&1 &
    daemon=$!
    wait_first_segment
    sleep "0.$(printf %03d $((RANDOM % 30)))"
    kill_daemon
    [ $((attempt % 2)) = 0 ] || rm -f /dev/shm/holdfast."$instance".* # as after a loss of power
    : >"$dir/daemon.out"
    launch_daemon "${options[@]}"
    wait_running
    [ "$(status instruments)" = "$count" ] || fail "$(status instruments) of $count instruments"
    if grep -qE "ended with [1-9][0-9]* of $count instruments" "$dir/daemon.out"; then
        halfway=yes
        break
    fi
    kill_daemon
done
[ "$halfway" = yes ] || { say "skipped: no kill came between two instruments"; exit 77; }
"$bin/holdfast" admin --socket "$socket" instrument list >"$dir/list"
[ "$(awk '{ print $1 }' "$dir/list" | sort -u | wc -l)" = "$count" ] || fail "some are there twice"
grep -q "^S0001 .* tick 5, " "$dir/list" && grep -q "^S$count .* tick 5, " "$dir/list" ||
    fail "the first or the last instrument"
grep -q "differs\|not in the log" "$dir/daemon.out" && fail "a seeded log differs from what seeded it"

# The first start was the one that seeds: instruments that are added to the file later are not.
kill_daemon
printf '[instrument.LATE]\n' >>"$dir/many.conf"
start_daemon "${options[@]}"
[ "$(status instruments)" = "$count" ] || fail "a later start seeds"
grep -q "instrument 'LATE' is not in the log" "$dir/daemon.out" || fail "a later start does not warn"

# Nobody could ever give rights in this instance: the names of a later start get them; of one that has an
# administrator not.
"$bin/holdfast" admin --socket "$socket" entitlements >"$dir/rights"
[ ! -s "$dir/rights" ] || fail "rights without a name in the configuration"
kill_daemon
start_daemon "${options[@]}" -s instance.admin=first
"$bin/holdfast" admin --socket "$socket" --session first phase S0001 halted >"$dir/first.out" 2>&1 ||
    fail "an administrator of an instance that had none"
kill_daemon
start_daemon "${options[@]}" -s instance.admin=second
"$bin/holdfast" admin --socket "$socket" entitlements >"$dir/rights"
[ "$(cat "$dir/rights")" = "first: admin" ] || fail "the configuration wins over the log"
grep -q "session 'second' has no admin rights in the log" "$dir/daemon.out" || fail "a warning"
stop_daemon
say "an instance is seeded whole, and once"
