#!/usr/bin/env bash
# check_layers.sh - fails on every #include that breaks the layers, and on what the core must not touch.
#
#   include/holdfast   itself and standard C headers
#   lib/base           itself                     lib/shm    base
#   lib/core           base/panic.h               lib/wal    shm, base
#   lib/recovery       core, wal, shm, base
#   client             shm, base                  client/cli, client/examples: see the table below
#   daemon             every layer of lib
#
# Everybody may include <holdfast/...>. In lib and daemon the name says the layer ("wal/queue.h").
# Separate libraries do not catch this: a header alone needs no library. Tests are free.
set -euo pipefail
cd "$(dirname "$0")/.."

# folder of the including file | quoted prefixes that it may name; "." is a header of its own folder
rules='
lib/base        base
lib/shm         shm base
lib/core        core base/panic.h
lib/wal         wal shm base
lib/recovery    recovery core wal shm base
client          . shm base
client/cli      cli base
client/examples -
daemon          daemon recovery core wal shm base
include/holdfast -
'
c_headers=' assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
 stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar
 wctype '
core_headers=' assert inttypes limits stdalign stdarg stdbool stddef stdint string '
# engine.c is the library call around the state machine: it alone allocates, when an engine is made.
engine_headers=$core_headers' stdlib sys/mman '
core_words='\b(malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|mmap|free)\b *\(|\b(_Atomic|atomic_[a-z]+|__atomic_[a-z_]+|__sync_[a-z_]+|_Thread_local|volatile)\b|\b(clock_gettime|gettimeofday|time|rand|random|getrandom|getenv|[fs]?printf|fopen|open|read|write|pthread_[a-z_]+|syscall)\b *\('

files=$(find include lib daemon client -name '*.[ch]' | sort)
export rules c_headers core_headers engine_headers core_words

# shellcheck disable=SC2086 # one word a file
awk '
function folder(path) { sub("/[^/]*$", "", path); return path }
function complain(rule) {
    printf "%s:%d: %s\n    %s\n", FILENAME, FNR, rule, $0
    bad++
}
function check_quoted(name, home,    count, allowed, i, local) {
    local = index(name, "/") == 0
    count = split(may[home], allowed, " ")
    for (i = 1; i <= count; i++) {
        if (allowed[i] == name || index(name, allowed[i] "/") == 1 || (local && allowed[i] == ".")) {
            return
        }
    }
    complain(home " may include \"...\" only of: " may[home])
}
function check_angle(name, home,    stem) {
    if (index(name, "holdfast/") == 1) {
        return
    }
    stem = name
    sub(/\.h$/, "", stem)
    if (home == "include/holdfast" && index(ENVIRON["c_headers"], " " stem " ") == 0) {
        complain("include/holdfast may include only <holdfast/...> and headers of standard C")
    }
    if (home == "lib/core" && index(FILENAME ~ /\/engine\.c$/ ? ENVIRON["engine_headers"] : ENVIRON["core_headers"], " " stem " ") == 0) {
        complain("lib/core is pure: of system headers only" ENVIRON["core_headers"])
    }
}
BEGIN {
    lines = split(ENVIRON["rules"], line, "\n")
    for (l = 1; l <= lines; l++) {
        if (line[l] != "") {
            home = line[l]
            sub(/ .*/, "", home)
            sub(/^[^ ]* */, "", line[l])
            may[home] = line[l]
        }
    }
    gsub("\n", "", ENVIRON["c_headers"])
}
FNR == 1 {
    home = folder(FILENAME)
    if (!(home in may)) {
        printf "%s: no rule for the folder %s in tests/check_layers.sh\n", FILENAME, home
        bad++
        nextfile
    }
}
/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, part, "\""); check_quoted(part[2], home); next }
/^[ \t]*#[ \t]*include[ \t]*</ { split($0, part, /[<>]/); check_angle(part[2], home); next }
home == "lib/core" && !/^ ?\*|^[ \t]*\/\*/ {
    code = $0
    sub(/\/\*.*/, "", code)
    if (FILENAME !~ /\/engine\.c$/ && code ~ WORDS) {
        complain("lib/core is pure: no clock, I/O, thread, atomic, allocation")
    }
}
END { exit bad > 0 }
' $files
