#!/usr/bin/env bash
# md.sh BINARY_DIR - holdfast md follows a symbol over its removal: lines of events, of trades, and the ladder
# on a terminal go on with the instrument that gets the name next, and say so.
source "$(dirname "$0")/lib.sh" "$1"

command -v script >/dev/null || { say "skipped: no script, which makes a terminal"; exit 77; }
followers=()

holdfast() { "$bin/holdfast" "$1" --socket "$socket" "${@:2}"; }
admin() { holdfast admin "$@" >"$dir/admin.out" 2>&1 || fail "admin $*"; }
order() { # SYMBOL SIDE QUANTITY PRICE
    holdfast submit --symbol "$1" --side "$2" --quantity "$3" --price "$4" >"$dir/order.out" 2>&1 ||
        fail "an order: $*"
}

# follow NAME WORDS...: in the background. It begins with the next event, which nothing tells but an event.
follow() {
    "$bin/holdfast" md --socket "$socket" "${@:2}" >"$dir/$1.out" 2>&1 &
    pids+=($!)
    followers+=($!)
    until_true 10 hears "$dir/$1.out" || fail "$1 does not begin"
}
hears() {
    order ACME buy 1 100
    order ACME sell 1 100
    [ -s "$1" ]
}

start_daemon -s instance.admin=admin
admin instrument add ACME # number 2
follow events ACME --events
follow trades ACME --trades
mkfifo "$dir/keys"
exec 8<>"$dir/keys"
TERM=xterm script -qfec "$bin/holdfast md ACME --socket $socket" /dev/null <"$dir/keys" \
    >"$dir/ladder.out" 2>&1 8<&- &
ladder=$!
pids+=("$ladder")
order ACME buy 3 90
await_line "$dir/ladder.out" "ACME \\(instrument 2, .*  open  " 10
await_line "$dir/ladder.out" " 3 +90 \\|" 10

# Removed: said by all, once, behind what was cancelled by it.
admin instrument remove ACME
removed="^holdfast md: ACME was removed; waiting for another of this name$"
for name in events trades; do await_line "$dir/$name.out" "$removed" 10; done
await_line "$dir/ladder.out" "ACME \\(instrument 2, .*  removed  " 10
tail -n 3 "$dir/events.out" | sed -n 1p | grep -q " cancel .* 3 at 90" || fail "a cancel is missing"
tail -n 2 "$dir/events.out" | sed -n 1p | grep -q "ACME     instrument" || fail "the removal is missing"

# Others that are added are other instruments; one of its name is followed.
admin instrument add OTHER # 3
order OTHER buy 9 77
admin instrument add ACME # 4
order ACME buy 5 123
order ACME sell 2 123
for name in events trades; do await_line "$dir/$name.out" "^holdfast md: ACME is instrument 4 now$" 10; done
await_line "$dir/events.out" "ACME     add .* 5 at 123" 10
await_line "$dir/trades.out" "ACME .* 2 at 123 " 10
await_line "$dir/ladder.out" "ACME \\(instrument 4, .*  open  " 10
await_line "$dir/ladder.out" " 3 +123 \\|" 10

# At once, and while its followers do not run: no word but that it is another.
kill -STOP "${followers[@]}"
admin instrument remove ACME
admin instrument add ACME # 5
order ACME buy 8 124
kill -CONT "${followers[@]}"
await_line "$dir/events.out" "ACME     add .* 8 at 124" 10
await_line "$dir/trades.out" "^holdfast md: ACME is instrument 5 now$" 10
await_line "$dir/ladder.out" "ACME \\(instrument 5, .*  open  " 10
for name in events trades; do
    [ "$(grep -cE "$removed" "$dir/$name.out")" = 1 ] || fail "$name: it was removed once"
done
! grep -qE " 9 at 77| 9 +77 " "$dir/events.out" "$dir/ladder.out" || fail "another instrument is shown"

printf q >&8
wait "$ladder" || fail "the ladder does not quit well"
for pid in "${followers[@]}"; do kill -INT "$pid"; done
for pid in "${followers[@]}"; do wait "$pid" || fail "a follower does not end well"; done
alive "the end"
stop_daemon
say "a symbol is followed from one instrument to the next"
