#!/bin/sh
# supconv-batch: mails what `crash` or `fatal` have written down since the last time, as one mail.
# batch -f FROM -t TO [-s SUBJECT] -- FILE
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

from='' to='' subject=''
while getopts f:t:s: option; do
    case $option in
        f) from=$OPTARG ;;
        t) to=$OPTARG ;;
        s) subject=$OPTARG ;;
        *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
file=$1

[ -s "$file" ] || exit 0
# What is written from here on is for the next mail.
mv -f -- "$file" "$file.now" || exit 73
{
    if [ -n "$subject" ]; then printf 'Subject: %s\n' "$subject"; fi
    printf 'From: %s\nTo: %s\n\n' "$from" "$to"
    cat -- "$file.now"
} | /usr/sbin/sendmail -t -i
ended=$?
rm -f -- "$file.now"
exit "$ended"
