//! The secrets of one file, and the words of it that are none, whatever has them as a password.

use std::ops::Range;

use super::{broken, merge, names, places, shapes};
use crate::bytes;
use crate::python;
use crate::source::{Source, Span};
use crate::syntax::{self, Kind, Line};

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Where secrets stand. Sorted, and apart from each other.
    pub secrets: Vec<Span>,
    /// Their parts where a pair of an environment is broken: what is told of it has them one by one.
    pub parts: Vec<Span>,
    /// Where words stand that the file uses for other things: its sections, options, users and programs.
    pub words: Vec<Span>,
}

/// An option, up to the end of its last line.
struct Item {
    /// Its name as written; empty where a line has none.
    key: Range<usize>,
    /// What counts of its first line.
    head: Range<usize>,
    text: Range<usize>,
}

impl Held {
    /// Of a file.
    pub fn of(source: &Source) -> Self {
        let mut held = Held::default();
        let mut found = Vec::new();
        let mut item: Option<Item> = None;
        for Line { span, comment: _, kind } in syntax::lines(source.text(), source.cut) {
            let range = |span: Span| span.start as usize..span.end as usize;
            // To the end of the line: what an inline comment cuts off may be the rest of the secret.
            let to_end = |start: u32| start as usize..range(span).start + without_end(source.slice(span)).len();
            let next = match kind {
                Kind::Continuation { .. } | Kind::Blank { kept: true } if item.is_some() => {
                    if let Some(item) = &mut item {
                        item.text.end = to_end(span.start).end;
                    }
                    continue;
                }
                // One within a value stands in its text.
                Kind::Comment if item.is_some() => {
                    found.extend(shifted(source.slice(span), span.start));
                    continue;
                }
                Kind::Blank { kept: _ } => None,
                Kind::Header { name, ignored: _ } => {
                    held.words.push(name);
                    None
                }
                Kind::Option { key, delimiter: _, value } => {
                    held.words.push(key);
                    Some(Item { key: range(key), head: range(value), text: to_end(value.start) })
                }
                Kind::Continuation { value } => Some(Item::nameless(to_end(value.start))),
                Kind::Bad { error: _, text } => Some(bad(source, text, to_end(text.start))),
                Kind::Comment | Kind::Orphan => Some(Item::nameless(to_end(span.start))),
            };
            if let Some(item) = std::mem::replace(&mut item, next) {
                item.add(source.text(), &mut found, &mut held);
            }
        }
        if let Some(item) = item {
            item.add(source.text(), &mut found, &mut held);
        }
        let text = source.text();
        merge(&mut found);
        if text.contains(shapes::PRIVATE_KEY) {
            // A key that is pasted without indentation is a refused line each.
            shapes::private_keys(text, &mut found);
            merge(&mut found);
            held.words.retain(|word| {
                let at = found.partition_point(|secret| secret.end <= word.start as usize);
                found.get(at).is_none_or(|secret| secret.start >= word.end as usize)
            });
        }
        held.secrets = found.into_iter().map(|range| Span::new(range.start, range.end)).collect();
        held
    }
}

impl Item {
    fn nameless(text: Range<usize>) -> Self {
        Self { key: 0..0, head: 0..0, text }
    }

    fn add(self, text: &str, found: &mut Vec<Range<usize>>, held: &mut Held) {
        let Self { key, head, text: range } = self;
        let slice = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
        let (name, value) = (slice(&key), slice(&range));
        let trimmed = value.trim_end();
        let kind = names::kind(name);
        // The first line counts, or the next one where it is empty.
        let first = if head.is_empty() { value.trim() } else { slice(&head) };
        let all = kind.is_some_and(|kind| kind == names::Kind::Password || kind.holds(first));
        if all && !trimmed.is_empty() {
            found.push(range.start..range.start + trimmed.len());
            return;
        }
        let mut secrets = places(value);
        if names::nearly(name, b"ENVIRONMENT") {
            broken::add(value, &mut secrets, |part| {
                held.parts.push(Span::new(range.start + part.start, range.start + part.end));
            });
        }
        other_words(name, value, Span::at(range.start).start, &secrets, &mut held.words);
        found.extend(secrets.into_iter().map(|secret| range.start + secret.start..range.start + secret.end));
    }
}

/// Adds what a value that begins there names beside its secrets: an account, a program, the variables, the schemes and users of addresses.
fn other_words(name: &str, value: &str, start: u32, secrets: &[Range<usize>], words: &mut Vec<Span>) {
    let is_key = |keys: &[&str]| keys.iter().any(|key| name.eq_ignore_ascii_case(key));
    let mut add = |range: Range<usize>| words.push(Span::new(range.start, range.end).after(start));
    if is_key(&["user", "username", "socket_owner", "programs", "process_name", "identifier"]) {
        add(0..value.len());
    } else if is_key(&["command"]) {
        let first = value.split(python::is_space).next().unwrap_or("");
        // A variable before the program is none.
        if !first.contains('=') {
            add(0..first.len());
        }
    }
    for sign in bytes::memchr2_iter(b'=', b':', value.as_bytes()) {
        let before = value.get(..sign).unwrap_or("");
        let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name = before.trim_end_matches([' ', '"', '\'', '\t']);
        let begin = name.rfind(|c| !of_name(c)).and_then(|at| Some(at + name.get(at..)?.chars().next()?.len_utf8()));
        let range = begin.unwrap_or(0)..name.len();
        // What is a secret itself, or between two of them, is no word.
        let at = secrets.partition_point(|secret| secret.end <= range.start);
        if secrets.get(at).is_none_or(|secret| secret.start >= range.end) {
            add(range);
        }
    }
}

/// A line that Python refuses: its first word may be the name of what follows.
fn bad(source: &Source, text: Span, to_end: Range<usize>) -> Item {
    let line = source.slice(text);
    let name = line.split(python::is_space).next().unwrap_or("");
    let start = text.start as usize;
    let rest = line.get(name.len()..).unwrap_or("");
    let value = start + name.len() + (rest.len() - python::lstrip(rest).len());
    let bare = name.trim_end_matches([':', '=']);
    if names::kind(bare).is_some() && value < to_end.end {
        Item { key: start..start + bare.len(), head: value..text.end as usize, text: value..to_end.end }
    } else {
        Item::nameless(to_end)
    }
}

fn shifted(text: &str, start: u32) -> impl Iterator<Item = Range<usize>> + use<> {
    let start = start as usize;
    places(text).into_iter().map(move |range| start + range.start..start + range.end)
}

fn without_end(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}
