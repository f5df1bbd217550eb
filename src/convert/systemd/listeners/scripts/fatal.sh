#!/bin/sh
# supconv-fatal: OnFailure= of a unit. Writes down for `batch` that a program has been given up.
# fatal -b FILE [-x UNIT=STARTSECS]... -- UNIT
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

for unit; do :; done
file='' startsecs=1
while getopts b:x: option; do
    case $option in
        b) file=$OPTARG ;;
        x) if [ "${OPTARG%=*}" = "$unit" ]; then startsecs=${OPTARG##*=}; fi ;;
        *) exit 64 ;;
    esac
done

# A unit that has failed after startsecs was not given up: it was stopped, or is not restarted.
shown=$(systemctl show -p ExecMainStartTimestampMonotonic -p ExecMainExitTimestampMonotonic -- "$unit")
value() {
    found=$(printf '%s\n' "$shown" | sed -n "s/^$1=//p")
    echo "${found:-0}"
}
lived=$(($(value ExecMainExitTimestampMonotonic) - $(value ExecMainStartTimestampMonotonic)))
[ "$lived" -lt $((startsecs * 1000000)) ] || exit 0

umask 077
mkdir -p "${file%/*}" &&
    printf '%s -- %s failed to start too many times\n' "$(date '+%Y-%m-%d %H:%M:%S')" "$unit" >> "$file"
