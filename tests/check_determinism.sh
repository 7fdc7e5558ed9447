#!/usr/bin/env bash
# check_determinism.sh BINARY_DIR - the same logs give the same reports, market data, books and digests
# when they are replayed by gcc -O0, gcc -O3, clang -O2, and by the latter under valgrind.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1/tests
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-determinism.XXXXXX")
trap 'rm -rf "$dir"' EXIT
streams=12

mkdir "$dir/log"
"$bin/write_logs" "$dir/log" 1 "$streams" >"$dir/written"
logs=("$dir"/log/*)

# replayer NAME COMPILER FLAGS: builds in a directory that stays, so that the next time is quick
replayer() {
    local build=$1
    cmake -S . -B "$bin/determinism-$build" -G Ninja -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_COMPILER="$2" -DCMAKE_C_FLAGS="$3" >"$dir/build.out"
    cmake --build "$bin/determinism-$build" --target replay_digest >"$dir/build.out" ||
        { cat "$dir/build.out"; exit 1; }
}

replay() { # NAME COMMAND...
    "${@:2}" "${logs[@]}" >"$dir/$1" || { cat "$dir/$1"; echo "check_determinism: FAILED: $1"; exit 1; }
    cmp -s "$dir/$1" "$dir/${first:=$1}" ||
        { diff "$dir/$first" "$dir/$1" | head -n 6; echo "check_determinism: FAILED: $1 differs from $first"; exit 1; }
}

replayer gcc-O0 gcc -O0
replayer gcc-O3 gcc -O3
replayer clang-O2 clang-14 -O2
replay gcc-O0 "$bin/determinism-gcc-O0/tests/replay_digest"
replay gcc-O3 "$bin/determinism-gcc-O3/tests/replay_digest"
replay clang-O2 "$bin/determinism-clang-O2/tests/replay_digest"
replay valgrind valgrind -q --error-exitcode=3 "$bin/determinism-clang-O2/tests/replay_digest"
[ "$(wc -l <"$dir/$first")" = "$streams" ] || { echo "check_determinism: FAILED: lines"; exit 1; }
# The digest is also that of the core which was compared with the reference model while they were written.
paste -d ' ' "$dir/written" <(sort -n "$dir/$first") | awk '{
    lsn = $5; sub(",", "", lsn); if (lsn != $9 || $7 != $10) { print "check_determinism: FAILED: " $0; bad = 1 } }
    END { exit bad }'
records=$(awk '{ sum += $2 } END { print sum }' "$dir/$first")
echo "check_determinism: $streams logs, $records records: gcc -O0, gcc -O3, clang -O2 and valgrind agree"
