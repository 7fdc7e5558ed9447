#!/usr/bin/env bash
# check_layers.sh - fails on every #include that breaks the layers, and on what the core must not touch.
#
# Separate libraries do not catch this: a header alone needs no library. Tests are free.
set -euo pipefail
cd "$(dirname "$0")/.."

# What a folder's files may include by "name": whole layers, single headers, "." for headers of the own
# folder. Everybody may include <holdfast/...>. In lib and daemon the name says the layer ("wal/queue.h").
declare -A may=(
    [lib/base]="base"
    [lib/shm]="shm base"
    [lib/core]="core base/choose.h base/fetch.h base/panic.h"
    [lib/wal]="wal shm base"
    [lib/config]="config shm base"
    [lib/recovery]="recovery core wal shm base"
    [client]=". shm base"
    [client/watch]="watch base"
    [client/cli]="cli watch config base"
    [client/examples]="nothing"
    [daemon/recover]="recover cli/program.h cli/report_print.h recovery core wal shm base"
    [daemon/exporter]="exporter watch base"
    [daemon]="daemon recovery config core wal shm base"
    [include/holdfast]="nothing"
    [include/holdfast/cpp]="nothing"
)
# Headers by <name>: folders that are not listed may include any.
declare -A system=(
    [include/holdfast]="assert limits stdbool stddef stdint"
    [lib/core]="assert inttypes limits stdalign stdbool stddef stdint string wmmintrin"
)
# engine.c is the library call around the state machine: it alone allocates, when an engine is made.
engine=lib/core/engine.c
engine_system="${system[lib/core]} stdlib sys/mman"
impure='\b(_Atomic|_Thread_local|volatile|(__)?(atomic|sync)_\w+)\b'
impure+='|\b(malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|mmap|free)\('
impure+='|\b(clock_gettime|gettimeofday|time|rand|random|getrandom|getenv|syscall|pthread_\w+)\('
impure+='|\b([fs]?printf|v?fprintf|puts|fopen|open|read|write|poll)\('

bad=0
complain() { # FILE:LINE TEXT RULE
    printf '%s: %s\n    %s\n' "$1" "$3" "$2"
    bad=$((bad + 1))
}

listed() { # NAME ENTRY...: is NAME an entry, of a layer that is one, or of the own folder?
    local name=$1 entry
    shift
    for entry in "$@"; do
        case $entry in
        .) [[ $name == */* ]] || return 0 ;;
        *) [[ $name != "$entry" && $name != "$entry"/* ]] || return 0 ;;
        esac
    done
    return 1
}

check_include() { # FILE LINE_NUMBER TEXT
    local file=$1 folder=${1%/*} allowed name
    if [[ $3 =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*\"([^\"]*)\" ]]; then
        # shellcheck disable=SC2086 # words
        listed "${BASH_REMATCH[1]}" ${may[$folder]} ||
            complain "$file:$2" "$3" "$folder may include \"...\" of: ${may[$folder]}"
    elif [[ $3 =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*\<([^\>]*)\> ]]; then
        name=${BASH_REMATCH[1]%.h}
        allowed=${system[$folder]-}
        [ "$file" != "$engine" ] || allowed=$engine_system
        # shellcheck disable=SC2086
        [[ -z $allowed || $name == holdfast/* ]] || listed "$name" $allowed ||
            complain "$file:$2" "$3" "$folder may include <...> of: holdfast/ $allowed"
    else
        complain "$file:$2" "$3" "neither \"...\" nor <...>"
    fi
}

mapfile -t files < <(find include lib daemon client -name '*.[ch]' -o -name '*.[ch]pp' | sort)
for file in "${files[@]}"; do
    if [[ -z ${may[${file%/*}]-} ]]; then
        complain "$file" "${file%/*}" "a folder without a rule in tests/check_layers.sh"
    fi
done
while IFS=: read -r file line text; do
    [[ -z ${may[${file%/*}]-} ]] || check_include "$file" "$line" "$text"
done < <(grep -nE '^[[:space:]]*#[[:space:]]*include' "${files[@]}")

# Comments do not count: a block comment's lines begin with "/*" or " *" here, others end their line.
while IFS=: read -r file line text; do
    [ "$file" = "$engine" ] || complain "$file:$line" "$text" "lib/core is pure: no clock, I/O, \
thread, atomic, allocation"
done < <(grep -nE "$impure" lib/core/*.[ch] | grep -vE '^[^:]*:[0-9]*: *(/\*| \*|\* )' |
    grep -E "^[^:]*:[0-9]*:([^/]|/[^*])*($impure)" || true)

[ "$bad" = 0 ] || {
    echo "check_layers: $bad violations"
    exit 1
}
echo "check_layers: ${#files[@]} files keep to their layers"
