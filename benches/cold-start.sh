#!/bin/sh
# How long `supconv lint FILE` takes beside an empty Rust program, and how much memory: benches/cold-start.sh [FILE [RUNS]]
#
# Builds both with the release profile of Cargo.toml, runs them in turn (300 times each), and prints median and least of
# the wall-clock times, their ratios, and the peak memory of the lint. The goals: 1.25 times the empty program, 4 MB.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
file=$(realpath "${1:-$root/corpus/too-many-open-files.conf}")
runs=${2:-300}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

mkdir "$made/src" "$made/src/bin"
{
    printf '[package]\nname = "cold-start"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n'
    sed -n '/^\[profile.release\]/,/^$/p' "$root/Cargo.toml"
} >"$made/Cargo.toml"
echo 'fn main() {}' >"$made/src/bin/empty.rs"
cat >"$made/src/bin/timer.rs" <<'RUST'
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn getrusage(who: i32, usage: *mut [i64; 18]) -> i32;
}

fn run(command: &[String]) -> Duration {
    let (program, arguments) = command.split_first().expect("a program");
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("it starts");
    let time = start.elapsed();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    time
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runs: usize = arguments[0].parse().expect("a number");
    let (empty, lint) = (&arguments[1..2], &arguments[2..]);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        times[0].push(run(empty));
        times[1].push(run(lint));
    }
    let [[empty_median, empty_least], [median, least]] = times.map(|mut times| {
        times.sort();
        [times[times.len() / 2], times[0]].map(|time| time.as_secs_f64() * 1e6)
    });
    println!("                   median    least");
    println!("empty program   {empty_median:6.0} us {empty_least:6.0} us");
    println!("supconv lint    {median:6.0} us {least:6.0} us");
    println!("ratio           {:6.2}    {:6.2}", median / empty_median, least / empty_least);
    // Of all that have ended the greatest: the empty program has less.
    let mut usage = [0; 18];
    assert_eq!(unsafe { getrusage(-1, &mut usage) }, 0);
    println!("peak memory     {:6.1} MB", usage[4] as f64 / 1024.0);
}
RUST
cargo build --quiet --release --manifest-path "$made/Cargo.toml" --target-dir "$made/target"
cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml"
target=$(cargo metadata --format-version 1 --no-deps --manifest-path "$root/Cargo.toml" | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
"$made/target/release/timer" "$runs" "$made/target/release/empty" "$target/release/supconv" lint "$file"
