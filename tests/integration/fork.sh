#!/usr/bin/env bash
# fork.sh BINARY_DIR - a session is its process's, not its socket's: it ends with the process that opened it,
# or with hf_detach() there, although a forked child has a copy of the socket; and a child that detaches its
# copy ends nothing. The same where the daemon has no descriptor left to watch the process with.
source "$(dirname "$0")/lib.sh" "$1"
start_daemon
mkfifo "$dir/input"
exec 9<>"$dir/input"

no_orders() { [ "$(status open_orders 2>/dev/null)" = 0 ]; }

# orphaned NAME: its client ends, and a child of that stays
orphaned() {
    "$bin/tests/leaver" orphan "$socket" "$1" <"$dir/input" >"$dir/$1.out" 2>&1 9<&- ||
        fail "$1: its client"
    await_line "$dir/$1.out" "^there" 5
    until_true 5 no_orders || fail "$1: the order of a client that has ended is in the book while its child lives"
    probe open "$1" >"$dir/open.out" || fail "$1: a session whose client has ended is held: $(cat "$dir/open.out")"
}

orphaned forked

# The connection takes the last descriptor: silent ones have all others, two each.
nobody_left() { [ "$(readlink /proc/"$daemon"/fd/* | grep -c "^socket:")" = 1 ]; } # but who listens
until_true 5 nobody_left || fail "connections of clients that have ended are open"
watched() { readlink /proc/"$daemon"/fd/* | grep -c pidfd || true; }
[ "$(watched)" = 0 ] || fail "processes are watched that have no connection"
fds=(/proc/"$daemon"/fd/*)
highest=$(printf '%s\n' "${fds[@]##*/}" | sort -n | tail -n 1)
limit=$((highest + 2 + (highest + 1 - ${#fds[@]}) % 2))
prlimit --pid "$daemon" --nofile="$limit":4096
silent=$(((limit - ${#fds[@]} - 1) / 2))
"$bin/tests/hostile" crowd "$socket" crowd "$silent" <"$dir/input" >"$dir/crowd.out" 2>&1 9<&- &
pids+=($!)
all_watched() { [ "$(watched)" = "$silent" ]; }
until_true 5 all_watched || fail "not all of $silent processes are watched"
"$bin/tests/leaver" orphan "$socket" unwatched <"$dir/input" >"$dir/unwatched.out" 2>&1 9<&- &
await_line "$dir/unwatched.out" "^there" 5
[ "$(watched)" = "$silent" ] || fail "there was a descriptor left to watch the process with"
prlimit --pid "$daemon" --nofile=4096:4096
until_true 10 no_orders || fail "nobody looks whether a process lives that cannot be watched"

"$bin/tests/leaver" detach "$socket" detached <"$dir/input" >"$dir/detached.out" 2>&1 9<&- ||
    fail "$(cat "$dir/detached.out")"
exec 9>&-
stop_daemon
say "sessions end with the process that opened them"
