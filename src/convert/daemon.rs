//! What the Rust daemons share: the text of `/bin/sh` that makes a program start as supervisord starts it (facts 12).

pub mod launcher;
pub mod sh;
pub mod variables;

use std::fmt;

/// Why a program cannot be launched: the reason is the Display form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannotLaunch {
    /// No program to start.
    Empty,
    /// NUL in a word, a variable, a path or a name.
    Nul,
    /// Bytes that are not UTF-8: the files of the daemons are TOML, and TOML is UTF-8.
    Bytes,
    /// A variable without a name or with `=` in its name, which nothing can set; or one that a shell cannot hold, where a shell
    /// has to.
    Variable(String),
    /// An account with `:` in its name or without a name, or a number that no account can have.
    Account(String),
}

impl fmt::Display for CannotLaunch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the command is empty: Supervisor cannot start this either."),
            Self::Nul => f.write_str("a NUL character: Supervisor cannot start this either."),
            Self::Bytes => f.write_str("bytes that are not UTF-8 cannot be written in TOML."),
            Self::Variable(name) => write!(f, "no shell can set a variable called {name}."),
            Self::Account(name) => write!(f, "no account can be called {name}: Supervisor cannot start this either."),
        }
    }
}
