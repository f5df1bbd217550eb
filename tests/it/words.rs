//! The words that people read: messages are short, everything is plain. `cargo test --test it words -- --nocapture` lists all
//! of them with their lengths.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use supconv::rules::{Page, catalogue};

use crate::support::corpus;
use crate::support::desk::{Desk, run, supconv};
use crate::support::plain::{self, MESSAGE};

/// Most characters of a sentence on a page.
const SENTENCE: usize = 200;
/// Most characters that `--help` says of a flag or of a value.
const FLAG: usize = 120;

/// A text, and the rule or command that says it.
type Texts = BTreeMap<String, BTreeSet<String>>;

/// Messages and helps of `lint` and of the conversions for all files that people wrote, and for the bad examples of the pages.
fn said() -> (Texts, Texts) {
    let (mut messages, mut helps) = (Texts::new(), Texts::new());
    let desk = Desk::new(&[]);
    let mut files: Vec<String> = corpus::all().iter().map(|path| path.display().to_string()).collect();
    for rule in catalogue() {
        if let Some(page) = Page::of(rule).filter(|page| !page.bad.is_empty()) {
            let name = format!("{}.conf", rule.name);
            desk.write(&name, page.bad);
            files.push(desk.path(&name));
        }
    }
    for file in &files {
        let names = names(file);
        for command in [
            &["lint", "--min-severity", "info", "--pedantic"][..],
            &["lint", "--min-severity", "info", "--target", "container"],
            &["to-systemd"],
            &["to-systemd", "--faithful", "--logs", "journal", "--systemd-version", "240", "--restart-forever"],
            &["to-systemd", "--user", "--harden", "--after", "redis.service"],
            &["to-systemd", "--tune"],
            &["to-horust"],
            &["to-horust", "--strict-order", "--launcher", "su-exec"],
            &["to-pitchfork"],
        ] {
            let run = supconv(&[command, &["--format", "json", file.as_str()]].concat());
            let Ok(json) = serde_json::from_str::<serde_json::Value>(&run.out) else { continue };
            for part in ["findings", "losses", "errors"] {
                for one in json[part].as_array().into_iter().flatten() {
                    let rule = one["rule"].as_str().unwrap_or("errors").to_owned();
                    for (texts, field) in [(&mut messages, "message"), (&mut helps, "help")] {
                        if let Some(text) = one[field].as_str() {
                            // The names of programs are the file's words, not ours.
                            let text = names.iter().fold(text.to_owned(), |text, name| text.replace(name, "NAME"));
                            texts.entry(rule.clone()).or_default().insert(text);
                        }
                    }
                }
            }
        }
    }
    (messages, helps)
}

/// The names of the programs of a file that no other word contains, the longest first.
fn names(file: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned();
    let header = |line: &str| line.trim().strip_prefix("[program:")?.strip_suffix(']').map(str::to_owned);
    let mut names: Vec<String> = text.lines().filter_map(header).filter(|name| name.len() > 8).collect();
    names.sort_by_key(|name| Reverse(name.len()));
    names
}

#[test]
fn messages_are_short_and_plain() {
    let (messages, helps) = said();
    let mut wrong = BTreeSet::new();
    let mut lengths = Vec::new();
    for (rule, text) in messages.iter().flat_map(|(rule, texts)| texts.iter().map(move |text| (rule, text))) {
        let length = plain::bare(text).chars().count();
        println!("{length:4} {rule} message: {text}");
        lengths.push(length);
        wrong.extend(plain::wrong(text).map(|wrong| format!("{rule}: {wrong}")));
    }
    for (rule, text) in helps.iter().flat_map(|(rule, texts)| texts.iter().map(move |text| (rule, text))) {
        println!("{:4} {rule} help: {text}", text.chars().count());
        wrong.extend(plain::hard(&plain::bare(text)).map(|hard| format!("{rule}: {hard:?} in {text}")));
    }
    lengths.sort_unstable();
    let at = |part: usize| lengths.get(lengths.len() * part / 100).copied().unwrap_or(0);
    println!("{} messages: median {}, p90 {} of at most {MESSAGE}", lengths.len(), at(50), at(90));
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn pages_are_plain() {
    let mut wrong = Vec::new();
    for rule in catalogue() {
        let Some(page) = Page::of(rule) else { continue };
        for text in [&page.what, &page.why] {
            for sentence in text.split_inclusive(". ") {
                let length = sentence.trim().chars().count();
                println!("{length:4} {} page: {sentence}", rule.code);
                if length > SENTENCE {
                    wrong.push(format!("{}: {length} characters: {sentence}", rule.code));
                }
                wrong.extend(plain::hard(sentence).map(|hard| format!("{}: {hard:?} in {sentence}", rule.code)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_page_of_applications_is_plain() {
    let mut wrong = Vec::new();
    for line in supconv::report::apps::document().lines() {
        // Sources are names, not sentences.
        let text = line.split(" ([").next().unwrap().split(" (<").next().unwrap();
        wrong.extend(plain::hard(text).map(|hard| format!("{hard:?} in {text}")));
        for sentence in text.split_inclusive(". ") {
            let length = plain::bare(sentence).trim().chars().count();
            if length > SENTENCE && !text.starts_with('|') {
                wrong.push(format!("{length} characters: {sentence}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_help_of_commands_is_plain() {
    let mut wrong = Vec::new();
    let desk = Desk::new(&[]);
    for command in [
        &[][..],
        &["lint"],
        &["show"],
        &["to-systemd"],
        &["to-horust"],
        &["to-pitchfork"],
        &["limits"],
        &["settings"],
        &["rule"],
        &["apps"],
        &["completions"],
        &["man"],
    ] {
        // So wide that each text has a line of its own.
        let help = run(desk.command(&[command, &["--help"]].concat()).env("COLUMNS", "200")).out;
        assert!(help.lines().count() > 10, "{help}");
        for line in help.lines() {
            let length = line.trim().chars().count();
            println!("{length:4} {command:?} help: {line}");
            if length > FLAG {
                wrong.push(format!("{command:?}: {length} characters: {line}"));
            }
            wrong.extend(plain::hard(line).map(|hard| format!("{command:?}: {hard:?} in {line}")));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
