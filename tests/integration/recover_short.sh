#!/usr/bin/env bash
# recover_short.sh BINARY_DIR - holdfast-recover on a log that is kept short: whatever it prints or makes is
# compared with the whole log, whose segments are kept aside before the daemon removes them.
source "$(dirname "$0")/lib.sh" "$1"
recover=$bin/holdfast-recover
# Few orders: an audited build walks their tables.
small+=(-s limits.orders_max=1024 -s limits.session_orders_max=512 -s limits.levels_max=256
    -s limits.extras_max=64)
options=(-s wal.segment_kib=64 -s snapshot.every_records=1000000 -s log.keep_mib=1
    -s instance.after_loss=open)
whole=$dir/whole

# run EXIT_CODE COMMAND...: what it prints is in $dir/recover.out
run() {
    local want=$1 code=0
    shift
    timeout 300 "$recover" "$@" >"$dir/recover.out" 2>"$dir/recover.err" </dev/null || code=$?
    [ "$code" = "$want" ] || {
        cat "$dir/recover.err"
        fail "'$*' ended with exit code $code, not $want"
    }
}
said() { grep -qE -- "$1" "$dir/recover.out" "$dir/recover.err" || fail "'$1' is not said"; }
# json FIELD [FILE]: a number or text of the last line of JSON
json() { tail -n 1 "${2-$dir/recover.out}" | grep -oE "\"$1\":(\"[^\"]*\"|[0-9]+|true|false)" | head -n 1 | sed 's/^[^:]*://; s/"//g'; }
digest() { run 0 replay --json "$1" ${2+--to "$2"} && json digest; }
lsn_of() { basename "$1" .snap | sed 's/^0*//'; }
forget_memory() { rm -f /dev/shm/holdfast."$instance".*; }
spoil() { printf 'spoilt' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
order() { # SESSION ID SIDE QUANTITY PRICE
    "$bin/holdfast" submit -S "$socket" -n "$1" --id "$2" -s DEMO -b "$3" -q "$4" -p "$5" \
        >"$dir/submit.out" || fail "order $2 of $1"
}

# An order that lives from before all that stays, then so many that segments go at a stop.
mkdir "$whole"
keep_segments() { ln -f "$log"/*.wal "$whole"; }
is_short() { [ ! -e "$log/00000000000000000001.wal" ]; }
start_daemon "${options[@]}"
order alice 1 buy 7 3
keep_segments
old=$("$recover" dump --json --session alice "$log" | sed -n 's/^{"lsn":\([0-9]*\),.*"type":"new".*/\1/p')
for _ in $(seq 18); do
    probe durable client 1000 >"$dir/client.out" || fail "orders"
    keep_segments
done
stop_daemon # leaves a snapshot at the tip, and so does each one from here on: the log goes behind the second
for _ in 1 2; do
    start_daemon "${options[@]}"
    probe durable client 100 >"$dir/client.out" || fail "orders"
    keep_segments
    stop_daemon
done
is_short || fail "no segment was removed"
start_daemon "${options[@]}"
order bob 1 sell 2 3
order carol 1 buy 1 2
probe durable client 1200 >"$dir/client.out" || fail "orders"

# Beside the daemon: a backup and an archive.
run 0 backup --json "$instance" --to "$dir/backup"
[ "$(json first_lsn)" -gt 1 ] && [ "$(json snapshot_lsn)" -gt "$(json first_lsn)" ] ||
    fail "a backup does not say where it begins"
run 0 archive "$log" --to "$dir/beside"
probe durable client 200 >"$dir/client.out" || fail "orders"
stop_daemon
keep_segments
first=$(basename "$(printf '%s\n' "$log"/*.wal | head -n 1)" .wal | sed 's/^0*//')
snapshots=("$log"/*.snap)
oldest=$(lsn_of "${snapshots[0]}")
newest=$(lsn_of "${snapshots[-1]}")
[ "$first" -gt 1 ] && [ "$oldest" -lt "$newest" ] || fail "the log is not as it should be here"
run 0 verify "$log"
said "^SOUND"
said "^a start     begins with the snapshot of LSN $newest$"
run 0 verify "$whole"
said "begins with the first record: there is no snapshot"

# Damage before the snapshot that a start begins with: named, but no start is hurt; nor is one that has to
# begin with the older snapshot. repair keeps what lies behind the snapshot, or, with a cut, what is before the damage.
both=$dir/both
cp -r "$whole" "$both"
cp "$log"/*.snap "$both"
run 0 verify --json "$both"
[ "$(json verdict) $(json start_refuses) $(json start_snapshot_lsn)" = "sound false $newest" ] || fail "a sound log"
run 0 dump --json "$both"
last=$(json lsn)
spoil "$both/00000000000000000002.wal" 20032
run 65 verify --json "$both"
[ "$(json verdict) $(json start_refuses) $(json start_snapshot_lsn)" = "damaged false $newest" ] ||
    fail "damage before the snapshot is $(json verdict), $(json start_refuses), $(json start_snapshot_lsn)"
run 65 verify "$both"
said "00002.wal: offset 20032, 64 bytes, LSN [0-9]*: the checksum does not match$"
said "^DAMAGED before the snapshot of LSN $newest, where no start looks"
said "^NOT HURT: a start would go on with LSN $((last + 1)) "
said "^segments    1 from the snapshot of LSN $newest on \(0 archived\)"
said "^records     none behind LSN $newest, epoch "
cp -r "$both" "$dir/older"
spoil "$dir/older/$(basename "${snapshots[-1]}")" 5000
run 65 verify --json "$dir/older"
[ "$(json start_refuses) $(json start_snapshot_lsn) $(json snapshots_refused)" = "false $oldest 1" ] ||
    fail "with its newest snapshot spoilt: $(json start_refuses), $(json start_snapshot_lsn)"
run 65 verify "$dir/older"
said "^segments    [0-9]+ from the snapshot of LSN $oldest on \(0 archived\)"
said "^records     LSN $((oldest + 1)) to $last, epoch "
said "^snapshots   1 cannot be used: .*$(basename "${snapshots[-1]}")"
forget_memory
start_daemon "${options[@]}" -s instance.directory="$dir/older" # verify was right
stop_daemon
forget_memory
rm "$dir/older"/*.snap
run 65 verify --json "$dir/older"
[ "$(json start_refuses)" = true ] || fail "without a snapshot a start is hurt"

run 0 repair "$both" --to "$dir/behind" --yes
said "^left out .*the snapshot of LSN $newest stands in for them"
instead=$(sed -n 's/^instead *--cut \([0-9]*\) keeps.*/\1/p' "$dir/recover.out")
[ "$(digest "$dir/behind" "$last")" = "$(digest "$whole" "$last")" ] || fail "what lies behind the snapshot is not kept"
[ ! -e "$dir/behind/00000000000000000002.wal" ] || fail "a damaged segment is copied"
run 0 verify "$dir/behind"
run 0 repair "$both" --to "$dir/ahead" --cut "$instead"
run 0 verify "$dir/ahead"
said "^records     LSN 1 to "
run 1 diff --json "$dir/ahead" "$whole"
[ "$(json lsn)" = $((instead + 1)) ] || fail "they differ from LSN $(json lsn) on, and the cut was at $instead"

# dump: what is there; behind the oldest snapshot as of the whole log, before it without names.
run 0 dump --json "$log"
cp "$dir/recover.out" "$dir/short.json"
begins=$(head -n 1 "$dir/short.json")
first_lsn=$(sed -n '1s/.*"first_lsn":\([0-9]*\).*/\1/p' <<<"$begins")
[ "$begins" = "{\"type\":\"beginning\",\"first_lsn\":$first_lsn,\"segment\":$first,\"snapshot_lsn\":$oldest}" ] ||
    fail "dump says of the beginning: $begins"
run 0 dump --json "$whole" --from "$first_lsn"
lsns() { sed 's/^{"lsn":\([0-9]*\),.*"type":"\([a-z ]*\)".*/\1 \2/' "$1"; }
cmp -s <(lsns <(tail -n +2 "$dir/short.json")) <(lsns "$dir/recover.out") ||
    fail "dump of a short log has other records"
behind() { grep -A 1000000 "^{\"lsn\":$((oldest + 1))," "$1"; }
[ "$(behind "$dir/short.json" | wc -l)" -gt 1000 ] || fail "there is little behind the oldest snapshot"
cmp -s <(behind "$dir/short.json") <(behind "$dir/recover.out") ||
    fail "dump of a short log differs behind its snapshot"
run 0 dump "$log" --to "$first_lsn"
said "^The log begins with LSN $first_lsn \(segment $first\); what was before is gone. Up to LSN $oldest, "
run 0 dump "$log" --session bob
said "session=bob .*type=new|new .*session=bob"

# replay: all from the oldest snapshot on; to an LSN from the newest one that is not behind it.
[ "$(digest "$log")" = "$(digest "$whole")" ] || fail "a short log replays differently"
[ "$(run 0 replay --json "$log" && json snapshot_lsn)" = "$oldest" ] || fail "replay begins elsewhere"
for at in "$oldest:$oldest" "$((newest - 1)):*" "$newest:$newest"; do
    to=${at%:*}
    [ "$(digest "$log" "$to")" = "$(digest "$whole" "$to")" ] || fail "replay to $to differs"
    run 0 replay --json "$log" --to "$to"
    case $(json snapshot_lsn) in
    ${at#*:}) ;;
    *) fail "replay to LSN $to begins with the snapshot of $(json snapshot_lsn)" ;;
    esac
done
run 66 replay "$log" --to $((oldest - 1))
said "begins with LSN $first_lsn \(segment $first\), what was before is gone, and there is no snapshot of LSN $((oldest - 1)) or before"
run 0 replay "$log" --to "$newest" --session client
said "^kept short  the log begins with LSN $first_lsn .* gone on from the snapshot of LSN $oldest$"

# explain: an order of long ago from where the snapshot has it, a new one from its beginning.
run 0 explain "$log" "$old"
said "^The log begins with LSN $first_lsn"
said "^Order $old: buy DEMO, of session alice, its client order 1, account 0$"
said "here a snapshot stands: 7 open at 3; it traded 0 before"
cp "$dir/recover.out" "$dir/told"
run 0 explain "$whole" "$old"
cmp -s <(grep trades "$dir/told") <(grep trades "$dir/recover.out") || fail "an old order has other trades"
for session in bob carol; do
    id=$("$recover" dump --json --session $session "$log" | sed -n 's/^{"lsn":\([0-9]*\),.*"type":"new".*/\1/p')
    run 0 explain "$log" "$id"
    tail -n +2 "$dir/recover.out" >"$dir/told"
    run 0 explain "$whole" "$id"
    cmp -s "$dir/told" "$dir/recover.out" || fail "the life of $session's order is told differently"
done
run 0 explain --json "$log" "$old"
grep -q "^{\"event\":\"beginning\",\"first_lsn\":$first_lsn," "$dir/recover.out" || fail "explain --json: the beginning"
grep -q "^{\"event\":\"found\",\"lsn\":$oldest,.*\"order\":$old,\"session\":\"alice\"" "$dir/recover.out" ||
    fail "explain --json: what the snapshot has"
run 66 explain "$log" 2
said "no order 2 was open at LSN $oldest"

# diff: of what both have.
run 0 diff "$log" "$whole"
said "^compared from LSN $first_lsn on, the first one that both have$"
said "^the logs are the same: LSN $first_lsn to "
run 1 diff --json "$dir/backup" "$log"
[ "$(json same)" = false ] || fail "a backup is the same as the log that went on"
mkdir "$dir/ended"
cp "$whole/00000000000000000001.wal" "$dir/ended"
run 1 diff "$dir/ended" "$log"
said "the logs have no LSN in common"

# diff of two snapshots: each difference between the two states, and none to the one that a replay gives.
run 1 diff "${snapshots[0]}" "${snapshots[-1]}"
said "^state: lsn $oldest \| $newest$"
said "^session bob: only in the second one slot="
said "^DEMO bid 3: quantity 7 \| 5$"
said "^DEMO bid 2: only in the second one quantity=1 orders=1$"
said "^order $old: executed 0 \| 2$"
said "^the snapshots differ in [0-9]* places$"
run 1 diff --json "${snapshots[0]}" "${snapshots[-1]}"
said "^\{\"same\":false,\"lsn\":\[$oldest,$newest\],\"digest\":\["
cp -r "$whole" "$dir/made"
run 0 checkpoint "$dir/made"
made=("$dir/made"/*.snap)
run 1 diff "${snapshots[-1]}" "${made[0]}" # the log does not witness of the stop that it is durable
said "^state: lsn $newest \| $((newest - 1))$"
said "^the snapshots differ in 2 places$"
run 0 diff "${made[0]}" "${made[0]}"
said "^the snapshots are the same$"
run 66 diff "${snapshots[0]}" "$log"
spoil "${made[0]}" 4200
run 65 diff "${snapshots[0]}" "${made[0]}"
said "${made[0]}: offset"

# backup: the snapshots go along, and a daemon starts on it.
run 0 verify "$dir/backup"
said "^SOUND"
run 0 replay --json "$dir/backup"
last=$(json lsn) has=$(json digest)
[ "$(digest "$whole" "$last")" = "$has" ] || fail "a backup of a short log replays differently"
run 0 backup --json "$log" --to "$dir/stopped" # its newest snapshot is of the stop, which is left out
[ "$(json last_lsn)" = $((newest - 1)) ] || fail "a backup ends with a clean stop"
[ ! -e "$dir/stopped/$(basename "${snapshots[-1]}")" ] || fail "a snapshot is beyond the end of the backup"
mv "$log" "$dir/lost"
cp -r "$dir/backup" "$log"
forget_memory
history_of() { run 0 replay --json "$1" && json history; }
before=$(history_of "$log")
start_daemon "${options[@]}" --abandon-shm
probe durable client 100 >"$dir/client.out" || fail "orders on a restored log"
kill_daemon
[ "$(history_of "$log")" = $((before + 1)) ] || fail "a restored log needs a new history"

# archive: with its snapshots if it does not go back to the first segment, and the way back from it.
run 0 verify "$dir/beside"
run 0 archive --all "$dir/lost" --to "$dir/beside"
said "all that there is of the log"
[ "$(digest "$dir/beside")" = "$(digest "$whole")" ] || fail "an archive replays differently"
run 0 archive --all "$dir/lost" --to "$dir/archive"
said "^What was before LSN $first_lsn is gone; the archive's oldest snapshot is of LSN $oldest$"
[ "$(digest "$dir/archive")" = "$(digest "$whole")" ] || fail "an archive replays differently"
run 0 diff "$dir/archive" "$whole"
run 73 archive "$dir/lost" --to "$dir/ended" # what is between them is gone
said "ends with segment 1, and the log begins with segment $first: what was between is gone"
run 0 archive --remove "$dir/lost" --to "$dir/archive"
run 0 backup "$dir/archive" --to "$dir/unpacked"
[ "$(digest "$dir/unpacked" $((newest - 1)))" = "$(digest "$whole" $((newest - 1)))" ] ||
    fail "an unpacked archive replays differently"

# adopt: the snapshots are the new instance's.
cp -r "$dir/unpacked" "$dir/second"
had=$(digest "$dir/second")
run 0 adopt --in-place "$dir/second"
[ "$(digest "$dir/second")" = "$had" ] || fail "adopt changes the books"
run 0 verify "$dir/second"
forget_memory
start_daemon "${options[@]}" -s instance.directory="$dir/second"
probe durable other 10 >"$dir/client.out" || fail "orders to an adopted log"
stop_daemon
run 0 verify "$dir/second"
forget_memory

# repair: the same, up to the cut; and first segments that are damaged are left out.
cp -r "$dir/unpacked" "$dir/damaged"
run 0 dump --json "$dir/damaged"
last=$(json lsn)
segments=("$dir/damaged"/*.wal)
spoil "${segments[0]}" 20000
run 65 verify "$dir/damaged"
run 65 backup "$dir/damaged" --to "$dir/none" # nothing is left out without being asked
said "$(basename "${segments[0]}"): offset"
run 0 repair "$dir/damaged" --to "$dir/mended" --yes
said "^The log is kept short"
[ ! -e "$dir/mended/$(basename "${segments[0]}")" ] || fail "a damaged segment is copied"
run 0 verify "$dir/mended"
said "^SOUND"
[ "$(digest "$dir/mended" "$last")" = "$(digest "$whole" "$last")" ] || fail "a mended log replays differently"
[ "$(history_of "$dir/mended")" -gt "$(history_of "$dir/unpacked")" ] || fail "a mended log needs a new history"
run 0 repair "$dir/damaged" --to "$dir/earlier" --cut $((oldest + 500))
run 65 repair "$dir/damaged" --to "$dir/none" --cut $((oldest - 1))
said "there is no snapshot up to LSN"
[ ! -e "$dir/none" ] || fail "a repair that failed leaves something behind"
run 0 checkpoint "$dir/earlier"
said "^snapshot of LSN [0-9]*, [0-9]* records replayed"
rm -rf "$log"
cp -r "$dir/earlier" "$log"
start_daemon "${options[@]}"
probe durable client 100 >"$dir/client.out" || fail "orders on a mended log"
stop_daemon
run 0 verify "$log"

# Without a snapshot the records can be read, and nothing else.
rm "$dir/unpacked"/*.snap
run 0 dump "$dir/unpacked" --to "$first_lsn"
said "There is no snapshot: names, and which order is meant, are not known"
run 66 replay "$dir/unpacked"
run 66 explain "$dir/unpacked" "$old"
run 65 backup "$dir/unpacked" --to "$dir/none"
run 65 archive --all "$dir/unpacked" --to "$dir/unreadable"
say "passed"
