#!/usr/bin/env bash
# recovering.sh BINARY_DIR - a recovery that takes long: whoever asks is told how far it is and to try again, a
# client that was there before waits for its end, nobody else gets the socket's path; and a start that is
# refused then leaves no socket.
source "$(dirname "$0")/lib.sh" "$1"
options=(-s wal.reserve_segments=2)
start_daemon "${options[@]}"
mkfifo "$dir/input"
exec 9<>"$dir/input"
"$bin/tests/probe" watch "$socket" watcher 200 <"$dir/input" >"$dir/watch.out" 2>&1 9<&- &
watcher=$!
pids+=("$watcher")
await_line "$dir/watch.out" "^watching" 10
probe durable filler 6000 >"$dir/filler.out" || fail "orders"
kill_daemon

# Recovery reads all segments, and waits for the next one, an archive, until who holds its lease lets go.
segments=("$log"/*.wal)
next=$log/$(printf '%020d' $((10#$(basename "${segments[-1]}" .wal) + 1))).wal.zst
"$bin/tests/lease" "$next" >"$dir/lease.out" 2>&1 9<&- &
holder=$!
pids+=("$holder")
await_line "$dir/lease.out" "^held" 5
launch_daemon "${options[@]}"
recovers() {
    local code=0
    kill -0 "$daemon" 2>/dev/null || fail "the daemon ended at its start"
    "$bin/holdfast" status -S "$socket" >"$dir/status.out" 2>&1 || code=$?
    [ "$code" = 69 ] &&
        grep -qE "the daemon recovers: [0-9]+ of [1-9][0-9]* MiB of the log read, up to LSN [1-9][0-9]{3,}; try again" \
            "$dir/status.out"
}
until_true 10 recovers || fail "it is not said how far recovery is"
probe open newcomer >"$dir/newcomer.out" && fail "a session was opened in recovery"
grep -q "^HF_AGAIN the daemon recovers: .*; try again" "$dir/newcomer.out" || fail "a client is not told to try again"
await_line "$dir/watch.out" "HF_E_NO_DAEMON" 10
kill -0 "$watcher" 2>/dev/null || fail "a client gave up over a recovery"
expect_refusal 69 "cannot make the control socket .*Address already in use" -s instance.name="o$instance" \
    -s instance.directory="$dir/other"
rm -f /dev/shm/holdfast.o"$instance".*
recovers || fail "another daemon took the socket's path"

# What is there is no segment; and then nothing is.
kill "$holder"
wait "$holder" 2>/dev/null || true
code=0
wait "$daemon" || code=$?
daemon=
[ "$code" = 65 ] || fail "a start over an empty file ended with exit code $code, not 65"
[ ! -e "$socket" ] || fail "a refused start left its socket"
rm "$next"
start_daemon "${options[@]}"
back() { [ "$(status sessions)" = 2 ] && tail -n 1 "$dir/watch.out" | grep -q "HF_OK"; }
until_true 10 back || fail "a client does not come back behind a recovery"
exec 9>&-
wait "$watcher" || fail "the watcher"
tail -n 1 "$dir/watch.out" | grep -q "history=1" || fail "the client was told of another history"
stop_daemon
say "in recovery callers are told how far it is, and clients wait"
