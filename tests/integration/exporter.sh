#!/usr/bin/env bash
# exporter.sh BINARY_DIR - holdfast-exporter beside a real daemon, as a user who may only look: what it serves,
# its verdicts while the daemon is absent, works, stands still, is dead, comes back and halts; and that dashboard
# and alert rules speak of metrics that there are.
source "$(dirname "$0")/lib.sh" "$1"
need_root
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
cp "$bin/holdfast-exporter" "$dir/"
exporter=(setpriv --reuid=65534 --regid=65534 --clear-groups "$dir/holdfast-exporter")

# request METHOD PATH: the answer into $dir/answer.out, its status into $code
request() {
    exec 7<>/dev/tcp/127.0.0.1/"$port"
    printf '%s %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" "$2" >&7
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

# Before the daemon.
"${exporter[@]}" --socket "$socket" --listen 127.0.0.1:0 >"$dir/exporter.out" 2>&1 </dev/null &
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
request HEAD /metrics
[ "$code" = 200 ] && [ -z "$(body)" ] || fail "HEAD is answered with a body"

# It works.
start_daemon -s instance.watch=65534
await_health 200 well
"$bin/tests/producer" "$socket" one 0 3000 0 </dev/null >"$dir/producer.out" 2>&1 &
pids+=($!)
await_line "$dir/producer.out" "^answered" 60
has_counted() { [ "$(value commands_total)" = "$(status commands)" ]; }
until_true 5 has_counted || fail "commands_total is $(value commands_total)"
check "$source_dir"/deploy/grafana/*.json "$source_dir"/deploy/prometheus/*.yml
[ "$(value round_seconds_count)" = "$(status commands)" ] || fail "not each command is in the histogram"
[ "$(value 'session_commands_total\{session="one"\}')" = 3000 ] || fail "the session's commands"
gets 200 /api '"sequenced_lsn":'
gets 200 /api '"name":"one"'
gets 200 "/api/book?instrument=DEMO" '"symbol":"DEMO".*"bids":\['
gets 200 /api/history '"time":\[[0-9.,]+\]'
gets 200 /api/about '"help":'

# It stands still, and goes on.
kill -STOP "$daemon"
await_health 503 stuck
gets 200 /metrics '^holdfast_healthy 0'
kill -CONT "$daemon"
await_health 200 well

# It is dead: nothing that looks alive is told. It comes back; so does the exporter, to another object.
kill_daemon
await_health 503 dead
check
get /metrics
! grep -q '^holdfast_commands_total' "$dir/answer.out" || fail "a dead daemon's counters are told"
start_daemon -s instance.watch=65534
await_health 200 well
[ "$(value epoch)" = 2 ] || fail "epoch $(value epoch) after a restart"

# It halts: the log's files are gone.
rm "$log"/*.wal
await_health 503 halted
gets 503 /healthz "^halted: .*Mend it"
gets 200 /metrics '^holdfast_health\{verdict="halted"\} 1'
stop_daemon 74
await_health 503 halted

# What is wrong with its own call is said, and its end is quiet.
"${exporter[@]}" --listen "127.0.0.1:$port" >"$dir/second.out" 2>&1 && fail "two on one port"
grep -q "cannot listen on 127.0.0.1:$port: Address already in use" "$dir/second.out" || fail "a port in use"
code=0
"${exporter[@]}" --listen nowhere >"$dir/second.out" 2>&1 || code=$?
[ "$code" = 64 ] || fail "a bad address ends with $code"
grep -q -- "--listen 'nowhere': the port is not a number" "$dir/second.out" || fail "a bad address is not told"
kill -TERM "$watcher"
wait "$watcher" || fail "the exporter ends with $?"
say "it serves, and judges, as it should"
