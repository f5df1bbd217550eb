//! What CPython does, in one place: with text, paths, integers, `%`, words of a shell and patterns of files. Nothing here
//! knows of Supervisor; each file is held against Python itself by tests.

pub mod filename;
pub mod glob;
pub mod integer;
mod number;
pub mod path;
pub mod percent;
pub mod shlex;
pub mod text;

/// A Python 3 that supervisord may run under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    minor: u8,
}

impl Version {
    /// Of `3.11`: from 3.8, the oldest that Debian 11 and RHEL 8 have, to 3.14.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let minor = text.strip_prefix("3.")?;
        let minor = minor.parse().ok().filter(|number: &u8| number.to_string() == minor && (8..=14).contains(number));
        minor.map(|minor| Self { minor })
    }

    /// How it finds the comment that cuts a line.
    #[must_use]
    pub fn cut(self) -> Cut {
        if self.minor < 13 { Cut::InRounds } else { Cut::AtFirst }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "3.{}", self.minor)
    }
}

/// How configparser finds the comment that cuts a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// Up to 3.12: the k-th of each marker together; the first round with a valid one decides.
    #[default]
    InRounds,
    /// From 3.13 on: the first valid marker.
    AtFirst,
}

pub use path::{abspath, basename, dirname, expanduser, join, normpath, relpath, split};
pub use text::{
    DecodeError, is_space, lower, lstrip, repr, repr_cut, rstrip, split_whitespace, strip, upper, utf8_error,
};
