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
# An instance that the environment names, and that there cannot be.
HOLDFAST_INSTANCE=a/b exits 64 "$bin/holdfast" status 2>"$dir/named.out"
grep -qF "\$HOLDFAST_INSTANCE 'a/b' is no name of an instance" "$dir/named.out" || fail "a bad HOLDFAST_INSTANCE is not told"
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
for form in --json ""; do # the log tells it in the same way
    # shellcheck disable=SC2086
    "$bin/holdfast-recover" dump $form "$log" >"$dir/dump.out" || fail "a dump"
    grep -q 'client_order_id.*18446744073709551615' "$dir/dump.out" || fail "the largest id in a dump"
done

# Every type and field of an order, by hand, in a book that has traded at 100.
order() { "$bin/holdfast" submit --socket "$socket" -s DEMO "$@" >"$dir/order.out" 2>&1 || fail "submit $*"; }
has() { grep -qE "$1" "$dir/order.out" || fail "'$1' is not in: $(cat "$dir/order.out")"; }
open_orders() { "$bin/holdfast" status --socket "$socket" -t 0 | sed -n 's/.*; \([0-9]*\) open orders.*/\1/p'; }
order -b sell -q 20 -p 100 --display 5 --id 20 --account 3 # the two bids of before take two of it
has "fill: client id 20"
order -b buy -q 4 -p 100 --tif fok --id 21
has "fill: client id 21, .*4 at 100"
order -b buy -q 100 --type market --minimum 50 --id 22
has "accepted: client id 22, buy 100 at the market, order"
has "cancelled: client id 22"
order -b sell -q 7 --type stop --stop-price 90 --id 23
has "accepted: client id 23, sell 7 at the market, order [0-9]+, waits for 90  "
order -b buy -q 7 -p 120 --type stop-limit --stop-price 110 --tif day --id 24 --json
has '"type":"accepted".*"client_order_id":24.*"price":120,"stop_price":110'
order -b buy -q 3 --type market-to-limit --tif gtd --expires +3600 --id 25
has "fill: client id 25, .* 0 still open"
order -b buy -q 1 -p 50 --post-only --tif gtd --expires 4000000000 --id 26
[ "$(open_orders)" = 4 ] || fail "$(open_orders) orders are open: the iceberg, two stops and a bid"
order -b sell -q 1 -p 50 --id 27 # trades at 50: through the first stop
has "triggered: .*"
exits 1 submit --post-only -p 200 --id 28 >"$dir/order.out"
stop_daemon
say "one order by hand: told where it stands"
