#!/usr/bin/env bash
# shutdown.sh BINARY_DIR [--fs xfs|ext4] [--cycles N] [--io WAY] [--plant BUG] - a file system that ends in the
# midst (FS_IOC_SHUTDOWN: what its journal has not written is gone, and every call from then on is an EIO): a
# daemon under load on it, N times. It must halt and say why; the file system is mounted again; then what was
# called durable must be there, and a start goes on, half of the time with the shared memory of a host that did
# not go down: then with every command that was sequenced. With --plant the daemon has a bug
# (base/planted.h), which must be found. By hand: root, loop devices, xfsprogs.
if [ -z "${HOLDFAST_OWN_MOUNTS-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "shutdown: skipped: needs root"; exit 77; }
    HOLDFAST_OWN_MOUNTS=yes exec unshare -m "$0" "$@"
fi
source "$(dirname "$0")/../integration/lib.sh" "$1"
shift
fs=xfs
cycles=500
io=auto
while [ $# -gt 0 ]; do
    case $1 in
    --fs) fs=$2 ;;
    --cycles) cycles=$2 ;;
    --io) io=$2 ;;
    --plant) export HF_PLANT=$2 ;;
    *) echo "shutdown: unknown option $1" >&2; exit 64 ;;
    esac
    shift 2
done
command -v xfs_io mkfs."$fs" >/dev/null || { say "skipped: no xfs_io or no mkfs.$fs"; exit 77; }
cmake --build "$bin" --target power >"$dir/build.out" 2>&1 || fail "the programs do not build (libfuse3-dev?)"

image=/dev/shm/holdfast-shutdown.$$
disk=$dir/disk
log=$disk/log
loop=
trap 'cleanup; rm -f "$image"; [ -z "$loop" ] || losetup -d "$loop"' EXIT
options=(-s wal.io="$io" -s wal.flush_interval_us=2000 -s snapshot.every_records=1500 -s snapshot.every_s=1
    -s log.keep_mib=1 -s wal.segment_kib=64 -s limits.orders_max=1024 -s limits.session_orders_max=1024
    -s limits.levels_max=256 -s limits.extras_max=64 -s limits.events_max=256 -s limits.sessions_max=4
    -s limits.instruments_max=4 -s instance.after_loss=open)

# What was found wrong: what a planted bug is for.
violation() {
    if [ -n "${HF_PLANT-}" ]; then
        say "$HF_PLANT is found in cycle $cycle: $*"
        exit 0
    fi
    fail "cycle $cycle: $*"
}
launch() {
    daemon_command "${options[@]}"
    command[0]=$bin/tests/power/power_daemon
    in_boot
    rm -f "$socket"
    "${command[@]}" >"$dir/daemon.out" 2>&1 9<&- &
    daemon=$!
    until_true 10 runs_or_ended
    runs || violation "the daemon does not start again: $(tail -n 1 "$dir/daemon.out")"
}
runs() { [ -S "$socket" ] && status state >/dev/null 2>&1; }
runs_or_ended() { runs || ! kill -0 "$daemon" 2>/dev/null; }
# It says so, and goes on answering; or a mapped page was gone (SIGBUS): then it says so and ends.
has_halted() { grep -q "HALTED (" "$dir/daemon.out"; }
verify() {
    command=("$bin/holdfast-recover" verify --floor "$noted" "$log")
    in_boot # the status page is of that boot
    "${command[@]}" >"$dir/verify.out" 2>&1
}
known() { sed -n "s/.*shared memory knows LSN \([0-9]*\), durable \([0-9]*\)$/\\$1/p" "$dir/verify.out"; }
has_noted() { [ -s "$dir/note" ]; }
unmounted() { umount "$disk" 2>/dev/null; }
last_note() { od -An -tu8 -w8 -v "$dir/note" | tail -n 1 | tr -d ' '; }

truncate -s 320m "$image" # the least that mkfs.xfs takes
mkfs."$fs" -q "$image"
loop=$(losetup -f --show "$image")
mkdir "$disk"
mount "$loop" "$disk"
mounts=("$disk")
new_boot
noted=0
kept=0
faults=0
for cycle in $(seq "$cycles"); do
    launch
    [ "$(status durable)" -ge "$noted" ] || violation "a start ends at LSN $(status durable), but $noted was durable"
    : >"$dir/note"
    "$bin/tests/power/power_load" "$socket" "$dir/note" 60 >"$dir/load.out" 2>&1 &
    load=$!
    pids=("$load")
    until_true 10 has_noted || fail "the load does not begin: $(cat "$dir/load.out")"
    sleep "0.$(printf %03d $((RANDOM % 150)))"
    how=
    [ $((RANDOM % 4)) != 0 ] || how=-f # the journal is written first
    xfs_io -x -c "shutdown $how" "$disk" >"$dir/xfs_io.out" 2>&1 || fail "xfs_io: $(cat "$dir/xfs_io.out")"
    until_true 10 has_halted || violation "the daemon has not halted, although its disk is gone"
    grep -q "HALTED (HF_E_IO)" "$dir/daemon.out" || violation "it halted for another reason: $(tail -n 1 "$dir/daemon.out")"
    ! grep -q "SIGBUS" "$dir/daemon.out" || faults=$((faults + 1))
    kill -9 "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    daemon=
    wait "$load" || violation "the client: $(tail -n 1 "$dir/load.out")"
    pids=()
    noted=$(last_note)
    until_true 10 unmounted || fail "the file system is in use"
    mount "$loop" "$disk" || fail "$fs is not mounted again"
    verify || violation "LSN $noted was durable: $(tail -n 2 "$dir/verify.out" | tr '\n' ' ')"
    [ "$noted" -le "$(known 2)" ] || violation "LSN $noted is noted, but the status page has $(known 2)"
    noted=$(known 2)
    if [ $((RANDOM % 2)) = 0 ]; then
        noted=$(known 1) # the host goes on: with all that was sequenced
        kept=$((kept + 1))
    else
        new_boot
    fi
done
[ -z "${HF_PLANT-}" ] || fail "$HF_PLANT is not found in $cycles cycles"
say "$fs, wal.io=$io: $cycles shutdowns, the daemon halted each time; nothing durable was lost, and $kept times nothing at all; $faults halts by SIGBUS; LSN $noted"
