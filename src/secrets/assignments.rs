//! Secrets that have a name before them: `NAME=value`, `--name=value`, `"name": "value"`, `Name: value`.

use std::ops::Range;

use super::names::{self, Kind};
use super::values;
use crate::bytes;
use crate::python;

/// Adds where such values stand. `told`: the text is a sentence, in which a word may follow an `=` with a space between.
pub(super) fn add(text: &str, told: bool, found: &mut Vec<Range<usize>>) {
    // Where the last value without quotes ends: one that begins within it ends there too, and is not walked again.
    let mut reached = 0;
    // Where the last list ends, for the same reason.
    let mut closed = 0;
    for sign in bytes::memchr2_iter(b'=', b':', text.as_bytes()) {
        let Some(name) = Name::before(text, sign).filter(|name| name.may_be(sign, text)) else { continue };
        let Some(kind) = name.kind() else { continue };
        let Some((start, quote)) = value(text, sign, &name, told) else { continue };
        let rest = text.get(start..).unwrap_or("");
        if quote.is_none() && rest.starts_with('[') {
            if closed <= start {
                closed = start + bytes::memchr(b']', rest.as_bytes()).unwrap_or(rest.len());
            }
            let list = text.get(start + 1..closed).filter(|_| closed < text.len()).unwrap_or("");
            let first =
                values::first(list).trim_start_matches(|c| python::is_space(c) || matches!(c, '"' | '\'' | '\\'));
            if kind.holds(first.split(['"', '\'', '\\', ',']).next().unwrap_or("")) {
                found.push(start + 1..closed);
                continue;
            }
        }
        let end = if let Some(quote) = quote {
            let end = rest.find(quote).unwrap_or(rest.len());
            let inner = rest.get(..end).unwrap_or("");
            start + inner.strip_suffix('\\').unwrap_or(inner).len()
        } else {
            if reached <= start {
                reached = start + rest.find(|c| name.ends(c)).unwrap_or(rest.len());
            }
            reached
        };
        let value = text.get(start..end).unwrap_or("");
        // `has no password=: supervisord refuses …`, `--env DB_PASSWORD=VALUE.`
        if told && matches!(value.trim_end_matches(|c: char| c.is_ascii_punctuation()), "" | "VALUE") {
            continue;
        }
        if if name.is_option() { kind.holds_in_command(value) } else { kind.holds(value) } {
            found.push(start..end);
        }
    }
}

/// A name, and what stands before it.
struct Name<'t> {
    text: &'t str,
    /// What stands before the name and the quote before it.
    ahead: &'t str,
    /// The quote before it.
    quote: Option<char>,
    /// Whether a quote stands between it and the sign.
    quoted: bool,
}

impl<'t> Name<'t> {
    /// The name before a sign.
    fn before(text: &'t str, sign: usize) -> Option<Self> {
        let before = python::rstrip(text.get(..sign)?);
        let bare = before.strip_suffix(['"', '\'']).map_or(before, |bare| bare.strip_suffix('\\').unwrap_or(bare));
        let of_name = |b: u8| b.is_ascii_alphanumeric() || !b.is_ascii() || matches!(b, b'_' | b'-');
        let begin = bare.bytes().rposition(|b| !of_name(b)).map_or(0, |at| at + 1);
        let name = bare.get(begin..).filter(|name| !name.is_empty())?;
        let ahead = bare.get(..begin)?;
        // In a message of Python's a line end is written \n, and its letter is no part of the name.
        let is_end = ahead.ends_with('\\') && name.starts_with(['n', 't', 'r']);
        let name = if is_end { name.get(1..)? } else { name };
        // `-HAuthorization: x` is a header.
        let is_header = text.as_bytes().get(sign) == Some(&b':') && name.starts_with("-H") && name.len() > 2;
        let (ahead, name) = if is_header { bare.split_at_checked(bare.len() - name.len() + 2)? } else { (ahead, name) };
        let quote = ahead.chars().next_back().filter(|quote| matches!(quote, '"' | '\''));
        let ahead = if quote.is_some() { ahead.get(..ahead.len() - 1)? } else { ahead };
        Some(Self { text: name, ahead, quote, quoted: bare.len() < before.len() })
    }

    /// What it says of its value. `PWD` is the directory of a shell, but beside others in a list it is a password.
    fn kind(&self) -> Option<Kind> {
        let in_list = self.text.eq_ignore_ascii_case("PWD") && self.ahead.ends_with(';');
        if in_list { Some(Kind::Password) } else { names::kind(self.text) }
    }

    /// Whether it is of `${NAME:-x}`.
    fn in_braces(&self) -> bool {
        self.ahead.ends_with("${")
    }

    /// Whether it is an option of a command.
    fn is_option(&self) -> bool {
        self.text.starts_with('-')
    }

    /// Whether a value of it follows this sign. After a colon there is one in JSON, in a header, and at the begin of a line.
    fn may_be(&self, sign: usize, text: &str) -> bool {
        let colon = text.as_bytes().get(sign) == Some(&b':');
        if !colon {
            return !self.quoted || self.quote.is_some();
        }
        // `://` is of an address.
        let address = text.get(sign + 1..).is_some_and(|rest| rest.starts_with("//") || rest.starts_with(':'));
        let ahead = self.ahead.trim_end_matches([' ', '\t']);
        if self.in_braces() {
            return text.get(sign + 1..).is_some_and(|rest| rest.starts_with(['-', '=']));
        }
        let begins = ahead.is_empty() || ahead.ends_with(['\n', '{', ',', ';', '\\']) || ahead.ends_with("-H");
        let header = self.text.get(..2).is_some_and(|begin| begin.eq_ignore_ascii_case("x-"));
        !self.is_option() && !address && (self.quote.is_some() || begins || header)
    }

    /// Whether a value without quotes ends here.
    fn ends(&self, c: char) -> bool {
        let of_query = self.ahead.ends_with(['?', '&']) && self.quote.is_none();
        match c {
            '"' | '\'' => true,
            '}' if self.in_braces() => true,
            _ if self.in_braces() => false,
            ',' | ';' => !self.is_option(),
            '&' | '#' => of_query,
            '}' | ']' => self.quoted,
            c => python::is_space(c),
        }
    }
}

/// Where a value begins behind its sign, and the quote that it ends with.
fn value(text: &str, sign: usize, name: &Name<'_>, told: bool) -> Option<(usize, Option<char>)> {
    let colon = text.as_bytes().get(sign) == Some(&b':');
    if colon && name.in_braces() {
        return Some((sign + 2, None));
    }
    let behind = text.get(sign + 1..)?;
    let rest = if name.is_option() { behind } else { python::lstrip(behind) };
    let start = text.len() - rest.len();
    let escaped = rest.strip_prefix('\\').unwrap_or(rest);
    if let Some(quote @ ('"' | '\'')) = escaped.chars().next() {
        return Some((text.len() - escaped.len() + 1, Some(quote)));
    }
    let spaced = text.get(..sign).is_some_and(|before| before.ends_with(python::is_space));
    // `has password= but`; a variable in capitals is one of the file.
    if told && !colon && rest.len() < behind.len() && !spaced && name.text.contains(|c: char| c.is_lowercase()) {
        return None;
    }
    if colon || name.text.to_ascii_lowercase().ends_with("authorization") {
        // What says how it is written is no part of it: `Bearer x`.
        let schemes = ["Bearer ", "Basic ", "Token ", "bearer ", "basic ", "token "];
        let scheme = schemes.iter().find(|scheme| rest.starts_with(**scheme)).map_or(0, |scheme| scheme.len());
        return Some((start + scheme, name.quote.filter(|_| !name.quoted && colon)));
    }
    // `"NAME=a value"` is a word of a unit, or of a shell.
    let is_word = name.is_option() || !name.text.contains(|c: char| c.is_ascii_lowercase());
    Some((start, name.quote.filter(|_| is_word && !name.quoted)))
}
