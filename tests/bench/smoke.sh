#!/usr/bin/env bash
# smoke.sh BUILD_DIR - every subcommand of holdfast-bench for a fraction of a second: what it prints is
# well-formed, what must be measured is, end states are right, and nothing is left behind. No times.
set -euo pipefail
bench=$1/holdfast-bench
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-smoke.XXXXXX")
trap 'rm -rf "$dir"' EXIT
data=$(sed -n 's/^HF_DATA_DIR:PATH=//p' "$1/CMakeCache.txt")
mkdir "$dir/work"
fail() {
    echo "smoke: FAILED: $*"
    tail -n 30 "$dir"/*.out "$dir"/*.err 2>/dev/null || true
    exit 1
}

# measure NAME SUBCOMMAND OPTION...: JSON into NAME.out
measure() {
    local name=$1
    shift
    "$bench" "$@" --json --runs 2 --seconds 0.02 --scale 0.0005 --directory "$dir/work" \
        --hdr "$dir/$name.hgrm" >"$dir/$name.out" 2>"$dir/$name.err" || fail "$* ended with exit code $?"
    grep -q '^{"version":"[^"]*","failures":0,"series":\[$' "$dir/$name.out" || fail "$*: no head"
    grep -q '^\]}$' "$dir/$name.out" || fail "$*: no end"
    [ -z "$(ls "$dir/work")" ] || fail "$* left $(ls "$dir/work")"
}

# has NAME SERIES: it was measured in both runs, and is a number above 0
has() {
    grep -F "\"name\":\"$2\"" "$dir/$1.out" | grep -q '"runs":2,' || fail "$1 has no series '$2' of two runs"
    grep -F "\"name\":\"$2\"" "$dir/$1.out" |
        grep -qE '"median":([1-9][0-9.e+]*|0\.0*[1-9][0-9.e-]*|[1-9][0-9.]*e-?[0-9]*),' ||
        fail "$1: '$2' is no number above 0"
}

# has_table NAME TABLE: its percentiles, ending at all
has_table() {
    grep -qxF "# $2, us" "$dir/$1.hgrm" || fail "$1 has no table '$2'"
    awk -v head="# $2, us" '$0 == head { inside = 1 } inside && $2 ~ /^1\.0+$/ { good = 1 }
        inside && /^#\[Mean/ { exit } END { exit !good }' "$dir/$1.hgrm" || fail "$1: table '$2' has no end"
}

# as_text SUBCOMMAND OPTION...: the same for people
as_text() {
    "$bench" "$@" --runs 1 --seconds 0.02 --scale 0.0005 --directory "$dir/work" >"$dir/text.out" \
        2>"$dir/text.err" || fail "$* as text"
    grep -q '^  calibration: line ping-pong  *[0-9.]' "$dir/text.out" || fail "$* as text: no calibration"
}

measure ring ring
for series in "calibration: line ping-pong" "calibration: raw write + flush" "holdfast, throughput" \
    "holdfast, round trip p50" "Unix socket, throughput" "wfcqueue (liburcu), round trip p50"; do
    has ring "$series"
done
has_table ring "ring holdfast, round trip"
for peer in DPDK ck_ring boost; do
    grep -qE "\"(name|text)\":\"[^\"]*$peer" "$dir/ring.out" || fail "ring is silent about $peer"
done
if grep -q '"name":"rte_ring' "$dir/ring.out"; then
    has ring "throughput, holdfast over rte_ring"
    has ring "round trip p50, holdfast over rte_ring"
fi
as_text ring --only holdfast
measure some ring --only "holdfast|Unix socket"
has some "holdfast, throughput"
has some "Unix socket, throughput"
! grep -q '"name":"wfcqueue' "$dir/some.out" || fail "--only with two texts measures what has neither"

# A core that audits itself after every command is slow: one stream, and a daemon at the lowest rate.
audited=$(grep '^HF_EXPENSIVE_CHECKS:BOOL=ON' "$1/CMakeCache.txt" || true)
if [ -n "$audited" ]; then
    streams=("common stream, 1 instrument")
    measure core core --only "${streams[0]}"
else
    streams=("common stream, 1 instrument" "common stream, 100 instruments"
        "common stream, 10000 instruments" "one level of 1000 orders" "sweeps through 100 levels"
        "cancel storms from the midst of 1000 orders" "iceberg refills, 1,000 in one order"
        "stop cascades of 100" "swing mix, calm" "swing mix, price swings by 25 %"
        "swing mix, price swings by 40 %" "swing mix, crash by 50 % and recovery" "1000 resting orders")
    measure core core --growth --data "$data"
    has core "swing mix, price swings by 25 %, per command over calm"
    has core "swing mix, price swings by 40 %, per command over calm"
    has core "swing mix, crash by 50 % and recovery, per command over calm"
    has core "10000 resting orders, per command over 1000"
    if [ -d "$data/lobster" ]; then
        grep -q '"name":"LOBSTER AMZN' "$dir/core.out" || fail "core measured no recorded day"
    fi
fi
for series in "${streams[@]}"; do
    has core "$series, per command"
    has core "$series p99"
    has_table core "core $series"
done
as_text core --only "common stream, 1 instrument"

measure wal wal
for series in "holdfast mmap, batches of 1, durable records" "holdfast mmap, batches of 1000, commit p50" \
    "pwrite + fdatasync, batches of 16, commit p50" "holdfast mmap, one stream, durable records" \
    "append at 1 M/s, no log at all p99" "append at 1 M/s, holdfast memory mode p99" \
    "append at 1 M/s, holdfast mmap p99" "holdfast direct, batches of 16, commit p50" \
    "append at 1 M/s p99.99, mmap over memory mode" \
    "holdfast direct, one stream, durable records" "append at 1 M/s, holdfast direct p99"; do
    has wal "$series"
done
has_table wal "wal append at 1 M/s, holdfast mmap"
for peer in RocksDB LMDB SQLite "holdfast pmem"; do
    grep -qE "\"(name|text)\":\"[^\"]*$peer" "$dir/wal.out" || fail "wal is silent about $peer"
done
as_text wal --only "one stream"

if [ -z "$audited" ]; then
    measure saturated e2e --only "saturated, group, adaptive"
    has saturated "saturated, group, adaptive, sequenced"
    has saturated "saturated, group, adaptive, durable"
    has saturated "saturated, group, adaptive, direct, durable"
    measure rates e2e --only "100 k/s"
    has rates "100 k/s, group, adaptive, sequenced round trip p50"
    has rates "100 k/s, group, adaptive, durable round trip p50"
    has rates "100 k/s, sync, spin, sequenced"
    has_table rates "e2e 100 k/s, group, adaptive, durable round trip"
    measure sessions e2e --growth --only "saturated by 1 session|saturated by 64 sessions"
    has sessions "throughput, 64 sessions over 1"
    measure growth e2e --growth --only recovery
    has growth "recovery of 5000 records"
    as_text e2e --only "saturated, memory, yield"
fi
measure slow e2e --only "1 k/s, group|idle log, spin"
has slow "1 k/s, group, adaptive, sequenced"
has slow "1 k/s, group, adaptive, durable round trip p50"
has slow "idle log, spin, durable round trip p50"

measure recovery recovery
for series in "log of the common stream, CRC32C of the log" "log of the common stream, verified" \
    "log of the common stream, state machine behind its gate" \
    "log of the common stream, replayed" "log of the common stream, replayed without hints" \
    "snapshot of 1 M orders + 1 M records, snapshot read" \
    "snapshot of 1 M orders + 1 M records, start of a daemon"; do
    has recovery "$series"
done
as_text recovery --only "log of the common stream"

if [ -z "$audited" ]; then
    measure checkpoint checkpoint
    has checkpoint "engine's time of a command, checkpointer at rest p99.9"
    has checkpoint "engine's time of a command, checkpointer at work p99.9"
    has checkpoint "p99.9 at work over p99.9 at rest"
    has checkpoint "snapshots written meanwhile"
    has_table checkpoint "checkpoint engine's time of a command, checkpointer at work"
fi

measure watch watch
has watch "throughput, exporter and top attached over without"
has watch "CPU of exporter, its reader and top"

# However it ends, its daemon goes, and what that had.
"$bench" e2e --seconds 60 --scale 0.0005 --directory "$dir/work" --only "saturated, group, adaptive" \
    >"$dir/killed.out" 2>&1 &
killed=$!
until_true() { # SECONDS COMMAND...
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.02
    done
}
has_socket() { [ -n "$(find "$dir/work" -type s 2>/dev/null)" ]; }
is_empty() { [ -z "$(ls "$dir/work")" ]; }
until_true 120 has_socket || fail "e2e starts no daemon"
kill -9 "$killed"
wait "$killed" 2>/dev/null || true
until_true 120 is_empty || fail "a killed e2e leaves $(ls "$dir/work")"
[ -z "$(ls /dev/shm | grep "^holdfast\.bench$killed-" || true)" ] || fail "a killed e2e leaves shared memory"

# A report of a part: the page, all figures, and plots where there is gnuplot.
part="1 instrument"
[ -z "$audited" ] || part="common stream, 1 instrument"
"$bench" report --to "$dir/report" --runs 1 --seconds 0.02 --scale 0.0005 --directory "$dir/work" \
    --only "$part" >"$dir/report.out" 2>"$dir/report.err" || fail "report ended with exit code $?"
for text in "^| CPU | ..*pinned to" "^| production_safe | .sync. |" "^| event_sourcing | .memory. |" \
    "^| production_safe_optimized | .group. |" "^| core, common stream, 1 instrument: ns a command | [0-9]" \
    "^| ring, throughput over rte_ring's | not measured |" "^| common stream, 1 instrument, per command | [0-9]" \
    "^| calibration: line ping-pong | [0-9]"; do
    grep -q "$text" "$dir/report/BENCHMARK_REPORT.md" || fail "the report has no line like '$text'"
done
[ -n "$audited" ] || grep -q "^| saturated, 1 instrument, sequenced | [0-9]" "$dir/report/BENCHMARK_REPORT.md" ||
    fail "the report has nothing end to end"
grep -q '^{"version"' "$dir/report/results.json" || fail "the report has no figures"
grep -qx "# core common stream, 1 instrument, us" "$dir/report/percentiles.hgrm" || fail "the report has no tables"
if command -v gnuplot >/dev/null; then
    for plot in core-common growth-instruments; do
        grep -q '</svg>' "$dir/report/$plot.svg" || fail "no plot $plot"
        grep -q "($plot.svg)" "$dir/report/BENCHMARK_REPORT.md" || fail "plot $plot is not in the page"
    done
else
    grep -q "gnuplot is not installed" "$dir/report.out" || fail "a report without plots does not say why"
fi

# Mistakes are told, with the exit code of usage.
for wrong in "" "nothing" "ring --runs 0" "core --scale x" "ring --cpus 0" "ring stray" "report"; do
    code=0
    # shellcheck disable=SC2086 # words
    "$bench" $wrong >"$dir/wrong.out" 2>&1 || code=$?
    [ "$code" = 64 ] || fail "'$wrong' ended with exit code $code, not 64"
done
echo "smoke: every subcommand measures, and end states are right"
