//! The kinds of sections, and the rows that each may have.

use super::{
    Key, Number, ctlplugin, eventlistener, fcgi, group, include, inet, process, program, rpcinterface, supervisorctl,
    supervisord, unix,
};

/// A kind of section that Supervisor or supervisorctl knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// `[supervisord]`.
    Supervisord,
    /// `[program:x]`.
    Program,
    /// `[eventlistener:x]`.
    EventListener,
    /// `[fcgi-program:x]`.
    FcgiProgram,
    /// `[group:x]`.
    Group,
    /// `[inet_http_server]`, and what else begins so.
    InetServer,
    /// `[unix_http_server]`, and what else begins so.
    UnixServer,
    /// `[supervisorctl]`.
    Supervisorctl,
    /// `[include]`.
    Include,
    /// `[rpcinterface:x]`.
    RpcInterface,
    /// `[ctlplugin:x]`.
    CtlPlugin,
}

/// The kinds with their names as the specification writes them, and their tables.
pub static KINDS: &[(SectionKind, &str, Tables)] = &[
    (SectionKind::Supervisord, "supervisord", &[supervisord::KEYS]),
    (SectionKind::Program, "program:x", &[program::KEYS, process::KEYS]),
    (SectionKind::EventListener, "eventlistener:x", &[program::KEYS, process::KEYS, eventlistener::KEYS]),
    (SectionKind::FcgiProgram, "fcgi-program:x", &[program::KEYS, process::KEYS, fcgi::KEYS]),
    (SectionKind::Group, "group:x", &[group::KEYS]),
    (SectionKind::InetServer, "inet_http_server", &[inet::KEYS]),
    (SectionKind::UnixServer, "unix_http_server", &[unix::KEYS]),
    (SectionKind::Supervisorctl, "supervisorctl", &[supervisorctl::KEYS]),
    (SectionKind::Include, "include", &[include::KEYS]),
    (SectionKind::RpcInterface, "rpcinterface:x", &[rpcinterface::KEYS]),
    (SectionKind::CtlPlugin, "ctlplugin:x", &[ctlplugin::KEYS]),
];

/// The rows that a section may have, table by table.
pub type Tables = &'static [&'static [&'static Key]];

impl SectionKind {
    /// The kind of the section called `name`; `None` where Supervisor knows no such section.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        // What stands before the colon tells most of them.
        let (prefix, rest) = name.split_once(':').map_or((name, None), |(prefix, rest)| (prefix, Some(rest)));
        match (prefix, rest) {
            ("program", Some(_)) => Some(Self::Program),
            ("eventlistener", Some(_)) => Some(Self::EventListener),
            ("fcgi-program", Some(_)) => Some(Self::FcgiProgram),
            ("group", Some(_)) => Some(Self::Group),
            ("rpcinterface", Some(_)) => Some(Self::RpcInterface),
            ("ctlplugin", Some(_)) => Some(Self::CtlPlugin),
            ("supervisord", None) => Some(Self::Supervisord),
            ("supervisorctl", None) => Some(Self::Supervisorctl),
            ("include", None) => Some(Self::Include),
            _ if name.starts_with("inet_http_server") => Some(Self::InetServer),
            _ if name.starts_with("unix_http_server") => Some(Self::UnixServer),
            _ => None,
        }
    }

    /// The rows that such a section may have.
    #[must_use]
    pub fn tables(self) -> Tables {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or(&[], |(.., tables)| tables)
    }

    /// The numbers of the options that such a section may have, one bit each.
    #[must_use]
    pub fn mask(self) -> u128 {
        const PROGRAM: u128 = program::MASK | process::MASK;
        match self {
            Self::Supervisord => supervisord::MASK,
            Self::Program => PROGRAM,
            Self::EventListener => PROGRAM | eventlistener::MASK,
            Self::FcgiProgram => PROGRAM | fcgi::MASK,
            Self::Group => group::MASK,
            Self::InetServer => inet::MASK,
            Self::UnixServer => unix::MASK,
            Self::Supervisorctl => supervisorctl::MASK,
            Self::Include => include::MASK,
            Self::RpcInterface => rpcinterface::MASK,
            Self::CtlPlugin => ctlplugin::MASK,
        }
    }

    /// The row of an option.
    #[must_use]
    pub fn key(self, number: Number) -> Option<&'static Key> {
        self.tables().iter().flat_map(|table| *table).find(|key| key.number == number).copied()
    }

    /// Whether such a section makes processes.
    #[must_use]
    pub fn makes_processes(self) -> bool {
        match self {
            Self::Program | Self::EventListener | Self::FcgiProgram => true,
            Self::Supervisord
            | Self::Group
            | Self::InetServer
            | Self::UnixServer
            | Self::Supervisorctl
            | Self::Include
            | Self::RpcInterface
            | Self::CtlPlugin => false,
        }
    }
}
