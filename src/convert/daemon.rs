//! What the Rust daemons share: the text of `/bin/sh` that makes a program start as supervisord starts it (facts 12).

pub(crate) mod constants;
pub(crate) mod draft;
pub mod launcher;
mod listener;
mod logs;
pub(crate) mod names;
pub(crate) mod priorities;
pub(crate) mod programs;
pub(crate) mod readme;
pub(crate) mod secret;
pub mod sh;
pub(crate) mod start;
pub mod variables;

use std::fmt;

/// What a daemon does to every program.
pub(crate) struct Habits {
    /// How it is called.
    pub name: &'static str,
    /// Where output goes that it is told nothing of.
    pub own_output: &'static str,
    /// Whether that is its own standard output and error.
    pub hands_on_output: bool,
    /// The variables that it adds or is started with; Supervisor's programs have none of them.
    pub sets: &'static [&'static str],
    /// Whether its own umask changes while it starts programs, so that each has to be told the usual one.
    pub changes_umask: bool,
    /// Where it starts a program that has no directory.
    pub starts_in: &'static str,
    /// What becomes of the groups.
    pub groups: &'static str,
}

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
