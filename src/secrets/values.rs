//! Whether a value can be a secret at all, where a name says that it may be one.

use super::MASK;
use super::words::Words;

/// Words that switch something, or choose a way.
static MODES: Words = words!(
    "true false yes no on off none null nil undefined enabled disabled enable disable required require optional \
     include exclude omit auto default always never any all inherit same-origin same_origin file env header cookie \
     query body bearer basic digest jwt oauth oauth2 vault random generate prompt anonymous empty unset"
);

/// Methods of logging in.
static METHODS: Words = words!(
    "plain login cram-md5 md5 ldap kerberos gssapi ntlm token session trust peer scram-sha-256 internal external \
     local cert saml oidc sso pam guess password 2fa mfa totp google github gitlab azure okta auth0 keycloak firebase \
     cognito"
);

/// How references to a store of secrets begin.
static STORES: Words = words!(
    "vault: vault+ ref+ ssm: arn: op:// secretsmanager: awssm: gcpsm: sm:// akv: env: file: keyring: doppler: \
     projects/ secret:// vault://"
);

/// What a template has around the name of a value.
static PLACES: &[(&str, &str)] = &[("<", ">"), ("@@", "@@"), ("#{", "}"), ("@", "@"), ("__", "__")];

/// How files end that keys are kept in.
static FILES: &[&str] = &[
    ".json", ".pem", ".key", ".crt", ".cer", ".p12", ".pfx", ".jks", ".yml", ".yaml", ".txt", ".env", ".conf", ".cfg",
    ".ini", ".toml", ".xml", ".php", ".py",
];

/// Units of numbers.
static UNITS: Words = words!("k m g t b kb mb gb tb kib mib gib ms s sec min h d %");

/// What is longer than any path or name is judged by its first bytes: a line may be one such value in another.
pub(super) const LONGEST: usize = 1024;

/// What of a value stands in the file: of a variable of a shell with a default, `${NAME:-x}`, that one.
pub(super) fn written_out(value: &str) -> &str {
    let mut written = value;
    while written.len() <= LONGEST
        && let Some((name, default)) =
            written.strip_prefix("${").and_then(|inner| inner.strip_suffix('}')?.split_once(':'))
        && let Some(default) = default.strip_prefix(['-', '=']).filter(|_| name.bytes().all(is_of_name))
    {
        written = default;
    }
    written
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A password may begin as a path does, and be a number.
pub(super) fn is_password(value: &str) -> bool {
    let value = first(value);
    !(is_kept_elsewhere(value) || MODES.has(value))
}

/// A token, or a key, which is no public one.
pub(super) fn is_token(value: &str) -> bool {
    let value = first(value);
    is_password(value)
        && !value.starts_with('$')
        && !value.starts_with("ssh-")
        && !is_path(value)
        && !is_number(value)
        && !is_header(value)
}

/// The name of a header: `X-CSRF-Token`.
fn is_header(value: &str) -> bool {
    let begins = value.get(..2).is_some_and(|begin| begin.eq_ignore_ascii_case("x-"));
    begins && value.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}

/// The address of a service on another host, or a part of one; not one of this network, nor one to listen at.
pub(super) fn is_webhook(value: &str) -> bool {
    let value = first(value);
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    let is_address = rest.len() < value.len() || !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_far = host.contains('.') && host.contains(|c: char| c.is_ascii_alphabetic()) && !path.is_empty();
    is_token(value) && (is_far || !is_address)
}

/// A login, which is no name of a method and no address of a service.
pub(super) fn is_login(value: &str) -> bool {
    let value = first(value);
    is_token(value) && !METHODS.has(value) && !value.contains("://")
}

/// The address of a database with `user:password@` in it, with a scheme before it or not.
pub(super) fn is_address(value: &str) -> bool {
    let value = first(value);
    let login = value.rsplit_once('@').and_then(|(login, _)| login.rsplit('/').next()?.split_once(':'));
    login.is_some_and(|(_, word)| is_password(word))
}

/// The first [`LONGEST`] bytes, up to the end of a character.
pub(super) fn first(value: &str) -> &str {
    (0..4).find_map(|fewer| value.get(..LONGEST - fewer)).unwrap_or(value)
}

/// What a shell replaces: `$NAME`, `${NAME}`, `$(command)`.
pub(super) fn is_of_shell(value: &str) -> bool {
    let name = value.strip_prefix('$').and_then(|name| name.chars().next());
    name.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '(' | '@' | '*'))
        || value.starts_with('`')
}

/// Whether nothing is written out: it is empty, masked, a place for a value, or says where the value is kept.
fn is_kept_elsewhere(value: &str) -> bool {
    value.is_empty()
        || value == MASK
        || value.bytes().all(|byte| byte == b'*')
        || is_expansion(value)
        || is_variable(value)
        || ["$(", "`", "{{", "<%", "{\\"].iter().any(|begin| value.starts_with(begin))
        || PLACES.iter().any(|(begin, end)| is_between(value, begin, end))
        || matches!(value, "%s" | "%r" | "{}" | "?" | "{" | "[" | "[]")
        || STORES.begin(value)
}

/// Whether a value is a name between these signs. Where both signs are one letter or may be a word's, the name is in capitals.
fn is_between(value: &str, begin: &str, end: &str) -> bool {
    let name = value.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end)).filter(|name| !name.is_empty());
    let capitals = matches!(begin, "@" | "__");
    let of_name = |c: char| matches!(c, '_' | '-' | '.') || c.is_ascii_digit() || c.is_ascii_uppercase();
    name.is_some_and(|name| begin == "<" || name.chars().all(|c| of_name(c) || !capitals && c.is_ascii_alphabetic()))
}

/// Whether a value is made of expansions alone: what they stand for is kept elsewhere.
pub(super) fn is_expansion(value: &str) -> bool {
    let mut rest = value;
    while let Some((name, behind)) = rest.strip_prefix("%(").and_then(|rest| rest.split_once(')')) {
        let Some(behind) = behind.strip_prefix(['s', 'd']).filter(|_| !name.is_empty()) else { return false };
        rest = behind;
    }
    rest.is_empty()
}

/// A variable of a shell as people write them: `${name}`, or `$NAME` in capitals.
fn is_variable(value: &str) -> bool {
    let Some(name) = value.strip_prefix('$') else { return false };
    let (name, braces) = match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        // A default may follow: `${NAME:-x}`.
        Some(name) => (name.split_once(':').map_or(name, |(name, _)| name), true),
        None => (name, false),
    };
    let of_name = |c: char| {
        c == '_' || c.is_ascii_digit() || if braces { c.is_ascii_alphabetic() } else { c.is_ascii_uppercase() }
    };
    name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) && name.chars().all(of_name)
}

fn is_path(value: &str) -> bool {
    let of_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let extension = || value.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, end)| end);
    let has_extension = || (1..=5).contains(&extension().len()) && value.contains('/') && value.chars().all(of_path);
    value.starts_with(['/', '~'])
        || value.starts_with("./")
        || value.starts_with("../")
        || value.starts_with("*.")
        || FILES.iter().any(|end| value.ends_with(*end))
        || has_extension()
}

/// A number, perhaps with a unit, and signs between its digits.
fn is_number(value: &str) -> bool {
    let of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '_');
    let unit = value.trim_start_matches(of_number);
    unit.len() < value.len()
        && value.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && (unit.is_empty() || UNITS.has(unit))
}
