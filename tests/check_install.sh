#!/usr/bin/env bash
# check_install.sh BUILD_DIR - what `cmake --install` puts into a prefix is enough to build against it from
# outside, by pkg-config alone or CMake's find_package: client/examples/hello.c and the example of README.md, in
# C with both compilers and linked both ways, the examples by their Makefile, the Python module; and all of them
# work with the installed daemon and tool.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-install.XXXXXX")
instance=install$$
daemon=
cleanup() {
    [ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null || true
    rm -rf "$dir" /dev/shm/holdfast."$instance".*
}
trap cleanup EXIT
fail() {
    echo "check_install: FAILED: $*"
    cat "$dir"/*.out 2>/dev/null || true
    exit 1
}

cmake --install "$build" --prefix "$dir/prefix" >"$dir/install.out" || fail "the installation"
pc=$(find "$dir/prefix" -name holdfast.pc)
[ -n "$pc" ] || fail "no holdfast.pc"
export PKG_CONFIG_PATH=${pc%/*}
library_dir=$(pkg-config --variable=libdir holdfast)
case $library_dir in "$dir/prefix"/*) ;; *) fail "holdfast.pc says libdir=$library_dir" ;; esac
[ -d "$(pkg-config --variable=includedir holdfast)/holdfast" ] || fail "holdfast.pc says a wrong includedir"

# What the installed runbook has one run is there.
runbook=$dir/prefix/share/doc/holdfast/RUNBOOK.md
mapfile -t scripts < <(grep -oE '[^ `]*capacity\.sh' "$runbook" | sort -u)
[ ${#scripts[@]} -gt 0 ] || fail "the runbook names no capacity.sh"
for script in "${scripts[@]}"; do
    [[ $script == "$dir/prefix"/* && -x $script ]] || fail "the runbook names $script, which is not installed"
done

# The README's example: its block of C, from #include on.
awk '/^```/ { inside = $0 == "```c"; next } inside' README.md >"$dir/readme.c"
grep -q 'hf_submit' "$dir/readme.c" || fail "README.md has no example"
mapfile -t shared < <(pkg-config --cflags --libs holdfast | xargs -n 1)
mapfile -t static < <(pkg-config --static --cflags --libs holdfast | sed 's/-lholdfast/-l:libholdfast.a/' | xargs -n 1)
warnings=(-Wall -Wextra -Wpedantic -Werror)
examples=$dir/prefix/share/doc/libholdfast-dev/examples
env -u PKG_CONFIG_PATH make -C "$examples" PKG_CONFIG_PATH="$PKG_CONFIG_PATH" CXXFLAGS="-O0 ${warnings[*]}" CFLAGS="-O0 ${warnings[*]}" >"$dir/make.out" 2>&1 ||
    fail "the examples, by their Makefile"
for compiler in gcc clang-14; do
    command -v "$compiler" >/dev/null || continue
    for source in client/examples/hello.c "$dir/readme.c"; do
        name=$(basename "$source" .c)-$compiler
        "$compiler" -std=c17 "${warnings[@]}" "$source" -o "$dir/$name-shared" "${shared[@]}" ||
            fail "$source with $compiler"
        "$compiler" -std=c17 "${warnings[@]}" "$source" -o "$dir/$name-static" "${static[@]}" ||
            fail "$source with $compiler, statically"
    done
done
mkdir "$dir/outside"
cat >"$dir/outside/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.16)
project(outside LANGUAGES C)
find_package(holdfast 0.1 REQUIRED)
add_executable(hello-cmake-shared $PWD/client/examples/hello.c)
target_link_libraries(hello-cmake-shared PRIVATE holdfast::holdfast)
add_executable(hello-cmake-static $PWD/client/examples/hello.c)
target_link_libraries(hello-cmake-static PRIVATE holdfast::holdfast_static)
END
{ cmake -S "$dir/outside" -B "$dir/outside/build" -DCMAKE_PREFIX_PATH="$dir/prefix" \
    -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$dir" && cmake --build "$dir/outside/build"; } >"$dir/outside.out" 2>&1 ||
    fail "find_package(holdfast)"

ldd "$dir/hello-gcc-static" "$dir/hello-cmake-static" | grep -q libholdfast && fail "the static program needs the shared library"

# Run them; each takes the socket as its argument.
"$dir/prefix/sbin/holdfastd" -s instance.name="$instance" -s instance.directory="$dir/log" \
    -s instance.socket="$dir/sock" -s wal.segment_kib=4096 </dev/null >"$dir/daemon.out" 2>&1 &
daemon=$!
for _ in $(seq 1000); do
    "$dir/prefix/bin/holdfast" status -t 0 -S "$dir/sock" >/dev/null 2>&1 && break
    kill -0 "$daemon" 2>/dev/null || fail "the installed daemon ended"
    sleep 0.02
done
export LD_LIBRARY_PATH=$library_dir
programs=()
python=$(sed -n 's/^HF_PYTHON3:[A-Z]*=//p' "$build/CMakeCache.txt")
if [ -d "$dir/prefix/lib/python3/dist-packages/holdfast" ]; then # it finds the library that lies beside it
    printf '#!/bin/sh\nunset LD_LIBRARY_PATH\nexec "%s" "%s" "$@"\n' "$python" "$examples/hello.py" >"$dir/hello-python"
    chmod +x "$dir/hello-python"
    export PYTHONPATH=$dir/prefix/lib/python3/dist-packages
    programs+=("$dir/hello-python")
fi
for program in "${programs[@]}" "$examples/hello" "$examples/hello_cpp" "$dir"/hello-*-* "$dir"/readme-*-*; do
    timeout 30 "$program" "$dir/sock" >"$dir/program.out" 2>&1 || fail "$(basename "$program")"
    grep -q accepted "$dir/program.out" || fail "$(basename "$program") tells of no accepted order"
done
"$dir/prefix/bin/holdfast-bench" e2e --runs 1 --seconds 0.02 --scale 0.0005 --directory "$dir" \
    --only "saturated, memory, park" >"$dir/bench.out" 2>&1 || fail "holdfast-bench finds no installed daemon"
kill -TERM "$daemon"
wait "$daemon" || fail "the installed daemon did not stop cleanly"
daemon=
"$dir/prefix/sbin/holdfast-recover" verify "$dir/log" >"$dir/recover.out" || fail "the installed holdfast-recover"
echo "check_install: the installed library, daemon, tools and benchmark work; the README's example too"
