//! A fix: the edits that end a finding, and the options whose effective value they change.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::source::Place;

/// Whether a fix changes only what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Under Supervisor nothing else changes, and what changes is what the documentation intends.
    Safe,
    /// Programs may behave in another way: somebody has to look at it.
    Unsafe,
}

/// An option whose effective value a fix may change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Change {
    /// The section, as written.
    pub section: Box<str>,
    /// The option, as Supervisor names it; [`Change::WHOLE`] for all of the section.
    pub option: Box<str>,
}

impl Change {
    /// Stands for all options of a section that a fix adds or renames.
    pub const WHOLE: &'static str = "*";
}

/// A piece of a file that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The piece; empty where something is inserted.
    pub place: Place,
    /// What stands there afterwards.
    pub text: Box<str>,
}

/// A fix of one finding: its edits are applied all together or not at all.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does, in the imperative: `write killasgroup=true`.
    pub title: Cow<'static, str>,
    /// Whether it changes only what it says.
    pub applicability: Applicability,
    /// The options whose effective value may change, those included that Supervisor derives from others.
    pub changes: Vec<Change>,
    /// In the order of the file, none of which touches another one.
    pub edits: Vec<Edit>,
    /// Whether it has to be tried before it is offered: what it uncovers is not known from the text alone.
    pub uncovers: bool,
}

/// Why not all fixes of a file are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unmended {
    /// It is too large with its includes: none is made.
    TooLarge,
    /// Those that have to be tried would take too long.
    TooLong,
}

/// The pieces of a file that edits have taken: where each begins, and where it ends.
#[derive(Debug, Default)]
pub struct Taken(BTreeMap<u32, u32>);

impl Taken {
    /// Takes all of some pieces, unless one overlaps a piece that is taken, or begins where that does.
    pub fn take(&mut self, pieces: impl Iterator<Item = (u32, u32)> + Clone) -> bool {
        let has_room = |(start, end): (u32, u32)| {
            let before = self.0.range(..=start).next_back();
            let behind = self.0.range(start..).next();
            before.is_none_or(|(at, last)| *at < start && *last <= start)
                && behind.is_none_or(|(at, _)| *at > start && *at >= end)
        };
        let free = pieces.clone().all(has_room);
        if free {
            self.0.extend(pieces);
        }
        free
    }
}

/// A text with some pieces replaced: where each begins and ends, and what stands there afterwards, in the order of the text.
#[must_use]
pub fn applied<'t>(bytes: &[u8], edits: impl IntoIterator<Item = (u32, u32, &'t str)>) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() + 64);
    let mut at = 0;
    for (start, end, new) in edits {
        text.extend_from_slice(bytes.get(at..start as usize).unwrap_or_default());
        text.extend_from_slice(new.as_bytes());
        at = end as usize;
    }
    text.extend_from_slice(bytes.get(at..).unwrap_or_default());
    text
}
