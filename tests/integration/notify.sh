#!/usr/bin/env bash
# notify.sh BINARY_DIR - what a service manager hears of a daemon: ready when it takes orders, a ping four times
# in the watchdog's time and none while the engine's thread stands still, although all others run; and its stop.
source "$(dirname "$0")/lib.sh" "$1"
strace -e trace=none true 2>/dev/null || { say "skipped: no process may be traced here"; exit 77; }
mkfifo "$dir/input"
exec 8<>"$dir/input"

pings() { grep -c '^WATCHDOG=1' "$dir/service.out" || true; }
more_pings_than() { [ "$(pings)" -gt "$1" ]; }

daemon_command
"$bin/tests/service" "$dir/notify" 1000000 "${command[@]}" >"$dir/service.out" 2>"$dir/daemon.out" 8<&- &
manager=$!
pids=("$manager")
await_line "$dir/service.out" '^PID ' 5
daemon=$(sed -n 's/^PID //p' "$dir/service.out")
await_line "$dir/service.out" "^READY=1 STATUS=instance '$instance' running, epoch 1, log in $log" 10
[ "$(status state)" = 2 ] || fail "it is called ready, and does not run"
trip "an order when it is ready"
until_true 10 more_pings_than 3 || fail "no pings"

"$bin/tests/freeze" "$daemon" hf-engine <"$dir/input" >"$dir/freeze.out" 2>&1 8<&- &
freezer=$!
pids+=("$freezer")
await_line "$dir/freeze.out" '^frozen' 5
before=$(pings)
sleep 1.5
# One more may have been due, of a beat before that.
[ "$(pings)" -le $((before + 1)) ] || fail "pings, while the engine stands still"
kill -9 "$freezer"
wait "$freezer" 2>/dev/null || true
until_true 10 more_pings_than $((before + 1)) || fail "no pings from an engine that goes on"
trip "an order after all that"

kill -TERM "$daemon"
daemon=
wait "$manager" || fail "the daemon ended with exit code $?"
pids=()
grep -q '^STOPPING=1' "$dir/service.out" || fail "the stop is not told"
[ "$(tail -n 1 "$dir/service.out")" = "ENDED 0" ] || fail "the last line is '$(tail -n 1 "$dir/service.out")'"
say "ready, $(pings) pings, none for an engine that stands still, stopping"
