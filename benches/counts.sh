#!/bin/sh
# Instructions of three runs of the release build, counted by valgrind: they repeat to the digit, whatever else the machine
# does, where times do not.
#
#     benches/counts.sh [PROGRAM]   PROGRAM: another build to be counted (target/release/supconv)
#
# One typical file, all of corpus/, and the conversion of 1,000 programs.
set -eu
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "benches/counts.sh: no valgrind: apt-get install valgrind" >&2; exit 2; }
program=${1:-target/release/supconv}
[ $# -gt 0 ] || cargo build --quiet --release --locked

made=$(mktemp -d)
trap 'rm -r "$made"' EXIT
{
    echo '[supervisord]'
    seq 1000 | sed 's|.*|[program:p&]\ncommand=/usr/bin/p& --x\nuser=u\nstdout_logfile=/var/log/p&.log\nautorestart=true|'
} >"$made/thousand.conf"

count() {
    name=$1
    shift
    # It exits with 1 where it finds something.
    valgrind --tool=callgrind --callgrind-out-file="$made/out" "$@" >/dev/null 2>"$made/err" || [ $? = 1 ]
    printf '%-32s %15s instructions\n' "$name" "$(sed -n 's/^.*Collected : //p' "$made/err")"
}

count 'lint of one file' "$program" lint -q corpus/web-app-with-workers.conf
count 'lint of corpus/' "$program" lint -q corpus
count 'to-systemd of 1,000 programs' "$program" to-systemd "$made/thousand.conf"
