//! The plan in the making: group by group, program by program, until each process has its unit or a reason for none.

use std::collections::{BTreeMap, HashSet};

use super::draft::{Draft, NoUnit};
use super::escape::{Comment, Value};
use super::name::{self, Kind, UnitName};
use super::rotation::Rotation;
use super::tmpfiles::Made;
use super::unit::{Service, Socket};
use super::{
    Body, Choices, Running, Unit, by_section, context, logs, restart, secret, socket, stop, targets, umbrella_name,
};
use crate::convert::program::{Daemon, Destination, Process};
use crate::convert::{Ledger, announce};
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::Merged;
use crate::model::value::Text;
use crate::model::{self, Config, Group, GroupKind};
use crate::python;

/// A process with its unit.
pub(super) struct Done<'a> {
    pub process: Process<'a>,
    service: Service,
    /// The socket that it is handed.
    socket: Option<(UnitName, Socket)>,
    /// The log files that supervisord rotated.
    rotations: Vec<Rotation>,
    /// The file that its standard output goes to.
    log: Option<String>,
    /// Whether it is asked for; the others of its program decide with it what kind of unit it has.
    wanted: bool,
}

impl Done<'_> {
    /// It as a unit runs it.
    fn running(&self, unit: UnitName) -> Running {
        let (group, name) = (&self.process.group, &self.process.name.value);
        let called = if group == name { name.to_string() } else { format!("{group}:{name}") };
        Running { unit, called, log: self.log.clone() }
    }
}

/// A process that writes a log file.
struct Writer<'a> {
    section: Text<'a>,
    /// The process.
    who: Text<'a>,
    /// The option that says so.
    option: &'static str,
    /// How supervisord rotated the file for it.
    rotation: Option<Rotation>,
}

/// The plan in the making.
pub(super) struct Planner<'p, 'a> {
    pub config: &'p Config<'a>,
    pub choices: &'p Choices,
    pub ledger: Ledger<'p, 'a>,
    pub errors: Vec<Diagnostic<'a>>,
    pub units: Vec<Unit<'a>>,
    /// What is not converted because it was not asked for.
    pub stays: Vec<String>,
    /// Whether a stream goes to a file that Supervisor would have named.
    pub automatic: bool,
    pub daemon: Daemon<'a>,
    /// The fcgi-programs of which a process is asked for.
    whole: HashSet<Text<'a>>,
    /// The sections of which something is refused.
    refused: HashSet<&'a str>,
    /// The sections of which that has been said.
    told: HashSet<Text<'a>>,
    /// Log files, and who writes them.
    files: BTreeMap<String, Vec<Writer<'a>>>,
    /// What has to be there before a unit starts, by path.
    pub made: BTreeMap<String, (Text<'a>, Made<'a>)>,
}

impl<'p, 'a> Planner<'p, 'a> {
    pub(super) fn new(
        config: &'p Config<'a>,
        choices: &'p Choices,
        ledger: Ledger<'p, 'a>,
        errors: Vec<Diagnostic<'a>>,
    ) -> Self {
        Self {
            config,
            choices,
            ledger,
            told: errors.iter().filter_map(|error| error.section).collect(),
            errors,
            units: Vec::new(),
            stays: Vec::new(),
            automatic: false,
            daemon: Daemon::of(config),
            whole: config
                .groups
                .iter()
                .filter(|group| matches!(group.kind, GroupKind::Fcgi(_)))
                .filter(|group| group.processes.iter().any(|process| choices.names(group, process)))
                .map(|group| group.name)
                .collect(),
            refused: config.refusals.iter().filter_map(|refusal| refusal.section).collect(),
            files: BTreeMap::new(),
            made: BTreeMap::new(),
        }
    }

    /// Supervisor refuses the file: nothing is made.
    pub(super) fn nothing(&mut self) {
        for group in &self.config.groups {
            for section in
                std::iter::once(group.section).chain(by_section(group).into_iter().map(|(section, _)| section))
            {
                self.ledger.implied(section, "no unit is written: Supervisor refuses the file.");
            }
        }
    }

    pub(super) fn group(&mut self, group: &Group<'a>) {
        let named = |process: &&model::Process| self.wants(group, process);
        let (wanted, rest): (Vec<_>, Vec<_>) = group.processes.iter().partition(named);
        if wanted.is_empty() && !self.choices.wants(&group.name, &group.name, None) {
            self.stays.push(if rest.len() == 1 { group.name.to_string() } else { format!("{}:*", group.name) });
            self.ledger.forget(&group.section);
            for process in rest {
                self.ledger.forget(&process.program.section);
            }
            return;
        }
        self.stays.extend(
            rest.iter().filter_map(|process| Some(format!("{}:{}", group.name, process.options.process_name.known()?))),
        );
        match &group.kind {
            GroupKind::Group if group.processes.is_empty() => {
                let message = "the group has no programs, so it has no target.";
                self.ledger.approximate(&announce::GROUPS, &group.section, "programs", message);
            }
            GroupKind::EventListener(options) => return self.listener(group, options),
            GroupKind::Group | GroupKind::Program | GroupKind::Fcgi(_) => {}
        }
        let target = self.target_of(group);
        let before = self.units.len();
        for (section, processes) in by_section(group) {
            if !processes.iter().any(|process| self.wants(group, process)) {
                self.ledger.forget(section);
                continue;
            }
            if [section, group.section].into_iter().any(|section| self.refused.contains(section)) {
                self.without(group, section);
            } else {
                self.program(group, section, target.as_ref(), &processes);
            }
        }
        let made = self.units.len() > before;
        if let Some(name) = target.filter(|_| made) {
            self.ledger.exact(&group.section, "programs");
            self.target(group, &group.section, name);
        } else if matches!(group.kind, GroupKind::Group) && !made {
            self.ledger.implied(&group.section, "no unit is written for the programs of this group.");
        }
    }

    /// Whether a process is to be converted. A socket cannot be divided: with one process of an fcgi-program all are.
    pub(super) fn wants(&self, group: &Group<'a>, process: &model::Process<'a>) -> bool {
        self.choices.names(group, process)
            || (matches!(group.kind, GroupKind::Fcgi(_)) && self.whole.contains(&group.name))
    }

    /// The name of the target of a `[group:x]`; its members are the services of its programs (mapping 2.1).
    fn target_of(&mut self, group: &Group<'a>) -> Option<UnitName> {
        if !matches!(group.kind, GroupKind::Group) || group.processes.is_empty() {
            return None;
        }
        match UnitName::new(&self.choices.prefix, &group.name, Kind::Target) {
            Ok(name) => Some(name),
            Err(error) => {
                self.misnamed(&group.section, "programs", &error.to_string());
                None
            }
        }
    }

    /// The target of several services.
    fn target(&mut self, group: &Group<'a>, section: Text<'a>, name: UnitName) {
        let Ok(umbrella) = umbrella_name(self.choices) else { return };
        let body = Body::Target(targets::of_members(section, &self.config.path, &group.name, &umbrella));
        let section = section;
        self.units.push(Unit::of(name, section, body, true));
    }

    /// Sections that make no process: numprocs is not above 0.
    pub(super) fn without_processes(&mut self, merged: &Merged<'a>) {
        let groups = self.config.groups.iter();
        let sections = |group: &'p Group<'a>| group.processes.iter().map(|process| process.program.section);
        let made: HashSet<&str> = groups.flat_map(sections).collect();
        for section in merged.sections.keys() {
            let makes = ["program:", "fcgi-program:"].iter().any(|kind| section.starts_with(kind));
            let name = section.split_once(':').map_or("", |(_, name)| name);
            if !makes || made.contains(section) || self.refused.contains(section) {
                continue;
            }
            if !self.choices.wants(name, name, None) {
                self.ledger.forget(section);
                continue;
            }
            for option in self.ledger.written(section) {
                self.ledger.exact(section, option);
            }
            if self.ledger.text(section, "numprocs").is_some() {
                let number = self.ledger.text(section, "numprocs").unwrap_or_default();
                let message = format!("numprocs={number}: Supervisor runs no process, so there is no unit.");
                self.ledger.approximate(&announce::GROUPS, section, "numprocs", &message);
            }
        }
    }

    /// A section that Supervisor refuses. Where the rules withhold that because of template markup, it is said here.
    fn without(&mut self, group: &Group<'a>, section: Text<'a>) {
        if ![section, &group.section].into_iter().any(|section| self.told.contains(section)) {
            let message = "no unit is written: Supervisor refuses this section as it stands; is it a template to be rendered \
                           first?";
            self.ledger.lost(&announce::NOT_CONVERTIBLE, section, "command", message);
        }
        self.ledger.implied(section, "no unit is written: Supervisor refuses the section.");
    }

    /// The processes that one section makes in one group.
    fn program(
        &mut self,
        group: &Group<'a>,
        section: Text<'a>,
        within: Option<&UnitName>,
        processes: &[&model::Process<'a>],
    ) {
        let umbrella = match umbrella_name(self.choices) {
            Ok(umbrella) => umbrella,
            Err(error) => return self.misnamed(section, "process_name", &error.to_string()),
        };
        // A program with several processes has a target of its own, unless its group has one (mapping 2.1).
        let several = processes.len() > 1 && !matches!(group.kind, GroupKind::Group);
        let target = match several.then(|| UnitName::new(&self.choices.prefix, &group.name, Kind::Target)).transpose() {
            Ok(target) => target,
            Err(error) => return self.misnamed(section, "process_name", &error.to_string()),
        };
        let above: Vec<&UnitName> = within.into_iter().chain(&target).chain([&umbrella]).collect();
        let mut made: Vec<Done<'a>> = Vec::new();
        let mut missing = false;
        let mut socket = None;
        for process in processes {
            match self.process(group, process) {
                Ok(mut done) => {
                    if let Some((name, unit)) = done.socket.take() {
                        let own =
                            UnitName::service(&self.choices.prefix, &done.process.group, &done.process.name.value);
                        let alike = processes.len() == 1 && own.is_ok_and(|own| own.stem() == name.stem());
                        socket::attach(&mut done.service, &name, alike);
                        socket.get_or_insert((name, unit, alike));
                    }
                    targets::place(&mut done.service, &above, done.process.autostart.value);
                    made.push(done);
                }
                Err(NoUnit) => missing = true,
            }
        }
        if missing {
            self.ledger.implied(section, "no unit is written for this program.");
        }
        if made.is_empty() {
            return;
        }
        for option in ["process_name", "numprocs", "numprocs_start", "autostart"] {
            self.ledger.exact(section, option);
        }
        self.fixed_from_outside(section, &made);
        let before = self.units.len();
        if !self.template(group, &made) {
            for done in made {
                match UnitName::service(&self.choices.prefix, &done.process.group, &done.process.name.value) {
                    Ok(name) => {
                        if name::is_packaged(name.as_str()) {
                            let message = format!(
                                "if this machine has its own {name}, this file takes its place; choose --prefix to keep both."
                            );
                            self.ledger.approximate(&announce::GROUPS, section, "process_name", &message);
                        }
                        if done.wanted {
                            let services = vec![done.running(name.clone())];
                            self.service(group, name, services, done);
                        }
                    }
                    Err(error) => self.misnamed(section, "process_name", &error.to_string()),
                }
            }
        }
        if let Some((name, mut socket, alike)) = socket {
            socket.part_of = Value::from(&umbrella).into();
            let first = self.units.get(before).and_then(|unit| unit.services.first()).filter(|_| !alike);
            socket.service = first.map(|running| Value::from(&running.unit)).into();
            let (section, body) = (section, Body::Socket(Box::new(socket)));
            self.units.push(Unit::of(name, section, body, false));
        }
        if let Some(name) = target {
            self.target(group, section, name);
        }
    }

    /// `services`: the unit itself, or the instances of the template that it is.
    fn service(&mut self, group: &Group<'a>, name: UnitName, services: Vec<Running>, done: Done<'a>) {
        let Done { process, mut service, socket: _, rotations, log: _, wanted: _ } = done;
        if !service.secrets.is_empty() {
            service.environment_file = secret::value(&name).into();
        }
        let unit = Unit::of(name, process.section, Body::Service(Box::new(service)), process.autostart.value);
        self.units.push(Unit { services, priority: group.priority.known().cloned(), rotations, ..unit });
    }

    /// One template for all processes, if it makes exactly their units (mapping 2.3).
    fn template(&mut self, group: &Group<'a>, made: &[Done<'a>]) -> bool {
        let names: Vec<&str> = made.iter().map(|done| &*done.process.name.value).collect();
        let services: Vec<&Service> = made.iter().map(|done| &done.service).collect();
        let Some(Done { process, .. }) = made.first() else { return false };
        let Some(numbers) = targets::numbers(&names) else { return false };
        let Some(service) = Service::template(&services, &numbers) else { return false };
        let Ok(name) = UnitName::template(&self.choices.prefix, &process.group, &process.program) else { return false };
        let Some(instances) = numbers.iter().map(|number| name.instance(number)).collect::<Option<Vec<_>>>() else {
            return false;
        };
        let wanted = made.iter().filter(|done| done.wanted);
        let rotations = wanted.flat_map(|done| done.rotations.iter().cloned()).collect();
        let wanted = made.iter().zip(instances).filter(|(done, _)| done.wanted);
        let services = wanted.map(|(done, instance)| done.running(instance)).collect();
        let done = Done { process: process.clone(), service, socket: None, rotations, log: None, wanted: true };
        self.service(group, name, services, done);
        true
    }

    fn misnamed(&mut self, section: Text<'a>, option: &'static str, message: &str) {
        let place = self.ledger.place(section, option);
        let error = Diagnostic::new(&announce::NOT_CONVERTIBLE, place, message.to_owned());
        self.errors.push(error.severity(Severity::Error).of(section, Some(option)));
        self.ledger.implied(section, "no unit is written: its name cannot be.");
    }

    fn process(&mut self, group: &Group<'a>, process: &model::Process<'a>) -> Result<Done<'a>, NoUnit> {
        let wanted = self.wants(group, process);
        let section = &process.program.section;
        let process = match Process::of(group, process, &self.daemon) {
            Ok(process) => process,
            Err(unknown) => {
                self.unknown(&unknown.options);
                return Err(NoUnit);
            }
        };
        if process.section.starts_with("fcgi-program:") && process.socket.is_none() {
            let message = "Supervisor gives grouped fcgi-programs no socket; neither does the unit.";
            for option in ["socket", "socket_backlog", "socket_owner", "socket_mode"] {
                self.ledger.exact(section, option);
            }
            self.ledger.approximate(&announce::GROUPS, section, "socket", message);
        }
        let service = Service {
            header: vec![Comment::note(&format!("[{section}] of {}", self.config.path))],
            description: Value::description(&format!("{}:{}", process.group, process.name.value)).into(),
            after: vec![Value::NETWORK_TARGET.into()],
            service_type: Value::EXEC.into(),
            oom_policy: self.choices.version.has_oom_policy().then(|| Value::fixed("continue")).into(),
            ..Service::default()
        };
        let (ledger, choices) = (&mut self.ledger, self.choices);
        let mut draft = Draft {
            ledger,
            choices,
            process: &process,
            service,
            executable: "",
            files: Vec::new(),
            rotations: Vec::new(),
            made: Vec::new(),
        };
        context::write(&mut draft)?;
        logs::write(&mut draft);
        restart::write(&mut draft);
        stop::write(&mut draft);
        let socket = match &process.socket {
            None => None,
            Some(listener) => {
                let name = UnitName::new(&draft.choices.prefix, &process.group, Kind::Socket);
                let name = name.map_err(|error| draft.without_unit(&process.name, &error.to_string()))?;
                Some((name, socket::write(&mut draft, listener)?))
            }
        };
        let Draft { service, files, rotations, made, .. } = draft;
        for (path, made) in made {
            self.made.entry(path).or_insert((section, made));
        }
        let log = files.iter().find(|(_, option)| *option == "stdout_logfile").map(|(path, _)| path.clone());
        let who = self.config.sources.keep(format!("{}:{}", process.group, process.name.value));
        for (path, option) in files {
            let rotation = rotations.iter().find(|rotation| rotation.path() == path).cloned();
            let writer = Writer { section, who, option, rotation };
            self.files.entry(python::normpath(&path).into_owned()).or_default().push(writer);
        }
        let mut streams = std::iter::once(&process.stdout).chain(&process.stderr);
        self.automatic |= streams.any(|stream| stream.destination.value == Destination::Auto);
        Ok(Done { process, service, socket, rotations, log, wanted })
    }

    /// Keeps the log files of these sections.
    pub(super) fn forget_writers(&mut self, running: &HashSet<Text<'a>>) {
        for writers in self.files.values_mut() {
            writers.retain(|writer| running.contains(&writer.section));
        }
    }

    /// Log files that several processes write. One file has one rotation, that of the first who has one.
    pub(super) fn shared_files(&mut self) {
        for (path, writers) in std::mem::take(&mut self.files) {
            let one = writers.iter().all(|writer| Some(&writer.who) == writers.first().map(|first| &first.who));
            let message = format!(
                "several processes append to {path}: no line is lost, where Supervisor lost some whenever it rotated the file."
            );
            let rotated = writers.iter().find_map(|writer| Some((&writer.section, writer.rotation.as_ref()?)));
            for Writer { section, who: _, option, rotation } in &writers {
                if !one {
                    self.ledger.approximate(&announce::LOGS, section, option, &message);
                }
                let Some((of, first)) = rotated.filter(|(_, first)| rotation.as_ref() != Some(first)) else { continue };
                let message = format!("{path} is rotated as [{of}] says, {first}: one file has one rotation.");
                let options = if *option == "stdout_logfile" {
                    ["stdout_logfile_maxbytes", "stdout_logfile_backups"]
                } else {
                    ["stderr_logfile_maxbytes", "stderr_logfile_backups"]
                };
                for option in options {
                    if self.ledger.text(section, option).is_some() {
                        self.ledger.approximate(&announce::LOGS, section, option, &message);
                    }
                }
            }
        }
    }

    /// The target of everything, where there is anything.
    pub(super) fn umbrella(&mut self) {
        if self.units.is_empty() {
            return;
        }
        if let Ok(name) = umbrella_name(self.choices) {
            let body = Body::Target(targets::umbrella(&self.config.path));
            let section = "supervisord".into();
            self.units.push(Unit::of(name, section, body, true));
        }
    }
}
