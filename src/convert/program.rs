//! A process as every target sees it: what is run, as whom, when it is started again, how it is stopped, where its output goes.
//!
//! Values are effective (what `[supervisord]` supplies is in them) and know which option of which section made them and
//! whether it is written there; what is not known is named. No target's own words are used here.

use std::borrow::Cow;

use crate::keys::{Key, fcgi as f, process as p, program as k, supervisord as s};
use crate::model::address::Socket;
use crate::model::options::{FcgiOptions, ProcessOptions, ProgramOptions, SupervisordOptions};
use crate::model::signal::Signal;
use crate::model::value::{AutoRestart, ExitCodes, LogFile, Text, Variables};
use crate::model::{Config, Group, GroupKind, Process, State, Value};
use crate::python::integer::Integer;
use crate::python::{self, shlex};
use crate::secrets::Secrets;
use crate::well_known;

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
    /// Whether it was relative to supervisord's directory.
    pub joined: bool,
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
        /// Whether it was relative to supervisord's directory.
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
            user,
            environment,
            secrets: &config.secrets,
            open_files: floor(&s::MINFDS, minfds),
            processes: floor(&s::MINPROCS, minprocs),
        }
    }

    /// The umask with which supervisord opens log files; the usual one where that is not known.
    fn own_umask(&self) -> u16 {
        self.umask.known().filter(|_| !self.foreground).map_or(0o022, bits)
    }

    /// The directory that a daemonised supervisord enters.
    fn base(&self) -> Option<&'a str> {
        let directory = self.directory.known()?.as_deref()?;
        Some(directory).filter(|directory| directory.starts_with('/') && !self.foreground)
    }
}

impl<'a> Job<'a> {
    /// A process of a configuration. It is large, and a stack may be small.
    ///
    /// # Errors
    /// When a value is not known, or Supervisor refuses one (then no option is named).
    pub fn of(
        group: &'a Group<'a>,
        process: &'a Process<'a>,
        daemon: &Daemon<'a>,
    ) -> Result<Box<Self>, Vec<Unknown<'a>>> {
        let mut taker = Taker { section: process.program.section, unknown: Vec::new() };
        Self::take(group, process, daemon, &mut taker).ok_or(taker.unknown)
    }

    fn take(
        group: &'a Group<'a>,
        process: &'a Process<'a>,
        daemon: &Daemon<'a>,
        taker: &mut Taker<'a>,
    ) -> Option<Box<Self>> {
        let once = &process.program.options;
        // Without `..`, as above.
        let ProcessOptions {
            environment,
            directory,
            stdout_logfile,
            stdout_logfile_backups,
            stdout_logfile_maxbytes,
            stdout_syslog,
            stderr_logfile,
            stderr_logfile_backups,
            stderr_logfile_maxbytes,
            stderr_syslog,
            command,
            process_name,
        } = &process.options;
        let own = Own::take(once, taker);
        let name = taker.take(&p::PROCESS_NAME, process_name);
        let command = taker.take(&p::COMMAND, command);
        let directory = taker.take(&p::DIRECTORY, directory).and_then(|own| directory_of(own, daemon, taker));
        let user = taker.take(&k::USER, &once.user).and_then(|own| match own.value {
            Some(_) => Some(own),
            None => taker.supervisors(&s::USER, daemon.user),
        });
        let umask = taker.take(&k::UMASK, &once.umask).and_then(|own| umask_of(own, daemon, taker));
        let environment = taker.take(&p::ENVIRONMENT, environment);
        let inherited = taker.supervisors(&s::ENVIRONMENT, daemon.environment);
        let stdout = Stream::take(
            (&p::STDOUT_LOGFILE, stdout_logfile),
            [
                (&p::STDOUT_LOGFILE_MAXBYTES, stdout_logfile_maxbytes),
                (&p::STDOUT_LOGFILE_BACKUPS, stdout_logfile_backups),
                (&k::STDOUT_CAPTURE_MAXBYTES, &once.stdout_capture_maxbytes),
            ],
            [(&p::STDOUT_SYSLOG, stdout_syslog), (&k::STDOUT_EVENTS_ENABLED, &once.stdout_events_enabled)],
            daemon,
            taker,
        );
        // Supervisor ignores what else is said of a stream that is redirected.
        let redirected = once.redirect_stderr.known() == Some(&true);
        let stderr = (!redirected).then(|| {
            Stream::take(
                (&p::STDERR_LOGFILE, stderr_logfile),
                [
                    (&p::STDERR_LOGFILE_MAXBYTES, stderr_logfile_maxbytes),
                    (&p::STDERR_LOGFILE_BACKUPS, stderr_logfile_backups),
                    (&k::STDERR_CAPTURE_MAXBYTES, &once.stderr_capture_maxbytes),
                ],
                [(&p::STDERR_SYSLOG, stderr_syslog), (&k::STDERR_EVENTS_ENABLED, &once.stderr_events_enabled)],
                daemon,
                taker,
            )
        });
        let listener = match &group.kind {
            GroupKind::Fcgi(options) => Some(Listener::take(options, taker)),
            GroupKind::Group | GroupKind::Program | GroupKind::EventListener(_) => None,
        };
        let environment = variables(environment?, inherited?, daemon.secrets);
        let own = own?;
        Some(Box::new(Self {
            section: process.program.section,
            program: process.program.name,
            group: process.group,
            name: name?.map(|name| &**name),
            command: command_line(command?, daemon.secrets)?,
            directory: directory?,
            user: user?.map(|user| user.as_deref()),
            supervisors_user: daemon
                .user
                .known()
                .and_then(|user| user.as_deref())
                .filter(|user| !matches!(*user, "root" | "0")),
            umask: umask?,
            supervisors_umask: daemon.own_umask(),
            environment,
            serverurl: own.serverurl.map(|url| url.as_deref().filter(|url| !url.is_empty())),
            own,
            listener: listener.map_or(Some(None), |listener| listener.map(Some))?,
            stdout: stdout?,
            stderr: stderr.map_or(Some(None), |stderr| stderr.map(Some))?,
            open_files: daemon.open_files,
            processes: daemon.processes,
        }))
    }
}

fn command_line<'a>(
    command: Effective<'a, &'a Option<Text<'a>>>,
    secrets: &Secrets<'_>,
) -> Option<Effective<'a, CommandLine>> {
    let text = command.value.as_deref()?;
    let argv = shlex::split(text)
        .map(|words| words.into_iter().map(|word| word.text.into_owned()).collect())
        .map_err(|error| error.to_string());
    Some(command.with(CommandLine { argv, secret: secrets.stand_in(text) }))
}

/// The program's own directory, or that which a daemonised supervisord has entered.
fn directory_of<'a>(
    own: Effective<'a, &'a Option<Text<'a>>>,
    daemon: &Daemon<'a>,
    taker: &mut Taker<'a>,
) -> Option<Effective<'a, Option<Directory<'a>>>> {
    let plain = |path: &'a str| Directory { path: Cow::Borrowed(path), joined: false };
    let written = own.value.as_deref();
    if daemon.foreground || written.is_some_and(|directory| directory.starts_with(['/', '~'])) {
        return Some(own.with(written.map(plain)));
    }
    let theirs = taker.supervisors(&s::DIRECTORY, daemon.directory)?;
    Some(match (written, daemon.base()) {
        (written, None) => own.with(written.map(plain)),
        (Some(directory), Some(base)) => {
            own.with(Some(Directory { path: python::join(base, directory), joined: true }))
        }
        (None, Some(base)) => theirs.with(Some(plain(base))),
    })
}

/// The program's own umask, or that of a daemonised supervisord where it is not the usual one.
fn umask_of<'a>(
    own: Effective<'a, &'a Option<Integer>>,
    daemon: &Daemon<'a>,
    taker: &mut Taker<'a>,
) -> Option<Effective<'a, Option<u16>>> {
    if daemon.foreground || own.value.is_some() {
        return Some(own.map(|umask| umask.as_ref().map(bits)));
    }
    let theirs = taker.supervisors(&s::UMASK, daemon.umask)?.map(bits);
    Some(if theirs.value == 0o022 { own.with(None) } else { theirs.map(Some) })
}

/// The nine bits that `umask(2)` takes; `-7` is 0771 (two's complement, as Python hands it to C).
fn bits(umask: &Integer) -> u16 {
    let low = umask.to_i64().map_or(0, |umask| umask & 0o777);
    u16::try_from(low).unwrap_or_default()
}

/// Supervisor's own variables overlaid by the program's.
fn variables<'a>(
    own: Effective<'a, &'a Variables<'a>>,
    inherited: Effective<'a, &'a Variables<'a>>,
    secrets: &Secrets<'_>,
) -> Effective<'a, Vec<Variable<'a>>> {
    let variable = |section, name: Text<'a>, value: Text<'a>| {
        let secret = secrets.variable(name, value);
        Variable { name, value, section, secret }
    };
    let theirs = inherited.value.iter().map(|(name, value)| match own.value.get(name) {
        Some(value) => variable(own.section, name, value),
        None => variable(inherited.section, name, value),
    });
    let others = own.value.iter().filter(|(name, _)| !inherited.value.contains_key(name));
    let all = theirs.chain(others.map(|(name, value)| variable(own.section, name, value))).collect();
    own.with(all)
}

impl<'a> Stream<'a> {
    fn take(
        (key, logfile): (&'static Key, &'a Value<'a, LogFile<'a>>),
        numbers: [(&'static Key, &'a Value<'a, Integer>); 3],
        switches: [(&'static Key, &'a Value<'a, bool>); 2],
        daemon: &Daemon<'a>,
        taker: &mut Taker<'a>,
    ) -> Option<Self> {
        let destination = taker.take(key, logfile).map(|file| file.map(|file| Destination::of(file, daemon)));
        let [maxbytes, backups, capture] = numbers.map(|(key, value)| taker.take(key, value));
        let [syslog, events] = switches.map(|(key, value)| taker.take(key, value));
        Some(Self {
            destination: destination?,
            maxbytes: maxbytes?,
            backups: backups?,
            capture: capture?,
            syslog: syslog?,
            events: events?,
        })
    }
}

impl<'a> Destination<'a> {
    fn of(file: &'a LogFile<'a>, daemon: &Daemon<'a>) -> Self {
        match file {
            LogFile::Auto => Self::Auto,
            LogFile::None => Self::Nowhere,
            LogFile::Syslog => Self::Syslog,
            LogFile::Path(path) if matches!(&**path, "" | "/dev/null") => Self::Nowhere,
            LogFile::Path(path) if well_known::is_own_output(path) => {
                let error = well_known::descriptor(path).is_some_and(|(_, number)| number == "2");
                Self::Supervisors(if error { 2 } else { 1 })
            }
            LogFile::Path(path) => match daemon.base().filter(|_| !path.starts_with('/')) {
                Some(base) => Self::File { path: python::join(base, path), joined: true },
                None => Self::File { path: Cow::Borrowed(path), joined: false },
            },
        }
    }
}
