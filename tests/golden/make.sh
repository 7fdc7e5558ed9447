#!/usr/bin/env bash
# make.sh BINARY_DIR NAME - write the golden log of a release: a story with every kind of order, three
# epochs, archived into tests/golden/NAME, and beside it NAME.json, what came of it when it was written.
# tests/recover/test_golden.c reads all of them, for ever. log-1 is that of the first release: as long as
# that is not made, a change of the rules or of the digest writes it anew. old-3 is a log of this story under
# rules version 3, which is refused.
source "$(dirname "$0")/../integration/lib.sh" "$1"
golden=$(cd "$(dirname "$0")" && pwd)/$2
options=(-s wal.segment_kib=64 -s instance.admin=ops -s instrument.PLAY.tick=1)

submit() { "$bin/holdfast" submit -S "$socket" "$@" >"$dir/submit.out" || [ $? = 1 ] || fail "submit $*"; }
admin() { "$bin/holdfast" admin -S "$socket" -n ops "$@" >"$dir/admin.out" || fail "admin $*"; }

[ ! -e "$golden" ] || fail "$golden is there; a golden log is written once"
start_daemon "${options[@]}"
submit -n alice --id 1 -s PLAY -b sell -q 10 -p 101
submit -n bob --id 1 -s PLAY -b sell -q 5 -p 101
submit -n carol --id 1 -s PLAY -b buy -q 4 -p 100 --account 3
submit -n carol --id 2 -s PLAY -b buy -q 12 -p 101
submit -n bob --replace 1 --to 2 -q 8 -p 102
submit -n bob --reduce 2 -q 1
submit -n dave --id 1 -s PLAY -b buy -q 9 -p 100 --tif fok
submit -n dave --id 2 -s PLAY -b buy -q 9 -p 105 --post-only
submit -n dave --cancel 99
admin instrument add EXTRA --tick 5 --lot 10
admin instrument limits PLAY --collar 1000
admin account 3 --group 1 --self-trade cancel-oldest
admin session dave --rate 1000
admin entitle dave account 3
cat >"$dir/story.jsonl" <<'EOS'
{"case": "an iceberg, a stop and a replace"}
{"op": "new", "id": "i", "side": "B", "type": "limit", "tif": "GTC", "px": 10, "qty": 100, "display": 20}
{"op": "new", "id": "t", "side": "S", "type": "stop_limit", "tif": "GTC", "stop_px": 10, "px": 9, "qty": 5}
{"op": "new", "id": "a", "side": "S", "type": "limit", "tif": "GTC", "px": 10, "qty": 30}
{"op": "replace", "id": "i", "new_id": "j", "px": 11, "qty": 40}
{"op": "phase", "phase": "halted"}
{"op": "new", "id": "b", "side": "B", "type": "limit", "tif": "GTC", "px": 10, "qty": 30}
EOS
"$bin/holdfast" play --via "$instance" --socket "$socket" --admin-session ops "$dir/story.jsonl" \
    >"$dir/play.out" || fail "the story"
kill_daemon
start_daemon "${options[@]}"
admin phase PLAY pre-open
submit -n alice --id 2 -s PLAY -b sell -q 2 -p 90 --tif day
admin phase PLAY open
submit -n erin --id 1 -s PLAY -b buy -q 3 --type market
admin end-of-day
stop_daemon
start_daemon "${options[@]}"
submit -n alice --id 3 -s PLAY -b sell -q 2 -p 120
stop_daemon
"$bin/holdfast-recover" archive --all "$log" --to "$golden" >"$dir/archive.out" || fail "archive"
"$bin/holdfast-recover" replay --json "$golden" >"$golden.json"
du -sb "$golden"
cat "$golden.json"
