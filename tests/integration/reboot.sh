#!/usr/bin/env bash
# reboot.sh BINARY_DIR - a new boot, played with another boot id and empty shared memory: every session
# of before is disconnected, with the cancels that it asked for, before anything else happens; also when
# the first start of the new boot is killed half-way. Sessions resume with fresh rings, and the reports
# go on in number. All trading is halted until it is released: by an administrator, or by configuration.
source "$(dirname "$0")/lib.sh" "$1"
need_boots

orders() { probe depth 1 | awk '{ sum += $6 } END { print sum + 0 }'; }

submit() { # what is printed is in submit.out; 1: rejected
    local code=0
    "$bin/holdfast" submit -S "$socket" -n four "$@" >"$dir/submit.out" 2>&1 || code=$?
    return $code
}
phases_are() { # TEXT WHEN
    "$bin/holdfast" status -S "$socket" >"$dir/status.out" || fail "status"
    grep -q "$1" "$dir/status.out" || fail "$2: not '$1'"
}
said_halted() { grep -q "1 of 1 instruments are halted and take cancels only: 'holdfast admin phase" "$dir/daemon.out"; }

new_boot
start_daemon -s instance.admin=ops
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
submit --id 1 -s DEMO -b buy -q 1 -p 50 || fail "an order"
submit --cancel 1 || fail "its cancel"
submit --id 2 -s DEMO -b buy -q 1 -p 50 || fail "an order"
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
[ "$(orders)" = 7 ] || fail "the order that was to be cancelled on disconnect: $(orders) rest"
[ "$(status history)" -ge 2 ] || fail "a reboot without a clean stop keeps the history"

# Cancels only, over any kill of the daemon, until an administrator releases it; then so over any kill.
phases_are "0 of 1 instruments open; DEMO halted" "a lost tail halts nothing"
said_halted || fail "how to go on is not said"
kill_daemon
: >"$dir/daemon.out"
start_daemon -s session.reconnect_grace_ms=3600000
phases_are "0 of 1 instruments open; DEMO halted" "a kill opens what was halted"
said_halted || fail "how to go on is not said again"
submit --id 3 -s DEMO -b buy -q 1 -p 50 && fail "an order is accepted before it is released"
grep -q HF_REASON_PHASE "$dir/submit.out" || fail "an order is refused for another reason"
submit --cancel 2 || fail "a cancel is refused"
"$bin/holdfast" admin -S "$socket" -n ops phase all open >"$dir/admin.out" || fail "a release"
kill_daemon
start_daemon -s session.reconnect_grace_ms=3600000
phases_are "1 of 1 instruments open" "a kill halts, and all of shared memory was there"

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

# Released by configuration: what was open is open.
history=$(status history)
kill_daemon
new_boot
: >"$dir/daemon.out"
start_daemon -s instance.after_loss=open
[ "$(status history)" = $((history + 1)) ] || fail "a second reboot needs a new history"
phases_are "1 of 1 instruments open" "halted, although the configuration releases it"
said_halted && fail "halted is said of what is open"
trip "three boots"
stop_daemon
"$bin/tests/check_log" "$log" nobody=1=0 others >"$dir/check.out" || fail "the log"
say "a new boot disconnects, cancels and goes on"
