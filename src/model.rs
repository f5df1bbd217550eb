//! What a configuration means: Supervisor's own objects, typed and expanded, each value with its origin.

pub mod address;
pub mod evaluate;
pub mod host;
pub mod log_room;
pub mod options;
pub mod signal;
pub mod value;

use std::ops::Deref;
use std::rc::Rc;

use crate::python::integer::Integer;
use crate::refusal::Refusal;
use crate::secrets::Secrets;
use crate::source::Place;
use options::{
    EventListenerOptions, FcgiOptions, InetServerOptions, ProcessOptions, ProgramOptions, SupervisordOptions,
    UnixServerOptions,
};
use value::{LogFile, Text, Variables};

/// A value and where it comes from. Most are Supervisor's defaults, which all sections share: a file may have a hundred thousand
/// programs, of whose options a few are written.
#[derive(Clone, Debug)]
pub struct Value<'a, T>(Held<'a, T>);

#[derive(Clone, Debug)]
enum Held<'a, T> {
    Shared(&'a Content<'a, T>),
    Own(Box<Content<'a, T>>),
}

/// What a value is.
#[derive(Clone, Debug)]
pub struct Content<'a, T> {
    /// Where it comes from.
    pub origin: Origin,
    /// What is known of it.
    pub state: State<'a, T>,
}

impl<'a, T> Deref for Value<'a, T> {
    type Target = Content<'a, T>;

    fn deref(&self) -> &Self::Target {
        match &self.0 {
            Held::Shared(content) => content,
            Held::Own(content) => content,
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The section says nothing: Supervisor's default.
    Default,
    /// Written in the section.
    Written(Place),
    /// Written in `[DEFAULT]`.
    Inherited(Place),
}

impl Origin {
    /// The text that made the value, if one did.
    #[must_use]
    pub fn place(self) -> Option<Place> {
        match self {
            Self::Default => None,
            Self::Written(place) | Self::Inherited(place) => Some(place),
        }
    }
}

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State<'a, T> {
    /// The value.
    Known(T),
    /// It depends on what is not known here; the text as written.
    Unknown(Text<'a>),
    /// Supervisor refuses it.
    Refused,
}

impl<'a, T> Value<'a, T> {
    /// A value of its own.
    #[must_use]
    pub fn new(origin: Origin, state: State<'a, T>) -> Self {
        Self(Held::Own(Content { origin, state }.into()))
    }

    /// The default.
    #[must_use]
    pub fn default_of(value: T) -> Self {
        Self::new(Origin::Default, State::Known(value))
    }

    /// Of an option that the section needs and lacks here: another file, that was not read, may have it.
    #[must_use]
    pub fn elsewhere() -> Self {
        Self::new(Origin::Default, State::Unknown(""))
    }

    /// Whether it is that of an option that the section lacks, and that a file which was not read may have.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.origin == Origin::Default && matches!(self.state, State::Unknown(""))
    }

    /// The value, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match &self.state {
            State::Known(value) => Some(value),
            State::Unknown(_) | State::Refused => None,
        }
    }

    /// The text that made it, if one did.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.origin.place()
    }

    /// The same with the known value changed.
    #[must_use]
    pub fn map<U>(&self, change: impl FnOnce(&T) -> U) -> Value<'a, U> {
        let state = match &self.state {
            State::Known(value) => State::Known(change(value)),
            State::Unknown(text) => State::Unknown(text),
            State::Refused => State::Refused,
        };
        Value::new(self.origin, state)
    }
}

/// The whole configuration.
#[derive(Debug)]
pub struct Config<'a> {
    /// The path as Supervisor has it.
    pub path: Text<'a>,
    /// The path as reports print it: the one that opens.
    pub called: Text<'a>,
    /// Whether this is a file that another one includes.
    pub fragment: bool,
    /// Whether includes were left unread.
    pub incomplete: bool,
    /// The directory that supervisord is started in, which relative paths depend on, where that is known.
    pub cwd: Option<Text<'a>>,
    /// `[supervisord]`; in a fragment that of an empty section.
    pub supervisord: SupervisordOptions<'a>,
    /// Its header; `None` if there is none.
    pub header: Option<Place>,
    /// Groups in Supervisor's order: by priority, then by name.
    pub groups: Vec<Group<'a>>,
    /// `[inet_http_server*]`.
    pub inet_servers: Vec<InetServer<'a>>,
    /// `[unix_http_server*]`.
    pub unix_servers: Vec<UnixServer<'a>>,
    /// `[rpcinterface:x]`.
    pub rpcinterfaces: Vec<RpcInterface<'a>>,
    /// The files that Supervisor says it included.
    pub includes: Vec<Text<'a>>,
    /// Why Supervisor refuses it, in the order in which it would meet the reasons.
    pub refusals: Vec<Refusal<'a>>,
    /// Supervisor's own warnings.
    pub warnings: Vec<String>,
    /// What is secret in its files.
    pub secrets: Secrets<'a>,
}

/// What `supervisorctl` calls a group; each program that is in none makes one of its own.
#[derive(Debug)]
pub struct Group<'a> {
    /// What made it.
    pub kind: GroupKind<'a>,
    /// Its name.
    pub name: Text<'a>,
    /// The section that made it.
    pub section: Text<'a>,
    /// The header of that section.
    pub header: Place,
    /// Its priority among the groups.
    pub priority: Value<'a, Integer>,
    /// Its processes, in Supervisor's order.
    pub processes: Vec<Process<'a>>,
}

/// What made a group.
#[derive(Debug)]
pub enum GroupKind<'a> {
    /// `[group:x]`.
    Group,
    /// `[program:x]`.
    Program,
    /// `[eventlistener:x]`.
    EventListener(Box<EventListenerOptions<'a>>),
    /// `[fcgi-program:x]`.
    Fcgi(Box<FcgiOptions<'a>>),
}

impl GroupKind<'_> {
    /// The kind of section.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Program => "program",
            Self::EventListener(_) => "eventlistener",
            Self::Fcgi(_) => "fcgi-program",
        }
    }
}

/// A section that makes processes.
#[derive(Debug)]
pub struct Program<'a> {
    /// The section, as written: `program:web`.
    pub section: Text<'a>,
    /// Its header.
    pub header: Place,
    /// The name of the program.
    pub name: Text<'a>,
    /// What is read once for all processes.
    pub options: ProgramOptions<'a>,
}

/// One process.
#[derive(Debug)]
pub struct Process<'a> {
    /// The program that it belongs to.
    pub program: Rc<Program<'a>>,
    /// The name of the group.
    pub group: Text<'a>,
    /// What is read for each process; `process_name` is the name.
    pub options: ProcessOptions<'a>,
}

impl<'a> Process<'a> {
    /// Where standard error goes: nowhere of its own if it is redirected (`_processes_from_section`).
    #[must_use]
    pub fn stderr_logfile(&self) -> &State<'a, LogFile<'a>> {
        if self.program.options.redirect_stderr.known() == Some(&true) {
            &State::Known(LogFile::None)
        } else {
            &self.options.stderr_logfile.state
        }
    }

    /// The environment that supervisord adds: its own, overlaid by the program's. `None` where it is not known.
    #[must_use]
    pub fn environment(&self, supervisord: &SupervisordOptions<'a>) -> Option<Variables<'a>> {
        let mut all = supervisord.environment.known()?.clone();
        for (name, value) in self.options.environment.known()?.iter() {
            all.insert(name, value);
        }
        Some(all)
    }
}

/// A TCP control server.
#[derive(Debug)]
pub struct InetServer<'a> {
    /// The section, as written.
    pub section: Text<'a>,
    /// Its header.
    pub header: Place,
    /// Its options.
    pub options: InetServerOptions<'a>,
}

/// A unix control server.
#[derive(Debug)]
pub struct UnixServer<'a> {
    /// The section, as written.
    pub section: Text<'a>,
    /// Its header.
    pub header: Place,
    /// Its options.
    pub options: UnixServerOptions<'a>,
}

/// An RPC namespace.
#[derive(Debug)]
pub struct RpcInterface<'a> {
    /// The section, as written.
    pub section: Text<'a>,
    /// Its header.
    pub header: Place,
    /// What stands after the colon.
    pub name: Text<'a>,
    /// The factory.
    pub factory: Value<'a, Text<'a>>,
    /// The arguments of the factory, those of `[DEFAULT]` included.
    pub arguments: Vec<(Text<'a>, Value<'a, Text<'a>>)>,
}
