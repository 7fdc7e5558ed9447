#!/usr/bin/env bash
# check_headers.sh - each public header by itself, without a warning, with gcc and clang: the C headers in C17
# and C++17, those of C++ in C++20 with every warning that their users may have set.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
flags=(-Iinclude -Wall -Wextra -Wpedantic -Werror -fsyntax-only)
compilers=("gcc -xc -std=c17" "clang-14 -xc -std=c17" "g++ -xc++ -std=c++17" "clang++-14 -xc++ -std=c++17")
failed=0
count=0

check() { # HEADER COMPILER...
    "${@:2}" "${flags[@]}" - <<<"#include <${1#include/}>" || {
        echo "check_headers: $1 does not compile with ${*:2}"
        failed=1
    }
    count=$((count + 1))
}

for header in include/holdfast/*.h; do
    for compiler in "${compilers[@]}"; do
        # shellcheck disable=SC2086 # words
        check "$header" $compiler
    done
done
cpp=(-xc++ -std=c++20 -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor)
for header in include/holdfast/*.hpp include/holdfast/cpp/*.hpp; do
    check "$header" g++ "${cpp[@]}"
done
for header in include/holdfast/holdfast.hpp include/holdfast/cpp/engine.hpp; do # these include the others
    check "$header" clang++-14 "${cpp[@]}"
done
[ "$failed" != 0 ] || echo "check_headers: $count compilations without a warning"
exit "$failed"
