#!/bin/bash
# The operator of systemd's side: enables what the plans say, and does in each scenario by systemctl what its steps say.
shopt -s nullglob

scenario() {
    local name=$1 number verb what begin
    cd "/lab/$name" || return
    exec > systemctl 2>&1
    # Standard input is the list of scenarios.
    exec < /dev/null
    bash first
    if [ -s umbrella ]; then
        systemctl start "$(< umbrella)"
    fi
    while IFS=$'\t' read -r number verb what; do
        begin=${EPOCHREALTIME/./}
        case $verb in
            wait) sleep "$what"; continue ;;
            see) bash -c "$what" > "see.$number" 2>&1; continue ;;
            signal) systemctl kill --kill-whom=main --signal="${what#* }" "${what% *}" ;;
            shutdown) systemctl stop "$what" ;;
            *) timeout 30 systemctl "$verb" $what ;;
        esac
        printf '%d.%06d' $(((${EPOCHREALTIME/./} - begin) / 1000000)) $(((${EPOCHREALTIME/./} - begin) % 1000000)) > "took.$number"
        case $verb:$what in
            shutdown:*) continue ;;
            *.target) sleep 2 ;;
            signal:*) sleep 4 ;;
            *) sleep 0.5 ;;
        esac
        look "$number"
    done < steps
    look end
}

# The states of all units, and which of the processes that left their pid are alive.
look() {
    local file stat
    systemctl show -p Id -p ActiveState -p ExecMainStatus $(< units) > "state.$1"
    for file in *.pid; do
        if stat=$(< "/proc/$(< "$file")/stat") && [[ ${stat##*) } != Z* ]]; then
            echo "${file%.pid}"
        fi
    done > "alive.$1" 2> /dev/null
}

for file in /etc/tmpfiles.d/supconv*.conf; do
    systemd-tmpfiles --create "$file"
done
systemctl enable --quiet $(< /lab/enable)
{
    # The first is a crowd, which would make the others late, those of the other side too.
    read -r name
    (scenario "$name")
    touch /lab/crowd
    until [ -e /lab/go ]; do
        sleep 0.1
    done
    while read -r name; do
        scenario "$name" &
        # So would all others at once.
        sleep 0.1
        while [ "$(jobs -pr | wc -l)" -ge 12 ]; do
            wait -n
        done
    done
    wait
} < /lab/scenarios
journalctl --quiet --no-pager --output short > /lab/journal
touch /lab/over
