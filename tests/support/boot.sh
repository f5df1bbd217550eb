#!/bin/bash
# boot.sh DIR SECONDS: boots the real systemd with the units of DIR/units and lab.target, apart from this machine.
# DIR is /lab inside. DIR/pid is the process to kill at the end; after SECONDS it is killed anyway. Status 99: this
# machine does not allow it.
set -eu

inside() { # PID 1 of its own namespaces
    local lab=$1 root=$1/root all=$1/root/all
    mount --make-rprivate / &&
    mount -t tmpfs tmpfs "$root" && mkdir "$root/upper" "$root/work" "$all" &&
    mount -t overlay overlay -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$all" &&
    mount -t proc proc "$all/proc" && mount -t sysfs -o ro sysfs "$all/sys" &&
    mount -t cgroup2 cgroup2 "$all/sys/fs/cgroup" &&
    mount --bind "$all/proc/sys" "$all/proc/sys" && mount -o remount,bind,ro "$all/proc/sys" || exit 99
    # systemd cleans /tmp and /run: never the machine's own.
    mount -t tmpfs tmpfs "$all/run" && mount -t tmpfs tmpfs "$all/tmp" && mount -t tmpfs tmpfs "$all/dev" || exit 99
    local name
    for name in null zero full random urandom tty; do
        touch "$all/dev/$name" && mount --bind "/dev/$name" "$all/dev/$name"
    done
    ln -s /proc/self/fd "$all/dev/fd"
    mkdir -p "$all/lab" && mount --bind "$lab" "$all/lab"
    # Only the lab's units, nothing of what this machine would start.
    rm -rf "$all"/lib/systemd/system/*.wants "$all"/etc/systemd/system "$all"/lib/systemd/system-generators
    mkdir -p "$all/etc/systemd/system"
    cp -- "$lab"/units/* "$all/etc/systemd/system/"
    mkdir "$all/old"
    cd "$all"
    pivot_root . old
    umount -l /old
    exec env -i container=supconv-lab LANG=C.UTF-8 /lib/systemd/systemd --system --unit=lab.target \
        --log-target=console --show-status=no
}

if [ "$1" = --inside ]; then
    inside "$2"
fi
if [ "$1" = --outside ]; then
    # A cgroup of its own, where that is possible, so that systemd does not see the others.
    cgroups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
    if [ -n "$cgroups" ] && mkdir "$cgroups/supconv-lab-$$" 2>/dev/null; then
        echo "$cgroups/supconv-lab-$$" > "$2/cgroup"
        echo $$ > "$cgroups/supconv-lab-$$/cgroup.procs"
    fi
    echo $$ > "$2/pid"
    exec unshare --pid --fork --kill-child=KILL --mount --cgroup --uts --ipc --net bash "$0" --inside "$2"
fi
mkdir -p "$1/root"
exec timeout -s KILL "$2" bash "$0" --outside "$1"
