//! What is a secret: one list, by which reports mask and converters hold back.
//!
//! [`variable`] says whether a value under a name is one, [`places`] where in a text some stand. Both look at names and shapes,
//! not at the world; the list of names is that of plaintext-secret (SUP208) and some more. [`Secrets`] knows besides what the
//! files of a configuration hold, so that a secret of one place is found at another: it is what everything asks that is shown
//! or written.
//!
//! Nothing is built before there is something to mask, and each scan passes over a text once.

#[macro_use]
mod words;

mod assignments;
mod broken;
mod clients;
mod commands;
mod files;
mod known;
mod names;
mod shapes;
mod usual;
mod values;

use std::borrow::Cow;
use std::ops::Range;

pub use known::Secrets;
pub use usual::{is_blank, is_usual};

use crate::source::{Source, Span};

/// What is printed instead of a secret.
pub const MASK: &str = "***";

/// Whether a variable, or an option, holds a secret in plain text.
#[must_use]
pub fn variable(name: &str, value: &str) -> bool {
    named(name, value) || !places(value).is_empty()
}

/// Whether all of a value is a secret, as its name says.
#[must_use]
pub fn named(name: &str, value: &str) -> bool {
    names::kind(name).is_some_and(|kind| kind.holds(value))
}

/// Whether a name is `password` with one letter wrong, or that of a secret with a character which a keyboard did not mean.
#[must_use]
pub fn is_misspelt(name: &str) -> bool {
    names::nearly(name, b"PASSWORD") || (!name.is_ascii() && names::kind(name).is_some())
}

/// Where secrets stand in a text of a file: a command, a value, some lines. Sorted, and apart from each other.
#[must_use]
pub fn places(text: &str) -> Vec<Range<usize>> {
    found(text, false)
}

/// Where secrets stand in a file that is no configuration, as they show there. Sorted, and apart from each other.
#[must_use]
pub fn spans(source: &Source) -> Vec<Span> {
    files::Held::of(source).secrets
}

/// A text of ours or of Supervisor's with the secrets masked that show by a name or their shape.
#[must_use]
pub fn mask<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    let ranges = found(&text, true);
    masked(text, &ranges)
}

/// `told`: the text is a sentence that quotes one of a file.
fn found(text: &str, told: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    shapes::add(text, &mut found);
    assignments::add(text, told, &mut found);
    commands::add(text, &mut found);
    merge(&mut found);
    found
}

/// A text with these places masked, which are sorted.
fn masked<'t>(text: Cow<'t, str>, ranges: &[Range<usize>]) -> Cow<'t, str> {
    if ranges.is_empty() {
        return text;
    }
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        masked.push_str(text.get(at..range.start).unwrap_or(""));
        masked.push_str(MASK);
        at = range.end;
    }
    masked.push_str(text.get(at..).unwrap_or(""));
    masked.into()
}

/// Sorts ranges, and makes one of those that overlap.
fn merge(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
}
