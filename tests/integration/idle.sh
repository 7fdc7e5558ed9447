#!/usr/bin/env bash
# idle.sh BINARY_DIR - an idle daemon sleeps, however many sessions are open: its engine wakes ten times a
# second for its heartbeat, and with more clients than the kernel lets it listen to, a hundred times; and it
# wakes for the first command that comes.
source "$(dirname "$0")/lib.sh" "$1"
start_daemon -s limits.sessions_max=512
mkfifo "$dir/input"
exec 9<>"$dir/input"

engine=$(grep -lx hf-engine /proc/"$daemon"/task/*/comm)
sleeps() { awk '$1 == "voluntary_ctxt_switches:" { print $2 }' "${engine%/comm}"/status; }

# quiet MOST TEXT: the engine goes to sleep at most so often in two seconds. It does not begin at once:
# an idle log gets its closing digest first, and naps grow.
quiet() {
    local before
    sleep 1
    before=$(sleeps)
    sleep 2
    [ $(($(sleeps) - before)) -le "$1" ] || fail "$2: the engine woke $(($(sleeps) - before)) times in 2 s"
}

quiet 60 "no session"
"$bin/tests/leaver" many "$socket" gone 200 >"$dir/gone.out" || fail "200 sessions"
quiet 60 "200 sessions without a client"
trip "200 sessions without a client"

"$bin/tests/leaver" crowd "$socket" there 200 <"$dir/input" >"$dir/there.out" 2>&1 9<&- &
pids+=($!)
await_line "$dir/there.out" "^there" 20
quiet 400 "200 clients"
trip "200 clients" last # its doorbell is none that the engine hears
exec 9>&-
stop_daemon
say "few wakes, for 0, 200 and 400 sessions"
