#!/usr/bin/env bash
# names.sh BINARY_DIR - whose a session's name is: limits stay with it; who has rights, or a name of his own,
# is asked for by user; what becomes of somebody who holds a name when it is given away.
source "$(dirname "$0")/lib.sh" "$1"
need_root
need_boots
cp "$bin/tests/probe" "$bin/holdfast" "$bin/holdfastd" "$dir/"
as_user() { # UID COMMAND...
    setpriv --reuid="$1" --regid="$1" --clear-groups "$dir/$2" "${@:3}"
}

admin() { "$bin/holdfast" admin --socket "$socket" "$@" >"$dir/admin.out" 2>&1 || fail "admin $*"; }

# shows TEXT WORDS...
shows() {
    admin "${@:2}"
    grep -qF -- "$1" "$dir/admin.out" || fail "admin ${*:2} does not show '$1'"
}

# may UID NAME; may_not UID NAME TEXT
may() { as_user "$1" probe open "$socket" "$2" >"$dir/may.out" || fail "user $1 may not open '$2'"; }
may_not() {
    as_user "$1" probe open "$socket" "$2" >"$dir/may_not.out" && fail "user $1 may open '$2'"
    grep -q "^HF_E_DENIED.*$3" "$dir/may_not.out" || fail "user $1 is not told why he may not open '$2'"
}

# order UID NAME ID TEXT: what an order comes to
order() {
    as_user "$1" holdfast submit --socket "$socket" --session "$2" --symbol DEMO --side buy --quantity 1 \
        --price 10 --id "$3" >"$dir/order.out" 2>&1 || true
    grep -qF -- "$4" "$dir/order.out" || fail "order $3 of '$2' does not come to '$4'"
}

start_daemon -s instance.allow=65533,65534 -s instance.admin=admin

# Limits are the name's: before its first session, and over all of them.
admin session late --kill on
shows "session late: rate 0, orders 0, kill on; none is open" session late
order 65534 late 1 HF_REASON_KILLED_SESSION
as_user 65534 probe close "$socket" late >"$dir/close.out" || fail "a close"
order 65534 late 1 HF_REASON_KILLED_SESSION
admin session late --kill off
order 65534 late 1 accepted
admin session late --kill on
as_user 65534 probe close "$socket" late >"$dir/close.out" || fail "a close"
order 65534 late 2 HF_REASON_KILLED_SESSION
shows "late: rate 0, orders 0, kill on" limits

# Rights are nobody's until the name is somebody's.
may_not 65534 admin "holdfast admin entitle admin user 65534"
admin entitle admin user 65534
may 65534 admin
as_user 65534 holdfast admin --socket "$socket" phase DEMO halted >"$dir/user_admin.out" 2>&1 ||
    fail "an administrator who is not root"
may_not 65533 admin "belongs to other users"
admin phase DEMO open # root may always
admin revoke admin user 65534
may_not 65534 admin "rights that are nobody's yet"
admin entitle risk drop-copy 3
may_not 65534 risk "holdfast admin entitle risk user 65534"

# Who holds a name when it gets rights keeps it, and has none of them.
mkfifo "$dir/input"
exec 8<>"$dir/input"
as_user 65534 probe hold "$socket" held <"$dir/input" >"$dir/held.out" 2>&1 8<&- &
holder=$!
pids+=("$holder")
await_line "$dir/held.out" "^held" 10
admin entitle held admin
shows "(1 open), kill off, admin off" session held
admin entitle held user 65534
shows "(1 open), kill off, admin on" session held

# Who holds a name that becomes somebody else's loses it, and its orders go.
admin entitle held user 65533
shows "(1 open), kill off, admin on" session held
admin revoke held user 65534
is_closed() { "$bin/holdfast" admin --socket "$socket" session held | grep -q "none is open"; }
until_true 10 is_closed || fail "a session outlives its user's right to its name"
await_line "$dir/daemon.out" "session 'held': the name is not user 65534's any more" 1
may_not 65534 held "belongs to other users"
may 65533 held
kill "$holder" 2>/dev/null || true
wait "$holder" 2>/dev/null || true
exec 8>&-

# All of it is in the log. With session.names = listed there is no other name. A client that is there all the
# time is asked again when it comes back after a restart.
may 65534 stray
exec 8<>"$dir/input"
as_user 65534 probe watch "$socket" boss 100 <"$dir/input" >"$dir/boss.out" 2>&1 8<&- &
boss=$!
pids+=("$boss")
await_line "$dir/boss.out" "^watching" 10
kill_daemon
start_daemon -s instance.allow=65533,65534 -s instance.admin=admin,boss -s session.names=any
await_line "$dir/boss.out" "HF_E_SESSION" 10
may_not 65534 boss "rights that are nobody's yet"
kill "$boss" 2>/dev/null || true
wait "$boss" 2>/dev/null || true
exec 8>&-
kill_daemon
start_daemon -s instance.allow=65533,65534 -s instance.admin=admin -s session.names=listed
await_line "$dir/daemon.out" "session 'stray': the name is not user 65534's any more" 10
may_not 65534 held "belongs to other users"
may 65533 held
may_not 65534 stray "session.names = listed.*holdfast admin entitle stray user 65534"
admin entitle stray user 65534
may 65534 stray
probe open mine >"$dir/root.out" || fail "root may not open every name"
shows "late: rate 0, orders 0, kill on" limits
stop_daemon

# A daemon that is not root's: its own user needs no entry.
log=$dir/own/log
mkdir "$dir/own"
socket=$dir/own/sock
chown 65533 "$dir/own"
# shellcheck disable=SC2016,SC2317
in_boot() { # in a /dev/shm that he may write to
    command=(unshare -m sh -c 'mount -t tmpfs -o mode=1777 none /dev/shm && exec "$@"' sh
        setpriv --reuid=65533 --regid=65533 --clear-groups "$dir/holdfastd" "${command[@]:1}")
}
start_daemon -s instance.allow=65534 -s instance.admin=admin -s session.names=listed
as_user 65533 holdfast admin --socket "$socket" phase DEMO halted >"$dir/own.out" 2>&1 ||
    fail "the daemon's own user may not administrate"
may 65533 anything
may_not 65534 admin "rights that are nobody's yet"
stop_daemon
say "names, their limits and their rights are whose they should be"
