#!/bin/bash
# operator.sh SIDE: what an operator does on both sides, as the account. Everything seen goes to /lab/out.
side=$1
exec >> /lab/out/said 2>&1
set -x
# The processes that run these words; not every root folder has pgrep.
pids() {
    local file words
    for file in /proc/[0-9]*/cmdline; do
        words=()
        mapfile -d '' -t words 2> /dev/null < "$file"
        if [[ "${words[*]}" = $1 ]]; then
            file=${file#/proc/}
            echo "${file%/cmdline}"
        fi
    done
}
lives() { pids "sleep $1" | wc -l; }
count() {
    set +x
    echo "$1: plain $(lives 1004), pool $(lives 1001), child $(lives 1002), family $(lives 1003)" >> /lab/out/counts
    set -x
}
# Until all five run, and have run longer than startsecs.
all_run() {
    set +x
    for _ in $(seq 100); do
        if [ "$(lives '100[1-4]')" = 5 ]; then
            break
        fi
        sleep 0.2
    done
    sleep 2
    set -x
}
all_run
count started
kill -KILL $(pids 'sleep 1004')
sleep 2
all_run
count 'after a crash'
if [ "$side" = systemd ]; then
    systemctl --user stop family.service
else
    supervisorctl -c /lab/supervisord.conf stop family
fi
count 'family stopped'
if [ "$side" = systemd ]; then
    systemctl --user stop supervisord.target
    sleep 2
else
    supervisorctl -c /lab/supervisord.conf stop all
fi
count stopped
for log in plain pool-0 pool-1 family; do
    cp "/home/lab/$log.log" "/lab/out/$log.log"
done
stat -c '%U %a' /home/lab/{plain,pool-0,pool-1,family}.log > /lab/out/owners
touch /lab/out/done
