#!/usr/bin/env bash
# metrics.sh BINARY_DIR - what the daemon measures of itself, with real processes: every stage counts what goes
# through it; a restart begins anew, and a daemon that was killed leaves its last figures; who may only look
# (instance.watch) may look, and do nothing else.
source "$(dirname "$0")/lib.sh" "$1"
need_root
cp "$bin/holdfast" "$bin/tests/probe" "$dir/"
watcher() { setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/$1" "${@:2}"; }

# stage NAME [FIELD]: of all since the start
stage() {
    "$bin/holdfast" status --socket "$socket" --interval 0 --json |
        sed -nE "s/.*\"$1\":\\{[^}]*\"${2:-count}\":([0-9.e+-]+).*/\\1/p"
}
counts() { [ "$(stage "$1")" -ge 1 ]; }
at_least_once() { # NAME: what a flush counts comes with it
    until_true 10 counts "$1" || fail "$1 counts '$(stage "$1")'"
}

start_daemon -s instance.watch=65534
commands=3000
"$bin/tests/producer" "$socket" one 0 $commands 0 </dev/null >"$dir/producer.out" 2>&1 &
pids+=($!)
await_line "$dir/producer.out" "^answered" 60

# Of each command, of one in 61, of each round, batch, flush.
[ "$(stage round_seconds)" = "$(status commands)" ] || fail "not each command was counted"
[ "$(stage ring_wait_seconds)" = $((commands / 61)) ] || fail "waits of $(stage ring_wait_seconds) commands"
for name in round_commands batch_records flush_records flush_bytes flush_seconds wal_queue_depth_records; do
    at_least_once $name
done
for name in write_seconds store_seconds durable_seconds; do at_least_once $name; done
awk -v store="$(stage store_seconds max)" -v durable="$(stage durable_seconds max)" \
    'BEGIN { exit !(durable > 0 && store > 0 && durable >= store * 0.98) }' ||
    fail "durable is sooner than what is a part of it"

trades_of() { "$bin/holdfast" status --socket "$socket" --interval 0 --json | sed -nE 's/.*"trades":([0-9]+).*/\1/p'; }
[ "$(trades_of)" -ge 1 ] || fail "no trade was counted"

# Who may only look.
watcher holdfast status --socket "$socket" --interval 0 >"$dir/watch.out" 2>&1 || fail "a watcher may not look"
grep -q "wait in the ring  *[1-9]" "$dir/watch.out" || fail "a watcher does not see the stages"
grep -q "sessions: .*allowed" "$dir/watch.out" || fail "a watcher sees the session table of the engine"
watcher probe open "$socket" mine >"$dir/watch.out" 2>&1 && fail "a watcher opens a session"
grep -q "HF_E_DENIED.*may only look (instance.watch)" "$dir/watch.out" || fail "it is not told why not"
watcher holdfast book DEMO --socket "$socket" >"$dir/watch.out" 2>&1 && fail "a watcher asks the engine"

# Killed: the object stays; the next start makes another.
before=$(stat -c %i /dev/shm/holdfast."$instance".metrics)
kill_daemon
[ "$(stat -c %i /dev/shm/holdfast."$instance".metrics)" = "$before" ] || fail "the last figures are gone"
start_daemon
[ "$(stat -c %i /dev/shm/holdfast."$instance".metrics)" != "$before" ] || fail "the old object is written on"
[ "$(stage ring_wait_seconds)" = 0 ] || fail "a restart does not begin anew"
"$bin/holdfast" status --socket "$socket" --interval 0 --json | grep -q '"stages":{' || fail "no stages"
probe trip other >"$dir/trip.out" || fail "an order after the restart"
[ "$(trades_of)" -le 1 ] || fail "$(trades_of) trades since the start: those of the log are among them"
stop_daemon
say "every stage counts; watchers look, and that is all"
