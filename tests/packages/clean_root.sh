#!/usr/bin/env bash
# clean_root.sh DIRECTORY PACKAGE... - a Debian root with nothing in it but the essential packages, PACKAGEs and
# what these depend on: copied from this host, whose dpkg knows which files they are, so that it needs no network
# and a few seconds. What a program needs and its package does not say is missing there. Needs root.
#
# Where a dependency has alternatives it is the first one that this host has. Documentation is left out.
set -euo pipefail
root=$1
shift

# Of all that is installed: the names that are wanted, and what they depend on, to the end.
closure() {
    dpkg-query -W -f='${db:Status-Status}\t${Package}\t${Essential}\t${Pre-Depends}, ${Depends}\t${Provides}\n' |
        awk -F '\t' -v wanted="$*" '
            function bare(text) { gsub(/ *\([^)]*\)|:[a-z0-9]+| /, "", text); return text }
            $1 == "installed" {
                depends[$2] = $4
                if ($3 == "yes") { queue[++last] = $2 }
                count = split(bare($5), names, ",")
                for (i = 1; i <= count; i++) { provider[names[i]] = $2 }
            }
            function find(alternatives,    i, count, names) {
                count = split(bare(alternatives), names, "|")
                for (i = 1; i <= count; i++) {
                    if (names[i] in depends) { return names[i] }
                    if (names[i] in provider) { return provider[names[i]] }
                }
                return ""
            }
            END {
                count = split(wanted, names, " ")
                for (i = 1; i <= count; i++) {
                    if (find(names[i]) == "") { print "clean_root: not installed here: " names[i] >"/dev/stderr"; exit 1 }
                    queue[++last] = find(names[i])
                }
                for (next_one = 1; next_one <= last; next_one++) {
                    package = queue[next_one]
                    if (package in seen) { continue }
                    seen[package] = 1
                    print package
                    count = split(depends[package], names, ",")
                    for (i = 1; i <= count; i++) {
                        found = find(names[i])
                        if (found != "") { queue[++last] = found }
                    }
                }
            }' | sort
}

# The files of packages. What a package made at its configuration is none of them.
files() {
    dpkg -L "$@" 2>/dev/null | grep -a '^/.' | grep -av '^/usr/share/\(doc\|man\|locale\|info\|lintian\)/' | sort -u |
        while read -r path; do [ ! -e "$path" ] && [ ! -L "$path" ] || printf '%s\n' "${path#/}"; done
}

mapfile -t packages < <(closure "$@")
mkdir -p "$root"/usr/{bin,sbin,lib,lib32,lib64,libx32} "$root"/{dev,proc,sys,run,tmp,var/lib/dpkg/{info,updates,triggers}}
chmod 1777 "$root/tmp"
for name in bin sbin lib lib32 lib64 libx32; do # one tree, as on this host
    [ ! -L "/$name" ] || ln -s "usr/$name" "$root/$name"
done
files "${packages[@]}" | tar -C / -c --no-recursion --files-from=- |
    tar -C "$root" -x --keep-directory-symlink --warning=no-timestamp
# What some of them make when they are configured, or when a trigger of theirs is run.
cp -a /etc/alternatives "$root/etc/"
mkdir -p "$root/srv" "$root/var/lib/systemd/catalog"
touch "$root"/etc/{shadow,gshadow,.pwd.lock,shells} "$root"/var/lib/{shells.state,systemd/catalog/database}
chmod 640 "$root"/etc/{shadow,gshadow}
cp /usr/share/base-passwd/passwd.master "$root/etc/passwd"
cp /usr/share/base-passwd/group.master "$root/etc/group"
# Whatever this host still has to do for them, there they are installed.
dpkg-query -s "${packages[@]}" | sed -e 's/^Status: .*/Status: install ok installed/' -e '/^Triggers-/d' \
    >"$root/var/lib/dpkg/status"
for package in "${packages[@]}"; do
    cp -a /var/lib/dpkg/info/"$package"[.:]* "$root/var/lib/dpkg/info/"
done
cp -a /var/lib/dpkg/info/format "$root/var/lib/dpkg/info/"
cp /var/lib/dpkg/triggers/ldconfig "$root/var/lib/dpkg/triggers/"
for package in "${packages[@]}"; do
    grep " $package\$" /var/lib/dpkg/triggers/File || true
done >"$root/var/lib/dpkg/triggers/File"
ldconfig -r "$root"
echo "clean_root: ${#packages[@]} packages"
