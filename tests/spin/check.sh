#!/usr/bin/env bash
# check.sh [COMMANDS CRASHES CLIENT_CRASHES] - search all of the protocol's model (protocol.pml), then show
# that each planted mistake is found.
#
# With bounds: only the model, with these (MEMORY_MIB=, default 2000, of memory). Needs spin and gcc; exits
# with 77 where they are not installed.
set -euo pipefail
model=$(cd "$(dirname "$0")" && pwd)/protocol.pml
if ! command -v spin >/dev/null || ! command -v gcc >/dev/null; then
    echo "spin or gcc is not installed: the protocol's model was not checked"
    exit 77
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-spin.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0
begin=$SECONDS

# The mistakes of the model, and the least bounds (commands, crashes, crashes of the client, session of
# durable reports) in which they can show.
planted="
SLOT_RELEASED_EARLY      2 1 0 0
WORD_BEFORE_RECORD       2 1 0 0
REPORT_BEFORE_RECORD     2 1 0 0
REPORT_OVERWRITTEN       3 0 0 0
DURABLE_BEFORE_FLUSH     2 1 0 0
APPENDED_COUNTED         2 1 0 0
FLUSH_RETRIED            2 1 0 0
QUEUE_RELEASED_EARLY     3 1 0 0
QUEUE_NOT_TAKEN          2 1 0 0
QUEUE_RESET_EARLY        2 1 0 0
NOT_REWRITTEN            2 1 0 0
SEAL_UNFLUSHED           2 2 0 0
TAIL_REVIVED             2 2 0 0
SEQUENCE_NOT_RESTORED    2 1 0 0
BACKLOG_FORGOTTEN        2 1 0 0
HISTORY_KEPT             2 1 0 0
DRAIN_FORGOTTEN          2 0 1 0
CLIENT_SHOWS_EARLY       2 1 0 1
"

search() { # SPIN_OPTIONS CFLAGS PAN_OPTIONS; pan's words are left in pan.out
    rm -f pan pan.*
    # shellcheck disable=SC2086 # words
    spin -a $1 "$model" >spin.out 2>&1 || { cat spin.out; exit 1; }
    # shellcheck disable=SC2086
    gcc -w -DCOLLAPSE -DMEMLIM="${MEMORY_MIB:-2000}" $2 -o pan pan.c
    # shellcheck disable=SC2086
    ./pan -w20 -m20000 $3 >pan.out 2>&1 || true
}

bounds() { # COMMANDS CRASHES CLIENT_CRASHES SHOW_DURABLE
    echo "-DCOMMANDS=$1 -DCRASHES=$2 -DCLIENT_CRASHES=$3 -DSHOW_DURABLE=$4"
}

figures() {
    local states memory
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.out)
    memory=$(sed -n 's/^ *\([0-9.]*\)\ttotal actual memory usage.*/\1/p' pan.out)
    echo "$states states, $memory MiB"
}

# Everything was searched, and nothing found.
is_proved() {
    grep -q 'errors: 0$' pan.out && ! grep -q -i 'search not completed\|max search depth\|out of memory\|resource' pan.out
}

# Each step of the model was taken: all that is not reached is the end of processes that never end.
all_reached() {
    ! sed -n '/^unreached/,$p' pan.out | grep 'state [0-9]*, ' | grep -v '"-end-"'
}

report() { # PASSED WHAT
    printf '  %-7s %-52s %s\n' "$([ "$1" = 0 ] && echo passed || echo FAILED)" "$2" "$(figures)"
    if [ "$1" != 0 ]; then
        failed=1
        cat pan.out
    fi
}

prove() { # COMMANDS CRASHES CLIENT_CRASHES SHOW_DURABLE WORDS
    local verdict=0
    search "$(bounds "$1" "$2" "$3" "$4")" "-O2 -DSAFETY" "-w24"
    is_proved && all_reached || verdict=1
    report $verdict "$1 commands, $2 crashes, $3 of the client$5"
}

find() { # NAME COMMANDS CRASHES CLIENT_CRASHES SHOW_DURABLE
    local verdict=0
    search "$(bounds "$2" "$3" "$4" "$5") -DBUG_$1" "-O0 -DSAFETY" ""
    grep -q '^pan:1: assertion violated' pan.out || verdict=1
    report $verdict "found: $1"
}

# A command is reported in the end, whoever waits for how long: with fairness between the processes.
prove_progress() {
    local verdict=0
    search "$(bounds 2 1 0 0) -DLIVENESS" "-O2 -DNFAIR=4" "-a -f"
    is_proved || verdict=1
    report $verdict "progress: 2 commands, 1 crash"
    search "$(bounds 2 1 0 0) -DLIVENESS -DBUG_BACKLOG_FORGOTTEN" "-O0 -DNFAIR=4" "-a -f -A"
    verdict=0
    grep -q '^pan:1: acceptance cycle' pan.out || verdict=1
    report $verdict "found: no progress with BACKLOG_FORGOTTEN"
}

if [ $# = 3 ]; then
    prove "$1" "$2" "$3" 0 ""
    echo "$((SECONDS - begin)) s"
    exit $failed
fi
if [ $# != 0 ]; then
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 64
fi

prove 3 2 1 0 ""
prove 2 2 1 1 ", a session of durable reports"
prove_progress
count=0
while read -r name rest; do
    [ -n "$name" ] || continue
    # shellcheck disable=SC2086
    find "$name" $rest
    count=$((count + 1))
done <<<"$planted"
if [ "$count" != "$(grep -o 'def BUG_[A-Z_]*' "$model" | sort -u | grep -c .)" ]; then
    grep -o 'BUG_[A-Z_]*' "$model" | sort -u
    echo "the model has other planted mistakes than this script"
    failed=1
fi
echo "$((SECONDS - begin)) s"
exit $failed
