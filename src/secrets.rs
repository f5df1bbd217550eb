//! What is a secret: the test of plaintext-secret (SUP208), by which reports mask and converters hold back.
//!
//! It looks at names and shapes, not at the world: a name whose last words are PASSWORD, TOKEN and the like, a url with a
//! password in it, an option of a command that gives one.

use std::ops::Range;

use memchr::memmem;

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
    let upper = name.to_ascii_uppercase();
    if matches!(upper.as_str(), "PGPASSWORD" | "MYSQL_PWD") {
        return true;
    }
    let ends = |name: &str| {
        NAMES.iter().any(|word| {
            name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with(['_', '.', '-']))
        })
    };
    ends(&upper) || upper.strip_suffix("_KEY").is_some_and(ends)
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
    let mut from = 0;
    while let Some(scheme) = memmem::find(text.get(from..)?.as_bytes(), b"://") {
        let start = from + scheme + 3;
        from = start;
        let rest = text.get(start..)?;
        let end = rest.find(|c: char| c == '/' || c == '"' || c == '\'' || python::is_space(c)).unwrap_or(rest.len());
        let authority = rest.get(..end)?;
        let Some((login, _)) = authority.rsplit_once('@') else { continue };
        let Some((user, password)) = login.split_once(':') else { continue };
        if scheme > 0 && literal(password) && !password.starts_with("%(") {
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
        let word = word.text.as_str();
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
pub fn mask(text: &str) -> String {
    let ranges = ranges(text);
    if ranges.is_empty() {
        return text.to_owned();
    }
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        masked.push_str(text.get(at..range.start).unwrap_or(""));
        masked.push_str(MASK);
        at = range.end;
    }
    masked.push_str(text.get(at..).unwrap_or(""));
    masked
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
    found.sort_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
    found
}

/// `NAME=value` and `--password=value`.
fn assignments(text: &str, found: &mut Vec<Range<usize>>) {
    // Where the last value without quotes ends: one that begins within it ends there too, and is not walked again.
    let mut reached = 0;
    for equals in memchr::memchr_iter(b'=', text.as_bytes()) {
        let before = python::rstrip(text.get(..equals).unwrap_or(""));
        let name = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).next().unwrap_or("");
        let ahead = before.get(..before.len() - name.len()).unwrap_or("");
        // In a message of Python's a line end is written \n, and its letter is no part of the name.
        let name = if ahead.ends_with('\\') { name.get(1..).unwrap_or("") } else { name };
        if !secret_name(name) && !PASSWORD_OPTIONS.contains(&name) {
            continue;
        }
        let behind = text.get(equals + 1..).unwrap_or("");
        let value = python::lstrip(behind);
        let start = equals + 1 + behind.len() - value.len();
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
    // Most texts name none of them, and every message comes through here.
    if !["mysql", "mariadb", "--requirepass"]
        .iter()
        .any(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some())
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
        let whole = Span { start, end: line.span.end };
        if password && !matches!(line.kind, Kind::Comment) {
            let text = source.slice(whole).trim_end_matches(['\r', '\n']);
            found.push(Span::new(start as usize, start as usize + text.len()));
        } else {
            let start = start as usize;
            let inside = ranges(source.slice(whole)).into_iter();
            found.extend(inside.map(|range| Span::new(start + range.start, start + range.end)));
        }
    }
    repeated(source, &mut found);
    found
}

/// Where a secret of the file stands once more, by no sign of its own: `--with sesame` beside `PASSWORD=sesame`.
fn repeated(source: &Source, found: &mut Vec<Span>) {
    // Shorter ones stand in other words by chance; a bound, since each is looked for in all of the file.
    const SHORTEST: usize = 8;
    const MOST: usize = 32;
    let mut texts: Vec<&str> =
        found.iter().map(|span| source.slice(*span)).filter(|text| text.len() >= SHORTEST).collect();
    texts.sort_unstable();
    texts.dedup();
    let places = texts.into_iter().take(MOST).flat_map(|text| {
        memmem::find_iter(source.text().as_bytes(), text.as_bytes()).map(move |at| Span::new(at, at + text.len()))
    });
    let places: Vec<Span> = places.collect();
    found.extend(places);
    found.sort_unstable_by_key(|span| (span.start, span.end));
    found.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
}
