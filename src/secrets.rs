//! What is a secret: the test of plaintext-secret (SUP208), by which reports mask and converters hold back.
//!
//! It looks at names and shapes, not at the world: a name whose last words are PASSWORD, TOKEN and the like, a url with a
//! password in it, an option of a command that gives one.

use std::borrow::Cow;
use std::ops::Range;

use crate::bytes;
use crate::python;
use crate::python::shlex;
use crate::source::{Source, Span};
use crate::syntax::{self, Kind};

/// What is printed instead of a secret.
pub const MASK: &str = "***";

/// Whole words that end the name of a secret.
static NAMES: &[&str] = &[
    "PASS",
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "CREDENTIAL",
    "CREDENTIALS",
];

/// Options of commands whose value is a password.
static PASSWORD_OPTIONS: &[&str] = &["--password", "--passwd", "--pass", "--requirepass"];

/// Clients whose `-pWORD` is a password.
static CLIENTS: &[&str] = &["mysql", "mysqladmin", "mysqldump", "mariadb", "mariadb-admin", "mariadb-dump"];

/// Whether a variable holds a secret in plain text.
#[must_use]
pub fn variable(name: &str, value: &str) -> bool {
    credentials(value).is_some() || (secret_name(name) && literal(value))
}

/// Whether a name says that its value is a secret.
fn secret_name(name: &str) -> bool {
    let ends = |name: &str| {
        NAMES.iter().any(|word| {
            before_suffix(name, word).is_some_and(|before| before.is_empty() || before.ends_with(['_', '.', '-']))
        })
    };
    let whole = |word: &str| name.eq_ignore_ascii_case(word);
    whole("PGPASSWORD") || whole("MYSQL_PWD") || ends(name) || before_suffix(name, "_KEY").is_some_and(ends)
}

/// What stands before a suffix, whose letters may be of either case.
fn before_suffix<'n>(name: &'n str, suffix: &str) -> Option<&'n str> {
    let (before, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(before)
}

/// Whether a value can be a secret at all: not empty, no path, no number, no boolean, no reference to another variable.
fn literal(value: &str) -> bool {
    const WORDS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "none", "null"];
    !(value.is_empty()
        || value.starts_with(['/', '$', '~'])
        || value.starts_with("./")
        || (value.starts_with("%(") && value.ends_with(")s"))
        || value.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        || WORDS.iter().any(|word| value.eq_ignore_ascii_case(word)))
}

/// The password in `scheme://user:password@`.
#[must_use]
pub fn credentials(text: &str) -> Option<Range<usize>> {
    let mut last = 0;
    for colon in bytes::memchr_iter(b':', text.as_bytes()) {
        let Some(rest) = text.get(colon..).and_then(|rest| rest.strip_prefix("://")) else { continue };
        let start = colon + 3;
        let has_scheme = colon > std::mem::replace(&mut last, start);
        let end = rest.find(|c: char| c == '/' || c == '"' || c == '\'' || python::is_space(c)).unwrap_or(rest.len());
        let authority = rest.get(..end)?;
        let Some((login, _)) = authority.rsplit_once('@') else { continue };
        let Some((user, password)) = login.split_once(':') else { continue };
        if has_scheme && literal(password) && !password.starts_with("%(") {
            let at = start + user.len() + 1;
            return Some(at..at + password.len());
        }
    }
    None
}

/// Whether a command line holds a secret in plain text.
#[must_use]
pub fn command(command: &str) -> bool {
    let Ok(words) = shlex::split(command) else { return credentials(command).is_some() };
    let client = words.first().is_some_and(|word| CLIENTS.contains(&python::basename(&word.text)));
    let mut expected = false;
    words.iter().any(|word| {
        let word = &*word.text;
        let found = (expected && literal(word)) || credentials(word).is_some() || option(word, client).is_some();
        expected = word == "--requirepass";
        found
    })
}

/// Where the value begins in a word that gives a password as an option.
fn option(word: &str, client: bool) -> Option<usize> {
    let begin = match word.split_once('=') {
        Some((name, _)) if PASSWORD_OPTIONS.contains(&name) => name.len() + 1,
        _ if client && word.starts_with("-p") => 2,
        _ => return None,
    };
    word.get(begin..).is_some_and(literal).then_some(begin)
}

/// A text of ours or of Supervisor's with the secrets in it masked.
#[must_use]
pub fn mask<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    let ranges = ranges(&text);
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

/// Where secrets stand in a text, by its shape: urls, `NAME=value` with a name that says so, options of commands.
/// Sorted, and apart from each other.
fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(range) = text.get(from..).and_then(credentials) {
        let range = from + range.start..from + range.end;
        from = range.end;
        found.push(range);
    }
    assignments(text, &mut found);
    options(text, &mut found);
    merge(&mut found);
    found
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

/// `NAME=value` and `--password=value`.
fn assignments(text: &str, found: &mut Vec<Range<usize>>) {
    // Where the last value without quotes ends: one that begins within it ends there too, and is not walked again.
    let mut reached = 0;
    for equals in bytes::memchr_iter(b'=', text.as_bytes()) {
        let before = python::rstrip(text.get(..equals).unwrap_or(""));
        let of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let begin = before.bytes().rposition(|b| !of_name(b)).map_or(0, |at| at + 1);
        let name = before.get(begin..).unwrap_or("");
        let ahead = before.get(..before.len() - name.len()).unwrap_or("");
        // In a message of Python's a line end is written \n, and its letter is no part of the name.
        let name = if ahead.ends_with('\\') { name.get(1..).unwrap_or("") } else { name };
        if !secret_name(name) && !PASSWORD_OPTIONS.contains(&name) {
            continue;
        }
        let value = python::lstrip(text.get(equals + 1..).unwrap_or(""));
        let start = text.len() - value.len();
        let quoted = ahead.chars().next_back().filter(|quote| matches!(quote, '"' | '\'') && name.starts_with('-'));
        let range = if let Some(quote @ ('"' | '\'')) = value.chars().next() {
            let inner = value.get(1..).unwrap_or("");
            start + 1..start + 1 + inner.find(quote).unwrap_or(inner.len())
        } else if let Some(quote) = quoted {
            start..start + value.find(quote).unwrap_or(value.len())
        } else {
            if reached <= start {
                let end = value.find(|c: char| matches!(c, ',' | ';' | '"' | '\'') || python::is_space(c));
                reached = start + end.unwrap_or(value.len());
            }
            start..reached
        };
        if text.get(range.clone()).is_some_and(literal) {
            found.push(range);
        }
    }
}

/// `--requirepass WORD`, and `-pWORD` of the clients that read it as a password.
fn options(text: &str, found: &mut Vec<Range<usize>>) {
    // Most texts have neither, and every message comes through here.
    let bytes = text.as_bytes();
    if !bytes::memchr_iter(b'-', bytes)
        .filter_map(|at| bytes.get(at..))
        .any(|rest| rest.starts_with(b"-p") || rest.starts_with(b"--requirepass"))
    {
        return;
    }
    let (mut client, mut expected) = (false, false);
    let mut at = 0;
    for word in text.split(|c: char| python::is_space(c) || matches!(c, '"' | '\'')) {
        let start = at;
        at += word.len();
        at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        if word.is_empty() {
            continue;
        }
        client |= CLIENTS.contains(&python::basename(word));
        if expected && literal(word) {
            found.push(start..start + word.len());
        } else if client && word.starts_with("-p") && word.get(2..).is_some_and(literal) {
            found.push(start + 2..start + word.len());
        }
        expected = word == "--requirepass";
    }
}

/// Where secrets stand in a file: the values of options called `password`, and what [`variable`] and [`command`] name.
#[must_use]
pub fn spans(source: &Source) -> Vec<Span> {
    let mut found = Vec::new();
    let mut password = false;
    for line in syntax::lines(source.text()) {
        let start = match line.kind {
            Kind::Option { key, delimiter: _, value } => {
                password = source.slice(key).eq_ignore_ascii_case("password");
                value.start
            }
            Kind::Continuation { value } => value.start,
            Kind::Bad { error: _, text } => text.start,
            Kind::Header { .. } => {
                password = false;
                continue;
            }
            Kind::Comment | Kind::Orphan => line.span.start,
            Kind::Blank { kept: _ } => continue,
        };
        // To the end of the line: what an inline comment cuts off may be the rest of the secret.
        let text = source.slice(Span { start, end: line.span.end });
        let start = start as usize;
        if password && !matches!(line.kind, Kind::Comment) {
            found.push(start..start + text.trim_end_matches(['\r', '\n']).len());
        } else {
            found.extend(ranges(text).into_iter().map(|range| start + range.start..start + range.end));
        }
    }
    repeated(source.text(), &mut found);
    merge(&mut found);
    found.into_iter().map(|range| Span::new(range.start, range.end)).collect()
}

/// Where a secret of the file stands once more, by no sign of its own: `--with sesame` beside `PASSWORD=sesame`.
fn repeated(text: &str, found: &mut Vec<Range<usize>>) {
    // Shorter ones stand in other words by chance; a bound, since each is looked for in all of the file.
    const SHORTEST: usize = 8;
    const MOST: usize = 32;
    let mut secrets: Vec<&str> =
        found.iter().filter_map(|range| text.get(range.clone())).filter(|secret| secret.len() >= SHORTEST).collect();
    secrets.sort_unstable();
    secrets.dedup();
    for secret in secrets.into_iter().take(MOST) {
        let places = text.match_indices(secret).map(|(at, _)| at);
        found.extend(places.map(|at| at..at + secret.len()));
    }
}
