#!/usr/bin/env bash
# make_rules.sh BINARY_DIR - write the logs that hold the rules fast: tests/golden/rules-V, V being the rules
# version, one small log of random commands for each thing that the differential test expects to be reached and
# no log before has reached; and rules-V.digests: name, last LSN and digest of each. tests/recover/test_golden.c
# replays them: another digest is another rule, and that needs another version. Once a version's logs are written
# they stay as they are, so raise HF_RULES_VERSION first; those of the version before go.
set -euo pipefail
bin=$1
golden=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^#define HF_RULES_VERSION \([0-9]*\)u$/\1/p' "$golden/../../include/holdfast/units.h")
to=$golden/rules-$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ ! -e "$to" ] || { echo "$to is there: raise HF_RULES_VERSION first"; exit 1; }
"$bin/tests/write_logs" "$work" 1 100000 choose 250 >"$work.written"
mkdir "$to"
while IFS=' :,' read -r name _ _ _ lsn _ digest; do
    "$bin/holdfast-recover" archive --all "$work/$name" --to "$to/$name" >/dev/null
    echo "$name $lsn $digest"
done <"$work.written" >"$to.digests"
rm "$work.written"
for old in "$golden"/rules-*; do
    [[ $old == "$to"* ]] || rm -r "$old"
done
wc -l "$to.digests"
du -sb "$to"
