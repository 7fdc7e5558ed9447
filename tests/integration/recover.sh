#!/usr/bin/env bash
# recover.sh BINARY_DIR - holdfast-recover on the log of a real daemon: beside it, after it, and damaged.
source "$(dirname "$0")/lib.sh" "$1"
options=(-s wal.segment_kib=64 -s snapshot.at_stop=no -s snapshot.every_s=0)
recover=$bin/holdfast-recover
load=(5000 1 1 0) # of the traders: rate, seconds steady, as fast as they can, in a crash
if is_audited; then
    # Every record is followed by a walk through all books, in each replay too.
    load=(200 1 0 0)
    small+=(-s limits.orders_max=4096 -s limits.session_orders_max=4096 -s limits.levels_max=1024
        -s limits.extras_max=64)
fi

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
# json FIELD: a number or text of the last line of JSON
json() { tail -n 1 "$dir/recover.out" | grep -oE "\"$1\":(\"[^\"]*\"|[0-9]+|true|false)" | head -n 1 | sed 's/^[^:]*://; s/"//g'; }
copy_log() { rm -rf "$dir/copy" && cp -r "$log" "$dir/copy"; }
forget_memory() { rm -f /dev/shm/holdfast."$instance".*; }

# A log that grows while it is read is sound every time, and never shorter than what was durable.
start_daemon "${options[@]}"
probe durable client 500 >"$dir/client.out" || fail "orders"
"$bin/tests/traders" "$socket" DEMO "${load[@]}" >"$dir/traders.out" 2>&1 &
traders=$!
pids+=($traders)
rounds=0
while kill -0 $traders 2>/dev/null || [ $rounds = 0 ]; do
    durable=$(status durable)
    run 0 verify --json "$log"
    [ "$(json verdict)" = sound ] || fail "a log beside its daemon is $(json verdict)"
    [ "$(json last_lsn)" -ge "$durable" ] || fail "verify sees $(json last_lsn), but $durable was durable"
    [ "$(json running)" = true ] || fail "verify does not know that the daemon runs"
    rounds=$((rounds + 1))
done
wait $traders || fail "the traders"
say "$rounds logs that grew were sound"
stop_daemon
run 0 verify "$log"
said "^SOUND: a start would go on with LSN"
said "ended by a clean stop"

# Dump: every LSN once, and what a filter is for.
run 0 verify --json "$log"
last=$(json last_lsn)
run 0 dump --json "$log"
[ "$(grep -cv '"type":"group"' "$dir/recover.out")" -gt 500 ] || fail "records are missing in the dump"
[ "$(json lsn)" = "$last" ] || fail "the dump does not end with LSN $last"
sed 's/^{"lsn":\([0-9]*\),.*"type":"\([a-z ]*\)".*/\1 \2/' "$dir/recover.out" |
    awk '$2 != "group" { if ($1 != next_lsn && $1 != next_lsn + 1) exit 1; next_lsn = $1 + 1 }
         BEGIN { next_lsn = 1 }' || fail "an LSN is missing in the dump"
run 0 dump --session client --from 20 --to 30 "$log"
[ "$(grep -c 'session=client' "$dir/recover.out")" = 11 ] || fail "eleven orders should be dumped"
order=$(awk 'NR == 1 { print $1 }' "$dir/recover.out")
run 0 dump --order "$order" "$log"
[ "$(wc -l <"$dir/recover.out")" = 1 ] || fail "one record concerns order $order"
said "new .* order=$order .* symbol=DEMO"
run 0 dump --instrument NOPE "$log"
[ ! -s "$dir/recover.out" ] || fail "an instrument that is not there has records"
run 0 dump --session clinet --instrument DEMO --json "$log"
[ ! -s "$dir/recover.out" ] || fail "a session that is not there has records"
said "^holdfast-recover dump: no record was met of session 'clinet' on instrument 'DEMO'$"
run 64 dump --from 10 --to 5 "$log"
said "--to is an LSN before that of --from"
run 0 dump --from 5 --to 5 "$log"

# Replay: the same digest as the daemon's own digest record, the same book as the daemon's.
run 0 dump --json "$log"
at=$(grep '"type":"digest"' "$dir/recover.out" | tail -n 1)
lsn=$(sed 's/.*"lsn":\([0-9]*\).*/\1/' <<<"$at")
digest=$(sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/' <<<"$at")
run 0 replay --json --to "$lsn" "$log"
[ "$(json digest)" = "$digest" ] && [ "$(json lsn)" = "$lsn" ] || fail "replay differs from the log's digest"
run 0 replay --session client "$log"
[ "$(grep -c '^#[0-9]* accepted' "$dir/recover.out")" = 500 ] || fail "500 orders were accepted"
said "^session     client .*: 500 commands, 500 reports, 500 open orders"
run 0 replay --json --levels 1 "$log"
bids=$(grep -oE '"bids":\[\{[^}]*\}' "$dir/recover.out")
start_daemon "${options[@]}"
"$bin/holdfast" book DEMO --json -n 1 -S "$socket" >"$dir/book.out"
[ "$(grep -oE '"bids":\[\{[^}]*\}' "$dir/book.out")" = "$bids" ] || fail "replay and daemon have different books"
kill_daemon

# Damage: verify names all of it, and a start agrees.
copy_log
for offset in 20000 40000; do
    printf 'x' | dd of="$dir/copy/00000000000000000001.wal" bs=1 seek=$offset conv=notrunc status=none
done
run 65 verify "$dir/copy"
said "00001.wal: offset 19968, 64 bytes, LSN [0-9]*: the checksum does not match$"
said "00001.wal: offset 40000, 64 bytes, LSN [0-9]*: the checksum does not match$"
said "^DAMAGED: a start would refuse"
run 65 dump "$dir/copy"
run 65 replay "$dir/copy"
said "00001.wal: offset 19968"
forget_memory
expect_refusal 65 "00001.wal: offset 19968" "${options[@]}" -s instance.directory="$dir/copy"

# A torn tail: verify says what a start cuts, and a start does so.
copy_log
file=$(ls "$dir"/copy/*.wal | while read -r name; do
    [ "$(od -An -tx8 -N8 "$name" | tr -d ' 0\n')" = "" ] || echo "$name"
done | tail -n 1)
run 0 verify --json "$dir/copy"
last=$(json last_lsn)
printf 'torn' | dd of="$file" bs=1 seek=60000 conv=notrunc status=none
run 0 verify "$dir/copy"
said "^TORN: a start would cut 4 bytes behind LSN $last,"
said "offset 59968, 64 bytes, LSN $((last + 1)): bytes that are not zero behind the last record .*never called durable"
forget_memory
start_daemon "${options[@]}" -s instance.directory="$dir/copy" --abandon-shm
grep -q "cutting a torn tail of 4 bytes behind LSN $last " "$dir/daemon.out" || fail "the start does not agree"
stop_daemon
forget_memory

# A checkpoint of another user's log is that user's, who goes on with it; who cannot give it away makes none.
if [ "$(id -u)" = 0 ]; then
    copy_log
    chown -R 5:6 "$dir/copy"
    run 0 checkpoint "$dir/copy"
    [ "$(stat -c %u:%g:%a "$dir/copy"/*.snap)" = 5:6:600 ] ||
        fail "a snapshot in the log of 5:6 is of $(stat -c %u:%g:%a "$dir/copy"/*.snap)"
    rm "$dir/copy"/*.snap
    chmod -R a+rwX "$dir/copy"
    cp "$recover" "$dir"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/holdfast-recover" checkpoint "$dir/copy" \
        >"$dir/recover.out" 2>"$dir/recover.err" && code=0 || code=$?
    [ "$code" = 77 ] || fail "a snapshot that the log's owner could not read: exit code $code, not 77"
    said "the log is that of user 5, who could not read a snapshot of user 65534: make it as user 5 or as root"
    [ -z "$(compgen -G "$dir/copy/*.snap*")" ] || fail "a refused checkpoint leaves something behind"
fi

# Who may not list a log is told so by every command, and by a start.
if [ "$(id -u)" = 0 ]; then
    copy_log
    chmod 700 "$dir/copy"
    cp "$recover" "$dir"
    for command in verify dump replay "explain 1" checkpoint "repair --yes --to $dir/none"; do
        # shellcheck disable=SC2086
        set -- $command
        setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/holdfast-recover" "$1" "$dir/copy" "${@:2}" \
            >"$dir/recover.out" 2>"$dir/recover.err" && code=0 || code=$?
        [ "$code" = 77 ] || fail "$1 of a log that may not be listed: exit code $code, not 77"
        said "copy: (cannot be listed: )?Permission denied"
    done
fi

# What cannot be.
run 66 verify "$dir/nowhere"
run 66 dump "$dir/daemon.out"
run 64 replay "$log" --to none
run 64 verify
run 64 nothing

# A directory without a log is not a sound log, and stays as it is; LOCK alone is one that has lost its segments.
mkdir -p "$dir/above/empty"
cp -r "$log" "$dir/above/log"
: >"$dir/above/empty/LOCK"
for command in verify dump replay checkpoint "explain" "archive --remove --to $dir/none" "backup --to $dir/none" \
    "repair --yes --to $dir/none" "adopt --in-place"; do
    for directory in "$dir/above/empty" "$dir/above"; do
        operand=(${command%% *} "$directory")
        [ "$command" != explain ] || operand+=(1)
        # shellcheck disable=SC2086
        run 66 "${operand[@]}" ${command#"${command%% *}"}
        said "no log in $directory"
    done
    said "no log in $dir/above, but in $dir/above/log$"
done
run 66 diff "$log" "$dir/above"
[ ! -s "$dir/above/empty/LOCK" ] && [ ! -e "$dir/above/LOCK" ] && [ ! -e "$dir/none" ] || fail "something is made of no log"
cp "$log/LOCK" "$dir/above/empty/LOCK"
run 65 verify "$dir/above/empty"
rm "$dir/above/log"/*
: >"$dir/above/log/LOCK"
forget_memory
start_daemon "${options[@]}" -s instance.directory="$dir/above/log" # a daemon begins a log there
stop_daemon
run 0 verify "$dir/above/log"

# What is no file is named, and not waited for.
copy_log
mkfifo "$dir/copy/$(printf '%020d' 999).wal"
for command in verify dump replay; do
    timeout 10 "$recover" $command "$dir/copy" >"$dir/recover.out" 2>"$dir/recover.err" </dev/null && code=0 || code=$?
    [ "$code" = 65 ] || fail "$command of a log with a FIFO in it ended with exit code $code, not 65"
    said "copy/00000000000000000999.wal is no regular file"
done
say "passed"
