#!/usr/bin/env bash
# check_check.sh - check.sh against programs whose speeds are known: it passes equal ones however noisy,
# fails one that is slower by more than 5 %, and names what does not measure.
set -euo pipefail
here=$(dirname "$0")
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-check-check.XXXXXX")
trap 'rm -rf "$dir"' EXIT
fail() { echo "check_check: FAILED: $*"; cat "$dir/out"; exit 1; }

# program NAME TIME NOISE: prints what holdfast-bench would, TIME ns a command and 1000 / TIME messages a
# us, shifted by up to NOISE percent by a dice of its own.
program() {
    cat >"$dir/$1" <<END
#!/usr/bin/env bash
echo \$((\$(cat "$dir/$1.dice" 2>/dev/null || echo $(($(printf %s "$1" | cksum | cut -d ' ' -f 1) % 9973))) * 7919 % 10007)) >"$dir/$1.dice"
awk -v time=$2 -v noise=$3 -v dice="\$(cat "$dir/$1.dice")" 'BEGIN {
    time *= 1 + noise * (dice / 10007 - 0.5) / 50
    form = "{\"group\":\"x\",\"name\":\"%s\",\"unit\":\"x\",\"runs\":1,\"median\":%.6f,\"min\":1,\"max\":1},\n"
    printf form, "common stream, 1 instrument, per command", time
    printf form, "common stream, 100 instruments, per command", time
    printf form, "holdfast, throughput", 1000 / time
    printf form, "holdfast mmap, one stream, durable records", 1000 / time
}'
END
    chmod +x "$dir/$1"
}

# expect EXIT_CODE TEXT ARGUMENT...
expect() {
    local want=$1 text=$2 code=0
    shift 2
    "$here/check.sh" "$@" >"$dir/out" 2>&1 || code=$?
    [ "$code" = "$want" ] || fail "check.sh $* ended with exit code $code, not $want"
    grep -q -- "$text" "$dir/out" || fail "check.sh $* does not say '$text'"
}

program base 100 4
program same 100 4
program little 103 1
program slow 112 4
program fast 80 4
echo 'exit 1' >"$dir/broken"
echo 'echo {}' >"$dir/silent"
chmod +x "$dir/broken" "$dir/silent"
expect 0 "ok" "$dir/base" "$dir/same" 7
expect 0 "ok" "$dir/base" "$dir/little" 7
expect 0 "ok" "$dir/base" "$dir/fast" 7
expect 1 "common stream, 1 instrument.*SLOWER" "$dir/base" "$dir/slow" 7
[ "$(grep -c SLOWER "$dir/out")" = 4 ] || fail "a rate that fell is no slow-down"
expect 71 "failed" "$dir/base" "$dir/broken" 7
expect 71 "no series" "$dir/silent" "$dir/base" 7
expect 64 "at least 6 pairs" "$dir/base" "$dir/same" 5
expect 64 "CANDIDATE" "$dir/base"
echo "check_check: check.sh tells slower builds from noise"
