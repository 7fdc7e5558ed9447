#!/usr/bin/env bash
# placement.sh BINARY_DIR - what the daemon asks of the kernel for its memory, and that it gets it: all shared
# objects and stacks preferred on the node of memory.numa_node, books bound to it. (A host of one node
# can show no more; tests/vm has two.) A node that is not there makes it slower, not less safe.
source "$(dirname "$0")/lib.sh" "$1"
[ -r /proc/self/numa_maps ] || { say "skipped: this kernel has no NUMA"; exit 77; }

policies() { # PATTERN: how memory of such mappings was asked for
    grep -E "$1" "/proc/$daemon/numa_maps" | cut -d' ' -f2 | sort -u | xargs
}

start_daemon -s memory.numa_node=0
trip "orders"
"$bin/tests/placement" "$daemon" 0 >"$dir/placement.out" || fail "memory lies elsewhere"
for object in status queue md 's\..*\.cmd' 's\..*\.rep'; do
    [ "$(policies "holdfast\.$instance\.$object")" = prefer:0 ] ||
        fail "$object: '$(policies "holdfast\.$instance\.$object")'"
done
[ "$(policies 'bind:0 anon=' | head -n 1)" = bind:0 ] || fail "the books are bound to no node"
said=$(tail -n 1 "$dir/placement.out")
stop_daemon

start_daemon -s memory.numa_node=1000
grep -q "cannot get memory of node 1000: Invalid argument" "$dir/daemon.out" || fail "no warning"
trip "orders without that node"
stop_daemon
say "$said"
