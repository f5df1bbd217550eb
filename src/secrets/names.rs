//! What the name of a variable, an option, a header or a key says of its value: that it is a password, a token, a login.

use std::iter;

use super::values;
use super::words::Words;

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
    /// An address that whoever knows it may call, unless it is one of this host.
    Webhook,
    /// A password, or a path: `HOST_PWD`, `RESET_PASSWORD`.
    Place,
}

impl Kind {
    /// Whether a value is such a secret.
    pub fn holds(self, value: &str) -> bool {
        let value = values::written_out(value);
        match self {
            Self::Password => values::is_password(value),
            Self::Token => values::is_token(value),
            Self::Auth => values::is_login(value),
            Self::Address => values::is_address(value),
            Self::Webhook => values::is_webhook(value),
            Self::Place => values::is_password(value) && !value.starts_with(['/', '.']) && !value.starts_with("~/"),
        }
    }

    /// The same of an option of a command: a shell may put in another value, `--secret id=x` names one, `-pass 2` counts.
    pub fn holds_in_command(self, value: &str) -> bool {
        let value = values::written_out(value);
        let names_one = || SECRETS_OF_CONTAINERS.iter().any(|begin| value.starts_with(begin));
        self.holds(value) && !(values::is_of_shell(value) || names_one() || matches!(value, "1" | "2" | "3"))
    }
}

/// How a secret is named that a container gets.
static SECRETS_OF_CONTAINERS: &[&str] = &["id=", "source=", "src=", "type=", "env=", "name="];

/// Words that may follow the word that counts: which of several it is, or how it is written.
static SUFFIXES: Words = words!(
    "PROD PRODUCTION DEV DEVELOPMENT STAGING STAGE TEST TESTING LIVE LOCAL QA UAT SANDBOX OLD NEW PREV PREVIOUS \
     CURRENT PRIMARY SECONDARY BACKUP MAIN DEFAULT RO RW READONLY B64 BASE64 JSON PLAIN RAW VALUE TEXT V"
);

/// Words for a password.
static PASSWORDS: Words = words!("PASS PASSWD PASSPHRASE PASSCODE PASSWORT PWD PW PSW PSWD PASWD PASSWRD");

/// What a word for a password, written together with what it is for, ends in: `DBPASS`, `PGPASSWORD`.
static PASSWORD_ENDS: Words = words!("PASSWORD PASSWD PASSPHRASE PASS PWD");

/// Words that end so and are no password.
static NO_PASSWORDS: Words = words!(
    "ASKPASS BYPASS COMPASS ENCOMPASS SURPASS TRESPASS UNDERPASS OVERPASS MULTIPASS ONEPASS TWOPASS LASTPASS KEEPASS \
     HIGHPASS LOWPASS BANDPASS OLDPWD INITPWD NOPASS NOPASSWORD NOPASSWD"
);

/// Words before one for a secret that make it a switch, which asks for none: `USE_AUTH`, `--no-password`.
pub(super) static SWITCHES: Words =
    words!("NO ASK WITHOUT DISABLE ENABLE REQUIRE USE SHOW PROMPT PRINT ALLOW SKIP WITH IS HAS FORGOT");

/// Words before `PASS` that make it one of several runs.
static NOT_BEFORE_PASS: Words =
    words!("ONE TWO THREE FIRST SECOND SINGLE DOUBLE MULTI NUM MAX MIN HIGH LOW BAND PROXY BY");

/// Words before `PWD` that make it a directory where its value is a path, and before `PASSWORD` that make it a page.
static BEFORE_DIRECTORY: Words = words!(
    "OLD INIT HOST PROJECT WORK WORKING BUILD ROOT SRC APP CURRENT CUR START SCRIPT BASE HOME REPO LAST PREV ORIG \
     DOCKER CONTAINER LOCAL REMOTE"
);
static BEFORE_PAGE: Words = words!("RESET CHANGE LOST FORGOTTEN UPDATE EDIT");

/// Words for another secret, and what they end in when they are written together with what they are for.
static TOKENS: Words = words!("CREDENTIAL CRED PSK AUTHORIZATION JWT BEARER");
static TOKEN_ENDS: Words = words!(
    "TOKEN SECRET APIKEY APPKEY SECRETKEY ACCESSKEY PRIVATEKEY MASTERKEY AUTHKEY SIGNINGKEY ENCRYPTIONKEY LICENSEKEY \
     ACCOUNTKEY SHAREDKEY SECRETKEYBASE"
);

/// Words for a secret that may come first: what follows says whose it is, if it is none of [`OF_SECRETS`].
static FIRST: Words = words!("PASSWORD PASSWD PASSPHRASE TOKEN SECRET APIKEY");

/// What secrets have, or where they are: `TOKEN_URL`, `PASSWORD_HASHERS`.
static OF_SECRETS: Words = words!(
    "FILE FILENAME PATH DIR DIRECTORY FOLDER URL URI HOST PORT ENDPOINT SERVER SERVICE STDIN FD ENV VAR NAME ID FIELD \
     HEADER COOKIE PARAM PREFIX SUFFIX PATTERN REGEX FORMAT TYPE MODE METHOD KIND ALGORITHM ALGO ALG HASH HASHER \
     HASHING ENCODER ENCODING SALT ROUND COST LENGTH LEN SIZE MIN MAX COUNT LIMIT USAGE TTL AGE EXPIRY EXPIRE \
     EXPIRATION LIFETIME TIMEOUT INTERVAL DURATION VALIDITY REFRESH ROTATION RESET RECOVERY CHANGE POLICY RULE \
     VALIDATOR VALIDATION VALIDATE CHECK CHECKER PROVIDER STORE STORAGE BACKEND MANAGER ENGINE CACHE SOURCE HANDLER \
     GENERATOR ISSUER AUDIENCE SCOPE COMMAND CMD HINT PROMPT ENABLED DISABLED REQUIRED VERSION REGION PROJECT \
     NAMESPACE TABLE COLUMN CLASS LOGIN GRANT"
);

/// Words before `TOKEN` that make it a place in a list, a sign of a language, or a number.
static NOT_BEFORE_TOKEN: Words =
    words!("NEXT PAGE CONTINUATION PAD EOS BOS UNK SEP CLS MASK STOP START END MAX MIN LIMIT NUM COUNT TOTAL SPECIAL");

/// Words before `KEY`: any key would be too many.
static KEYS: Words = words!(
    "API APP PRIVATE ACCESS SIGNING ENCRYPTION AUTH MASTER LICENSE SECRET TOKEN PASSWORD PASSWD PASS CREDENTIAL \
     SHARED ACCOUNT HMAC JWT DEPLOY DSN FERNET SSH SESSION CRYPTO CIPHER AES RSA GPG STORAGE"
);

/// Words that end so and log in.
static AUTHS: Words = words!("AUTH MASTERAUTH BASICAUTH HTTPAUTH USERPWD");

/// What a name says of its value.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let mut words = words(name);
    let last = words.by_ref().filter(|word| !SUFFIXES.has(word)).map(without_number);
    let last = last.filter(|word| !word.is_empty()).find(|word| !SUFFIXES.has(word))?;
    let before = words.next().unwrap_or("");
    let (last, before) = (Noun::of(last), Noun::of(before));
    if last.is("PASS") && before.is_of(&NOT_BEFORE_PASS) || last.is_of(&NO_PASSWORDS) || name == "PWD" {
        return None;
    }
    // A unit's `LoadCredential=` says where one is kept.
    if last.is("CREDENTIAL") && (before.is("LOAD") || before.is("IMPORT")) {
        return None;
    }
    let kind = |kind: Kind| Some(kind).filter(|_| !before.is_of(&SWITCHES));
    if last.is_of(&AUTHS) {
        return kind(Kind::Auth);
    }
    let password = last.is_of(&PASSWORDS)
        || last.ends_in(&PASSWORD_ENDS)
        || nearly(last.word, b"PASSWORD")
        || (before.is("PASS") && (last.is("PHRASE") || last.is("WORD")));
    if password {
        let is_place =
            before.is_of(&BEFORE_PAGE) || last.is("PWD") && (before.word.is_empty() || before.is_of(&BEFORE_DIRECTORY));
        return kind(if is_place { Kind::Place } else { Kind::Password });
    }
    if last.is("TOKEN") && iter::once(before.word).chain(words.clone()).any(|word| NOT_BEFORE_TOKEN.has(word)) {
        return None;
    }
    if last.is("WEBHOOK") || ((last.is("URL") || last.is("URI")) && (before.is("WEBHOOK") || before.is("HOOK"))) {
        return kind(Kind::Webhook);
    }
    let first = || words.clone().next();
    let first_is = |one: &str| first().is_some_and(|word| word.eq_ignore_ascii_case(one));
    let token = last.is_of(&TOKENS)
        || TOKEN_ENDS.end(last.one)
        || (last.is("KEY") && before.is_of(&KEYS))
        || (last.is("BASE") && before.is("KEY") && first_is("SECRET"))
        || (last.is("DSN") && (before.is("SENTRY") || before.is("RAVEN")))
        || (last.is("PAT") && !before.word.is_empty())
        || (last.is("ID") && before.is("SECRET") && (first_is("VAULT") || first_is("ROLE") || first_is("APPROLE")))
        || (last.is("COOKIE") && before.is("ERLANG"));
    if token {
        return kind(Kind::Token);
    }
    if last.is("DSN") {
        return kind(Kind::Address);
    }
    let comes_first = before.is_of(&FIRST) && first().is_none() && !last.is_of(&OF_SECRETS);
    let password = || before.is_of(&PASSWORDS) || nearly(before.word, b"PASSWORD");
    comes_first.then(|| if password() { Kind::Password } else { Kind::Auth })
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

/// Without a number, or odd letters, at its end.
fn without_number(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit() || !c.is_ascii())
}

/// A word, which may mean several: `PASSWORDS`.
#[derive(Clone, Copy)]
struct Noun<'n> {
    word: &'n str,
    /// The same of one.
    one: &'n str,
}

impl<'n> Noun<'n> {
    fn of(word: &'n str) -> Self {
        Self { word, one: word.strip_suffix(['s', 'S']).unwrap_or(word) }
    }

    /// Whether it is this word, or several of it.
    fn is(self, one: &str) -> bool {
        self.word.eq_ignore_ascii_case(one) || self.one.eq_ignore_ascii_case(one)
    }

    /// Whether it is one of these, or of several of them.
    fn is_of(self, list: &Words) -> bool {
        list.has(self.word) || list.has(self.one)
    }

    /// Whether it, or one of several that it means, ends in one of these.
    fn ends_in(self, list: &Words) -> bool {
        list.end(self.word) || list.end(self.one)
    }
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
