#!/usr/bin/env bash
# demo.sh [MESSAGES [BOOK]] - see Holdfast work, in one command, on Debian 12 as root or with sudo.
#
# Installs what is missing, builds, starts a daemon of its own, lets two trader processes send it a
# generated order flow, kills the daemon with SIGKILL in the middle, starts it again, and proves from the
# log that every order was processed once. With a LOBSTER message file (and its orderbook file; plain,
# .gz or .xz) it replays that through the daemon, too. Leaves nothing behind but the build directory.
#
#   HF_BUILD=DIR          use what is built there, in place of installing and building into build/
#   HF_DEMO_SECONDS=N     length of each of the three phases (default 3)
#   HF_DEMO_RATE=N        orders/s of the first phase (default 100000)
#   TMPDIR=DIR            where the log lives meanwhile (default /var/tmp: a disk, mostly)
set -euo pipefail
cd "$(dirname "$0")/.."
build=${HF_BUILD:-build}
seconds=${HF_DEMO_SECONDS:-3}
rate=${HF_DEMO_RATE:-100000}
messages=${1-}
book=${2-}
# The rest is under a name of its own, so that it meets no other instance.
instance=demo$$
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/holdfast-demo.XXXXXX")
socket=$dir/control.sock
symbol=
daemon=
traders=

cleanup() {
    # shellcheck disable=SC2086 # no pid, no word
    [ -z "$traders$daemon" ] || kill -9 $traders $daemon 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$dir" /dev/shm/holdfast."$instance".*
}
trap cleanup EXIT
trap 'exit 130' INT TERM

if [ -t 1 ]; then bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; else bold='' green='' red='' plain=''; fi

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '  %s\n' "$*"; }
indent() { sed 's/^/  /'; }

fail() {
    printf '\n%sThe demo failed: %s%s\n' "$red" "$*" "$plain"
    for file in "$dir"/*.out; do
        [ -s "$file" ] || continue
        echo "--- $(basename "$file" .out):"
        tail -n 20 "$file"
    done
    exit 1
}

now_ms() { date +%s%3N; }
hf() { "$build/holdfast" "$1" --instance "$instance" --socket "$socket" "${@:2}"; }
sequenced() { hf status --json --interval 0 | sed -n 's/.*"sequenced": *\([0-9]*\).*/\1/p' | head -n 1; }

start_daemon() { # on the built-in configuration but for where it lives
    local options=(--set instance.name="$instance" --set instance.directory="$dir/log"
        --set instance.socket="$socket")
    [ -z "$symbol" ] || options+=(--set instrument."$symbol".tick=1)
    "$build/holdfastd" "${options[@]}" </dev/null >>"$dir/daemon.out" 2>&1 &
    daemon=$!
    for _ in $(seq 1500); do
        hf status --interval 0 >/dev/null 2>&1 && return
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended at its start"
        sleep 0.02
    done
    fail "the daemon does not answer"
}

stop_daemon() {
    kill -TERM "$daemon"
    wait "$daemon" || fail "the daemon did not stop cleanly"
    daemon=
}

running_line() { grep 'running at' "$dir/daemon.out" | tail -n 1 | sed 's/^<[0-9]*>//'; }

await() { # PATTERN: a line of the traders' output
    until grep -q "$1" "$dir/traders.out"; do
        kill -0 "$traders" 2>/dev/null || grep -q "$1" "$dir/traders.out" || fail "the traders ended"
        sleep 0.02
    done
}

build_it() {
    local begin=$SECONDS
    ./deploy/install_packages.sh
    say "building into $build/ (the first time this takes a minute or two)"
    { cmake -B "$build" -DHF_TESTS=ON && cmake --build "$build" -j "$(nproc)" --target holdfastd holdfast traders check_log; } \
        >"$dir/build.out" 2>&1 || fail "the build"
    rm "$dir/build.out"
    say "done after $((SECONDS - begin)) s"
}

has_all() {
    local target
    for target in holdfastd holdfast tests/traders tests/check_log; do
        [ -x "$build/$target" ] || fail "there is no $build/$target: cmake -B $build -DHF_TESTS=ON &&" \
            "cmake --build $build --target holdfastd holdfast traders check_log"
    done
}

trade() {
    title "Two traders send $(printf "%'d" "$rate") orders/s for $seconds s, then all they can for $seconds s"
    "$build/tests/traders" "$socket" DEMO "$rate" "$seconds" "$seconds" "$seconds" \
        </dev/null >"$dir/traders.out" 2>&1 &
    traders=$!
    await '^steady durable'
    say "round trip at $rate orders/s, from the moment an order was due until its trader knew it was"
    say "  sequenced   in the log queue: survives the death of the daemon"
    say "  durable     flushed to the disk: survives loss of power"
    echo
    sed -n 's/^steady//p' "$dir/traders.out" | indent
    echo
    await '^flood'
    say "as fast as they can: ${bold}$(sed -n 's/^flood //p' "$dir/traders.out")$plain, all durable by group commit"
}

crash() {
    local killed at_kill
    title "kill -9, while both go on trading"
    await '^crash'
    sleep "$(awk "BEGIN { print $seconds / 2 }")"
    at_kill=$(sequenced)
    kill -9 "$daemon"
    killed=$(now_ms)
    wait "$daemon" 2>/dev/null || true
    say "killed process $daemon behind LSN $at_kill; the traders fill their rings"
    sleep 0.2
    start_daemon
    say "$(running_line | sed 's/, log in.*//')"
    say "process $daemon has read the log back and answers, $(($(now_ms) - killed)) ms after the kill"
    wait "$traders" || fail "a trader found a violation"
    traders=
}

replay() {
    local options=(--via "$instance" --socket "$socket" --symbol "$symbol" --format lobster)
    [ -z "$book" ] || options+=(--book "$book")
    title "Recorded order flow through the daemon: $(basename "$messages")"
    "$build/holdfast" replay "${options[@]}" "$messages" >"$dir/replay.out" 2>&1 || fail "the replay"
    indent <"$dir/replay.out"
}

verify() {
    local line name
    title "The proof"
    "$build/tests/check_log" "$dir/log" trader-1 trader-2 others >"$dir/check.out" || fail "the log"
    while read -r line; do
        name=${line%% *}
        grep -qxF "$line" "$dir/check.out" ||
            fail "$name: '$line', but the log says '$(grep "^$name " "$dir/check.out")'"
        # shellcheck disable=SC2086 # words: NAME commands=N hash=H reports=N hash=H
        set -- $line
        say "$name: ${2#commands=} orders sent, ${4#reports=} reports seen, numbered without a gap"
    done < <(grep '^trader-' "$dir/traders.out")
    [ "$(grep -c '^trader-' "$dir/traders.out")" = 2 ] || fail "a trader said nothing"
    say "the log, replayed from its first record, holds these orders in this order, once each,"
    say "and gives these reports, byte for byte:"
    printf '  %s%severy order processed once, every report delivered once%s\n' "$bold" "$green" "$plain"
}

for file in "$messages" "$book"; do
    [ -z "$file" ] || [ -r "$file" ] || fail "cannot read $file"
done
if [ -n "$messages" ]; then
    symbol=$(basename "$messages" | sed 's/[_.].*//')
    [[ $symbol =~ ^[A-Za-z0-9]{1,15}$ && $symbol != DEMO ]] || symbol=LOBSTER
fi

title "Holdfast demo"
[ -n "${HF_BUILD-}" ] || build_it
has_all
start_daemon
say "$(running_line)"
trade
crash
title "The book that they left"
hf book DEMO --levels 8 | indent
[ -z "$messages" ] || replay
stop_daemon
verify
