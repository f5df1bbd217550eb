#!/bin/sh
# supconv-memmon: restarts the units whose main process takes more memory than a limit, and mails that.
# memmon [-c] [-m TO] [-s SENDMAIL] [-l LABEL] [-u SECONDS] -- LIMIT UNIT CALLED ...
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

all=no to='' sendmail='/usr/sbin/sendmail -t -i' label=memmon most=''
while getopts cm:s:l:u: option; do
    case $option in
        c) all=yes ;;
        m) to=$OPTARG ;;
        s) sendmail=$OPTARG ;;
        l) label=$OPTARG ;;
        u) most=$OPTARG ;;
        *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))

# The bytes of a process, with -c also of all that descend from it.
memory() {
    cat /proc/[0-9]*/status 2> /dev/null | awk -v root="$1" -v all="$all" '
        /^Pid:/ { pid = $2 }
        /^PPid:/ { parent[pid] = $2 }
        /^VmRSS:/ { size[pid] = $2 }
        END {
            for (pid in size) {
                at = pid
                for (up = 0; all == "yes" && at != root && at in parent && up < 9999; up++) at = parent[at]
                if (at == root) sum += size[pid]
            }
            printf "%.0f\n", sum * 1024
        }'
}

# Seconds since the main process of a unit was started.
age() {
    start=$(systemctl show -p ExecMainStartTimestampMonotonic --value -- "$1")
    read -r now _ < /proc/uptime
    echo $((${now%.*} - ${start:-0} / 1000000))
}

# Mails the text of its standard input.
mail() {
    if [ -n "$to" ]; then
        { printf 'To: %s\nSubject: %s: %s\n\n' "$to" "$label" "$1" && cat; } | sh -c "$sendmail"
    fi
}

failed=0
while [ $# -ge 3 ]; do
    limit=$1 unit=$2 called=$3
    shift 3
    pid=$(systemctl show -p MainPID --value -- "$unit")
    [ "${pid:-0}" -gt 0 ] || continue
    bytes=$(memory "$pid")
    [ "$bytes" -gt "$limit" ] || continue
    age=$(age "$unit")
    echo "$called takes $bytes bytes, more than $limit: $unit is restarted"
    # As in Supervisor, a restart by hand begins to count anew.
    systemctl reset-failed -- "$unit" 2> /dev/null
    if ! systemctl restart -- "$unit"; then
        failed=1
        echo "systemctl restart $unit failed" | mail "failed to start process $called"
    elif [ -z "$most" ] || [ "$age" -le "$most" ]; then
        printf 'memmon restarted the process named %s at %s because it was consuming too much memory (%s bytes RSS)\n' \
            "$called" "$(date '+%a %b %e %H:%M:%S %Y %Z')" "$bytes" | mail "process $called restarted"
    fi
done
exit "$failed"
