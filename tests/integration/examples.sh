#!/usr/bin/env bash
# examples.sh BINARY_DIR - the examples do what they say, all at once on one daemon: market makers in each
# language quote, are filled, move their quotes, and go on over a kill, a clean restart and the loss of all
# shared memory of the daemon, and over their own kill. A recorder and a drop copy are killed too, their files torn,
# and in the end these tell every event and every report of the makers once.
source "$(dirname "$0")/lib.sh" "$1"
options=(-s instance.admin=ops -s instance.after_loss=open)

# The makers: SYMBOL is the instrument that each quotes, and the name under which all is kept here.
declare -A commands=([C]="$bin/example_market_maker" [CPP]="$bin/example_market_maker_cpp")
examples=$(realpath "$(dirname "$0")/../../client/examples")
python_module && commands[PY]="$python $examples/market_maker.py"
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

# Who asks for help gets it, and no file of that name; a number is one or refused.
usage() { # COMMAND...
    local code=0
    (cd "$dir" && timeout 10 "$@") >"$dir/help.out" 2>&1 || code=$?
    [ "$code" = 64 ] && grep -q '^usage: ' "$dir/help.out" || fail "$* ends with $code"
}
for example in hello market_maker resume drop_copy recorder; do usage "$bin/example_$example" --help; done
usage "$bin/example_recorder" record --help
for example in hello market_maker; do
    [ ! -e "$bin/example_${example}_cpp" ] || usage "$bin/example_${example}_cpp" --help
    [ -z "${commands[PY]-}" ] || usage "$python" "$examples/$example.py" --help
done
for count in -5 5x x "" 1 99999999999999999999; do usage "$bin/example_resume" "$count" "$socket"; done
usage "$bin/example_resume" 10 "$socket" 1x
[ ! -e "$dir/--help" ] || fail "a file --help was made"

# What follows them: a recorder of market data, and a drop copy of the makers' reports.
recording=$dir/events
copies=$dir/copies.csv
start_followers() {
    "$bin/example_recorder" record "$recording" "$socket" >"$dir/recorder.out" 2>&1 9<&- &
    recorder=$!
    "$bin/example_drop_copy" "$copies" "$socket" >"$dir/drop_copy.out" 2>&1 9<&- &
    drop_copy=$!
    pids+=("$recorder" "$drop_copy")
    await_line "$dir/recorder.out" "^recording behind event [0-9]" 10
    await_line "$dir/drop_copy.out" "^copying behind report [0-9]" 10
}
entitle() { "$bin/holdfast" admin -n ops -S "$socket" entitle "$@" >"$dir/admin.out" 2>&1 || fail "entitle $*"; }
lines() { wc -l <"$1"; }
# Nothing has come for a while; then what there is has reached the files.
settle() {
    local before=-1 now
    until [ "$(stat -c %s "$recording" "$copies" | xargs)" = "$before" ]; do
        before=$(stat -c %s "$recording" "$copies" | xargs)
        sleep 0.4
    done
}

# Who is told to stop while no daemon answers does so.
catches_term() { # PID
    local caught
    caught=$(awk '/^SigCgt/ { print $2 }' "/proc/$1/status" 2>/dev/null) && [ $((0x${caught:-0} & 1 << 14)) != 0 ]
}
sulk() { # COMMAND...
    "$@" >"$dir/sulk.out" 2>&1 9<&- &
    local pid=$! before=$SECONDS
    pids+=("$pid")
    until_true 10 catches_term "$pid" || fail "$1 does not come so far"
    sleep 0.3
    kill -TERM "$pid"
    wait "$pid" || fail "$1 does not end well while no daemon answers"
    [ $((SECONDS - before)) -lt 20 ] || fail "$1 goes on for long while no daemon answers"
}
for symbol in "${!commands[@]}"; do
    # shellcheck disable=SC2086 # words
    [ "$symbol" = PY ] || sulk ${commands[$symbol]} "$dir/nothing"
done
sulk "$bin/example_drop_copy" "$dir/sulk.csv" "$dir/nothing"

start_daemon "${options[@]}"
refused() { # TEXT COMMAND...
    ! "${@:2}" >"$dir/refused.out" 2>&1 || fail "${*:2} goes well"
    grep -qE "$1" "$dir/refused.out" || fail "${*:2} does not say '$1'"
}
# Files that others wrote stay as they are; and an instrument that there is not is named.
printf 'twenty-one bytes text' >"$dir/text"
printf 'a,b,c\n1,2,3\n' >"$dir/other.csv"
cp "$dir/text" "$dir/text.before"
cp "$dir/other.csv" "$dir/other.before"
refused "$dir/text: no file of this recorder" "$bin/example_recorder" record "$dir/text" "$socket"
refused "$dir/text: no file of a drop copy" "$bin/example_drop_copy" "$dir/text" "$socket"
refused "$dir/other.csv: no file of a drop copy" "$bin/example_drop_copy" "$dir/other.csv" "$socket"
cmp -s "$dir/text" "$dir/text.before" && cmp -s "$dir/other.csv" "$dir/other.before" || fail "a file of others was changed"
refused "instrument NONE: " "$bin/example_market_maker" "$socket" NONE
[ ! -e "$bin/example_market_maker_cpp" ] || refused "instrument NONE: " "$bin/example_market_maker_cpp" "$socket" NONE
"$bin/holdfast" admin -n ops -S "$socket" instrument remove DEMO >"$dir/admin.out" 2>&1 || fail "DEMO's removal"
for example in hello hello_cpp; do
    [ ! -e "$bin/example_$example" ] || refused "instrument DEMO: no such name" "$bin/example_$example" "$socket"
done
for session in maker_c maker_cpp maker_py; do entitle "$session" group 7; done
entitle drop_copy drop-copy 7
start_followers
refused "$recording: another recorder writes it" timeout 10 "$bin/example_recorder" record "$recording" "$socket"
refused "$copies: another drop copy writes it" timeout 10 "$bin/example_drop_copy" "$copies" "$socket"
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

say "over a kill and a restart of the daemon; now of the makers and those who follow them"
all kill_maker
all empties
settle
before=$(lines "$copies")
for pid in "$recorder" "$drop_copy"; do
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
done
printf '4711,12,a torn line' >>"$copies"
printf 'a torn event' >>"$recording"
start_followers
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
settle
kill -TERM "$recorder" "$drop_copy"
wait "$recorder" || fail "the recorder does not end well"
wait "$drop_copy" || fail "the drop copy does not end well"

# The drop copy's session is closed: the numbers of the next one begin anew, and nothing of it is passed over.
probe close drop_copy >"$dir/close.out" 2>&1 || fail "the drop copy's session is not closed"
cp "$copies" "$dir/anew.csv"
"$bin/example_drop_copy" "$dir/anew.csv" "$socket" >"$dir/anew.out" 2>&1 9<&- &
drop_copy=$!
pids+=("$drop_copy")
await_line "$dir/anew.out" "^copying behind report 0$" 10
grep -q "drop_copy was made anew behind report [1-9]" "$dir/anew.out" || fail "the drop copy does not tell of a new session"
lone_order() { # an order of one who is copied, which is answered twice
    "$bin/holdfast" submit --socket "$socket" -n maker_c -s C -b buy -q 1 -p 1 --tif ioc --level durable >"$dir/lone.out" 2>&1 ||
        fail "an order"
}
copied_anew() { [ "$(lines "$dir/anew.csv")" = $(($(lines "$copies") + $1)) ]; }
lone_order
until_true 10 copied_anew 2 || fail "a new session's first copies are lost"
kill -TERM "$drop_copy"
wait "$drop_copy" || fail "the drop copy does not end well"

# Files that cannot grow are named, and why.
short() { (ulimit -f 1; trap '' XFSZ; exec "$@"); }
for i in {1..20}; do lone_order; done
head -n 1 "$copies" >"$dir/short.csv"
refused "$dir/short.csv: File too large" short "$bin/example_drop_copy" "$dir/short.csv" "$socket"
"$bin/example_recorder" record "$dir/short.events" "$socket" >"$dir/refused.out" 2>&1 9<&- &
recorder=$!
pids+=("$recorder")
await_line "$dir/refused.out" "^recording" 10
kill -TERM "$recorder"
wait "$recorder" || fail "the recorder does not end well"
short "$bin/example_recorder" record "$dir/short.events" "$socket" >"$dir/short.out" 2>&1 9<&- &
recorder=$!
pids+=("$recorder")
await_line "$dir/short.out" "^recording" 10
for i in {1..20}; do
    "$bin/holdfast" submit --socket "$socket" -n taker -s C -b buy -q 1 -p 1 --level durable >"$dir/taker.out" 2>&1 || fail "an order"
done
! wait "$recorder" || fail "a recorder that cannot write ends well"
grep -q "$dir/short.events: File too large" "$dir/short.out" || fail "the recorder does not say why it cannot write"
stop_daemon

# Numbers without a gap, and as many trades as the makers and their taker made.
"$bin/example_recorder" print "$recording" >"$dir/events.csv" || fail "the recording cannot be printed"
awk -F , 'NR > 2 && $1 != last + 1 { print "line " NR ": " $0; exit 1 } { last = $1 }' "$dir/events.csv" >"$dir/gap.out" ||
    fail "the recording has a gap"
grep -q "behind event .* comes" "$dir/recorder.out" && fail "the recorder tells of a gap"
[ "$(grep -c ",execute," "$dir/events.csv")" = $((4 * ${#commands[@]})) ] || fail "not every trade was recorded"
# Copies take two numbers; each fill that a maker had is there once.
awk -F , 'NR > 1 && $1 != 2 * NR - 3 { print "line " NR ": " $0; exit 1 }' "$copies" >"$dir/gap.out" ||
    fail "the copies have a gap"
[ "$(grep -c ",fill," "$copies")" = $((4 * ${#commands[@]})) ] || fail "not every fill was copied"
[ "$(lines "$copies")" -gt "$before" ] || fail "nothing was copied after the kill"
say "${#commands[@]} market makers, $(lines "$dir/events.csv") events recorded, $(lines "$copies") reports copied"
