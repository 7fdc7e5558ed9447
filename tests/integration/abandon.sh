#!/usr/bin/env bash
# abandon.sh BINARY_DIR [STEP] - the log is gone and shared memory is given up for it, by a daemon that is
# killed at each STEP-th system call that names a file. Whatever is left, no start after that goes on with
# the old history: it is refused until it is asked to abandon, or it begins the next one.
source "$(dirname "$0")/lib.sh" "$1"
step=${2:-3}
strace -e trace=none true 2>/dev/null || { say "skipped: strace does not work here"; exit 77; }
shm=/dev/shm/holdfast.$instance

start_daemon
probe durable client 20 >"$dir/client.out" || fail "orders"
[ "$(status history)" = 1 ] || fail "the first history is not 1"
stop_daemon
mkdir "$dir/memory"
cp -a "$shm".* "$dir/memory"

# As it was before: memory of history 1, and an empty log directory, the same one.
give_back() {
    rm -rf "$shm".* "${log:?}"/*
    cp -a "$dir/memory"/* /dev/shm/ # not the directory itself: its mode would go with it
}

# Start as the operator would: asked to abandon only when the start says so.
start_again() {
    launch_daemon
    if ! until_true 20 answers_or_ended || ! kill -0 "$daemon" 2>/dev/null; then
        wait "$daemon" 2>/dev/null || true
        daemon=
        expect_refusal 65 "but LSN [0-9]+ was durable"
        refused=$((refused + 1))
        start_daemon --abandon-shm
    fi
}
runs() { [ -S "$socket" ] && status state >/dev/null 2>&1; }
answers_or_ended() { runs || ! kill -0 "$daemon" 2>/dev/null; }
traced_or_ended() { runs || ! kill -0 "$tracer" 2>/dev/null; }

points=0
refused=0
for nth in $(seq 1 "$step" 10000); do
    give_back
    daemon_command --abandon-shm
    rm -f "$socket"
    strace -f -qq -o "$dir/strace.txt" -e trace=%file -e inject=%file:signal=KILL:when="$nth" \
        "${command[@]}" >>"$dir/daemon.out" 2>&1 &
    tracer=$!
    pids=("$tracer")
    until_true 20 traced_or_ended || fail "neither killed nor started at call $nth"
    if kill -0 "$tracer" 2>/dev/null; then # it has started: there are no more points
        # Or it is killed in this moment, by a call behind its start.
        child=$(cat "/proc/$tracer/task/$tracer/children" 2>/dev/null || true)
        [ -z "$child" ] || kill -9 "${child% }" 2>/dev/null || true
        wait "$tracer" 2>/dev/null || true
        break
    fi
    wait "$tracer" 2>/dev/null || true
    pids=()
    start_again
    [ "$(status history)" = 2 ] || fail "history $(status history) behind a kill at call $nth"
    kill_daemon
    start_daemon
    [ "$(status history)" = 2 ] || fail "history $(status history) behind that and another kill"
    [ ! -e "$shm.abandoned" ] || fail "what was abandoned is kept for ever"
    kill_daemon
    points=$((points + 1))
done
[ "$points" -gt 10 ] || fail "only $points points"
[ "$refused" -gt 0 ] && [ "$refused" -lt "$points" ] || fail "$refused of $points were refused"
say "$points kills while memory was given up: history 2 after each"
