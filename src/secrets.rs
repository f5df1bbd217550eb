//! What is a secret: the test of plaintext-secret (SUP208), by which reports mask and converters hold back.
//!
//! It looks at names and shapes, not at the world: a name whose last words are PASSWORD, TOKEN, `APP_KEY` and the like, a url with a
//! password in it, an option of a command that gives one, a value that begins as the tokens of a known issuer do.

use std::borrow::Cow;
use std::ops::Range;

use crate::bytes;
use crate::python;
use crate::python::shlex;
use crate::source::{Source, Span};
use crate::syntax::{self, Kind};

/// What is printed instead of a secret.
pub const MASK: &str = "***";

/// Whole words that end the name of a password: whatever value it has is one, but for a reference to another variable.
static PASSWORDS: &[&str] = &["PASS", "PASSWORD", "PASSWD"];

/// Whole words that end the name of another secret, whose value may also be a path, a number or a variable of a shell.
static NAMES: &[&str] = &[
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "APP_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
    "AUTH_KEY",
    "MASTER_KEY",
    "LICENSE_KEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "SECRET_KEY_BASE",
    "SENTRY_DSN",
    "WEBHOOK",
    "WEBHOOK_URL",
];

/// How the secrets of well-known issuers begin, and how many characters follow at least.
static ISSUED: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 35),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("SG.", 40),
    ("eyJ", 60),
];

/// Where webhooks are called: what follows is the secret.
static WEBHOOKS: &[&str] =
    &["hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", ".webhook.office.com/"];

/// Options of commands whose value is a password.
static PASSWORD_OPTIONS: &[&str] = &["--password", "--passwd", "--pass", "--requirepass"];

/// Clients whose `-pWORD` is a password.
static CLIENTS: &[&str] = &["mysql", "mysqladmin", "mysqldump", "mariadb", "mariadb-admin", "mariadb-dump"];

/// Whether a variable holds a secret in plain text.
#[must_use]
pub fn variable(name: &str, value: &str) -> bool {
    credentials(value).is_some() || named(name).is_some_and(|holds| holds(value)) || !issued(value).is_empty()
}

/// What tells whether a value is a secret, where a name says that it may be.
fn named(name: &str) -> Option<fn(&str) -> bool> {
    let ends = |name: &str, words: &[&str]| {
        words.iter().any(|word| {
            before_suffix(name, word).is_some_and(|before| before.is_empty() || before.ends_with(['_', '.', '-']))
        })
    };
    let whole = |word: &str| name.eq_ignore_ascii_case(word);
    let is_of = |words: &[&str]| ends(name, words) || before_suffix(name, "_KEY").is_some_and(|name| ends(name, words));
    if whole("PGPASSWORD") || whole("MYSQL_PWD") || is_of(PASSWORDS) {
        Some(password)
    } else if is_of(NAMES) {
        Some(literal)
    } else if ends(name, &["DSN"]) {
        Some(login)
    } else {
        None
    }
}

/// Whether the value of a password is one that is written out: it may begin like a path, or be a number.
fn password(value: &str) -> bool {
    !(value.is_empty() || is_word_of_a_switch(value) || is_expansion(value))
}

/// Whether the address of a database has `user:password@` in it, with a scheme before it or not.
fn login(value: &str) -> bool {
    let login = value.rsplit_once('@').and_then(|(login, _)| login.rsplit('/').next()?.split_once(':'));
    login.is_some_and(|(_, word)| !word.is_empty() && !is_expansion(word))
}

/// What stands before a suffix, whose letters may be of either case.
fn before_suffix<'n>(name: &'n str, suffix: &str) -> Option<&'n str> {
    let (before, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(before)
}

/// Whether a value can be a secret at all: not empty, no path, no number, no boolean, no reference to another variable.
fn literal(value: &str) -> bool {
    !(value.is_empty()
        || value.starts_with(['/', '$', '~'])
        || value.starts_with("./")
        || is_expansion(value)
        || value.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        || is_word_of_a_switch(value))
}

/// Whether a value is one expansion: what it stands for is kept elsewhere.
fn is_expansion(value: &str) -> bool {
    value.starts_with("%(") && value.ends_with(")s")
}

fn is_word_of_a_switch(value: &str) -> bool {
    const WORDS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "none", "null"];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
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
        let found = (expected && literal(word))
            || credentials(word).is_some()
            || option(word, client).is_some()
            || !issued(word).is_empty();
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
    found.extend(issued(text));
    merge(&mut found);
    found
}

/// Where secrets stand that are known by how they begin.
fn issued(text: &str) -> Vec<Range<usize>> {
    // A shorter text holds none, and most texts are.
    const SHORTEST: usize = 15;
    let mut found = Vec::new();
    if text.len() < SHORTEST {
        return found;
    }
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut at = 0;
    for word in text.split(|c: char| !is_of_word(c)) {
        let begins = |(begin, least): &(&str, usize)| word.len() >= begin.len() + least && word.starts_with(begin);
        if word.len() >= SHORTEST && ISSUED.iter().any(begins) {
            found.push(at..at + word.len());
        }
        at += word.len();
        at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    for host in WEBHOOKS {
        for (at, host) in text.match_indices(host) {
            let start = at + host.len();
            let path = text.get(start..).unwrap_or("");
            let end = path.find(|c: char| !is_of_word(c) && c != '/').unwrap_or(path.len());
            if end > 0 {
                found.push(start..start + end);
            }
        }
    }
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
        let option: Option<fn(&str) -> bool> = PASSWORD_OPTIONS.contains(&name).then_some(literal);
        let Some(holds) = option.or_else(|| named(name)) else { continue };
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
        if text.get(range.clone()).is_some_and(holds) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values() {
        let long = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        for (name, value, secret) in [
            ("APP_KEY", "base64:hunter2abc", true),
            ("SECRET_KEY_BASE", "hunter3", true),
            ("JWT_SIGNING_KEY", "hunter3", true),
            ("app.encryption_key", "hunter3", true),
            ("WP_AUTH_KEY", "hunter3", true),
            ("RAILS_MASTER_KEY", "hunter3", true),
            ("NEW_RELIC_LICENSE_KEY", "hunter3", true),
            ("SECRET_KEY", "hunter3", true),
            ("APP_KEY", "/run/secrets/key", false),
            ("APP_KEY", "%(ENV_APP_KEY)s", false),
            ("MASTER_KEY", "5", false),
            ("SORT_KEY", "name", false),
            ("KEY", "name", false),
            ("MAX_TOKENS", "many", false),
            ("TOKENIZERS_PARALLELISM", "word", false),
            ("SECRET_NAME", "word", false),
            ("DB_PASSWORD_FILE", "word", false),
            ("PASSENGER_APP_ENV", "word", false),
            // A password may begin as a path does, and be a number.
            ("DB_PASSWORD", "/x!", true),
            ("DB_PASSWORD", "$ecret", true),
            ("DB_PASS", "~a", true),
            ("PGPASSWORD", "12345", true),
            ("DB_PASSWORD", "", false),
            ("DB_PASSWORD", "no", false),
            ("DB_PASSWORD", "%(ENV_DB_PASSWORD)s", false),
            ("DB_DSN", "root:hunter4@tcp(db:3306)/shop", true),
            ("DB_DSN", "pgsql://root:hunter4@db/shop", true),
            ("DB_DSN", "host=db dbname=shop", false),
            ("SENTRY_DSN", "https://abc@o1.ingest.example.org/5", true),
            ("SLACK_WEBHOOK_URL", "https://chat.example.org/x", true),
            ("TARGET", "https://hooks.slack.com/services/T0/B0/x", true),
            ("AWS_ID", "AKIAABCDEFGHIJKLMNOP", true),
            ("DEPLOY", &format!("ghp_{long}"), true),
            ("LANG", "en_US.UTF-8", false),
        ] {
            assert_eq!(variable(name, value), secret, "{name}={value}");
        }
    }

    #[test]
    fn what_is_masked() {
        for (text, masked) in [
            ("APP_KEY=\"b64:Zk%0Oq1\",A=1", "APP_KEY=\"***\",A=1"),
            ("A=1,SECRET_KEY_BASE=hunter3", "A=1,SECRET_KEY_BASE=***"),
            ("DB_PASSWORD=12345,N=1", "DB_PASSWORD=***,N=1"),
            ("curl https://hooks.slack.com/services/T0/B0/x -d a", "curl https://hooks.slack.com/services/*** -d a"),
            ("run --id AKIAABCDEFGHIJKLMNOP --n 1", "run --id *** --n 1"),
            ("SORT_KEY=name", "SORT_KEY=name"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }
}
