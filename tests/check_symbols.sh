#!/usr/bin/env bash
# check_symbols.sh BINARY_DIR - no function or variable has two definitions: where two libraries are
# linked into one program, the linker would silently take the first for both. (The recovery tool's
# library holds some of the tool's files once more; that is the same code.)
set -euo pipefail
twice=$(cd "$1" && for library in libhf_*.a; do
    [ "$library" = libhf_recover.a ] && continue
    nm --extern-only --defined-only "$library" 2>/dev/null | awk -v library="$library" 'NF == 3 { print $3, library }'
done | sort -u | awk '{ count[$1]++; where[$1] = where[$1] " " $2 } END { for (name in count) if (count[name] > 1) print name where[name] }')
[ -z "$twice" ] || { echo "$twice"; echo "check_symbols: FAILED: defined twice"; exit 1; }
echo "check_symbols: no name is defined twice"
