//! Secrets that an option of a command gives in the next word or in its own: `--token X`, `mysql -pX`, `curl -u user:X`.

use std::ops::Range;

use super::names::{self, Kind};
use super::values;
use crate::bytes;
use crate::python;

/// How a program takes a password.
struct Client {
    names: &'static [&'static str],
    /// The letter of its option.
    letter: char,
    /// Whether the password is in the same word.
    joined: bool,
    /// Whether it may be the next word.
    apart: bool,
    /// The sign between the user and the password.
    user: Option<char>,
}

/// A word that is `-pX` of a program, `-p X`, or both.
macro_rules! client {
    ($letter:literal, $joined:literal, $apart:literal, $user:expr, $($name:literal)*) => {
        Client { names: &[$($name),*], letter: $letter, joined: $joined, apart: $apart, user: $user }
    };
}

static CLIENTS: &[Client] = &[
    client!('p', true, false, None, "mysql" "mysqladmin" "mysqldump" "mysqlcheck" "mysqlimport" "mysqlshow" "mariadb"
        "mariadb-admin" "mariadb-dump" "mariadb-check" "7z" "7za"),
    client!('p', true, true, None, "sshpass" "supervisorctl" "mongo" "mongosh" "mongodump" "mongorestore" "mongoexport"
        "mongoimport" "rabbitmqadmin" "cqlsh" "mycli"),
    client!('a', true, true, None, "redis-cli" "valkey-cli" "keydb-cli"),
    client!('w', true, true, None, "ldapsearch" "ldapadd" "ldapmodify" "ldapdelete" "ldapwhoami" "ldappasswd"
        "ldapcompare" "ldapmodrdn"),
    client!('P', true, true, None, "sqlcmd" "bcp" "zip" "unzip" "mosquitto_pub" "mosquitto_sub" "ipmitool"),
    client!('k', false, true, None, "openssl"),
    client!('u', true, true, Some(':'), "curl"),
    client!('U', true, true, Some(':'), "curl"),
    client!('U', true, true, Some('%'), "smbclient" "rpcclient"),
    client!('u', true, true, Some(','), "lftp"),
];

/// Options with a login whose name says nothing of one.
static LOGINS: &[&str] = &["--user", "--proxy-user"];

/// What the first word of an option is that asks for nothing: `--no-password`, `--ask-pass`.
static SWITCHES: &[&str] = &[
    "no", "ask", "without", "disable", "enable", "require", "use", "show", "prompt", "print", "allow", "skip", "with",
    "is",
];

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
    if !bytes::memchr_iter(b'-', bytes).any(opens) && !text.contains("pass:") {
        return;
    }
    let mut clients = 0u16;
    let mut expected: Option<Expected> = None;
    for word in (Words { text, at: 0 }) {
        let Word { start, text: own, quote } = word;
        if own.is_empty() || matches!(own, ";" | "|" | "&&" | "||" | "&") {
            (clients, expected) = if own.is_empty() { (clients, expected) } else { (0, None) };
            continue;
        }
        // What is in quotes as a whole may have spaces.
        let whole = || match quote {
            Some(quote) => {
                let rest = text.get(start..).unwrap_or("");
                start..start + rest.find(quote).unwrap_or(rest.len())
            }
            None => start..start + own.len(),
        };
        match expected.take() {
            Some(Expected::Secret(kind)) if !own.starts_with('-') => {
                let range = whole();
                if text.get(range.clone()).is_some_and(|value| kind.holds_in_command(value)) {
                    found.push(range);
                }
                continue;
            }
            Some(Expected::Behind(sign)) => behind(whole(), sign, text, found),
            _ => {}
        }
        let name = python::basename(own);
        for (bit, _) in bits().filter(|(_, client)| client.names.contains(&name)) {
            clients |= bit;
        }
        if let Some(password) = own.strip_prefix("pass:").filter(|password| values::is_password(password)) {
            let end = start + own.len();
            found.push(end - password.len()..end);
        }
        let Some(option) = own.strip_prefix('-').filter(|option| !option.is_empty()) else { continue };
        for (_, client) in bits().filter(|(bit, _)| clients & bit != 0) {
            let Some(joined) = option.strip_prefix(client.letter) else {
                // `-sSu`: the last of several letters.
                let several = option.ends_with(client.letter) && option.bytes().all(|byte| byte.is_ascii_alphabetic());
                expected = client.user.filter(|_| several).map(Expected::Behind).or(expected);
                continue;
            };
            // `-p'X'`: the quote parts what is one word.
            let next = text.get(start + own.len()..).and_then(|rest| rest.chars().next());
            let is_open = matches!(next, Some('"' | '\'')) && client.joined;
            match (joined.trim_end_matches('\\'), client.user) {
                ("", None) if client.apart || is_open => expected = Some(Expected::Secret(Kind::Password)),
                ("", Some(sign)) => expected = Some(Expected::Behind(sign)),
                (joined, None) if client.joined && Kind::Password.holds_in_command(joined) => {
                    let end = start + own.len();
                    found.push(end - joined.len()..whole().end.max(end));
                }
                (joined, Some(sign)) if client.joined => {
                    let end = start + own.len();
                    behind(end - joined.len()..end, sign, text, found);
                }
                _ => {}
            }
        }
        if expected.is_some() {
            continue;
        }
        if LOGINS.contains(&own) && clients != 0 {
            expected = Some(Expected::Behind(':'));
        } else if let Some(login) =
            LOGINS.iter().find_map(|name| own.strip_prefix(name)?.strip_prefix('=')).filter(|_| clients != 0)
        {
            let end = start + own.len();
            behind(end - login.len()..end, ':', text, found);
        } else if !own.contains(['=', ':']) {
            let first = option.trim_start_matches('-').split(['-', '_']).next().unwrap_or("");
            expected =
                names::kind(option).filter(|_| option.len() > 1 && !SWITCHES.contains(&first)).map(Expected::Secret);
        }
    }
}

/// The clients, each with a bit of its own.
fn bits() -> impl Iterator<Item = (u16, &'static Client)> {
    CLIENTS.iter().enumerate().map(|(number, client)| (1 << number, client))
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

/// A word of a command line as it is written.
struct Word<'t> {
    start: usize,
    text: &'t str,
    /// The quote right before it.
    quote: Option<char>,
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
