//! The sums of a run, and its verdict.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::case::Files;
use supconv::report::Finding;
use supconv::rules::{Page, RULES};

/// So many broken laws are told.
const TOLD: usize = 12;

#[derive(Default)]
pub struct Sums {
    pub files: usize,
    pub mended: usize,
    pub judged: usize,
    pub offered: BTreeMap<(&'static str, &'static str), usize>,
    broken: Vec<String>,
    count: usize,
}

impl Sums {
    /// A law that does not hold.
    pub fn broken(&mut self, title: &str, finding: Option<&Finding>, law: &str, before: &Files, after: &Files) {
        self.count += 1;
        if self.broken.len() >= TOLD {
            return;
        }
        let mut said = format!("=== {title}: {law}\n");
        if let Some(Finding { rule, section, option, fix, .. }) = finding {
            let fix = fix.as_ref().map(|fix| (&fix.title, &fix.changes, &fix.edits));
            let _ = writeln!(said, "{} {section:?} {option:?}: {fix:?}", rule.code);
        }
        for (path, bytes) in before.iter().filter(|(_, bytes)| bytes.len() < 3000) {
            let _ = writeln!(said, "--- {}\n{}", path.display(), String::from_utf8_lossy(bytes));
            if let Some(after) = after.get(path).filter(|after| *after != bytes) {
                let _ = writeln!(said, "+++ {}\n{}", path.display(), String::from_utf8_lossy(after));
            }
        }
        self.broken.push(said);
    }

    pub fn add(&mut self, other: Self) {
        let Self { files, mended, judged, offered, broken, count } = other;
        self.files += files;
        self.mended += mended;
        self.judged += judged;
        for (key, number) in offered {
            *self.offered.entry(key).or_default() += number;
        }
        let room = TOLD.saturating_sub(self.broken.len());
        self.broken.extend(broken.into_iter().take(room));
        self.count += count;
    }

    /// Whether a fix of a rule was offered.
    pub fn has_mended(&self, code: &str) -> bool {
        self.offered.keys().any(|(offered, _)| *offered == code)
    }

    /// Says what was done.
    ///
    /// # Panics
    /// Where a law is broken, or a fix is offered of a kind that the page of its rule does not name.
    pub fn verdict(&self, name: &str) {
        let offered: Vec<String> =
            self.offered.iter().map(|((code, kind), number)| format!("{code} {kind} {number}")).collect();
        let Self { files, mended, judged, .. } = self;
        let all: usize = self.offered.values().sum();
        println!("{name}: {all} fixes in {mended} of {files} files, {judged} comparisons: {}", offered.join(", "));
        for (code, kind) in self.offered.keys() {
            let check = RULES.iter().find(|check| check.rule.code == *code).unwrap();
            let page = Page::of(&check.rule).unwrap();
            let word = if *kind == "safe" { "Safe" } else { "nsafe" };
            assert!(page.fix.contains(word), "{code}: its page names no {kind} fix");
        }
        assert!(self.count == 0, "{} laws broken\n{}", self.count, self.broken.join("\n"));
    }
}
