//! Which files of a directory .gitignore leaves out, beside the real `git check-ignore`, on generated trees and patterns.
//!
//! All trees lie in one repository, so git is asked once; one number is one tree for ever.

use std::collections::BTreeSet;
use std::io::{Write as _, pipe};
use std::process::Command;

use crate::support::desk::{Desk, run};
use crate::support::generate::Rng;
use crate::support::machine;

/// How many trees.
const TREES: u64 = 600;
/// Names of folders and, with an ending, of files.
const NAMES: &[&str] = &[
    "a", "b", "ab", "build", "a b", "b ", "#a", "!a", "[a]", "a*", "a\\b", "é", "a.b", "{a,b}", "$a", "target", ".hid",
];
const ENDINGS: &[&str] = &[".conf", ".ini", ".b.conf", " .conf"];
/// Parts of a pattern, between slashes. Those of `NAMES` are meant literally or not.
const GLOBS: &[&str] = &[
    "*",
    "**",
    "***",
    "?",
    "a?",
    "*.conf",
    "*.ini",
    "*.b.*",
    "a*",
    "*b",
    "a*.conf",
    "*a*b*",
    "**.conf",
    "a**",
    "[ab]",
    "[!a]",
    "[^a]*",
    "[a-b]*",
    "[[:alpha:]]",
    "[[:alpha:][:space:]]*",
    "[]a]*",
    "[a",
    "[a-]*",
    "[\\]a]",
    "\\#a",
    "\\!a",
    "\\a",
    "a\\",
    "a\\ b",
    "b\\ ",
    "\\*",
    "a\\*",
    "\\[a]",
    "a\\\\b",
    "{a,b}",
    "\\$a",
    "?.conf",
    "[a-b].conf",
    ".*",
    "é*",
    "target",
];

/// The lines of a .gitignore.
fn patterns(random: &mut Rng) -> Vec<u8> {
    let mut text = Vec::new();
    if random.percent(10) {
        text.extend("\u{feff}".bytes());
    }
    let end = if random.percent(20) { "\r\n" } else { "\n" };
    for _ in 0..=random.below(6) {
        if random.percent(8) {
            text.extend(random.pick(&["", "# a", "#*", "!", "/", "   ", "!/", "//", "\\"]).bytes());
        } else {
            text.extend(random.pick(&["", "", "", "!"]).bytes());
            text.extend(random.pick(&["", "", "", "/", "**/"]).bytes());
            let parts: Vec<_> = (0..=random.below(3))
                .map(|_| {
                    let name = random.pick(NAMES).to_owned();
                    match random.below(4) {
                        0 => name,
                        1 => name + random.pick(ENDINGS),
                        _ => random.pick(GLOBS).to_owned(),
                    }
                })
                .collect();
            text.extend(parts.join("/").bytes());
            text.extend(random.pick(&["", "", "", "/", "/**", "/*", " ", "  ", "/ ", "\t", "\\ ", "//"]).bytes());
        }
        text.extend(end.bytes());
    }
    if random.percent(20) {
        text.truncate(text.len() - end.len());
    }
    text
}

/// Lays a tree of files that hold the same, and its .gitignore files; the paths of the files.
fn grow(desk: &Desk, folder: &str, depth: usize, random: &mut Rng, files: &mut BTreeSet<String>) {
    if depth == 0 || random.percent(30) {
        desk.write(&format!("{folder}/.gitignore"), patterns(random));
    }
    for _ in 0..=random.below(4) {
        let path = format!("{folder}/{}{}", random.pick(NAMES), random.pick(ENDINGS));
        desk.write(&path, "[program:a]\ncommand=a\n");
        files.insert(path);
    }
    if depth < 4 {
        for _ in 0..random.below(4) {
            grow(desk, &format!("{folder}/{}", random.pick(NAMES)), depth + 1, random, files);
        }
    }
}

/// The files that are read of a directory.
fn walked(desk: &Desk, directory: &str) -> BTreeSet<String> {
    let shown = run(&mut desk.command(&["show", "--format", "json", directory])).lines();
    let read = shown.iter().filter(|file| file["ok"] == true);
    read.map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

/// Whether a folder on the way to a file is left out whatever .gitignore says.
fn left_out(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| folder.starts_with('.') || folder == "target")
}

#[test]
fn gitignore_leaves_out_what_git_ignores() {
    if let Err(why) = machine::program("git", "git") {
        return machine::passed_over("what .gitignore leaves out", &why);
    }
    let desk = Desk::in_memory();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments)
            .current_dir(&desk)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        git.env("XDG_CONFIG_HOME", desk.join("none")).env("LC_ALL", "C");
        git
    };
    assert_eq!(run(&mut git(&["init", "--quiet", "--template="])).code, 0);
    // Counts in each tree, as it lies above.
    desk.write("trees/.gitignore", "*.ini\n!a.ini\n/*/build/\n");
    let mut files = BTreeSet::new();
    for number in 0..TREES {
        grow(&desk, &format!("trees/{number}"), 0, &mut Rng(number), &mut files);
    }
    let (reader, mut writer) = pipe().unwrap();
    let asked: Vec<u8> = files.iter().flat_map(|path| path.bytes().chain([0])).collect();
    let writer = std::thread::spawn(move || writer.write_all(&asked).unwrap());
    let said = run(git(&["check-ignore", "-z", "--stdin"]).stdin(reader));
    writer.join().unwrap();
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let ignored: BTreeSet<&str> = said.out.split_terminator('\0').collect();
    let expected: BTreeSet<String> =
        files.iter().filter(|path| !ignored.contains(path.as_str()) && !left_out(path)).cloned().collect();
    assert!(ignored.len() > 1000 && expected.len() > 1000, "{} {}", ignored.len(), expected.len());

    let mut wrong = Vec::new();
    let mut differ = |directory: &str| {
        let below: BTreeSet<String> =
            expected.iter().filter(|path| path.starts_with(&format!("{directory}/"))).cloned().collect();
        let walked = walked(&desk, directory);
        let said = |what: &str, paths: &mut dyn Iterator<Item = &String>| {
            paths.map(|path| format!("{directory}: {what} {path}")).collect::<Vec<_>>()
        };
        wrong.extend(said("wrongly read:", &mut walked.difference(&below)));
        wrong.extend(said("wrongly left out:", &mut below.difference(&walked)));
    };
    differ("trees");
    // The .gitignore files above a PATH count as well.
    for path in expected.iter().step_by(20) {
        differ(path.rsplit_once('/').unwrap().0);
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
