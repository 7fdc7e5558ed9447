#!/usr/bin/env bash
# run.sh - install what is missing, build, and run all tests. On Debian 12, as root or with sudo.
#
#   layers, format   text checks of the sources
#   headers          the public headers in C17 and C++17, gcc and clang
#   release          gcc -O3, all tests
#   sanitized        clang, AddressSanitizer and UBSan, the state machine audited after every record;
#                    the unit tests (the scripts with real processes run on the release build)
#   races            clang, ThreadSanitizer, the stress programs
#   install          an example built from outside against an installed tree
#
# Ends with the time of each step; the exit code is 0 when all of them passed.
set -uo pipefail
cd "$(dirname "$0")/.."
build=${HF_BUILD:-build}
jobs=$(nproc)
failed=()
times=()

step() { # NAME COMMAND...
    local name=$1 begin=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    if "$@"; then
        times+=("$name: $((SECONDS - begin)) s")
    else
        times+=("$name: FAILED after $((SECONDS - begin)) s")
        failed+=("$name")
    fi
}

configure_and_build() { # DIRECTORY OPTIONS...
    local directory=$1
    shift
    cmake -B "$directory" -G Ninja "$@" >"$directory.log" 2>&1 &&
        cmake --build "$directory" -j "$jobs" >>"$directory.log" 2>&1 && return
    tail -n 40 "$directory.log"
    return 1
}

release() {
    configure_and_build "$build/release" -DCMAKE_C_COMPILER=gcc &&
        ctest --test-dir "$build/release" -j "$jobs" --output-on-failure
}

sanitized() {
    configure_and_build "$build/sanitized" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug \
        -DHF_SANITIZE=address -DHF_EXPENSIVE_CHECKS=ON &&
        ctest --test-dir "$build/sanitized" -j "$jobs" -E '^integration/' --output-on-failure
}

races() {
    configure_and_build "$build/races" -DCMAKE_C_COMPILER=clang -DHF_SANITIZE=thread &&
        ctest --test-dir "$build/races" -R '^stress/' --output-on-failure
}

headers() {
    local header result=0
    for header in include/holdfast/*.h; do
        for compiler in gcc clang; do
            echo "#include <holdfast/$(basename "$header")>" |
                "$compiler" -x c -std=c17 -Iinclude -Wall -Wextra -Wpedantic -Werror -fsyntax-only - ||
                result=1
        done
        [ "$(basename "$header")" = record.h ] && continue # the log's format, for C alone
        for compiler in g++ clang++; do
            echo "#include <holdfast/$(basename "$header")>" |
                "$compiler" -x c++ -std=c++17 -Iinclude -Wall -Wextra -Wpedantic -Werror \
                    -fsyntax-only - || result=1
        done
    done
    return $result
}

install_and_use() {
    local prefix
    prefix=$(mktemp -d) || return 1
    cmake --install "$build/release" --prefix "$prefix" >/dev/null &&
        export PKG_CONFIG_PATH=$(echo "$prefix"/lib*/pkgconfig "$prefix"/lib/*/pkgconfig | tr ' ' ':') &&
        cc -std=c17 client/examples/hello.c \
            $(pkg-config --define-variable=prefix="$prefix" --cflags --libs holdfast) \
            -o "$prefix/hello"
    local result=$?
    rm -rf "$prefix"
    return $result
}

mkdir -p "$build"
./deploy/install_packages.sh || exit 1
step layers tests/check_layers.sh
step format tests/check_format.sh
step headers headers
step release release
step install install_and_use
step sanitized sanitized
step races races

printf '\n=== Summary\n'
printf '%s\n' "${times[@]}"
if [ ${#failed[@]} -gt 0 ]; then
    echo "FAILED: ${failed[*]}"
    exit 1
fi
echo "All steps passed."
