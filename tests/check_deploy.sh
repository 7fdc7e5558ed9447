#!/usr/bin/env bash
# check_deploy.sh BUILD_DIR - deploy/holdfast.conf is what the daemon prints, the daemon takes it, and the
# installed units have no mistake that systemd knows of, and leave the daemon little of the host.
set -euo pipefail
cd "$(dirname "$0")/.."
daemon=$1/holdfastd
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-deploy.XXXXXX")
trap 'rm -rf "$dir"' EXIT

"$daemon" --print-config | diff -u deploy/holdfast.conf - || {
    echo "check_deploy: deploy/holdfast.conf is out of date: holdfastd --print-config >deploy/holdfast.conf"
    exit 1
}
"$daemon" --check-config --config deploy/holdfast.conf

# The example of holdfast.conf(5): taken, users apart, and as the runbook advises: no name, a core for each thread.
awk '/^```/ { inside = !inside; next } inside' deploy/man/holdfast.conf.5.scd >"$dir/example.conf"
sed '/^allow/d' "$dir/example.conf" >"$dir/venue.conf"
"$daemon" --check-config --config "$dir/venue.conf"
cpus=$(sed -n 's/^[a-z]*_cpu = //p' "$dir/example.conf")
if grep -q '^name' "$dir/example.conf" || [ -z "$cpus" ] || [ -n "$(sort <<<"$cpus" | uniq -d)" ]; then
    echo "check_deploy: the example of holdfast.conf(5) has a name, or two threads on one processor"
    exit 1
fi

# The demo, on a build without the tests, says what it lacks.
mkdir "$dir/build"
ln -s "$(realpath "$1")"/holdfast{,d} "$dir/build/"
if HF_BUILD=$dir/build deploy/demo.sh >"$dir/demo.out" 2>&1 ||
    ! grep -qF "there is no $dir/build/tests/traders: cmake -B $dir/build -DHF_TESTS=ON" "$dir/demo.out"; then
    echo "check_deploy: the demo does not say that there are no traders: $(cat "$dir/demo.out")"
    exit 1
fi

cmake --install "$1" --component daemon --prefix "$dir/usr" >/dev/null
units=$dir/usr/lib/systemd/system
for service in holdfastd holdfast-exporter; do
    cp "$units/$service@.service" "$units/$service@venue.service"
done
[ -e "$dir/usr/etc/holdfast/holdfast.conf" ] || { echo "check_deploy: no configuration is installed"; exit 1; }
# An end that no restart mends is not tried again (it would use up the start limit); an address that is not up yet is.
for setting in holdfastd:'RestartPreventExitStatus=64 65 69 74 77 78' holdfast-exporter:'RestartPreventExitStatus=64 77' \
    holdfast-exporter:StartLimitIntervalSec=0; do
    grep -qx "${setting#*:}" "$units/${setting%%:*}.service" || {
        echo "check_deploy: ${setting%%:*}.service has no ${setting#*:}"
        exit 1
    }
done
if command -v systemd-analyze >/dev/null; then
    for unit in "$units"/*.service; do
        case $unit in *@.service) continue ;; esac
        systemd-analyze verify --man=no "$unit" 2>&1 | tee "$dir/verify.out"
        [ ! -s "$dir/verify.out" ] || exit 1
        # In tenths; what the daemon cannot do without (its user, its socket, shared memory) counts 2.0.
        systemd-analyze security --offline=true --threshold=20 "$unit" >"$dir/security.out" || {
            cat "$dir/security.out"
            echo "check_deploy: ${unit##*/} lets its service do more of what it need not do"
            exit 1
        }
    done
else
    echo "check_deploy: no systemd-analyze here; the units were not looked at"
fi
echo "check_deploy: configuration and units are in order"
