#!/usr/bin/env bash
# run.sh - install what is missing, build, and run all tests; on Debian 12, as root or with sudo.
#
#   layers      no #include breaks the layers; the core is pure
#   headers     the public headers alone, in C17 and C++17, with gcc and clang
#   format      clang-format, clang-tidy
#   gcc         release build: unit tests, model, recordings, integration with real processes, installation,
#               determinism over compilers
#   sanitizers  clang, debug, AddressSanitizer and UBSan, the state machine audited after every command
#   races       clang, ThreadSanitizer: the stress programs
#   fuzz        clang, AddressSanitizer and UBSan: every target of tests/fuzz for a minute, two at a time
#   coverage    lines and branches of lib/core that its tests reach, with their limits
#
# A failed step does not keep the others from running. Ends with a table of the steps; the exit code is 0
# when all passed. Builds into build-gcc, build-asan, build-tsan, build-fuzz, build-coverage; run.sh STEP... runs these steps
# only.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
table=
failed=0
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-14)
export ASAN_SYMBOLIZER_PATH

step() { # NAME FUNCTION [ARGUMENT...]
    local name=$1 begin=$SECONDS result=passed
    shift
    printf '\n=== %s\n' "$name"
    "$@" || { result=FAILED; failed=1; }
    table+=$(printf '  %-12s %-7s %5d s' "$name" "$result" $((SECONDS - begin)))$'\n'
}

build() { # DIRECTORY TARGETS CMAKE_OPTION...; what the tools say is shown when they fail
    local directory=$1 log=$1/build.log targets=$2
    shift 2
    mkdir -p "$directory" || return
    # shellcheck disable=SC2086 # words
    { cmake -S . -B "$directory" -G Ninja "$@" && cmake --build "$directory" --target $targets; } \
        >"$log" 2>&1 || {
        grep -v '^\[[0-9]*/[0-9]*\] \(Building\|Linking\)' "$log" | tail -n 100
        echo "The build in $directory failed; all of it is in $log."
        return 1
    }
}

run_tests() { # DIRECTORY [CTEST_OPTION...]; many tests wait more than they work
    ctest --test-dir "$1" --output-on-failure --no-tests=error -j "$((2 * $(nproc)))" "${@:2}"
}

gcc_release() {
    build build-gcc all -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
        -DCMAKE_BUILD_TYPE=Release &&
        run_tests build-gcc
}

sanitizers() {
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=print_stacktrace=1
    build build-asan all -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 \
        -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG='-g -O1' \
        -DHF_SANITIZE=address -DHF_EXPENSIVE_CHECKS=ON &&
        run_tests build-asan
}

races() {
    local programs
    programs=$(basename -s .c -a tests/stress/*.c | sed 's/^/stress_/' | xargs)
    export TSAN_OPTIONS=halt_on_error=1
    build build-tsan "$programs" -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 \
        -DCMAKE_BUILD_TYPE=Release -DHF_SANITIZE=thread &&
        run_tests build-tsan -R '^stress/'
}

fuzz() {
    build build-fuzz fuzz -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 \
        -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG='-g -O1' -DHF_FUZZ=ON \
        -DHF_EXPENSIVE_CHECKS=OFF &&
        HF_FUZZ_BUILD=build-fuzz tests/fuzz/run.sh 60
}

run_step() {
    case $1 in
    layers) step layers tests/check_layers.sh ;;
    headers) step headers tests/check_headers.sh ;;
    format) step format tests/check_format.sh build-tidy ;;
    gcc) step gcc gcc_release ;;
    sanitizers) step sanitizers sanitizers ;;
    races) step races races ;;
    fuzz) step fuzz fuzz ;;
    coverage) step coverage tests/coverage.sh build-coverage ;;
    *)
        sed -n '2,17s/^# \{0,1\}//p' tests/run.sh >&2
        exit 64
        ;;
    esac
}

./deploy/install_packages.sh check || exit
[ $# -gt 0 ] || set -- layers headers format gcc sanitizers races fuzz coverage
for name in "$@"; do
    run_step "$name"
done

printf '\n=== Summary\n%s  %-12s %-7s %5d s\n' "$table" total "$([ $failed = 0 ] && echo passed || echo FAILED)" "$SECONDS"
exit $failed
