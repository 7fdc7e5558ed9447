#!/usr/bin/env bash
# recover_held.sh BINARY_DIR - a daemon that keeps its log short waits for who copies it: backup and archive are
# stopped in the midst while segments fall due, and find all of them. But it does not wait for ever: who is
# stopped for longer begins anew, or says what is gone.
source "$(dirname "$0")/lib.sh" "$1"
recover=$bin/holdfast-recover
strace -e trace=none true 2>/dev/null || { say "skipped: strace does not work here"; exit 77; }
small+=(-s limits.orders_max=1024 -s limits.session_orders_max=512 -s limits.levels_max=256
    -s limits.extras_max=64)
options=(-s wal.segment_kib=64 -s snapshot.every_records=1000000 -s log.keep_mib=1 -s instance.after_loss=open)
start_daemon "${options[@]}"

# A clean stop leaves a snapshot, and removes what may go: no checkpointer is waited for.
orders() {
    probe durable client 6000 >"$dir/client.out" || fail "orders"
    stop_daemon
    start_daemon "${options[@]}"
}
first_segment() { local files=("$log"/*.wal); basename "${files[0]}" .wal | sed 's/^0*//'; }
path_of() { printf '%s/%020d.wal' "$log" "$1"; }
is_gone() { [ ! -e "$(path_of "$1")" ]; }
json() { tail -n 1 "$dir/copy.out" | grep -oE "\"$1\":[0-9]+" | head -n 1 | sed 's/^[^:]*://'; }

# stop_in_the_midst SEGMENT TIMES COMMAND...: the copy is begun, and stopped where it opens that segment for
# the first time, or the second: it is scanned first
stop_in_the_midst() {
    local segment=$1 times=$2
    shift 2
    rm -f "$dir/strace.txt"
    # A sanitizer cannot look for leaks in a program that is traced.
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 strace -qq -o "$dir/strace.txt" -P "$(path_of "$segment")" -e trace=openat \
        -e inject=openat:signal=SIGSTOP:when="$times" "$recover" "$@" >"$dir/copy.out" 2>"$dir/copy.err" </dev/null 9<&- &
    tracer=$!
    pids+=("$tracer")
    until_true 20 is_stopped || fail "$1 is not stopped at segment $segment"
    copier=$(pgrep -P "$tracer")
    pids+=("$copier")
}
is_stopped() { [ -s "$dir/strace.txt" ] && grep -q "stopped by SIGSTOP" "$dir/strace.txt"; }
# go_on EXIT_CODE: and the copy ends with it
go_on() {
    local code=0
    kill -CONT "$copier"
    wait "$tracer" || code=$?
    [ "$code" = "$1" ] || {
        cat "$dir/copy.err"
        fail "the copy ended with exit code $code, not $1"
    }
}
said() { grep -qE -- "$1" "$dir/copy.out" "$dir/copy.err" || fail "'$1' is not said"; }
not_said() { ! grep -qE -- "$1" "$dir/copy.out" "$dir/copy.err" || fail "'$1' is said"; }
waits() { tail -n 6 "$dir/daemon.out" | grep -q "another program reads the log: nothing is removed now"; }
grow() { # until the log is so many MiB long that segments fall due, and the daemon waits
    for _ in $(seq 8); do
        orders
        ! waits || return 0
    done
    fail "nothing falls due while the log is held"
}
grow_until_gone() { # SEGMENT
    for _ in $(seq 16); do
        ! is_gone "$1" || return 0
        orders
    done
    fail "segment $1 stays for ever"
}

# Held: all of it is there until the copy is made.
orders
stop_in_the_midst 2 1 backup --json "$log" --to "$dir/backup"
grow
! is_gone 1 || fail "a segment is removed under a backup"
go_on 0
not_said "once more"
[ "$(json first_lsn)" = 1 ] || fail "a backup that is waited for begins with LSN $(json first_lsn)"
grow_until_gone 1

first=$(first_segment)
stop_in_the_midst $((first + 1)) 2 archive "$log" --to "$dir/archive"
grow
! is_gone "$first" || fail "a segment is removed under an archive"
go_on 0
not_said "once more"
[ -e "$dir/archive/$(printf '%020d' "$first").wal.zst" ] || fail "the archive lacks segment $first"
grow_until_gone "$first"

# Overtaken: held for too long.
first=$(first_segment)
stop_in_the_midst $((first + 1)) 1 backup --json "$log" --to "$dir/second"
grow_until_gone $((first + 2))
await_line "$dir/daemon.out" "log retention: another program has read the log for too long: it is not waited for" 10
go_on 0
said "the daemon has shortened the log meanwhile: once more"
"$recover" verify "$dir/second" >"$dir/verify.out" || fail "a backup that was begun anew is not sound"
grow_until_gone "$(first_segment)"

first=$(first_segment)
stop_in_the_midst $((first + 1)) 2 archive "$log" --to "$dir/archives"
grow_until_gone $((first + 2))
go_on 73
said "the daemon has shortened the log meanwhile: once more"
said "ends with segment $((first + 1)), and the log begins with segment [0-9]*: what was between is gone"
stop_daemon
say "who copies the log is waited for, but not for ever"
