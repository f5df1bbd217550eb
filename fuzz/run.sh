#!/bin/sh
# Fuzzes the reader and all that stands behind it, on stable Rust and without cargo-fuzz.
#
#     fuzz/run.sh [SECONDS]   for so long (60), after the build
#     fuzz/run.sh 200000runs  so many runs
#     fuzz/run.sh FILE        one input once more
#
# The seed is fixed (SEED=… for another), so that runs of one binary on the same files begin alike. A crash, a hang of
# 10 s and more than 2 GiB make the exit code 1, and the input's path is the last line printed. Needs a C++ compiler:
# libfuzzer-sys builds libFuzzer.
set -eu
case ${1:-60} in
*runs) limit=-runs=${1%runs} ;;
*[!0-9]*) limit=$(realpath "$1") ;;
*) limit=-max_total_time=${1:-60} ;;
esac
cd "$(dirname "$0")"
command -v c++ >/dev/null || { echo "fuzz/run.sh: no C++ compiler: apt-get install g++" >&2; exit 2; }

target=${CARGO_TARGET_DIR:-../target}/fuzz
# Named, so that build scripts and macros are built without the coverage flags.
host=$(rustc -vV | sed -n 's/^host: //p')
flags="--cfg fuzzing -Cpasses=sancov-module"
for flag in level=4 inline-8bit-counters pc-table trace-compares; do
    flags="$flags -Cllvm-args=-sanitizer-coverage-$flag"
done
RUSTFLAGS=$flags cargo build --quiet --release --locked --target "$host" --target-dir "$target"
read=$target/$host/release/read

case $limit in
-*) ;;
*) exec "$read" -timeout=10 "$limit" ;;
esac
# What is new goes into the first directory; the seeds are only read.
mkdir -p "$target/found" "$target/crashes"
set -- "$target/found" ../corpus
[ ! -d ../../shared/corpus ] || set -- "$@" ../../shared/corpus
"$read" "$limit" -seed="${SEED:-1}" -dict=supervisord.dict -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
    -reload=0 -verbosity=0 -print_final_stats=1 -artifact_prefix="$target/crashes/" "$@" || {
    echo "fuzz/run.sh: crashed on:" >&2
    ls -t "$target"/crashes/* | head -n 1 >&2
    exit 1
}
