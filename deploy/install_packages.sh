#!/usr/bin/env bash
# install_packages.sh [build|check|vm|packages] - the Debian 12 packages that Holdfast needs, in one place; installs
# those that are missing with apt-get (as root, or through sudo) and says nothing when all are there.
#
#   build   to build everything, unit tests and packages included (default)
#   check   the same, and what tests/run.sh needs beyond that: the second compiler, checkers, fault tools, and
#           promtool into /usr/local/bin
#   vm      what tests/vm/run.sh needs to boot an emulated machine
#   packages  what tests/packages/run.sh needs to install a Debian and boot it
set -euo pipefail

build=(gcc g++ libc6-dev make cmake pkg-config
    liburcu-dev libnuma-dev libpmem-dev liburing-dev libinih-dev libjansson-dev zlib1g-dev liblzma-dev libzstd-dev
    libsystemd-dev libmicrohttpd-dev libncurses-dev python3-cffi libcriterion-dev scdoc dpkg-dev file)
vm=(qemu-system-x86 busybox-static cpio kmod)
check=(ninja-build clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 llvm-14 xz-utils
    valgrind gcovr strace xfsprogs e2fsprogs spin relacy-dev libfuse3-dev mypy systemd mandoc groff bsdextrautils
    chromium-headless-shell fonts-dejavu-core)

case ${1:-build} in
build) wanted=("${build[@]}") ;;
check) wanted=("${build[@]}" "${check[@]}") ;;
vm) wanted=("${vm[@]}") ;;
packages) wanted=(debootstrap systemd-container procps) ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian system. These packages, by their Debian names, must be there: ${wanted[*]}" >&2
    exit 0
fi
missing=()
for package in "${wanted[@]}"; do
    installed "$package" || missing+=("$package")
done
tool=
[ "${1:-build}" != check ] || command -v promtool >/dev/null || tool=promtool
[ ${#missing[@]} -gt 0 ] || [ -n "$tool" ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
    root=(sudo)
    command -v sudo >/dev/null || {
        echo "Missing: ${missing[*]}. Run this as root, or install sudo." >&2
        exit 77
    }
fi
echo "Installing ${missing[*]} $tool"
log=$(mktemp)
unpacked=$(mktemp -d)
trap 'rm -rf "$log" "$unpacked"' EXIT
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q)
if [ ${#missing[@]} -gt 0 ] &&
    ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "apt-get failed; what it said is above." >&2
    exit 69
fi

# Of the package prometheus promtool alone: installed as it is, a server would begin to run. A host that cannot fetch
# it, because it is offline, can do without.
if [ -n "$tool" ]; then
    { cd "$unpacked" && apt-get -q download prometheus && dpkg-deb -x prometheus_*.deb . &&
        "${root[@]}" install usr/bin/promtool /usr/local/bin/promtool; } >"$log" 2>&1 ||
        echo "There is no promtool, and the test of the alert rules will be skipped: $(tail -n 1 "$log")" >&2
fi
