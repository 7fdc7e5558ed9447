#!/usr/bin/env bash
# make_snapshot.sh BINARY_DIR LOG NAME - write a golden snapshot: of the state behind the first segment of the
# golden log LOG, into tests/golden/NAME, beside links to that log's segments, so that it is a log like any
# other; and NAME.json, what `holdfast-recover replay` says of the log up to there. tests/recover/test_golden.c
# reads it for as long as its layout is today's, and then sees that it is refused: one more is to be written
# whenever HF_CORE_LAYOUT_VERSION, or what hf_core_layout() sums up, changes.
set -euo pipefail
bin=$1
golden=$(cd "$(dirname "$0")" && pwd)
name=$golden/$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -d "$golden/$2" ] || { echo "there is no golden log $2"; exit 1; }
[ ! -e "$name" ] || { echo "$name is there; a golden snapshot is written once"; exit 1; }
cp "$golden/$2/00000000000000000001.wal.zst" "$work"
"$bin/holdfast-recover" checkpoint "$work"
mkdir "$name"
for segment in "$golden/$2"/*.wal.zst; do ln -s "../$2/$(basename "$segment")" "$name"; done
snapshot=$(basename "$work"/*.snap)
install -m 644 "$work/$snapshot" "$name"
"$bin/holdfast-recover" replay --json --to "$(sed 's/^0*//; s/\.snap$//' <<<"$snapshot")" "$golden/$2" >"$name.json"
ls -l "$name"
cat "$name.json"
