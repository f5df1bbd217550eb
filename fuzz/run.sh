#!/bin/sh
# Fuzzes the commands and what stands behind them, on stable Rust and without cargo-fuzz.
#
#     fuzz/run.sh [SECONDS] [TARGET]   for so long (60), after the build; all targets, one after the other
#     fuzz/run.sh 200000runs [TARGET]  so many runs
#     fuzz/run.sh FILE TARGET          one input once more
#
# Targets: `read`, one file through the library; `several`, a main file with its includes, a unit and a file of variables
# through the commands. The seed is fixed (SEED=… for another), so that runs of one binary on the same files begin alike. A
# crash, a hang of 10 s and more than 2 GiB make the exit code 1, and the input's path is the last line printed. Needs a C++
# compiler: libfuzzer-sys builds libFuzzer.
set -eu
case ${1:-60} in
*runs) limit=-runs=${1%runs} ;;
*[!0-9]*) limit=$(realpath "$1") ;;
*) limit=-max_total_time=${1:-60} ;;
esac
targets=${2:-read several}
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
built=$target/$host/release

SUPCONV_FUZZ=$(mktemp -d)
export SUPCONV_FUZZ
trap 'rm -rf "$SUPCONV_FUZZ"' EXIT

for name in $targets; do
    case $limit in
    -*) ;;
    *)
        "$built/$name" -timeout=10 "$limit"
        continue
        ;;
    esac
    # What is new goes into the first directory; the seeds are only read.
    mkdir -p "$target/found-$name" "$target/crashes"
    case $name in
    read)
        set -- "$target/found-read" ../corpus
        [ ! -d ../../shared/corpus ] || set -- "$@" ../../shared/corpus
        ;;
    *) set -- "$target/found-$name" seeds ;;
    esac
    "$built/$name" "$limit" -seed="${SEED:-1}" -dict=supervisord.dict -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -reload=0 -verbosity=0 -print_final_stats=1 -artifact_prefix="$target/crashes/$name-" "$@" || {
        echo "fuzz/run.sh: $name crashed on:" >&2
        ls -t "$target"/crashes/"$name"-* | head -n 1 >&2
        exit 1
    }
done
