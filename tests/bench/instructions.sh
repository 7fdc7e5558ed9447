#!/usr/bin/env bash
# instructions.sh BUILD_DIR - instructions per command of the state machine on the common stream, counted
# by callgrind: the same on every run, whatever else the host does. More than the budget is a failure.
# Skipped (77) without valgrind. The budget is for x86-64, gcc, a Release build.
set -euo pipefail

# The budget, in instructions per command. A change that needs more says why, and changes it here; one
# that needs clearly less lowers it.
declare -A budget=([1]=640 [100]=695)
warm=100000 count=100000

command -v valgrind >/dev/null || { echo "instructions: skipped: no valgrind"; exit 77; }
[ "$(uname -m)" = x86_64 ] || { echo "instructions: skipped: the budget is for x86-64"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-instructions.XXXXXX")
trap 'rm -rf "$dir"' EXIT
over=0
for instruments in 1 100; do
    valgrind --tool=callgrind --callgrind-out-file="$dir/out" --collect-atstart=no \
        --toggle-collect=counted_part "$1/tests/bench/core_instructions" $instruments $warm $count \
        >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
    total=$(sed -n 's/^\(summary\|totals\): \([0-9]*\)$/\2/p' "$dir/out" | head -n 1)
    [ "${total:-0}" -gt 0 ] || { echo "instructions: nothing was counted"; exit 1; }
    each=$((total / count))
    echo "instructions: $instruments instruments: $each per command, budget ${budget[$instruments]}"
    [ "$each" -le "${budget[$instruments]}" ] || over=1
done
[ $over = 0 ] || { echo "instructions: over the budget"; exit 1; }
