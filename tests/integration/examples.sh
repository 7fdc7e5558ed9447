#!/usr/bin/env bash
# examples.sh BINARY_DIR - the examples do what they say, all at once on one daemon: market makers in each
# language quote, are filled, move their quotes, and go on over a kill, a clean restart and the loss of all
# shared memory of the daemon, and over their own kill.
source "$(dirname "$0")/lib.sh" "$1"
options=(-s instance.admin=ops -s instance.after_loss=open)

# The makers: SYMBOL is the instrument that each quotes, and the name under which all is kept here.
declare -A commands=([CPP]="$bin/example_market_maker_cpp")
python_module && commands[PY]="$python $(dirname "$0")/../../client/examples/market_maker.py"
declare -A makers=()
for symbol in "${!commands[@]}"; do options+=(-s "instrument.$symbol.tick=1"); done

start_maker() { # SYMBOL
    # shellcheck disable=SC2086 # words
    ${commands[$1]} "$socket" "$1" >>"$dir/$1.out" 2>&1 9<&- &
    makers[$1]=$!
    pids+=($!)
}
all() { # COMMAND [ARGUMENT...]: for each maker, with its symbol behind
    local symbol
    for symbol in "${!commands[@]}"; do "$@" "$symbol"; done
}
book() { "$bin/holdfast" book --json --socket "$socket" "$1" 2>/dev/null; }
quotes() { # BID ASK SYMBOL
    local now
    now=$(book "$3") || return
    [[ $now == *'"bids":[{"price":'"$1,"* && $now == *'"asks":[{"price":'"$2,"* ]]
}
quotes_come() { until_true 10 quotes "$@" || fail "$3 does not quote $1 to $2, but $(book "$3")"; }
is_empty() { [[ $(book "$1") == *'"bids":[],"asks":[]'* ]]; }
empties() { until_true 10 is_empty "$1" || fail "$1 has left quotes: $(book "$1")"; }
take() { # SIDE QUANTITY PRICE SYMBOL
    "$bin/holdfast" submit --socket "$socket" -n taker -s "$4" -b "$1" -q "$2" -p "$3" --tif ioc --level sequenced \
        >"$dir/taker.out" 2>&1 || fail "an order in $4"
    grep -q "fill" "$dir/taker.out" || fail "$1 $2 at $3 was not filled in $4"
}
says() { await_line "$dir/$2.out" "$1" 10; } # TEXT SYMBOL
kill_maker() {
    kill -9 "${makers[$1]}"
    wait "${makers[$1]}" 2>/dev/null || true
}
end_maker() {
    kill -TERM "${makers[$1]}"
    wait "${makers[$1]}" || fail "the maker of $1 does not end well"
}

start_daemon "${options[@]}"
all start_maker
all quotes_come 99 101
all take sell 10 99
all says "^bought 10 at 99, position 10$"
all quotes_come 98 100
kill_daemon
sleep 0.2
start_daemon "${options[@]}"
all take buy 4 100
all says "^sold 4 at 100, position 6$"
all quotes_come 99 101
stop_daemon
start_daemon "${options[@]}"
all take buy 1 101
all says "^sold 1 at 101, position 5$"
all quotes_come 100 102

say "over a kill and a restart of the daemon; now of the makers"
all kill_maker
all empties
for symbol in "${!commands[@]}"; do : >"$dir/$symbol.out"; done
all start_maker
all says "^sold 1 at 101, position 5$" # read again, from the first report on
all quotes_come 100 102

say "and over the loss of shared memory"
kill_daemon
rm -f /dev/shm/holdfast."$instance".*
start_daemon --abandon-shm "${options[@]}"
all take sell 2 100
all says "^bought 2 at 100, position 7$"
all end_maker
all empties
stop_daemon
say "${#commands[@]} market makers"
