#!/usr/bin/env bash
# confined.sh BINARY_DIR - the daemon makes no system call that its unit forbids: all that it made while it
# started, traded, took a snapshot, was killed, recovered and stopped, over both ways to a disk, stand in the unit's
# SystemCallFilter=. And it gets on without a single capability.
source "$(dirname "$0")/lib.sh" "$1"
need_root
strace -e trace=none true 2>/dev/null || { say "skipped: strace does not work here"; exit 77; }
command -v systemd-analyze >/dev/null || { say "skipped: no systemd-analyze"; exit 77; }
unit=$(dirname "$0")/../../deploy/systemd/holdfastd.service.in

# The sets of a filter, and of the sets in them, to the last system call.
expand() {
    local name
    systemd-analyze syscall-filter "$1" | sed -n 's/^  *\([-@a-z0-9_]*\)$/\1/p' | while read -r name; do
        case $name in @*) expand "$name" ;; *) echo "$name" ;; esac
    done
}
: >"$dir/forbidden"
while read -r -a sets; do
    case ${sets[0]} in
    '~'*) for set in "${sets[@]#\~}"; do expand "$set"; done >>"$dir/forbidden" ;;
    *) for set in "${sets[@]}"; do expand "$set"; done >>"$dir/allowed" ;;
    esac
done < <(sed -n 's/^SystemCallFilter=//p' "$unit")
sort -u "$dir/allowed" | grep -vxFf "$dir/forbidden" >"$dir/filter"
[ "$(wc -l <"$dir/filter")" -gt 100 ] || fail "the unit's filter was not understood"

ulimit -l unlimited 2>/dev/null || true # as the unit
run() { # IO: a life of a daemon without capabilities, its system calls into a file
    daemon_command -s wal.io="$1" -s snapshot.every_records=100 -s memory.lock=yes
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all \
        --no-new-privs strace -f -qq -A -o "$dir/strace.$1" -e signal=none "${command[@]}" >>"$dir/daemon.out" 2>&1 &
    tracer=$!
    pids=("$tracer")
    until_true 5 pgrep -P "$tracer" >/dev/null || fail "no daemon with wal.io = $1"
    daemon=$(pgrep -P "$tracer")
    wait_running
}
for io in mmap direct; do
    run "$io"
    trip "an order"
    kill -9 "$daemon"
    wait "$tracer" 2>/dev/null || true
    run "$io"
    probe durable "$io" 300 >"$dir/client.out" || fail "orders"
    kill -TERM "$daemon"
    daemon=
    wait "$tracer" || fail "the stop"
    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$dir/strace.$io" | sort -u >>"$dir/made"
done
sort -u -o "$dir/made" "$dir/made"
for call in futex_waitv msync io_uring_setup; do
    grep -qx "$call" "$dir/made" || fail "the system calls were not seen: no $call"
done
outside=$({ grep -vxFf "$dir/filter" "$dir/made" || true; } | xargs)
[ -z "$outside" ] || fail "the unit forbids what the daemon does: $outside"
say "$(wc -l <"$dir/made") system calls, all of them among the unit's $(wc -l <"$dir/filter")"
