#!/usr/bin/env bash
# start.sh BINARY_DIR - what surrounds a daemon: its standard descriptors, the limits of its files, files
# that are cut short or removed under it, names that others have taken, descriptors that clients keep, and
# mistakes in the configuration, which are said before anything is logged.
source "$(dirname "$0")/lib.sh" "$1"
need_root
options=(-s wal.segment_kib=64 -s wal.reserve_segments=1)
shm=/dev/shm/holdfast.$instance

# Mistakes: told by --check-config, and by a start before it makes anything.
code=0
check() { # TEXT OPTION...
    local text=$1
    shift
    daemon_command --check-config "$@"
    code=0
    "${command[@]}" >"$dir/check.out" 2>&1 || code=$?
    [ "$code" = 78 ] || fail "--check-config ended with $code, not 78 (for '$text')"
    grep -qE "$text" "$dir/check.out" || fail "--check-config does not say '$text'"
}
check "no user 'no-such-user'" -s instance.allow=no-such-user
check "instance.socket .* is longer than 107 bytes" -s instance.socket="/$(printf '%0120d' 0)"
check "reserve_segments: '17' is not a whole number from 1 to 16" -s wal.reserve_segments=17
expect_refusal 78 "no user 'no-such-user'" -s instance.allow=no-such-user
[ ! -e "$log" ] || fail "a mistake in the configuration left a log"
: >"$socket"
expect_refusal 70 "cannot make the control socket .*File exists"
segments=("$log"/*.wal)
[ ${#segments[@]} = 0 ] || fail "a socket that cannot be made left a log"
rm "$socket"
printf '[session]\nburst = 7\n' >"$dir/file.conf"
daemon_command -s session.burst=9 --config "$dir/file.conf" --print-config
"${command[@]}" >"$dir/print.out"
grep -qx "burst = 9" "$dir/print.out" || fail "--set in front of --config is not applied behind the file"

# Closed standard descriptors: nothing that is logged goes into the daemon's files.
daemon_command "${options[@]}"
"${command[@]}" 0<&- >&- 2>&- 9<&- &
daemon=$!
wait_running
for number in 0 1 2; do
    [ "$(readlink "/proc/$daemon/fd/$number")" = /dev/null ] || fail "descriptor $number is no /dev/null"
done
trip "closed descriptors"
kill_daemon
start_daemon "${options[@]}"
grep -q "is damaged\|differs" "$dir/daemon.out" && fail "log text went into shared memory"

# Changed limits are said: the log's stay. memory.lock=no locks nothing; huge pages as configured.
stop_daemon
: >"$dir/daemon.out"
start_daemon "${options[@]}" -s limits.orders_max=70000 -s memory.huge_pages=no
grep -q "limits.orders_max is 70000 in the configuration; the log was begun with $orders" "$dir/daemon.out" ||
    fail "a changed limit is not said"
grep -q "^VmLck:[[:space:]]*0 kB" "/proc/$daemon/status" || fail "memory is locked although it should not be"
grep -q "^VmFlags:.* hg" "/proc/$daemon/smaps" && fail "huge pages although there should be none"
stop_daemon
start_daemon "${options[@]}" -s memory.huge_pages=yes
grep -q "^VmFlags:.* hg" "/proc/$daemon/smaps" || fail "no huge pages are asked for"

# A client keeps a descriptor of the status page that it was given, and locks it: nobody else is hindered.
exec 7<"$shm.status"
flock -x 7
kill_daemon
start_daemon "${options[@]}"
exec 7<&-

# Files with names of the log's that it has not made: named, left where they are, and started without.
stop_daemon
segments=("$log"/*.wal)
next=$log/$(printf '%020d' $((10#$(basename "${segments[-1]}" .wal) + 1))).wal
mkdir "$next.tmp"
expect_refusal 70 "$next.tmp: cannot be removed: Is a directory .*move it away" "${options[@]}"
rmdir "$next.tmp"
: >"$next"
expect_refusal 65 "$next: it is empty: no file that this log has made.* move this file away" "${options[@]}"
for _ in $(seq 2000); do echo "what was decided on the second of May"; done >"$next"
truncate -s 65536 "$next"
expect_refusal 65 "$next: .*neither records nor a header.* move this file away" "${options[@]}"
grep -q "second of May" "$next" || fail "a file that the log has not made was changed"
rm "$next"
mkfifo "$next"
expect_refusal 65 "$next is no regular file: .*move it away" "${options[@]}"
expect_refusal 65 "$next is no regular file" "${options[@]}" --abandon-shm
rm "$next"
start_daemon "${options[@]}"
trip "files that are not the log's"

# Names that another user has taken: others are drawn, and found again.
stop_daemon
mkdir "$dir/other"
copy=$dir/other/holdfastd
cp "$bin/holdfastd" "$copy"
chmod 755 "$dir/other" "$copy"
as_root_log=$log
log=$dir/other/log
mkdir -m 700 "$log"
chown 65534:65534 "$dir/other" "$log"
rm -f "$shm".*
socket=$dir/other/sock
daemon_command "${options[@]}"
daemon_as_nobody() {
    rm -f "$socket"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$copy" "${command[@]:1}" >>"$dir/daemon.out" 2>&1 9<&- &
    daemon=$!
    wait_running
}
daemon_as_nobody
probe unread client 5 >"$dir/client.out" || fail "orders"
touch "$shm.s.client.cmd.2" "$shm.s.fresh.rep" # by root
probe unread client 5 >"$dir/client.out" || fail "a squatted generation: $(cat "$dir/client.out")"
[ "$(ls "$shm".s.client.cmd.* | wc -l)" = 2 ] || fail "no other generation was taken"
probe unread fresh 5 >"$dir/fresh.out" || fail "a squatted session: $(cat "$dir/fresh.out")"
grep -q "s.fresh.rep belongs to user 'root' (0).* another name" "$dir/daemon.out" || fail "a squatted name is not said"
kill_daemon
daemon_as_nobody
probe reports fresh >"$dir/fresh.out" || fail "a squatted session after a restart: $(cat "$dir/fresh.out")"
[ "$(cat "$dir/fresh.out")" = "1 5" ] || fail "its reports are not those that were there: $(cat "$dir/fresh.out")"
[ -e "$shm.s.fresh.rep" ] || fail "what belongs to another was removed"
rm "$shm.s.fresh.rep"
kill_daemon
daemon_as_nobody
probe reports fresh >"$dir/fresh.out" || fail "a drawn name whose plain one is free again"
kill_daemon
expect_refusal 77 "belongs to user 'nobody' .65534.: run as that user" "${options[@]}"
rm -f "$shm".*
log=$as_root_log
socket=$dir/sock

# A limit of file sizes in mid-run: halted with words, and gone on from later.
fresh_log() {
    rm -rf "$log"
    rm -f "$shm".*
    : >"$dir/daemon.out"
}
halted() { [ "$(status state)" = 3 ]; }
feed() { timeout 20 "$bin/tests/probe" durable "$socket" feeder 400 >"$dir/feeder.out" 2>&1 || true; } # all read
fresh_log
start_daemon "${options[@]}"
mkfifo "$dir/input"
exec 8<>"$dir/input"
"$bin/tests/probe" watch "$socket" watcher 2000 <"$dir/input" >"$dir/watch.out" 2>&1 8<&- 9<&- &
pids+=($!) # it has its objects, which are longer than the limit
await_line "$dir/watch.out" "^watching" 5
prlimit --fsize=50000 --pid "$daemon"
until_true 20 halted || fail "a limit of file sizes does not halt the daemon"
alive "a limit of file sizes"
grep -q "HALTED .*File too large" "$dir/daemon.out" || fail "a limit of file sizes is not said"
await_line "$dir/daemon.out" "nothing beyond LSN $(status durable) is called durable" 5
stop_daemon 74
exec 8>&-

# The same limit at a start: whichever object it meets, the cause is said.
fresh_log
said_of() { # OBJECT KIB OPTION...: a start that may make files of so many KiB only
    (ulimit -f "$2" && expect_refusal 70 "cannot make $shm\.$1 .*: File too large" "${options[@]}" "${@:3}")
    fresh_log
}
said_of queue 2048 -s wal.queue_slots=65536
said_of md 2048 -s wal.queue_slots=1024 -s market.slots=65536
said_of status 2048 -s limits.instruments_max=65536

# The log's directory is removed: noticed, and never called durable.
fresh_log
start_daemon "${options[@]}"
feed
rm -rf "$log"
until_true 20 halted || fail "a removed log is not noticed"
grep -qE "HALTED .*(was removed or moved while the daemon writes it|No such file or directory)" "$dir/daemon.out" || fail "a removed log is not said"
stop_daemon 74
grep -q "all of it durable" "$dir/daemon.out" && fail "a removed log is called durable"

# So it is with a segment that is moved away, though a copy is put in its place.
fresh_log
start_daemon # one long segment
feed
first=$log/00000000000000000001.wal
mv "$first" "$dir/aside"
cp "$dir/aside" "$first"
until_true 20 halted || fail "a copy in the place of a segment is not noticed"
grep -q "HALTED .*$first.*was removed or moved while the daemon writes it" "$dir/daemon.out" || fail "a moved segment is not said"
stop_daemon 74
grep -q "all of it durable" "$dir/daemon.out" && fail "a moved segment is called durable"

# The current segment is cut short: a line, the state, and the exit code of an input/output error.
fresh_log
start_daemon "${options[@]}"
feed
for file in "$log"/*.wal; do truncate -s 0 "$file"; done
dead() { timeout 10 "$bin/tests/probe" unread "$socket" other 200 >/dev/null 2>&1 || true; ! kill -0 "$daemon" 2>/dev/null; }
until_true 20 dead || fail "a daemon without its segment goes on"
code=0
wait "$daemon" || code=$?
daemon=
[ "$code" = 74 ] || fail "a segment that was cut short: exit code $code, not 74"
grep -q "HALTED .*SIGBUS" "$dir/daemon.out" || fail "a segment that was cut short is not said"
[ "$(od -An -tu4 -j128 -N4 "$shm.status" | tr -d ' ')" = 3 ] || fail "the status page does not say halted"
say "limits, descriptors, names and files: said, or gone around"
