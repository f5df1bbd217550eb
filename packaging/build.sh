#!/usr/bin/env bash
# build.sh DIR: all packages of a release into DIR, from one build of the program: the wheel, then the Debian package of the
# same binary. In PATH: cargo, cargo-deb, and maturin beside the ziglang of its Python (packaging/tools.txt).
set -euo pipefail
mkdir -p "$1"
out=$(realpath "$1")
project=$(realpath "$(dirname "$0")/..")
built=$(realpath -m "${CARGO_TARGET_DIR:-$project/target}")
export CARGO_TARGET_DIR=$built
cd "$project"
target=$(rustc -vV | sed -n 's/^host: //p')

# Linked against the symbols of an old glibc, so that it runs on whatever is in use.
(cd packaging/wheel && maturin build --release --locked --zig --target "$target" --compatibility manylinux_2_17 --out "$out")

# What only the program can say of itself, where Cargo.toml has it.
program=$built/$target/release/supconv
pages=target/pages
rm -rf "$pages"
mkdir -p "$pages"
"$program" man > "$pages/supconv.1"
for command in $(sed -n 's/^supconv\\-\(.*\)(1)$/\1/p' "$pages/supconv.1" | tr -d '\\'); do
  "$program" man "$command" > "$pages/supconv-$command.1"
done
"$program" completions bash > "$pages/supconv"
"$program" completions zsh > "$pages/_supconv"
"$program" completions fish > "$pages/supconv.fish"
version=$("$program" --version | cut -d ' ' -f 2)
# Debian's own form of a changelog; when the version was made is when its commit was.
when=$(git log -1 --format=%cD 2>/dev/null || date -R)
printf 'supconv (%s-1) unstable; urgency=medium\n\n  * What is new stands in CHANGELOG.md.\n\n -- %s  %s\n' \
  "$version" "$(sed -n 's/^maintainer = "\(.*\)"$/\1/p' Cargo.toml)" "$when" > "$pages/changelog"

cargo deb --no-build --no-strip --target "$target" --output "$out"
