#!/usr/bin/env bash
# check_headers.sh - each public header by itself, in C17 and C++17, with gcc and clang, without a warning.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
flags=(-Iinclude -Wall -Wextra -Wpedantic -Werror -fsyntax-only)
compilers=("gcc -xc -std=c17" "clang-14 -xc -std=c17" "g++ -xc++ -std=c++17" "clang++-14 -xc++ -std=c++17")
failed=0
count=0
for header in include/holdfast/*.h; do
    for compiler in "${compilers[@]}"; do
        # shellcheck disable=SC2086 # words
        $compiler "${flags[@]}" - <<<"#include <holdfast/${header##*/}>" || {
            echo "check_headers: $header does not compile with $compiler"
            failed=1
        }
        count=$((count + 1))
    done
done
[ "$failed" != 0 ] || echo "check_headers: $count compilations without a warning"
exit "$failed"
