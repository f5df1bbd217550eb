//! A look at a process or at a scenario, which both sides are compared by, and what looks are read from.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::boot::Side;
use super::scenario::Scenario;

/// What is looked at: of which process (none: of the scenario), what, and where that needs more words, which.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    pub who: String,
    pub what: &'static str,
    pub which: String,
}

impl Look {
    /// Whether it is what a program is started with, as against what becomes of it.
    pub fn is_context(&self) -> bool {
        const OTHERS: &[&str] = &[
            "state",
            "counts as failed",
            "alive",
            "is down",
            "is run",
            "is started",
            "waits between starts",
            "signals",
            "SIGCONT",
            "see",
            "unit",
            "exit status",
            "counts as running",
            "the file is",
            "order of starts",
            "order of stops",
            "stops overlap",
        ];
        !OTHERS.contains(&self.what)
    }
}

/// What was seen.
pub type Seen = BTreeMap<Look, String>;

/// The reader of what one side of a scenario left behind.
pub struct Reader<'a> {
    pub scenario: &'a Scenario,
    pub place: &'a Path,
    pub side: Side,
    pub seen: Seen,
    /// What was written to files, read once.
    pub logs: OnceCell<Vec<(PathBuf, String)>>,
}

impl Reader<'_> {
    pub fn saw(&mut self, who: &str, what: &'static str, which: &str, value: impl Into<String>) {
        self.seen.insert(Look { who: who.to_owned(), what, which: which.to_owned() }, value.into());
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.place.join(name)).unwrap_or_default()
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.bytes(name)).into_owned()
    }

    pub fn looks_at(&self, what: &str) -> bool {
        self.scenario.looks_at.iter().any(|one| one == what)
    }
}
