#!/usr/bin/env bash
# check_hints.sh SOURCE_DIR BINARY_DIR - the hints of lib/core/ahead.c are in the program: no fewer instructions
# than are written down. A compiler may take a function of nothing but hints for one that does
# nothing; no result would differ, it would only be slow.
set -euo pipefail
written=$(grep -cE '^ .*\bhf_fetch\(' "$1/lib/core/ahead.c")
made=$(objdump --disassemble --no-show-raw-insn "$2/libhf_core.a" |
    awk '/^ahead\.c/ { here = 1; next } /file format/ { here = 0 } here && /\t(prefetch|prfm)/ { made++ } END { print made + 0 }')
if [ "$written" -lt 10 ] || [ "$made" -lt "$written" ]; then
    echo "check_hints: FAILED: $written hints are written, $made instructions are made"
    exit 1
fi
echo "check_hints: $written hints are written, $made instructions are made"
