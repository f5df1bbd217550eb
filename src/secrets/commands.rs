//! Secrets that an option of a command gives in the next word or in its own: `--token X`, `mysql -pX`, `curl -u user:X`.

use std::ops::Range;

use super::clients::{Client, Running};
use super::names::{self, Kind, SWITCHES};
use super::values;
use crate::bytes;
use crate::python;

/// Options with a login whose name says nothing of one.
static LOGINS: &[&str] = &["--user", "--proxy-user"];

/// From so many characters on a value may begin with `-`; an option with one `-` is shorter.
const LONG: usize = 8;

/// What the next word is to be.
#[derive(Clone, Copy)]
enum Expected {
    Secret(Kind),
    /// What stands behind this sign.
    Behind(char),
}

/// Adds where such values stand.
pub(super) fn add(text: &str, found: &mut Vec<Range<usize>>) {
    // Most texts have neither, and every message comes through here.
    let bytes = text.as_bytes();
    let opens = |at: usize| {
        at.checked_sub(1)
            .and_then(|at| bytes.get(at))
            .is_none_or(|before| matches!(before, b'"' | b'\'') || before.is_ascii_whitespace())
    };
    let has_login = || bytes::memchr(b'@', bytes).is_some();
    if !bytes::memchr_iter(b'-', bytes).any(opens) && !text.contains("pass:") && !has_login() {
        return;
    }
    let mut running = Running::default();
    let mut expected: Option<Expected> = None;
    for word in (Words { text, at: 0 }) {
        let Word { text: own, quote, .. } = word;
        if own.is_empty() {
            continue;
        }
        if running.begins_at(own) {
            expected = None;
        }
        match expected.take() {
            Some(Expected::Secret(kind)) if may_be_value(own) => {
                let range = word.whole(text);
                if text.get(range.clone()).is_some_and(|value| kind.holds_in_command(value)) {
                    found.push(range);
                }
                continue;
            }
            Some(Expected::Behind(sign)) => behind(word.whole(text), sign, text, found),
            _ => {}
        }
        let is_quoted = matches!(quote, Some('"' | '\'')) && word.next(text) != quote;
        running.see(own, is_quoted);
        let end = word.start + own.len();
        if let Some(password) = own.strip_prefix("pass:").filter(|password| values::is_password(password)) {
            found.push(end - password.len()..end);
        }
        let Some(option) = own.strip_prefix('-').filter(|option| !option.is_empty()) else {
            if running.clients().any(|client| client.letter.is_none()) {
                login(word.whole(text), text, found);
            }
            continue;
        };
        for client in running.clients() {
            expected = of_client(client, option, &word, text, found).or(expected);
        }
        if expected.is_none() {
            expected = of_name(own, option, running.clients().next().is_some(), end, text, found);
        }
    }
}

/// Whether a word may be the value of the option before it.
fn may_be_value(word: &str) -> bool {
    !word.starts_with('-') || (word.len() >= LONG && !word.starts_with("--") && !word.contains('='))
}

/// What an option of a program makes of the next word. Adds what stands in its own.
fn of_client(
    client: &Client,
    option: &str,
    word: &Word<'_>,
    text: &str,
    found: &mut Vec<Range<usize>>,
) -> Option<Expected> {
    let letter = client.letter?;
    let Some(joined) = option.strip_prefix(letter) else {
        // `-sSu`: the last of several letters.
        let several = option.ends_with(letter) && option.bytes().all(|byte| byte.is_ascii_alphabetic());
        return client.user.filter(|_| several).map(Expected::Behind);
    };
    let end = word.start + word.text.len();
    // `-p'X'`: the quote parts what is one word.
    let is_open = matches!(word.next(text), Some('"' | '\'')) && client.joined;
    match (joined.trim_end_matches('\\'), client.user) {
        ("", None) if client.apart || is_open => return Some(Expected::Secret(Kind::Password)),
        ("", Some(sign)) => return Some(Expected::Behind(sign)),
        (joined, None) if client.joined && Kind::Password.holds_in_command(joined) => {
            found.push(end - joined.len()..word.whole(text).end.max(end));
        }
        (joined, Some(sign)) if client.joined => behind(end - joined.len()..end, sign, text, found),
        _ => {}
    }
    None
}

/// What an option makes of the next word by its name. Adds what stands in its own, which ends there.
fn of_name(
    own: &str,
    option: &str,
    is_client: bool,
    end: usize,
    text: &str,
    found: &mut Vec<Range<usize>>,
) -> Option<Expected> {
    let login = LOGINS.iter().find_map(|name| own.strip_prefix(name)).filter(|_| is_client);
    match login {
        // `--user="u:X"`.
        Some("" | "=") => return Some(Expected::Behind(':')),
        Some(login) if login.starts_with('=') => behind(end + 1 - login.len()..end, ':', text, found),
        _ => {}
    }
    let first = option.trim_start_matches('-').split(['-', '_']).next().unwrap_or("");
    let may_be = option.len() > 1 && !own.contains(['=', ':']) && !SWITCHES.has(first);
    names::kind(option).filter(|_| may_be).map(Expected::Secret)
}

/// Adds what stands behind the sign in `user:password`.
fn behind(range: Range<usize>, sign: char, text: &str, found: &mut Vec<Range<usize>>) {
    let login = text.get(range.clone()).unwrap_or("");
    if let Some((user, password)) = login.split_once(sign)
        && Kind::Password.holds_in_command(password)
        && !password.starts_with("//")
    {
        found.push(range.start + user.len() + sign.len_utf8()..range.end);
    }
}

/// Adds the password of `user/password@database`.
fn login(range: Range<usize>, text: &str, found: &mut Vec<Range<usize>>) {
    if let Some((login, _)) = text.get(range.clone()).and_then(|word| word.rsplit_once('@'))
        && !login.starts_with('/')
    {
        behind(range.start..range.start + login.len(), '/', text, found);
    }
}

/// A word of a command line as it is written.
struct Word<'t> {
    start: usize,
    text: &'t str,
    /// The quote right before it.
    quote: Option<char>,
}

impl Word<'_> {
    /// Where it stands; what is in quotes as a whole may have spaces.
    fn whole(&self, text: &str) -> Range<usize> {
        let Some(quote) = self.quote else { return self.start..self.start + self.text.len() };
        let rest = text.get(self.start..).unwrap_or("");
        self.start..self.start + rest.find(quote).unwrap_or(rest.len())
    }

    /// The character behind it.
    fn next(&self, text: &str) -> Option<char> {
        text.get(self.start + self.text.len()..).and_then(|rest| rest.chars().next())
    }
}

/// The words: what white space and quotes part, for what is in quotes may be a command line too.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let end = rest.find(|c: char| python::is_space(c) || matches!(c, '"' | '\'' | '`')).unwrap_or(rest.len());
        let sign = rest.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        self.at += end + sign;
        let before = self.text.get(..start).and_then(|before| before.chars().next_back());
        let quote = before.filter(|before| matches!(before, '"' | '\''));
        Some(Word { start, text: rest.get(..end).unwrap_or(""), quote })
    }
}
