#!/usr/bin/env bash
# gap.sh BINARY_DIR [FILLS] - sessions that do not read: a reader that sleeps through FILLS reports, while
# the daemon is killed twice, then sees every number once and every byte as the log gives it; a daemon
# that dies while reports are fetched; a client that dies while it is shown them; reports shown again from
# any number on; sync mode; HF_LOST with its open orders, behind the bound and where the log is gone; and
# drop copy over a kill.
source "$(dirname "$0")/lib.sh" "$1"
fills=${2:-1000000}
if grep -qs '^HF_SANITIZE:STRING=..*' "$bin/CMakeCache.txt"; then
    fills=${2:-4000} # an audited replay is slow
fi
# Few orders: an audited build walks their tables.
small+=(-s limits.orders_max=1024 -s limits.session_orders_max=1024 -s limits.levels_max=256
    -s limits.extras_max=64 -s instrument.ONE.tick=1 -s instrument.ONE.quantity_max=1000000000)

gap() { timeout 250 "$bin/tests/gap" "$1" "$socket" "${@:2}"; }

# What `gap read` prints: expect NAME PATTERN OPTION...
expect() {
    local session=$1 want=$2
    shift 2
    gap read "$session" "$@" >"$dir/read.out" 2>&1 || fail "reading as $session $*"
    grep -qE "^$want" "$dir/read.out" || fail "session $session $* should see '$want'"
}

# The hash that an uninterrupted replay gives for a session's reports.
logged() {
    "$bin/tests/check_log" "$log" "$1" others >"$dir/check.out" || fail "the log"
    sed -n "s/^$1 .*reports=[0-9]* hash=//p" "$dir/check.out"
}

# Everything that a session has seen is what the log gives; the daemon is stopped.
compare() {
    local session=$1 seen
    seen=$(sed -n 's/.* hash=\([0-9a-f]*\) .*/\1/p' "$dir/read.out")
    stop_daemon
    [ "$(logged "$session")" = "$seen" ] || fail "session $session saw other reports than the log gives"
}

fresh() {
    rm -rf "$log" /dev/shm/holdfast."$instance".*
    start_daemon "$@"
}

# A sleeper, and two deaths of the daemon meanwhile.
fresh -s session.lag_max=4000000
gap rest slow $((2 * fills)) || fail "resting"
gap take fast "$fills" >"$dir/take.out" 2>&1 &
taker=$!
pids+=("$taker")
progress() { [ "$(status sequenced)" -gt "$1" ]; }
for kill in 1 2; do
    until_true 60 progress $((kill * fills / 4)) || fail "the taker does not go on"
    kill_daemon
    start_daemon -s session.lag_max=4000000
done
wait "$taker" || fail "the taker"
pids=()
last=$((fills + 1))
expect slow "first=2 last=$last "
expect slow "first=0 last=0 "
expect slow "first=1 last=$last " from=1
say "$fills reports slept through, two kills meanwhile: every number once"

# The daemon dies while reports are made again, and the next one makes them.
gap read slow from=1 >"$dir/read.out" 2>&1 &
reader=$!
pids+=("$reader")
for _ in 1 2 3; do
    sleep "0.$(printf %03d $((RANDOM % 200 + 20)))"
    kill_daemon
    start_daemon -s session.lag_max=4000000
done
wait "$reader" || fail "a reader over the daemon's deaths"
pids=()
grep -q "^first=1 last=$last " "$dir/read.out" || fail "a reader over the daemon's deaths saw something else"

# From any number on; never from one that is not there.
expect slow "first=$((last / 2)) last=$last " from=$((last / 2))
expect slow "first=$last last=$last " from="$last"
expect slow "first=0 last=0 " from=$((last + 1))
if gap read slow from=$((last + 2)) >"$dir/read.out"; then fail "a number that is not there was taken"; fi
grep -q HF_E_ARGUMENT "$dir/read.out" || fail "a number that is not there is refused in other words"
expect slow "first=1 last=$last " from=1
compare slow

# A client that dies while it is shown what was missing: the next goes on behind what it had released.
fresh -s limits.events_max=256
gap rest slow $((2 * fills))
gap take fast 4000
for stop in 1200 1700 3001; do # the ring holds 1024
    code=0
    gap read slow stop=$stop >"$dir/read.out" 2>&1 || code=$?
    [ "$code" = 137 ] || fail "the reader should have died at report $stop"
    expect_first=$((stop + 1))
    [ "$(probe facts slow | grep -o 'released=[0-9]*')" = "released=$stop" ] ||
        fail "released is not $stop"
done
kill_daemon # with the gap half read
start_daemon
expect slow "first=$expect_first last=4001 "
gap take fast 100
expect slow "first=4002 last=4101 "
expect slow "first=1 last=4101 " from=1
compare slow

# Sync mode: nothing is shown before it is durable, and nothing is missing.
fresh -s limits.events_max=256 -s wal.mode=sync
gap rest slow $((2 * fills))
gap take fast 2000
expect slow "first=2 last=2001 "
expect slow "first=1 last=2001 " from=1
compare slow

# Behind the bound: the range is told, the open orders follow, and it goes on.
fresh -s limits.events_max=256 -s session.lag_max=1024
gap rest slow 100 30
gap take fast 2500 # fills 25 of 30 orders
kill_daemon
start_daemon -s session.lag_max=1024
expect slow "first=31 last=2541 hash=[0-9a-f]* lost=1055-2530 orders=5 "
gap take fast 10
expect slow "first=2542 last=2551 .* lost=0-0 orders=0"
kill_daemon
start_daemon -s session.lag_max=1024
expect slow "first=0 last=0 "
expect slow "first=1 last=2551 .* lost=0-0 orders=5" from=1 # who asks for them gets them nevertheless
compare slow

# Away until the log of it was removed: the same. (An audited build needs too long for so long a log.)
if [ "$fills" -ge 100000 ]; then
    short=(-s limits.events_max=256 -s session.lag_max=4000000 -s wal.segment_kib=256
        -s snapshot.every_records=5000 -s log.keep_mib=1)
    fresh "${short[@]}"
    gap rest slow 100000000 30 # more than is taken until a checkpointer without a processor gets there
    gap take fast 70000
    removed() { # two snapshots must be beyond what it needs
        gap take fast 5000 && [ ! -e "$log/00000000000000000001.wal" ]
    }
    until_true 30 removed || fail "no segment was removed"
    expect slow "first=31 last=[0-9]* .* lost=1055-[0-9]* orders=30 "
    gap take fast 10
    expect slow "first=[0-9]* last=[0-9]* .* lost=0-0 orders=0"
    stop_daemon
    say "of a session that was away for too long the open orders are told"
fi

# Drop copy: another session gets what slow and fast get, numbered among its own, over kills and gaps.
admin() { "$bin/holdfast" admin --socket "$socket" "$@" >>"$dir/admin.out" 2>&1 || fail "admin $*"; }
fresh -s limits.events_max=256 -s instance.admin=admin
admin entitle drop drop-copy 7
admin entitle slow group 7
gap read drop >/dev/null # opens it
gap rest slow $((2 * fills))
admin entitle fast group 7
gap take fast 1000 >"$dir/take.out" 2>&1 &
taker=$!
pids+=("$taker")
until_true 60 progress 400 || fail "the taker does not go on"
kill_daemon
start_daemon -s limits.events_max=256
wait "$taker" || fail "the taker"
pids=()
expect drop "first=1 last=6002 .* copies=3001" # accepted; then accepted, and a fill on each side
expect drop "first=0 last=0 "
expect drop "first=1 last=6002 .* copies=3001" from=1
compare drop
say "gaps are filled, whatever dies; behind the bound the open orders are told"
