#!/usr/bin/env bash
# errors_direct.sh BINARY_DIR [STEP] - errors.sh with wal.io=direct, on a file system that takes O_DIRECT: an
# error at every nth of the calls that write records (up to 1 MiB at once: longer flushes go through io_uring,
# tests/wal/test_io_direct.c), lay zeros, flush, and make segments.
export HOLDFAST_DAEMON_OPTIONS="-s wal.io=direct ${HOLDFAST_DAEMON_OPTIONS-}"
export HOLDFAST_ERRORS_DIRECTORY=${TMPDIR:-/var/tmp}
exec "$(dirname "$0")/errors.sh" "$1" "${2:-8}" pwritev fdatasync pwrite fallocate
