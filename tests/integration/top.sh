#!/usr/bin/env bash
# top.sh BINARY_DIR - holdfast top with a real daemon: as text, and on a terminal of its own, over a kill and a
# restart of the daemon, another size, and each way to end it; the terminal is then as it was before.
source "$(dirname "$0")/lib.sh" "$1"
command -v script >/dev/null || { say "skipped: no script, which makes a terminal"; exit 77; }

top() { "$bin/holdfast" top --socket "$socket" --interval 0.2 "$@"; }

# Without a daemon.
code=0
top --once >"$dir/once.out" 2>&1 || code=$?
[ "$code" = 69 ] || fail "of an absent daemon --once ends with $code"
grep -q "^no daemon\|no daemon answers" "$dir/once.out" || fail "that it is absent is not said"

# With one, under load.
start_daemon
"$bin/tests/traders" "$socket" DEMO 5000 60 0 0 >"$dir/traders.out" 2>&1 &
pids+=($!)
shows_load() { top --once >"$dir/once.out" 2>&1 && grep -qE "^trader-2 +there +[1-9]" "$dir/once.out"; }
until_true 10 shows_load || fail "the load is not shown"
for words in "^holdfast $instance +well" "commands [1-9][0-9,.]* " "^wait in the ring +[1-9]" \
    "^sequenced to durable +[1-9]" "^DEMO +open +[0-9]+ x [0-9]+ +[0-9]+ x [0-9]+ +[0-9]+" "durable +[1-9][0-9]+ "; do
    grep -qE "$words" "$dir/once.out" || fail "--once does not show '$words'"
done
! grep -q $'\033' "$dir/once.out" || fail "text for scripts has escape sequences"
top --count 3 >"$dir/count.out"
[ "$(grep -c "^holdfast " "$dir/count.out")" = 3 ] || fail "--count 3 prints another number"
# Where there is no terminal one picture is printed, and the help says so.
timeout 60 "$bin/holdfast" top --socket "$socket" --interval 0.2 >"$dir/piped.out" || fail "without a terminal it does not end"
[ "$(grep -c "^holdfast " "$dir/piped.out")" = 1 ] || fail "without a terminal it prints another number"
"$bin/holdfast" top --help | tr -s ' \n' ' ' | grep -q "with --once, or where standard output is no terminal, one is" ||
    fail "the help does not say what is printed where there is no terminal"
top --interval 0 --once >"$dir/usage.out" 2>&1 && fail "--interval 0 is taken"

# on_terminal NAME: in a terminal, with keys from $dir/keys; what the terminal gets into NAME.out
mkfifo "$dir/keys"
exec 8<>"$dir/keys"
on_terminal() {
    rm -f "$dir/top.pid" "$dir/code"
    # A job of an interactive shell: in the foreground of its terminal, and with signals.
    TERM=xterm-256color script -qfec "bash -c 'set -m; stty rows 40 cols 100; stty -g >$dir/stty.before; \
        $bin/holdfast top --socket $socket --interval 0.2; echo code \$? >$dir/code; stty -g >$dir/stty.after'" \
        /dev/null <"$dir/keys" >"$dir/$1.out" 2>&1 8<&- &
    terminal=$!
    pids+=("$terminal")
    await_line "$dir/$1.out" "well" 10
    topper=$(pgrep -f "holdfast top --socket $socket --interval 0.2$" | while read -r pid; do
        [ "$(readlink "/proc/$pid/exe")" = "$(realpath "$bin/holdfast")" ] && echo "$pid"
    done | head -n 1)
}
ended() { # NAME: cleanly, and the terminal is as before
    until_true 10 test -s "$dir/code" || fail "$1: it does not end"
    [ "$(cat "$dir/code")" = "code 0" ] || fail "$1: it ends with $(cat "$dir/code")"
    until_true 10 test -s "$dir/stty.after" || fail "$1: the terminal's settings"
    cmp -s "$dir/stty.before" "$dir/stty.after" || fail "$1: the terminal's settings are others"
    tail -c 200 "$dir/$1.out" | grep -q $'\033\\[?1049l' || fail "$1: the screen before does not come back"
    tail -c 200 "$dir/$1.out" | grep -q $'\033\\[?12l\033\\[?25h' || fail "$1: the cursor does not come back"
    wait "$terminal" || true
    rm -f "$dir/stty.after"
}

# The daemon dies, and comes back; another size; pages; q.
on_terminal screen
await_line "$dir/screen.out" "trader-1" 10
kill_daemon
await_line "$dir/screen.out" "is gone without a clean stop" 10
await_line "$dir/screen.out" "What is shown is what it said last" 10
: >"$dir/screen.out"
start_daemon
await_line "$dir/screen.out" "well" 10
printf h >&8
await_line "$dir/screen.out" "measured of one record a millisecond" 10
printf ht >&8
await_line "$dir/screen.out" "hf-engine" 10
: >"$dir/screen.out"
stty rows 24 cols 80 <"$(readlink "/proc/$topper/fd/0")"
kill -WINCH "$topper"
printf t >&8
await_line "$dir/screen.out" "trader-1" 10
printf q >&8
ended screen

# Signals end it as well.
for signal in INT TERM HUP; do
    on_terminal "$signal"
    kill -s "$signal" "$topper"
    ended "$signal"
done

# A terminal that goes without a signal: top has a session of its own, and nothing to read any more.
TERM=xterm-256color script -qfc "setsid -w $bin/holdfast top --socket $socket --interval 0.2" /dev/null \
    <"$dir/keys" >"$dir/gone.out" 2>&1 8<&- &
terminal=$!
await_line "$dir/gone.out" "well" 10
topper=$(pgrep -f "^$bin/holdfast top --socket $socket --interval 0.2$")
pids+=("$topper")
kill -KILL "$terminal"
wait "$terminal" 2>/dev/null || true
is_gone() { [ ! -e "/proc/$topper" ]; }
until_true 5 is_gone || fail "top goes on without a terminal"

# A terminal that nobody knows.
TERM=nothing script -qfec "$bin/holdfast top --socket $socket" /dev/null <"$dir/keys" >"$dir/unknown.out" 2>&1 &&
    true
grep -q "no terminal of kind TERM=nothing is known here" "$dir/unknown.out" || fail "an unknown terminal is not told"
# Who comes when the daemon is dead is told so, where it may see what is left.
died=$daemon
kill_daemon
code=0
"$bin/holdfast" top --instance "$instance" --interval 0.1 --once >"$dir/once.out" 2>&1 || code=$?
[ "$code" = 69 ] || fail "of a dead daemon --once ends with $code"
grep -q "^process $died is gone without a clean stop" "$dir/once.out" || fail "that it is dead is not said"
start_daemon -s instance.admin=boss
for phase in halted closed; do
    "$bin/holdfast" admin --socket "$socket" --session boss phase all "$phase" >/dev/null
    code=0
    top --once >"$dir/once.out" 2>&1 || code=$?
    [ "$code" = 69 ] || fail "--once ends with $code where every instrument is $phase"
    grep -qE "^holdfast $instance +shut" "$dir/once.out" || fail "that every instrument is $phase is not said"
done
stop_daemon
"$bin/holdfast" top --instance "$instance" --interval 0.1 --once >"$dir/once.out" 2>&1 && fail "stopped, and well?"
grep -q "^cleanly, at LSN" "$dir/once.out" || fail "that it was stopped is not said"
say "text and screen show the load; it ends as it should"
