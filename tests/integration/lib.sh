# lib.sh - what the integration scripts share: one instance in a directory of its own, started,
# stopped and killed as the script says, and everything cleaned up at its end.
#
#   source "$(dirname "$0")/lib.sh" "$1"     the argument is the directory of the binaries
#
# HOLDFAST_DAEMON_OPTIONS holds more options for every daemon. Times to wait are those of a quiet host
# and an optimised build; a slow one is given HOLDFAST_PATIENCE (12) times as long. Where HOLDFAST_KEEP
# names a directory, a failed script leaves a copy of its own there, and of the shared memory.
set -euo pipefail
shopt -s nullglob
bin=$1
title=$(basename "$0" .sh)
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-$title.XXXXXX")
chmod 755 "$dir"
instance=${title:0:10}$$
log=$dir/log
socket=$dir/sock
daemon=
pids=() # other processes to be ended
mounts=()
# A build that walks the state machine again and again: scripts ask less of it.
is_audited() { grep -qs '^HF_EXPENSIVE_CHECKS:BOOL=ON' "$bin/CMakeCache.txt"; }

# Books that are small start fast; short segments roll over often.
orders=65536
! is_audited || orders=8192
small=(-s limits.orders_max="$orders" -s limits.session_orders_max="$orders"
    -s limits.levels_max=$((orders / 4)) -s limits.extras_max=$((orders / 16)) -s limits.accounts_max=64
    -s limits.entitlements_max=64 -s memory.lock=no -s wal.segment_kib=1024)

cleanup() {
    exec 2>/dev/null # the shell need not tell whom we killed
    for pid in $daemon "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    for mount in "${mounts[@]}"; do umount -l "$mount" 2>/dev/null || true; done
    rm -rf "$dir" /dev/shm/holdfast."$instance".*
}
trap cleanup EXIT

say() { echo "$title: $*"; }

fail() {
    say "FAILED: $*"
    for file in "$dir"/*.out; do
        echo "==> $file"
        tail -n 15 "$file"
    done
    [ -z "${HOLDFAST_KEEP-}" ] ||
        cp -a --sparse=always "$dir" /dev/shm/holdfast."$instance".* "$HOLDFAST_KEEP" || true
    exit 1
}

# Root may do what these tests need: mount, become another user, send signals.
need_root() {
    [ "$(id -u)" = 0 ] || { say "skipped: needs root"; exit 77; }
}

# The command line of the instance, as the array `command`.
daemon_command() {
    # shellcheck disable=SC2206
    command=("$bin/holdfastd" -s instance.name="$instance" -s instance.directory="$log"
        -s instance.socket="$socket" "${small[@]}" ${HOLDFAST_DAEMON_OPTIONS-} "$@")
}

# A new boot: shared memory is empty, and from now on daemons see another boot id. Shared memory that
# goes without one is refused, unless the daemon had stopped cleanly. Needs root and mount namespaces.
boots=0
need_boots() {
    need_root
    unshare -m true 2>/dev/null || { say "skipped: no mount namespaces here"; exit 77; }
}
new_boot() {
    boots=$((boots + 1))
    printf '00000000-0000-0000-0000-%012d\n' "$boots" >"$dir/boot_id"
    rm -f /dev/shm/holdfast."$instance".*
}
# shellcheck disable=SC2016
in_boot() {
    [ "$boots" = 0 ] || command=(unshare -m sh -c
        'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$dir/boot_id"
        "${command[@]}")
}

# Start the daemon in the background, without waiting for it.
launch_daemon() {
    daemon_command "$@"
    in_boot
    rm -f "$socket"
    "${command[@]}" >>"$dir/daemon.out" 2>&1 9<&- &
    daemon=$!
}

# While it recovers it answers too, but with that alone.
has_started() {
    kill -0 "$daemon" 2>/dev/null || fail "the daemon ended at its start"
    [ -S "$socket" ] && status state >/dev/null 2>&1
}

wait_running() {
    until_true 10 has_started || fail "the daemon does not start"
}

start_daemon() {
    launch_daemon "$@"
    wait_running
}

# A start that must fail: expect_refusal EXIT_CODE TEXT [OPTION...]; TEXT is a pattern of grep -E.
expect_refusal() {
    local want=$1 text=$2 code=0
    shift 2
    daemon_command "$@"
    in_boot
    timeout 30 "${command[@]}" >"$dir/refused.out" 2>&1 || code=$?
    [ "$code" = "$want" ] || fail "a start ended with exit code $code, not $want (for '$text')"
    grep -qE "$text" "$dir/refused.out" || fail "a refused start does not say '$text'"
}

kill_daemon() {
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    daemon=
}

# stop_daemon [EXIT_CODE]
stop_daemon() {
    local code=0
    kill -TERM "$daemon"
    wait "$daemon" || code=$?
    daemon=
    [ "$code" = "${1:-0}" ] || fail "the daemon stopped with exit code $code, not ${1:-0}"
}

alive() { kill -0 "$daemon" 2>/dev/null || fail "the daemon is gone: $*"; }

probe() { "$bin/tests/probe" "$1" "$socket" "${@:2}"; }

# An honest session's orders still work: trip WHAT [SESSION]
trip() {
    alive "$1"
    probe trip "${2:-honest}" >>"$dir/trip.out" 2>&1 || fail "an honest session suffers: $1"
}

# status FIELD: a number of the status page
status() { probe status "$1"; }

# until_true SECONDS COMMAND...
until_true() {
    local until=$((SECONDS + $1 * ${HOLDFAST_PATIENCE:-12} + 1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.02
    done
}

# A line of a file in the background's output: await_line FILE TEXT SECONDS
await_line() {
    until_true "$3" grep -qsE "$2" "$1" || fail "'$2' does not come in $1"
}

# The Python module of the build, for the interpreter `python`; false where there is none, or its library is
# sanitized, which cannot be loaded.
python_module() {
    [ -e "$bin/python/holdfast/_abi.py" ] && grep -q '^HF_SANITIZE:[A-Z]*=$' "$bin/CMakeCache.txt" || return 1
    python=$(sed -n 's/^HF_PYTHON3:[A-Z]*=//p' "$bin/CMakeCache.txt")
    export PYTHONPATH=$bin/python HOLDFAST_LIBRARY=$bin/libholdfast.so PYTHONDONTWRITEBYTECODE=1
}
