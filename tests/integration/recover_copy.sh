#!/usr/bin/env bash
# recover_copy.sh BINARY_DIR - holdfast-recover makes logs: a backup under load and its restore, an instance
# of its own from a copy, an archive, a mended log; and finds where two logs part.
source "$(dirname "$0")/lib.sh" "$1"
# After a loss trading goes on at once; but for a mended log, which an operator has to release.
options=(-s wal.segment_kib=64 -s instance.admin=ops -s instance.after_loss=open)
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
# digest DIRECTORY [LSN], history DIRECTORY
digest() { run 0 replay --json "$1" ${2+--to "$2"} && json digest; }
history_of() { run 0 replay --json "$1" && json history; }
forget_memory() { rm -f /dev/shm/holdfast."$instance".*; }
has_segments() { compgen -G "$1/*.wal" >/dev/null; }
submitted() { probe facts client | sed -n 's/.*submitted=\([0-9]*\).*/\1/p'; }

# Backups while two traders trade: each is a sound beginning of the log, up to what was durable.
start_daemon "${options[@]}"
probe durable client 300 >"$dir/client.out" || fail "orders"
"$bin/tests/traders" "$socket" DEMO "${load[@]}" >"$dir/traders.out" 2>&1 &
traders=$!
pids+=($traders)
count=0
while kill -0 $traders 2>/dev/null || [ $count -lt 2 ]; do
    durable=$(status durable)
    run 0 backup --json "$instance" --to "$dir/backup.$count"
    [ "$(json last_lsn)" -ge "$((durable - 1))" ] || fail "LSN $durable was durable before the backup"
    count=$((count + 1))
done
wait $traders || fail "the traders"
run 73 backup "$log" --to "$dir/backup.0"
# Nothing is put into the log's own directory, however that is called.
ln -s "$log" "$dir/link"
for to in "$log" "$log/" "$log/sub" "$log/../log/sub/" "$dir/link" "$dir/link/sub"; do
    for source in "$log" "$dir/link"; do
        run 64 archive "$source" --to "$to"
        run 64 backup "$source" --to "$to"
        run 64 repair "$source" --to "$to" --cut 2
        said "is in the log's own directory, .*: --to must be another one"
    done
done
run 64 backup "$instance" --to "$log/sub"
(cd "$log" && run 64 archive . --to sub && run 64 backup . --to sub) || exit
[ ! -e "$log/sub" ] || fail "a directory is made in the log"
run 66 backup nobody --to "$dir/backup.none"
run 69 adopt --in-place "$log"
run 69 archive --all "$log" --to "$dir/archive"
stop_daemon
for backup in "$dir"/backup.*; do
    run 0 verify --json "$backup"
    last=$(json last_lsn) has=$(json digest)
    [ "$(digest "$log" "$last")" = "$has" ] || fail "$backup differs from the log at LSN $last"
    run 1 diff "$log" "$backup"
    said "^the logs are the same up to LSN $last and differ at LSN $((last + 1)):"
    said "^  ends with LSN $last"
done
say "$count backups under load replay to the digest of the log"

# A backup is restored after the host was lost: the daemon goes on from it, under a new history.
mv "$log" "$dir/lost"
cp -r "$dir/backup.1" "$log"
forget_memory
before=$(history_of "$log")
start_daemon "${options[@]}" --abandon-shm # the host is the same one
[ "$(submitted)" -ge 300 ] || fail "the client's orders are not in the restored log"
probe durable client 100 >"$dir/client.out" || fail "orders on a restored log"
stop_daemon
[ "$(history_of "$log")" = $((before + 1)) ] || fail "a restored log needs a new history"
run 0 verify "$log"
run 1 diff "$log" "$dir/lost"

# Of a log that was stopped cleanly too: nobody can know that it is the last that was.
run 0 backup --json "$dir/lost" --to "$dir/stopped"
[ "$(json digest)" = "$(digest "$dir/lost")" ] || fail "a backup has another digest"
run 0 dump "$dir/stopped"
! grep -q ' stop ' "$dir/recover.out" || fail "a backup ends with a stop"

# Adopted, it is another instance with the same books, beside the first one.
start_daemon "${options[@]}"
first=$daemon
first_socket=$socket
cp -r "$dir/backup.1" "$dir/second"
had=$(digest "$dir/second")
run 0 verify --json "$dir/second"
id=$(json instance_id) last=$(json last_lsn)
run 0 adopt "$dir/second/" --in-place
[ ! -e "$dir/second.adopt" ] || fail "adopt leaves the old log behind"
[ "$(digest "$dir/second")" = "$had" ] || fail "adopt changes the books"
run 0 verify --json "$dir/second"
[ "$(json instance_id)" != "$id" ] || fail "adopt keeps the instance"
run 1 diff --json "$dir/backup.1" "$dir/second"
[ "$(json lsn)" = $((last + 1)) ] || fail "adopt changes a record"
run 0 adopt "$dir/backup.1" --to "$dir/third"
run 64 adopt "$dir/backup.1"
instance=${instance}b socket=$dir/sock2
start_daemon "${options[@]}" -s instance.directory="$dir/second"
probe durable other 10 >"$dir/client.out" || fail "orders to the second instance"
stop_daemon
run 0 verify "$dir/second"
forget_memory
instance=${instance%b} socket=$first_socket daemon=$first
alive "beside the second instance"

# Archive: beside the daemon what is sealed, then all, and every command reads it.
run 0 archive "$log" --to "$dir/archive"
said "all decompressed and compared"
! grep -q "the whole log" "$dir/recover.out" || fail "the last segment is in use"
stop_daemon
run 0 archive --all "$log" --to "$dir/archive"
said "the whole log"
! has_segments "$dir/archive" || fail "an archive has plain segments"
run 0 verify --json "$dir/archive"
[ "$(json archived)" = "$(json segments)" ] || fail "verify sees no archives"
run 0 diff "$log" "$dir/archive"
said "^the logs are the same: LSN 1 to"
run 0 dump "$dir/archive" --to 10
[ "$(digest "$dir/archive")" = "$(digest "$log")" ] || fail "the archive replays differently"
cp -r "$dir/archive" "$dir/broken"
printf 'x' | dd of="$dir/broken/00000000000000000001.wal.zst" bs=1 seek=500 conv=notrunc status=none
run 65 verify "$dir/broken"
said "00001.wal.zst"
run 65 archive --remove "$log" --to "$dir/broken"
has_segments "$log" || fail "segments were removed without a proof"
expect_refusal 78 "is archived; a daemon goes on from segments only" "${options[@]}" \
    -s instance.name="archived$$" -s instance.directory="$dir/archive"
rm -f /dev/shm/holdfast."archived$$".* "$dir/archive/LOCK"
run 0 archive --remove "$log" --to "$dir/archive"
! has_segments "$log" || fail "--remove leaves segments"
run 0 backup "$dir/archive" --to "$dir/unpacked" # the way back
rm -rf "$log"
cp -r "$dir/unpacked" "$log"
forget_memory
start_daemon "${options[@]}" --abandon-shm
probe durable client 10 >"$dir/client.out" || fail "orders on an unpacked archive"
kill_daemon

# Repair: a damaged log is copied up to a cut that is confirmed; the daemon goes on under a new history.
history=$(history_of "$log")
cp -r "$log" "$dir/damaged"
printf 'x' | dd of="$dir/damaged/00000000000000000002.wal" bs=1 seek=20000 conv=notrunc status=none
(cd "$dir/damaged" && cksum ./*) >"$dir/before"
run 64 repair "$dir/damaged" --to "$dir/mended"
said "not confirmed"
[ ! -e "$dir/mended" ] || fail "an unconfirmed repair makes a copy"
valid=$(sed -n 's/^valid *up to LSN \([0-9]*\);.*/\1/p' "$dir/recover.out")
run 64 repair "$dir/damaged" --to "$dir/mended" --cut $((valid + 1))
# On a terminal it asks: only the LSN itself is a yes.
for answer in yes $valid; do
    echo "$answer" | script -qec \
        "$recover repair $dir/damaged --to $dir/answered" /dev/null >"$dir/recover.out" 2>&1 || true
    said "Type the LSN of the cut to confirm it:"
    [ -e "$dir/answered" ] || [ "$answer" = yes ] || fail "an answer of $valid confirms nothing"
    [ ! -e "$dir/answered" ] || [ "$answer" = "$valid" ] || fail "'$answer' confirms a cut"
done
run 0 verify "$dir/answered"
run 0 repair "$dir/damaged" --to "$dir/mended" --yes
said "LSN 1 to $valid, then epoch"
(cd "$dir/damaged" && cksum ./*) | cmp - "$dir/before" || fail "repair touches the original"
run 0 verify "$dir/mended"
said "^SOUND"
run 64 repair "$dir/mended" --to "$dir/needless" --yes
said "nothing was done: $dir/mended is sound up to LSN"
[ ! -e "$dir/needless" ] || fail "a sound log is mended"
[ "$(digest "$dir/mended" "$valid")" = "$(digest "$log" "$valid")" ] || fail "the mended log replays differently"
[ "$(history_of "$dir/mended")" -gt "$history" ] || fail "the mended log needs a history nobody has heard of"
run 0 repair "$dir/damaged" --to "$dir/earlier" --cut 200
run 1 diff --json "$dir/earlier" "$log"
[ "$(json lsn)" = 201 ] || fail "the log is not cut where it should be"
mv "$log" "$dir/original"
mv "$dir/mended" "$log"
expect_refusal 65 "another directory|knows more than the log" "${options[@]}" # the host still knows more
start_daemon "${options[@]}" --abandon-shm
told=$(probe facts client | sed -n 's/.*history=\([0-9]*\).*/\1/p')
[ "$told" -gt "$history" ] || fail "the client is told history $told, and knew $history"
"$bin/holdfast" status -S "$socket" >"$dir/status.out"
grep -q "0 of 1 instruments open; DEMO halted" "$dir/status.out" || fail "a mended log is not halted"
grep -q "1 of 1 instruments are halted and take cancels only: 'holdfast admin phase" "$dir/daemon.out" ||
    fail "how to open a mended log is not said"
"$bin/holdfast" admin -S "$socket" -n ops phase all open >"$dir/admin.out" || fail "a release"
probe durable client 10 >"$dir/client.out" || fail "orders on a mended log"
stop_daemon
run 0 verify "$log"
say "passed"
