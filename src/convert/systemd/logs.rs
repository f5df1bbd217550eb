//! Where the output of a service goes (facts 8).

use std::borrow::Cow;

use super::account;
use super::draft::Draft;
use super::escape::{self, Comment, Dollar, UnitDirectory, UnitValue, User};
use super::tmpfiles::{self, Made};
use super::unit::Entry;
use crate::convert::announce;
use crate::convert::drafting::Drafting as _;
use crate::convert::program::{self, Destination, Effective, Stream};
use crate::convert::rotation::Rotation;
use crate::files::Size;
use crate::python;
use crate::python::integer::Integer;
use crate::well_known;

/// Where systemd sends a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sink<'a> {
    Journal,
    Null,
    /// The value, and the path that is written to.
    File(UnitValue, Cow<'a, str>),
}

/// Writes it.
pub(super) fn write(draft: &mut Draft<'_, '_>) {
    let job = draft.job;
    draft.exact(&job.own.redirect_stderr);
    let (stdout, comments) = stream(draft, &job.stdout);
    draft.service.standard_output = Entry { comments, value: Some(stdout.value()) };
    let mut sinks = vec![stdout];
    if let Some(own) = &job.stderr {
        let (stderr, comments) = stream(draft, own);
        if stderr == Sink::Journal && sinks.contains(&Sink::Journal) {
            let message = "stdout and stderr go to one journal stream.";
            draft.differs(&announce::LOGS, &own.destination, message);
        }
        draft.service.standard_error = Entry { comments, value: Some(stderr.value()) };
        sinks.push(stderr);
    } else {
        // Supervisor ignores them too.
        for key in program::IGNORED {
            draft.ledger.exact(job.section, key);
        }
        draft.service.standard_error = UnitValue::fixed("inherit").into();
    }
    let mut directories: Vec<&str> = Vec::new();
    for sink in &sinks {
        if let Sink::File(_, path) = sink {
            let directory = python::dirname(path);
            if directory != "/" && !directories.contains(&directory) {
                directories.push(directory);
            }
        }
    }
    // systemd waits for the mounts of WorkingDirectory= by itself, not for those of log files (facts 5.2).
    let words: Option<Vec<_>> = directories.iter().map(|directory| escape::word(*directory, Dollar::Kept)).collect();
    draft.service.requires_mounts_for = words.and_then(|words| UnitValue::words(&words)).into();
    if sinks.contains(&Sink::Journal) {
        journal(draft, &sinks);
    }
}

/// How lines in the journal are tagged, and what does not work there.
fn journal(draft: &mut Draft<'_, '_>, sinks: &[Sink<'_>]) {
    let job = draft.job;
    let name = &job.name;
    let syslog = |(stream, sink): (&Stream<'_>, &Sink<'_>)| {
        *sink == Sink::Journal && (*stream.syslog.value || stream.destination.value == Destination::Syslog)
    };
    let syslog = std::iter::once(&job.stdout).chain(&job.stderr).zip(sinks).any(syslog);
    if syslog {
        draft.service.syslog_facility = UnitValue::fixed("user").into();
        draft.service.syslog_level = UnitValue::fixed("info").into();
        draft.service.syslog_level_prefix = UnitValue::fixed("no").into();
    }
    if syslog || python::basename(draft.executable) != name.value {
        let identifier = UnitValue::plain(name.value);
        if identifier.is_none() {
            let message =
                "journal lines are tagged with the name of the executable, because systemd cannot write this name.";
            draft.approximate(&announce::LOGS, name, message);
        }
        draft.service.syslog_identifier = identifier.into();
    }
    let command = &job.command;
    let in_command = command.value.argv.iter().flatten().any(|word| well_known::names_output(word));
    if draft.service.user.value.is_none()
        && (in_command || job.environment.value.iter().any(|variable| well_known::names_output(variable.value)))
    {
        let setting = if in_command { command.with(()) } else { job.environment.with(()) };
        let message = "the program opens /dev/stdout or /dev/stderr itself, which fails if output goes to the journal: set a log file.";
        draft.approximate(&announce::DEPENDS_ON_MACHINE, &setting, message);
    }
}

impl Sink<'_> {
    fn value(&self) -> UnitValue {
        match self {
            Self::Journal => UnitValue::fixed("journal"),
            Self::Null => UnitValue::fixed("null"),
            Self::File(value, _) => value.clone(),
        }
    }
}

/// One stream: where it goes, and what the unit says of it.
fn stream<'a>(draft: &mut Draft<'_, 'a>, stream: &Stream<'a>) -> (Sink<'a>, Vec<Comment>) {
    let Stream { destination, maxbytes, backups, syslog, capture, events } = stream;
    let mut comments = Vec::new();
    draft.exact(destination);
    let sink = sink(draft, destination, &mut comments);
    let sink = syslog_of(draft, syslog, destination, sink, &mut comments);
    rotation(draft, maxbytes, backups, &sink, destination);
    draft.exact(capture);
    if *capture.value > Integer::from(0) {
        comments.push(draft.lost(capture, "no listener receives process communication events."));
    }
    draft.exact(events);
    match sink {
        _ if !*events.value => {}
        Sink::Journal if draft.printed => {}
        Sink::File(..) if draft.printed => {
            let message = "supervisor_stdout printed this output too; now it is in the log file alone.";
            draft.approximate(&announce::LISTENERS, events, message);
        }
        Sink::Null if draft.printed => {
            let message = "the output goes to the journal, as it went to supervisor_stdout.";
            draft.approximate(&announce::LISTENERS, events, message);
            return (Sink::Journal, comments);
        }
        Sink::Journal | Sink::File(..) | Sink::Null => {
            comments.push(draft.lost(events, "no listener receives process log events."));
        }
    }
    (sink, comments)
}

/// The table of facts 8.1.
fn sink<'a>(
    draft: &mut Draft<'_, 'a>,
    destination: &Effective<'a, Destination<'a>>,
    comments: &mut Vec<Comment>,
) -> Sink<'a> {
    let rule = &announce::LOGS;
    if let Destination::File { path, joined: _ } = &destination.value
        && draft.has_secret(destination, path)
    {
        let message = "the path contains a secret, and every user can read a unit: the output goes to the journal.";
        comments.push(draft.lost(destination, message));
        return Sink::Journal;
    }
    let journalctl = draft.runs_as.whose().journalctl();
    match &destination.value {
        Destination::Auto => {
            let message =
                format_args!("output goes to the journal ({journalctl} -u UNIT) instead of a file in childlogdir.");
            draft.differs(rule, destination, message);
            Sink::Journal
        }
        Destination::Nowhere => Sink::Null,
        Destination::Supervisors(_) => {
            draft.approximate(
                rule,
                destination,
                "what went to supervisord's own output is in the journal of this unit.",
            );
            Sink::Journal
        }
        Destination::Syslog => {
            draft.approximate(rule, destination, TAGGED);
            Sink::Journal
        }
        Destination::File { path, joined: _ } if draft.choices.journal => {
            // A relative one depends on where supervisord is started.
            let written = draft.ledger.text(destination.section, destination.key);
            let path = written.filter(|_| !path.starts_with('/')).unwrap_or(path);
            let message = format_args!("output goes to the journal ({journalctl} -u UNIT) instead of {path}.");
            draft.approximate(rule, destination, message);
            Sink::Journal
        }
        Destination::File { path, joined } => {
            if *joined {
                let message = format_args!("the path is relative to directory= of [supervisord]: {path}.");
                draft.approximate(rule, destination, message);
            }
            match file(path) {
                Ok((value, path, resolved)) => {
                    if resolved {
                        draft.approximate(rule, destination, UnitDirectory::RESOLVED);
                    }
                    let written = draft.ledger.text(destination.section, destination.key);
                    if written.is_some_and(|written| written.starts_with('~')) {
                        let message = format_args!("~ is replaced with HOME as it is at conversion: {path}.");
                        draft.approximate(&announce::ENVIRONMENT, destination, message);
                    }
                    create(draft, destination, &path);
                    draft.files.push((path.clone(), destination.key));
                    Sink::File(value, path)
                }
                Err(reason) => {
                    comments.push(draft.lost(destination, format_args!("{reason}; the output goes to the journal.")));
                    Sink::Journal
                }
            }
        }
    }
}

/// What has to be there before the unit starts: a directory that a boot takes away, and a file that systemd would make for
/// another account or with another mode than supervisord, by its own umask (facts 8.4).
fn create<'a>(draft: &mut Draft<'_, 'a>, destination: &Effective<'a, Destination<'a>>, path: &str) {
    let directory = python::dirname(path);
    let by_account = draft.runs_as.is_user();
    if by_account {
        account::log_file(draft, destination, path);
    } else if tmpfiles::is_volatile(directory) {
        draft.made.push((directory.to_owned(), Made::Directory));
        let message = format_args!("{directory} is created at boot by tmpfiles.d.");
        draft.approximate(&announce::LOGS, destination, message);
    }
    let own = draft.job.supervisors_umask;
    let umask = Some(draft.job.umask.value.unwrap_or(0o022)).filter(|umask| *umask != own);
    let known = |user: &&str| matches!(escape::user(user), Ok(User::Value(_) | User::Nobody(_)));
    let user = draft.job.supervisors_user.filter(known).filter(|_| !by_account);
    let mode = 0o666 & !own;
    if draft.choices.version.has_gentle_tmpfiles() && !by_account {
        if umask.is_some() || user.is_some() {
            draft.made.push((path.to_owned(), Made::File { user: user.map(str::to_owned), mode }));
        }
        return;
    }
    if let Some(umask) = umask {
        let message = format_args!(
            "a new log file gets mode {:04o}, not {mode:04o} as with supervisord's umask: create it before the first start.",
            0o666 & !umask
        );
        draft.approximate(&announce::DEPENDS_ON_MACHINE, &draft.job.umask, message);
    }
    if let Some(user) = user {
        let message = format_args!("a new log file belongs to root; Supervisor's log files belonged to {user}.");
        draft.ledger.constant(&announce::LOGS, draft.job.section, destination.key, message);
    }
}

/// A path as `append:` takes it, and whether `..` in it was resolved: systemd ignores such a path and writes to the journal
/// (facts 8.3).
fn file<'a>(path: &Cow<'a, str>) -> Result<(UnitValue, Cow<'a, str>, bool), &'static str> {
    if !path.starts_with('/') {
        return Err("the path is relative to where supervisord is started (give --cwd DIR)");
    }
    let resolved = path.split('/').any(|part| part == "..");
    let path = if resolved { Cow::Owned(escape::without_parents(path)) } else { path.clone() };
    match UnitValue::append(&path).filter(|_| !path.ends_with('/')) {
        Some(value) => Ok((value, path, resolved)),
        None => Err("systemd cannot write to a file with this name"),
    }
}

/// What differs in syslog.
const TAGGED: &str = "syslog lines are tagged NAME[pid] instead of `supervisord: NAME`.";

/// `*_syslog`: a unit has one destination a stream (facts 8.5).
fn syslog_of<'a>(
    draft: &mut Draft<'_, 'a>,
    syslog: &Effective<'a, &'a bool>,
    destination: &Effective<'a, Destination<'a>>,
    sink: Sink<'a>,
    comments: &mut Vec<Comment>,
) -> Sink<'a> {
    draft.exact(syslog);
    if !*syslog.value || destination.value == Destination::Syslog {
        return sink;
    }
    if let Sink::File(..) = sink {
        let message = "a unit writes a stream to one place only, the log file: let rsyslog read that file.";
        comments.push(draft.lost(syslog, message));
        return sink;
    }
    draft.differs(&announce::LOGS, syslog, TAGGED);
    Sink::Journal
}

/// `*_maxbytes` and `*_backups`: logrotate rotates what a service appends to (facts 8.6).
fn rotation<'a>(
    draft: &mut Draft<'_, 'a>,
    maxbytes: &Effective<'a, &'a Integer>,
    backups: &Effective<'a, &'a Integer>,
    sink: &Sink<'a>,
    destination: &Effective<'a, Destination<'a>>,
) {
    draft.exact(maxbytes);
    draft.exact(backups);
    match sink {
        Sink::File(..) if maxbytes.value.is_negative() => {
            let message = "Supervisor loses all output here (TypeError); the unit writes it to the file, and nothing rotates the file.";
            let remark = draft.lost(maxbytes, message);
            draft.service.remarks.push(remark);
        }
        Sink::File(..) if maxbytes.value.is_zero() => {}
        Sink::File(_, path) if draft.runs_as.is_user() => account::rotation(draft, maxbytes, backups, path),
        Sink::File(_, path) => {
            let Some(rotation) = Rotation::new(path, maxbytes.value, backups.value) else {
                let remark = draft
                    .lost(maxbytes, format_args!("{path} is not rotated, because logrotate cannot use this path."));
                draft.service.remarks.push(remark);
                return;
            };
            draft.rotations.push(rotation);
            let size =
                Size::of(maxbytes.value).map_or_else(|| format!("{} bytes", maxbytes.value), |size| size.to_string());
            let grows = if maxbytes.written { path } else { "a log file" };
            let message = format_args!(
                "logrotate runs once a day by default: {grows} can grow past {size} and lose lines when it is copied."
            );
            draft.differs(&announce::LOGS, maxbytes, message);
            let message = "if another logrotate file covers this log, ours is ignored.";
            draft.ledger.constant(&announce::DEPENDS_ON_MACHINE, draft.job.section, maxbytes.key, message);
        }
        Sink::Journal if !matches!(destination.value, Destination::Supervisors(_) | Destination::Nowhere) => {
            for setting in [maxbytes, backups].into_iter().filter(|setting| setting.written) {
                let message = "journald keeps logs by its own settings (SystemMaxUse=), not by size and backups.";
                draft.approximate(&announce::LOGS, setting, message);
            }
        }
        Sink::Journal | Sink::Null => {}
    }
}
