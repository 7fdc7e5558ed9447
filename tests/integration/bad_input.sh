#!/usr/bin/env bash
# bad_input.sh BINARY_DIR - every mistake has its own clear answer, and the daemon goes on: bad
# commands, garbage on the control socket, wrong users, second daemons, second clients.
source "$(dirname "$0")/lib.sh" "$1"

grid=(-s instrument.GRID.tick=5 -s instrument.GRID.lot=10 -s instrument.GRID.price_min=100
    -s instrument.GRID.price_max=200 -s instrument.GRID.quantity_max=1000)
start_daemon "${grid[@]}"

"$bin/tests/bad_input" "$socket" >"$dir/input.out" || fail "wrong answers"
trip "bad commands and requests"

# A second client of a session that is held; the first goes on.
mkfifo "$dir/input"
exec 9<>"$dir/input"
probe hold holder <"$dir/input" >"$dir/holder.out" 9<&- &
holder=$!
pids+=("$holder")
await_line "$dir/holder.out" held 5
probe open holder >"$dir/second.out" && fail "a second client got the session"
grep -q "^HF_E_BUSY .*held by process" "$dir/second.out" || fail "a second client is not told why"
kill -0 "$holder" || fail "the first client ended"
trip "a second client"

# A second daemon: on the same directory, under the same name, on the same socket.
expect_refusal 69 "another daemon runs on $log" -s instance.name="other$$"
expect_refusal 69 "another daemon runs as instance '$instance'" -s instance.directory="$dir/log2"
expect_refusal 69 "control socket $socket: Address already in use" -s instance.directory="$dir/log2" \
    -s instance.name="other$$"
rm -f /dev/shm/holdfast."other$$".*
touch "$dir/file"
expect_refusal 70 "control socket $dir/file: File exists" -s instance.directory="$dir/log3" \
    -s instance.name="other$$" -s instance.socket="$dir/file"
rm -f /dev/shm/holdfast."other$$".*
[ -f "$dir/file" ] || fail "a file was removed for a socket"
trip "second daemons"

# Mistakes in the configuration.
expect_refusal 78 "limits.orders_max: '0' is not a whole number from 1" -s limits.orders_max=0
expect_refusal 78 "unknown parameter 'nosuch' in section \[wal\]" -s wal.nosuch=1
PMEM_IS_PMEM_FORCE=1 expect_refusal 78 "PMEM_IS_PMEM_FORCE" -s instance.name="other$$"
expect_refusal 78 "no user 'nosuchuser'" -s instance.name="other$$" -s instance.directory="$dir/log4" \
    -s instance.allow=nosuchuser
rm -f /dev/shm/holdfast."other$$".*

# Another user: refused unless allowed, and never another's session.
if [ "$(id -u)" = 0 ]; then
    stranger=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${stranger[@]}" "$bin/tests/probe" open "$socket" theirs >"$dir/stranger.out" 2>&1 &&
        fail "a stranger was let in"
    grep -q "^HF_E_DENIED user 65534 is neither in instance.watch (who may look) nor in instance.allow" "$dir/stranger.out" ||
        fail "a stranger is not told why"
    trip "a stranger"
    stop_daemon
    start_daemon "${grid[@]}" -s instance.allow=daemon,65534
    "${stranger[@]}" "$bin/tests/probe" trip "$socket" theirs >"$dir/stranger.out" 2>&1 ||
        fail "an allowed user is not let in"
    "${stranger[@]}" "$bin/tests/probe" open "$socket" honest >"$dir/stranger.out" 2>&1 &&
        fail "a user got another's session"
    grep -q "^HF_E_DENIED session 'honest' belongs to user 0" "$dir/stranger.out" ||
        fail "a user is not told whose session it is"
    trip "an allowed user"
fi
exec 9>&-
stop_daemon
say "every mistake was answered, orders went on"
