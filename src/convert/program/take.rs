//! A process taken out of a configuration: its own values, and those that `[supervisord]` supplies.

use std::borrow::Cow;

use super::{
    Base, CommandLine, Daemon, Destination, Directory, Effective, Job, Listener, Own, Stream, Taker, Unknown, Variable,
};
use crate::keys::{Key, process as p, program as k, supervisord as s};
use crate::model::options::ProcessOptions;
use crate::model::value::{LogFile, Text, Variables};
use crate::model::{Group, GroupKind, Process, Value};
use crate::python::integer::Integer;
use crate::python::{self, shlex};
use crate::secrets::Secrets;
use crate::well_known;

impl<'a> Daemon<'a> {
    /// The umask with which supervisord opens log files; the usual one where that is not known.
    fn own_umask(&self) -> u16 {
        self.umask.known().filter(|_| !self.foreground).map_or(0o022, bits)
    }

    /// Where it is: in the directory that it enters when it daemonises, else where it was started. None where that is not known.
    fn base(&self) -> Option<Base<'a>> {
        let own = if self.foreground { None } else { self.directory.known()?.as_deref() };
        match (own, self.cwd) {
            (Some(own), _) if own.starts_with('/') => Some(Base::Own(Cow::Borrowed(own))),
            (Some(own), Some(cwd)) => Some(Base::Own(python::join(cwd, own))),
            (Some(_), None) => None,
            (None, cwd) => cwd.map(Base::Given),
        }
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
        let adrift = directory.as_ref().is_some_and(|directory| directory.value.is_none()) && daemon.base().is_none();
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
            adrift,
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
    if written.is_some_and(|directory| directory.starts_with(['/', '~'])) {
        return Some(own.with(written.map(plain)));
    }
    let theirs = if daemon.foreground { None } else { Some(taker.supervisors(&s::DIRECTORY, daemon.directory)?) };
    Some(match (written, daemon.base()) {
        (written, None) => own.with(written.map(plain)),
        (Some(directory), Some(base)) => {
            let (path, joined) = base.join(directory);
            own.with(Some(Directory { path, joined }))
        }
        (None, Some(Base::Own(path))) => theirs.unwrap_or(own).with(Some(Directory { path, joined: false })),
        (None, Some(Base::Given(base))) => own.with(Some(plain(base))),
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
                Some(base) => {
                    let (path, joined) = base.join(path);
                    Self::File { path, joined }
                }
                None => Self::File { path: Cow::Borrowed(path), joined: false },
            },
        }
    }
}
