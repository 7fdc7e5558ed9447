#!/usr/bin/env bash
# check_packages.sh BUILD_DIR - the Debian packages from installation to purge, on a clean root: one that has
# what the packages depend on and nothing else (tests/packages/clean_root.sh), with /dev/shm, /proc and users of its
# own. dpkg installs them; programs are built from outside against them; the daemon is started as its unit says,
# takes an order, is killed, recovers it, is watched, updated and stopped; and when all is purged only data is left.
set -euo pipefail
shopt -s nullglob
# In a mount namespace of its own: mounts end with it. 77: not possible here.
if [ -z "${HF_CHECK_PACKAGES-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "check_packages: skipped: needs root"; exit 77; }
    unshare -m true 2>/dev/null || { echo "check_packages: skipped: no mount namespaces here"; exit 77; }
    for tool in dpkg-deb dpkg-shlibdeps systemd-sysusers systemd-tmpfiles; do
        command -v "$tool" >/dev/null || { echo "check_packages: skipped: no $tool"; exit 77; }
    done
    HF_CHECK_PACKAGES=1 exec unshare -m --propagation private "$0" "$@"
fi
cd "$(dirname "$0")/.."
build=$(realpath "$1")
dir=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-packages.XXXXXX")
mount -t tmpfs -o mode=755 packages "$dir" # dpkg flushes every file
root=$dir/root
manager=
first_pid= # of the daemon that another is started beside
exporter=
cleanup() {
    exec 2>/dev/null # the shell need not tell whom we killed
    # shellcheck disable=SC2046,SC2086 # no pid, no word
    [ -z "$manager$exporter" ] || kill -9 $manager $(daemon_pid) $first_pid $exporter || true
    wait
    umount --lazy --recursive "$dir" || true
    rm -rf "$dir"
}
trap cleanup EXIT
say() { echo "check_packages: $*"; }
fail() {
    say "FAILED: $*"
    for file in "$dir"/*.out; do
        echo "==> $file"
        tail -n 20 "$file"
    done
    exit 1
}

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C chroot "$@"; }
as_trader() { inside --userspec=trader:trader "$root" "$@"; }
as_operator() { inside "$root" "$@"; }
until_true() { # COMMAND...
    for _ in $(seq 3000); do
        "$@" && return
        sleep 0.02
    done
    return 1
}

# The packages, without the benchmark's, and what their control files say.
(cd "$dir" && env -u SOURCE_DATE_EPOCH cpack -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip -D "CPACK_COMPONENTS_ALL=daemon;library;development" \
    --config "$build/CPackConfig.cmake" -B "$dir/packages") >"$dir/cpack.out" 2>&1 || fail "cpack"
! cpack -D CPACK_HF_REFUSALS="it is a test" --config "$build/CPackConfig.cmake" -B "$dir/refused" >"$dir/refused.out" 2>&1 ||
    fail "what packages.cmake has against a build is not heard"
grep -q 'cannot be packed: it is a test' "$dir/refused.out" || fail "a refusal does not say why"
package() { local files=("$dir/packages/$1"_*.deb); echo "${files[0]}"; }
all=("$(package holdfast)" "$(package libholdfast1)" "$(package libholdfast-dev)")
depends=$(for file in "${all[@]}"; do
    dpkg-deb -f "$file" Depends | tr , '\n' | sed 's/([^)]*)//g; s/ //g'
done | grep -v '^libholdfast1$' | sort -u)
dpkg-deb -f "$(package libholdfast-dev)" Depends |
    grep "libholdfast1 (= $(dpkg-deb -f "$(package libholdfast1)" Version))" >/dev/null ||
    fail "libholdfast-dev goes with another libholdfast1"
dpkg-deb --ctrl-tarfile "${all[0]}" | tar -xO ./conffiles | grep -x /etc/holdfast/holdfast.conf >/dev/null ||
    fail "the configuration is no conffile: an upgrade would overwrite it"

# shellcheck disable=SC2086 # words
tests/packages/clean_root.sh "$root" passwd $depends >"$dir/clean_root.out" 2>&1 || fail "the clean root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 dev "$root/dev"
for node in null zero full random urandom; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/shm"
chmod 1777 "$root/dev/shm"
echo 'trader:x:5000:5000::/nonexistent:/bin/sh' >>"$root/etc/passwd"
echo 'trader:x:5000:' >>"$root/etc/group"
# What is there, but for dpkg's own books, caches, and the users' files, of which the names are listed.
survey() {
    (cd "$root" && find . -path ./proc -prune -o -path ./var/lib/dpkg -prune -o \
        -path ./var/log/dpkg.log -prune -o -path ./var/cache/ldconfig -prune -o -name '*-' -prune -o -print | sort
        cut -d: -f1 etc/passwd | sed 's/^/user /' | sort)
}
survey >"$dir/before"

install() { # as apt does it
    dpkg --root="$root" --install "${all[@]}" && dpkg --root="$root" --configure --pending
}
install >"$dir/install.out" 2>&1 || fail "dpkg --install"
dpkg --root="$root" --audit >"$dir/audit.out"
[ ! -s "$dir/audit.out" ] || fail "dpkg finds the installation wanting"
changed=$(zcat "$root/usr/share/doc/holdfast/changelog.gz" | sed -n 's/^ -- .*>  //p')
[ "$(stat -c %Y "$root/usr/sbin/holdfastd")" = "$(date -d "$changed" +%s)" ] ||
    fail "files are younger than the last change: the same source gives other packages"
for link in $(grep -oE '\]\([^#)][^)]*\)' "$root/usr/share/doc/holdfast/RUNBOOK.md" | tr -d '])('); do
    [ -e "$root/usr/share/doc/holdfast/$link" ] || fail "the runbook's link $link leads nowhere"
done
holdfast_id=$(as_operator id -u holdfast)
[ "$holdfast_id" -lt 1000 ] || fail "the daemon's user is no system user, so that logind may remove its memory"
[ "$(stat -c %u:%a "$root/var/lib/holdfast")" = "$holdfast_id:700" ] || fail "/var/lib/holdfast is others'"
[ "$(stat -c %u:%a "$root/run/holdfast")" = "$holdfast_id:755" ] || fail "/run/holdfast is others'"
[ -z "$(find "$root/var/lib/holdfast" -mindepth 1)" ] || fail "an instance was started by the installation"

# Programs from outside, by pkg-config and by CMake. All headers and examples are there; check_install.sh builds what
# else there is of them, C++ too.
PKG_CONFIG_LIBDIR=$root/usr/lib/$(gcc -print-multiarch)/pkgconfig
export PKG_CONFIG_LIBDIR
mapfile -t flags < <(pkg-config --cflags --libs holdfast | xargs -n 1)
case ${flags[*]} in *"$root"*) ;; *) fail "holdfast.pc leads out of the root: ${flags[*]}" ;; esac
mkdir -p "$root/srv/examples"
examples=$root/usr/share/doc/libholdfast-dev/examples
diff -r include/holdfast "$root/usr/include/holdfast" --exclude=README.md >"$dir/headers.out" || fail "the package has other headers"
diff -r client/examples "$examples" --exclude='*.py' >"$dir/examples.out" || fail "the package has other examples"
gcc -std=c17 -Wall -Werror "$examples/hello.c" -o "$root/srv/examples/hello" "${flags[@]}" >"$dir/compile.out" 2>&1 ||
    fail "hello.c"
mkdir "$dir/outside"
cat >"$dir/outside/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.16)
project(outside LANGUAGES C)
find_package(holdfast REQUIRED)
add_executable(hello $root/usr/share/doc/libholdfast-dev/examples/hello.c)
target_link_libraries(hello PRIVATE holdfast::holdfast)
END
{ cmake -S "$dir/outside" -B "$dir/outside/build" -DCMAKE_PREFIX_PATH="$root/usr" -DCMAKE_SKIP_RPATH=ON &&
    cmake --build "$dir/outside/build"; } >"$dir/cmake.out" 2>&1 || fail "find_package(holdfast)"
cp "$dir/outside/build/hello" "$root/srv/examples/hello-cmake"

# The operator's part: who may connect, and small books and segments, for this host's sake.
sed -i -e 's/^allow =.*/allow = trader/' -e 's/^watch =.*/watch = holdfast-exporter/' -e 's/^segment_kib = .*/segment_kib = 4096/' \
    -e 's/^\(orders_max\|session_orders_max\) = .*/\1 = 65536/' "$root/etc/holdfast/holdfast.conf"
as_operator holdfastd --check-config --config /etc/holdfast/holdfast.conf >"$dir/check.out" 2>&1 || fail "--check-config"

# As the unit says, with what it says of the watchdog; the manager's socket is inside the root.
setting() { sed -n "s/^$2=//p" "$root/usr/lib/systemd/system/$1"; }
daemon_pid() { sed -n 's/^PID //p' "$dir/service.out" 2>/dev/null; }
is_ready() { grep -q '^READY=1' "$dir/service.out"; }
start() { # UNIT [INSTANCE]
    local user command
    user=$(setting "$1" User)
    read -r -a command < <(setting "$1" ExecStart | sed "s/%i/${2-}/g")
    : >"$dir/service.out" # of the daemon before
    "$build/tests/service" "$root/run/notify" "$(setting "$1" WatchdogSec)000000" env NOTIFY_SOCKET=/run/notify \
        chroot --userspec="$user:$user" "$root" "${command[@]}" </dev/null >"$dir/service.out" 2>>"$dir/daemon.out" &
    manager=$!
    until_true is_ready || fail "the daemon does not get ready"
}
ended() { # EXIT_CODE
    local code=0
    wait "$manager" || code=$?
    manager=
    [ "$code" = "$1" ] || fail "the daemon ended with exit code $code, not $1"
}

start holdfastd.service
as_trader holdfast submit -s DEMO -b buy -q 5 -p 100 --session mine >"$dir/submit.out" 2>&1 || fail "an order"
for program in hello hello-cmake; do
    as_trader "/srv/examples/$program" >"$dir/program.out" 2>&1 || fail "$program"
    grep -q accepted "$dir/program.out" || fail "$program tells of no accepted order"
done
# The Python module lies where Debian's Python looks; this host's runs it, with the library of the root.
modules=usr/lib/python3/dist-packages
if [ -d "$root/$modules/holdfast" ]; then
    python=$(sed -n 's/^HF_PYTHON3:[A-Z]*=//p' "$build/CMakeCache.txt")
    "$python" -c "import sys; sys.exit('/$modules' not in sys.path)" || say "$python does not look into /$modules"
    env PYTHONPATH="$root/$modules" PYTHONDONTWRITEBYTECODE=1 "$python" \
        "$root/usr/share/doc/libholdfast-dev/examples/hello.py" "$root/run/holdfast/holdfast.sock" \
        >"$dir/program.out" 2>&1 || fail "hello.py"
    grep -q accepted "$dir/program.out" || fail "hello.py tells of no accepted order"
fi
book() { as_operator holdfast book DEMO | tail -n +2; } # the first line has the LSN
book >"$dir/book.before" || fail "no book"
grep -q 100 "$dir/book.before" || fail "the order is not in the book"
kill -9 "$(daemon_pid)"
ended 137
as_trader holdfast status --interval 0 >"$dir/status.out" 2>&1 && fail "a killed daemon answers"

start holdfastd.service
book >"$dir/book.after" || fail "no book of the recovered daemon"
diff -u "$dir/book.before" "$dir/book.after" >"$dir/book.out" || fail "the recovered book is another"
as_trader holdfast status --interval 0 >"$dir/status.out" 2>&1 || fail "status"
grep -q running "$dir/status.out" || fail "status tells of no running daemon"

# Watched, as the exporter's unit says, but at a port that the kernel chooses.
[ "$(setting holdfast-exporter.service Environment)" = HF_LISTEN=127.0.0.1:9630 ] || fail "the exporter's unit names no port"
# shellcheck disable=SC2016 # systemd expands it
read -r -a command < <(setting holdfast-exporter.service ExecStart | sed 's/${HF_LISTEN}/127.0.0.1:0/')
user=$(setting holdfast-exporter.service User)
chroot --userspec="$user:$user" "$root" "${command[@]}" </dev/null >"$dir/exporter.out" 2>&1 &
exporter=$!
serves() { grep -qE 'serving on .*, port [0-9]+' "$dir/exporter.out"; }
serves_or_ended() { serves || ! kill -0 "$exporter" 2>/dev/null; }
until_true serves_or_ended || true
serves || fail "the exporter does not serve"
port=$(sed -nE 's/.*serving on .*, port ([0-9]+).*/\1/p' "$dir/exporter.out")
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&7
timeout 10 cat <&7 >"$dir/health.out"
exec 7>&-
head -n 1 "$dir/health.out" | grep ' 200 ' >/dev/null || fail "the exporter says that the daemon is ill"
kill -TERM "$exporter"
wait "$exporter" || fail "the exporter ended with exit code $?"
exporter=

# Told to read its configuration again, as the unit says.
pid=$(daemon_pid)
# shellcheck disable=SC2016 # systemd expands it
reload=$(setting holdfastd.service ExecReload | sed "s/\${MAINPID}/$pid/")
eval "inside '$root' $reload" || fail "ExecReload"
reloaded() { grep -q 'configuration read again' "$dir/daemon.out"; }
until_true reloaded || fail "the daemon does not hear ExecReload"

# The same packages again, as an upgrade: the daemon goes on, the operator's configuration stays.
cp "$root/etc/holdfast/holdfast.conf" "$dir/conf"
install >"$dir/install.out" 2>&1 || fail "a second dpkg --install"
cmp "$dir/conf" "$root/etc/holdfast/holdfast.conf" || fail "an upgrade overwrites the configuration"
as_trader holdfast submit -s DEMO -b sell -q 5 -p 100 --session other >"$dir/submit.out" 2>&1 || fail "an order behind the upgrade"

# A second instance beside it, by the template.
cp "$root/etc/holdfast/holdfast.conf" "$root/etc/holdfast/venue.conf"
first=$manager
first_pid=$(daemon_pid)
start holdfastd@.service venue
[ -d "$root/var/lib/holdfast/venue" ] || fail "the template's instance has its log elsewhere"
as_trader holdfast status --instance venue --interval 0 >"$dir/status.out" 2>&1 || fail "status of the second instance"
kill -TERM "$(daemon_pid)"
ended 0

# Away with it, under a daemon that no systemd can stop; what is left is data.
manager=$first
rm -r "$root/srv/examples" "$root/etc/holdfast/venue.conf"
dpkg --root="$root" --remove holdfast libholdfast-dev libholdfast1 >"$dir/remove.out" 2>&1 || fail "dpkg --remove"
grep -q "go on running.*: $first_pid\$" "$dir/remove.out" || fail "a removal does not name the daemon that goes on"
kill -TERM "$first_pid"
ended 0
rm "$root/run/notify"
"$build/holdfast-recover" verify "$root/var/lib/holdfast/holdfast" >"$dir/verify.out" 2>&1 || fail "the log"
cmp "$dir/conf" "$root/etc/holdfast/holdfast.conf" || fail "a removal takes the configuration"
dpkg --root="$root" --purge holdfast libholdfast1 >"$dir/purge.out" 2>&1 || fail "dpkg --purge"
survey | comm -13 "$dir/before" - >"$dir/left"
survey | comm -23 "$dir/before" - >"$dir/gone"
[ ! -s "$dir/gone" ] || { cat "$dir/gone"; fail "the packages took what was there before"; }
grep -q '^./var/lib/holdfast/holdfast/.*\.wal$' "$dir/left" || fail "the purge took the log"
others=$(grep -v -e '^./var/lib/holdfast' -e '^./dev/shm/holdfast\.' -e '^user holdfast$' "$dir/left" || true)
[ -z "$others" ] || { echo "$others"; fail "more than data is left"; }
say "installed, built against, reloaded, killed, recovered, updated, removed; $(wc -l <"$dir/left") names of data left"
