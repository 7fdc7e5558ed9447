#!/usr/bin/env bash
# reload.sh BINARY_DIR - SIGHUP: what may change at run time changes, the rest is told; a file with mistakes
# changes nothing, and every mistake is told with its line; orders go on all the while. SIGTERM then drains,
# flushes and ends with 0; a second daemon on the instance is refused.
source "$(dirname "$0")/lib.sh" "$1"
need_root
file=$dir/holdfast.conf
hangup() { # TEXT: what the daemon then says
    : >"$dir/daemon.out"
    kill -HUP "$daemon"
    await_line "$dir/daemon.out" "$1" 10
}
says() { grep -qF -- "$1" "$dir/daemon.out" || fail "the daemon does not say '$1'"; }

cat >"$file" <<'END'
[session]
burst = 7
[wal]
flush_interval_us = 10000
END
cp "$bin/tests/probe" "$dir/"
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/probe" open "$socket" "$1" >"$dir/nobody.out" 2>&1; }

start_daemon --config "$file" -s wal.flush_records=900
trip "a start"
as_nobody n1 && fail "a user who is not allowed may connect"
expect_refusal 69 "another|holds|runs" --config "$file"

# Changed, and what cannot: told. --set still goes over the file.
cat >"$file" <<'END'
[instance]
allow = 65534
[limits]
orders_max = 4096
[session]
burst = 9
[wal]
flush_interval_us = 20000
flush_records = 5
mode = sync
[snapshot]
every_records = 10
[instrument.NEW]
tick = 5
END
hangup "configuration read again from $file: 4 values changed, 2 cannot now"
says "session.burst: '7' is now '9'"
says "wal.flush_interval_us: '10000' is now '20000'"
says "instance.allow: '' is now '65534'"
says "snapshot.every_records: '5000000' is now '10'"
says "wal.mode stays 'group' until this daemon is started again: then it becomes 'sync'"
says "'holdfast admin apply --config $file'"
grep -q "flush_records\|orders_max" "$dir/daemon.out" && fail "what --set fixes is called changed"
as_nobody n1 || fail "a user who is allowed now may not connect"
trip "a reload"
has_snapshot() {
    local snapshots=("$log"/*.snap)
    [ ${#snapshots[@]} -gt 0 ]
}
for _ in 1 2 3; do trip "a checkpointer with another pace"; done
until_true 10 has_snapshot || fail "snapshot.every_records does not count"

# Mistakes: all of them, with their lines; nothing changes, not even what would be right.
printf '[session]\nburst = 11\nlag_max = 5\n[wal]\nqueue_slots = 1025\nnosuch = 1\n[instance]\nallow = no-such-user\n' >"$file"
hangup "4 mistakes in the configuration: everything stays as it was"
says "$file:3: session.lag_max: '5' is not a whole number"
says "$file:5: wal.queue_slots must be a power of two"
says "$file:6: unknown parameter 'nosuch'"
says "$file:8: instance.allow: no user 'no-such-user'"
grep -q "is now" "$dir/daemon.out" && fail "a file with mistakes changed something"
as_nobody n2 || fail "a file with mistakes took a user's right"

# The parameter that is back at its default; the user who is no longer allowed, while his session stays.
mkfifo "$dir/input"
exec 9<>"$dir/input"
setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/probe" hold "$socket" holder <"$dir/input" \
    >"$dir/hold.out" 2>&1 9<&- &
pids+=($!)
await_line "$dir/hold.out" "^held" 10
grep -q "may not connect any more" "$dir/daemon.out" && fail "connections are told of that may be there"
printf '[session]\nburst = 11\n' >"$file"
hangup "configuration read again"
says "connections of users who may not connect any more: 1"
exec 9>&-
says "session.burst: '9' is now '11'"
says "instance.allow: '65534' is now ''"
as_nobody n3 && fail "a user who is not allowed any more may connect"

# So with one who only watched: no kill switch stops him, for he has no session.
printf '[instance]\nwatch = 65534\n' >"$file"
hangup "instance.watch: '' is now '65534'"
cp "$bin/holdfast-exporter" "$dir/"
setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/holdfast-exporter" --socket "$socket" --listen 127.0.0.1:0 \
    >"$dir/exporter.out" 2>&1 </dev/null &
exporter=$!
pids+=("$exporter")
await_line "$dir/exporter.out" "serving on" 10
: >"$file"
hangup "connections of users who may not connect any more: 1"
says "They stay until they end or this daemon is started again"
says "who only watches has none"
kill "$exporter"
wait "$exporter" || fail "the exporter's end"
rm "$file"
hangup "1 mistake in the configuration: everything"
says "cannot read: No such file"
trip "a file that is gone"

# A stop drains and flushes, and says so.
: >"$dir/daemon.out"
stop_daemon 0
says "all of it durable"
unset file

# Without a file there is nothing to be read again, and the daemon stays.
start_daemon
hangup "there is no --config file"
trip "a hangup without a file"
stop_daemon 0

# A pipe is read once: a second time it would be empty, or be waited for.
mkfifo "$dir/pipe"
printf '[session]\nburst = 12\n' >"$dir/pipe" &
start_daemon --config "$dir/pipe"
hangup "pipe is no file that can be read again"
trip "a hangup with a pipe"
say "what may change changes, mistakes change nothing"
