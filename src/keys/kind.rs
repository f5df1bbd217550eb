//! The kinds of values: Supervisor's converters by name.

/// Supervisor's converter of an option (`datatypes.py`, `options.py`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Python's `int()`.
    Integer,
    /// A whole number from 1 on.
    Positive,
    /// A whole number from 1 to 65535.
    Backlog,
    /// Bytes, or a number with `kb`, `mb` or `gb` after it.
    ByteSize,
    /// `int(text, 8)`.
    Octal,
    /// One of eight words.
    Boolean,
    /// A boolean or `unexpected`.
    AutoRestart,
    /// The name or the number of a signal.
    Signal,
    /// Numbers from 0 to 255 between commas.
    ExitCodes,
    /// The name of a level.
    LoggingLevel,
    /// `[host:]port`.
    InetAddress,
    /// `unix://` and a path, or `tcp://` and an address.
    FcgiSocket,
    /// A path whose directory exists.
    ExistingDirpath,
    /// A directory.
    ExistingDirectory,
    /// A path, `~` expanded, made absolute.
    Path,
    /// A path, or one of the words `AUTO`, `NONE`, `syslog`.
    Logfile,
    /// An account of the host.
    User,
    /// An account of the host, asked for after everything else is read.
    UserLate,
    /// An account and perhaps a group of the host.
    UserAndGroup,
    /// `NAME=value` between commas.
    Pairs,
    /// Any text.
    String,
    /// Any text; checked as a url where the command line gives it.
    ServerUrl,
    /// The name of a process, expanded for each.
    NameTemplate,
    /// Names of events between commas.
    Events,
    /// Texts between commas.
    Members,
    /// `module:attribute` of Python.
    Reference,
    /// Patterns of paths, separated by white space.
    Globs,
}

impl Kind {
    /// What the specification calls it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Positive => "integer >= 1",
            Self::Backlog => "integer 1..65535",
            Self::ByteSize => "byte_size",
            Self::Octal => "octal",
            Self::Boolean => "boolean",
            Self::AutoRestart => "auto_restart",
            Self::Signal => "signal",
            Self::ExitCodes => "exit_codes",
            Self::LoggingLevel => "logging_level",
            Self::InetAddress => "inet_address",
            Self::FcgiSocket => "fcgi_socket",
            Self::ExistingDirpath => "existing_dirpath",
            Self::ExistingDirectory => "existing_directory",
            Self::Path => "path",
            Self::Logfile => "logfile",
            Self::User => "user",
            Self::UserLate => "user (validated late)",
            Self::UserAndGroup => "user[:group]",
            Self::Pairs => "key_value_pairs",
            Self::String => "string",
            Self::ServerUrl => "string (url only on the command line)",
            Self::NameTemplate => "name template",
            Self::Events => "event list",
            Self::Members => "comma list",
            Self::Reference => "object reference",
            Self::Globs => "globs",
        }
    }

    /// Whether the value names an account.
    #[must_use]
    pub fn is_account(self) -> bool {
        matches!(self, Self::User | Self::UserLate | Self::UserAndGroup)
    }

    /// Whether the value is a text in which a word of a shell may stand, such as `${HOME}`.
    #[must_use]
    pub fn holds_words(self) -> bool {
        match self {
            Self::ExistingDirpath
            | Self::ExistingDirectory
            | Self::Path
            | Self::Logfile
            | Self::User
            | Self::UserLate
            | Self::UserAndGroup
            | Self::Pairs
            | Self::String
            | Self::ServerUrl
            | Self::NameTemplate
            | Self::Globs => true,
            Self::Integer
            | Self::Positive
            | Self::Backlog
            | Self::ByteSize
            | Self::Octal
            | Self::Boolean
            | Self::AutoRestart
            | Self::Signal
            | Self::ExitCodes
            | Self::LoggingLevel
            | Self::InetAddress
            | Self::FcgiSocket
            | Self::Events
            | Self::Members
            | Self::Reference => false,
        }
    }
}
