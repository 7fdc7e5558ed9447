#!/usr/bin/env bash
# submit.sh BINARY_DIR - one order by hand, where something is in its way: an instance that makes nothing
# durable, an output that takes no more, ids that JSON readers cannot hold, no daemon.
source "$(dirname "$0")/lib.sh" "$1"
submit() { "$bin/holdfast" submit --socket "$socket" -s DEMO -b buy -q 1 -p 100 "$@"; }

exits() { # CODE COMMAND...
    local want=$1 code=0
    shift
    "$@" || code=$?
    [ "$code" = "$want" ] || fail "exit code $code, not $want: $*"
}

exits 69 submit --timeout 200 2>"$dir/none.out"
start_daemon -s wal.mode=memory
submit --id 7 >"$dir/memory.out" || fail "an order in memory mode"
grep -q "^sequenced: command 1" "$dir/memory.out" || fail "memory mode: not told that it is sequenced"
stop_daemon

rm -rf "$log" /dev/shm/holdfast."$instance".*
start_daemon
exits 74 submit --id 8 >/dev/full 2>"$dir/full.out"
grep -q "cannot write the reports; they come again" "$dir/full.out" || fail "a full output is not named"
submit --id 18446744073709551615 --json >"$dir/json.out" || fail "an order with the largest id"
grep -q '"client_order_id":8' "$dir/json.out" || fail "the report that was not printed does not come again"
grep -q '"client_order_id":"18446744073709551615"' "$dir/json.out" || fail "the largest id as JSON"
grep -q '"client_order_id":-' "$dir/json.out" && fail "a negative id"
stop_daemon
say "one order by hand: told where it stands"
