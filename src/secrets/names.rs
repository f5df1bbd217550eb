//! What the name of a variable, an option, a header or a key says of its value: that it is a password, a token, a login.

use std::iter;

use super::{is_of, values};

/// What a value is, if it is one that a name announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A password: whatever value it has, a path or a number too, but for a reference to where it is kept.
    Password,
    /// A token, a key: its value may also be a path, a number, a mode.
    Token,
    /// A way to log in: its value may also be the name of a method.
    Auth,
    /// An address, in which `user:password@` may stand.
    Address,
}

impl Kind {
    /// Whether a value is such a secret.
    pub fn holds(self, value: &str) -> bool {
        match self {
            Self::Password => values::is_password(value),
            Self::Token => values::is_token(value),
            Self::Auth => values::is_login(value),
            Self::Address => values::is_address(value),
        }
    }

    /// The same of an option of a command: a shell may put in another value, `--secret id=x` names one, `-pass 2` counts.
    pub fn holds_in_command(self, value: &str) -> bool {
        self.holds(value)
            && !(values::is_of_shell(value) || value.starts_with("id=") || matches!(value, "1" | "2" | "3"))
    }
}

/// Words that may follow the word that counts: which of several it is, or how it is written.
static SUFFIXES: &[&str] = words!(
    "PROD" "PRODUCTION" "DEV" "DEVELOPMENT" "STAGING" "STAGE" "TEST" "TESTING" "LIVE" "LOCAL" "QA" "UAT" "SANDBOX"
    "OLD" "NEW" "PREV" "PREVIOUS" "CURRENT" "PRIMARY" "SECONDARY" "BACKUP" "MAIN" "DEFAULT" "RO" "RW" "READONLY" "B64"
    "BASE64" "PLAIN" "RAW" "VALUE" "TEXT" "V"
);

/// Words for a password.
static PASSWORDS: &[&str] = words!(
    "PASS" "PASSWD" "PASSPHRASE" "PASSCODE" "PASSWORT" "PWD" "PW" "PSW" "PSWD" "PASWD" "PASSWRD"
);

/// What a word for a password, written together with what it is for, ends in: `DBPASS`, `PGPASSWORD`.
static PASSWORD_ENDS: &[&str] = words!("PASSWORD" "PASSWD" "PASSPHRASE" "PASS" "PWD");

/// Words that end so and are no password.
static NO_PASSWORDS: &[&str] = words!(
    "BYPASS" "COMPASS" "ENCOMPASS" "SURPASS" "TRESPASS" "UNDERPASS" "OVERPASS" "MULTIPASS" "ONEPASS" "TWOPASS"
    "LASTPASS" "KEEPASS" "HIGHPASS" "LOWPASS" "BANDPASS" "OLDPWD" "INITPWD" "NOPASS" "NOPASSWORD" "NOPASSWD"
);

/// Words before `PASS` that make it one of several runs, and before `PWD` that make it a directory.
static NOT_BEFORE_PASS: &[&str] = words!(
    "ONE" "TWO" "THREE" "FIRST" "SECOND" "SINGLE" "DOUBLE" "MULTI" "NUM" "MAX" "MIN" "HIGH" "LOW" "BAND" "PROXY" "BY"
);
static NOT_BEFORE_PWD: &[&str] = words!("OLD" "INIT" "HOST" "PROJECT" "WORK" "BUILD" "ROOT" "SRC");

/// Words for another secret, and what they end in when they are written together with what they are for.
static TOKENS: &[&str] = words!("CREDENTIAL" "CRED" "PSK" "WEBHOOK" "AUTHORIZATION");
static TOKEN_ENDS: &[&str] = words!(
    "TOKEN" "SECRET" "APIKEY" "APPKEY" "SECRETKEY" "ACCESSKEY" "PRIVATEKEY" "MASTERKEY" "AUTHKEY" "SIGNINGKEY"
    "ENCRYPTIONKEY" "LICENSEKEY" "ACCOUNTKEY" "SHAREDKEY"
);

/// Words before `TOKEN` that make it a place in a list, a sign of a language, or a number.
static NOT_BEFORE_TOKEN: &[&str] = words!(
    "NEXT" "PAGE" "CONTINUATION" "PAD" "EOS" "BOS" "UNK" "SEP" "CLS" "MASK" "STOP" "START" "END" "MAX" "MIN" "LIMIT"
    "NUM" "COUNT" "TOTAL" "SPECIAL"
);

/// Words before `KEY`: any key would be too many.
static KEYS: &[&str] = words!(
    "API" "APP" "PRIVATE" "ACCESS" "SIGNING" "ENCRYPTION" "AUTH" "MASTER" "LICENSE" "SECRET" "TOKEN" "PASSWORD"
    "PASSWD" "PASS" "CREDENTIAL" "SHARED" "ACCOUNT" "HMAC" "JWT" "DEPLOY" "DSN"
);

/// Words that end so and log in.
static AUTHS: &[&str] = words!("AUTH" "MASTERAUTH" "BASICAUTH" "HTTPAUTH" "USERPWD");

/// What a name says of its value.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let mut words = words(name);
    let last = words.by_ref().filter(|word| !is_of(word, SUFFIXES)).map(without_number);
    let last = last.filter(|word| !word.is_empty()).find(|word| !is_of(word, SUFFIXES))?;
    let before = words.next().unwrap_or("");
    let one = singular(last);
    let is_of = |list: &[&str]| is_of(last, list) || is_of(one, list);
    if last.eq_ignore_ascii_case("PASS") && self::is_of(before, NOT_BEFORE_PASS)
        || last.eq_ignore_ascii_case("PWD") && (self::is_of(before, NOT_BEFORE_PWD) || name == "PWD")
        || is_of(NO_PASSWORDS)
    {
        return None;
    }
    // A unit's `LoadCredential=` says where one is kept.
    if one.eq_ignore_ascii_case("CREDENTIAL") && self::is_of(before, &["LOAD", "IMPORT"]) {
        return None;
    }
    if is_of(AUTHS) {
        return Some(Kind::Auth);
    }
    if is_of(PASSWORDS) || ends(last, PASSWORD_ENDS) || ends(one, PASSWORD_ENDS) || nearly(last, b"PASSWORD") {
        return Some(Kind::Password);
    }
    if one.eq_ignore_ascii_case("TOKEN")
        && iter::once(before).chain(words.clone()).any(|word| self::is_of(word, NOT_BEFORE_TOKEN))
    {
        return None;
    }
    let before_is = |list: &[&str]| self::is_of(before, list) || self::is_of(singular(before), list);
    let token = is_of(TOKENS)
        || ends(one, TOKEN_ENDS)
        || (one.eq_ignore_ascii_case("KEY") && before_is(KEYS))
        || (is_of(&["BASE"]) && before_is(&["KEY"]) && words.next().is_some_and(|word| self::is_of(word, &["SECRET"])))
        || (is_of(&["DSN"]) && before_is(&["SENTRY", "RAVEN"]))
        || (is_of(&["URL", "URI"]) && before_is(&["WEBHOOK", "HOOK"]))
        || (is_of(&["COOKIE"]) && before_is(&["ERLANG"]));
    if token {
        return Some(Kind::Token);
    }
    is_of(&["DSN"]).then_some(Kind::Address)
}

/// The words of a name from the last to the first: what signs part, and `camelCase`.
fn words(name: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = name;
    iter::from_fn(move || {
        rest = rest.trim_end_matches(|c: char| !c.is_alphanumeric());
        let bytes = rest.as_bytes();
        let at = |at: usize| bytes.get(at).copied().unwrap_or(b'_');
        let parts = |start: &usize| {
            let (before, first, second) = (at(*start - 1), at(*start), at(*start + 1));
            let joined = before.is_ascii_alphanumeric() || !before.is_ascii();
            let camel = first.is_ascii_uppercase() && (!before.is_ascii_uppercase() || second.is_ascii_lowercase());
            !joined || camel
        };
        let start = (1..bytes.len()).rev().find(parts).unwrap_or(0);
        let (before, word) = rest.split_at_checked(start)?;
        rest = before;
        Some(word).filter(|word| !word.is_empty())
    })
}

/// Whether a word ends in one of these, whose letters may be of either case.
fn ends(word: &str, list: &[&str]) -> bool {
    list.iter().any(|end| {
        let start = word.len().checked_sub(end.len());
        start.and_then(|start| word.get(start..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    })
}

fn without_number(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

fn singular(word: &str) -> &str {
    word.strip_suffix(['s', 'S']).unwrap_or(word)
}

/// Whether a word is another one with a letter wrong, too much, missing, or two of them exchanged.
pub(super) fn nearly(word: &str, meant: &[u8]) -> bool {
    let word = word.as_bytes();
    let same = |(one, other): &(&u8, &u8)| one.eq_ignore_ascii_case(other);
    let head = word.iter().zip(meant).take_while(same).count();
    let tail = word.iter().rev().zip(meant.iter().rev()).take_while(same).count();
    let (shorter, longer) = (word.len().min(meant.len()), word.len().max(meant.len()));
    // Of two letters that are exchanged both are wrong.
    let turned = || {
        let pair = |text: &[u8]| Some([*text.get(head)?, *text.get(head + 1)?].map(|byte| byte.to_ascii_uppercase()));
        pair(word).zip(pair(meant)).is_some_and(|([one, two], meant)| [two, one] == meant)
    };
    match longer - shorter {
        0 => head + tail + 1 >= shorter || (head + tail + 2 == shorter && turned()),
        1 => head + tail >= shorter,
        _ => false,
    }
}
