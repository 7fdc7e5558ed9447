#!/usr/bin/env bash
# drain.sh BINARY_DIR - a client that ends with its ring full of the dearest commands keeps the daemon busy for
# long, and nobody else from anything: others open, leave and are answered, cancel on disconnect acts, who
# wants the session itself is told to try again, and a signal stops the daemon. A close is answered when all
# that was submitted before it is processed.
source "$(dirname "$0")/lib.sh" "$1"
submitted=60000
start_daemon
mkfifo "$dir/input"
exec 9<>"$dir/input"

orders() { status open_orders; }
commands() { status commands; }

# What a close waits for.
"$bin/tests/leaver" close "$socket" closing 200 >"$dir/close.out" || fail "a close behind 200 lists"
[ "$(commands)" = $((4096 + 200)) ] || fail "a close is answered behind $(commands) commands, not all"
[ "$(orders)" = 0 ] || fail "a closed session has orders"
if probe open closing only >"$dir/closed.out"; then fail "a closed session can be resumed"; fi

"$bin/tests/probe" hold "$socket" held cancel <"$dir/input" >"$dir/held.out" 2>&1 9<&- &
holder=$!
pids+=("$holder")
await_line "$dir/held.out" "^held" 5
"$bin/tests/leaver" heavy "$socket" heavy $submitted >"$dir/heavy.out" || fail "a full ring"
before=$(commands)
goes_on() { [ "$(commands)" -lt $((before + submitted - 1000)) ] || fail "too fast to show anything: $1"; }

probe open other >"$dir/open.out" || fail "nobody else gets a session: $(cat "$dir/open.out")"
kill -9 "$holder"
wait "$holder" 2>/dev/null || true
one_less() { [ "$(orders)" = 4096 ]; }
until_true 10 one_less || fail "the order of a client that has died meanwhile is in the book"
trip "a long drain"
"$bin/holdfast" book --socket "$socket" DEMO >"$dir/book.out" || fail "the book is not shown"
goes_on "others are served"

if probe open heavy >"$dir/again.out"; then fail "a session that is being drained is given away"; fi
grep -q "^HF_AGAIN .*heavy.*try again" "$dir/again.out" || fail "who asks for it is told: $(cat "$dir/again.out")"
goes_on "its next client is told to try again"

# A stop does not wait for it; the next daemon goes on with it, and stops as well.
exec 9>&-
stop_daemon
start_daemon -s session.reconnect_grace_ms=100
trip "the rest of a long drain"
until_true 5 grep -q "session 'heavy': its client did not come back in time" "$dir/daemon.out" ||
    fail "a grace time does not end"
trip "the end of a grace time behind a long drain"
stop_daemon
say "a long drain is nobody's but its own"
