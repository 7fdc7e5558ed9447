#!/usr/bin/env bash
# run.sh BINARY_DIR [--points N] [--seed N] [--seconds N] [--io WAY] [--plant BUG] - power loss as a real kernel and a
# real file system have it: a daemon on ext4, on a loop device, on a disk that records every write and flush,
# under load and killed and started again; then the power goes at N points of that life (points.c). With
# --plant the daemon has a bug (base/planted.h), which must be found. By hand: root, loop devices, fuse.
#
# In a mount namespace of its own: whoever makes one meanwhile (unshare) would have copies of the mounts in it,
# and a file system that is mounted somewhere goes on with what it knew, whatever the disk says.
if [ -z "${HOLDFAST_OWN_MOUNTS-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "run: skipped: needs root"; exit 77; }
    HOLDFAST_OWN_MOUNTS=yes exec unshare -m "$0" "$@"
fi
source "$(dirname "$0")/../integration/lib.sh" "$1"
shift
points=1000
seed=$RANDOM
load_seconds=4
mebibytes=24
io=auto
while [ $# -gt 0 ]; do
    case $1 in
    --points) points=$2 ;;
    --seed) seed=$2 ;;
    --seconds) load_seconds=$2 ;;
    --io) io=$2 ;;
    --plant) export HF_PLANT=$2 ;;
    *) echo "power: unknown option $1" >&2; exit 64 ;;
    esac
    shift 2
done
[ -e /dev/fuse ] || { say "skipped: no /dev/fuse"; exit 77; }
cmake --build "$bin" --target power >"$dir/build.out" 2>&1 || fail "the programs do not build (libfuse3-dev?)"

loops=()
release() {
    for loop in "${loops[@]}"; do losetup -d "$loop" 2>/dev/null || true; done
}
trap 'cleanup; release' EXIT
attach() { loop=$(losetup -f --show "$1") && loops+=("$loop"); } # FILE

launch_recorded() {
    daemon_command -s wal.io="$io" -s wal.flush_interval_us=2000 -s snapshot.every_records=1500 -s snapshot.every_s=1 \
        -s wal.segment_kib=64 -s limits.orders_max=1024 -s limits.session_orders_max=1024 \
        -s limits.levels_max=256 -s limits.extras_max=64 -s limits.events_max=256 -s limits.sessions_max=4 \
        -s limits.instruments_max=4 -s instance.name=power$$
    command[0]=$bin/tests/power/power_daemon
    rm -f "$socket"
    "${command[@]}" >>"$dir/daemon.out" 2>&1 &
    daemon=$!
    wait_running
}

record_life() {
    local client
    launch_recorded
    "$bin/tests/power/power_load" "$socket" "$dir/fuse/note" "$load_seconds" >"$dir/load.out" 2>&1 &
    client=$!
    pids+=("$client")
    for _ in 1 2; do
        sleep "$((load_seconds / 3))"
        kill_daemon
        launch_recorded
    done
    wait "$client" || fail "the load"
    stop_daemon
}

# The recorded life. A bug may show itself by a start that is refused; then there is less of it.
instance=power$$
disk=$dir/disk
log=$disk/log
mkdir "$dir/fuse" "$disk"
"$bin/tests/power/power_disk" "$dir/trace" $mebibytes -f "$dir/fuse" >"$dir/fuse.out" 2>&1 &
recorder=$!
pids+=("$recorder")
has_disk() { [ -e "$dir/fuse/disk" ]; }
until_true 5 has_disk || fail "no recorded disk"
mounts+=("$dir/fuse")
attach "$dir/fuse/disk"
mkfs.ext4 -qF -E nodiscard "$loop"
mount -t ext4 "$loop" "$disk"
mounts=("$disk" "${mounts[@]}")
sync -f "$disk"
printf '\xff\xff\xff\xff\xff\xff\xff\xff' >"$dir/fuse/note" # the life begins
record_life
unmounted() { umount "$1" 2>/dev/null; } # a loop device lets go a moment after its last user
until_true 5 unmounted "$disk" || fail "the recorded file system is in use"
losetup -d "$loop"
until_true 5 unmounted "$dir/fuse" || fail "the recorded disk is in use"
wait "$recorder" || fail "the recorder"
pids=()
mounts=()

# The power goes.
truncate -s ${mebibytes}m /dev/shm/holdfast."$instance".image
attach /dev/shm/holdfast."$instance".image
mounts=("$disk")
begin=$EPOCHREALTIME
code=0
"$bin/tests/power/power_points" "$dir/trace" /dev/shm/holdfast."$instance".image "$loop" "$disk" "$points" \
    "$seed" >"$dir/points.out" 2>&1 || code=$?
rate=$(awk -v begin="$begin" -v end="$EPOCHREALTIME" '{ print int($1 / (end - begin)) }' \
    < <(tail -n 1 "$dir/points.out"))
cat "$dir/load.out" "$dir/points.out"
if [ -n "${HF_PLANT-}" ]; then
    [ "$code" = 1 ] || fail "$HF_PLANT is not found (exit code $code)"
    say "$HF_PLANT is found"
else
    [ "$code" = 0 ] || fail "--seed $seed (exit code $code)"
    say "$points points, $rate a second, --seed $seed: nothing durable was lost"
fi
