#!/usr/bin/env bash
# guest.sh - in the system that run.sh has booted: an operator's life with the packages, under a real systemd.
set -euo pipefail
cd /root
say() { echo "packages: $*"; }
fail() {
    say "FAILED: $*"
    exit 1
}
property() { systemctl show --value --property "$2" "$1"; }
quietly() { "$@" >/tmp/quietly.log 2>&1 || { cat /tmp/quietly.log; fail "$*"; }; }
until_true() { # SECONDS COMMAND...
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.05
    done
}
as_trader() { runuser -u trader -- "$@"; }
book() { holdfast book --instance "${1:-holdfast}" DEMO | tail -n +2; }
journal_has() { # reads all of it: who is cut short by grep -q has failed
    journalctl -u holdfastd >/tmp/journal
    grep -q "$1" /tmp/journal
}
# Names and inodes: they must stay the same objects, but for the metrics, which each start makes anew.
memory() { stat -c '%n %i' /dev/shm/holdfast."$1".* | grep -v '\.metrics '; }
export DEBIAN_FRONTEND=noninteractive

quietly apt-get update
quietly apt-get install -y --no-install-recommends gcc pkg-config libc6-dev
dpkg-query -W -f '${Package}\n' | sort >/tmp/packages.before

quietly apt-get install -y --no-install-recommends /packages/holdfast_*.deb /packages/libholdfast*.deb
dpkg-query -W -f '${Package}\n' | sort | comm -13 /tmp/packages.before - >/tmp/packages.new
say "apt installed $(xargs </tmp/packages.new)"
[ "$(property holdfastd ActiveState)" = inactive ] || fail "an instance was started by the installation"
[ "$(id -u holdfast)" -lt 1000 ] || fail "the daemon's user is no system user"

# Start: it returns when orders are taken.
useradd --create-home trader
sed -i 's/^allow =.*/allow = trader/' /etc/holdfast/holdfast.conf
quietly holdfastd --check-config --config /etc/holdfast/holdfast.conf
quietly systemctl enable --now holdfastd
[ "$(property holdfastd StatusText)" = "instance 'holdfast' running, epoch 1, log in /var/lib/holdfast/holdfast" ] ||
    fail "systemctl status says '$(property holdfastd StatusText)'"
say "started: $(property holdfastd StatusText)"

# Programs, built here.
cp /usr/share/doc/libholdfast-dev/examples/hello.c .
# shellcheck disable=SC2046 # words
quietly gcc hello.c -o /usr/local/bin/hello $(pkg-config --cflags --libs holdfast)
quietly as_trader /usr/local/bin/hello
quietly apt-get install -y --no-install-recommends python3 python3-cffi-backend
quietly python3 /usr/share/doc/libholdfast-dev/examples/hello.py
quietly as_trader holdfast submit -s DEMO -b buy -q 5 -p 100 --session mine
book >/tmp/book
grep -q ' 100 ' /tmp/book || fail "the order is not in the book"

# same_after WHAT: the book and the very objects of shared memory.
memory holdfast >/tmp/memory
same_after() {
    book >/tmp/book.now
    diff -u /tmp/book /tmp/book.now || fail "$1: the book is another"
    memory holdfast | diff -u /tmp/memory - || fail "$1: shared memory is not what it was"
    quietly as_trader holdfast submit -s DEMO -b sell -q 1 -p 200 --tif ioc --session other
    memory holdfast >/tmp/memory # with that session's
    say "$1: all is there"
}
as_trader holdfast submit -s DEMO -b sell -q 1 -p 200 --tif ioc --session other >/dev/null
memory holdfast >/tmp/memory
restarted() { [ "$(property holdfastd NRestarts)" = "$1" ] && [ "$(property holdfastd ActiveState)" = active ]; }

kill -9 "$(property holdfastd MainPID)"
until_true 20 restarted 1 || fail "not started again after kill -9"
same_after "kill -9"
quietly systemctl restart holdfastd
same_after "systemctl restart"

# logind removes the shared memory of an ordinary user who logs out: not the daemon's, whoever logs out.
quietly apt-get install -y --no-install-recommends libpam-systemd
quietly su -l trader -c 'touch /dev/shm/of_trader'
until_true 30 test ! -e /dev/shm/of_trader || fail "logind does not do what the daemon is to be safe from"
quietly su -l -s /bin/sh holdfast -c 'touch /dev/shm/of_holdfast'
sleep 12 # logind's UserStopDelaySec=, and a little
[ -e /dev/shm/of_holdfast ] || fail "logind removes the shared memory of the daemon's user"
rm /dev/shm/of_holdfast
same_after "logins and logouts"
pid=$(property holdfastd MainPID)
quietly systemctl reload holdfastd
sleep 0.5
[ "$(property holdfastd MainPID)" = "$pid" ] || fail "reload ends the daemon"
journal_has "configuration read again" || fail "reload is not told"

# The engine alone stands still: the watchdog ends it, and systemd starts it again.
mkfifo /tmp/hold
/packages/freeze "$pid" hf-engine </tmp/hold >/tmp/frozen & # until that ends
freezer=$!
exec 8>/tmp/hold
begin=$SECONDS
hung() { [ "$(property holdfastd MainPID)" != "$pid" ] && [ "$(property holdfastd ActiveState)" = active ]; }
until_true 60 hung || fail "an engine that hangs is left alone"
journal_has 'Watchdog timeout' || fail "it was not the watchdog"
exec 8>&-
wait "$freezer" 2>/dev/null || true
same_after "the watchdog, after $((SECONDS - begin)) s"

# A second instance, with direct I/O: its ring of io_uring under the unit's filter.
sed 's/^io =.*/io = direct/' /etc/holdfast/holdfast.conf >/etc/holdfast/venue.conf
quietly systemctl enable --now holdfastd@venue
holdfast status --instance venue --interval 0 | grep '^venue: .*direct' >/dev/null || fail "the second instance does not write directly"
quietly as_trader holdfast submit --instance venue -s DEMO -b buy -q 5 -p 100 --session mine
kill -9 "$(property holdfastd@venue MainPID)"
venue_back() { [ "$(property holdfastd@venue NRestarts)" = 1 ] && [ "$(property holdfastd@venue ActiveState)" = active ]; }
until_true 20 venue_back || fail "the second instance is not started again"
book venue | grep ' 100 ' >/dev/null || fail "the second instance lost its order"
say "holdfastd@venue, with direct I/O: $(property holdfastd@venue StatusText)"

holdfast doctor --instance holdfast >/tmp/doctor 2>&1 || true # it knows what this host lacks
grep -q 'fine *memlock\|note *memlock\|SLOW *memlock' /tmp/doctor || { cat /tmp/doctor; fail "the doctor"; }
say "doctor: $(tail -n 1 /tmp/doctor)"

# What the units leave of the host, and what the daemon got of it.
systemd-analyze security holdfastd | tail -n 1
say "locked memory: $(grep VmLck "/proc/$(property holdfastd MainPID)/status" | tr -s '\t ' ' ')"
say "limits: $(grep 'locked memory' "/proc/$(property holdfastd MainPID)/limits" | tr -s ' ')"
[ "$(grep CapEff "/proc/$(property holdfastd MainPID)/status" | tr -d '\t')" = CapEff:0000000000000000 ] ||
    fail "the daemon has capabilities"
# Both are shown, each at its port; the template has none of its own.
sed -i 's/^watch =.*/watch = holdfast-exporter/' /etc/holdfast/holdfast.conf /etc/holdfast/venue.conf
quietly systemctl reload holdfastd holdfastd@venue
! systemctl start holdfast-exporter@venue 2>/dev/null || fail "an exporter starts without a port of its own"
echo HF_LISTEN=127.0.0.1:9631 >/etc/holdfast/venue.exporter
quietly systemctl enable --now holdfast-exporter holdfast-exporter@venue
for port in 9630 9631; do
    python3 -c "import urllib.request as u; print(u.urlopen('http://127.0.0.1:$port/metrics').read().decode())" >/tmp/metrics
    grep -q '^holdfast_up 1' /tmp/metrics || fail "the exporter at $port shows no daemon"
    say "exporter at $port: $(grep -c '^holdfast_' /tmp/metrics) values"
done

# An upgrade restarts nothing; a removal stops all, and leaves the configuration; a purge leaves data.
pid=$(property holdfastd MainPID)
cp /etc/holdfast/holdfast.conf /tmp/conf
quietly apt-get install -y --reinstall /packages/holdfast_*.deb /packages/libholdfast*.deb
grep -q 'until you restart them' /tmp/quietly.log || fail "an upgrade does not say that nothing was restarted"
[ "$(property holdfastd MainPID)" = "$pid" ] || fail "an upgrade restarts the daemon"
cmp /tmp/conf /etc/holdfast/holdfast.conf || fail "an upgrade overwrites the configuration"
quietly apt-get remove -y holdfast
! kill -0 "$pid" 2>/dev/null || fail "a removal leaves the daemon running"
! grep -qs "^Uid:[[:space:]]*$(id -u holdfast)[[:space:]]" /proc/[0-9]*/status || fail "a removal leaves something running"
tail -n 8 <(journalctl -u holdfastd) | grep 'all of it durable' >/dev/null || fail "the removal did not stop it cleanly"
cmp /tmp/conf /etc/holdfast/holdfast.conf || fail "a removal takes the configuration"
quietly apt-get install -y --no-install-recommends /packages/holdfast_*.deb
quietly systemctl start holdfastd
same_after "removed and installed again"
! systemctl --quiet is-active holdfast-exporter || fail "the exporter is active before anybody started it again"
xargs apt-get purge -y </tmp/packages.new >/tmp/quietly.log 2>&1 || { cat /tmp/quietly.log; fail "purge"; }
grep -a '^holdfast: ' /tmp/quietly.log
left=$(find /etc /usr /var/lib /run -xdev -name '*holdfast*' | grep -v -e '^/var/lib/holdfast$' -e '^/var/lib/holdfast/' \
    -e '^/etc/holdfast$' -e ^/run/systemd || true)
[ -z "$left" ] || fail "more than data is left: $left"
[ "$(echo /etc/holdfast/*)" = '/etc/holdfast/venue.conf /etc/holdfast/venue.exporter' ] || fail "of the configurations there is $(ls /etc/holdfast)"
[ -n "$(find /var/lib/holdfast/holdfast -name '*.wal')" ] || fail "the purge took the log"
say "all passed"
