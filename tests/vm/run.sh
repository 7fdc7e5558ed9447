#!/usr/bin/env bash
# run.sh [BUILD [CACHE]] - the tests that need another machine than this one: boots an emulated one (QEMU,
# without KVM) that has two NUMA nodes and 1 GiB of persistent memory with ext4 on it, mounted with DAX,
# and runs guest.sh there: where memory lies, what libpmem says, crash and recovery tests on the DAX file
# system. Then the machine is reset in the middle of writing, boots again, and must have all that had been
# acknowledged as durable.
#
# The machine's root is this host's, read-only, under a writable layer that its memory holds: it runs the
# binaries of BUILD (build). Kernel: Debian's, downloaded to CACHE (BUILD/vm), not installed. Needs root,
# and the packages that deploy/install_packages.sh vm installs. Takes about eight minutes; what the machine
# prints comes as it prints it. Exit code 0: all passed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:-$here/../../build}")
mkdir -p "${2:-$build/vm}"
cache=$(realpath "${2:-$build/vm}")
limit=${HF_VM_SECONDS:-3000}

[ "$(id -u)" = 0 ] || { echo "vm: needs root" >&2; exit 77; }
[ -x "$build/holdfastd" ] || { echo "vm: no holdfastd in $build; build first" >&2; exit 66; }
"$here/../../deploy/install_packages.sh" vm

fetch_kernel() {
    local package
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: *//p' | head -n 1)
    [ -n "$package" ] || { echo "vm: apt knows no linux-image-amd64; run apt-get update" >&2; exit 69; }
    [ -d "$cache/$package" ] && { kernel=$cache/$package; return; }
    (cd "$cache" && apt-get -q -o APT::Sandbox::User=root download "$package")
    dpkg -x "$cache/$package"_*.deb "$cache/$package.part"
    mv "$cache/$package.part" "$cache/$package"
    rm "$cache/$package"_*.deb
    kernel=$cache/$package
}

# The initial file system: busybox, the modules in the order in which they are to be loaded, init.
make_initramfs() {
    local version root=$cache/root
    version=$(basename "$kernel"/lib/modules/*)
    depmod -b "$kernel" "$version"
    rm -rf "$root"
    mkdir -p "$root/bin" "$root/modules" "$root/proc" "$root/sys" "$root/dev"
    cp /bin/busybox "$root/bin/"
    cp "$here/init" "$root/init"
    local module file count=100
    declare -A seen=()
    for module in virtio_pci 9pnet_virtio 9p overlay nd_e820 nd_pmem ext4; do
        while read -r _ file _; do
            [ -z "${seen[$file]-}" ] || continue
            seen[$file]=1
            count=$((count + 1))
            cp "$file" "$root/modules/$count-$(basename "$file")"
        done < <(modprobe -d "$kernel" -S "$version" --show-depends "$module" | grep ^insmod)
    done
    printf 'guest=%q\nbuild=%q\n' "$here/guest.sh" "$build" >"$root/parameters"
    (cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$cache/initramfs"
}

# Two nodes of two processors and about 1 GiB each; beside that, node 0 has persistent memory: 1 GiB for a
# file system, 16 MiB as guest.sh's notebook. A reset leaves memory as it is, as a power cut leaves
# such memory.
boot() {
    timeout "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 4 -m 3072 \
        -object memory-backend-ram,id=m0,size=2048M -object memory-backend-ram,id=m1,size=1024M \
        -numa node,nodeid=0,cpus=0-1,memdev=m0 -numa node,nodeid=1,cpus=2-3,memdev=m1 \
        -numa dist,src=0,dst=1,val=20 \
        -kernel "$kernel"/boot/vmlinuz-* -initrd "$cache/initramfs" \
        -append "console=ttyS0 quiet panic=-1 memmap=1024M!0x30000000,16M!0x2e000000 mitigations=off" \
        -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
        -display none -monitor none -serial stdio -nic none </dev/null
}

fetch_kernel
make_initramfs
boot | stdbuf -oL tr -d '\r' | tee "$cache/console" | grep --line-buffered '^vm: ' || true
if tail -n 5 "$cache/console" | grep -qx 'vm: all passed'; then
    exit 0
fi
tail -n 40 "$cache/console" >&2
echo "vm: FAILED; all that the machine printed is in $cache/console" >&2
exit 1
