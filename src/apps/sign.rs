//! Words of a command that say something of an application: a flag, a letter among flags, a flag with its value.

use std::fmt;

use crate::python::shlex::Word;

/// A word, or two, of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A word as it is.
    Word(&'static str),
    /// A flag, with a value behind `=` too, unless that says no.
    Flag(&'static str),
    /// A letter of a flag: the `D` of `-D`, and of `-eD` where `e` is among those that may be before it.
    Letter(char, &'static str),
    /// A flag and its value, in two words or in one.
    Pair(&'static str, &'static str),
    /// A flag with any value, in two words or in one.
    Value(&'static str),
    /// Some text in a word.
    Holds(&'static str),
}

impl Sign {
    /// Whether a command has it, behind its name.
    #[must_use]
    pub fn is_in(&self, words: &[Word<'_>]) -> bool {
        let mut words = words.iter().skip(1).map(|word| &*word.text);
        match *self {
            Self::Word(word) => words.any(|text| text == word),
            Self::Flag(flag) => words.any(|text| {
                text.strip_prefix(flag).is_some_and(|rest| {
                    rest.is_empty()
                        || rest.strip_prefix('=').is_some_and(|value| !matches!(value, "no" | "false" | "0" | "off"))
                })
            }),
            Self::Letter(letter, beside) => words.any(|text| {
                let letters = text.strip_prefix('-').and_then(|letters| letters.split_once(letter));
                letters.is_some_and(|(before, _)| before.chars().all(|c| beside.contains(c)))
            }),
            Self::Pair(flag, wanted) => {
                let mut before = "";
                words.any(|text| {
                    let joined = text.strip_prefix(flag).map(|rest| rest.strip_prefix('=').unwrap_or(rest));
                    let found = (before == flag && text == wanted) || joined == Some(wanted);
                    before = text;
                    found
                })
            }
            Self::Value(flag) => {
                words.any(|text| text.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
            }
            Self::Holds(part) => words.any(|text| text.contains(part)),
        }
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) | Self::Flag(word) | Self::Value(word) | Self::Holds(word) => f.write_str(word),
            Self::Letter(letter, _) => write!(f, "-{letter}"),
            Self::Pair(flag, value) => write!(f, "{flag} {value}"),
        }
    }
}

/// The value of a flag of a command: the next word, or what is behind `=`, or behind the letter of a short one.
#[must_use]
pub fn value<'w>(flag: &str, words: &'w [Word<'_>]) -> Option<&'w str> {
    let mut words = words.iter().skip(1).map(|word| &*word.text);
    let short = flag.len() == 2;
    while let Some(text) = words.next() {
        match text.strip_prefix(flag) {
            Some("") => return words.next(),
            Some(rest) if rest.starts_with('=') => return rest.get(1..),
            Some(rest) if short => return Some(rest),
            Some(_) | None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::shlex::split;

    #[test]
    fn signs() {
        for (sign, command, found) in [
            (Sign::Word("start"), "zkServer.sh start", true),
            (Sign::Word("start"), "start run", false),
            (Sign::Flag("--daemon"), "a --daemon", true),
            (Sign::Flag("--daemon"), "a --daemon=true", true),
            (Sign::Flag("--daemon"), "a --daemon=no", false),
            (Sign::Flag("--daemon"), "a --daemonize", false),
            (Sign::Letter('D', "e"), "sshd -D", true),
            (Sign::Letter('D', "e"), "sshd -eD", true),
            (Sign::Letter('D', "e"), "sshd -oDenyUsers=x", false),
            (Sign::Letter('D', "e"), "sshd --Debug", false),
            (Sign::Pair("--daemonize", "yes"), "redis-server --daemonize yes", true),
            (Sign::Pair("--daemonize", "yes"), "redis-server --daemonize=yes", true),
            (Sign::Pair("--daemonize", "yes"), "redis-server --daemonize no", false),
            (Sign::Pair("-k", "start"), "httpd -kstart", true),
            (Sign::Value("-d"), "slapd -d 0", true),
            (Sign::Value("--workers"), "uvicorn --workers=4", true),
            (Sign::Value("--workers"), "uvicorn --workers-x=4", false),
            (Sign::Holds("daemon off"), "nginx -g 'daemon off;'", true),
        ] {
            assert_eq!(split(command).map(|words| sign.is_in(&words)), Ok(found), "{sign:?} in {command}");
        }
    }

    #[test]
    fn values() {
        for (flag, command, found) in [
            ("-t", "sidekiq -t 60", Some("60")),
            ("-t", "sidekiq -t60", Some("60")),
            ("--timeout", "sidekiq --timeout=60", Some("60")),
            ("--timeout", "sidekiq --timeout-x=60", None),
            ("--user", "mysqld --user mysql", Some("mysql")),
            ("-u", "named -u", None),
            ("-u", "-u a", None),
        ] {
            assert_eq!(split(command).as_deref().map(|words| value(flag, words)), Ok(found), "{flag} of {command}");
        }
    }
}
