#!/usr/bin/env bash
# seed.sh BINARY_DIR - a daemon that ends in the midst of its very first start, between two of the
# instruments that the configuration has for an empty log: the next start goes on with them. And an
# instance without any administrator gets those that the configuration names later.
source "$(dirname "$0")/lib.sh" "$1"
need_root
count=700
{
    for i in $(seq "$count"); do printf '[instrument.S%03d]\ntick = 5\n' "$i"; done
} >"$dir/many.conf"
# The queue is full again and again: each time what is in it goes to the log first.
# (A build that audits the state after every record is fast only with little of it.)
options=(--config "$dir/many.conf" -s limits.instruments_max=800 -s wal.queue_slots=1024
    -s wal.flush_records=512 -s wal.segment_kib=64 -s limits.orders_max=64 -s limits.levels_max=64
    -s limits.session_orders_max=64 -s limits.extras_max=64 -s limits.events_max=64)

# The disk has room for one segment, the instruments need two: the first start ends half-way, without
# a last word, as by a kill. Once its shared memory is lost too.
disk=$dir/disk
log=$disk/log
mkdir "$disk"
for memory in kept lost; do
    mount -t tmpfs -o size=100k,mode=700 tmpfs "$disk" || { say "skipped: cannot mount"; exit 77; }
    mounts=("$disk")
    expect_refusal 74 "no space for segment" "${options[@]}"
    [ "$memory" = kept ] || rm -f /dev/shm/holdfast."$instance".*
    expect_refusal 74 "No space left on device|no space for segment" "${options[@]}"
    mount -o remount,size=64m "$disk"
    : >"$dir/daemon.out"
    start_daemon "${options[@]}"
    [ "$(status instruments)" = "$count" ] || fail "$(status instruments) of $count instruments"
    grep -qE "ended with [1-9][0-9]{0,3} of $count instruments" "$dir/daemon.out" ||
        fail "the first start did not end half-way"
    [ "$memory" = kept ] || break
    kill_daemon
    umount "$disk"
    rm -f /dev/shm/holdfast."$instance".*
done
"$bin/holdfast" admin --socket "$socket" instrument list >"$dir/list"
[ "$(awk '{ print $1 }' "$dir/list" | sort -u | wc -l)" = "$count" ] || fail "some are there twice"
grep -q "^S001 .* tick 5, " "$dir/list" && grep -q "^S$count .* tick 5, " "$dir/list" ||
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
"$bin/holdfast" admin --socket "$socket" --session first phase S001 halted >"$dir/first.out" 2>&1 ||
    fail "an administrator of an instance that had none"
kill_daemon
start_daemon "${options[@]}" -s instance.admin=second
"$bin/holdfast" admin --socket "$socket" entitlements >"$dir/rights"
[ "$(cat "$dir/rights")" = "first: admin" ] || fail "the configuration wins over the log"
grep -q "session 'second' has no admin rights in the log" "$dir/daemon.out" || fail "a warning"
stop_daemon
say "an instance is seeded whole, and once"
