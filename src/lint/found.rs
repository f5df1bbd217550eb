//! What the rules have found in the configurations of a run, by numbers: a large file has more findings than words, and few of
//! them are shown.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::hash::HashSet;
use crate::rules::{self, Checked};
use crate::source::SourceId;

/// All findings, sorted by file, offset and rule.
pub(super) struct Found<'a> {
    checked: Vec<Checked<'a>>,
    items: Vec<Item>,
}

/// A finding: by what it is sorted, and where it stands.
struct Item {
    source: SourceId,
    start: u32,
    /// The number in the code of its rule: a large file has more findings than bytes to spare.
    code: u16,
    /// The configuration, and the finding in it.
    of: u32,
    at: u32,
}

impl<'a> Found<'a> {
    /// Those of some configurations; `file`: of each source the first that is the same file.
    pub fn of(checked: Vec<Checked<'a>>, file: impl Fn(SourceId) -> SourceId) -> Self {
        let mut found = Self { checked: Vec::new(), items: Vec::new() };
        for one in checked {
            found.add(one);
        }
        found.sort(file);
        found
    }

    /// More of them, which [`Found::sort`] puts in their places.
    pub fn add(&mut self, checked: Checked<'a>) {
        let of = u32::try_from(self.checked.len()).unwrap_or(u32::MAX);
        self.items.reserve_exact(checked.count());
        for at in 0..checked.count() {
            let Some(finding) = checked.get(at) else { continue };
            let digits = finding.rule.code.bytes().filter(u8::is_ascii_digit);
            let code = digits.fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
            let (source, start) = (finding.place.source, finding.place.span.start);
            self.items.push(Item { source, start, code, of, at: u32::try_from(at).unwrap_or(u32::MAX) });
        }
        self.checked.push(checked);
    }

    /// Sorts them. What is equal stays in the order of its configuration; a sort that kept it by itself would take as much room
    /// again.
    pub fn sort(&mut self, file: impl Fn(SourceId) -> SourceId) {
        let key = |item: &Item| (file(item.source), item.start, item.code, item.of, item.source, item.at);
        self.items.sort_unstable_by_key(key);
    }

    /// Leaves of findings that say the same of the same text the first: two main files may include one file, and several
    /// sections inherit from `[DEFAULT]`. What a conversion says of an inherited option it says of each section.
    pub fn once(&mut self, file: impl Fn(SourceId) -> SourceId) {
        let place = |one: &Item| (file(one.source), one.start, one.code);
        let mut again = Vec::with_capacity(self.items.len());
        for same in self.items.chunk_by(|one, other| place(one) == place(other)) {
            // Messages of findings that stand alone need not be compared, nor made.
            if same.len() == 1 {
                again.push(false);
                continue;
            }
            let same: Vec<_> = same.iter().map(|item| self.finding(item)).collect();
            let mut said = HashSet::default();
            again.extend(same.iter().map(|one| {
                let identity = one.as_ref().map(|one| {
                    let section = one.section.filter(|_| rules::is_of_conversions(one.rule));
                    (one.place.span.end, section, one.message.text())
                });
                !said.insert(identity)
            }));
        }
        let mut again = again.into_iter();
        self.items.retain(|_| again.next() == Some(false));
    }

    /// Leaves some of them.
    pub fn retain(&mut self, mut keep: impl FnMut(&Diagnostic<'a>) -> bool) {
        let mut items = std::mem::take(&mut self.items);
        items.retain(|item| self.finding(item).is_some_and(|finding| keep(&finding)));
        self.items = items;
    }

    /// Leaves the first few.
    pub fn truncate(&mut self, most: usize) {
        self.items.truncate(most);
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All that are left.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, Diagnostic<'a>>> {
        self.items.iter().filter_map(|item| self.finding(item))
    }

    fn finding(&self, item: &Item) -> Option<Cow<'_, Diagnostic<'a>>> {
        self.checked.get(item.of as usize)?.get(item.at as usize)
    }
}
