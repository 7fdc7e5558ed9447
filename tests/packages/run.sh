#!/usr/bin/env bash
# run.sh [BUILD [CACHE]] - the Debian packages on a Debian that is installed anew (debootstrap, minbase) and booted
# with its own systemd as process 1 (systemd-nspawn): apt installs them there, and guest.sh does what an operator
# does, and what befalls him. Debian's archive is read through apt; nothing else leaves the host.
#
# The installed system is kept in CACHE (BUILD/installed) for the next time; each run has a copy. Needs root,
# and the packages that deploy/install_packages.sh packages installs. Takes about five minutes, two with the cache.
# Exit code 0: all passed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:-$here/../../build}")
cache=${2:-$build/installed}
[ "$(id -u)" = 0 ] || { echo "packages: needs root" >&2; exit 77; }
[ -x "$build/holdfastd" ] || { echo "packages: no holdfastd in $build; build first" >&2; exit 66; }
"$here/../../deploy/install_packages.sh" packages
mkdir -p "$cache"
cache=$(realpath "$cache")
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/holdfast-debian.XXXXXX")
root=$dir/root
container=
cleanup() {
    if [ -n "$container" ]; then
        kill -KILL "$(init_of_container)" 2>/dev/null || true # systemd-nspawn ends with it
        wait "$container" 2>/dev/null || true
    fi
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

install_debian() {
    [ ! -d "$cache/root" ] || return 0
    rm -rf "$cache/root.part"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates bookworm "$cache/root.part" \
        "${HF_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$cache/debootstrap.log" 2>&1 || {
        tail -n 20 "$cache/debootstrap.log" >&2
        exit 69
    }
    mv "$cache/root.part" "$cache/root"
}

init_of_container() { pgrep -P "$container"; } # in this host's numbers
is_up() { inside systemctl is-system-running 2>/dev/null | grep -E 'running|degraded' >/dev/null; }
inside() {
    nsenter --target "$(init_of_container)" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"
}

echo "packages: makes the packages, and a Debian"
(cd "$dir" && cpack --config "$build/CPackConfig.cmake" -B "$dir/packages") >"$dir/cpack.log" 2>&1 || {
    cat "$dir/cpack.log" >&2
    exit 1
}
install_debian
cp -a "$cache/root" "$root"
mkdir "$root/packages"
cp "$dir"/packages/*.deb "$build/tests/freeze" "$here/guest.sh" "$root/packages/"
cp /etc/resolv.conf "$root/etc/resolv.conf"
systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --resolv-conf=off \
    --capability=CAP_IPC_LOCK --boot \
    </dev/null >"$dir/boot.log" 2>&1 &
container=$!
for _ in $(seq 300); do
    is_up && break
    sleep 0.2
done
is_up || { cat "$dir/boot.log" >&2; echo "packages: FAILED: the system does not boot" >&2; exit 1; }
if inside /packages/guest.sh; then
    exit 0
fi
inside journalctl --no-pager -n 60 -u 'holdfastd*' -u 'holdfast-exporter*' >&2 || true
echo "packages: FAILED" >&2
exit 1
