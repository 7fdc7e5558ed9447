#!/usr/bin/env bash
# campaign.sh [POINTS] [BUILD] [WORKERS] [FIRST_PART] - the long run by hand: so many crash points (default
# 50 million) over seeds that no test uses, on WORKERS processors (default: all but one), a share of them with
# each granule alone. Prints what each part did; ends with 1 and the seed when a promise was broken. A part's
# number gives its seeds: FIRST_PART (default 0) goes on behind an earlier run.
set -euo pipefail
points=${1:-50000000}
sim=${2:-$(cd "$(dirname "$0")/../.." && pwd)/build}/tests/sim/sim
workers=${3:-$(($(nproc) > 1 ? $(nproc) - 1 : 1))}
first_part=${4:-0}
granules=(0 8 64 512 4096) # 0: drawn from the seed
part_points=500000
parts=$(((points + part_points - 1) / part_points))
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

part() { # NUMBER
    local granule=${granules[$(($1 % ${#granules[@]}))]}
    local first=$((1000000000 * ($1 + 1)))
    local options=(--first "$first" --points "$part_points")
    [ "$granule" = 0 ] || options+=(--granule "$granule")
    "$sim" "${options[@]}" >"$directory/$1" 2>&1 || {
        echo "part $1 (--granule $granule):"
        cat "$directory/$1"
        return 1
    }
    echo "part $1, granule $granule: $(tr '\n' ';' <"$directory/$1")"
}
export -f part
export part_points directory sim
# shellcheck disable=SC2016 # the inner shell expands it
if seq "$first_part" $((first_part + parts - 1)) |
    xargs -n 1 -P "$workers" bash -c "$(declare -p granules)"'; part "$1" || exit 255' part; then
    echo "campaign: $((parts * part_points)) crash points, 0 violations"
else
    echo "campaign: a promise was broken"
    exit 1
fi
