#!/usr/bin/env bash
# storm.sh BINARY_DIR [--kills N] [--seconds N] [--seed N] [--pause MS] - P1 and P2 under a storm: while
# three producers trade, a random schedule kills the daemon, clients, and all at once with SIGKILL, stops
# either for a moment, and starts them again, in recovery too. It comes in rounds of up to 250 kills, each
# with a configuration by dice: modes, segments, queue, rings, snapshots, a log that is kept short; and each
# start of the daemon with a way to the medium by dice.
#
# After each round: every command of every producer is in the log once and in order; every report was seen
# once, without a gap, as an uninterrupted replay of the log gives it; books are equal, and digests;
# `holdfast-recover verify` finds nothing. The schedule follows from the seed, the moments do not.
#
#   --kills N      so many in all (1000; audited builds 40)
#   --seconds N    as many as go into so many seconds
#   --pause MS     between two of them, for a storm of hours beside other work
source "$(dirname "$0")/lib.sh" "$1"
shift
kills=1000
seconds=0
pause=0
seed=$RANDOM
audited=no
if is_audited; then
    audited=yes # slow
    kills=25
    pause=100
fi
while [ $# -gt 0 ]; do
    case $1 in
    --kills) kills=$2 ;;
    --seconds) seconds=$2 kills=1000000000 ;;
    --seed) seed=$2 ;;
    --pause) pause=$2 ;;
    *) echo "storm: unknown option $1" >&2; exit 64 ;;
    esac
    shift 2
done
# shellcheck disable=SC2064 # now
trap "[ \$? = 0 ] || echo 'storm: --seed $seed'; cleanup" EXIT
RANDOM=$seed

roll() { rolled=$((RANDOM % $1)); }  # into a variable: a subshell would not move the dice
pick() { roll $#; shift "$rolled"; picked=$1; }

mkfifo "$dir/silence"
exec 7<>"$dir/silence"
nap() { # MILLISECONDS, without a process
    local part
    printf -v part %03d $(($1 % 1000))
    read -rt "$(($1 / 1000)).$part" -u 7 || true
}

# One round

# What is small starts fast.
tiny=(-s limits.orders_max=4096 -s limits.session_orders_max=4096 -s limits.levels_max=1024
    -s limits.extras_max=64 -s limits.sessions_max=8 -s limits.instruments_max=8)
declare -A producer

configure() {
    local mode segment queue
    pick group group sync memory; mode=$picked
    ways=(auto direct)
    [ "$mode" != memory ] || ways=(auto)
    pick 64 64 128 1024; segment=$picked
    pick 1024 4096 65536; queue=$picked
    options=(-s wal.mode="$mode" -s wal.segment_kib="$segment" -s wal.queue_slots="$queue"
        -s market.slots=1024 -s instrument.SECOND.tick=1 "${tiny[@]}")
    pick 64 1024 65536; slots=$picked
    pick 1000 10000 100000; options+=(-s wal.flush_interval_us="$picked")
    pick 10 100 500; options+=(-s wal.flush_records="$picked")
    pick 1 2 4; options+=(-s wal.reserve_segments="$picked")
    pick 256 4096; events=$picked
    pick 0 1; keep=$picked
    pick 1000 5000; options+=(-s snapshot.every_records="$picked" -s snapshot.every_s=1)
    pick 500 2000 5000; rate=$picked
    rate=$((rate * 50 / (50 + pause))) # until there is a snapshot, every start replays all of it
    [ "$audited" = no ] || rate=100
    # What a client has not read, or missed while it was dead, may be lost with the log of it, if that is
    # kept short: then ring and event buffer must hold it.
    [ "$keep" = 0 ] || slots=65536 events=16384 rate=$((rate < 500 ? rate : 500))
    options+=(-s log.keep_mib="$keep" -s limits.events_max="$events")
}

launch() { # daemon|PRODUCER
    if [ "$1" = daemon ]; then
        pick "${ways[@]}" # each goes on with what the one before has written, whatever its way was
        launch_daemon "${options[@]}" -s wal.io="$picked" 7<&-
        return
    fi
    "$bin/tests/producer" "$socket" "p$1" "$1" 0 "$rate" "$dir/p$1.diary" "$slots" <"$dir/stop" \
        >"$dir/p$1.out" 2>&1 7<&- 9<&- &
    producer[$1]=$!
    pids=("${producer[@]}")
}

pid_of() { pid=$daemon; [ "$1" = daemon ] || pid=${producer[$1]}; }

signal_all() { # SIGNAL WHO...: as nearly at once as a shell can
    local targets=() signal=$1 who
    shift
    for who; do pid_of "$who"; targets+=("$pid"); done
    kill "-$signal" "${targets[@]}" || fail "one of $* is gone"
}

# Whoever has ended by itself has found a violation, or was refused its start.
bury() { # WHO...
    local who code
    for who; do
        pid_of "$who"
        code=0
        wait "$pid" 2>/dev/null || code=$?
        [ "$code" = 137 ] || fail "$who ended by itself with exit code $code"
    done
}

# Segments that will be removed from a log that is kept short stay here.
keep_segments() { ln -f "$log"/*.wal "$dir/kept"; }

choose_victims() {
    roll 20
    case $rolled in
    [0-8]) victims=(daemon) ;;
    9|1[0-3]) pick 1 2 3; victims=("$picked") ;;
    14|15) pick 1 2 3; victims=("$picked" daemon) ;;
    16|17) pick 1 2 3; victims=(daemon "$picked") ;;
    18) victims=(1 2 3) ;;
    19) victims=(daemon 1 2 3) ;;
    esac
}

# Stop somebody for a moment; it may be killed while it is stopped.
freeze() {
    pick daemon 1 2 3
    signal_all STOP "$picked"
    roll 30
    nap $((rolled + 1))
    roll 4
    [ "$rolled" = 0 ] || signal_all CONT "$picked"
    frozen=$picked
}

strike() {
    local who
    frozen=
    roll 70
    nap $((rolled + 5 + pause))
    roll 5
    [ "$rolled" != 0 ] || freeze
    choose_victims
    signal_all KILL "${victims[@]}"
    bury "${victims[@]}"
    for who in "${victims[@]}"; do
        [ "$who$keep" != daemon1 ] || keep_segments
        [ "$who" != "$frozen" ] || frozen=
        launch "$who"
    done
    [ -z "$frozen" ] || signal_all CONT "$frozen"
    roll 3
    [ "$rolled" = 0 ] || wait_running # else the next one may meet it in its recovery
}

calm_down() {
    local i
    wait_running
    for i in 1 2 3; do await_line "$dir/p$i.out" "^open" 30; done
    kill -USR1 "${producer[@]}"
    for i in 1 2 3; do await_line "$dir/p$i.out" "^answered" 60; done
    sleep 0.3 # fills of the others' last orders
    exec 9>&- # end of file for the producers: print and end
    for i in 1 2 3; do wait "${producer[$i]}" || fail "producer $i found a violation"; done
    pids=()
    { probe depth 1; probe depth 2; } >"$dir/depth.out"
    keep_segments # a stop removes, too: what came behind the last kill is not all kept yet
    stop_daemon
    keep_segments
    start_daemon "${options[@]}" 7<&- # from a snapshot: its digest must be that of all records
    stop_daemon
    keep_segments
}

check_round() {
    local i flows=()
    for i in 1 2 3; do
        flows+=("p$i=$i=$(sed -n 's/^answered //p' "$dir/p$i.out")")
    done
    "$bin/tests/check_log" "$dir/kept" "${flows[@]}" >"$dir/check.out" || fail "the log (${flows[*]})"
    for i in 1 2 3; do
        grep -qxF "$(grep "^p$i reports" "$dir/p$i.out")" "$dir/check.out" ||
            fail "session p$i saw other reports than the log gives"
    done
    grep "^book" "$dir/check.out" | cmp -s - "$dir/depth.out" || fail "the books differ"
    "$bin/holdfast-recover" verify "$dir/kept" >"$dir/verify.out" 2>&1 || fail "verify"
    "$bin/holdfast-recover" verify "$log" >>"$dir/verify.out" 2>&1 || fail "verify of what is left"
    [ "$(grep -c "^SOUND" "$dir/verify.out")" = 2 ] || fail "verify calls a log torn that was stopped cleanly"
}

round() { # KILLS
    local i
    rm -rf "$log" "$dir/kept" "$dir"/p*.diary "$dir/stop" "$dir/daemon.out" /dev/shm/holdfast."$instance".*
    mkdir "$dir/kept"
    mkfifo "$dir/stop"
    exec 9<>"$dir/stop"
    configure
    launch daemon
    wait_running
    for i in 1 2 3; do launch "$i"; done
    for i in 1 2 3; do await_line "$dir/p$i.out" "^open" 30; done
    struck=0
    while [ "$struck" -lt "$1" ] && { [ "$seconds" = 0 ] || [ "$SECONDS" -lt "$seconds" ]; }; do
        strike
        struck=$((struck + 1))
    done
    calm_down
    check_round
}

done_kills=0
rounds=0
while [ "$done_kills" -lt "$kills" ] && { [ "$seconds" = 0 ] || [ "$SECONDS" -lt "$seconds" ]; }; do
    left=$((kills - done_kills))
    round $((left < 250 ? left : 250))
    done_kills=$((done_kills + struck))
    rounds=$((rounds + 1))
    say "$done_kills kills, $SECONDS s: $(grep '^log:' "$dir/check.out") (${options[*]//-s /})"
done
say "$done_kills kills in $rounds rounds, --seed $seed: every command once, every report once, books and digests equal"
