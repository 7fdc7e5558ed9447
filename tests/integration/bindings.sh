#!/usr/bin/env bash
# bindings.sh BINARY_DIR - the library from other languages than C, against a real daemon: every class of the
# C++ header and of the Python module, and trading over a kill and a clean restart of the daemon. (A sanitized
# library cannot be loaded into Python.)
source "$(dirname "$0")/lib.sh" "$1"

# over_restarts NAME COMMAND...: trades until its input ends, and says how many reports it has read
over_restarts() {
    mkfifo "$dir/$1.input"
    exec 9<>"$dir/$1.input"
    "${@:2}" <"$dir/$1.input" >"$dir/$1.out" 2>&1 9<&- &
    local pid=$!
    pids+=("$pid")
    await_line "$dir/$1.out" "^ready" 10
    sleep 0.2
    kill_daemon
    sleep 0.2
    start_daemon
    sleep 0.2
    stop_daemon
    start_daemon
    sleep 0.2
    exec 9>&-
    wait "$pid" || fail "$1, over restarts of the daemon"
    grep -qE "^reports [1-9][0-9]" "$dir/$1.out" || fail "$1 has read no reports"
    say "$1: $(tail -n 1 "$dir/$1.out")"
}

start_daemon
timeout 300 "$bin/tests/cpp_client" "$socket" >"$dir/cpp.out" 2>&1 || fail "the C++ header"
over_restarts cpp_restart "$bin/tests/cpp_client" restart "$socket"
stop_daemon
say "the C++ header, all of it"

python_module || { say "no Python module here"; exit 0; }
client=$(dirname "$0")/python_client.py
rm -rf "$log" /dev/shm/holdfast."$instance".*
start_daemon
timeout 300 "$python" -bb -W error "$client" "$socket" >"$dir/python.out" 2>&1 || fail "the Python module"
over_restarts python_restart "$python" "$client" restart "$socket"
stop_daemon
say "the Python module, all of it"
