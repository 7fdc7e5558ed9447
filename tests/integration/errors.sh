#!/usr/bin/env bash
# errors.sh BINARY_DIR [STEP [CALL...]] - an error at every nth call of each system call that storing rests on, n = 1, 2...
# until a whole life of the daemon passes without having made so many: it recovers what a killed one left,
# opens a session, is loaded over several segments and a snapshot, and stops. Each time it refuses its
# start, or halts and says why and its client is told, or goes on because it was harmless; then it starts
# without errors, and has all that was sequenced (P6). At the end every command of the client, which lives
# through all of that, is in the log once, and it has seen every report once.
#
# STEP: the first 16 calls of each one by one, then every STEP-th (8); the error is EIO for odd n and
# ENOSPC for even ones, of mmap ENOMEM.
TMPDIR=${HOLDFAST_ERRORS_DIRECTORY:-/dev/shm} # what fails is told, and need not take a disk's time
source "$(dirname "$0")/lib.sh" "$1"
step=${2:-8}
calls=("${@:3}")
[ ${#calls[@]} -gt 0 ] || calls=(msync fdatasync fsync fallocate rename unlink ftruncate pwrite mmap)
library=$bin/tests/libfailing.so
[ -e "$library" ] || { say "skipped: a sanitizer keeps these calls to itself"; exit 77; }
options=(-s wal.segment_kib=64 -s wal.flush_interval_us=5000 -s snapshot.every_records=500
    -s snapshot.every_s=1 -s log.keep_mib=8 -s limits.orders_max=4096 -s limits.session_orders_max=4096
    -s limits.levels_max=1024 -s limits.extras_max=64 -s limits.events_max=1024 -s limits.instruments_max=8
    -s market.slots=1024 -s wal.queue_slots=4096 -s instrument.SECOND.tick=1)
mkfifo "$dir/stop"
exec 9<>"$dir/stop"
mkdir "$dir/kept"
keep_segments() { ln -f "$log"/*.wal "$dir/kept"; } # retention will remove them

refused=0
halted=0
harmless=0

launch_failing() { # CALL:N:ERROR
    rm -f "$dir/failed"
    : >"$dir/run.out"
    daemon_command "${options[@]}"
    rm -f "$socket"
    HF_FAIL=$1 HF_FAILED=$dir/failed LD_PRELOAD=$library "${command[@]}" >"$dir/run.out" 2>&1 9<&- &
    daemon=$!
}

ended() { ! kill -0 "$daemon" 2>/dev/null; }
up_or_ended() { { [ -S "$socket" ] && status state >/dev/null 2>&1; } || ended; }

# A daemon ends with words and one of the exit codes that its manual names.
bury() { # WHAT
    local code=0
    wait "$daemon" || code=$?
    daemon=
    case $code in
    0 | 70 | 71 | 74 | 77) ;;
    *) fail "$1: exit code $code" ;;
    esac
    [ "$code" = 0 ] || grep -qE "^error: |HALTED" "$dir/run.out" || fail "$1: exit code $code without words"
    exit_code=$code
}

live() { # CALL:N:ERROR
    launch_failing "$1"
    until_true 10 up_or_ended || fail "$1: the start hangs"
    if ended; then
        bury "$1"
        [ "$exit_code" != 0 ] || fail "$1: ended without an error"
        refused=$((refused + 1))
        return
    fi
    timeout 10 "$bin/tests/hostile" churn "$socket" churner 1 >"$dir/churn.out" 2>&1 9<&- ||
        [ -e "$dir/failed" ] || fail "$1: a session cannot be opened"
    probe reach 2100 >"$dir/reached.out" || fail "$1: neither halted nor going on" # two segments
    read -r state sequenced history <"$dir/reached.out"
    [ "$state" != 3 ] || await_line "$dir/p1.out" "^halted" 10
    kill -TERM "$daemon"
    bury "$1"
    if [ "$exit_code" = 0 ]; then
        harmless=$((harmless + 1))
    else
        [ "$exit_code" = 74 ] || fail "$1: exit code $exit_code of a halted daemon"
        halted=$((halted + 1))
    fi
    keep_segments
}

recover() { # WHAT
    local known=$sequenced
    start_daemon "${options[@]}"
    probe reach 0 >"$dir/reached.out" || fail "$1: no status after the restart"
    read -r state sequenced history <"$dir/reached.out"
    [ "$sequenced" -ge "$known" ] || fail "$1: $known were sequenced, recovered $sequenced"
    [ "$history" = 1 ] || fail "$1: nothing was lost, but the history changed"
    : >"$dir/p1.out"
    kill_daemon # so that the next start has something to recover
    keep_segments
}

every_nth() { # CALL
    local n=1 error
    while :; do
        error=ENOSPC
        [ $((n % 2)) = 0 ] || error=EIO
        [ "$1" != mmap ] || error=ENOMEM
        live "$1:$n:$error"
        [ -e "$dir/failed" ] || break
        recover "$1:$n:$error"
        n=$((n < 16 ? n + 1 : n + step))
    done
    recover "no error of $1"
    say "$1: $((n - 1)) calls"
}

start_daemon "${options[@]}"
HF_PRODUCER_HALTS=1 "$bin/tests/producer" "$socket" p1 1 0 3000 <"$dir/stop" >>"$dir/p1.out" 2>&1 9<&- &
producer=$!
pids=("$producer")
await_line "$dir/p1.out" "^open" 10
sequenced=$(status sequenced)
kill_daemon
for call in "${calls[@]}"; do every_nth "$call"; done

start_daemon "${options[@]}"
kill -USR1 "$producer"
await_line "$dir/p1.out" "^answered" 20
sleep 0.3
exec 9>&-
wait "$producer" || fail "the producer found a violation"
pids=()
stop_daemon
keep_segments
"$bin/tests/check_log" "$dir/kept" "p1=1=$(sed -n 's/^answered //p' "$dir/p1.out")" others low >"$dir/check.out" ||
    fail "the log"
grep -qxF "$(grep "^p1 reports" "$dir/p1.out")" "$dir/check.out" || fail "other reports than the log gives"
for count in "$refused" "$halted" "$harmless"; do
    [ "$count" -gt 0 ] || [ $# -gt 2 ] || fail "not all three ends were seen: $refused refused, $halted halted, $harmless harmless"
done
say "errors at $((refused + halted + harmless)) calls: $refused starts refused, $halted halted, $harmless harmless"
