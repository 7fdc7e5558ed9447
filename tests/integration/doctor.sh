#!/usr/bin/env bash
# doctor.sh BINARY_DIR - the doctor beside a real daemon sees where it runs and what it does, measures nothing
# that the daemon would feel, and says by its exit code whether safety is endangered.
source "$(dirname "$0")/lib.sh" "$1"
need_root
doctor() { # EXIT_CODE OPTION...
    local want=$1 code=0
    shift
    "$bin/holdfast" doctor "$@" >"$dir/doctor.out" 2>&1 || code=$?
    [ "$code" = "$want" ] || fail "doctor $* ended with $code, not $want"
}
says() { grep -qE -- "$1" "$dir/doctor.out" || fail "the doctor does not say '$1'"; }

cpu=$(nproc)
start_daemon -s threads.engine_cpu=$((cpu - 1)) -s wal.segment_kib=132
trip "an order to be flushed"
# The host may be what it likes: only what is the daemon's counts here.
code=0
"$bin/holdfast" doctor -S "$socket" >"$dir/doctor.out" 2>&1 || code=$?
[ "$code" -le 1 ] || fail "doctor ended with $code"
says "running as process $daemon, log in $log"
says "engine on CPU $((cpu - 1))"
says "fine +mode +wal.mode = group"
says "the daemon's flushes: p50 [0-9.]+, p99 [0-9.]+, max"
says "unknown +noise +not measured"
says "[0-9]+ segments of 132 KiB"
says "of the daemon's [0-9]+ MiB lie in huge pages"

# A daemon that stands still is there: nobody is told of a time that he gave, or that it does not run.
kill -STOP "$daemon"
callers=()
for call in "doctor" "status" "submit --session still --cancel 1" "md --once DEMO"; do
    "$bin/holdfast" $call -S "$socket" >"$dir/${call%% *}_still.out" 2>&1 &
    callers+=($!)
done
for caller in "${callers[@]}"; do
    code=0
    wait "$caller" || code=$?
    [ "$code" = 69 ] || fail "a caller of a daemon that stands still ends with $code"
done
kill -CONT "$daemon"
for call in doctor status submit md; do
    grep -q "a daemon is there, but does not answer: is its process stopped" "$dir/${call}_still.out" ||
        fail "$call does not say that the daemon does not answer"
done
! grep -q -- "--config" "$dir/doctor_still.out" || fail "the doctor takes a daemon that stands still for none"

printf '[instance]\nname = %s\ndirectory = %s\nsocket = %s\n' "$instance" "$log" "$socket" >"$dir/holdfast.conf"
"$bin/holdfast" doctor --config "$dir/holdfast.conf" >"$dir/doctor.out" 2>&1 || true
says "unknown +noise"
stop_daemon
"$bin/holdfast" doctor --config "$dir/holdfast.conf" >"$dir/doctor.out" 2>&1 || true
says "a write and its flush: p50"
says "spun for"
leftover=("$log"/.holdfast* "$dir"/.holdfast*)
[ ${#leftover[@]} = 0 ] || fail "the doctor left ${leftover[*]}"

# What endangers safety: a log in memory, and a mode without flushes.
printf '[instance]\nname = %s\ndirectory = /dev/shm/%s\nsocket = %s\n' "$instance" "$instance" "$socket" >"$dir/holdfast.conf"
if findmnt -n -o FSTYPE /dev/shm | grep -q tmpfs; then
    doctor 1 --config "$dir/holdfast.conf" --measure never
    says "^UNSAFE +filesystem +/dev/shm/$instance is on tmpfs"
fi
start_daemon -s wal.mode=memory
doctor 1 -S "$socket"
says "^UNSAFE +mode +wal.mode = memory"
doctor 69 -i nobody-here
say "the doctor sees what a daemon does, and what endangers it"
