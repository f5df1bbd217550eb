//! A configuration as pitchfork reads it (`pitchfork_toml.rs` and `settings.rs` of 2.33.0), and its text.
//!
//! pitchfork ignores keys that it does not know, without a word, and takes `run` and `env` for templates of Tera: no value is
//! ever left to it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

/// What begins the file.
#[derive(Debug, Serialize)]
pub struct Head<'c> {
    /// What the names of all programs begin with, where pitchfork tells them from those of other files.
    pub namespace: &'c str,
    /// `[settings]`.
    pub settings: Settings<'c>,
}

/// `[settings]`.
#[derive(Debug, Serialize)]
pub struct Settings<'c> {
    /// `[settings.general]`.
    pub general: General<'c>,
    /// `[settings.supervisor]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervisor: Option<Supervisor<'c>>,
}

/// `[settings.general]`.
#[derive(Debug, Serialize)]
pub struct General<'c> {
    /// How often pitchfork looks for programs that have failed: a duration.
    pub interval: &'c str,
}

/// `[settings.supervisor]`.
#[derive(Debug, Serialize)]
pub struct Supervisor<'c> {
    /// Who runs the programs; without it, under sudo, the one who called sudo.
    pub user: &'c str,
}

/// One program: the table of all, with one entry.
#[derive(Debug, Serialize)]
pub struct Daemons<'c> {
    /// `[daemons.NAME]`.
    pub daemons: BTreeMap<&'c str, Daemon<'c>>,
}

/// `[daemons.NAME]`.
#[derive(Debug, Serialize)]
pub struct Daemon<'c> {
    /// The words, which no shell reads; each is a template.
    pub run: Vec<Cow<'c, str>>,
    /// The directory, absolute; without one that of the file. It is no template.
    pub dir: Cow<'c, str>,
    /// Whether it is started when pitchfork is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub boot_start: bool,
    /// Whether it is started again after an exit code that is not 0, for ever.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// Programs that are started before it, and stopped after it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub depends: Vec<&'c str>,
    /// How it is stopped.
    pub stop_signal: StopSignal,
    /// Variables; each value is a template.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<&'c str, Cow<'c, str>>,
}

/// How a program is stopped.
#[derive(Clone, Debug, Serialize)]
pub struct StopSignal {
    /// `HUP`, `INT`, `QUIT`, `TERM`, `USR1` or `USR2`, to the whole process group.
    pub signal: &'static str,
    /// How long until SIGKILL: `10s`.
    pub timeout: String,
}

/// The groups.
#[derive(Debug, Serialize)]
pub struct Groups<'c> {
    /// `[groups.NAME]`.
    pub groups: BTreeMap<String, Group<'c>>,
}

/// `[groups.NAME]`.
#[derive(Debug, Serialize)]
pub struct Group<'c> {
    /// Its programs.
    pub daemons: Vec<&'c str>,
}

/// A text as a template that gives it back: what begins an expression, a statement or a comment is an expression of its own.
#[must_use]
pub fn literal(text: &str) -> Cow<'_, str> {
    let begins = |at: usize| matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#'));
    let places: Vec<usize> = memchr::memchr_iter(b'{', text.as_bytes()).filter(|at| begins(*at)).collect();
    if places.is_empty() {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + places.len() * BRACE.len());
    let mut from = 0;
    for at in places {
        out.extend([text.get(from..at).unwrap_or_default(), BRACE]);
        from = at + 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.into()
}

/// What Tera makes `{` of.
const BRACE: &str = r#"{{ "{" }}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_template() {
        for (text, expected) in [
            ("", ""),
            ("{x} }} %} a{", "{x} }} %} a{"),
            ("{{x}}", r#"{{ "{" }}{x}}"#),
            ("{{{", r#"{{ "{" }}{{ "{" }}{"#),
            ("é{% raw %}{#", r#"é{{ "{" }}% raw %}{{ "{" }}#"#),
        ] {
            assert_eq!(literal(text), expected, "{text:?}");
        }
    }
}
