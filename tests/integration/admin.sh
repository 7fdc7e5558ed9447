#!/usr/bin/env bash
# admin.sh BINARY_DIR - holdfast admin against a real daemon: what every command does to orders and
# sessions, who may give it, that it survives kill -9, and what becomes of a changed configuration.
source "$(dirname "$0")/lib.sh" "$1"

holdfast() { "$bin/holdfast" "$1" --socket "$socket" "${@:2}"; }

# admin WORDS...: must succeed
admin() { holdfast admin "$@" >"$dir/admin.out" 2>&1 || fail "admin $*"; }

# refused TEXT WORDS...: must be rejected with these words
refused() {
    local code=0
    holdfast admin "${@:2}" >"$dir/admin.out" 2>&1 || code=$?
    [ "$code" = 1 ] || fail "admin ${*:2} ended with exit code $code, not 1"
    grep -qF -- "$1" "$dir/admin.out" || fail "admin ${*:2} does not say '$1'"
}

shows() { # TEXT WORDS...
    holdfast admin "${@:2}" >"$dir/admin.out" 2>&1 || fail "admin ${*:2}"
    grep -qF -- "$1" "$dir/admin.out" || fail "admin ${*:2} does not show '$1'"
}

# order EXIT_CODE TEXT OPTION...; the default is to buy 10 ACME at 100 with id 1, as session alpha
order() {
    local want=$1 text=$2 code=0
    shift 2
    holdfast submit --session alpha --symbol ACME --side buy --quantity 10 --price 100 "$@" \
        >"$dir/order.out" 2>&1 || code=$?
    [ "$code" = "$want" ] || fail "order $* ended with exit code $code, not $want ($text)"
    grep -qF -- "$text" "$dir/order.out" || fail "order $* does not say '$text'"
}

# told SESSION TEXT: a report that waits for a session; the others are read over
told() {
    holdfast submit --session "$1" --cancel 999999 >"$dir/told.out" 2>&1 || true
    grep -qF -- "$2" "$dir/told.out" || fail "session $1 is not told '$2'"
}

start_daemon -s instance.admin=admin,ops

# Instruments: added, they trade; changed; limited; removed, their orders are cancelled.
order 1 "no such name" --id 1
admin instrument add ACME --tick 5 --price-max 1000
shows "ACME            instrument 2, open, tick 5, lot 1, prices 1 to 1000" instrument list
order 0 accepted --id 1
refused HF_REASON_SYMBOL_IN_USE instrument add ACME
code=0
holdfast admin instrument add "A B" >"$dir/admin.out" 2>&1 || code=$?
[ "$code" = 64 ] || fail "a symbol with a blank ended with exit code $code, not 64"
grep -q "symbol 'A B': it has a blank in it" "$dir/admin.out" || fail "a bad symbol is not blamed"
refused HF_REASON_BAD_INSTRUMENT instrument change ACME --tick 10
admin instrument change ACME --lot 5
order 1 HF_REASON_QUANTITY_OFF_LOT --id 2 --quantity 3
shows "tick 5, lot 5, prices 1 to 1000" instrument list
admin instrument limits ACME --notional 2000
order 1 HF_REASON_NOTIONAL --id 2 --quantity 25
holdfast md ACME --events --count 1 >"$dir/md.out" 2>&1 & # a follower hears of it
follower=$!
pids+=("$follower")
hears() { # the price that it is given until it has connected, which nothing else tells
    admin reference ACME 100
    ! kill -0 "$follower" 2>/dev/null
}
until_true 10 hears || fail "a follower does not hear of a reference price"
wait "$follower" || fail "a follower"
grep -q "ACME     reference last price 100$" "$dir/md.out" || fail "a follower hears something else"
holdfast md ACME --once | grep -q "last 100$" || fail "the last price is not the reference"
admin instrument limits ACME --collar 10
order 1 HF_REASON_COLLAR --id 2 --price 120
order 1 HF_REASON_NOTIONAL --id 2 --quantity 25 # has stayed
refused HF_REASON_PRICE_OFF_TICK reference ACME 101
admin instrument add GONE
order 0 accepted --id 3 --symbol GONE
admin instrument remove GONE
told alpha "taken out, order"
grep -q "its instrument was removed" "$dir/told.out" || fail "a removal is not told"
order 1 "no such name" --id 4 --symbol GONE

# One that begins closed: nothing trades before the operator says so.
admin instrument add LATER --tick 5 --phase closed
order 1 HF_REASON_PHASE --id 2 --symbol LATER
admin phase LATER pre-open
order 0 accepted --id 2 --symbol LATER
admin instrument remove LATER
told alpha "taken out, order"

# Phases.
admin phase ACME halted
order 1 HF_REASON_PHASE --id 2
holdfast status -t 0 | grep -q "1 of 2 instruments open; ACME halted" || fail "status shows no phases"
holdfast status -t 0 --json | grep -q '"phases":{"DEMO":"open","ACME":"halted"}' ||
    fail "status --json shows no phases"
admin phase all open
order 0 accepted --id 2

# Accounts: settings stay when the kill switch is thrown, which cancels.
admin account 7 --notional 1500
order 0 accepted --id 5 --account 7
order 1 HF_REASON_ACCOUNT_NOTIONAL --id 6 --account 7
admin account 7 --kill on
told alpha "cancelled by a kill switch"
order 1 HF_REASON_KILLED_ACCOUNT --id 6 --account 7
admin account 7 --kill off
shows "account 7: group 0, self-trade allow, notional 1500, kill off" account 7
# Two at once: a kill switch that was thrown stays on, whatever somebody else sets meanwhile.
for i in $(seq 1 15); do
    admin account 7 --kill off
    holdfast admin --session ops account 7 --notional $((2000 + i)) >"$dir/ops.out" 2>&1 &
    other=$!
    admin account 7 --kill on
    wait "$other" || fail "account 7 --notional, while somebody else throws the kill switch"
    shows "account 7: group 0, self-trade allow, notional $((2000 + i)), kill on" account 7
done
admin account 7 --kill off --notional 1500
admin account 8 --group 1 --self-trade cancel-newest
admin account 9 --group 1 --self-trade cancel-newest
order 0 accepted --id 7 --account 8 --price 105
order 0 HF_REASON_SELF_TRADE --json --id 8 --account 9 --price 105 --side sell --session beta

# Sessions: limits and the kill switch.
admin session alpha --orders 3
order 1 HF_REASON_SESSION_ORDERS --id 9
shows "session alpha: rate 0, orders 3 (3 open), kill off, admin off" session alpha
admin session alpha --kill on
told alpha "cancelled by a kill switch"
order 1 HF_REASON_KILLED_SESSION --id 9
admin session alpha --kill off
shows "session alpha: rate 0, orders 3 (0 open), kill off, admin off" session alpha
admin session alpha --rate 1 --orders 0
probe trip alpha >"$dir/rate.out" && fail "a session sends more than its rate allows"
admin session alpha --rate 0
trip "a rate limit that was lifted" alpha
waits="no session of this name is open or disconnected; the limit waits for one"
admin session alpha --orders 0
! grep -q "$waits" "$dir/admin.out" || fail "a limit of a disconnected session waits for one"
shows "warning: 'alpah': $waits" session alpah --kill on # done, and said last
admin session alpah --kill off
admin session nobody --rate 1
shows "session nobody: rate 1, orders 0, kill off; none is open" session nobody
shows "nobody: rate 1, orders 0, kill off" limits
admin session nobody --rate 0
shows "session nobody: rate 0, orders 0, kill off; none is open" session nobody

# Entitlements: a list for accounts, a list for instruments; taken back.
admin entitle alpha account 7
order 1 HF_REASON_NOT_ENTITLED_ACCOUNT --id 9
order 0 accepted --id 9 --account 7
admin entitle alpha instrument DEMO
order 1 HF_REASON_NOT_ENTITLED_INSTRUMENT --id 10 --account 7
shows "alpha: account 7" entitlements
shows "alpha: instrument 1" entitlements alpha
refused "there was none: 'alpha' has no such entitlement" revoke alpha account 6
refused "there was none: 'alpah' has no such entitlement" revoke alpah account 7
refused "there was none: 'alpha' has no such entitlement" revoke alpha instrument ACME
order 1 HF_REASON_NOT_ENTITLED_ACCOUNT --id 10 --symbol DEMO # nothing was taken back
admin revoke alpha instrument DEMO
admin revoke alpha account 7
refused "there was none" revoke alpha account 7 # any more
order 0 accepted --id 10
holdfast submit --session alpha --cancel 10 >"$dir/order.out" || fail "a cancel"
holdfast submit --session alpha --cancel 9 >"$dir/order.out" || fail "a cancel"

# Rights: without them nothing; given and taken by another administrator.
refused HF_REASON_NOT_ADMIN --session nobody phase all closed
grep -q "admin --session OTHER entitle nobody admin" "$dir/admin.out" ||
    fail "who has no rights is not told what to do"
admin --session ops entitle desk admin
admin --session desk phase DEMO pre-open
admin --session ops revoke desk admin
refused HF_REASON_NOT_ADMIN --session desk phase DEMO open

# A trade: void, then corrected; both sides are told.
order 0 accepted --id 20
order 0 fill --json --id 21 --side sell --session beta
lsn=$(sed -n 's/.*"type":"fill".*"lsn":\([0-9]*\).*/\1/p' "$dir/order.out")
admin bust "$lsn.0" --side alpha:20 --side beta:21
told alpha "trade $lsn.0 is void"
told beta "trade $lsn.0 is void"
admin correct "$lsn.0" --side alpha:20 --side beta:21 --price 95 --quantity 5
told alpha "trade $lsn.0 counts as 5 at 95"
told beta "trade $lsn.0 counts as 5 at 95"
admin bust "$lsn.0" --side 0 --side beta:21 # as if alpha had been closed since
told beta "trade $lsn.0 is void"
admin bust "$lsn.0" --side 0 --side 0
refused HF_REASON_UNKNOWN_TRADE bust 99999999.7 --side alpha:20
refused HF_REASON_UNKNOWN_TRADE correct "$lsn.1000000" --side alpha:20 --price 95 --quantity 5

# The end of the day.
order 0 accepted --id 30 --tif day --session gamma
admin end-of-day
told gamma "its day or its time is over"

# All of it is in the log: kill -9, and it is as before.
holdfast admin instrument list >"$dir/before"
holdfast admin entitlements >>"$dir/before"
holdfast admin account 7 >>"$dir/before"
kill_daemon
start_daemon -s instance.admin=admin,ops
holdfast admin instrument list >"$dir/after"
holdfast admin entitlements >>"$dir/after"
holdfast admin account 7 >>"$dir/after"
cmp -s "$dir/before" "$dir/after" || fail "kill -9 changed what administrators have set"
grep -q "DEMO .* pre-open" "$dir/after" || fail "a phase is gone"
stop_daemon

# A configuration that has changed: the daemon warns, apply --dry-run lists, apply logs, then all is well.
cat >"$dir/changed.conf" <<EOF
[instance]
name = $instance
admin = admin, late
[instrument.DEMO]
lot = 5
[instrument.FRESH]
tick = 2
EOF
start_daemon --config "$dir/changed.conf" -s instance.name="$instance" -s instance.directory="$log" \
    -s instance.socket="$socket"
for text in "session 'late' has no admin rights in the log" "instrument 'FRESH' is not in the log" \
    "instrument 'DEMO' has in the log lot 1 \(configuration: 5\)" "holdfast admin apply"; do
    grep -qE "$text" "$dir/daemon.out" || fail "a start does not warn: $text"
done
shows "3 differences, 0 logged, 0 rejected" apply --config "$dir/changed.conf" --dry-run
refused HF_REASON_NOT_ADMIN --session late apply --config "$dir/changed.conf"
shows "3 differences, 3 logged, 0 rejected" apply --config "$dir/changed.conf"
shows "0 differences, 0 logged, 0 rejected" --session late apply --config "$dir/changed.conf"
shows "FRESH           instrument 5, open, tick 2" instrument list
kill_daemon
start_daemon --config "$dir/changed.conf" -s instance.name="$instance" -s instance.directory="$log" \
    -s instance.socket="$socket"
shows "0 differences" apply --config "$dir/changed.conf"
alive "the end"
stop_daemon
say "every command does what it says, for who may give it"
