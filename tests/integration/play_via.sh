#!/usr/bin/env bash
# play_via.sh BINARY_DIR [all] - other people's cases and recorded streams through a live daemon, each
# with an instrument of its own from an admin's session; what can be played without one, on a symbol that
# is there. `all`: every stream, in place of the first ones (a round trip for every command: minutes).
source "$(dirname "$0")/lib.sh" "$1"
data=$(sed -n 's/^HF_DATA_DIR:PATH=//p' "$bin/CMakeCache.txt")
streams=20
[ "${2-}" != all ] || streams=1000

play() { "$bin/holdfast" play --via "$instance" --socket "$socket" "$@"; }

# expect EXIT_CODE TEXT ARGUMENT...: the output must hold the text
expect() {
    local want=$1 text=$2 code=0
    shift 2
    play "$@" >"$dir/play.out" 2>&1 || code=$?
    [ "$code" = "$want" ] || fail "play $* ended with exit code $code, not $want"
    grep -qF -- "$text" "$dir/play.out" || fail "play $* does not say '$text'"
}

start_daemon -s instance.admin=play-admin -s instrument.PLAY.tick=1 -s limits.instruments_max=4096

# Our own: a case that passes, one that differs, what cannot be played here.
cat >"$dir/good.jsonl" <<'EOF'
{"case": "an iceberg, a stop and a replace"}
{"op": "new", "id": "i", "side": "B", "type": "limit", "tif": "GTC", "px": 10, "qty": 100, "display": 20}
{"op": "new", "id": "t", "side": "S", "type": "stop_limit", "tif": "GTC", "stop_px": 10, "px": 9, "qty": 5}
{"op": "new", "id": "a", "side": "S", "type": "limit", "tif": "GTC", "px": 10, "qty": 30}
{"exp": "trades", "list": [["i", "a", 10, 20], ["i", "a", 10, 10], ["i", "t", 10, 5]]}
{"exp": "event", "id": "t", "ev": "triggered"}
{"exp": "book", "by": "order", "visible": true, "bids": [["i", 10, 5]], "asks": []}
{"op": "replace", "id": "i", "new_id": "j", "px": 11, "qty": 40}
{"op": "phase", "phase": "halted"}
{"op": "new", "id": "b", "side": "B", "type": "limit", "tif": "GTC", "px": 10, "qty": 30}
{"exp": "event", "id": "b", "ev": "rejected", "reason": "HF_REASON_PHASE"}
{"exp": "top", "bids": [[11, 40]], "asks": []}
EOF
printf '%s\n' '{"case": "d"}' \
    '{"op": "new", "id": "a", "side": "B", "type": "limit", "tif": "GTC", "px": 10, "qty": 3}' \
    '{"exp": "top", "bids": [[10, 4]], "asks": []}' >"$dir/different.jsonl"
printf '%s\n' '{"case": "e"}' '{"op": "session_end"}' >"$dir/alone.jsonl"
admin=(--admin-session play-admin)
expect 0 " 1 passed, 0 differ" --check "${admin[@]}" "$dir/good.jsonl"
expect 1 "-bid [10, 4]" --check "${admin[@]}" "$dir/different.jsonl"
expect 1 "+bid [10, 3]" --check "$dir/different.jsonl"
expect 0 "1 needs --admin-session" --check "$dir/good.jsonl"
printf '%s\n' '{"case": "t"}' '{"op": "time", "to": 5}' >"$dir/time.jsonl"
expect 0 "1 needs a clock of its own" --check "${admin[@]}" "$dir/time.jsonl"
printf '%s\n' '{"case": "l"}' '{"op": "limits", "notional": 20}' \
    '{"op": "new", "id": "a", "side": "B", "type": "limit", "tif": "GTC", "px": 10, "qty": 3}' \
    '{"exp": "event", "id": "a", "ev": "rejected", "reason": "HF_REASON_NOTIONAL"}' >"$dir/limits.jsonl"
expect 0 " 1 passed, 0 differ" --check "${admin[@]}" "$dir/limits.jsonl"
expect 0 "1 would touch all of a daemon's instruments or accounts" --check "${admin[@]}" \
    "$dir/alone.jsonl"
expect 77 "no admin rights" --check --admin-session nobody "$dir/good.jsonl"
expect 1 "no such name" --check --symbol NONE "$dir/different.jsonl"

# The outcome of a daemon passes a check in process, and the other way round.
play "${admin[@]}" "$dir/good.jsonl" >"$dir/outcome.jsonl" || fail "an outcome"
"$bin/holdfast" play --check "$dir/outcome.jsonl" >"$dir/play.out" || fail "a daemon's outcome"
"$bin/holdfast" play "$dir/good.jsonl" | cmp -s - "$dir/outcome.jsonl" || fail "outcomes differ"

# A session that is there is somebody's: it keeps its order. `play` is ours, while it has none.
submit() { "$bin/holdfast" submit --socket "$socket" "$@" >"$dir/submit.out" 2>&1; }
left() { # SESSION: must have its order still, and loses it by our hand
    submit --session "$1" --cancel 7 || fail "play took the order of session $1 away"
}
for name in trader play; do
    submit --session "$name" --symbol DEMO --side buy --quantity 1 --price 5 --id 7 || fail "an order"
    for with in "" "${admin[*]}"; do
        # shellcheck disable=SC2086
        expect 69 "session $name of $instance: it is there already" --check --session "$name" $with \
            "$dir/different.jsonl"
    done
    left "$name"
done
expect 69 "may be somebody's: name one that is not there (--session)" --check --session trader \
    "$dir/different.jsonl" # without orders too
expect 1 "+bid [10, 3]" --check "$dir/different.jsonl" # as play, which has none any more
expect 1 "+bid [10, 3]" --check --session another "$dir/different.jsonl"
expect 1 "+bid [10, 3]" --check --session another "$dir/different.jsonl" # it has gone behind us

# A stop of somebody else's, in a book that looks empty: what may trade, and set it off, is not played.
printf '%s\n' '{"case": "two"}' \
    '{"op": "new", "id": "a", "side": "B", "type": "limit", "tif": "GTC", "px": 10, "qty": 3}' \
    '{"op": "new", "id": "b", "side": "S", "type": "limit", "tif": "GTC", "px": 10, "qty": 3}' \
    '{"exp": "trades", "list": [["a", "b", 10, 3]]}' >"$dir/two.jsonl"
submit --session trader --symbol PLAY --side buy --quantity 7 --type stop --stop-price 9 --id 7 ||
    fail "a stop"
expect 0 "1 needs an unused instrument (--admin-session)" --check "$dir/two.jsonl"
expect 0 " 1 passed, 0 differ" --check "${admin[@]}" "$dir/two.jsonl"
expect 1 "+bid [10, 3]" --check "$dir/different.jsonl" # cannot trade
left trader

# A replay leaves them alone, too; it opens what it needs, and closes it.
printf '34200.1,1,1,100,1000000,1\n' >"$dir/PLAY_message.csv"
replay() {
    "$bin/holdfast" replay --format lobster --symbol PLAY --via "$instance" --socket "$socket" --sessions 2 \
        "$@" "$dir/PLAY_message.csv" >"$dir/replay.out" 2>&1
}
submit --session their-1 --symbol DEMO --side buy --quantity 2 --price 5 --id 8 || fail "an order"
replay --session-prefix their && fail "a session of somebody else's is replayed with"
grep -q "session their-1 .* name one that is not there (--session-prefix)" "$dir/replay.out" ||
    fail "why a replay is refused"
submit --session their-1 --cancel 8 || fail "a replay cancelled somebody else's order"
replay || fail "a replay under its own names"
replay || fail "another replay under the same names"

# A book that is not empty is left alone.
submit --session keeper --symbol PLAY --side buy --quantity 1 --price 5 || fail "an order"
expect 69 "is not empty" --check "$dir/different.jsonl"

if [ ! -d "$data/cases" ]; then
    say "skipped: $data is not here"
    exit 77
fi
expect 0 "229 cases in 229 files: 197 passed, 0 differ, 32 skipped" --check "${admin[@]}" \
    "$data"/cases/*/*.jsonl
tail -n 3 "$dir/play.out"
for name in core fok stop quantcup_feed; do
    xz -dc "$data/diff/$name.jsonl.xz" >"$dir/all.jsonl"
    sed "${streams}q" "$dir/all.jsonl" >"$dir/$name.jsonl"
    count=$(wc -l <"$dir/$name.jsonl")
    [ "$count" -gt 0 ] || count=1 # one stream, whose line has no end
    expect 0 "$count cases in 1 files: $count passed" --check "${admin[@]}" "$dir/$name.jsonl"
    say "$name: $(head -n 1 "$dir/play.out")"
done
alive "the end"
stop_daemon
say "the daemon does what the engine does"
