//! A section that makes processes: `_processes_from_section`.

use std::rc::Rc;

use super::{At, Evaluator, PROCESSES_OF_FILE, PROCESSES_OF_SECTION, Pass, label};
use crate::load::Section;
use crate::load::names::{Binding, Scope};
use crate::model::keys::{Key, ProcessOptions, ProgramOptions, process as p, program as k};
use crate::model::signal::{Signal, signal};
use crate::model::value::{self, AutoRestart, Converted, LogFile, Text, Variables};
use crate::model::{Origin, Process, Program, State, Value};
use crate::python;
use crate::python::integer::Integer;
use crate::python::percent::Names;
use crate::refusal::Cause;

/// What is read of one stream.
struct Stream {
    logfile: Value<LogFile>,
    backups: Value<Integer>,
    maxbytes: Value<Integer>,
    syslog: Value<bool>,
}

/// The keys of one stream.
struct StreamKeys {
    logfile: &'static Key,
    backups: &'static Key,
    maxbytes: &'static Key,
    syslog: &'static Key,
}

static STDOUT: StreamKeys = StreamKeys {
    logfile: &p::STDOUT_LOGFILE,
    backups: &p::STDOUT_LOGFILE_BACKUPS,
    maxbytes: &p::STDOUT_LOGFILE_MAXBYTES,
    syslog: &p::STDOUT_SYSLOG,
};

static STDERR: StreamKeys = StreamKeys {
    logfile: &p::STDERR_LOGFILE,
    backups: &p::STDERR_LOGFILE_BACKUPS,
    maxbytes: &p::STDERR_LOGFILE_MAXBYTES,
    syslog: &p::STDERR_SYSLOG,
};

/// `process_name` before its expansion.
struct Template {
    text: Text,
    origin: Origin,
}

impl Evaluator<'_> {
    /// The processes of a section in a group, in Supervisor's order.
    pub(super) fn processes(&mut self, name: &Text, section: &Section, group: &Text) -> Vec<Process> {
        let merged = self.merged;
        let at = At { file: Some(section.file.as_ref().unwrap_or(&merged.path)), ..At::new(name, section, merged) };
        let written = name.split_once(':').map_or("", |(_, name)| name);
        let program_name = self.name(&at, None, None, written);
        let environment = self.environment.clone();
        let mut scope = Scope::own_first(&environment);
        scope.set_text("here", &merged.here);
        scope.set_text("program_name", &program_name);
        scope.set_node(self.reading.node.as_deref());
        scope.set_text("group_name", group);

        let options = self.program_options(&at, &scope.saneget());
        let template = self.template(&at);
        self.check(&at, &options, &template);
        let count = self.count(&options);
        let numbers = options.numprocs_start.known().zip(options.numprocs.known());
        self.unknown_numbers = numbers.is_none();
        let start = options.numprocs_start.known().cloned().unwrap_or_else(|| Integer::from(0));
        let numprocs = options.numprocs.known().cloned().unwrap_or_else(|| Integer::from(1));
        let program =
            Rc::new(Program { section: Rc::clone(name), header: section.header, name: program_name, options });

        let mut processes = Vec::new();
        // Beyond the bounds one process stands for all, but Supervisor would meet what is wrong with the others before it
        // runs out of memory.
        let refused = self.refusals.len();
        for number in 0..count.unwrap_or(PROCESSES_OF_SECTION) {
            scope.set("process_num", Binding::Int(start.add(&Integer::from(number))));
            scope.set("numprocs", Binding::Int(numprocs.clone()));
            scope.restore_environment();
            let options = self.process_options(&at, &program, &template, &mut scope);
            if count.is_some() || number == 0 {
                processes.push(Process { program: Rc::clone(&program), group: Rc::clone(group), options });
            } else if self.refusals.len() > refused {
                break;
            }
        }
        if count.is_none() {
            self.refuse_numprocs(&at, &program);
        }
        self.unknown_numbers = false;
        self.processes += processes.len();
        // All have the section's priority, so the names decide; like Python's, the sort keeps what is equal as it was.
        processes.sort_by(|one, other| one.options.process_name.known().cmp(&other.options.process_name.known()));
        processes
    }

    /// `process_or_group_name`; `key`: the option that holds the name, if it is not the header.
    pub(super) fn name(&mut self, at: &At<'_>, key: Option<&Key>, origin: Option<Origin>, text: &str) -> Text {
        value::name(text).unwrap_or_else(|fault| {
            self.refuse(at, key, origin.and_then(Origin::place), &text.into(), fault.cause, fault.message);
            python::strip(text).into()
        })
    }

    /// The options that are read once, in Supervisor's order.
    fn program_options(&mut self, at: &At<'_>, p0: &dyn Names) -> ProgramOptions {
        let priority = self.integer(at, &k::PRIORITY, p0, 999);
        let autostart = self.boolean(at, &k::AUTOSTART, p0, true);
        let autorestart = self.read(at, &k::AUTORESTART, p0, AutoRestart::Unexpected, |text, _| {
            value::autorestart(text).map(Converted::Known)
        });
        let startsecs = self.integer(at, &k::STARTSECS, p0, 1);
        let startretries = self.integer(at, &k::STARTRETRIES, p0, 3);
        let stopsignal = self.read(at, &k::STOPSIGNAL, p0, Signal(15), |text, _| signal(text).map(Converted::Known));
        let stopwaitsecs = self.integer(at, &k::STOPWAITSECS, p0, 10);
        let stopasgroup = self.boolean(at, &k::STOPASGROUP, p0, false);
        let as_group = stopasgroup.known().copied().unwrap_or(false);
        ProgramOptions {
            priority,
            autostart,
            autorestart,
            startsecs,
            startretries,
            stopsignal,
            stopwaitsecs,
            stopasgroup,
            killasgroup: self.boolean(at, &k::KILLASGROUP, p0, as_group),
            exitcodes: self
                .read(at, &k::EXITCODES, p0, vec![0], |text, _| value::exit_codes(text).map(Converted::Known)),
            redirect_stderr: self.boolean(at, &k::REDIRECT_STDERR, p0, false),
            numprocs: self.integer(at, &k::NUMPROCS, p0, 1),
            numprocs_start: self.integer(at, &k::NUMPROCS_START, p0, 0),
            stdout_capture_maxbytes: self.byte_size(at, &k::STDOUT_CAPTURE_MAXBYTES, p0, 0),
            stdout_events_enabled: self.boolean(at, &k::STDOUT_EVENTS_ENABLED, p0, false),
            stderr_capture_maxbytes: self.byte_size(at, &k::STDERR_CAPTURE_MAXBYTES, p0, 0),
            stderr_events_enabled: self.boolean(at, &k::STDERR_EVENTS_ENABLED, p0, false),
            serverurl: self.read(at, &k::SERVERURL, p0, None, |text, _| {
                let automatic = python::upper(python::strip(text)) == "AUTO";
                Ok(Converted::Known((!automatic).then(|| Rc::clone(text))))
            }),
            user: self.read(at, &k::USER, p0, None, |text, world| {
                value::user(text, world.host).map(|()| Converted::Known(Some(Rc::clone(text))))
            }),
            umask: self
                .read(at, &k::UMASK, p0, None, |text, _| value::octal(text).map(|umask| Converted::Known(Some(umask)))),
        }
    }

    /// `process_name` before its expansion; the check of names is made on this text only.
    fn template(&mut self, at: &At<'_>) -> Template {
        let key = &p::PROCESS_NAME;
        match at.get(key.name) {
            Some((setting, origin)) => Template { text: self.name(at, Some(key), Some(origin), &setting.text), origin },
            None => Template { text: "%(program_name)s".into(), origin: Origin::Default },
        }
    }

    /// What two options together must not say.
    fn check(&mut self, at: &At<'_>, options: &ProgramOptions, template: &Template) {
        let several = options.numprocs.known().is_some_and(|numprocs| *numprocs > Integer::from(1));
        if several && !template.text.contains("%(process_num)") {
            let message = "%(process_num) must be present within process_name when numprocs > 1".to_owned();
            let place = template.origin.place().or(options.numprocs.place());
            self.refuse(at, Some(&k::NUMPROCS), place, &template.text, Cause::ProcessNum, message);
        }
        if options.stopasgroup.known() == Some(&true) && options.killasgroup.known() == Some(&false) {
            let message = "Cannot set stopasgroup=true and killasgroup=false".to_owned();
            let place = options.killasgroup.place();
            self.refuse(at, Some(&k::KILLASGROUP), place, &"".into(), Cause::KillAsGroup, message);
        }
    }

    /// How many processes the section makes: one where the number is not known, `None` beyond our bounds.
    fn count(&self, options: &ProgramOptions) -> Option<i64> {
        let Some(numprocs) = options.numprocs.known() else { return Some(1) };
        if *numprocs <= Integer::from(0) {
            return Some(0);
        }
        numprocs.to_i64().filter(|count| {
            *count <= PROCESSES_OF_SECTION
                && usize::try_from(*count).is_ok_and(|count| self.processes + count <= PROCESSES_OF_FILE)
        })
    }

    fn refuse_numprocs(&mut self, at: &At<'_>, program: &Program) {
        let numprocs = &program.options.numprocs;
        let Some(number) = numprocs.known() else { return };
        let message = format!(
            "{number} processes: supconv stops at {PROCESSES_OF_SECTION} a section and {PROCESSES_OF_FILE} a file, and \
             supervisord would run out of memory"
        );
        let outside = At { file: None, ..*at };
        self.refuse(&outside, Some(&k::NUMPROCS), numprocs.place(), &"".into(), Cause::Bound, message);
    }

    /// The options that are read for each process, in Supervisor's order. What `environment` defines stays in `scope`,
    /// so that the next process of the section sees it too.
    fn process_options(
        &mut self,
        at: &At<'_>,
        program: &Program,
        template: &Template,
        scope: &mut Scope<'_>,
    ) -> ProcessOptions {
        let environment = self.process_environment(at, scope);
        match &environment.state {
            State::Known(variables) => {
                for (name, text) in variables {
                    scope.set_variable(name, text);
                }
            }
            State::Unknown(_) | State::Refused => scope.forget_variables(),
        }
        let p2 = &scope.saneget();
        let directory = self.text(at, &p::DIRECTORY, p2);
        let stdout = self.stream(at, &STDOUT, p2, scope);
        let stderr = self.stream(at, &STDERR, p2, scope);
        let redirected = program.options.redirect_stderr.known() == Some(&true);
        let file = match &stderr.logfile.state {
            State::Known(file) => matches!(file, LogFile::Path(_)),
            // A path below a home that is not known is a path; what an unknown variable says may be a word.
            State::Unknown(written) => self.reading.environment.is_some() || written.starts_with('~'),
            State::Refused => false,
        };
        if redirected && file {
            self.warnings.push(format!(
                "For [{}], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been \
                 ignored",
                at.section
            ));
        }
        let command = self.text(at, &p::COMMAND, p2);
        if let State::Known(None) = command.state {
            let message = format!("program section {} does not specify a command", at.section);
            self.refuse(at, Some(&p::COMMAND), None, &"".into(), Cause::NoCommand, message);
        }
        let process_name = self.process_name(at, template, program, scope);
        ProcessOptions {
            environment,
            directory,
            stdout_logfile: stdout.logfile,
            stdout_logfile_backups: stdout.backups,
            stdout_logfile_maxbytes: stdout.maxbytes,
            stdout_syslog: stdout.syslog,
            stderr_logfile: stderr.logfile,
            stderr_logfile_backups: stderr.backups,
            stderr_logfile_maxbytes: stderr.maxbytes,
            stderr_syslog: stderr.syslog,
            command,
            process_name,
        }
    }

    /// Expanded once, by the names of P1 alone, then parsed.
    fn process_environment(&mut self, at: &At<'_>, p1: &dyn Names) -> Value<Variables> {
        let key = &p::ENVIRONMENT;
        let Some((setting, origin)) = at.get(key.name) else { return Value::default_of(Variables::default()) };
        let written = &setting.text;
        let expanded = self.expand(at, key, origin, written, &Pass::first(key.name, p1));
        let state =
            self.convert(at, key, origin, written, expanded, |text, _| value::variables(text).map(Converted::Known));
        Value { origin, state }
    }

    /// Log file, backups, size and syslog of a stream. The file is expanded twice.
    fn stream(&mut self, at: &At<'_>, keys: &StreamKeys, p2: &dyn Names, own_first: &dyn Names) -> Stream {
        let logfile = match at.get(keys.logfile.name) {
            None => Value::default_of(LogFile::Auto),
            Some((setting, origin)) => {
                let (key, written) = (keys.logfile, &setting.text);
                let expanded = match self.expand(at, key, origin, written, &Pass::first(&label(at, key, written), p2)) {
                    Ok(Some(text)) => self.expand(at, key, origin, &text, &Pass::second(key.name, own_first)),
                    other => other,
                };
                let state = self.convert(at, key, origin, written, expanded, |text, world| value::logfile(text, world));
                Value { origin, state }
            }
        };
        let backups = self.integer(at, keys.backups, p2, 10);
        let maxbytes = self.byte_size(at, keys.maxbytes, p2, 50 << 20);
        let mut syslog = self.boolean(at, keys.syslog, p2, false);
        match logfile.known() {
            Some(LogFile::Syslog) => {
                self.warnings.push(format!(
                    "For [{}], {}=syslog but this is deprecated and will be removed.  Use {}=true to enable syslog instead.",
                    at.section, keys.logfile.name, keys.syslog.name
                ));
                syslog = syslog.map(|_| true);
            }
            Some(LogFile::Auto) if maxbytes.known() == Some(&Integer::from(0)) => {
                self.warnings.push(format!(
                    "For [{}], AUTO logging used for {} without rollover, set maxbytes > 0 to avoid filling up filesystem \
                     unintentionally",
                    at.section, keys.logfile.name
                ));
            }
            Some(LogFile::Auto | LogFile::None | LogFile::Path(_)) | None => {}
        }
        Stream { logfile, backups, maxbytes, syslog }
    }

    fn process_name(&mut self, at: &At<'_>, template: &Template, program: &Program, scope: &dyn Names) -> Value<Text> {
        let key = &p::PROCESS_NAME;
        let origin = template.origin;
        let expanded = match origin {
            Origin::Default => Ok(Some(Rc::clone(&program.name))),
            Origin::Written(_) | Origin::Inherited(_) => {
                self.expand(at, key, origin, &template.text, &Pass::first(key.name, scope))
            }
        };
        let state = match expanded {
            Err(()) => State::Refused,
            Ok(Some(name)) if program.options.numprocs.known().is_some() => State::Known(name),
            Ok(_) => State::Unknown(Rc::clone(&template.text)),
        };
        Value { origin, state }
    }
}
