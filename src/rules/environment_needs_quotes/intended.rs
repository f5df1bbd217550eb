//! Lists that Supervisor accepts and reads otherwise than they are meant: both readings, compared.

use std::fmt::Write;

use super::{RULE, is_word, shown};
use serde::de::IgnoredAny;

use crate::diagnostic::{Confidence, Diagnostic, Severity};
use crate::keys::process as k;
use crate::map::Map;
use crate::python::shlex::is_blank;
use crate::python::text::before;
use crate::rules::view::environment::{EXPANSION, once_expanded, places};
use crate::rules::written::Written;
use crate::rules::{Found, Lint, and_more, pointed};
use crate::secrets;
use crate::source::{Place, Span};
use crate::syntax::pairs;
use crate::well_known::is_name;

/// A pair as it is meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MeantPair<'t> {
    /// The name, with quotes if it has some.
    pub(super) name: &'t str,
    pub(super) value: &'t str,
    pub(super) quoted: bool,
    /// The whole pair.
    pub(super) text: &'t str,
}

/// Looks at each list that is accepted.
pub(super) fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let environment = k::ENVIRONMENT.number;
    for written in lint.written_where(|_, options| options.mask() & environment.bit() != 0) {
        let Written { section, option, setting, .. } = written;
        if setting.number != Some(environment) || written.key().is_none() || is_plain(setting.text) {
            continue;
        }
        let text = once_expanded(setting.text);
        let Ok(read) = pairs::parse(&text) else { continue };
        let read: Map<'_, &str> = read.iter().map(|pair| (&*pair.key, &*pair.value)).collect();
        let written = lint.sources.slice(setting.value);
        let meant = pairs_meant(&text);
        let differences = differences(&meant, &read);
        let Some((_, message, help)) = differences.first() else {
            if let Some((name, span)) = escaped_json(written) {
                let message = format!("{name} is not JSON for the program: single quotes keep its backslashes.");
                let place = Place { span: span.after(setting.value.span.start), ..setting.value };
                let mut finding = Diagnostic::new(&RULE.rule, place, message).severity(Severity::Warning);
                finding.confidence = Confidence::Medium;
                let finding = finding.help(format!("remove the backslashes before the double quotes of {name}."));
                found.push_of_accepted(setting.value, finding.of(section, Some(option)));
            }
            continue;
        };
        let message = format!("{}{}.", message.trim_end_matches('.'), and_more(differences.len()));
        let mut finding =
            Diagnostic::new(&RULE.rule, setting.value, message).help(help.clone()).of(section, Some(option));
        // Such a line of a fragment often is for envsubst.
        if lint.config.fragment && differences.iter().all(|(pair, ..)| is_reference(pair.value)) {
            finding = finding.severity(Severity::Warning);
        }
        let texts: Vec<String> = differences.iter().map(|(pair, _, _)| pair.text.replace(EXPANSION, "%(")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let places = places(written, &texts).into_iter().zip(&differences).map_while(|(span, (_, message, _))| {
            let span = span?.after(setting.value.span.start);
            Some((Place { span, ..setting.value }, message.clone()))
        });
        found.push_of_accepted(setting.value, pointed(finding, places.collect()));
    }
}

/// The first value of a list that is JSON but for a backslash before each quote, between single quotes, which keep them: its
/// name, and where the pair stands.
fn escaped_json(written: &str) -> Option<(&str, Span)> {
    let pair = pairs_meant(written).into_iter().find(is_escaped_json)?;
    let span = places(written, &[pair.text]).into_iter().flatten().next()?;
    Some((pair.name, span))
}

/// Whether a value is such JSON.
pub(super) fn is_escaped_json(pair: &MeantPair<'_>) -> bool {
    let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    pair.quoted
        && pair.value.starts_with(['{', '['])
        && pair.value.contains("\\\"")
        && !is_json(pair.value)
        && is_json(&pair.value.replace("\\\"", "\""))
}

/// Whether a list is so plain that both readings are one: names, each with a value of word characters or in quotes without
/// others, and commas. Most lists are, and are looked at no further.
fn is_plain(text: &str) -> bool {
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        let (name, after) = before(rest, |b| b != b'_' && !b.is_ascii_alphanumeric());
        let value = after.strip_prefix('=').filter(|_| !name.is_empty());
        let Some(after) = value.and_then(after_plain) else { return false };
        let after = after.trim_start_matches(is_blank);
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start_matches(is_blank),
            None if after.is_empty() => after,
            None => return false,
        };
    }
    true
}

/// What comes after a plain value.
fn after_plain(value: &str) -> Option<&str> {
    if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        let (_, end) = before(value.get(1..)?, |b| matches!(b, b'"' | b'\'' | b'\\' | b'\n'));
        return end.strip_prefix(quote);
    }
    let (word, after) = before(value, |b| !b.is_ascii() || !is_word(char::from(b)));
    (!word.is_empty()).then_some(after)
}

/// What Supervisor reads otherwise, with what to say and what to write.
fn differences<'p, 't>(meant: &'p [MeantPair<'t>], read: &Map<'_, &str>) -> Vec<(&'p MeantPair<'t>, String, String)> {
    // The last pair of a name counts.
    let counting: Map<'_, usize> = meant.iter().enumerate().map(|(at, pair)| (pair.name, at)).collect();
    let lost: Vec<&str> = counting.keys().filter(|name| !read.contains_key(name)).collect();
    let invented: Vec<&str> = read.keys().filter(|name| !counting.contains_key(name)).collect();
    // Writing to a String cannot fail.
    let mut rest = String::new();
    if !lost.is_empty() {
        let is = if lost.len() == 1 { "is" } else { "are" };
        let _ = write!(rest, "; {} {is} not set at all", lost.join(", "));
    }
    if !invented.is_empty() {
        let invented: Vec<String> = invented.iter().map(|name| shown(name)).collect();
        let _ = write!(rest, "; the rest becomes a variable {}", invented.join(", "));
    }
    let mut found = Vec::new();
    for (at, pair) in meant.iter().enumerate() {
        let counts = counting.get(pair.name) == Some(&at);
        let Some(value) = read.get(pair.name).filter(|_| counts) else { continue };
        let bare = pair.name.trim_matches(['"', '\'']);
        if bare != pair.name {
            let message =
                format!("the variable is called {} with its quotes: quotes are removed only from values.", pair.name);
            found.push((pair, message, format!("write {bare}= without quotes.")));
        } else if *value != pair.value {
            found.push((pair, said(pair, value, &std::mem::take(&mut rest)), help(pair)));
        }
    }
    found
}

/// Both readings, unless they are a secret.
fn said(pair: &MeantPair<'_>, read: &str, rest: &str) -> String {
    let name = pair.name;
    let plain = |text: &str| shown(&text.replace(EXPANSION, "%("));
    let both = if secrets::variable(name, pair.value) || secrets::variable(name, read) {
        format!("a part of {name} only")
    } else {
        format!("{name} as {}, not {}", plain(read), plain(pair.value))
    };
    let cause = match pair.value.strip_prefix(read).and_then(|rest| rest.chars().next()) {
        _ if pair.quoted => "it removes all quotes at both ends".to_owned(),
        _ if read.chars().count() == 1 && !read.contains(is_word) => {
            "without quotes such a sign ends the value".to_owned()
        }
        Some(mark) if mark.is_whitespace() => "without quotes the value ends at the space".to_owned(),
        Some(mark) => format!("without quotes the value ends at '{mark}'"),
        None => "without quotes the value ends early".to_owned(),
    };
    format!("Supervisor reads {both}: {cause}{rest}.")
}

/// What to write instead of a pair.
pub(super) fn help(pair: &MeantPair<'_>) -> String {
    if pair.quoted {
        return "a value cannot begin or end with a quote; if it must, set the variable in the environment that starts \
                supervisord, not here."
            .to_owned();
    }
    let name = pair.name;
    let written = pair.value.replace(EXPANSION, "%(");
    let (value, shell) = match shell_variable(&written) {
        // The first one only, for $A stands in $AB too.
        Some((reference, variable)) => (written.replacen(reference, &format!("%(ENV_{variable})s"), 1), true),
        None => (written, false),
    };
    let quote = if value.contains('"') { '\'' } else { '"' };
    // What is to be copied is exact, or it is not there.
    let exact = !value.contains([quote, '\\', '\n', '$', '`'])
        && !value.replace("%(", "").contains('%')
        && value.len() <= LONGEST
        && !secrets::variable(name, &value)
        && !secrets::variable(name, pair.value);
    match (exact, shell) {
        (true, false) => format!("quote the value: {name}={quote}{value}{quote}"),
        (true, true) => format!("Supervisor is not a shell: write {name}={quote}{value}{quote}{RENDERED}"),
        (false, true) => {
            format!(
                "Supervisor is not a shell: quote the value of {name}, and write variables as %(ENV_NAME)s.{RENDERED}"
            )
        }
        (false, false) => format!("put quotes around the value of {name}."),
    }
}

/// Whether a value is a variable of a shell, and nothing else.
pub(super) fn is_reference(value: &str) -> bool {
    let name = value.strip_prefix('$').unwrap_or("");
    is_name(name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name))
}

/// For a text that envsubst or sed replaces first.
const RENDERED: &str = "\nif a script fills the file in before supervisord starts, lint what it makes.";

/// The longest value that a help repeats.
const LONGEST: usize = 80;

/// The first variable of a shell in a text, `$X` or `${X}`, and its name.
pub(super) fn shell_variable(text: &str) -> Option<(&str, &str)> {
    let start = text.find('$')?;
    let after = text.get(start + 1..)?;
    let (inner, braces) = after.strip_prefix('{').map_or((after, 0), |inner| (inner, 2));
    let end = inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = inner.get(..end).filter(|name| name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()))?;
    let whole = braces == 0 || inner.get(end..)?.starts_with('}');
    Some((text.get(start..start + 1 + end + braces).filter(|_| whole)?, name))
}

/// The pairs as somebody means them who writes them with commas or semicolons between, and quotes where he thinks of it.
fn pairs_meant(text: &str) -> Vec<MeantPair<'_>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while let Some((pair, behind)) = first_pair(rest) {
        pairs.push(pair);
        rest = behind;
    }
    pairs
}

/// The first of them, and what stands after it and its separator.
pub(super) fn first_pair(text: &str) -> Option<(MeantPair<'_>, &str)> {
    let (left, right) = text.split_once('=')?;
    let value = right.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let closed = quote.and_then(|quote| value.get(1..)?.split_once(quote));
    let (value, behind, quoted) = match closed {
        Some((inside, behind)) if !goes_on(behind) => (inside, behind, true),
        _ => {
            let end = end_of_value(value);
            let (value, behind) = value.split_at_checked(end).unwrap_or((value, ""));
            (value.trim_end(), behind, false)
        }
    };
    let whole = text.get(..text.len() - behind.len()).unwrap_or(text).trim_end();
    let next = behind.trim_start();
    // After a quoted value any sign separates.
    let separates =
        |c: char| c == ',' || c == ';' || (quoted && !c.is_ascii_alphanumeric() && !matches!(c, '_' | '"' | '\''));
    let behind = next.strip_prefix(separates).unwrap_or(next).trim_start();
    Some((MeantPair { name: left.trim(), value, quoted, text: whole }, behind))
}

/// Where a value without quotes is meant to end: at a comma, or before the next pair if a blank or a semicolon comes first.
fn end_of_value(value: &str) -> usize {
    // A run of blanks is looked at once.
    let mut blank = false;
    for (at, c) in value.char_indices() {
        let behind = || value.get(at + c.len_utf8()..).unwrap_or("").trim_start();
        let separates = match c {
            ',' => true,
            ';' => behind().is_empty() || begins_pair(behind()),
            _ => c.is_whitespace() && !blank && begins_pair(behind()),
        };
        if separates {
            return at;
        }
        blank = c.is_whitespace();
    }
    value.len()
}

/// Whether text stands right after a closing quote that is meant to be of the value; a full stop is not.
fn goes_on(behind: &str) -> bool {
    let end = behind.find(|c: char| !is_word(c)).unwrap_or(behind.len());
    behind.get(..end).is_some_and(|word| word.contains(|c: char| c.is_ascii_alphanumeric() || c == '/'))
}

pub(super) fn begins_pair(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c == '_' || c.is_ascii_alphanumeric());
    rest.len() < text.len() && rest.trim_start().starts_with('=')
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn said_of(text: &str) -> Vec<String> {
        let text = once_expanded(text);
        let Ok(read) = pairs::parse(&text) else { return vec!["refused".to_owned()] };
        let read = read.iter().map(|pair| (&*pair.key, &*pair.value)).collect();
        differences(&pairs_meant(&text), &read).into_iter().map(|(_, message, _)| message).collect()
    }

    #[test]
    fn what_is_read_otherwise() {
        for (text, message) in [
            ("A=$PATH:/x", "A as '$', not '$PATH:/x': without quotes such a sign ends"),
            ("B=1,A=~/x", "A as '~', not '~/x': without quotes such a sign ends"),
            (
                "A=http://x?y=1",
                "A as 'http://x', not 'http://x?y=1': without quotes the value ends at '?'; the rest becomes a variable 'y'",
            ),
            (
                "A=abc#def,B=1,C=2",
                "A as 'abc', not 'abc#def': without quotes the value ends at '#'; B, C are not set at all",
            ),
            ("A=-Xmx512m -Xms1g", "A as '-Xmx512m', not '-Xmx512m -Xms1g': without quotes the value ends at the space"),
            ("A=50%%", "A as '50', not '50%': without quotes the value ends at '%'"),
            ("A='say \"hi\"'", "A as 'say \"hi', not 'say \"hi\"': it removes all quotes at both ends"),
            ("\"A\"=\"1\"", "the variable is called \"A\" with its quotes"),
            ("API_TOKEN=ab#cd", "a part of API_TOKEN only: without quotes the value ends at '#'"),
            ("A=%(here)s/x y", "A as '%(here)s/x', not '%(here)s/x y'"),
            ("A=\"x\"y", "A as 'x', not '\"x\"y'"),
        ] {
            let said = said_of(text);
            let says = |one: &String| one.trim_start_matches("Supervisor reads ").starts_with(message);
            assert!(matches!(said.as_slice(), [one] if says(one)), "{text}: {said:?}");
        }
    }

    /// All texts of up to seven of these characters: what is plain is read as it is meant.
    #[test]
    fn plain_lists_have_one_reading() {
        const SIGNS: [char; 9] = ['A', '=', '"', '\'', ',', ' ', ';', '#', '%'];
        let mut plain = 0;
        for number in 0..9_u32.pow(7) {
            let mut left = number;
            let signs = std::iter::from_fn(|| {
                let sign = SIGNS.get(usize::try_from(left.checked_sub(1)? % 9).ok()?);
                left = (left - 1) / 9;
                sign
            });
            let text: String = signs.collect();
            if is_plain(&text) {
                plain += 1;
                assert_eq!(said_of(&text), [""; 0], "{text}");
            }
        }
        assert!(plain > 1000, "{plain}");
    }

    #[test]
    fn what_is_read_as_it_is_meant() {
        for text in [
            "",
            "A=\"1\";B=\"2\"",
            "A=1;B=2",
            "A=\"1\",\n B='2',\n\n C=\"3\",",
            "A=\"1\" , B=2",
            "A='{\"a\": \"b\", \"c\": 1}',B=\"x=y,z=1\"",
            "LANG=en_US.UTF-8,P=/usr/bin:/bin,U=postgres://h/d",
            "A=\"%(ENV_A)s\",B=%(ENV_B)s/x:%(here)s",
            "A='',B=\"\"",
            "A=1,B=3,A=2",
            "A=\"a#b;c d$e\"",
            "A=é",
            "A=\"1\".",
        ] {
            assert_eq!(said_of(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_is_to_be_copied_is_exact() {
        const SEVERAL: &str = "Supervisor is not a shell: quote the value of P, and write variables as %(ENV_NAME)s.\n\
                               if a script fills the file in before supervisord starts, lint what it makes.";
        for (text, expected) in [
            ("P=$A:$AB", SEVERAL),
            (
                "P=${A}/b",
                "Supervisor is not a shell: write P=\"%(ENV_A)s/b\"\n\
                 if a script fills the file in before supervisord starts, lint what it makes.",
            ),
            ("P=a#b", "quote the value: P=\"a#b\""),
            ("P=$1", "put quotes around the value of P."),
            ("P=$A$(b)", SEVERAL),
        ] {
            let said = first_pair(text).map(|(pair, _)| help(&pair));
            assert_eq!(said.as_deref(), Some(expected), "{text}");
        }
    }
}
