#!/usr/bin/env bash
# check_runbook.sh BUILD_DIR - the runbook keeps up: every alert has its section and every section of an alert its
# rule; every command and option that it names is there; its links lead somewhere; and what is the same on every
# host is what deploy/capacity.sh measures now.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "$1")
book=deploy/RUNBOOK.md
work=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-runbook.XXXXXX")
trap 'rm -rf "$work"' EXIT
bad=0
complain() { echo "check_runbook: $*"; bad=$((bad + 1)); }

# Alerts
sed -n 's/^ *- alert: //p' deploy/prometheus/*.yml | sort >"$work/alerts"
sed -n 's/^### \(Holdfast[A-Za-z]*\)$/\1/p' "$book" | sort >"$work/sections"
[ -s "$work/alerts" ] || complain "there are no alerts"
diff "$work/alerts" "$work/sections" >"$work/diff" || complain "alerts (<) and sections (>): $(cat "$work/diff")"
for section in $(cat "$work/sections"); do
    sed -n "/^### $section\$/,/^##/p" "$book" >"$work/text"
    for word in Cause Mend; do grep -q "^\*$word:\*" "$work/text" || complain "$section has no $word"; done
done

# The job that rules ask for is the one that is to be configured.
jobs=$(grep -oE 'job="[^"]*"' deploy/prometheus/*.yml | sort -u) || true
[ "$jobs" = 'job="holdfast"' ] || complain "rules ask for other jobs: $jobs"
for file in "$book" deploy/prometheus/*.yml; do
    grep -q 'job_name: holdfast\b' "$file" || complain "$file does not say what the job is called"
done
for rule in HoldfastExporterAbsent:'up{job="holdfast"} == 0' HoldfastTailLost:'holdfast_history\[7d\] offset'; do
    sed -n "/- alert: ${rule%%:*}\$/,/labels:/p" deploy/prometheus/*.yml | grep -q "expr:.*${rule#*:}" ||
        complain "${rule%%:*} does not look at '${rule#*:}'"
done

# Links within the page, and to files.
sed -n 's/^##*  *//p' "$book" | tr '[:upper:]' '[:lower:]' | tr -d '/.' | tr ' ' '-' >"$work/anchors"
for link in $(grep -oE '\]\([^)]*\)' "$book" | tr -d '])('); do
    case $link in
    \#*) grep -qx -- "${link#\#}" "$work/anchors" || complain "no section $link" ;;
    *) [ -e "deploy/$link" ] || complain "no file $link" ;;
    esac
done

# Commands: "holdfast status", "holdfast-recover verify ... --to", `holdfastd --check-config`.
help_of() { # PROGRAM [COMMAND]
    local file=$work/help-$1-${2-}
    [ -f "$file" ] || "$bin/$1" ${2:+"$2"} --help >"$file" 2>/dev/null || return 1
    cat "$file"
}
commands=0
while read -r program rest; do
    read -r -a words <<<"$rest"
    command=
    case $program in
    holdfastd | holdfast-exporter) ;;
    *)
        command=${words[0]-}
        help_of "$program" | sed -n '/^Commands (/,/^$/p' | grep -qE "^  $command " ||
            { complain "$program has no command '$command'"; continue; }
        ;;
    esac
    commands=$((commands + 1))
    for word in "${words[@]}"; do
        [[ $word =~ ^(--[a-z][a-z-]*) ]] || continue
        help_of "$program" "$command" | grep -q -- "${BASH_REMATCH[1]}\b" ||
            complain "$program $command has no option ${BASH_REMATCH[1]}"
    done
done < <(sed -n '/^```$/,/^```$/d; p' "$book" | grep -oE '(^    |`|&& |-- )holdfast(d|-recover|-bench|-exporter)? [^`#&|;]*' |
    sed -E 's/^(    |`|&& |-- )//')
[ "$commands" -gt 40 ] || complain "only $commands commands were found"

# Parameters: `section.name`
for name in $(grep -oE '`(instance|limits|session|market|wal|snapshot|log|threads|memory)\.[a-z_]+' "$book" | tr -d '`' | sort -u); do
    "$bin/holdfastd" --help-config | awk -v want="$name" '/^\[/ { section = substr($1, 2, length($1) - 2) }
        /^  [a-z_]+  \(/ && section "." $1 == want { found = 1 } END { exit !found }' || complain "no parameter $name"
done

# What is the same on every host.
deploy/capacity.sh --fixed "$bin" >"$work/fixed"
awk '/^```$/ { inside = !inside; next } inside && /^(memory of|shared memory)/' "$book" >"$work/said"
diff "$work/said" "$work/fixed" >"$work/diff" ||
    complain "RUNBOOK.md (<) is not what deploy/capacity.sh --fixed prints (>): $(cat "$work/diff")"

[ "$bad" = 0 ] || { echo "check_runbook: FAILED: $bad mistakes"; exit 1; }
echo "check_runbook: $(wc -l <"$work/alerts") alerts, $commands commands, $(wc -l <"$work/fixed") figures as it says"
