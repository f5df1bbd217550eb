#!/bin/sh
# supconv-httpok: asks for a page, restarts the units that are active where the answer is wrong, and mails that.
# httpok [-t SECONDS] [-c STATUS]... [-b TEXT] [-d DIRECTORY] [-g GCORE] [-m TO] [-s SENDMAIL] [-l LABEL] [-E] -- URL [UNIT CALLED]...
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

seconds=10 right='' text='' directory='' gcore='/usr/bin/gcore -o' to='' sendmail='/usr/sbin/sendmail -t -i' label=httpok eager=yes
while getopts t:c:b:d:g:m:s:l:E option; do
    case $option in
        t) seconds=$OPTARG ;;
        c) right="$right $OPTARG" ;;
        b) text=$OPTARG ;;
        d) directory=$OPTARG ;;
        g) gcore=$OPTARG ;;
        m) to=$OPTARG ;;
        s) sendmail=$OPTARG ;;
        l) label=$OPTARG ;;
        E) eager=no ;;
        *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
url=$1
shift
right=${right:- 200}

if ! command -v curl > /dev/null; then
    echo "curl is not installed: nothing is asked, and nothing is restarted"
    exit 69
fi

active() {
    systemctl is-active --quiet -- "$1"
}

some_active() {
    while [ $# -ge 2 ]; do
        if active "$1"; then return 0; fi
        shift 2
    done
    return 1
}
if [ "$eager" = no ] && ! some_active "$@"; then exit 0; fi

files=$(mktemp -d) || exit 73
trap 'rm -rf -- "$files"' EXIT
: > "$files/body"
# As httpok: no proxy, no redirect is followed, no certificate is checked.
status=$(curl -q --silent --show-error --globoff --insecure --noproxy '*' --user-agent httpok --max-time "$seconds" \
    --output "$files/body" --write-out '%{http_code}' -- "$url" 2> "$files/error")
ended=$?
if [ "$ended" -ne 0 ]; then
    wrong='bad status returned'
    said="error contacting $url: $(cat "$files/error")"
else
    said="status contacting $url: $status"
    case "$right " in
        *" $status "*)
            case $(tr -d '\000' < "$files/body") in
                *"$text"*) exit 0 ;;
                *) wrong='bad body returned' ;;
            esac
            ;;
        *) wrong='bad status returned' ;;
    esac
fi

# Says it, and keeps it for the mail.
say() {
    printf '%s\n' "$1" | tee -a "$files/said"
}

say "$said"
while [ $# -ge 2 ]; do
    unit=$1 called=$2
    shift 2
    if ! active "$unit"; then
        say "$called is not active, NOT restarting"
        continue
    fi
    if [ -n "$directory" ]; then
        pid=$(systemctl show -p MainPID --value -- "$unit")
        say "gcore output for $called: $(sh -c "$gcore \"\$1\" \"\$2\"" gcore "$directory/$called" "$pid" 2>&1)"
    fi
    say "$called is active, restarting"
    # As in Supervisor, a restart by hand begins to count anew.
    systemctl reset-failed -- "$unit" 2> /dev/null
    if systemctl restart -- "$unit"; then say "$called restarted"; else say "Failed to restart $called"; fi
done
if [ -n "$to" ]; then
    { printf 'To: %s\nSubject: %s: %s: %s\n\n' "$to" "$label" "$url" "$wrong" && cat "$files/said"; } | sh -c "$sendmail"
fi
