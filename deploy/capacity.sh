#!/usr/bin/env bash
# capacity.sh [--fixed|--host] [BIN_DIR] - what an instance needs, measured with instances of its own in a
# directory of its own; prints a line for each figure. RUNBOOK.md has the formulas that they are for.
#
#   --fixed  memory and bytes: the same on every host
#   --host   times: of this host, as it is now; TMPDIR names the file system that is measured
#
# BIN_DIR has holdfastd and holdfast (default: those that the shell finds).
set -euo pipefail
shopt -s nullglob
usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
part=all
case ${1-} in
--fixed | --host)
    part=${1#--}
    shift
    ;;
-h | --help)
    usage
    exit
    ;;
-*)
    usage >&2
    exit 64
    ;;
esac
[ -z "${1-}" ] || PATH=$(realpath "$1"):$PATH
PATH=$PATH:/usr/sbin:/usr/local/sbin
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-capacity.XXXXXX")
instance=capacity$$
daemon=
end() {
    [ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null || true
    rm -rf "$dir" /dev/shm/holdfast."$instance".*
}
trap end EXIT
fail() {
    echo "capacity.sh: $*" >&2
    tail -n 5 "$dir"/*.out >&2 || true
    exit 70
}

# Nothing but what is measured: no huge pages, whose size would hide what a row takes.
small=(limits.orders_max=1024 limits.session_orders_max=1024 limits.levels_max=1024 limits.extras_max=1024
    limits.accounts_max=1024 limits.entitlements_max=1024 limits.events_max=1024 limits.sessions_max=8
    limits.instruments_max=64)
start() { # SETTING...
    local settings=() setting
    for setting in "$@"; do settings+=(-s "$setting"); done
    holdfastd -s instance.name="$instance" -s instance.directory="$dir/log" -s instance.socket="$dir/sock" \
        -s memory.huge_pages=no -s memory.lock=no -s wal.segment_kib=16384 "${settings[@]}" \
        </dev/null >"$dir/daemon.out" 2>&1 &
    daemon=$!
    for _ in $(seq 3000); do
        holdfast status -t 0 -S "$dir/sock" >/dev/null 2>&1 && return
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended"
        sleep 0.02
    done
    fail "the daemon does not start"
}
stop() {
    kill -TERM "$daemon"
    wait "$daemon" || fail "the daemon did not stop cleanly"
    daemon=
}
forget() { rm -rf "$dir/log" /dev/shm/holdfast."$instance".*; }
field() { holdfast status -t 0 -S "$dir/sock" --json | grep -oE "\"$1\":[0-9]+" | head -n 1 | grep -oE '[0-9]+$'; }
own_memory() { awk '/^RssAnon:/ { print $2 * 1024 }' "/proc/$daemon/status"; }
# The state machine's memory: the largest mapping of no file.
state_memory() {
    awk '/^[0-9a-f]+-/ { own = NF == 5 } own && /^Rss:/ && $2 > most { most = $2 } END { print most * 1024 }' \
        "/proc/$daemon/smaps"
}
say() { printf '%-44s %12s  %s\n' "$1" "$2" "$3"; }
ratio() { awk -v a="$1" -v b="$2" -v digits="${3-0}" 'BEGIN { printf "%.*f", digits, a / b }'; }

# COUNT resting orders, of a price each 500, as a LOBSTER message file.
orders() {
    awk -v count="$1" 'BEGIN { for (i = 1; i <= count; i++)
        printf "%d.0,1,%d,100,%d,%d\n", i, i, (i % 2 ? 1000000 - i % 500 * 100 : 1000100 + i % 500 * 100),
               (i % 2 ? 1 : -1) }' >"$dir/DEMO_orders.csv"
}
replay() { # RATE
    holdfast replay --via "$instance" --socket "$dir/sock" --format lobster --symbol DEMO --keep --rate "$1" \
        "$dir/DEMO_orders.csv" >"$dir/replay.out" 2>&1 || fail "the replay"
}

# What COUNT more of a limit take, beside other settings.
declare -A base
memory_of() { # NAME COUNT [SETTING]
    local beside=${3-none} more
    if [ -z "${base[$beside]-}" ]; then
        start "${small[@]}" "${@:3}"
        base[$beside]=$(state_memory)
        stop
        forget
    fi
    start "${small[@]}" "${@:3}" "limits.$1=$(($2 + 1024))"
    more=$(state_memory)
    stop
    forget
    say "memory of one of limits.$1" "$(ratio $((more - base[$beside])) "$2")" bytes
}
fixed_memory() {
    memory_of orders_max 1048576
    memory_of levels_max 262144
    memory_of extras_max 1048576 limits.orders_max=1049600
    memory_of instruments_max 262144 limits.instruments_max=1024
    memory_of accounts_max 262144
    memory_of entitlements_max 262144
    memory_of sessions_max 3072 limits.sessions_max=1024
    memory_of events_max 1047552
    start
    say "memory of the state, with all defaults" "$(($(state_memory) / 1048576))" MiB
    stop
    forget
}

fixed_shared_memory() {
    local file
    start
    for file in status metrics queue md; do
        say "shared memory, holdfast.NAME.$file" "$(($(stat -c %s "/dev/shm/holdfast.$instance.$file") / 1024))" KiB
    done
    holdfast submit -S "$dir/sock" -s DEMO -b buy -q 1 -p 1 --session one >"$dir/submit.out"
    local cmd=(/dev/shm/holdfast."$instance".s.one.cmd.*)
    say "shared memory of a session, as it is opened" \
        "$((($(stat -c %s "${cmd[0]}") + $(stat -c %s "/dev/shm/holdfast.$instance.s.one.rep")) / 1024))" KiB
    stop
    forget
}

host_flow() {
    local commands=200000 alone=200 begin end before
    orders "$commands"
    start limits.orders_max=1048576 snapshot.at_stop=no snapshot.every_s=0 snapshot.every_records=0
    before=$(own_memory)
    replay max
    say "log of an order, when many come" "$(ratio $((($(field written) + $(field groups)) * 64)) "$(field commands)" 1)" bytes
    say "orders in a flush, when many come" "$(ratio "$(field commands)" "$(field flushes)")" orders
    stop
    start snapshot.every_s=0 snapshot.every_records=1
    for _ in $(seq 500); do
        [ "$(field snapshots)" = 0 ] || break
        sleep 0.1
    done
    say "the checkpointer's copy of an open order" "$(ratio $(($(own_memory) - before)) "$commands")" bytes
    stop
    local snapshots=("$dir"/log/*.snap)
    say "snapshot of an open order" "$(ratio "$(stat -c %s "${snapshots[-1]}")" "$commands" 1)" bytes
    begin=$(date +%s%N)
    start
    end=$(date +%s%N)
    say "a start with that snapshot" "$(((end - begin) / 1000000))" ms
    stop
    forget
    orders "$alone"
    start snapshot.at_stop=no
    replay 50
    say "log of an order that comes alone" "$(ratio $((($(field written) + $(field groups)) * 64)) "$(field commands)")" bytes
    stop
    forget
}

[ "$part" = host ] || { fixed_memory; fixed_shared_memory; }
[ "$part" = fixed ] || host_flow
