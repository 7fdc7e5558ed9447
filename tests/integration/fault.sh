#!/usr/bin/env bash
# fault.sh BINARY_DIR - a flush that fails: the daemon halts at once, calls nothing durable that the
# failed flush was to bring to the medium, tells its clients, and the next start recovers everything
# that was sequenced from the queue in shared memory (P6). Once by an injected EIO of msync, at several
# moments; once by a file system that is shut down underneath.
source "$(dirname "$0")/lib.sh" "$1"
need_root
mkfifo "$dir/input"
exec 9<>"$dir/input"

watch_client() {
    "$bin/tests/probe" watch "$socket" watcher 2000 <"$dir/input" >"$dir/watch.out" 2>&1 9<&- &
    watcher=$!
    pids=("$watcher")
    await_line "$dir/watch.out" "^watching" 5
}

check_halted() { # WHAT
    await_line "$dir/watch.out" "HF_E_HALTED" 20
    alive "$1"
    [ "$(status state)" = 3 ] || fail "$1: the state is not halted"
    status halt_text | grep -q "flush at offset" || fail "$1: the halt does not say why"
    durable=$(status durable)
    sequenced=$(status sequenced)
    [ "$durable" -lt "$sequenced" ] || fail "$1: durable $durable, sequenced $sequenced"
    sleep 0.3
    [ "$(status durable)" = "$durable" ] || fail "$1: durable moved after the halt"
}

check_recovered() { # WHAT
    [ "$(status durable)" -ge "$sequenced" ] ||
        fail "$1: $sequenced were sequenced, recovered $(status durable)"
    [ "$(status history)" = 1 ] || fail "$1: nothing was lost, but the history changed"
    kill -9 "$watcher"
    wait "$watcher" 2>/dev/null || true
    pids=()
    trip "$1"
    stop_daemon
    "$bin/tests/check_log" "$log" nobody=1=0 others >"$dir/check.out" || fail "$1: the log"
}

# An msync that fails: strace follows the sync thread alone.
if command -v strace >/dev/null && strace -e trace=none true 2>/dev/null; then
    for nth in 1 7 40; do
        start_daemon -s wal.segment_kib=64
        watch_client
        thread=$(grep -lx hf-sync /proc/"$daemon"/task/*/comm | cut -d/ -f5)
        strace -qq -p "$thread" -o "$dir/strace.txt" -e trace=msync \
            -e inject=msync:error=EIO:when="$nth" 9<&- &
        tracer=$!
        pids+=("$tracer")
        check_halted "msync $nth"
        grep -c "INJECTED" "$dir/strace.txt" | grep -qx 1 || fail "msync $nth: flushed again after an error"
        stop_daemon 74
        wait "$tracer" 2>/dev/null || true
        start_daemon -s wal.segment_kib=64
        check_recovered "msync $nth"
    done
else
    say "strace does not work here: no injected errors"
fi

# A file system that goes away: every flush fails from then on.
if command -v xfs_io >/dev/null && command -v mkfs.ext4 >/dev/null; then
    disk=$dir/disk
    log=$disk/log
    rm -f /dev/shm/holdfast."$instance".*
    mkdir "$disk"
    head -c 32m /dev/zero >"$dir/image"
    mkfs.ext4 -qF "$dir/image"
    mount_image() { mount -o loop "$dir/image" "$disk" 2>/dev/null || return 1; mounts=("$disk"); }
    if mount_image; then
        start_daemon -s wal.segment_kib=256
        watch_client
        sleep 0.3
        xfs_io -x -c shutdown "$disk" # without a flush of its journal
        check_halted "shutdown"
        stop_daemon 74
        umount "$disk"
        mount_image
        start_daemon -s wal.segment_kib=256
        check_recovered "shutdown"
        umount "$disk"
        mounts=()
    else
        say "no loop device here: no shut-down file system"
    fi
fi
exec 9>&-
say "failed flushes: halted, told, recovered"
