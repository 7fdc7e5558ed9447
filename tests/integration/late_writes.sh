#!/usr/bin/env bash
# late_writes.sh BINARY_DIR - the writes of a killed daemon go on without it (wal.io=direct, wal/io_direct.h: D3).
# On a disk that is made slow for it (cgroup v1, blkio) it is killed in the middle of a flush; its process is
# gone at once, its writes are not: the file's lock says so. The next daemon, for whom the disk is fast, waits for
# them before it reads the log and ends its tail. Then: every command in the log once, every report seen once.
# (A daemon that does not wait is found by the simulator: here ext4 makes it wait, when it punches a hole.)
# Needs root, loop devices and that cgroup.
source "$(dirname "$0")/lib.sh" "$1"
need_root
if is_audited; then
    say "skipped: an audited build is slower than the slowed disk"
    exit 77
fi
group=/sys/fs/cgroup/blkio/holdfast.$$
mkdir "$group" 2>/dev/null && [ -e "$group/blkio.throttle.write_bps_device" ] ||
    { rmdir "$group" 2>/dev/null; say "skipped: no blkio cgroup here"; exit 77; }
loop=
release() {
    [ -z "$loop" ] || losetup -d "$loop" 2>/dev/null || true
    until_true 5 rmdir "$group" 2>/dev/null || true
}
trap 'cleanup; release' EXIT

truncate -s 512m "$dir/image"
loop=$(losetup -f --show "$dir/image") || { say "skipped: no loop device"; exit 77; }
disk=$dir/disk
log=$disk/log
mkdir "$disk"
mkfs.ext4 -qF -b 4096 "$loop"
mount -t ext4 "$loop" "$disk"
mounts=("$disk")

# No checkpointer: on a busy host a thread that only idles takes its time to die, and the process with it.
options=(-s wal.io=direct -s wal.segment_kib=16384 -s wal.flush_interval_us=20000 -s instrument.SECOND.tick=1
    -s snapshot.every_records=0 -s snapshot.every_s=0)
mkfifo "$dir/stop"
exec 9<>"$dir/stop" # keeps the producer's standard input open
start_daemon "${options[@]}"
"$bin/tests/producer" "$socket" p1 1 0 50000 <"$dir/stop" >"$dir/p1.out" 2>&1 9<&- &
producer=$!
pids=("$producer")
await_line "$dir/p1.out" "^open" 10

# A daemon that lays zeros would be held up by these itself. Where none are laid yet extents are unwritten.
zeros_are_laid() {
    local files=("$log"/*.wal)
    [ "${#files[@]}" -gt "$1" ] && ! filefrag -v "${files[@]}" | grep -q unwritten
}
slow_down() { # 1 MB/s: what the queue holds takes seconds, and goes through io_uring
    echo "$(($(stat -c 0x%t "$loop"))):$(($(stat -c 0x%T "$loop"))) 1000000" >"$group/blkio.throttle.write_bps_device"
    echo "$daemon" >"$group/cgroup.procs"
}
far_behind() { [ $(($(status written) - $(status durable))) -gt 40000 ]; }
lock_is_held() { # of any segment
    local file
    for file in "$log"/*.wal; do flock -n -x "$file" true || return 0; done
    return 1
}

late=0
for turn in 0 1 2 3; do
    until_true 10 zeros_are_laid $((turn + 1)) || fail "no zeros"
    slow_down
    until_true 10 far_behind || fail "a slow disk keeps up"
    kill_daemon
    lock_is_held && late=$((late + 1))
    launch_daemon "${options[@]}"
    wait_running
done
[ "$late" -gt 0 ] || fail "no write outlived its daemon in four kills"

kill -USR1 "$producer"
await_line "$dir/p1.out" "^answered" 20
commands=$(sed -n 's/^answered //p' "$dir/p1.out")
sleep 0.3
exec 9>&-
for pid in "${pids[@]}"; do wait "$pid" || fail "the producer found a violation"; done
pids=()
stop_daemon
"$bin/tests/check_log" "$log" "p1=1=$commands" >"$dir/check.out" || fail "the log"
grep -qxF "$(grep "^p1 reports" "$dir/p1.out")" "$dir/check.out" || fail "other reports than the log gives"
say "writes outlived their daemon in $late of 4 kills; $commands commands once each"
