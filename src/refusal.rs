//! What Supervisor says when it refuses a file, and why; in the order in which it would meet the reasons.

use crate::python::percent::ExpandError;
use crate::source::Place;

/// One reason for which supervisord does not start, or our own limit.
#[derive(Clone, Debug)]
pub struct Refusal<'a> {
    /// How supervisord ends.
    pub exit: Exit,
    /// Supervisor's own message, to the letter, without the leading `Error: `.
    pub message: &'a str,
    /// What is wrong.
    pub cause: Cause,
    /// The text that causes it.
    pub place: Place,
    /// The section, as written.
    pub section: Option<&'a str>,
    /// The option, as Supervisor names it.
    pub option: Option<&'a str>,
    /// The value as written, after the includes; empty where the cause is no value.
    pub written: &'a str,
}

/// How supervisord ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Exit {
    /// It prints `Error: …` and exits with 2.
    Usage,
    /// It dies of an exception; the message is the last line of its traceback.
    Crash,
    /// Supervisor itself would run out of memory or time; the message is ours.
    Bound,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A byte that is not UTF-8.
    Undecodable,
    /// An option above all headers.
    NoHeader,
    /// A line without `=` and `:`.
    NoDelimiter,
    /// A line that begins with `=` or `:`.
    EmptyKey,
    /// No `[supervisord]` in a main file.
    NoSupervisord,
    /// `[include]` without `files`.
    NoIncludeFiles,
    /// An include pattern that the operating system cannot take (a NUL in it).
    IncludePattern,
    /// `%(name)s` with a name that the option does not know.
    UnknownName {
        /// The name.
        name: String,
        /// Whether it is the second of two expansions.
        second: bool,
    },
    /// A `%` that begins no expansion.
    Percent {
        /// Whether it is the second of two expansions.
        second: bool,
    },
    /// A value that the option's converter does not take.
    Value,
    /// An account that does not exist, or no directory: the host's answer.
    Host,
    /// A NUL in a name that is looked up, so that no host has it.
    Nul,
    /// A pair of `environment` that cannot be read.
    Pairs,
    /// A name with a character that it must not have.
    Name,
    /// `numprocs` above 1 without `%(process_num)` in `process_name`.
    ProcessNum,
    /// A group that names a program that is not there, or two of them.
    Member,
    /// A program without `command`.
    NoCommand,
    /// An option that the section needs is missing.
    Required,
    /// `stopasgroup` without `killasgroup`.
    KillAsGroup,
    /// What only an event listener can have wrong.
    EventListener(ListenerFault),
    /// `socket_owner` or `socket_mode` beside a socket that is no file.
    SocketOwned,
    /// Half a pair of user name and password.
    Credentials,
    /// An object reference that does not parse.
    Reference,
    /// Our own limit on what expansions make.
    Bound,
    /// Our own limit on what is read.
    Size,
    /// Our own limit on processes.
    Processes {
        /// How many there would be.
        count: String,
    },
}

/// What is wrong with an event listener.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListenerFault {
    /// It names no events.
    NoEvents,
    /// It names an event that there is not.
    UnknownEvent(String),
    /// `buffer_size` below 1.
    BufferSize,
    /// `redirect_stderr=true`.
    RedirectsStderr,
}

impl Cause {
    /// How supervisord ends of it, unless it dies of an exception.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if matches!(self, Self::Bound | Self::Size | Self::Processes { count: _ }) { Exit::Bound } else { Exit::Usage }
    }

    /// Whether the text of one option is refused for what it says, so that another text would be taken.
    #[must_use]
    pub fn is_of_the_text(&self) -> bool {
        match self {
            Self::Value
            | Self::SocketOwned
            | Self::Member
            | Self::EventListener(_)
            | Self::Name
            | Self::Reference
            | Self::Host
            | Self::Nul => true,
            Self::Undecodable
            | Self::NoHeader
            | Self::NoDelimiter
            | Self::EmptyKey
            | Self::NoSupervisord
            | Self::NoIncludeFiles
            | Self::IncludePattern
            | Self::UnknownName { .. }
            | Self::Percent { .. }
            | Self::Pairs
            | Self::ProcessNum
            | Self::NoCommand
            | Self::Required
            | Self::KillAsGroup
            | Self::Credentials
            | Self::Bound
            | Self::Size
            | Self::Processes { .. } => false,
        }
    }

    /// Why a host does not have what this text names.
    #[must_use]
    pub fn of_host(text: &str) -> Self {
        if text.contains('\0') { Self::Nul } else { Self::Host }
    }

    /// The cause of an expansion that failed; `second`: it was the second of two.
    #[must_use]
    pub fn of(error: &ExpandError, second: bool) -> Self {
        match error {
            ExpandError::Missing { name } => Self::UnknownName { name: name.clone(), second },
            ExpandError::Format { message: _ } => Self::Percent { second },
            ExpandError::Bound => Self::Bound,
        }
    }
}
