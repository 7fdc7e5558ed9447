#!/usr/bin/env bash
# output.sh BINARY_DIR - a program whose standard output takes no more says so and ends with 74: nobody takes half
# a configuration, or half an answer, for a whole one.
source "$(dirname "$0")/lib.sh" "$1"

# full COMMAND...: with a standard output that is full
full() {
    local code=0
    "$@" >/dev/full 2>"$dir/full.out" || code=$?
    [ "$code" = 74 ] || fail "'${*#"$bin/"}' to a full disk ended with $code, not 74"
    grep -qE "standard output|No space left" "$dir/full.out" || fail "'${*#"$bin/"}' does not say why it ended"
}

start_daemon
"$bin/holdfast" submit -S "$socket" -s DEMO -b buy -q 1 -p 9 --id 1 >"$dir/submit.out" || fail "an order"
order=$("$bin/holdfast-recover" dump --json "$log" | sed -n 's/^{"lsn":\([0-9]*\),.*"type":"new".*/\1/p')
for program in holdfast holdfastd holdfast-recover holdfast-exporter holdfast-bench; do
    full "$bin/$program" --help
    full "$bin/$program" --version
done
full "$bin/holdfastd" --print-config
full "$bin/holdfastd" --help-config
full "$bin/holdfast" status -S "$socket" --interval 0
full "$bin/holdfast" status -S "$socket" --interval 0 --json
full "$bin/holdfast" top -S "$socket" --once
full "$bin/holdfast" book -S "$socket" DEMO
full "$bin/holdfast" submit -S "$socket" --cancel 1
full "$bin/holdfast" doctor --measure never
full "$bin/holdfast-recover" verify "$log"
full "$bin/holdfast-recover" verify --json "$log"
full "$bin/holdfast-recover" replay "$log"
full "$bin/holdfast-recover" dump "$log"
full "$bin/holdfast-recover" explain "$log" "$order"
alive "the end"
stop_daemon
say "what could not be written is an error"
