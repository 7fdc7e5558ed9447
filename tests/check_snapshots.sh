#!/usr/bin/env bash
# check_snapshots.sh BINARY_DIR - random streams of everything in the rule book as logs: a snapshot at any
# place and the rest of the log come to the same state, byte for byte, as the whole log.
set -euo pipefail
bin=$1/tests
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-snapshots.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$bin/write_logs" "$dir" 101 112 >/dev/null
"$bin/snapshot_logs" "$dir"/*
