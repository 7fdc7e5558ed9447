#!/usr/bin/env bash
# check_man.sh BUILD_DIR - the manual pages: no error in them; every option that a program's --help lists stands in
# its page, every parameter in holdfast.conf(5), every call that the library exports has a page with its prototype;
# and every page that another one refers to is there.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "$1")
man=$bin/man
[ -d "$man" ] || { echo "check_man: skipped: no pages were built (scdoc and python3)"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-man.XXXXXX")
trap 'rm -rf "$work"' EXIT
bad=0
complain() { echo "check_man: $*"; bad=$((bad + 1)); }

# As a reader sees them, in lines that are never broken.
declare -A text
for page in "$man"/man*/*; do
    name=$(basename "$page")
    mandoc -Tlint -Werror "$page" >"$work/lint" 2>&1 <&- || true
    grep -v "\.so request failed" "$work/lint" >"$work/errors" && complain "$(cat "$work/errors")"
    if grep -q "^\.so " "$page"; then
        target=$man/$(sed 's/^\.so //' "$page")
        [ -f "$target" ] || complain "$name leads to a page that is not there"
        continue
    fi
    groff -man -Tutf8 -K utf8 -ww -z "$page" 2>"$work/warnings" || true
    # A drawing or a struct may be wider than the page.
    grep -vE "cannot (break|adjust) line" "$work/warnings" >"$work/errors" && complain "$name: $(cat "$work/errors")"
    text[$name]=$(mandoc -Tutf8 -Owidth=1000 "$page" | col -bx)
done

has() { # PAGE TEXT
    [[ -n ${text[$1]-} ]] || { complain "there is no page $1"; return; }
    grep -qE -- "(^|[^[:alnum:]-])$2([^[:alnum:]_-]|\$)" <<<"${text[$1]}" || complain "$1 does not have $2"
}

options() { # PAGE PROGRAM [COMMAND]
    local page=$1 option
    shift
    while read -r option; do has "$page" "$option"; done < <("$bin/$1" "${@:2}" --help |
        grep -oE '^ {2,6}(-., )?--[a-z][a-z-]*' | grep -oE -- '--[a-z-]*' | sort -u)
}
commands() { "$bin/$1" --help | sed -n '/^Commands (/,/^$/s/^  \([a-z0-9]*\) .*/\1/p'; }

options holdfastd.8 holdfastd
options holdfast.1 holdfast
for command in $(commands holdfast); do
    options "holdfast-$command.1" holdfast "$command"
    has holdfast.1 "holdfast-$command"
done
for program in holdfast-recover.8 holdfast-bench.1; do
    for command in $(commands "${program%.*}"); do options "$program" "${program%.*}" "$command"; done
done
if [ -x "$bin/holdfast-exporter" ]; then options holdfast-exporter.8 holdfast-exporter; fi

parameters=0
while read -r parameter; do
    has holdfast.conf.5 "$parameter"
    parameters=$((parameters + 1))
done < <("$bin/holdfastd" --help-config | sed -n 's/^  \([a-z_]*\)  (.*/\1/p')
[ "$parameters" -gt 40 ] || complain "only $parameters parameters are listed"

calls=0
for call in $(sed -n '/global:/,/local:/p' client/libholdfast.map | grep -oE 'hf_[a-z_]*'); do
    calls=$((calls + 1))
    page=$man/man3/$call.3
    [ -f "$page" ] || { complain "$call has no page"; continue; }
    ! grep -q "^\.so " "$page" || page=$man/$(sed 's/^\.so //' "$page")
    has "$(basename "$page")" "\*?$call\([a-z].*" # its prototype
done
[ "$calls" -gt 50 ] || complain "only $calls calls are exported"

# References to our own pages.
for name in "${!text[@]}"; do
    while IFS='()' read -r page section; do
        [ -f "$man/man$section/$page.$section" ] || complain "$name refers to $page($section)"
    done < <(grep -oE '\b(holdfast[a-z.-]*|libholdfast|hf_[a-z_]+)\([1358]\)' <<<"${text[$name]}" | sort -u)
done

[ "$bad" = 0 ] || { echo "check_man: FAILED: $bad mistakes"; exit 1; }
echo "check_man: ${#text[@]} pages; $calls calls and $parameters parameters have their place"
