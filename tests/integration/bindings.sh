#!/usr/bin/env bash
# bindings.sh BINARY_DIR - the library from other languages than C, against a real daemon: every class of the
# C++ header and of the Python module, trading over a kill and a clean restart of the daemon, and reports that are
# lost. (A sanitized library cannot be loaded into Python.)
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

# all_of NAME COMMAND...: every class; then over restarts; then a session that falls behind
all_of() {
    local name=$1
    shift
    rm -rf "$log" /dev/shm/holdfast."$instance".*
    start_daemon
    timeout 300 "$@" "$socket" >"$dir/$name.out" 2>&1 || fail "$name"
    over_restarts "$name" "$@" restart "$socket"
    stop_daemon
    rm -rf "$log" /dev/shm/holdfast."$instance".*
    start_daemon -s limits.events_max=256 -s session.lag_max=1024
    timeout 300 "$@" lost "$socket" >"$dir/${name}_lost.out" 2>&1 || fail "$name, when reports are lost"
    stop_daemon
    say "$name: all of it"
}

all_of cpp "$bin/tests/cpp_client"
python_module || { say "no Python module here"; exit 0; }
all_of python "$python" -bb -W error "$(dirname "$0")/python_client.py"
