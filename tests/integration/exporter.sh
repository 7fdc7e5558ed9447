#!/usr/bin/env bash
# exporter.sh BINARY_DIR - holdfast-exporter beside a real daemon, as a user who may only look: what it serves,
# its verdicts while the daemon is absent, works, stands still, is dead, comes back and halts; and that dashboard
# and alert rules speak of metrics that there are.
source "$(dirname "$0")/lib.sh" "$1"
need_root
shm=/dev/shm/holdfast.$instance
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
cp "$bin/holdfast-exporter" "$dir/"
exporter=(setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/holdfast-exporter")

# request METHOD PATH: the answer into $dir/answer.out, its status into $code
request() {
    exec 7<>/dev/tcp/127.0.0.1/"$port"
    printf '%s %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" "$2" "${3:-localhost}" >&7
    timeout 10 cat <&7 >"$dir/answer.out"
    exec 7>&-
    code=$(sed -nE '1s/^HTTP[^ ]* ([0-9]+).*/\1/p' "$dir/answer.out")
}
get() { request GET "$1"; }
# gets STATUS PATH TEXT: a pattern of grep -E
gets() {
    get "$2"
    [ "$code" = "$1" ] || fail "$2 answers $code, not $1"
    grep -qE -- "$3" "$dir/answer.out" || fail "$2 does not say '$3'"
}
body() { sed '1,/^\r*$/d' "$dir/answer.out"; }
is_health() { get /healthz && [ "$code" = "$1" ] && grep -qE "^$2: " "$dir/answer.out"; }
await_health() { until_true 10 is_health "$1" "$2" || fail "/healthz does not become $1, $2"; }
value() { get /metrics && sed -nE "s/^holdfast_$1 //p" "$dir/answer.out"; }
# check WORDS...: the whole exposition against the format's rules
check() {
    get /metrics
    body | "$bin/tests/check_exposition" "$@" >"$dir/check.out" || fail "the exposition, $*"
}

# A name that cannot be one of an instance is told at once.
code=0
"${exporter[@]}" --instance "$(printf 'x%.0s' {1..300})" --listen 127.0.0.1:0 >"$dir/second.out" 2>&1 || code=$?
[ "$code" = 64 ] || fail "a bad instance name ends with $code"
grep -q -- "--instance: the name of an instance is 1 to 23 bytes of .*, unlike 'xxx" "$dir/second.out" || fail "a bad name is not told"
code=0
HOLDFAST_INSTANCE=a/b "${exporter[@]}" --listen 127.0.0.1:0 >"$dir/second.out" 2>&1 || code=$?
[ "$code" = 64 ] || fail "a bad name in the environment ends with $code"
grep -qF "\$HOLDFAST_INSTANCE: the name of an instance" "$dir/second.out" || fail "the variable is not told"

# An empty HOLDFAST_INSTANCE is none, as for holdfast itself: the exporter serves.
HOLDFAST_INSTANCE="" "${exporter[@]}" --listen 127.0.0.1:0 >"$dir/unnamed.out" 2>&1 </dev/null &
unnamed=$!
pids+=("$unnamed")
await_line "$dir/unnamed.out" "serving on .*, port [0-9]+" 10
kill "$unnamed"
wait "$unnamed" || true

# Before the daemon.
"${exporter[@]}" --socket "$socket" --listen 127.0.0.1:0 --host desk.example >"$dir/exporter.out" 2>&1 </dev/null &
watcher=$!
pids+=("$watcher")
await_line "$dir/exporter.out" "serving on .*, port [0-9]+" 10
port=$(sed -nE 's/.*, port ([0-9]+).*/\1/p' "$dir/exporter.out")
gets 503 /healthz "^absent: .*no daemon answers"
check
[ "$(value up)" = 0 ] || fail "up is $(value up) without a daemon"
gets 200 /api '"health":"absent"'
gets 200 / '<title>Holdfast'
gets 404 /nothing "/metrics"
gets 404 "/api/book?instrument=DEMO" "no instrument"
gets 400 /api/book "SYMBOL"
request POST /metrics
[ "$code" = 405 ] || fail "POST is answered $code"
# With a body it gets the same answer.
exec 7<>/dev/tcp/127.0.0.1/"$port"
printf 'POST /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello' >&7
timeout 10 cat <&7 >"$dir/answer.out" || true
exec 7>&-
grep -q "^HTTP/1.1 405" "$dir/answer.out" || fail "a POST with a body is not answered"
# A name that somebody else owns may lead browsers here.
for host in evil.example evil.example:9630 localhost.evil.example 127.0.0.1.evil.example; do
    request GET /api "$host"
    [ "$code" = 421 ] || fail "a request for $host is answered $code"
done
for host in "localhost:$port" 127.0.0.1 "[::1]:$port" "$(hostname)" Desk.Example:80; do
    request GET /api "$host"
    [ "$code" = 200 ] || fail "a request for $host is answered $code"
done
# A request names one host (RFC 9112, 3.2); of HTTP/1.0 none will do.
raw() { # STATUS REQUEST
    exec 7<>/dev/tcp/127.0.0.1/"$port"
    printf "$2\r\n\r\n" >&7
    timeout 10 cat <&7 >"$dir/answer.out" || true
    exec 7>&-
    grep -q "^HTTP/1.. $1 " "$dir/answer.out" || fail "not answered $1: $2"
}
raw 400 'GET /api HTTP/1.1\r\nConnection: close'
raw 400 'GET http://localhost/api HTTP/1.1\r\nConnection: close'
grep -q "^a request has one header Host" "$dir/answer.out" || fail "a missing Host is not told"
raw 400 'GET /api HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\nConnection: close'
raw 400 'GET /api HTTP/1.0\r\nHost: evil.example\r\nHost: localhost'
raw 200 'GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close'
raw 200 'GET /api HTTP/1.0'
for from in zzz -1 5x "" 99999999999999999999; do gets 400 "/api/history?from=$from" "from=NUMBER"; done
gets 200 "/api/history?from=5" '"first":'
# A whole address is a path, too; the host is then what it says.
for target in "http://localhost:$port/metrics" HTTP://127.0.0.1/ http://localhost "http://localhost:$port/api?x=1"; do
    request GET "$target" evil.example
    [ "$code" = 200 ] || fail "a request for $target is answered $code"
done
for target in http://evil.example/metrics http:///metrics http://localhost@evil.example/metrics; do
    request GET "$target"
    [ "$code" = 421 ] || fail "a request for $target is answered $code"
done
# A NUL ends no path and no symbol.
gets 404 /metrics%00foo "/metrics"
gets 200 /%6detrics holdfast_up
# Who sends nothing does not keep others out.
silent=()
for _ in {1..80}; do
    exec {fd}<>/dev/tcp/127.0.0.1/"$port"
    printf 'GET / HTTP/1.1\r\n' >&"$fd" 2>/dev/null || true
    silent+=("$fd")
done
gets 503 /healthz "^absent"
for fd in "${silent[@]}"; do exec {fd}>&-; done
request HEAD /metrics
[ "$code" = 200 ] && [ -z "$(body)" ] || fail "HEAD is answered with a body"

# Who is not let look says that, and neither that nobody trades nor that all is well; and not how to get the right to
# trade.
start_daemon
await_health 503 denied
gets 503 /healthz "^denied: user 65534 is neither in instance.watch .*name the user in instance.watch"
check
get /metrics
! grep -qE '^holdfast_(up|healthy) ' "$dir/answer.out" || fail "it is told whether a daemon is up by one who may not look"
gets 200 /metrics '^holdfast_health\{verdict="denied"\} 1'
stop_daemon

# It works.
start_daemon -s instance.watch=65534 -s instance.admin=boss
await_health 200 well
"$bin/tests/producer" "$socket" one 0 3000 0 </dev/null >"$dir/producer.out" 2>&1 &
pids+=($!)
await_line "$dir/producer.out" "^answered" 60
# The daemon looks at its sessions once a second.
has_counted() {
    [ "$(value commands_total)" = "$(status commands)" ] &&
        [ "$(value 'session_commands_total\{session="one"\}')" = 3000 ]
}
until_true 10 has_counted || fail "commands_total is $(value commands_total), of the session $(value 'session_commands_total\{session="one"\}')"
check "$source_dir"/deploy/grafana/*.json "$source_dir"/deploy/prometheus/*.yml
[ "$(value round_seconds_count)" = "$(status commands)" ] || fail "not each command is in the histogram"
gets 200 /api '"sequenced_lsn":'
gets 200 /api '"name":"one"'
gets 200 "/api/book?instrument=DEMO" '"symbol":"DEMO".*"bids":\['
gets 404 "/api/book?instrument=DEMO%00x" "no instrument"
gets 200 "/api/book?instrument=D%45MO" '"symbol":"DEMO"'
gets 200 /api/history '"time":\[[0-9.,]+\]'
gets 200 /api/about '"help":'

# Nobody can trade: the command that mends it is named.
"$bin/holdfast" admin --socket "$socket" --session boss phase all halted >/dev/null
await_health 503 shut
gets 503 /healthz "every instrument is halted or closed.*holdfast admin phase all open"
gets 200 /metrics '^holdfast_healthy 0'
gets 200 /metrics '^holdfast_health\{verdict="shut"\} 1'
gets 200 /metrics '^holdfast_up 1'
"$bin/holdfast" admin --socket "$socket" --session boss phase all closed >/dev/null
await_health 503 shut
"$bin/holdfast" admin --socket "$socket" --session boss phase all pre-open >/dev/null
await_health 200 well
"$bin/holdfast" admin --socket "$socket" --session boss phase all open >/dev/null
await_health 200 well

# It stands still, and goes on. Counts that cannot be (instruments; rows of sessions) do not end the exporter.
word() { od -An -tu4 -j"$2" -N4 "$shm.$1" | tr -d ' '; }
put_word() { printf "$(printf '\\x%02x' $(($3 & 255)) $(($3 >> 8 & 255)) $(($3 >> 16 & 255)) $(($3 >> 24 & 255)))" |
    dd of="$shm.$1" bs=1 seek="$2" conv=notrunc status=none; }
has_looked() { [ "$(value exporter_looks_total)" -gt "$((looks + 1))" ]; }
kill -STOP "$daemon"
await_health 503 stuck
gets 200 /metrics '^holdfast_healthy 0'
instruments=$(word status 276)
sessions=$(word metrics 80)
[ "$instruments" = "$(value instruments)" ] && [ "$sessions" = "$(value sessions_max)" ] ||
    fail "the counts are not where this test looks"
for count in 4294967295 50000000; do
    looks=$(value exporter_looks_total)
    put_word status 276 "$count"
    put_word metrics 80 "$count"
    until_true 5 has_looked || fail "no look at $count instruments, and rows for as many sessions"
    put_word status 276 "$instruments"
    put_word metrics 80 "$sessions"
done
kill -CONT "$daemon"
await_health 200 well
put_word status 276 50000000
await_health 200 frail
gets 200 /healthz "50000000 instruments and has room for .*damaged"
put_word status 276 "$instruments"
await_health 200 well

# It is dead: nothing that looks alive is told. It comes back; so does the exporter, to another object.
kill_daemon
await_health 503 dead
check
get /metrics
! grep -q '^holdfast_commands_total' "$dir/answer.out" || fail "a dead daemon's counters are told"
start_daemon -s instance.watch=65534
await_health 200 well
[ "$(value epoch)" = 3 ] || fail "epoch $(value epoch) after a restart"

# It halts: the log's files are gone.
rm "$log"/*.wal
await_health 503 halted
gets 503 /healthz "^halted: ([^h]|h[^a]).*Mend it"
gets 200 /metrics '^holdfast_health\{verdict="halted"\} 1'
gets 200 /metrics '^holdfast_up 1'
kill_daemon
is_down() { [ "$(value up)" = 0 ]; }
until_true 5 is_down || fail "up is $(value up) of a process that has ended"
await_health 503 halted

# What is wrong with its own call is said, and its end is quiet.
"${exporter[@]}" --listen "127.0.0.1:$port" >"$dir/second.out" 2>&1 && fail "two on one port"
grep -q "cannot listen on 127.0.0.1:$port: Address already in use" "$dir/second.out" || fail "a port in use"
code=0
"${exporter[@]}" --listen 192.0.2.1:0 >"$dir/second.out" 2>&1 || code=$?
[ "$code" = 69 ] || fail "an address that is none of this host's ends with $code"
code=0
"${exporter[@]}" --listen nowhere >"$dir/second.out" 2>&1 || code=$?
[ "$code" = 64 ] || fail "a bad address ends with $code"
for host in a/b localhost:80 ""; do
    code=0
    "${exporter[@]}" --host "$host" --listen 127.0.0.1:0 >"$dir/host.out" 2>&1 || code=$?
    [ "$code" = 64 ] || fail "--host '$host' ends with $code"
    grep -qF -- "--host '$host' is no name of a host" "$dir/host.out" || fail "--host '$host' is not told"
done
grep -q -- "--listen 'nowhere': the port is not a number" "$dir/second.out" || fail "a bad address is not told"
kill -TERM "$watcher"
wait "$watcher" || fail "the exporter ends with $?"
say "it serves, and judges, as it should"
