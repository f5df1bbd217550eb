//! The escapers: the only ways in which text becomes part of a unit file.
//!
//! systemd ends a line at LF, CR and NUL, glues it to the next one after a final backslash, and expands `%` in every
//! value and `$` in commands. [`UnitValue`] and [`Comment`] have private fields, so what the writer is handed has passed
//! one of the functions below and cannot become a directive, a specifier or a variable.
mod account;
mod directory;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use super::name::{LONGEST_NAME, UnitName, is_instance};
use crate::model::signal::Signal;
use crate::python::filename;
use crate::visible::is_unseen;

pub use account::{User, UserError, user};
pub use directory::{DirectoryError, UnitDirectory, directory};
pub(super) use directory::{is_too_long, without_parents};

/// What a reader can still take in at a glance; comments and descriptions are cut here.
const LONGEST_PROSE: usize = 1000;

/// The right-hand side of a directive: not empty, one line, no final backslash, no blank at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitValue(Cow<'static, str>);

impl UnitValue {
    /// `Type=exec`: the start has succeeded when the program has been executed (systemd.service(5)).
    pub const EXEC: Self = Self(Cow::Borrowed("exec"));
    /// Nothing: `CapabilityBoundingSet=`, the empty set (systemd.exec(5)).
    pub(super) const NOTHING: Self = Self(Cow::Borrowed(""));
    /// What distributions start supervisord after (facts 2.6).
    pub const NETWORK_TARGET: Self = Self(Cow::Borrowed("network.target"));
    /// What stands for a network that is up, for who needs one at its start (systemd.special(7)).
    pub const NETWORK_ONLINE_TARGET: Self = Self(Cow::Borrowed("network-online.target"));
    /// What a service is started by at boot (systemd.special(7)).
    pub const MULTI_USER_TARGET: Self = Self(Cow::Borrowed("multi-user.target"));
    /// What a service is started by when its user manager starts, which has no multi-user.target (systemd.special(7); facts 16.1).
    pub const DEFAULT_TARGET: Self = Self(Cow::Borrowed("default.target"));

    /// The longest: systemd refuses a file with a line over 1 MiB (`LONG_LINE_MAX`; facts 3.1), and the key needs some
    /// of it.
    pub(super) const LONGEST: usize = (1 << 20) - 64;

    /// A word of ours.
    pub(super) const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text as it stands in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Text that systemd takes raw, without quoting: only `%` is doubled. None where raw text cannot say it: nothing
    /// at all (an empty value resets a directive), a control character, a final `\`, a blank at either end.
    #[must_use]
    pub fn plain(text: &str) -> Option<Self> {
        let raw = !text.is_empty()
            && !text.contains(is_control)
            && !text.ends_with('\\')
            && !text.starts_with(' ')
            && !text.ends_with(' ');
        let text = if text.contains('%') { text.replace('%', "%%") } else { text.to_owned() };
        Self::bounded(text).filter(|_| raw)
    }

    /// Words side by side, as `Environment=` takes them. None without words, or beyond the longest line.
    #[must_use]
    pub fn words(words: &[UnitWord]) -> Option<Self> {
        Self::joined(String::new(), words.iter())
    }

    /// The value of `ExecStart=`: `path`, then `argv0` where it is not the path, then the arguments (facts 3.2).
    /// `literal` puts the prefix `:`, which switches the substitution of `$` off, first. None beyond the longest line.
    #[must_use]
    pub fn command(literal: bool, path: &UnitWord, argv0: Option<&UnitWord>, arguments: &[UnitWord]) -> Option<Self> {
        let mut prefix = String::new();
        if literal {
            prefix.push(':');
        }
        if argv0.is_some() {
            prefix.push('@');
        }
        Self::joined(prefix, std::iter::once(path).chain(argv0).chain(arguments))
    }

    /// A resource limit, `soft:hard` (systemd.exec(5), "Process Properties").
    #[must_use]
    pub fn limits(soft: u64, hard: u64) -> Self {
        Self(Cow::Owned(format!("{soft}:{hard}")))
    }

    /// A number.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Self(Cow::Owned(number.to_string()))
    }

    /// A time span (systemd.time(7)): whole seconds, or tenths where there are some.
    #[must_use]
    pub fn seconds(tenths: u64) -> Self {
        let (whole, rest) = (tenths / 10, tenths % 10);
        Self(Cow::Owned(if rest == 0 { format!("{whole}s") } else { format!("{whole}.{rest}s") }))
    }

    /// A umask of nine bits, in four octal digits.
    #[must_use]
    pub fn umask(bits: u16) -> Self {
        Self(Cow::Owned(format!("{:04o}", bits & 0o777)))
    }

    /// The mode of a file, in four octal digits; none beyond 07777.
    #[must_use]
    pub fn mode(bits: u16) -> Option<Self> {
        (bits <= 0o7777).then(|| Self(Cow::Owned(format!("{bits:04o}"))))
    }

    /// A signal by its number; names that systemd does not know would silently mean TERM (facts 7.2).
    #[must_use]
    pub fn signal(signal: Signal) -> Option<Self> {
        signal_name(signal).map(|name| Self(Cow::Owned(name)))
    }

    /// Exit codes ascending, then signals. None for none: an empty value resets the directive.
    #[must_use]
    pub fn exit_status(codes: &BTreeSet<u8>, signals: &BTreeSet<u8>) -> Option<Self> {
        let codes = codes.iter().map(ToString::to_string);
        let all: Vec<String> = codes.chain(signals.iter().filter_map(|number| signal_name(Signal(*number)))).collect();
        (!all.is_empty()).then(|| Self(Cow::Owned(all.join(" "))))
    }

    /// `append:` and the rest of the line, raw: no quotes, no escapes (facts 8.3). None where that cannot say it.
    #[must_use]
    pub fn append(path: &str) -> Option<Self> {
        let path = Self::plain(path).filter(|_| path.starts_with('/') && !is_too_long(path))?;
        Some(Self(Cow::Owned(["append:", path.as_str()].concat())))
    }

    /// A path below the home directory of the account whose user manager reads it. None where raw text cannot say it.
    #[must_use]
    pub fn below_home(path: &str) -> Option<Self> {
        Some(Self(Cow::Owned(["%h/", Self::plain(path)?.as_str()].concat())))
    }

    /// Units side by side. None for none.
    #[must_use]
    pub fn units(names: &[&UnitName]) -> Option<Self> {
        let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        Self::bounded(names.join(" "))
    }

    /// The value of which `values` are what the instances called `numbers` have: `%i` stands where the number stood.
    #[must_use]
    pub fn instanced(values: &[&Self], numbers: &[&str]) -> Option<Self> {
        instanced(&values.iter().map(|value| value.as_str()).collect::<Vec<_>>(), numbers).and_then(Self::bounded)
    }

    /// `Description=`. Where the text ends in a backslash, which would swallow the next line, constant text follows (facts 2.6).
    #[must_use]
    pub fn description(text: &str) -> Self {
        const END: &str = "(program)";
        let mut shown = prose(text.to_owned());
        if shown.contains('%') {
            shown = shown.replace('%', "%%");
        }
        if shown.starts_with(char::is_whitespace) || shown.ends_with(char::is_whitespace) {
            shown = shown.trim().to_owned();
        }
        if shown.ends_with('\\') {
            shown.push(' ');
        }
        if shown.is_empty() || shown.ends_with(' ') {
            shown.push_str(END);
        }
        Self(Cow::Owned(shown))
    }

    /// `ExecStopPost=`: the command runs as root, and how it ends changes nothing. None beyond the longest line.
    #[must_use]
    pub fn hook(path: &'static str, arguments: &[UnitWord]) -> Option<Self> {
        let path = word(path, Dollar::Kept)?;
        Self::joined("-+".to_owned(), std::iter::once(&path).chain(arguments))
    }

    /// The instance of a template that is called as the unit itself: `hook@%n.service`. None where its name would be too long;
    /// an instance has one byte more than the process of that name (facts 2.2).
    #[must_use]
    pub fn started_by(template: &UnitName, unit: &UnitName) -> Option<Self> {
        let (begin, end) = template.as_str().split_once('@')?;
        let fits = template.as_str().len() + unit.as_str().len() < LONGEST_NAME;
        fits.then(|| Self(Cow::Owned([begin, "@%n", end].concat())))
    }

    fn joined<'a>(prefix: String, words: impl Iterator<Item = &'a UnitWord> + Clone) -> Option<Self> {
        let mut text = prefix;
        text.reserve(words.clone().map(|word| word.0.len() + 1).sum());
        for (index, word) in words.enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(&word.0);
        }
        Self::bounded(text)
    }

    fn bounded(text: String) -> Option<Self> {
        (1..=Self::LONGEST).contains(&text.len()).then_some(Self(Cow::Owned(text)))
    }
}

impl From<&UnitName> for UnitValue {
    /// A unit's name stands as it is: it has no byte that systemd could read as something else (facts 2.2).
    fn from(name: &UnitName) -> Self {
        Self(Cow::Owned(name.as_str().to_owned()))
    }
}

/// One word of `ExecStart=` or `Environment=`, bare or quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitWord(String);

impl UnitWord {
    /// The word as it stands in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the unit that it stands in.
    #[must_use]
    pub fn unit() -> Self {
        Self("%n".to_owned())
    }

    /// The name of the instance that it stands in.
    #[must_use]
    pub fn instance() -> Self {
        Self("%i".to_owned())
    }
}

/// What becomes of `$` in a word (facts 3.1, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dollar {
    /// Stays: in `Environment=`, in the path of a command, and in a command with the prefix `:`.
    Kept,
    /// `$$`: in a command without that prefix.
    Doubled,
}

/// Writes a word so that systemd's unquoting gives it back (facts 3.1; 1404 argument vectors were run). None for a
/// word with NUL, which no program can be handed.
#[must_use]
pub fn word<'t>(text: impl Into<Cow<'t, str>>, dollar: Dollar) -> Option<UnitWord> {
    let text = text.into();
    // Most words stand as they are.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_@+=:,./-".contains(&byte)) {
        return Some(UnitWord(text.into_owned()));
    }
    let mut out = String::with_capacity(text.len() + 2);
    let mut bare = !text.is_empty();
    for character in text.chars() {
        match character {
            '\0' => return None,
            '%' => out.push_str("%%"),
            '$' if dollar == Dollar::Doubled => out.push_str("$$"),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '@' | '+' | '=' | ':' | ',' | '.' | '/' | '-' => {
                out.push(character);
            }
            other => {
                bare = false;
                match other {
                    '\\' => out.push_str("\\\\"),
                    '"' => out.push_str("\\\""),
                    '\n' => out.push_str("\\n"),
                    '\t' => out.push_str("\\t"),
                    '\r' => out.push_str("\\r"),
                    other if is_control(other) => push_hex(&mut out, other),
                    other => out.push(other),
                }
            }
        }
    }
    Some(UnitWord(if bare { out } else { format!("\"{out}\"") }))
}

/// A comment of one line, without its `# `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment(String);

impl Comment {
    /// A comment that explains the directive below it.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(prose(text.to_owned()))
    }

    /// A comment that announces a difference or a loss: `supconv: …` (facts 2.6).
    #[must_use]
    pub fn note(text: &str) -> Self {
        Self(prose(["supconv: ", text].concat()))
    }

    /// The comment of a template, of which `comments` are those of the instances called `numbers`.
    #[must_use]
    pub fn instanced(comments: &[&Self], numbers: &[&str]) -> Option<Self> {
        let (first, rest) = comments.split_first()?;
        if rest.iter().all(|other| other == first) {
            return Some((*first).clone());
        }
        instanced(&comments.iter().map(|comment| comment.as_str()).collect::<Vec<_>>(), numbers).map(Self)
    }

    /// The text as it stands in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Puts `%i` where all texts have their own number, so that each text comes back when its number is put there. None where
/// the texts differ in anything else, or where the number is part of an escape. Numbers are digits.
fn instanced(texts: &[&str], numbers: &[&str]) -> Option<String> {
    if texts.len() != numbers.len() || numbers.iter().any(|number| !is_instance(number)) {
        return None;
    }
    let mut rest: Vec<&str> = texts.to_vec();
    let mut out = String::new();
    loop {
        if rest.iter().all(|text| text.is_empty()) {
            return Some(out);
        }
        let after: Option<Vec<&str>> =
            rest.iter().zip(numbers).map(|(text, number)| text.strip_prefix(*number)).collect();
        if let Some(after) = after.filter(|_| texts.len() > 1) {
            let mut back = out.chars().rev();
            let escape = [back.next(), back.next(), back.next()];
            if matches!(escape, [Some('x'), Some('\\'), _] | [_, Some('x'), Some('\\')]) {
                return None;
            }
            out.push_str("%i");
            rest = after;
            continue;
        }
        let next = rest.first()?.chars().next()?;
        rest = rest.iter().map(|text| text.strip_prefix(next)).collect::<Option<_>>()?;
        out.push(next);
    }
}

/// Numbers of 32 and 33 are glibc's own.
fn signal_name(signal: Signal) -> Option<String> {
    match (signal, signal.0) {
        (_, 34..=64) => Some(format!("SIGRTMIN+{}", signal.0 - 34)),
        (signal, _) => signal.name().map(|name| format!("SIG{name}")),
    }
}

/// Prose on one line: what is not seen, or steers a terminal, as `\xhh`; cut at [`LONGEST_PROSE`].
fn prose(text: String) -> String {
    if text.len() <= LONGEST_PROSE && !text.contains(is_unseen) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    for character in characters.by_ref().take(LONGEST_PROSE) {
        if is_unseen(character) {
            push_hex(&mut out, character);
        } else {
            out.push(character);
        }
    }
    if characters.next().is_some() {
        out.push('…');
    }
    out
}

fn push_hex(out: &mut String, character: char) {
    for byte in filename::encode(character.encode_utf8(&mut [0; 4])).as_os_str().as_bytes() {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

/// U+0000 to U+001F and U+007F, what systemd's `string_has_cc()` looks for; and what stands for a byte of a file name, which no
/// line of a unit may have as it is: systemd takes UTF-8 alone.
pub(super) fn is_control(character: char) -> bool {
    character.is_ascii_control() || filename::byte(character).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        word(text, Dollar::Kept).map_or_else(|| "(none)".to_owned(), |word| word.0)
    }

    fn plain(text: &str) -> Option<String> {
        UnitValue::plain(text).map(|value| value.as_str().to_owned())
    }

    #[test]
    fn words() {
        for (text, expected) in [
            ("", "\"\""),
            ("a", "a"),
            ("--opt=/x,y:z@+_.", "--opt=/x,y:z@+_."),
            ("a b", "\"a b\""),
            (";", "\";\""),
            ("~", "\"~\""),
            ("%", "%%"),
            ("%Y $HOME", "\"%%Y $HOME\""),
            ("trailing\\", "\"trailing\\\\\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("it's", "\"it's\""),
            ("\n\t\r\u{1}\u{1b}\u{7f}", "\"\\n\\t\\r\\x01\\x1b\\x7f\""),
            ("é\u{85}\u{feff}😀", "\"é\u{85}\u{feff}😀\""),
            ("\0", "(none)"),
        ] {
            assert_eq!(written(text), expected, "{text:?}");
        }
        let doubled = |text| word(text, Dollar::Doubled).map(|word| word.0);
        assert_eq!(doubled("a$b").as_deref(), Some("a$$b"));
        assert_eq!(doubled("a $b").as_deref(), Some("\"a $$b\""));
    }

    #[test]
    fn raw_text() {
        assert_eq!(plain("100% é \"q\" \\ x").as_deref(), Some("100%% é \"q\" \\ x"));
        for refused in ["", " a", "a ", "a\\", "a\\\\", "a\nb", "a\rb", "a\0b", "\u{7f}"] {
            assert_eq!(plain(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn a_line_has_a_longest_length() {
        assert_eq!(plain(&"a".repeat(1 << 20)), None);
        let long = word("a".repeat(600_000), Dollar::Kept);
        assert!(long.clone().is_some_and(|word| UnitValue::words(&[word]).is_some()));
        assert!(long.is_some_and(|word| UnitValue::words(&[word.clone(), word]).is_none()));
    }

    #[test]
    fn prose() {
        for (text, expected) in [
            ("web", "web"),
            ("g:50% \\", "g:50%% \\ (program)"),
            (" x\n[Service] ", "x\\x0a[Service]"),
            ("x\\ ", "x\\ (program)"),
            (" ", "(program)"),
        ] {
            assert_eq!(UnitValue::description(text).as_str(), expected);
        }
        assert_eq!(Comment::note("a\r\nb\0\u{85}\\").as_str(), "supconv: a\\x0d\\x0ab\\x00\\xc2\\x85\\");
        assert_eq!(Comment::text(&"x".repeat(5000)).as_str().chars().count(), LONGEST_PROSE + 1);
    }
}
