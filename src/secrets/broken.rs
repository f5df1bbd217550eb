//! The pairs of `environment=` that Supervisor refuses, or reads otherwise than they were meant: a secret in one has no end
//! that is known, and messages have its parts one by one.

use std::ops::Range;

use super::{merge, names};
use crate::bytes;
use crate::python;

/// A name, and what is meant to be its value.
struct Pair {
    name: Range<usize>,
    value: Range<usize>,
    /// Whether that is not one token of Supervisor's between its sign and a comma.
    broken: bool,
}

/// Adds the secrets of broken pairs, and gives the parts of all that stand in such ones.
pub(super) fn add(text: &str, secrets: &mut Vec<Range<usize>>, mut part: impl FnMut(Range<usize>)) {
    let broken: Vec<Pair> = Pairs { text, at: 0 }.filter(|pair| pair.broken).collect();
    if broken.is_empty() {
        return;
    }
    let slice = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
    for Pair { name, value, .. } in &broken {
        if names::kind(slice(name)).is_some_and(|kind| kind.holds(meant(slice(value)))) {
            secrets.push(value.clone());
        }
    }
    merge(secrets);
    let mut pairs = broken.iter().peekable();
    for secret in secrets.iter() {
        while pairs.next_if(|pair| pair.value.end <= secret.start).is_some() {}
        if pairs.peek().is_some_and(|pair| pair.value.start < secret.end) {
            let mut at = secret.start;
            for word in slice(secret).split(|c: char| !is_word(c)) {
                let start = at;
                at += word.len();
                part(start..at);
                at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            }
        }
    }
}

/// The value that was meant: what is in quotes, or the first word; all of it where that is of signs alone, as of a list.
fn meant(value: &str) -> &str {
    let first = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value.get(1..).unwrap_or("").split(quote).next(),
        _ => value.split(|c: char| python::is_space(c) || matches!(c, ',' | ';')).next(),
    };
    first
        .filter(|first| !first.bytes().all(|byte| byte.is_ascii_punctuation()))
        .unwrap_or_else(|| value.trim_matches(['"', '\'']))
}

/// What Supervisor's words are made of.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '+' | '-' | '(' | ')' | ':')
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The pairs of a text as they are meant.
struct Pairs<'t> {
    text: &'t str,
    at: usize,
}

impl Pairs<'_> {
    /// The first place from there on that is none of these characters.
    fn after(&self, at: usize, skipped: impl Fn(char) -> bool) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        at + rest.find(|c| !skipped(c)).unwrap_or(rest.len())
    }

    /// Where a token ends that is a whole value: what is in quotes, or a word with another pair behind it.
    fn token(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let end = match quote {
            Some(quote) => at + 1 + rest.get(1..)?.find(quote)? + 1,
            None => self.after(at, is_word),
        };
        let comma = self.after(end, python::is_space);
        let next = self.after(comma, |c| c == ',' || python::is_space(c));
        let parted = next == self.text.len() || next > comma && (quote.is_some() || self.name(next).2);
        (end > at && parted).then_some(end)
    }

    /// The name that begins there, what is behind it, and whether that is its sign.
    fn name(&self, begin: usize) -> (Range<usize>, usize, bool) {
        let name = begin..self.after(begin, is_of_name);
        let behind = self.after(name.end, python::is_space);
        let has_sign = !name.is_empty() && self.text.get(behind..).is_some_and(|rest| rest.starts_with('='));
        (name, behind, has_sign)
    }

    /// Where the next name with a sign stands, behind a comma or at the begin of a line, or that of a secret.
    fn next_pair(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or("");
        let begin = |sign| {
            let before = rest.get(..sign)?.trim_end();
            let ahead = before.trim_end_matches(is_of_name);
            let name = before.get(ahead.len()..).filter(|name| !name.is_empty())?;
            let parted = ahead.trim_end_matches([' ', '\t']).ends_with([',', '\n', '\r']);
            (parted || names::kind(name).is_some()).then_some(from + ahead.len())
        };
        bytes::memchr_iter(b'=', rest.as_bytes()).find_map(begin).unwrap_or(self.text.len())
    }
}

impl Iterator for Pairs<'_> {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        let begin = self.after(self.at, |c| c == ',' || python::is_space(c));
        if begin == self.text.len() {
            return None;
        }
        let (name, behind, has_sign) = self.name(begin);
        let at = if has_sign { self.after(behind + 1, python::is_space) } else { behind };
        // A letter that is not ASCII is a token of its own.
        let is_ascii = self.text.get(name.clone()).is_some_and(str::is_ascii);
        let token = self.token(at).filter(|_| has_sign && is_ascii);
        let end = token.unwrap_or_else(|| self.next_pair(at));
        let value = at..at + self.text.get(at..end).unwrap_or("").trim_end_matches([' ', '\t', '\n', '\r', ',']).len();
        self.at = end;
        Some(Pair { name, value, broken: token.is_none() })
    }
}
