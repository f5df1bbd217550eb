//! A section that makes processes: `_processes_from_section`.

use std::rc::Rc;

use super::{At, Evaluator, PROCESSES_OF_FILE, PROCESSES_OF_SECTION, Pass, Reader};
use crate::keys::{Key, Number, process as p, program as k};
use crate::load::Section;
use crate::load::names::{Binding, Environment, Scope};
use crate::model::options::{ProcessOptions, ProgramOptions};
use crate::model::value::{self, Converted, FromText, LogFile, Text, Variables};
use crate::model::{Origin, Process, Program, State, Value};
use crate::python;
use crate::python::integer::Integer;
use crate::python::percent::Names;
use crate::refusal::Cause;

/// The fields of one stream, and their keys.
struct StreamFields<'o, 'a> {
    logfile: (&'static Key, &'o mut Value<'a, LogFile<'a>>),
    backups: (&'static Key, &'o mut Value<'a, Integer>),
    maxbytes: (&'static Key, &'o mut Value<'a, Integer>),
    syslog: (&'static Key, &'o mut Value<'a, bool>),
}

/// `process_name` before its expansion.
struct Template<'a> {
    text: Text<'a>,
    origin: Origin,
}

/// The options that are read once a section: those that are written, one after the other.
struct Once<'e, 'm, 'a> {
    evaluator: &'e mut Evaluator<'m, 'a>,
    at: &'e At<'m, 'a>,
    scope: &'e dyn Names,
}

impl<'a> Reader<'a> for Once<'_, '_, 'a> {
    fn read<T: FromText<'a>>(&mut self, key: &'static Key, field: &mut Value<'a, T>) {
        self.evaluator.value(self.at, key, self.scope, field);
    }
}

impl<'m, 'a> Evaluator<'m, 'a> {
    /// The processes of a section in a group, in Supervisor's order.
    pub(super) fn processes(&mut self, name: Text<'a>, section: &'m Section<'a>, group: Text<'a>) -> Vec<Process<'a>> {
        let merged = self.merged;
        let at = At { file: Some(section.file.unwrap_or(merged.path)), ..At::new(name, section, merged) };
        let written = name.split_once(':').map_or("", |(_, name)| name);
        let program_name = self.name(&at, None, None, written);
        let environment = Rc::clone(&self.environment);
        let expands = at.expands();
        let mut scope = self.scope(&environment, program_name, group, expands);

        let mut program =
            Program { section: name, header: section.header, name: program_name, options: ProgramOptions::STANDARD };
        let options = &mut program.options;
        self.program_options(&at, &scope.saneget(), options);
        let template = self.template(&at);
        self.check(&at, options, &template);
        let count = self.count(options);
        let numbers = options.numprocs_start.known().zip(options.numprocs.known());
        self.unknown_numbers = numbers.is_none();
        let start = options.numprocs_start.known().cloned().unwrap_or(Integer::small(0));
        let numprocs = options.numprocs.known().cloned().unwrap_or(Integer::small(1));
        let program = Rc::new(program);

        let mut processes = Vec::with_capacity(usize::from(count == Some(1)));
        // Beyond the bounds one process stands for all, but Supervisor would meet what is wrong with the others before it
        // runs out of memory. After as many of them as a file may have, one is enough.
        let refused = self.refusals.len();
        let most = if self.looked_at < PROCESSES_OF_FILE { PROCESSES_OF_SECTION } else { 1 };
        let most = numprocs.to_i64().map_or(most, |numprocs| numprocs.clamp(0, most));
        for number in 0..count.unwrap_or(most) {
            if expands {
                scope.set("process_num", Binding::Int(start.add(&Integer::small(number))));
                scope.set("numprocs", Binding::Int(numprocs.clone()));
                scope.restore_environment();
            }
            let mut process = Process { program: Rc::clone(&program), group, options: ProcessOptions::STANDARD };
            self.process_options(&at, &template, &mut scope, &mut process);
            if count.is_some() || number == 0 {
                processes.push(process);
            } else if self.refusals.len() > refused {
                break;
            } else {
                self.looked_at += 1;
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

    /// The names of P0. Where nothing expands, nobody asks for them.
    fn scope<'e>(
        &self,
        environment: &'e Environment<'a>,
        program_name: Text<'a>,
        group: Text<'a>,
        expands: bool,
    ) -> Scope<'e, 'a> {
        let mut scope = Scope::own_first(environment);
        if expands {
            scope.set_text("here", self.merged.here);
            scope.set_text("program_name", program_name);
            scope.set_node(self.reading.node.as_deref());
            scope.set_text("group_name", group);
        }
        scope
    }

    /// `process_or_group_name`; `key`: the option that holds the name, if it is not the header.
    pub(super) fn name(
        &mut self,
        at: &At<'_, 'a>,
        key: Option<&'static Key>,
        origin: Option<Origin>,
        text: Text<'a>,
    ) -> Text<'a> {
        value::name(text).unwrap_or_else(|fault| {
            self.refuse(at, key, origin.and_then(Origin::place), text, fault.cause, fault.message);
            python::strip(text)
        })
    }

    /// The options that are read once. Supervisor reads them in the order of the table, and so their numbers run.
    fn program_options(&mut self, at: &At<'m, 'a>, p0: &dyn Names, options: &mut ProgramOptions<'a>) {
        let mut written = (at.own.mask() | at.defaults.mask()) & k::MASK;
        let mut reader = Once { evaluator: self, at, scope: p0 };
        while let Some(number) = Number::take_first(&mut written) {
            options.read(number, &mut reader);
        }
        if options.killasgroup.origin == Origin::Default && options.stopasgroup.known() == Some(&true) {
            options.killasgroup = Value::default_of(true);
        }
        if options.serverurl.known().is_some_and(|url| url.is_some_and(is_automatic)) {
            options.serverurl = Value::new(options.serverurl.origin, State::Known(None));
        }
    }

    /// `process_name` before it is expanded; the check of names is made on this text only.
    fn template(&mut self, at: &At<'_, 'a>) -> Template<'a> {
        let key = &p::PROCESS_NAME;
        match at.get(key) {
            Some(slot) => {
                Template { text: self.name(at, Some(key), Some(slot.origin), slot.written), origin: slot.origin }
            }
            None => Template { text: key.default.unwrap_or_default(), origin: Origin::Default },
        }
    }

    /// What two options together must not say.
    fn check(&mut self, at: &At<'_, 'a>, options: &ProgramOptions<'a>, template: &Template<'a>) {
        let several = options.numprocs.known().is_some_and(|numprocs| *numprocs > Integer::small(1));
        if several && !template.text.contains("%(process_num)") {
            let message = "%(process_num) must be present within process_name when numprocs > 1".to_owned();
            let place = template.origin.place().or(options.numprocs.place());
            self.refuse(at, Some(&k::NUMPROCS), place, template.text, Cause::ProcessNum, message);
        }
        if options.stopasgroup.known() == Some(&true) && options.killasgroup.known() == Some(&false) {
            let message = "Cannot set stopasgroup=true and killasgroup=false".to_owned();
            let place = options.killasgroup.place();
            self.refuse(at, Some(&k::KILLASGROUP), place, "", Cause::KillAsGroup, message);
        }
    }

    /// How many processes the section makes: one where the number is not known, `None` beyond our bounds.
    fn count(&self, options: &ProgramOptions<'a>) -> Option<i64> {
        let Some(numprocs) = options.numprocs.known() else { return Some(1) };
        if *numprocs <= Integer::small(0) {
            return Some(0);
        }
        numprocs.to_i64().filter(|count| {
            *count <= PROCESSES_OF_SECTION
                && usize::try_from(*count).is_ok_and(|count| self.processes + count <= PROCESSES_OF_FILE)
        })
    }

    fn refuse_numprocs(&mut self, at: &At<'_, 'a>, program: &Program<'a>) {
        let numprocs = &program.options.numprocs;
        let Some(number) = numprocs.known() else { return };
        // Where the section itself is within its bound, all of the file is beyond.
        let own = number.to_i64().is_none_or(|number| number > PROCESSES_OF_SECTION);
        let count = if own { number.to_string() } else { format!("more than {PROCESSES_OF_FILE}") };
        let message = format!(
            "{count} processes: supconv stops at {PROCESSES_OF_SECTION} a section and {PROCESSES_OF_FILE} a file, and \
             supervisord would run out of memory"
        );
        let outside = At { file: None, ..*at };
        let cause = Cause::Processes { count };
        self.refuse(&outside, Some(&k::NUMPROCS), numprocs.place(), "", cause, message);
    }

    /// The options that are read for each process, in Supervisor's order. What `environment` defines stays in `scope`,
    /// so that the next process of the section sees it too.
    fn process_options(
        &mut self,
        at: &At<'_, 'a>,
        template: &Template<'a>,
        scope: &mut Scope<'_, 'a>,
        process: &mut Process<'a>,
    ) {
        let Process { program, group: _, options } = process;
        self.process_environment(at, scope, &mut options.environment);
        match &options.environment.state {
            State::Known(variables) => {
                if at.expands() {
                    for (name, text) in variables.iter() {
                        scope.set_variable(name, text);
                    }
                }
            }
            State::Unknown(_) | State::Refused => scope.forget_variables(),
        }
        let p2 = &scope.saneget();
        self.value(at, &p::DIRECTORY, p2, &mut options.directory);
        let stdout = StreamFields {
            logfile: (&p::STDOUT_LOGFILE, &mut options.stdout_logfile),
            backups: (&p::STDOUT_LOGFILE_BACKUPS, &mut options.stdout_logfile_backups),
            maxbytes: (&p::STDOUT_LOGFILE_MAXBYTES, &mut options.stdout_logfile_maxbytes),
            syslog: (&p::STDOUT_SYSLOG, &mut options.stdout_syslog),
        };
        self.stream(at, stdout, p2, scope);
        let stderr = StreamFields {
            logfile: (&p::STDERR_LOGFILE, &mut options.stderr_logfile),
            backups: (&p::STDERR_LOGFILE_BACKUPS, &mut options.stderr_logfile_backups),
            maxbytes: (&p::STDERR_LOGFILE_MAXBYTES, &mut options.stderr_logfile_maxbytes),
            syslog: (&p::STDERR_SYSLOG, &mut options.stderr_syslog),
        };
        self.stream(at, stderr, p2, scope);
        let redirected = program.options.redirect_stderr.known() == Some(&true);
        let file = match &options.stderr_logfile.state {
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
        self.value(at, &p::COMMAND, p2, &mut options.command);
        let none = || format!("program section {} does not specify a command", at.section);
        self.require(at, &p::COMMAND, &mut options.command, Cause::NoCommand, none);
        options.process_name = self.process_name(at, template, program, scope);
    }

    /// Expanded once, by the names of P1 alone, then parsed.
    fn process_environment(&mut self, at: &At<'_, 'a>, p1: &dyn Names, field: &mut Value<'a, Variables<'a>>) {
        let Some(slot) = at.get(&p::ENVIRONMENT) else { return };
        let label = || slot.key.name.to_owned();
        let pass = Pass { label: &label, scope: p1, second: false };
        let expanded = self.expand(at, slot.key.name, slot.origin, slot.written, &pass);
        *field = self.convert(at, slot, expanded, |text, world| value::variables(text, world).map(Converted::Known));
    }

    /// Log file, backups, size and syslog of a stream. The file is expanded twice.
    fn stream(&mut self, at: &At<'_, 'a>, stream: StreamFields<'_, 'a>, p2: &dyn Names, own_first: &dyn Names) {
        let StreamFields { logfile, backups, maxbytes, syslog } = stream;
        if let Some(slot) = at.get(logfile.0) {
            let once = self.first(at, slot, p2);
            let twice = self.second(at, slot, once, own_first);
            *logfile.1 = self.convert(at, slot, twice, value::logfile);
        }
        self.value(at, backups.0, p2, backups.1);
        self.value(at, maxbytes.0, p2, maxbytes.1);
        self.value(at, syslog.0, p2, syslog.1);
        match logfile.1.known() {
            Some(LogFile::Syslog) => {
                self.warnings.push(format!(
                    "For [{}], {}=syslog but this is deprecated and will be removed.  Use {}=true to enable syslog instead.",
                    at.section, logfile.0.name, syslog.0.name
                ));
                if syslog.1.known().is_some() {
                    *syslog.1 = Value::new(syslog.1.origin, State::Known(true));
                }
            }
            Some(LogFile::Auto) if maxbytes.1.known() == Some(&Integer::small(0)) => {
                self.warnings.push(format!(
                    "For [{}], AUTO logging used for {} without rollover, set maxbytes > 0 to avoid filling up filesystem \
                     unintentionally",
                    at.section, logfile.0.name
                ));
            }
            Some(LogFile::Auto | LogFile::None | LogFile::Path(_)) | None => {}
        }
    }

    fn process_name(
        &mut self,
        at: &At<'_, 'a>,
        template: &Template<'a>,
        program: &Program<'a>,
        scope: &dyn Names,
    ) -> Value<'a, Text<'a>> {
        let key = &p::PROCESS_NAME;
        let origin = template.origin;
        let expanded = match origin {
            Origin::Default => Ok(Some(program.name)),
            Origin::Written(_) | Origin::Inherited(_) => {
                let label = || key.name.to_owned();
                self.expand(at, key.name, origin, template.text, &Pass { label: &label, scope, second: false })
            }
        };
        let state = match expanded {
            Err(()) => State::Refused,
            Ok(Some(name)) if program.options.numprocs.known().is_some() => State::Known(name),
            Ok(_) => State::Unknown(template.text),
        };
        Value::new(origin, state)
    }
}

/// Whether a `serverurl` is the word that lets Supervisor find out its own.
fn is_automatic(url: Text<'_>) -> bool {
    python::upper(python::strip(url)) == "AUTO"
}
