#!/usr/bin/env bash
# modes.sh BINARY_DIR - a short kill_daemon.sh in every mode of the log and on every way to the medium;
# and that memory which only pretends to be persistent is refused unless a test asks for it.
set -euo pipefail
kill_test() {
    echo "modes: $1"
    "$(dirname "$0")/kill_daemon.sh" "$bin" 4500 3
}
bin=$1

HOLDFAST_DAEMON_OPTIONS="-s wal.mode=group -s wal.io=mmap" kill_test "group, mmap"
HOLDFAST_DAEMON_OPTIONS="-s wal.mode=sync" kill_test "sync"
HOLDFAST_DAEMON_OPTIONS="-s wal.mode=memory" kill_test "memory"
HOLDFAST_DAEMON_OPTIONS="-s wal.io=direct" kill_test "direct"
HOLDFAST_DAEMON_OPTIONS="-s wal.mode=sync -s wal.io=direct" kill_test "direct, sync"
export PMEM_IS_PMEM_FORCE=1
HOLDFAST_DAEMON_OPTIONS="--test-forced-pmem -s wal.io=pmem" TMPDIR=/dev/shm kill_test "pmem (forced)"
if HOLDFAST_DAEMON_OPTIONS="-s wal.io=pmem" timeout 20 "$(dirname "$0")/kill_daemon.sh" "$bin" 600 1 \
    >/dev/null 2>&1; then
    echo "modes: FAILED: forced pmem was not refused"
    exit 1
fi
