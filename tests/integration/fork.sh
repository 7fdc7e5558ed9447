#!/usr/bin/env bash
# fork.sh BINARY_DIR - a session is its process's, not its socket's: it ends with the process that opened it,
# or with hf_detach() there, although a forked child has a copy of the socket; and a child that detaches its
# copy ends nothing. The same where the daemon has no descriptor left to watch the process with.
source "$(dirname "$0")/lib.sh" "$1"
start_daemon -s limits.sessions_max=1024 # and more connections than descriptors in the way
mkfifo "$dir/input"
exec 9<>"$dir/input"

no_orders() { [ "$(status open_orders 2>/dev/null)" = 0 ]; }

# parent NAME: a client with an order and a child; fails when it is not let in
parent() {
    "$bin/tests/leaver" orphan "$socket" "$1" <"$dir/input" >"$dir/$1.out" 2>&1 9<&- &
    client=$!
    pids+=("$client")
    until_true 5 test -s "$dir/$1.out" || fail "$1: no word of it"
    grep -q "^there" "$dir/$1.out"
}
# orphaned NAME: that client ends, and its child stays
orphaned() {
    kill -9 "$client"
    wait "$client" 2>/dev/null || true
    until_true 10 no_orders || fail "$1: the order of a client that has ended is in the book while its child lives"
    probe open "$1" >"$dir/open.out" || fail "$1: a session whose client has ended is held: $(cat "$dir/open.out")"
}

parent forked || fail "a client is not let in"
orphaned forked

# Its connection takes the last descriptor: silent ones have all others, two each. Threads of the daemon
# that have a file open for a moment may upset the reckoning: then once more.
nobody_left() { [ "$(readlink /proc/"$daemon"/fd/* | grep -c "^socket:")" = 1 ]; } # but who listens
watched() { readlink /proc/"$daemon"/fd/* | grep -c pidfd || true; }
take_all_but_one() {
    local fds highest limit
    probe open any >"$dir/any.out" || fail "no session although there are descriptors" # it holds its spare ones
    until_true 5 nobody_left || fail "connections of clients that have ended are open"
    fds=(/proc/"$daemon"/fd/*)
    highest=$(printf '%s\n' "${fds[@]##*/}" | sort -n | tail -n 1)
    limit=$((highest + 2 + (highest + 1 - ${#fds[@]}) % 2))
    prlimit --pid "$daemon" --nofile="$limit":4096
    silent=$(((limit - ${#fds[@]} - 1) / 2))
    "$bin/tests/hostile" crowd "$socket" crowd "$silent" <"$dir/input" >"$dir/crowd.out" 2>&1 9<&- &
    crowd=$!
    pids+=("$crowd")
    await_line "$dir/crowd.out" "^crowd of" 10
}
unwatched() { parent "$1" && [ "$(watched)" = "$silent" ]; }
success=no
for i in $(seq 20); do
    take_all_but_one
    ! unwatched "unwatched$i" || success=yes
    prlimit --pid "$daemon" --nofile=4096:4096
    kill -9 "$crowd"
    wait "$crowd" 2>/dev/null || true
    [ "$success" = no ] || break
    kill -9 "$client" 2>/dev/null || true
    wait "$client" 2>/dev/null || true
done
[ "$success" = yes ] || fail "there was always a descriptor left to watch a process with, or none for its connection"
orphaned "unwatched$i"

"$bin/tests/leaver" detach "$socket" detached <"$dir/input" >"$dir/detached.out" 2>&1 9<&- ||
    fail "$(cat "$dir/detached.out")"
exec 9>&-
stop_daemon
say "sessions end with the process that opened them"
