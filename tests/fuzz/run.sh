#!/usr/bin/env bash
# run.sh SECONDS [TARGET...] - fuzz each target (default: all) that long, two at a time; fails on any crash,
# leak, undefined behaviour, or input that takes more than HF_FUZZ_TIMEOUT seconds (default 10).
#
# Programs are those of HF_FUZZ_BUILD (default build-fuzz, made with -DHF_FUZZ=ON). Beside them, in fuzz/,
# each target has its corpus, which is kept for the next run, its output, and what failed: run the
# program with that file as its only argument to see it again. HF_FUZZ_PREFIX is put before each
# program ("chrt -i 0": only when nobody else wants the processor; then give it time).
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
seconds=$1
shift
build=$(cd "${HF_FUZZ_BUILD:-$(dirname "$0")/../../build-fuzz}" && pwd) || exit 66
[ $# -gt 0 ] || mapfile -t targets < <(basename -a "$build"/tests/fuzz/fuzz_* | sed 's/^fuzz_//')
[ $# -eq 0 ] || targets=("$@")
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-14)
export ASAN_SYMBOLIZER_PATH UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=

fuzz() { # TARGET; one line for the table
    local name=$1 place=$build/fuzz/$1 program=$build/tests/fuzz/fuzz_$1 code line
    mkdir -p "$place/corpus" "$place/seeds" "$place/failed" || return
    local limits=("-timeout=${HF_FUZZ_TIMEOUT:-10}" -rss_limit_mb=2048 -max_len=4096 "-artifact_prefix=$place/failed/")
    "$program" --seeds "$place/seeds" >"$place/output" 2>&1 &&
        ${HF_FUZZ_PREFIX-} "$program" "${limits[@]}" -max_total_time="$seconds" -detect_leaks=1 \
            -print_final_stats=1 "$place/corpus" "$place/seeds" >>"$place/output" 2>&1
    code=$?
    line=$(awk '/^stat::number_of_executed_units/ { runs = $2 } /^stat::average_exec_per_sec/ { rate = $2 }
        / cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") edges = $(i + 1) } }
        END { printf "%12d executions %7d/s %6d edges", runs, rate, edges }' "$place/output")
    printf '  %-10s %-7s %s %6d inputs kept\n' "$name" "$([ $code = 0 ] && echo passed || echo FAILED)" \
        "$line" "$(find "$place/corpus" -type f | wc -l)"
    [ $code = 0 ] || { tail -n 60 "$place/output"; echo "All of it: $place/output"; }
    return $code
}
export -f fuzz
export build seconds

# xargs ends with 123 when one of them failed.
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\n' "${targets[@]}" | xargs -n 1 -P 2 bash -c 'fuzz "$1"' fuzz
