#!/usr/bin/env bash
# guest.sh BUILD - what run.sh shows, in the emulated machine; its lines begin with "vm: ". It runs twice: the
# first boot ends with a reset in the middle of writing, and notes before that, on a persistent memory
# that has no file system, what had been acknowledged; the second boot compares.
set -euo pipefail
bin=$1
here=$(cd "$(dirname "$0")" && pwd)
notebook=/dev/pmem0 # raw
disk=/dev/pmem1     # ext4, DAX
log=/mnt/pmem/reset # of the daemon that is reset with the machine
socket=/run/vm.sock
daemon=
export HOLDFAST_PATIENCE=60          # emulated processors
export LD_LIBRARY_PATH=/run/build # after the binaries have moved

say() { echo "vm: $*"; }
fail() {
    say "FAILED: $*"
    cat /run/*.out 2>/dev/null || true
    df -h /tmp /run /dev/shm /mnt/pmem || true
    exit 1
}

note() { printf '%-4096s' "$*" | dd of=$notebook bs=4096 oflag=direct conv=notrunc status=none; }
noted() { dd if=$notebook bs=4096 count=1 iflag=direct status=none | tr -d '\0'; }

mount_disk() {
    mkdir -p /mnt/pmem
    mount -o dax=always $disk /mnt/pmem
    grep -q "^$disk /mnt/pmem ext4 .*dax=always" /proc/mounts || fail "the file system has no DAX"
}

status() { "$bin/tests/probe" status $socket "$1"; }
has_started() { [ -S $socket ] && status state >/dev/null 2>&1; }

start() { # DIRECTORY OPTION...
    local directory=$1
    shift
    rm -f $socket
    "$bin/holdfastd" -s instance.name=vm -s instance.directory="$directory" -s instance.socket=$socket \
        -s limits.orders_max=65536 -s limits.session_orders_max=65536 -s limits.levels_max=16384 \
        -s limits.extras_max=4096 -s wal.io=pmem -s wal.segment_kib=1024 "$@" >>/run/daemon.out 2>&1 &
    daemon=$!
    until has_started; do
        kill -0 $daemon 2>/dev/null || fail "the daemon ended at its start"
        sleep 0.1
    done
}

stop() {
    kill -TERM "$daemon"
    wait "$daemon" || fail "the daemon stopped with exit code $?"
    rm -f /dev/shm/holdfast.vm.*
    : >/run/daemon.out
}

# The daemon's threads run on one node, its memory is asked for on another: NODE, CPU, OPTION...
memory_lies_on() {
    local node=$1
    shift
    start /mnt/pmem/place "$@"
    "$bin/tests/probe" trip $socket one 20 >/run/probe.out || fail "orders"
    "$bin/tests/placement" "$daemon" "$node" >/run/placement.out || fail "memory is not on node $node ($*)"
    say "node $node asked ($*): $(tail -n 1 /run/placement.out)"
    stop
    rm -rf /mnt/pmem/place
}

is_persistent_memory() {
    start /mnt/pmem/place
    stop
    say "wal.io=pmem on ext4 with DAX: libpmem calls it persistent memory, unforced"
    rm -rf /mnt/pmem/place
    local code=0
    mkdir /run/place
    "$bin/holdfastd" -s instance.name=vm -s instance.directory=/run/place/log -s instance.socket=$socket \
        -s wal.io=pmem >/run/refused.out 2>&1 || code=$?
    [ $code = 78 ] || fail "wal.io=pmem on tmpfs: exit code $code"
    grep -q "needs a file system on persistent memory" /run/refused.out || fail "why it is refused"
    say "wal.io=pmem on tmpfs: refused, exit code $code"
    rm -r /run/place /dev/shm/holdfast.vm.*
}

tests_pass_on_it() {
    mkdir /mnt/pmem/tmp /run/build /run/tests
    chmod 1777 /mnt/pmem/tmp
    mount --bind "$bin" /run/build # they may lie in /tmp
    mount --bind "$here/.." /run/tests
    mount --bind /mnt/pmem/tmp /tmp
    local name
    /run/tests/integration/kill_daemon.sh /run/build 6000 6 >/run/test.out 2>&1 || fail "kill_daemon"
    say "$(tail -n 1 /run/test.out)"
    for name in restart recover; do
        "/run/tests/integration/$name.sh" /run/build >/run/test.out 2>&1 || fail "$name"
        say "integration/$name on DAX passed"
    done
    local failed=0 passed=0
    for name in /run/build/tests/test_{wal,recovery}_*; do
        [ "${name%_survey}" = "$name" ] || continue # it computes for half an hour here, and asks little of a disk
        "$name" --jobs 4 >/run/test.out 2>&1 || { failed=1; say "FAILED: $(basename "$name")"; cat /run/test.out; }
        passed=$((passed + 1))
    done
    [ $failed = 0 ] || fail "unit tests"
    say "$passed programs of unit tests (wal, recovery) on DAX passed"
    umount /tmp
}

reset_in_mid_writing() {
    start $log
    sleep 1000 | "$bin/tests/producer" $socket one 1 0 0 >/run/producer.out 2>&1 &
    local durable=0 before=0
    for _ in $(seq 20); do
        sleep 0.2
        before=$durable
        durable=$(status durable)
        note "durable $durable"
    done
    [ "$durable" -gt "$before" ] || fail "nothing is being written"
    say "durable: LSN $durable; now the reset"
    sleep 1 # until that is printed; writing goes on
    note "durable $(status durable)"
    echo b >/proc/sysrq-trigger
    sleep 60
}

after_reset() { # "durable" LSN
    local lsn=$2
    "$bin/holdfast-recover" verify --floor="$lsn" $log >/run/verify.out 2>&1 ||
        fail "what was durable, LSN $lsn, is not in the log"
    start $log -s instance.after_loss=open
    "$bin/tests/probe" trip $socket two 20 >/run/probe.out || fail "orders after the reset"
    say "after the reset: LSN $lsn and all before it are there, the daemon starts and trades"
    stop
    "$bin/holdfast-recover" verify $log >/run/verify.out 2>&1 || fail "the log after its second life"
}

case $(noted) in
durable*)
    mount_disk
    # shellcheck disable=SC2046 # words
    after_reset $(noted)
    say "all passed"
    ;;
*)
    say "nodes: $(cat /sys/devices/system/node/online), kernel $(uname -r)"
    mkfs.ext4 -q -b 4096 $disk
    mount_disk
    is_persistent_memory
    memory_lies_on 0 -s memory.numa_node=0 -s threads.engine_cpu=2 -s threads.writer_cpu=3
    memory_lies_on 1 -s memory.numa_node=1 -s threads.engine_cpu=0 -s threads.writer_cpu=1
    memory_lies_on 1 -s threads.engine_cpu=3
    tests_pass_on_it
    reset_in_mid_writing
    ;;
esac
