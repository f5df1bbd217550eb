//! From a configuration to its processes as targets see them: what is inherited is filled in, what is not known is named.

use super::{
    Command, Destination, Directory, Floor, Listener, Process, Restart, Setting, Stop, Stream, Unknown, Variable,
    repeated,
};
use crate::keys::{Key, fcgi as f, process as p, program as k, supervisord as s};
use crate::model::options::{FcgiOptions, ProcessOptions, ProgramOptions, SupervisordOptions};
use crate::model::signal::Signal;
use crate::model::value::{AutoRestart, ExitCodes, LogFile, Text};
use crate::model::{self, Config, Group, GroupKind, State, Value};
use crate::python;
use crate::python::integer::Integer;
use crate::python::shlex;
use crate::secrets;
use crate::source::Sources;
use crate::well_known;

/// What a process takes from `[supervisord]`.
#[derive(Clone, Debug)]
pub struct Daemon<'a> {
    sources: &'a Sources,
    /// In the foreground `umask` and `directory` do nothing.
    foreground: bool,
    umask: Value<'a, Integer>,
    directory: Value<'a, Option<Text<'a>>>,
    user: Value<'a, Option<Text<'a>>>,
    environment: Value<'a, model::value::Variables<'a>>,
    /// The least soft limit of open files.
    pub open_files: Setting<'a, Floor<'a>>,
    /// The least soft limit of processes.
    pub processes: Setting<'a, Floor<'a>>,
}

impl<'a> Daemon<'a> {
    /// Of a configuration.
    #[must_use]
    pub fn of(config: &Config<'a>) -> Self {
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
        let floor = |key: &'static Key, value: &Value<'a, Integer>| Setting {
            value: match &value.state {
                State::Known(_) if config.fragment => Floor::Elsewhere,
                State::Known(number) => Floor::Known(number.clone()),
                State::Unknown(written) => Floor::Unknown(written),
                State::Refused => Floor::Unknown("".into()),
            },
            section: "supervisord".into(),
            option: key.name,
            written: value.place().is_some(),
        };
        Self {
            sources: config.sources,
            foreground: nodaemon.known() == Some(&true),
            umask: umask.clone(),
            directory: directory.clone(),
            user: user.clone(),
            environment: environment.clone(),
            open_files: floor(&s::MINFDS, minfds),
            processes: floor(&s::MINPROCS, minprocs),
        }
    }

    /// The umask with which supervisord opens log files; the usual one where that is not known.
    fn own_umask(&self) -> u16 {
        self.umask.known().filter(|_| !self.foreground).map_or(0o022, bits)
    }

    /// The directory that a daemonised supervisord enters.
    fn base(&self) -> Option<&Text<'a>> {
        let directory = self.directory.known()?.as_ref()?;
        Some(directory).filter(|directory| directory.starts_with('/') && !self.foreground)
    }
}

/// Takes values out of a section and keeps what is not known.
struct Taker<'a> {
    section: Text<'a>,
    unknown: Unknown<'a>,
}

impl<'a> Taker<'a> {
    fn take<T: Clone>(&mut self, key: &'static Key, value: &Value<'a, T>) -> Option<Setting<'a, T>> {
        self.take_of(self.section, key, value)
    }

    fn take_of<T: Clone>(
        &mut self,
        section: Text<'a>,
        key: &'static Key,
        value: &Value<'a, T>,
    ) -> Option<Setting<'a, T>> {
        match &value.state {
            State::Known(known) => Some(Setting {
                value: known.clone(),
                section: section,
                option: key.name,
                written: value.place().is_some(),
            }),
            State::Unknown(_) => {
                self.unknown.options.push((section, key.name));
                None
            }
            // Said as Supervisor's refusal.
            State::Refused => None,
        }
    }
}

/// The keys and values of one stream.
struct StreamOf<'v, 'a> {
    logfile: (&'static Key, &'v Value<'a, LogFile<'a>>),
    maxbytes: (&'static Key, &'v Value<'a, Integer>),
    backups: (&'static Key, &'v Value<'a, Integer>),
    syslog: (&'static Key, &'v Value<'a, bool>),
    capture: (&'static Key, &'v Value<'a, Integer>),
    events: (&'static Key, &'v Value<'a, bool>),
}

impl<'a> Process<'a> {
    /// A process of a configuration.
    ///
    /// # Errors
    /// When a value is not known, or Supervisor refuses one (then no option is named).
    pub fn of(group: &Group<'a>, process: &model::Process<'a>, daemon: &Daemon<'a>) -> Result<Self, Unknown<'a>> {
        let mut taker = Taker { section: process.program.section, unknown: Unknown::default() };
        Self::take(group, process, daemon, &mut taker).ok_or(taker.unknown)
    }

    #[expect(clippy::too_many_lines, reason = "a line an option")]
    fn take(
        group: &Group<'a>,
        process: &model::Process<'a>,
        daemon: &Daemon<'a>,
        taker: &mut Taker<'a>,
    ) -> Option<Self> {
        // Without `..`: a new option does not compile until it is decided what becomes of it.
        let ProgramOptions {
            priority,
            autostart,
            autorestart,
            startsecs,
            startretries,
            stopsignal,
            stopwaitsecs,
            stopasgroup,
            killasgroup,
            exitcodes,
            redirect_stderr,
            numprocs,
            numprocs_start,
            stdout_capture_maxbytes,
            stdout_events_enabled,
            stderr_capture_maxbytes,
            stderr_events_enabled,
            serverurl,
            user,
            umask,
        } = &process.program.options;
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
        // All are taken before the first that is missing ends it, so that all that is not known is named at once.
        let name = taker.take(&p::PROCESS_NAME, process_name);
        let numprocs = taker.take(&k::NUMPROCS, numprocs);
        let numprocs_start = taker.take(&k::NUMPROCS_START, numprocs_start);
        let priority = taker.take(&k::PRIORITY, priority);
        let autostart = taker.take(&k::AUTOSTART, autostart);
        let restart = Restart::take(taker, autorestart, exitcodes, startsecs, startretries);
        let stop = Stop::take(taker, stopsignal, stopwaitsecs, stopasgroup, killasgroup);
        let command = taker.take(&p::COMMAND, command);
        let directory = taker.take(&p::DIRECTORY, directory).and_then(|own| directory_of(&own, daemon, taker));
        let user = taker.take(&k::USER, user).and_then(|own| match own.value {
            Some(_) => Some(own),
            None => taker.take_of("supervisord", &s::USER, &daemon.user),
        });
        let umask = taker.take(&k::UMASK, umask).and_then(|own| umask_of(own, daemon, taker));
        let environment = taker.take(&p::ENVIRONMENT, environment);
        let inherited = taker.take_of("supervisord", &s::ENVIRONMENT, &daemon.environment);
        let serverurl = taker.take(&k::SERVERURL, serverurl);
        let redirect_stderr = taker.take(&k::REDIRECT_STDERR, redirect_stderr);
        let stdout = StreamOf {
            logfile: (&p::STDOUT_LOGFILE, stdout_logfile),
            maxbytes: (&p::STDOUT_LOGFILE_MAXBYTES, stdout_logfile_maxbytes),
            backups: (&p::STDOUT_LOGFILE_BACKUPS, stdout_logfile_backups),
            syslog: (&p::STDOUT_SYSLOG, stdout_syslog),
            capture: (&k::STDOUT_CAPTURE_MAXBYTES, stdout_capture_maxbytes),
            events: (&k::STDOUT_EVENTS_ENABLED, stdout_events_enabled),
        };
        let stderr = StreamOf {
            logfile: (&p::STDERR_LOGFILE, stderr_logfile),
            maxbytes: (&p::STDERR_LOGFILE_MAXBYTES, stderr_logfile_maxbytes),
            backups: (&p::STDERR_LOGFILE_BACKUPS, stderr_logfile_backups),
            syslog: (&p::STDERR_SYSLOG, stderr_syslog),
            capture: (&k::STDERR_CAPTURE_MAXBYTES, stderr_capture_maxbytes),
            events: (&k::STDERR_EVENTS_ENABLED, stderr_events_enabled),
        };
        let redirected = redirect_stderr.as_ref().is_some_and(|redirect| redirect.value);
        let stdout = Stream::take(&stdout, daemon, taker);
        // Supervisor ignores what else is said of a stream that is redirected.
        let stderr = if redirected { Some(None) } else { Stream::take(&stderr, daemon, taker).map(Some) };
        let socket = Listener::of(group, taker);
        let environment = variables(&environment?, &inherited?);
        Some(Self {
            section: process.program.section,
            program: process.program.name,
            group: process.group,
            grouped: matches!(group.kind, GroupKind::Group),
            socket: socket?,
            name: name?,
            numprocs: numprocs?,
            numprocs_start: numprocs_start?,
            priority: priority?,
            autostart: autostart?,
            command: Command::of(&command?, &environment.value)?,
            directory: directory?,
            user: user?,
            supervisors_user: daemon.user.known().cloned().flatten().filter(|user| !matches!(&**user, "root" | "0")),
            umask: umask?,
            supervisors_umask: daemon.own_umask(),
            environment,
            serverurl: serverurl?.map(|url| url.filter(|url| !url.is_empty())),
            restart: restart?,
            stop: stop?,
            stdout: stdout?,
            stderr: stderr?,
            redirect_stderr: redirect_stderr?,
            open_files: daemon.open_files.clone(),
            processes: daemon.processes.clone(),
        })
    }
}

impl<'a> Listener<'a> {
    /// The inner `None`: a group without a socket; Supervisor gives a member of a `[group:x]` none.
    #[expect(clippy::option_option, reason = "none, and not known, are two answers")]
    fn of(group: &Group<'a>, taker: &mut Taker<'a>) -> Option<Option<Self>> {
        match &group.kind {
            GroupKind::Fcgi(options) => Self::take(options, taker).map(Some),
            GroupKind::Group | GroupKind::Program | GroupKind::EventListener(_) => Some(None),
        }
    }

    fn take(options: &FcgiOptions<'a>, taker: &mut Taker<'a>) -> Option<Self> {
        let FcgiOptions { socket, socket_backlog, socket_owner, socket_mode } = options;
        let address = taker.take(&f::SOCKET, socket);
        let owner = taker.take(&f::SOCKET_OWNER, socket_owner);
        let mode = taker.take(&f::SOCKET_MODE, socket_mode);
        let backlog = taker.take(&f::SOCKET_BACKLOG, socket_backlog);
        let address = address?;
        let given = address.value.clone()?;
        Some(Self { address: address.with(given), owner: owner?, mode: mode?, backlog: backlog? })
    }
}

impl<'a> Restart<'a> {
    fn take(
        taker: &mut Taker<'a>,
        policy: &Value<'a, AutoRestart>,
        exitcodes: &Value<'a, ExitCodes>,
        startsecs: &Value<'a, Integer>,
        startretries: &Value<'a, Integer>,
    ) -> Option<Self> {
        let policy = taker.take(&k::AUTORESTART, policy);
        let exitcodes = taker.take(&k::EXITCODES, exitcodes);
        let startsecs = taker.take(&k::STARTSECS, startsecs);
        let startretries = taker.take(&k::STARTRETRIES, startretries);
        Some(Self { policy: policy?, exitcodes: exitcodes?, startsecs: startsecs?, startretries: startretries? })
    }
}

impl<'a> Stop<'a> {
    fn take(
        taker: &mut Taker<'a>,
        signal: &Value<'a, Signal>,
        wait: &Value<'a, Integer>,
        as_group: &Value<'a, bool>,
        kill_as_group: &Value<'a, bool>,
    ) -> Option<Self> {
        let signal = taker.take(&k::STOPSIGNAL, signal);
        let wait = taker.take(&k::STOPWAITSECS, wait);
        let as_group = taker.take(&k::STOPASGROUP, as_group);
        let kill_as_group = taker.take(&k::KILLASGROUP, kill_as_group);
        Some(Self { signal: signal?, wait: wait?, as_group: as_group?, kill_as_group: kill_as_group? })
    }
}

impl Command {
    /// `variables`: what the process is given; the value of a secret one may stand in the command too.
    fn of<'a>(command: &Setting<'a, Option<Text<'a>>>, variables: &[Variable<'a>]) -> Option<Setting<'a, Self>> {
        let text = command.value.clone()?;
        let argv = shlex::split(&text)
            .map(|words| words.into_iter().map(|word| word.text.into_owned()).collect())
            .map_err(|error| error.to_string());
        // The program itself is no secret, whatever is called like it.
        let arguments = text.split_once(char::is_whitespace).map_or("", |(_, arguments)| arguments);
        let secret = if secrets::command(&text) {
            Some("holds a secret".to_owned())
        } else {
            repeated(arguments, variables).map(|variable| format!("repeats the value of {}, a secret", variable.name))
        };
        Some(command.with(Self { argv, secret }))
    }
}

/// The program's own directory, or that which a daemonised supervisord has entered.
fn directory_of<'a>(
    own: &Setting<'a, Option<Text<'a>>>,
    daemon: &Daemon<'a>,
    taker: &mut Taker<'a>,
) -> Option<Setting<'a, Option<Directory<'a>>>> {
    let plain = |path: &Text<'a>| Directory { path, joined: false };
    let relative = own.value.as_ref().is_none_or(|directory| !directory.starts_with(['/', '~']));
    if !relative || daemon.foreground {
        return Some(own.with(own.value.as_ref().map(plain)));
    }
    let theirs = taker.take_of("supervisord", &s::DIRECTORY, &daemon.directory)?;
    Some(match (&own.value, daemon.base()) {
        (own_value, None) => own.with(own_value.as_ref().map(plain)),
        (Some(directory), Some(base)) => {
            own.with(Some(Directory { path: daemon.sources.keep(python::join(base, directory)), joined: true }))
        }
        (None, Some(base)) => theirs.with(Some(plain(base))),
    })
}

/// The program's own umask, or that of a daemonised supervisord where it is not the usual one.
fn umask_of<'a>(
    own: Setting<'a, Option<Integer>>,
    daemon: &Daemon<'a>,
    taker: &mut Taker<'a>,
) -> Option<Setting<'a, Option<u16>>> {
    if own.value.is_some() {
        return Some(own.map(|umask| umask.map(|umask| bits(&umask))));
    }
    let none = own.with(None);
    if daemon.foreground {
        return Some(none);
    }
    let theirs = taker.take_of("supervisord", &s::UMASK, &daemon.umask)?.map(|umask| bits(&umask));
    Some(if theirs.value == 0o022 { none } else { theirs.map(Some) })
}

/// The nine bits that `umask(2)` takes; `-7` is 0771 (two's complement, as Python hands it to C).
fn bits(umask: &Integer) -> u16 {
    let low = umask.to_i64().map_or(0, |umask| umask & 0o777);
    u16::try_from(low).unwrap_or_default()
}

/// Supervisor's own variables overlaid by the program's.
fn variables<'a>(
    own: &Setting<'a, model::value::Variables<'a>>,
    inherited: &Setting<'a, model::value::Variables<'a>>,
) -> Setting<'a, Vec<Variable<'a>>> {
    let mut all = inherited.value.clone();
    for (name, value) in &own.value {
        all.insert(name, value);
    }
    let mut variables: Vec<Variable<'a>> = all
        .iter()
        .map(|(name, value)| Variable {
            section: if own.value.contains_key(name) { own.section } else { inherited.section },
            secret: secrets::variable(name, value) || secrets::mask(*value) != *value,
            name,
            value,
        })
        .collect();
    // A copy of a secret is one, whatever it is called.
    let repeat: Vec<bool> = variables.iter().map(|variable| repeated(variable.value, &variables).is_some()).collect();
    for (variable, repeats) in variables.iter_mut().zip(repeat) {
        variable.secret |= repeats;
    }
    own.with(variables)
}

impl<'a> Stream<'a> {
    fn take(of: &StreamOf<'_, 'a>, daemon: &Daemon<'a>, taker: &mut Taker<'a>) -> Option<Self> {
        let destination = taker.take(of.logfile.0, of.logfile.1);
        let maxbytes = taker.take(of.maxbytes.0, of.maxbytes.1);
        let backups = taker.take(of.backups.0, of.backups.1);
        let syslog = taker.take(of.syslog.0, of.syslog.1);
        let capture = taker.take(of.capture.0, of.capture.1);
        let events = taker.take(of.events.0, of.events.1);
        Some(Self {
            destination: destination?.map(|file| Destination::of(&file, daemon)),
            maxbytes: maxbytes?,
            backups: backups?,
            syslog: syslog?,
            capture: capture?,
            events: events?,
        })
    }
}

impl<'a> Destination<'a> {
    fn of(file: &LogFile<'a>, daemon: &Daemon<'a>) -> Self {
        match file {
            LogFile::Auto => Self::Auto,
            LogFile::None => Self::Nowhere,
            LogFile::Syslog => Self::Syslog,
            LogFile::Path(path) if matches!(*path, "" | "/dev/null") => Self::Nowhere,
            LogFile::Path(path) if well_known::is_own_output(path) => Self::Supervisors(path),
            LogFile::Path(path) => match daemon.base().filter(|_| !path.starts_with('/')) {
                Some(base) => Self::File { path: daemon.sources.keep(python::join(base, path)), joined: true },
                None => Self::File { path, joined: false },
            },
        }
    }
}
