#!/usr/bin/env bash
# coverage.sh - how much of lib/core its tests reach: at least 98 % of the lines, 90 % of the branches.
#
#   coverage.sh [DIRECTORY]      builds in DIRECTORY (build-coverage), runs the tests of the core, the
#                                recorded cases and a short differential test, prints both figures and
#                                what was not reached, and fails below the limits. About three minutes.
#
# Of HF_ASSERT and HF_PANIC only the panics are left out: a sound state does not reach them.
set -euo pipefail
cd "$(dirname "$0")/.."
directory=${1:-build-coverage}
panics='.*HF_(ASSERT|PANIC)\(.*'
tests='^(core/.*|model/differential|client/play_cases)$'

targets=(differential test_client_play_cases)
for source in tests/core/test_*.c; do
    name=$(basename "$source" .c)
    targets+=("test_core_${name#test_}")
done
cmake -S . -B "$directory" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=gcc \
    -DCMAKE_C_FLAGS=--coverage -DHF_EXPENSIVE_CHECKS=OFF -DHF_DIFFERENTIAL_COMMANDS=200000 >/dev/null
cmake --build "$directory" --target "${targets[@]}" | tail -n 1
find "$directory" -name '*.gcda' -delete # of earlier runs
ctest --test-dir "$directory" -R "$tests" --no-tests=error --output-on-failure -j "$(nproc)" | tail -n 4

report() { # GCOVR_OPTION...
    gcovr --root . --object-directory "$directory" --filter 'lib/core/' --sort-uncovered \
        --exclude-lines-by-pattern "$panics" --exclude-branches-by-pattern "$panics" "$@" "$directory/CMakeFiles/hf_core.dir"
}
report --branches | grep -v '100%'
report --print-summary --fail-under-line 98 --fail-under-branch 90 | grep -E '^(lines|branches):'
