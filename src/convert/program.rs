//! A process as every target sees it: what is run, as whom, when it is started again, how it is stopped, where its output goes.
//!
//! Values are effective (what `[supervisord]` supplies is in them) and know which option of which section made them and
//! whether it is written there; what is not known is named. No target's own words are used here.

mod take;

use std::borrow::Cow;

use crate::keys::{Key, fcgi as f, process as p, program as k, supervisord as s};
use crate::model::address::Socket;
use crate::model::options::{FcgiOptions, ProgramOptions, SupervisordOptions};
use crate::model::signal::Signal;
use crate::model::value::{AutoRestart, ExitCodes, Text, Variables};
use crate::model::{Config, State, Value};
use crate::python;
use crate::python::integer::Integer;
use crate::secrets::Secrets;

/// A value, and the option that it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Effective<'a, T> {
    /// The effective value.
    pub value: T,
    /// The section, as written: `program:web`, `supervisord`.
    pub section: &'a str,
    /// The option.
    pub key: &'static Key,
    /// Whether it is written there, or inherited from `[DEFAULT]`; otherwise it is Supervisor's default.
    pub written: bool,
}

impl<'a, T> Effective<'a, T> {
    /// The same option with another value.
    #[must_use]
    pub fn with<U>(&self, value: U) -> Effective<'a, U> {
        Effective { value, section: self.section, key: self.key, written: self.written }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Effective<'a, U> {
        Effective { value: change(self.value), section: self.section, key: self.key, written: self.written }
    }
}

/// An option that depends on what is not known here, and its section.
pub type Unknown<'a> = (&'a str, &'static Key);

/// Takes known values out of a section, and remembers those that are not.
struct Taker<'a> {
    section: &'a str,
    unknown: Vec<Unknown<'a>>,
}

impl<'a> Taker<'a> {
    fn take<T>(&mut self, key: &'static Key, value: &'a Value<'a, T>) -> Option<Effective<'a, &'a T>> {
        self.take_of(self.section, key, value)
    }

    fn supervisors<T>(&mut self, key: &'static Key, value: &'a Value<'a, T>) -> Option<Effective<'a, &'a T>> {
        self.take_of(SUPERVISORD, key, value)
    }

    fn take_of<T>(
        &mut self,
        section: &'a str,
        key: &'static Key,
        value: &'a Value<'a, T>,
    ) -> Option<Effective<'a, &'a T>> {
        match &value.state {
            State::Known(known) => Some(Effective { value: known, section, key, written: value.place().is_some() }),
            State::Unknown(_) => {
                self.unknown.push((section, key));
                None
            }
            // Said as Supervisor's refusal.
            State::Refused => None,
        }
    }
}

const SUPERVISORD: &str = "supervisord";

/// Makes a struct of known values from one of values. Each option stands here, to be handed on as it is or to be decided by
/// [`Job::of`]: without `..`, so that a new option does not compile until it is.
macro_rules! known {
    ($(#[$meta:meta])* $name:ident of $options:ident in $keys:ident { $($field:ident $key:ident: [$($type:tt)+],)* }
        but { $($beside:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name<'a> {
            $(
                #[doc = concat!("`", stringify!($field), "=`.")]
                pub $field: Effective<'a, &'a $($type)+>,
            )*
        }

        impl<'a> $name<'a> {
            // All are taken before the first that is missing ends it, so that all that is not known is named at once.
            fn take(options: &'a $options<'a>, taker: &mut Taker<'a>) -> Option<Self> {
                let $options { $($field,)* $($beside: _,)* } = options;
                $(let $field = taker.take(&$keys::$key, $field);)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

known! {
    /// What a program says of all its processes alike.
    Own of ProgramOptions in k {
        priority PRIORITY: [Integer],
        autostart AUTOSTART: [bool],
        autorestart AUTORESTART: [AutoRestart],
        startsecs STARTSECS: [Integer],
        startretries STARTRETRIES: [Integer],
        stopsignal STOPSIGNAL: [Signal],
        stopwaitsecs STOPWAITSECS: [Integer],
        stopasgroup STOPASGROUP: [bool],
        killasgroup KILLASGROUP: [bool],
        exitcodes EXITCODES: [ExitCodes],
        redirect_stderr REDIRECT_STDERR: [bool],
        numprocs NUMPROCS: [Integer],
        numprocs_start NUMPROCS_START: [Integer],
        serverurl SERVERURL: [Option<Text<'a>>],
    } but {
        user, umask, stdout_capture_maxbytes, stdout_events_enabled, stderr_capture_maxbytes, stderr_events_enabled,
    }
}

known! {
    /// The listening socket of an `[fcgi-program:x]`.
    Listener of FcgiOptions in f {
        socket SOCKET: [Option<Socket<'a>>],
        socket_backlog SOCKET_BACKLOG: [Option<Integer>],
        socket_owner SOCKET_OWNER: [Option<Text<'a>>],
        socket_mode SOCKET_MODE: [Option<Integer>],
    } but {}
}

/// One process.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The section that makes it: `program:web`.
    pub section: &'a str,
    /// The program's name.
    pub program: &'a str,
    /// The name of the group that it is in.
    pub group: &'a str,
    /// Its name.
    pub name: Effective<'a, &'a str>,
    /// What it shares with the other processes of its program.
    pub own: Own<'a>,
    /// The socket that it is handed as standard input; Supervisor gives a member of a `[group:x]` none.
    pub listener: Option<Listener<'a>>,
    /// What is run.
    pub command: Effective<'a, CommandLine>,
    /// The working directory.
    pub directory: Effective<'a, Option<Directory<'a>>>,
    /// Whether it is not known where the program starts: it has no directory, and nobody says where supervisord is started.
    pub adrift: bool,
    /// The account.
    pub user: Effective<'a, Option<&'a str>>,
    /// The account that supervisord itself has taken before, where that is not root.
    pub supervisors_user: Option<&'a str>,
    /// The umask's nine bits; none is the usual 022.
    pub umask: Effective<'a, Option<u16>>,
    /// The umask of supervisord itself, which opens the log files.
    pub supervisors_umask: u16,
    /// The variables that Supervisor adds, in its order.
    pub environment: Effective<'a, Vec<Variable<'a>>>,
    /// The control server that the process is told of; none is what Supervisor finds out itself.
    pub serverurl: Effective<'a, Option<&'a str>>,
    /// Standard output.
    pub stdout: Stream<'a>,
    /// Standard error; `None` where it goes where standard output goes.
    pub stderr: Option<Stream<'a>>,
    /// The least soft limit of open files.
    pub open_files: Effective<'a, Floor<'a>>,
    /// The least soft limit of processes.
    pub processes: Effective<'a, Floor<'a>>,
}

/// A working directory; relative where supervisord's is not known.
#[derive(Clone, Debug)]
pub struct Directory<'a> {
    /// Its path.
    pub path: Cow<'a, str>,
    /// Whether it was relative to the directory of `[supervisord]`.
    pub joined: bool,
}

/// Where supervisord is when it starts its programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base<'a> {
    /// In `directory=` of `[supervisord]`, which it enters when it daemonises.
    Own(Cow<'a, str>),
    /// Where it was started, which `--cwd` gives.
    Given(&'a str),
}

impl<'a> Base<'a> {
    /// A path that is relative to it, and whether it is the directory of `[supervisord]` that it was relative to.
    fn join(&self, path: &str) -> (Cow<'a, str>, bool) {
        match self {
            Self::Own(base) => (Cow::Owned(python::join(base, path).into_owned()), true),
            Self::Given(base) => (Cow::Owned(python::join(base, path).into_owned()), false),
        }
    }
}

/// What `command=` is.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// The words, or why there are none.
    pub argv: Result<Vec<String>, String>,
    /// Whether it holds a secret.
    pub secret: bool,
}

/// A variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: &'a str,
    /// The section whose `environment=` sets it.
    pub section: &'a str,
    /// Whether it must not stand where others can read it.
    pub secret: bool,
}

/// What Supervisor ignores where standard error goes where standard output goes.
pub static IGNORED: [&Key; 6] = [
    &p::STDERR_LOGFILE,
    &p::STDERR_LOGFILE_MAXBYTES,
    &p::STDERR_LOGFILE_BACKUPS,
    &p::STDERR_SYSLOG,
    &k::STDERR_CAPTURE_MAXBYTES,
    &k::STDERR_EVENTS_ENABLED,
];

/// One of the two output streams.
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    /// Where it goes.
    pub destination: Effective<'a, Destination<'a>>,
    /// The size at which a file is rotated; 0 is never.
    pub maxbytes: Effective<'a, &'a Integer>,
    /// How many rotated files are kept.
    pub backups: Effective<'a, &'a Integer>,
    /// Whether parts of it are captured and sent as events.
    pub capture: Effective<'a, &'a Integer>,
    /// Whether it goes to syslog (too).
    pub syslog: Effective<'a, &'a bool>,
    /// Whether all of it is sent as events.
    pub events: Effective<'a, &'a bool>,
}

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To a file that Supervisor names.
    Auto,
    /// Nowhere.
    Nowhere,
    /// To where supervisord's own output goes, by its descriptor: 1 for `/dev/stdout` and its like, 2 for `/dev/stderr`.
    Supervisors(u8),
    /// To syslog alone.
    Syslog,
    /// To a file; relative where supervisord's directory is not known.
    File {
        /// Its path.
        path: Cow<'a, str>,
        /// Whether it was relative to the directory of `[supervisord]`.
        joined: bool,
    },
}

/// A limit that Supervisor only ever raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor<'a> {
    /// The number.
    Known(&'a Integer),
    /// It depends on what is not known here; as written.
    Unknown(&'a str),
    /// The main file says it, and this is a fragment.
    Elsewhere,
}

/// What a process takes from `[supervisord]`.
#[derive(Clone, Debug)]
pub struct Daemon<'a> {
    /// In the foreground `umask` and `directory` do nothing.
    foreground: bool,
    umask: &'a Value<'a, Integer>,
    directory: &'a Value<'a, Option<Text<'a>>>,
    /// Where it is started, where that is known.
    cwd: Option<&'a str>,
    user: &'a Value<'a, Option<Text<'a>>>,
    environment: &'a Value<'a, Variables<'a>>,
    /// What is secret in the files.
    pub secrets: &'a Secrets<'a>,
    /// The least soft limit of open files.
    pub open_files: Effective<'a, Floor<'a>>,
    /// The least soft limit of processes.
    pub processes: Effective<'a, Floor<'a>>,
}

impl<'a> Daemon<'a> {
    /// Of a configuration.
    #[must_use]
    pub fn of(config: &'a Config<'a>) -> Self {
        // Without `..`: a new option does not compile until it is decided whether a program can see it.
        let SupervisordOptions {
            logfile: _,
            logfile_maxbytes: _,
            logfile_backups: _,
            loglevel: _,
            pidfile: _,
            umask,
            nodaemon,
            silent: _,
            minfds,
            minprocs,
            nocleanup: _,
            childlogdir: _,
            user,
            directory,
            strip_ansi: _,
            environment,
            identifier: _,
        } = &config.supervisord;
        let floor = |key: &'static Key, value: &'a Value<'a, Integer>| Effective {
            value: match &value.state {
                State::Known(_) if config.fragment => Floor::Elsewhere,
                State::Known(number) => Floor::Known(number),
                State::Unknown(written) => Floor::Unknown(written),
                State::Refused => Floor::Unknown(""),
            },
            section: SUPERVISORD,
            key,
            written: value.place().is_some(),
        };
        Self {
            foreground: nodaemon.known() == Some(&true),
            umask,
            directory,
            cwd: config.cwd,
            user,
            environment,
            secrets: &config.secrets,
            open_files: floor(&s::MINFDS, minfds),
            processes: floor(&s::MINPROCS, minprocs),
        }
    }
}
