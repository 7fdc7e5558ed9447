#!/usr/bin/env bash
# check_alerts.sh - the alert rules, evaluated by Prometheus's own promtool: each is silent while all is well, fires
# when what it is about has lasted as long as it says, and not before. Skipped (77) without promtool.
set -euo pipefail
rules=$(cd "$(dirname "$0")/.." && pwd)/deploy/prometheus/holdfast.yml
command -v promtool >/dev/null || { echo "check_alerts: skipped: no promtool"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-alerts.XXXXXX")
trap 'rm -rf "$dir"' EXIT
tested=()

# series NAME VALUES ...: a sample each 15 s; "0x20" is 21 of them, five minutes
series() {
    while [ $# -gt 0 ]; do
        printf '      - series: '"'%s'"'\n        values: '"'%s'"'\n' "$1" "$2"
        shift 2
    done
}

# firing ALERT TIME COUNT
firing() {
    printf '      - expr: '"'count(ALERTS{alertname=\"%s\",alertstate=\"firing\"})'"'\n        eval_time: %s\n' "$1" "$2"
    if [ "$3" = 0 ]; then
        echo "        exp_samples: []"
    else
        printf '        exp_samples: [{labels: "{}", value: %d}]\n' "$3"
    fi
}

# alert NAME SILENT_AT FIRES_AT NAME VALUES ...
alert() {
    local name=$1 silent=$2 fires=$3
    shift 3
    tested+=("$name")
    {
        printf '  - interval: 15s\n    input_series:\n'
        [ "$name" = HoldfastExporterAbsent ] || series 'up{job="holdfast"}' '1x400'
        series "$@"
        printf '    promql_expr_test:\n'
        firing "$name" "$silent" 0
        firing "$name" "$fires" 1
    } >>"$dir/tests.yml"
}

cat >"$dir/tests.yml" <<END
rule_files: [$rules]
evaluation_interval: 5s
tests:
END
alert HoldfastExporterAbsent 5m45s 7m 'up{job="holdfast"}' '1x20 0x20'
alert HoldfastExporterAbsent 30s 2m 'up{job="another"}' '1x20'
alert HoldfastExporterDenied 5m30s 6m30s 'holdfast_health{verdict="denied"}' '0x20 1x20'
alert HoldfastDown 5m 6m holdfast_up '1x20 0x20'
alert HoldfastHalted 5m 5m30s 'holdfast_health{verdict="halted"}' '0x20 1x20'
alert HoldfastStuck 5m 5m45s 'holdfast_health{verdict="stuck"}' '0x20 1x20'
alert HoldfastRecovering 6m30s 8m 'holdfast_health{verdict="recovering"}' '0x20 1x40'
alert HoldfastRestarts 6m30s 8m holdfast_epoch '1x20 2x4 3x4 4x20'
alert HoldfastTailLost 50m 51m holdfast_history '1x200 2x20'
alert HoldfastInstrumentsHalted 5m45s 7m 'holdfast_instruments_in_phase{phase="halted"}' '0x20 3x20'
alert HoldfastDiskLow 5m 5m30s holdfast_disk_low '0x20 1x20'
alert HoldfastDiskFills 9m 12m holdfast_disk_free_bytes '100000000000-400000000x80'
alert HoldfastQueueFull 5m 6m holdfast_wal_queue_waits_total '0x20 1+1x20'
slow_since() { # METRIC LE_BELOW LE_ABOVE: every observation lies between the two
    buckets=("$1_bucket{le=\"$2\"}" '0x80' "$1_bucket{le=\"$3\"}" '0+10x80' "$1_bucket{le=\"+Inf\"}" '0+10x80')
}
slow_since holdfast_flush_seconds 0.05 0.1
alert HoldfastFlushSlow 4m30s 7m "${buckets[@]}"
slow_since holdfast_durable_seconds 0.1 1
alert HoldfastDurableLate 4m30s 7m "${buckets[@]}"
slow_since holdfast_ring_wait_seconds 0.01 0.1
alert HoldfastRingWaits 4m30s 7m "${buckets[@]}"
alert HoldfastEnginePreempted 9m30s 15m 'holdfast_thread_preemptions_total{thread="hf-engine"}' '0+1000x80'
alert HoldfastEngineFaults 5m 6m 'holdfast_thread_major_faults_total{thread="hf-engine"}' '0x20 1x20'
alert HoldfastSnapshotFails 5m 6m holdfast_snapshot_failures_total '0x20 1x20'
alert HoldfastReplayLong 14m30s 16m holdfast_durable_lsn '60000000x100' holdfast_snapshot_lsn '1x100'
alert HoldfastOrdersNearlyFull 45s 2m holdfast_open_orders '900x20' holdfast_orders_max '1000x20'
alert HoldfastSessionsNearlyFull 45s 2m holdfast_sessions_open '9x20' holdfast_sessions_max '10x20'
alert HoldfastInstrumentNumbersNearlyUsed 45s 2m holdfast_instruments '95x20' holdfast_instruments_max '100x20'
alert HoldfastSessionBehind 45s 2m 'holdfast_session_unread_reports{session="a"}' '60000x20'

# All is well, for as long as any rule looks back but the week.
{
    printf '  - interval: 15s\n    input_series:\n'
    series 'up{job="holdfast"}' '1x400' holdfast_up '1x400' holdfast_epoch '4x400' holdfast_history '2x400' \
        'holdfast_health{verdict="denied"}' '0x400' 'holdfast_health{verdict="halted"}' '0x400' \
        'holdfast_health{verdict="stuck"}' '0x400' 'holdfast_health{verdict="recovering"}' '0x400' \
        'holdfast_instruments_in_phase{phase="halted"}' '0x400' holdfast_disk_low '0x400' \
        holdfast_disk_free_bytes '100000000000-1000000x400' holdfast_wal_queue_waits_total '7x400' \
        'holdfast_flush_seconds_bucket{le="0.05"}' '0+10x400' 'holdfast_flush_seconds_bucket{le="+Inf"}' '0+10x400' \
        'holdfast_durable_seconds_bucket{le="0.1"}' '0+10x400' 'holdfast_durable_seconds_bucket{le="+Inf"}' '0+10x400' \
        'holdfast_ring_wait_seconds_bucket{le="0.01"}' '0+10x400' \
        'holdfast_ring_wait_seconds_bucket{le="+Inf"}' '0+10x400' \
        'holdfast_thread_preemptions_total{thread="hf-engine"}' '0+100x400' \
        'holdfast_thread_major_faults_total{thread="hf-engine"}' '3x400' holdfast_snapshot_failures_total '1x400' \
        holdfast_durable_lsn '60000000x400' holdfast_snapshot_lsn '59000000x400' holdfast_open_orders '100x400' \
        holdfast_orders_max '1000x400' holdfast_sessions_open '1x400' holdfast_sessions_max '10x400' \
        holdfast_instruments '10x400' holdfast_instruments_max '100x400' \
        'holdfast_session_unread_reports{session="a"}' '10x400'
    printf '    promql_expr_test:\n'
    for minute in 10 40 70 99; do
        printf '      - expr: ALERTS\n        eval_time: %dm\n        exp_samples: []\n' $minute
    done
} >>"$dir/tests.yml"

promtool test rules "$dir/tests.yml" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
sed -n 's/^ *- alert: //p' "$rules" | sort -u >"$dir/rules"
printf '%s\n' "${tested[@]}" | sort -u | diff "$dir/rules" - || {
    echo "check_alerts: rules (<) and what is tested (>)"
    exit 1
}
echo "check_alerts: $(wc -l <"$dir/rules") rules fire when they should, and are silent when all is well"
