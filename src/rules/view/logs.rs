//! The files that supervisord writes logs to, for the rules that compare them.

use super::super::Lint;
use crate::keys::{Key, process as p, supervisord as s};
use crate::model::value::{LogFile, Text};
use crate::model::{Process, State, Value};
use crate::python;
use crate::python::integer::Integer;
use crate::source::Place;
use crate::well_known;

/// One log that is opened.
pub(in crate::rules) struct Log<'a> {
    /// The section and, for a program, its name.
    pub section: Text<'a>,
    pub program: Option<&'a Process<'a>>,
    pub key: &'static Key,
    pub maxbytes_key: &'static Key,
    /// Absolute and normalised.
    pub path: Text<'a>,
    /// What is said of it: the path, or the text as written where the path depends on a directory that is not known.
    pub called: Text<'a>,
    /// Where the path is written, else the header.
    pub place: Place,
    pub written: bool,
    /// `None`: not known.
    maxbytes: Option<&'a Integer>,
    /// `None`: not known.
    pub backups: Option<&'a Integer>,
}

impl Log<'_> {
    /// Whether supervisord rotates it. A negative size is an error of its own.
    pub(in crate::rules) fn rotates(&self) -> bool {
        self.maxbytes.is_some_and(|bytes| *bytes > Integer::from(0))
    }

    /// Whether it is a terminal, a pipe or a socket by its name, and never a regular file.
    pub(in crate::rules) fn unseekable(&self) -> bool {
        well_known::is_unseekable(self.path)
    }
}

impl<'a> Lint<'a> {
    /// Every log with a path that is known: supervisord's own, then those of the processes; stderr where it has its own.
    pub(in crate::rules) fn logs(&self) -> &[Log<'a>] {
        self.logs.get_or_init(|| logs(self))
    }
}

/// The text of a path that depends on the directory that supervisord is started in, where that is not known.
pub(in crate::rules) fn as_written<'a>(lint: &Lint<'a>, section: &str, key: &'static Key) -> Option<&'a str> {
    let written = match lint.merged.setting(section, key.name) {
        Some(setting) => setting.text,
        None => key.default?,
    };
    // A text that is relative but for a name of Supervisor's stays relative; here and most variables begin with a /.
    let names = ["%(program_name)", "%(group_name)", "%(process_num)", "%(numprocs)", "%(host_node_name)"];
    let absolute = written.starts_with(['/', '~']);
    let expands = written.starts_with("%(") && !names.iter().any(|name| written.starts_with(name));
    (!lint.reading.cwd_known && !absolute && !expands).then_some(written)
}

fn logs<'a>(lint: &Lint<'a>) -> Vec<Log<'a>> {
    let config = lint.config;
    let mut logs = Vec::new();
    let mut add = |log: Log<'a>, path: &'a str| {
        if !path.is_empty() && lint.is_certain(log.place) {
            let path = lint.sources.keep_cow(python::abspath(path, &lint.reading.cwd));
            let called = as_written(lint, log.section, log.key).unwrap_or(path);
            logs.push(Log { path, called, ..log });
        }
    };
    let supervisord = &config.supervisord;
    if let (Some(header), Some(path)) = (config.header.filter(|_| !config.fragment), supervisord.logfile.known()) {
        let log = Log {
            section: "supervisord",
            program: None,
            key: &s::LOGFILE,
            maxbytes_key: &s::LOGFILE_MAXBYTES,
            path: "",
            called: "",
            place: supervisord.logfile.place().unwrap_or(header),
            written: supervisord.logfile.place().is_some(),
            maxbytes: supervisord.logfile_maxbytes.known(),
            backups: supervisord.logfile_backups.known(),
        };
        // That word sends it to the system's log.
        if &**path != "syslog" {
            add(log, path);
        }
    }
    for process in config.groups.iter().flat_map(|group| &group.processes) {
        let options = &process.options;
        let mut stream = |state: &'a State<LogFile>,
                          value: &'a Value<LogFile>,
                          key,
                          maxbytes_key,
                          (maxbytes, backups): (&'a Value<Integer>, &'a Value<Integer>)| {
            let State::Known(LogFile::Path(path)) = state else { return };
            let log = Log {
                section: process.program.section,
                program: Some(process),
                key,
                maxbytes_key,
                path: "",
                called: "",
                place: value.place().unwrap_or(process.program.header),
                written: true,
                maxbytes: maxbytes.known(),
                backups: backups.known(),
            };
            add(log, path);
        };
        let (out, err) = (&options.stdout_logfile, &options.stderr_logfile);
        stream(
            &out.state,
            out,
            &p::STDOUT_LOGFILE,
            &p::STDOUT_LOGFILE_MAXBYTES,
            (&options.stdout_logfile_maxbytes, &options.stdout_logfile_backups),
        );
        let own = process.stderr_logfile();
        stream(
            own,
            err,
            &p::STDERR_LOGFILE,
            &p::STDERR_LOGFILE_MAXBYTES,
            (&options.stderr_logfile_maxbytes, &options.stderr_logfile_backups),
        );
    }
    logs
}
