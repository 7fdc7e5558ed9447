#!/usr/bin/env bash
# check.sh BASE CANDIDATE [PAIRS] - whether one build is slower than another: the holdfast-bench of both, in
# turns, each pair as close together as can be; BASE and CANDIDATE are the programs.
#
# Every pair gives a ratio of their times. A slow-down counts when even the lower end of a 95 % interval of
# the median ratio is above 1.05: more than 5 %, beyond the noise of this host at this moment.
#
# Exit codes: 0 no slow-down; 1 there is one; 64 usage; 71 nothing could be measured.
# HOLDFAST_BENCH_OPTIONS holds more options for both.
set -euo pipefail
limit=1.05
usage() { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 64; }
[ $# -ge 2 ] || usage
base=$1 candidate=$2 pairs=${3:-15}
[ -x "$base" ] && [ -x "$candidate" ] || usage
[[ $pairs =~ ^[0-9]+$ ]] && [ "$pairs" -ge 6 ] || { echo "check: at least 6 pairs, or chance decides" >&2; exit 64; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-check.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# What is compared: subcommand, text for --only, and the series: a time, or (per) a rate.
measures=(
    "core|common stream, 1 instrument|common stream, 1 instrument, per command|time"
    "core|common stream, 100 instruments|common stream, 100 instruments, per command|time"
    "ring|holdfast|holdfast, throughput|rate"
    "wal|one stream|holdfast mmap, one stream, durable records|rate"
)

# value PROGRAM SUBCOMMAND ONLY SERIES: the one number of one run
value() {
    # shellcheck disable=SC2086 # words
    "$1" "$2" --json --runs 1 --seconds 0.2 --only "$3" ${HOLDFAST_BENCH_OPTIONS-} >"$dir/out" || {
        echo "check: $1 $2 failed" >&2
        exit 71
    }
    local number
    number=$(grep -F "\"name\":\"$4\"" "$dir/out" | sed -n 's/.*"median":\([0-9.e+-]*\),.*/\1/p')
    [ -n "$number" ] || { echo "check: $1 $2 has no series '$4'" >&2; exit 71; }
    echo "$number"
}

# From ratios, one a line: median and the 95 % interval of the median, by the ranks of a binomial.
interval() {
    sort -g | awk '{ ratio[NR] = $1 }
    END {
        n = NR; tail = 0.5 ^ n; term = tail; low = 0   # P(at most `low` of n are below the median)
        while (tail <= 0.025) { low++; term = term * (n - low + 1) / low; tail += term }
        if (low < 1) low = 1
        middle = n % 2 ? ratio[(n + 1) / 2] : (ratio[n / 2] + ratio[n / 2 + 1]) / 2
        printf "%.4f %.4f %.4f\n", middle, ratio[low], ratio[n + 1 - low]
    }'
}

slower=0
for measure in "${measures[@]}"; do
    IFS='|' read -r subcommand only series kind <<<"$measure"
    : >"$dir/ratios"
    for pair in $(seq "$pairs"); do
        if [ $((pair % 2)) = 0 ]; then # who goes first takes turns as well
            a=$(value "$base" "$subcommand" "$only" "$series")
            b=$(value "$candidate" "$subcommand" "$only" "$series")
        else
            b=$(value "$candidate" "$subcommand" "$only" "$series")
            a=$(value "$base" "$subcommand" "$only" "$series")
        fi
        awk -v a="$a" -v b="$b" -v kind="$kind" \
            'BEGIN { print (kind == "time") ? b / a : a / b }' >>"$dir/ratios"
    done
    read -r middle low high < <(interval <"$dir/ratios")
    verdict=$(awk -v low="$low" -v limit="$limit" 'BEGIN { print (low > limit) ? "SLOWER" : "ok" }')
    printf '%-52s time x %.3f (%.3f to %.3f, %d pairs)  %s\n' "$series" "$middle" "$low" "$high" "$pairs" "$verdict"
    [ "$verdict" = ok ] || slower=1
done
exit $slower
