#!/bin/sh
# supconv-crash: ExecStopPost= of a unit. Mails, or writes down for `batch`, that a program has crashed.
# crash -k mail|batch|sms [-m TO] [-s SENDMAIL] [-o HEADER] [-b FILE] -x CODES -t STARTSECS -- UNIT GROUP PROCESS
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

kind=mail to=None sendmail='/usr/sbin/sendmail -t -i' header='' file='' codes='' startsecs=1
while getopts k:m:s:o:b:x:t: option; do
    case $option in
        k) kind=$OPTARG ;;
        m) to=$OPTARG ;;
        s) sendmail=$OPTARG ;;
        o) header=$OPTARG: ;;
        b) file=$OPTARG ;;
        x) codes=$OPTARG ;;
        t) startsecs=$OPTARG ;;
        *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
unit=$1 group=$2 process=$3

# systemd tells how the main process has ended: an expected exit is silent, and so is a unit that had none.
[ -n "${EXIT_CODE-}" ] || exit 0
if [ "$EXIT_CODE" = exited ]; then
    case ",$codes," in *",${EXIT_STATUS-},"*) exit 0 ;; esac
fi
shown=$(systemctl show -p Job -p ExecMainPID -p ExecMainStartTimestampMonotonic -p ExecMainExitTimestampMonotonic -- "$unit")
value() {
    found=$(printf '%s\n' "$shown" | sed -n "s/^$1=//p")
    echo "${found:-0}"
}
# A stop or a restart that was asked for is no crash.
[ "$(value Job)" = 0 ] || exit 0
# An exit before startsecs is a failed start, which Supervisor retries.
lived=$(($(value ExecMainExitTimestampMonotonic) - $(value ExecMainStartTimestampMonotonic)))
[ "$lived" -ge $((startsecs * 1000000)) ] || exit 0

now=$(date '+%Y-%m-%d %H:%M:%S')
pid=$(value ExecMainPID)
case $kind in
    mail)
        printf 'To: %s\nSubject: %s %s crashed at %s\n\nProcess %s in group %s exited unexpectedly (pid %s) from state RUNNING\n' \
            "$to" "$header" "$process" "$now" "$process" "$group" "$pid" | sh -c "$sendmail"
        exit
        ;;
    batch) line="$now -- Process $group:$process (pid $pid) died unexpectedly" ;;
    *) line="[$group:$process]($pid) exited unexpectedly $now" ;;
esac
umask 077
mkdir -p "${file%/*}" && printf '%s\n' "$line" >> "$file"
