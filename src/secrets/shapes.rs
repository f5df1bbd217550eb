//! Secrets that show by their shape, whatever is before them: logins in addresses, tokens of well-known issuers, keys in PEM.

use std::ops::Range;

use super::values;
use crate::bytes;
use crate::python;

/// How the secrets of well-known issuers begin, and how many characters follow at least.
static ISSUED: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 35),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xapp-", 10),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("whsec_", 16),
    ("sk-ant-", 20),
    ("sk-proj-", 20),
    ("npm_", 36),
    ("pypi-", 40),
    ("hvs.", 20),
    ("dop_v1_", 32),
    ("SG.", 40),
    ("sk-", 32),
    ("rk_test_", 16),
    ("hf_", 30),
    ("gsk_", 40),
    ("dckr_pat_", 20),
    ("shpat_", 32),
    ("shpss_", 32),
    ("GOCSPX-", 20),
    ("ya29.", 20),
    ("glptt-", 20),
    ("gldt-", 20),
    ("glrt-", 20),
    ("sntrys_", 40),
    ("AGE-SECRET-KEY-1", 50),
];

/// The shortest of them. A shorter text holds none, and most texts are.
const SHORTEST: usize = 15;

/// Where webhooks are called: what follows is the secret.
static WEBHOOKS: &[&str] =
    &["hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", ".webhook.office.com/"];

/// Adds where such secrets stand.
pub(super) fn add(text: &str, found: &mut Vec<Range<usize>>) {
    if text.len() >= SHORTEST {
        issued(text, found);
        webhooks(text, found);
        // Nearly no text has one: to see that is quicker than to seek it.
        if text.contains(PRIVATE_KEY) {
            private_keys(text, found);
        }
    }
    if bytes::memchr(b'@', text.as_bytes()).is_some() {
        addresses(text, found);
        logins(text, found);
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// A word that is long enough lies on one of the bytes that are looked at.
fn issued(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let is_of_word = |at: usize| bytes.get(at).is_some_and(|byte| is_of_word(*byte));
    let mut at = SHORTEST - 1;
    // Where the last word ends.
    let mut last = 0;
    while at < bytes.len() {
        if is_of_word(at) {
            let start = (last..at).rev().find(|before| !is_of_word(*before)).map_or(last, |before| before + 1);
            let end = (at..bytes.len()).find(|behind| !is_of_word(*behind)).unwrap_or(bytes.len());
            let word = text.get(start..end).unwrap_or("");
            let first = word.as_bytes().first();
            let begins = |(begin, least): &(&str, usize)| {
                begin.as_bytes().first() == first && word.len() >= begin.len() + least && word.starts_with(begin)
            };
            let is_bot = || is_of_bot(text.get(..start).unwrap_or(""), word);
            if word.len() >= SHORTEST && (ISSUED.iter().any(begins) || is_web_token(word) || is_bot()) {
                found.push(start..end);
            }
            (last, at) = (end, end);
        }
        at += SHORTEST;
    }
}

/// Whether a word is a JSON web token: two or more objects in base64 with full stops between, or one that is long.
fn is_web_token(word: &str) -> bool {
    let parts = || word.split('.');
    word.starts_with("eyJ")
        && (word.len() > 60 || (parts().count() >= 3 && parts().take(2).all(|part| part.len() >= 10)))
}

/// Whether a word is what follows the number of a Telegram bot: `123456789:AA…`.
fn is_of_bot(before: &str, word: &str) -> bool {
    let digits = |before: &str| before.bytes().rev().take_while(u8::is_ascii_digit).take(8).count();
    word.len() == 35 && word.starts_with("AA") && before.strip_suffix(':').is_some_and(|number| digits(number) == 8)
}

fn webhooks(text: &str, found: &mut Vec<Range<usize>>) {
    if !text.contains("hook") {
        return;
    }
    for host in WEBHOOKS {
        for (at, host) in text.match_indices(host) {
            let start = at + host.len();
            let path = text.get(start..).unwrap_or("");
            let end = path.bytes().position(|byte| !is_of_word(byte) && byte != b'/').unwrap_or(path.len());
            if end > 0 {
                found.push(start..start + end);
            }
        }
    }
}

/// What stands between the lines of a private key, in PEM or of PGP; to the next section, or the end of the text, where the last of them
/// is missing.
pub(super) fn private_keys(text: &str, found: &mut Vec<Range<usize>>) {
    const END: &str = "-----END";
    let mut from = 0;
    while let Some(begin) = text.get(from..).and_then(|rest| rest.find(PRIVATE_KEY)) {
        from += begin + PRIVATE_KEY.len();
        let behind = text.get(from..).unwrap_or("");
        let Some(rest) = behind.strip_prefix(" BLOCK").unwrap_or(behind).strip_prefix("-----") else { continue };
        let start = text.len() - rest.len();
        let end = start + rest.find(END).or_else(|| rest.find("\n[")).unwrap_or(rest.len());
        if start < end {
            found.push(start..end);
        }
        // The last line ends as the first one does.
        let behind = text.get(end..).filter(|rest| rest.starts_with(END));
        from = end + behind.and_then(|rest| rest.find(PRIVATE_KEY)).map_or(0, |at| at + PRIVATE_KEY.len());
    }
}

/// What the first line of one says.
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";

/// The passwords in `scheme://user:password@host`; they may hold a slash, or a space.
fn addresses(text: &str, found: &mut Vec<Range<usize>>) {
    let ends = |c: char| matches!(c, '"' | '\'' | '`' | '<' | '>' | '\n' | '\r');
    // How far the last address may reach: what is sought to its end is not sought again.
    let (mut last, mut reached) = (0, 0);
    // The next `@`, for the same reason.
    let mut sign = 0;
    for colon in bytes::memchr_iter(b':', text.as_bytes()) {
        let start = colon + 3;
        let Some(rest) = text.get(colon..).and_then(|rest| rest.strip_prefix("://")) else { continue };
        let has_scheme = colon > std::mem::replace(&mut last, start);
        if reached < start {
            reached = start + rest.find(ends).unwrap_or(rest.len());
        }
        let Some(whole) = text.get(start..reached).filter(|_| has_scheme) else { continue };
        let authority = whole.split(|c| matches!(c, '/' | '?' | '#') || python::is_space(c)).next().unwrap_or(whole);
        if let Some((login, _)) = authority.rsplit_once('@') {
            match login.split_once(':') {
                Some((user, password)) if is_written(password) => {
                    found.push(start + user.len() + 1..start + login.len());
                }
                // A key alone, as Sentry has it.
                None if login.len() >= 32 && login.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    found.push(start..start + login.len());
                }
                _ => {}
            }
        } else if let Some((user, _)) = authority.split_once(':') {
            if sign < start {
                let at = text.as_bytes().get(start..).and_then(|rest| bytes::memchr(b'@', rest));
                sign = at.map_or(text.len(), |at| start + at);
            }
            let at = start + user.len() + 1;
            let password = text.get(at..sign).filter(|_| sign < reached).unwrap_or("");
            if is_written(password) && !is_port(password) && is_one(password) && !user.starts_with('[') {
                found.push(at..sign);
            }
        }
    }
}

/// Whether this may be one password: where it has a space, no option of a command and no other address stands in it.
fn is_one(password: &str) -> bool {
    !values::first(password).contains(python::is_space)
        || (password.len() <= values::LONGEST && !password.contains(" -") && !password.contains("://"))
}

fn is_written(password: &str) -> bool {
    let password = values::written_out(password);
    values::is_password(password) && !password.starts_with("%(") && !values::is_of_shell(password)
}

/// Whether what follows a host is its port, and then a path with an `@` in it.
fn is_port(text: &str) -> bool {
    let port = text.split(['/', '?', '#', ' ']).next().unwrap_or("");
    port.bytes().all(|byte| byte.is_ascii_digit())
}

/// The passwords in `user:password@host`, without a scheme.
fn logins(text: &str, found: &mut Vec<Range<usize>>) {
    let parts = |c: char| matches!(c, '"' | '\'' | '`' | '=' | ',' | ';' | '/' | '(' | ')') || python::is_space(c);
    // What stands between two such signs is looked at once, at its last `@`.
    let mut from = 0;
    for at in bytes::memchr_iter(b'@', text.as_bytes()) {
        let before = text.get(from..at).unwrap_or("");
        let start = from
            + before.rfind(parts).map_or(0, |sign| {
                sign + before.get(sign..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
            });
        from = at + 1;
        let after = text.get(from..).unwrap_or("");
        let login = text.get(start..at).unwrap_or("");
        if text.get(..start).is_some_and(|ahead| ahead.ends_with('/')) && is_of_oracle(before) && is_written(login) {
            found.push(start..at);
            continue;
        }
        let is_host = after.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '['))
            && !after.starts_with("sha256:")
            && !is_version(after);
        let Some((user, password)) = login.split_once(':').filter(|_| is_host) else { continue };
        let of_user = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '%');
        let is_user = user.contains(|c: char| c.is_ascii_alphabetic()) && user.chars().all(of_user);
        if is_user && is_written(password) && !ends_in_number(password) {
            found.push(at - password.len()..at);
        }
    }
}

/// Whether what stands before an `@` is `user/password` in the address of an Oracle database: `jdbc:oracle:thin:u/p@…`.
fn is_of_oracle(before: &str) -> bool {
    let parts = |c: char| matches!(c, '"' | '\'' | '`' | '=') || python::is_space(c);
    before.rsplit(parts).next().is_some_and(|address| address.starts_with("jdbc:oracle:"))
}

/// Whether a host is rather a version, as of a package: `npm:lodash@4.17`. An address has four numbers.
fn is_version(host: &str) -> bool {
    let end = host.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(host.len());
    let numbers = host.get(..end).unwrap_or("");
    let ends = host.get(end..).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    !numbers.is_empty() && ends && numbers.split('.').count() != 4
}

/// Whether a port or a version stands there, behind `host:` or `group:artifact:`, and no password.
fn ends_in_number(text: &str) -> bool {
    let (before, number) = text.rsplit_once(':').unwrap_or(("", text));
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let version = || number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    digits && number.len() <= 5 || !before.is_empty() && version()
}
