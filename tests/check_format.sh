#!/usr/bin/env bash
# check_format.sh [DIRECTORY] - every C source, and what users see of C++, is as .clang-format says (but the common stream, which came
# as it is), and clang-tidy, with the checks of .clang-tidy, has nothing to say about lib, daemon and
# client and the headers that they include. (The tests, too, would double the time.)
#
# DIRECTORY (default build-tidy) holds the list of compilations that clang-tidy reads. HF_TIDY_NODES is how many
# states its analyzer walks of one function; its own default, 225000, takes four times as long: by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
directory=${1:-build-tidy}
nodes=${HF_TIDY_NODES:-50000}

mapfile -t sources < <({
    find include lib daemon client tests -name '*.[ch]' ! -path tests/bench/stream.h
    find include client tests/integration -name '*.[ch]pp'
})
clang-format-14 --dry-run -Werror "${sources[@]}"

cmake -S . -B "$directory" -G Ninja -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DHF_TESTS=OFF >/dev/null
tidy() { # one file; quiet when there is nothing to say
    local output
    output=$(clang-tidy-14 -p "$directory" --quiet --extra-arg=-Xclang --extra-arg=-analyzer-config \
        --extra-arg=-Xclang --extra-arg=max-nodes="$nodes" "$1" 2>&1) || {
        printf '%s\n' "$output"
        return 1
    }
}
export -f tidy
export directory nodes
# shellcheck disable=SC2016 # the inner shell expands it
find lib daemon client -name '*.c' -print0 |
    xargs -0 -n 1 -P "$(nproc)" bash -c 'tidy "$1"' tidy
echo "check_format: ${#sources[@]} files formatted; clang-tidy is silent"
