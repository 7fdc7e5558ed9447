#!/usr/bin/env bash
# recover_explain.sh BINARY_DIR - a story of a few orders, and what holdfast-recover explain tells of each.
source "$(dirname "$0")/lib.sh" "$1"
recover=$bin/holdfast-recover

# order SESSION ID SIDE QUANTITY PRICE [OPTION...]
order() {
    local session=$1 id=$2 side=$3 quantity=$4 price=$5
    shift 5
    "$bin/holdfast" submit -S "$socket" -n "$session" --id "$id" -s DEMO -b "$side" -q "$quantity" \
        ${price:+-p "$price"} "$@" >"$dir/submit.out" || [ $? = 1 ] || fail "order $id of $session"
}
change() { # SESSION OPTION...
    local session=$1
    shift
    "$bin/holdfast" submit -S "$socket" -n "$session" "$@" >"$dir/submit.out" || [ $? = 1 ] ||
        fail "a change of $session: $*"
}
admin() { "$bin/holdfast" admin -S "$socket" -n ops "$@" >"$dir/admin.out" || fail "admin $*"; }
# lsn SESSION CLIENT_ID: the order's id
lsn() {
    "$recover" dump --json --session "$1" "$log" |
        sed -n "s/^{\"lsn\":\([0-9]*\),.*\"type\":\"new\".*\"client_order_id\":$2,.*/\1/p"
}
# explain SESSION CLIENT_ID: the story is in $dir/story.out
explain() {
    "$recover" explain "$log" "$(lsn "$1" "$2")" >"$dir/story.out" 2>&1 || fail "order $2 of $1 cannot be explained"
}
told() { grep -qE -- "$1" "$dir/story.out" || fail "'$1' is not told"; }

start_daemon -s instance.admin=ops
change watcher --cancel 77 # a session that gets a copy of all that bob gets; his orders' lives are the same
admin entitle bob group 7
admin entitle watcher drop-copy 7
order alice 1 sell 10 101
order bob 1 sell 5 101
order carol 1 buy 4 100
order carol 2 buy 12 101
order bob 2 buy 3 99
order bob 3 buy 7 99
change bob --replace 2 --to 4 -q 3 -p 100
change bob --reduce 3 -q 2
order dave 1 sell 50 102 --post-only
order dave 2 buy 1 102 --post-only
order dave 3 buy 9 100 --tif fok
change bob --cancel 77
change bob --replace 3 --to 4 -q 9 -p 100 # that client id is in use
order frank 1 buy 2 "" --type stop --stop-price 110
order frank 2 sell 2 105 --type stop-limit --stop-price 101
admin phase DEMO halted
order alice 2 buy 1 100
admin phase DEMO pre-open
order alice 3 sell 2 90
admin phase DEMO open
order erin 1 sell 1 "" --type market
change bob --cancel 3
stop_daemon

explain alice 1
told "^Order [0-9]+: sell 10 DEMO at 101 \(limit, gtc\), of session alice, its client order 1, account 0$"
told "there is no bid to trade with"
told "it rests with 10 at 101, first in the queue"
told "trades 10 at 101, resting, with order $(lsn carol 2) of session carol \(client order 2\); 0 left; trade $(lsn carol 2)\.0"
told "^It has ended; it traded 10 in 1 trades"
explain bob 1
told "it rests with 5 at 101, behind 1 orders that show 10"
told "trades 2 at 101, resting, with order $(lsn carol 2) .*; 3 left"
told "^It is open at the end of the log"
explain carol 1
told "the best offer is 101 \(15 in 2 orders\), 1 away from its price: it cannot trade with that"
explain carol 2
told "the best offer is 101 \(15 in 2 orders\)$"
told "trades 10 at 101, taking, with order $(lsn alice 1) of session alice \(client order 1\); 2 left"
told "trades 2 at 101, taking, with order $(lsn bob 1) of session bob"
explain bob 2
told "asks to replace it: 3 in all at 100, as client order 4"
told "replaced: 3 open at 100, as client order 4"
told "it rests with 3 at 100, behind 1 orders that show 4"
explain bob 3
told "asks to reduce it by 2"
told "reduced: 5 open, its place is kept"
told "asks to replace it: 9 in all at 100, as client order 4"
told "refused: .*HF_REASON_DUPLICATE_ID"
told "asks to cancel it"
told "cancelled, 5 were open: cancelled as the client asked"
told "^It has ended; it traded 0 in 0 trades"
explain dave 1
told "post-only\), of session dave"
explain dave 2
told "refused: a post-only order would have traded \(HF_REASON_POST_ONLY\)"
explain dave 3
told "cancelled, 9 were open: a fill-or-kill order could not trade all at once"
explain alice 2
told "the instrument is in phase halted: nothing is matched"
told "refused: .*HF_REASON_PHASE"
explain alice 3
told "the instrument is in phase pre-open: nothing is matched"
told "trades 2 at [0-9]+, in the auction, with order $(lsn carol 1) of session carol \(client order 1\); 0 left"
explain carol 1
told "trades 2 at [0-9]+, in the auction, with order $(lsn alice 3) of session alice"
explain erin 1
told "^Order [0-9]+: sell 1 DEMO \(market, ioc\), of session erin"
told "trades 1 at 100, taking, with order $(lsn carol 1) of session carol"
explain frank 1
told "the last price is 101: one of 110 or above triggers it"
told "it waits for a last price at or through 110, behind 0 others"
explain frank 2
told "the best bid is 100 \(7 in 2 orders\), 5 away from its price: it cannot trade with that"
# The same as JSON: an object for each line, and what a program would ask for.
events() { # SESSION CLIENT_ID: the names of the events, on one line
    "$recover" explain --json "$log" "$(lsn "$1" "$2")" >"$dir/story.out" || fail "explain --json"
    sed 's/^{"event":"\([a-z]*\)".*/\1/' "$dir/story.out" | tr '\n' ' '
}
expect_events() { # SESSION CLIENT_ID EVENT...
    local got session=$1 id=$2
    shift 2
    got=$(events "$session" "$id")
    [ "$got" = "$* " ] || fail "explain --json of order $id of $session tells: $got"
}
expect_events alice 1 entered met accepted rests traded ended
told "^\{\"event\":\"entered\",.*\"order\":$(lsn alice 1),\"session\":\"alice\",\"client_order_id\":1,\"account\":0,\"instrument\":\"DEMO\",\"side\":\"sell\",\"quantity\":10,\"price\":101,"
told "\"means\":\"resting\",\"leaves\":0,\"other_order\":$(lsn carol 2),\"other_session\":\"carol\",\"other_client_order_id\":2\}"
told "^\{\"event\":\"ended\",.*\"traded\":10,\"traded_before\":0,\"trades\":1\}"
expect_events bob 1 entered met accepted rests traded open rests
expect_events bob 2 entered met accepted rests asked replaced rests open rests
expect_events bob 3 entered met accepted rests asked reduced asked rejected asked cancelled ended
told "\"event\":\"rejected\",.*\"reason\":\"HF_REASON_DUPLICATE_ID\""
expect_events alice 2 entered met rejected ended
told "\"event\":\"met\",.*\"phase\":\"halted\""
expect_events carol 1 entered met accepted rests traded traded open rests
expect_events frank 1 entered met accepted waits open waits
told "\"event\":\"met\",.*\"phase\":\"open\",\"stop_price\":110,\"last_price\":101\}"
code=0
"$recover" explain "$log" 2 >"$dir/story.out" 2>&1 || code=$?
[ $code = 66 ] || fail "what is no order is explained"
told "LSN 2 entered no order"
say "passed"
