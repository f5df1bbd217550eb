#!/bin/bash
# operator.sh UNIT…: starts all, stops them in the opposite order, and writes what systemd saw of each to /lab/out/seen.
exec >> /lab/out/said 2>&1
set -x
mkdir -p /run/php
install -d -o postgres -g postgres /run/postgresql /run/data
setpriv --reuid=postgres --regid=postgres --init-groups /usr/lib/postgresql/15/bin/initdb -D /run/data
show() { systemctl show --value --property "$2" "$1"; }
end() {
    local cgroup seen before left
    cgroup=/sys/fs/cgroup$(show "$1" ControlGroup)
    seen="$1: $(show "$1" Type) $(show "$1" ActiveState)"
    if [ "$(show "$1" NRestarts)" = 0 ] && grep -q . "$cgroup/cgroup.procs"; then
        seen+=", started once"
    fi
    before=$SECONDS
    systemctl stop "$1"
    seen+="; $(show "$1" ActiveState) $(show "$1" Result)"
    # Nothing has work to finish, and the shortest time before the kill is 10 s.
    if [ $((SECONDS - before)) -lt 9 ]; then
        seen+=" in time"
    fi
    left=$(cat "$cgroup/cgroup.procs" || true)
    echo "$seen, $(wc -w <<< "$left") left" >> /lab/out/seen
}
opposite=()
for unit; do
    systemctl start "$unit"
    opposite=("$unit" "${opposite[@]}")
done
# Type=exec says nothing of when a program is ready, and gunicorn 20.1 loses a signal that comes as soon as it says so.
sleep 5
for unit in "${opposite[@]}"; do
    end "$unit"
done
touch /lab/out/done
