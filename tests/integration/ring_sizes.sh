#!/usr/bin/env bash
# ring_sizes.sh BINARY_DIR - session.slots_max below the usual lengths shuts nobody out: who names no
# length gets what is allowed, who has rings keeps them, and only rings that are made are judged: those of
# a new session, and those of an old one after a reboot.
source "$(dirname "$0")/lib.sh" "$1"
need_boots

slots() { # SESSION COMMAND|REPORT: the length of a ring by the size of its object
    local files=(/dev/shm/holdfast."$instance".s."$1"."$2"*)
    [ ${#files[@]} = 1 ] || fail "session $1 has ${#files[@]} objects '$2'"
    echo $((($(stat -c %s "${files[0]}") - 4096) / 64))
}
rings_are() { # SESSION COMMANDS REPORTS
    [ "$(slots "$1" cmd) $(slots "$1" rep)" = "$2 $3" ] ||
        fail "session $1 has rings of $(slots "$1" cmd) and $(slots "$1" rep), not $2 and $3"
}
holdfast() { "$bin/holdfast" "$1" -S "$socket" "${@:2}" >"$dir/holdfast.out" 2>&1; }

new_boot
start_daemon -s instance.admin=ops
holdfast submit -n old --id 77 -s DEMO -b buy -q 1 -p 50 || fail "an order"
rings_are old 4096 16384
stop_daemon

# Not a power of two: the greatest one below it.
start_daemon -s instance.admin=ops -s session.slots_max=5000
holdfast submit -n middle --id 1 -s DEMO -b buy -q 1 -p 50 || fail "a new session beside slots_max = 5000"
rings_are middle 4096 4096
stop_daemon
start_daemon -s instance.admin=ops -s session.slots_max=100
holdfast submit -n old --cancel 77 || fail "a session whose rings are longer than slots_max cannot cancel"
rings_are old 4096 16384
HF_PROBE_SLOTS=128 probe open old resume >"$dir/resumed.out" || fail "rings that are not made are judged"
holdfast submit -n new --id 1 -s DEMO -b buy -q 1 -p 50 || fail "a new session beside slots_max = 100"
rings_are new 64 64
HF_PROBE_SLOTS=128 probe open longer >"$dir/longer.out" && fail "a ring beyond slots_max"
grep -q "ring sizes 128 and 128: at most 100 (session.slots_max)" "$dir/longer.out" || fail "the limit is not named"
holdfast admin --session ops phase DEMO halted || fail "the administrator is shut out"
kill_daemon

# Fresh rings for a session that had longer ones.
new_boot
start_daemon -s session.slots_max=100
HF_PROBE_SLOTS=128 probe open old resume >"$dir/refused.out" && fail "rings beyond slots_max after a reboot"
grep -q "session.slots_max" "$dir/refused.out" || fail "the limit is not named after a reboot"
probe open old resume >"$dir/fresh.out" || fail "a session does not come back after a reboot"
rings_are old 64 64
stop_daemon
say "a low session.slots_max shuts nobody out"
