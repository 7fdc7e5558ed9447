#!/usr/bin/env bash
# check_deploy.sh BUILD_DIR - deploy/holdfast.conf is what the daemon prints, the daemon takes it, and the
# unit file has no mistake that systemd knows of.
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

if command -v systemd-analyze >/dev/null; then
    # The program must exist where the unit says; user and configuration are the package's matter.
    sed "s|^ExecStart=[^ ]*|ExecStart=$(realpath "$daemon")|" deploy/holdfastd.service >"$dir/holdfastd.service"
    systemd-analyze verify --man=no "$dir/holdfastd.service" 2>&1 | tee "$dir/verify.out"
    [ ! -s "$dir/verify.out" ] || exit 1
else
    echo "check_deploy: no systemd-analyze here; the unit file was not looked at"
fi
echo "check_deploy: configuration and unit file are in order"
