#!/usr/bin/env bash
# reboot.sh BINARY_DIR - a new boot, played with another boot id and empty shared memory: every session
# of before is disconnected, with the cancels that it asked for, before anything else happens; also when
# the first start of the new boot is killed half-way. Sessions resume with fresh rings, and the reports
# go on in number.
source "$(dirname "$0")/lib.sh" "$1"
need_boots

orders() { probe depth 1 | awk '{ sum += $6 } END { print sum + 0 }'; }

new_boot
start_daemon
mkfifo "$dir/input"
exec 9<>"$dir/input"
for session in one two; do # one asks for cancels, two does not
    "$bin/tests/probe" hold "$socket" "$session" $([ $session = one ] && echo cancel) <"$dir/input" \
        >"$dir/$session.out" 2>&1 9<&- &
    pids+=($!)
    await_line "$dir/$session.out" "^held" 5
done
probe durable three 5 >"$dir/three.out" || fail "orders"
[ "$(orders)" = 7 ] || fail "seven orders should rest"
kill -9 "$daemon" "${pids[@]}"
wait 2>/dev/null || true
pids=()

# The first start after the reboot is killed at random points.
new_boot
for _ in $(seq 8); do
    launch_daemon
    sleep "0.$(printf %03d $((RANDOM % 120)))"
    kill_daemon
done
start_daemon -s session.reconnect_grace_ms=3600000
[ "$(orders)" = 6 ] || fail "the order that was to be cancelled on disconnect: $(orders) rest"
[ "$(status history)" -ge 2 ] || fail "a reboot without a clean stop keeps the history"

# A resume sees the cancel's report, numbered behind the last one; its next kill is no reboot.
[ "$(probe reports one)" = "2 2" ] || fail "the report of the cancel is missing"
probe durable three 5 >"$dir/three.out" || fail "orders after the reboot"
grep -q "submitted=10 .* report=10 .*resumed=1" "$dir/three.out" || fail "a resumed session's numbers"
history=$(status history)
kill_daemon
start_daemon
[ "$(status history)" = "$history" ] || fail "a kill in the new boot changed the history"
[ "$(orders)" = 11 ] || fail "orders after a kill in the new boot"

# Reports of before the reboot are gone from shared memory, but not from the log.
"$bin/tests/gap" read "$socket" three from=1 >"$dir/read.out" || fail "reading from the first report on"
grep -q "^first=1 last=10 " "$dir/read.out" || fail "reports of before the reboot are not shown again"
[ "$(probe reports three)" = "0 0" ] || fail "what was shown again comes again"
trip "two boots"
exec 9>&-
stop_daemon
"$bin/tests/check_log" "$log" nobody=1=0 others >"$dir/check.out" || fail "the log"
say "a new boot disconnects, cancels and goes on"
