#!/bin/bash
# boot.sh DIR SECONDS SIDE ROOT: runs one side of the lab in a copy of the root folder ROOT, apart from this machine. Side `systemd`:
# the real systemd with the units of DIR/units, the rest of /etc from DIR/etc, and lab.target. Side `supervisor`: DIR/init, which
# starts supervisord or another daemon.
# DIR is /lab inside. DIR/pid is the process to kill at the end; after SECONDS it is killed anyway. Status 99: this
# machine does not allow it.
set -eu

inside() { # PID 1 of its own namespaces
    local lab=$1 side=$2 below=$3 root=$1/root all=$1/root/all
    mount --make-rprivate / &&
    mount -t tmpfs tmpfs "$root" && mkdir "$root/upper" "$root/work" "$all" &&
    mount -t overlay overlay -o "lowerdir=$below,upperdir=$root/upper,workdir=$root/work" "$all" &&
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
    for name in stdin:0 stdout:1 stderr:2; do
        ln -s "/proc/self/fd/${name#*:}" "$all/dev/${name%:*}"
    done
    mkdir -p "$all/lab" && mount --bind "$lab" "$all/lab"
    # A user with a second group.
    echo 'lab:x:5001:5001::/home/lab:/bin/sh' >> "$all/etc/passwd"
    printf 'lab:x:5001:\nlabs:x:5101:lab\n' >> "$all/etc/group"
    # Only the lab's units, nothing of what this machine would start.
    rm -rf "$all"/lib/systemd/system/*.wants "$all"/etc/systemd/system "$all"/lib/systemd/system-generators
    mkdir -p "$all/etc/systemd/system"
    cp -a -- "$lab/units/." "$all/etc/systemd/system/"
    if [ -d "$lab/etc" ]; then
        cp -a -- "$lab/etc" "$all/"
    fi
    # Here: not every root folder has `ip`.
    ip link set lo up 2>/dev/null || true
    mkdir "$all/old"
    cd "$all"
    pivot_root . old
    umount -l /old
    # What systemd gives its units, and what a supervisord that is started at boot begins with, as far as this machine allows.
    ulimit -Hn 524288 2> /dev/null || true
    ulimit -Sn 1024
    if [ "$side" = supervisor ]; then
        exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 bash /lab/init
    fi
    exec env -i container=supconv-lab LANG=C.UTF-8 /lib/systemd/systemd --system --unit=lab.target \
        --log-target=console --show-status=no
}

if [ "$1" = --inside ]; then
    inside "$2" "$3" "$4"
fi
if [ "$1" = --outside ]; then
    if [ ! -x "${4%/}/lib/systemd/systemd" ]; then
        echo "there is no systemd"
        exit 99
    fi
    unshare --pid --fork --mount --cgroup --uts --ipc --net true || exit 99
    # A cgroup of its own, where that is possible, so that systemd does not see the others.
    cgroups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
    if [ -n "$cgroups" ] && mkdir "$cgroups/supconv-lab-$$" 2>/dev/null; then
        echo "$cgroups/supconv-lab-$$" > "$2/cgroup"
        echo $$ > "$cgroups/supconv-lab-$$/cgroup.procs"
    fi
    echo $$ > "$2/pid"
    exec unshare --pid --fork --kill-child=KILL --mount --cgroup --uts --ipc --net bash "$0" --inside "$2" "$3" "$4"
fi
mkdir -p "$1/root"
exec timeout -s KILL "$2" bash "$0" --outside "$1" "$3" "$4"
