//! The order of the rooms, as `src/lib.rs` tells it: a room uses those before it and none after it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order of the table of `src/lib.rs`.
fn rooms(source: &Path) -> Vec<String> {
    let text = fs::read_to_string(source.join("lib.rs")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | `")?.split_once(" |"));
    rows.flat_map(|(names, _)| names.split(", ").map(|name| name.trim_matches('`').to_owned()).collect::<Vec<_>>())
        .collect()
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A file up to its tests, which may use what they like: the last thing in it, as a block.
fn built(text: &str) -> &str {
    let mut tests = text.match_indices("\n#[cfg(test)]\n").map(|(at, mark)| (at, &text[at + mark.len()..]));
    let block = tests.find(|(_, rest)| rest.lines().next().is_some_and(|line| line.ends_with('{')));
    block.map_or(text, |(at, _)| &text[..at])
}

/// The rooms that a file names, `crate::room` and `crate::{room, …}`. Comments do not count.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1)).flat_map(|rest| {
        let several = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(names, _)| names);
        let names = several.unwrap_or_else(|| rest.split([',', ';', '}']).next().unwrap());
        names.split(", ").map(|name| name.split("::").next().unwrap())
    })
}

#[test]
fn a_room_that_uses_a_later_one_or_is_missing_in_the_table() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rooms = rooms(&source);
    let place = |name: &str| rooms.iter().position(|room| room == name);
    let mut found = Vec::new();
    files(&source, &mut found);
    let mut wrong = Vec::new();
    for path in found {
        let below = path.strip_prefix(&source).unwrap();
        let room = below.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(own) = place(&room) else {
            wrong.push(format!("{} is in no row", below.display()));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        let text = built(&text);
        let later = used(text).filter(|name| place(name).is_some_and(|place| place > own));
        wrong.extend(later.map(|name| format!("{} uses {name}", below.display())));
    }
    assert!(rooms.len() > 15, "the table of src/lib.rs is not read: {rooms:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fuzzer is a package of its own, whose lock file nobody looks at until it is built, last of all.
#[test]
fn the_lock_file_of_the_fuzzer_lacks_a_dependency() {
    let manifest = include_str!("../../Cargo.toml").split_once("[dependencies]\n").unwrap().1;
    let manifest = manifest.split("\n[").next().unwrap();
    let lock = include_str!("../../fuzz/Cargo.lock").split_once("name = \"supconv\"\n").unwrap().1;
    let lock = lock.split("\n]\n").next().unwrap();
    let names = manifest.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let names: Vec<_> = names.filter(|name| !name.starts_with('#')).collect();
    assert!(names.len() > 5, "{names:?}");
    // Of a crate that is there twice the version stands behind its name.
    let locked = |name: &str| ["\"", " "].iter().any(|end| lock.contains(&format!("\"{name}{end}")));
    let missing: Vec<_> = names.iter().filter(|name| !locked(name)).collect();
    assert!(missing.is_empty(), "run cargo metadata in fuzz/: {missing:?}");
}
