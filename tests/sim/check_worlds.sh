#!/usr/bin/env bash
# check_worlds.sh SIM - a seed is one world: alone, and behind others in one process, it goes the same way, step by
# step. Else a violation that is found in a long run could not be seen again.
set -euo pipefail
sim=$1
first=5000000
worlds=240
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-worlds.XXXXXX")
trap 'rm -rf "$dir"' EXIT

"$sim" --granule 8 --first $first --points $((worlds * 12)) --verbose >"$dir/all"
csplit --quiet --elide-empty-files --prefix="$dir/world." --digits=4 "$dir/all" '/^granule /' '{*}'
for ((i = 0; i < worlds; i++)); do
    printf -v behind '%s/world.%04d' "$dir" $i
    "$sim" --granule 8 --seed $((first + i)) --verbose | sed '/ crash points in /,$d' >"$dir/alone"
    cmp "$dir/alone" "$behind" || { echo "check_worlds: FAILED: seed $((first + i)) differs behind others"; exit 1; }
done
echo "check_worlds: $worlds worlds, each the same alone and behind the others"
