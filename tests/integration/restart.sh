#!/usr/bin/env bash
# restart.sh BINARY_DIR - every way to stop and start again: clean, killed, killed in recovery many
# times, after a reboot (shared memory gone), with parts of the log or of shared memory missing, damaged
# or torn. What may go on goes on with the right history; what may not is refused with names.
source "$(dirname "$0")/lib.sh" "$1"
need_boots
options=(-s wal.segment_kib=64 -s instrument.SECOND.tick=1 -s snapshot.at_stop=no -s snapshot.every_s=0
    -s instance.admin=ops -s instance.after_loss=open)

facts() { probe facts "$1"; }
fact() { facts "$1" | sed -n "s/.*$2=\([0-9]*\).*/\1/p"; }
forget_memory() { rm -f /dev/shm/holdfast."$instance".*; }

# check_facts WHAT HISTORY SUBMITTED
check_facts() {
    facts client >"$dir/facts.out"
    grep -q "history=$2 .* submitted=$3 logged=$3 " "$dir/facts.out" ||
        fail "$1: history $2 and $3 commands should be there: $(cat "$dir/facts.out")"
}

# The last segment that has a header.
last_segment() {
    local file last=
    for file in "$log"/*.wal; do
        [ "$(od -An -tx8 -N8 "$file" | tr -d ' 0\n')" = "" ] || last=$file
    done
    echo "$last"
}

# Clean, and killed, in the same boot: nothing is lost, the history stays.
start_daemon "${options[@]}"
probe durable client 300 >"$dir/client.out" || fail "orders"
stop_daemon
start_daemon "${options[@]}"
check_facts "clean stop" 1 300
probe unread client 100 >"$dir/client.out" || fail "orders"
kill_daemon
start_daemon "${options[@]}"
check_facts "kill" 1 400
[ "$(probe reports client)" = "301 400" ] || fail "reports over a kill"

# After a clean stop and a reboot: the STOP record tells that nothing was lost.
stop_daemon
forget_memory
start_daemon "${options[@]}"
check_facts "reboot after a clean stop" 1 400
[ "$(status open_orders)" = 400 ] || fail "the status page does not know the orders of the log"

# Objects are missing or damaged in the same boot, behind a kill: refused by name, whatever it is, and
# nothing is changed by the refusals.
probe unread client 10 >"$dir/client.out" || fail "orders"
kill_daemon
shm=/dev/shm/holdfast.$instance
cp -a "$shm".* "$dir"
give_back() { cp -a "$dir/holdfast.$instance".* /dev/shm/; }
forget_memory
expect_refusal 65 "the status page $shm.status is missing, but the log's last daemon" "${options[@]}"
for object in status queue s.client.rep; do
    give_back
    rm "$shm.$object"
    expect_refusal 65 "$shm.$object .*--abandon-shm" "${options[@]}"
    give_back
    truncate -s 0 "$shm.$object"
    expect_refusal 65 "$shm.$object.*--abandon-shm" "${options[@]}"
    give_back
    printf '\0\0\0\0\0\0\0\0' | dd of="$shm.$object" bs=8 conv=notrunc status=none # the magic
    expect_refusal 65 "$shm.$object.*--abandon-shm" "${options[@]}"
done
give_back
: >"$dir/daemon.out"
start_daemon "${options[@]}"
check_facts "every object given back" 1 410
grep -q warning "$dir/daemon.out" && fail "a warning although nothing is missing"

# Its own object a client may destroy: that is said, and costs nobody else anything.
mkfifo "$dir/hold.input"
exec 8<>"$dir/hold.input"
"$bin/tests/probe" hold "$socket" holder <"$dir/hold.input" >"$dir/hold.out" 2>&1 8<&- &
pids+=($!)
await_line "$dir/hold.out" "^held" 5
kill_daemon
rm "$shm".s.holder.cmd.*
start_daemon "${options[@]}"
exec 8>&-
grep -q "warning: session 'holder': its command object" "$dir/daemon.out" ||
    fail "a missing command object is not said"
check_facts "no command object" 1 410

# Killed and rebooted: durable commands are there, the history is a new one.
probe durable client 100 >"$dir/client.out" || fail "orders"
kill_daemon
new_boot
start_daemon "${options[@]}" -s wal.segment_kib=1024 # this epoch has one segment
check_facts "reboot" 2 510
probe durable client 200 >"$dir/client.out" || fail "orders after a reboot"

# A client that lives on while its memory is taken away learns that its session is gone.
mkfifo "$dir/input"
exec 9<>"$dir/input"
"$bin/tests/probe" watch "$socket" watcher 500 <"$dir/input" >"$dir/watch.out" 2>&1 9<&- &
pids+=($!)
await_line "$dir/watch.out" "^watching" 5

# The newest segment is missing while shared memory knows more: refused, naming both positions.
sleep 0.3
kill_daemon
cp -a "$log" "$dir/log.copy"
last=$(last_segment)
rm "$last" # and leave what was prepared behind it: a gap
expect_refusal 65 "the segment before this one is missing" "${options[@]}"
for file in "$log"/*.wal; do [[ $file < $last ]] || rm "$file"; done
for _ in 1 2; do # and refused again: the first start changed nothing
    expect_refusal 65 "(LSN [0-9]+ was durable|was in use).*This is damage" "${options[@]}"
done
expect_refusal 65 "This is damage" "${options[@]}" --abandon-shm # what is missing is of the log
: >"$log/LOCK" # as in a copy, which nothing witnesses
expect_refusal 65 "LSN [0-9]+.*(but LSN [0-9]+ was durable|the log and the WAL queue give [0-9]+)" \
    "${options[@]}"
start_daemon "${options[@]}" --abandon-shm -s instance.after_loss=halted
[ "$(status history)" = 3 ] || fail "abandoned memory did not start a new history"
await_line "$dir/watch.out" "HF_E_SESSION" 10
"$bin/holdfast" status -S "$socket" >"$dir/status.out"
grep -q "0 of 2 instruments open" "$dir/status.out" || fail "abandoned memory halts nothing"
"$bin/holdfast" admin -S "$socket" -n ops phase all open >"$dir/admin.out" || fail "a release"
trip "abandoned memory"
kill_daemon
rm -rf "$log"
mv "$dir/log.copy" "$log"
new_boot

# A flipped byte below the floor: refused with file, offset and LSN; nothing is changed by the refusal.
start_daemon "${options[@]}"
probe durable client 50 >"$dir/client.out" || fail "orders"
stop_daemon
first=$log/00000000000000000001.wal
cp -a "$first" "$dir/first.copy"
printf '\xff' | dd of="$first" bs=1 seek=6700 conv=notrunc status=none
cp -a "$first" "$dir/flipped.copy"
expect_refusal 65 "00000000000000000001.wal: offset 6656, LSN [0-9]+: .*damage" "${options[@]}"
cmp -s "$first" "$dir/flipped.copy" || fail "a refused start changed the damaged file"
forget_memory
expect_refusal 65 "00000000000000000001.wal: offset 6656, LSN [0-9]+: .*damage" "${options[@]}"
cat "$dir/first.copy" >"$first"

# Garbage above the floor after a reboot: cut and said, and not there at the next start.
start_daemon "${options[@]}"
probe durable client 20 >"$dir/client.out" || fail "orders"
count=$(fact client submitted)
sleep 0.5 # the idle log's closing digest
kill_daemon
new_boot
head -c 3000 /dev/urandom | dd of="$(last_segment)" bs=1 seek=60000 conv=notrunc status=none
start_daemon "${options[@]}"
grep -q "cutting a torn tail of [0-9]* bytes behind LSN" "$dir/daemon.out" || fail "a cut is not said"
[ "$(fact client submitted)" = "$count" ] || fail "a torn tail took more than it should"
stop_daemon

# The queue alone is missing, or the status page alone.
start_daemon "${options[@]}"
history=$(status history)
probe unread client 30 >"$dir/client.out" || fail "orders"
count=$((count + 30))
stop_daemon
rm /dev/shm/holdfast."$instance".queue
start_daemon "${options[@]}"
[ "$(fact client submitted)" = "$count" ] || fail "a missing queue after a clean stop"
[ "$(status history)" = "$history" ] || fail "a missing queue after a clean stop: history"
kill_daemon
rm "$shm.status"
expect_refusal 65 "the status page $shm.status is missing" "${options[@]}"
start_daemon "${options[@]}" --abandon-shm
[ "$(fact client submitted)" = "$count" ] || fail "a missing status page"
[ "$(status history)" = $((history + 1)) ] || fail "a missing status page: history"
stop_daemon

# A last segment that is missing after a clean stop and a reboot is missed all the same; and so are all of
# them.
new_boot
mkdir "$dir/aside"
last=$(last_segment)
mv "$last" "$dir/aside"
expect_refusal 65 "(was in use|was durable).*This is damage" "${options[@]}"
mv "$log"/*.wal "$dir/aside"
expect_refusal 65 "there is no log, but LSN [0-9]+ was durable" "${options[@]}"
mv "$dir"/aside/*.wal "$log"
rm "$log/00000000000000000003.wal"
expect_refusal 65 "00000000000000000004.wal: .*the segment before this one is missing" "${options[@]}"

# Killed in recovery at random points, again and again: the same books, reports and history.
rm -rf "$log"
: >"$dir/daemon.out"
start_daemon "${options[@]}"
grep -q "there is no log in $log: a new one is begun" "$dir/daemon.out" || fail "a new log is not said"
for i in 1 2; do
    "$bin/tests/producer" "$socket" "p$i" "$i" 20000 0 <"$dir/input" >"$dir/p$i.out" 2>&1 9<&- &
    pids+=($!)
    producers[i]=$!
done
begun() { [ "$(status sessions)" = 2 ]; }
until_true 10 begun || fail "the producers do not begin"
for _ in $(seq 30); do
    kill_daemon
    launch_daemon "${options[@]}"
    sleep "0.$(printf %03d $((RANDOM % 150)))"
done
wait_running
for i in 1 2; do await_line "$dir/p$i.out" "^answered" 30; done
[ "$(status history)" = 1 ] || fail "killed in recovery: nothing was lost, but the history changed"
sleep 0.3
exec 9>&-
for i in 1 2; do wait "${producers[i]}" || fail "producer $i found a violation"; done
stop_daemon
"$bin/tests/check_log" "$log" p1=1=20000 p2=2=20000 >"$dir/check.out" || fail "the log"
for i in 1 2; do
    grep -qxF "$(grep "^p$i reports" "$dir/p$i.out")" "$dir/check.out" ||
        fail "session p$i saw other reports than the log gives"
done
say "every restart went on as it should, or was refused"
