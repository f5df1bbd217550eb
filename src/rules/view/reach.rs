//! What a stop of a program reaches: as rules see it, and as it is kept for all of them.

use crate::apps::{App, Children};

/// A program, and what stays between supervisord and it.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Stops {
    /// The application that does the work, if it is one that is known.
    pub app: Option<&'static App>,
    /// What that starts.
    pub children: Option<Children>,
    /// Whether supervisord sees it go: the command sends it to the background.
    pub leaves: bool,
    /// What stays before it.
    pub between: Between,
}

/// What a stop reaches, kept for all rules that ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub app: Option<&'static App>,
    pub children: Option<Children>,
    pub leaves: bool,
    /// Nothing where no command is known, or what it says is not what runs.
    pub between: Option<Between>,
}

/// What stays between supervisord and a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Between {
    /// Nothing, or something that passes signals on.
    Nothing,
    /// A shell, whose last command would replace it with `exec`.
    Shell,
    /// bash, which replaces itself by its last command in some versions.
    Bash,
    /// bash with a list in which the last command may not be what runs: `a || b`.
    Either,
    /// A shell that waits for a pipeline, or for children in the background: `exec` cannot help.
    Waits,
    /// A shell that goes on by itself, as in a loop.
    Goes,
    /// pidproxy, which hands the signal to the process that its file names and is over at once: no SIGKILL follows.
    Proxy,
    /// A wrapper that is no shell, or a shell that leaves at once.
    Other,
}
