#!/usr/bin/env bash
# snapshot.sh BINARY_DIR - the checkpointer beside a loaded daemon: killed 20 times at random moments, every
# start goes on from a snapshot, every command is processed once and every report seen once. Then a start
# from the newest snapshot, from the older one when that is damaged, from the log when both are; and with a
# log that is kept short: segments go, and starts go on, until no snapshot is left to begin with.
source "$(dirname "$0")/lib.sh" "$1"
each=30000
kills=20
wanted=$((kills / 2)) # starts that begin with a snapshot, for sure: those that are not killed themselves
if is_audited; then
    each=3000
    kills=8
    wanted=0 # between two kills an audited second replay does not come so far
fi
options=(-s wal.segment_kib=64 -s snapshot.every_records=$((each * 2 / 15)) -s snapshot.every_s=1
    -s instrument.SECOND.tick=1)

start_text() { grep -E "records replayed" "$dir/daemon.out" | tail -n 1; }
newest() { local files=("$log"/*.snap); echo "${files[-$1]}"; }
spoil() { printf 'spoilt' | dd of="$1" bs=1 seek=4200 conv=notrunc status=none; }
has_snapshots() { local files=("$log"/*.snap); [ ${#files[@]} -ge "$1" ]; }
lsn_of() { basename "$1" .snap | sed 's/^0*//'; }

expect_start() { # PATTERN WHAT
    start_text | grep -qE "$1" || fail "$2: the start should say '$1', not: $(start_text)"
}

mkfifo "$dir/stop"
exec 9<>"$dir/stop" # keeps the producers' standard input open

# run_producers NAME RATE OPTION...: two producers, while the daemon is killed $kills times, from the first
# snapshot on: a loaded host may have time for none between two kills.
run_producers() {
    local name=$1 rate=$2 i started=()
    shift 2
    for i in 1 2; do
        "$bin/tests/producer" "$socket" "$name$i" "$i" "$each" "$rate" <"$dir/stop" \
            >"$dir/$name$i.out" 2>&1 9<&- &
        started+=($!)
        pids+=($!)
    done
    for i in 1 2; do await_line "$dir/$name$i.out" "^open" 10; done
    [ "$wanted" = 0 ] || until_true 20 has_snapshots 1 || fail "no snapshot"
    for i in $(seq "$kills"); do
        sleep "0.$(printf %03d $((RANDOM % 200 + 50)))"
        kill_daemon
        launch_daemon "$@"
        [ $((i % 4)) -eq 0 ] || wait_running
    done
    wait_running
    for i in 1 2; do await_line "$dir/$name$i.out" "^answered" 120; done
    sleep 0.3
    exec 9>&- # end of file: print and end
    for i in "${started[@]}"; do wait "$i" || fail "a producer found a violation"; done
    exec 9<>"$dir/stop"
    pids=()
}

# Killed under load. The whole log is there to compare with.
start_daemon "${options[@]}"
run_producers p $((each * 5 / kills / 2)) "${options[@]}"
until_true 60 has_snapshots 2 || fail "no snapshots"
used=$(grep -c "snapshot at LSN [0-9]*, [0-9]* records replayed" "$dir/daemon.out" || true)
[ "$used" -ge "$wanted" ] || fail "only $used of $kills starts began with a snapshot"
stop_daemon
has_snapshots 3 && fail "more than two snapshots are kept"
"$bin/tests/check_log" "$log" "p1=1=$each" "p2=2=$each" >"$dir/check.out" || fail "the log"
for i in 1 2; do
    grep -qxF "$(grep "^p$i reports" "$dir/p$i.out")" "$dir/check.out" ||
        fail "session p$i saw other reports than the log gives"
done
say "$kills kills, $used starts from a snapshot: every command once, every report once"
[ "$wanted" -gt 0 ] || { say "an audited build is too slow for the rest"; exec 9>&-; exit 0; }

# A clean stop leaves a snapshot at the tip; damage is named, and the older one used, then the log.
quiet=("${options[@]}" -s snapshot.every_records=0 -s snapshot.every_s=0)
start_daemon "${quiet[@]}"
expect_start "^snapshot at LSN $(lsn_of "$(newest 1)"), 0 records replayed" "after a clean stop"
probe depth 1 >"$dir/depth.out"
kill_daemon
spoil "$(newest 1)"
start_daemon "${quiet[@]}"
expect_start "^snapshot at LSN $(lsn_of "$(newest 2)"), [1-9][0-9]* records" "the newest is damaged"
grep -q "warning: $(newest 1): offset [0-9]*: " "$dir/daemon.out" || fail "the damage is not named"
probe depth 1 | cmp -s - "$dir/depth.out" || fail "other books from the older snapshot"
kill_daemon
spoil "$(newest 2)"
start_daemon "${quiet[@]}"
expect_start "^no snapshot, [0-9]* records replayed" "both are damaged"
probe depth 1 | cmp -s - "$dir/depth.out" || fail "other books from the log"
trip "no snapshot is whole"
is_flushed() { [ "$(status durable)" = "$(status sequenced)" ]; }
until_true 10 is_flushed || fail "an idle log is not flushed"
durable=$(status durable)
"$bin/holdfast-recover" checkpoint "$log" >"$dir/recover.out" 2>&1 || fail "checkpoint beside a daemon"
grep -qE "^snapshot of LSN [0-9]+, [0-9]+ records replayed" "$dir/recover.out" || fail "checkpoint"
[ "$(lsn_of "$(newest 1)")" -ge "$durable" ] || fail "checkpoint is not of what is durable"
kill_daemon
start_daemon "${quiet[@]}"
expect_start "^snapshot at LSN $(lsn_of "$(newest 1)"), " "made by holdfast-recover"
probe durable tool 50 >"$dir/tool.out" || fail "orders"
stop_daemon
rm "$(newest 1)" # of the clean stop
"$bin/holdfast-recover" checkpoint "$log" >"$dir/recover.out" 2>&1 || fail "checkpoint of a stopped log"
start_daemon "${quiet[@]}"
expect_start "^snapshot at LSN $(lsn_of "$(newest 1)"), " "made by holdfast-recover, offline"
kill_daemon
rm "$log"/*.snap

# A log that is kept short.
short=("${options[@]}" -s log.keep_mib=1)
start_daemon "${short[@]}"
is_short() { [ ! -e "$log/00000000000000000001.wal" ]; }
run_producers q $((each * 5 / kills / 2)) "${short[@]}"
until_true 20 is_short || fail "no segment was removed"
trip "the log is short"
stop_daemon
bytes=$(cat "$log"/*.wal | wc -c)
[ "$bytes" -lt $((6 << 20)) ] || fail "$bytes bytes of log are kept"
"$bin/holdfast-recover" verify "$log" >"$dir/verify.out" || fail "verify of a log that is kept short"
grep -q "^SOUND" "$dir/verify.out" && grep -q "^kept short" "$dir/verify.out" || fail "it is not called sound"
segments=("$log"/*.wal)
cp "${segments[0]}" "$dir/segment"
spoil "${segments[0]}"
code=0
"$bin/holdfast-recover" verify "$log" >"$dir/verify.out" || code=$?
[ "$code" = 65 ] || fail "verify of a log that is damaged before its snapshot: exit code $code"
grep -q "^${segments[0]}: offset" "$dir/verify.out" || fail "damage before a snapshot is not named"
cp "$dir/segment" "${segments[0]}"
start_daemon "${short[@]}"
expect_start "^snapshot at LSN" "the log is short"
kill_daemon
cp "$log"/*.snap "$dir"
for file in "$log"/*.snap; do spoil "$file"; done
expect_refusal 65 "the log in .* begins with segment [0-9]+, and there is no snapshot .*: offset" \
    "${short[@]}"
cp "$dir"/*.snap "$log"
start_daemon "${short[@]}"
trip "its snapshots are restored"
stop_daemon
say "a short log: segments went, every start went on, every report was seen once"
