#!/usr/bin/env bash
# disk.sh BINARY_DIR - a full disk, a read-only one, one that is not ours, at start and in mid-run: the
# daemon says why it does not start, or refuses new orders and goes on with cancels, or halts; clients
# are told; what was sequenced is there after the restart (P3, P6).
source "$(dirname "$0")/lib.sh" "$1"
need_root
disk=$dir/disk
mkdir "$disk"
log=$disk/log

# mount_disk SIZE
mount_disk() {
    mount -t tmpfs -o "size=$1,mode=700" tmpfs "$disk" || { say "skipped: cannot mount"; exit 77; }
    mounts=("$disk")
}

unmount_disk() {
    umount "$disk"
    mounts=()
    rm -f /dev/shm/holdfast."$instance".*
}

# At start: full, read-only, another user's.
mount_disk 1m
head -c 2m /dev/zero >"$disk/eater" 2>/dev/null || true
expect_refusal 74 "No space left on device"
rm "$disk/eater"
head -c 600k /dev/zero >"$disk/eater"
expect_refusal 74 "making segment 1: No space left on device"
unmount_disk
mount_disk 64m
mount -o remount,ro "$disk"
expect_refusal 77 "Read-only file system"
mount -o remount,rw "$disk"
mkdir -m 700 "$log"
daemon_command
cp "$bin/holdfastd" "$dir/holdfastd"
code=0
setpriv --reuid=65534 --regid=65534 --clear-groups timeout 10 "$dir/holdfastd" "${command[@]:1}" \
    >"$dir/refused.out" 2>&1 || code=$?
[ "$code" = 77 ] || fail "another user's directory: exit code $code"
grep -q "Permission denied" "$dir/refused.out" || fail "another user's directory is not named"

# In mid-run: a file eats the space. New orders are refused, cancels are not; then the reserve is used
# up, and the daemon halts.
start_daemon -s wal.segment_kib=256 -s wal.reserve_segments=8
mkfifo "$dir/input"
exec 9<>"$dir/input"
"$bin/tests/probe" watch "$socket" watcher 2000 <"$dir/input" >"$dir/watch.out" 2>&1 9<&- &
watcher=$!
pids+=("$watcher")
await_line "$dir/watch.out" "^watching" 10
probe unread keeper 150 >"$dir/keeper.out" || fail "orders"
head -c 100m /dev/zero >"$disk/eater" 2>/dev/null || true
await_line "$dir/watch.out" "^rejected HF_REASON_DISK_LOW" 60
[ "$(status state)" = 2 ] || fail "the daemon halted before the reserve was used up"
[ "$(status disk_low)" = 1 ] || fail "the status does not say that space is low"
code=0
"$bin/holdfast" top --socket "$socket" --interval 0.1 --once >"$dir/top.out" 2>&1 || code=$?
[ "$code" = 69 ] || fail "top --once ends with $code while new orders are refused"
grep -qE "^holdfast $instance +full" "$dir/top.out" || fail "top does not say that space is low"

# A flood of new orders, for seconds: their rejects do not use up what is kept for cancels.
flood() { # new|cancel
    mkfifo "$dir/$1.input"
    exec 8<>"$dir/$1.input"
    "$bin/tests/probe" flood "$socket" "flood-$1" "$1" <"$dir/$1.input" >"$dir/flood-$1.out" 2>&1 \
        8<&- 9<&- &
    flooder=$!
    pids+=("$flooder")
    await_line "$dir/flood-$1.out" "^flooding" 10
}
flood new
probe cancels keeper 150 >"$dir/keeper.out" || fail "cancels do not get through a flood of new orders"
[ "$(status state)" = 2 ] || fail "a flood of new orders used up the reserve"
[ "$(status disk_low)" = 1 ] || fail "the status does not say that space is low any more"
exec 8>&-
wait "$flooder" || fail "the flood of new orders"
# Nor do those of a client that leaves a full ring behind, comes back and does it again.
for _ in 1 2; do probe leave crowd 4000 >"$dir/crowd.out" || fail "a client with a full ring"; done
again() { probe open crowd >"$dir/crowd.out"; [ $? = 1 ] && ! grep -q "HF_E_BUSY" "$dir/crowd.out"; }
until_true 5 again || fail "a client comes back as often as it likes"
grep -q "HF_AGAIN log space is low, and session 'crowd' has logged too much" "$dir/crowd.out" ||
    fail "it is not said why a client may not come back"
[ "$(status disk_low)" = 1 ] || fail "there was space while the client came back"
rm "$disk/eater" # just in time
space_again() { [ "$(status disk_low)" = 0 ]; }
until_true 60 space_again || fail "orders are refused although there is space again"
[ "$(status state)" = 2 ] || fail "the daemon halted before the reserve was used up"
head -c 100m /dev/zero >"$disk/eater" 2>/dev/null || true
flood cancel
await_line "$dir/watch.out" "HF_E_HALTED" 60
[ "$(status state)" = 3 ] || fail "the daemon does not say that it halted"
status halt_text | grep -q "no space for segment" || fail "the daemon does not say why it halted"
[ "$(status halt_code)" = 14 ] || fail "the halt's code is not HF_E_NO_SPACE"
[ "$(status durable)" -le "$(status written)" ] || fail "durable beyond what is written"
probe open another >"$dir/another.out" && fail "a halted daemon opens sessions"
grep -q "^HF_E_HALTED the daemon has halted: .*no space" "$dir/another.out" ||
    fail "an open is not told that the daemon has halted"
sequenced=$(status sequenced)
exec 8>&-
wait "$flooder" || fail "the flood of cancels"
stop_daemon 74

# What the log lacks is in shared memory: verify names the LSN that the next start will go on with.
"$bin/holdfast-recover" verify --json "$log" >"$dir/verify.out" || fail "the log of a halted daemon is not sound"
grep -q "\"memory_lsn\":$sequenced," "$dir/verify.out" || fail "verify --json does not say what shared memory knows"
logged=$(sed 's/.*"last_lsn":\([0-9]*\),.*/\1/' "$dir/verify.out")
[ "$logged" -lt "$sequenced" ] || fail "a full disk left nothing in shared memory alone"
"$bin/holdfast-recover" verify "$log" >"$dir/verify.out" || fail "the log of a halted daemon is not sound"
grep -qE "^SOUND: .* LSN $((logged + 1)) in epoch 2; with what shared memory holds, LSN $((sequenced + 1))$" "$dir/verify.out" ||
    fail "verify does not say where a start goes on"

# Still full: a start is refused and changes nothing. Then with space: everything sequenced is there.
expect_refusal 74 "No space left on device"
rm "$disk/eater"
start_daemon -s wal.segment_kib=256 -s wal.reserve_segments=4
[ "$(status durable)" -ge "$sequenced" ] || fail "sequenced $sequenced, recovered $(status durable)"
grep -q "epoch 2 history 1: running at LSN $((sequenced + 1)), " "$dir/daemon.out" || fail "verify named another LSN than the start"
[ "$(status history)" = 1 ] || fail "nothing was lost, but the history changed"
sleep 0.3
exec 9>&-
wait "$watcher" || fail "the watcher"
tail -n 1 "$dir/watch.out" | grep -q "history=1" || fail "the client was told of another history"
# Cancels got through while orders were refused.
accepted=$(sed -n 's/^accepted=\([0-9]*\).*/\1/p' "$dir/watch.out")
cancelled=$(sed -n 's/.*cancelled=\([0-9]*\)/\1/p' "$dir/watch.out")
[ "$accepted" -gt 0 ] && [ $((accepted - cancelled)) -le 2 ] ||
    fail "$accepted orders were accepted, but only $cancelled cancelled"
trip "a disk that was full"
stop_daemon
"$bin/tests/check_log" "$log" nobody=1=0 others >"$dir/check.out" || fail "the log"
unmount_disk
say "full and read-only disks: refused, halted, told, recovered"
