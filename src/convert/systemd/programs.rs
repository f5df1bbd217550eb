//! Program by program, until each process has its unit or a reason for none.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::constants::Facts;
use super::draft::{Draft, NoUnit};
use super::escape::{Comment, UnitValue};
use super::listeners::Listeners;
use super::manager::Whose;
use super::name::{self, UnitKind, UnitName};
use super::stop_times::Wait;
use super::tmpfiles::Made;
use super::tune::{self, Tuned};
use super::unit::{ServiceUnit, SocketUnit, UnitText};
use super::{Choices, Context, context, harden, logs, restart, secret, socket, stop, taken, targets};
use crate::convert::drafting::Drafting as _;
use crate::convert::program::{Daemon, Destination, Job};
use crate::convert::rotation::Rotation;
use crate::convert::selection::{Members, called};
use crate::convert::writers::Writer;
use crate::convert::{Ledger, PlanFile, Shared, announce, outside};
use crate::hash::HashSet;
use crate::keys::{fcgi as f, group as g, process as p, program as k};
use crate::model::{Group, GroupKind, Process};
use crate::python;
use crate::python::integer::Integer;

/// A unit: its text, and what the rest of the plan has to know of it.
pub(super) struct Unit<'a> {
    pub name: UnitName,
    /// The section that made it; that of the umbrella is `supervisord`.
    pub section: &'a str,
    /// The group that it belongs to; the umbrella has none.
    pub group: Option<&'a Group<'a>>,
    pub text: UnitText,
    /// Whether it is started at boot, with all its instances.
    pub enabled: bool,
    /// What runs, where it is a service.
    pub service: Option<Service<'a>>,
}

/// What is particular to a service.
pub(super) struct Service<'a> {
    /// What runs: itself, or the instances of a template.
    pub runs: Vec<Running<'a>>,
    /// The lines that begin the file that rotates its logs.
    pub header: Vec<Comment>,
    /// The file of its secrets.
    pub secrets: Option<Box<PlanFile>>,
    /// The log files that supervisord rotated.
    pub rotations: Vec<Rotation<'a>>,
    /// How long its stop can take.
    pub stops_within: Wait,
    pub facts: Facts,
}

/// A service that runs one process.
pub(super) struct Running<'a> {
    pub unit: UnitName,
    /// The process as supervisorctl calls it.
    pub called: String,
    /// The file that its standard output goes to.
    pub log: Option<Cow<'a, str>>,
}

impl<'a> Unit<'a> {
    /// One that runs nothing by itself.
    fn of(name: UnitName, section: &'a str, group: Option<&'a Group<'a>>, text: UnitText, enabled: bool) -> Self {
        Self { name, section, group, text, enabled, service: None }
    }

    /// Its place in the order of start: that of its group, where it is a service and that is known.
    pub fn priority(&self) -> Option<&'a Integer> {
        self.service.as_ref().and(self.group)?.priority.known()
    }
}

/// All units, and what goes with them; some may have the name of another.
#[derive(Default)]
pub(super) struct Drafted<'a> {
    pub units: Vec<Unit<'a>>,
    /// Who writes which log file.
    pub writers: Vec<Writer<'a>>,
    /// What has to be there before a unit starts, by path, and the section that asked for it first.
    pub made: BTreeMap<String, (&'a str, Made)>,
    /// Whether a stream goes to a file that Supervisor would have named.
    pub automatic: bool,
    /// What timers and units run in the place of event listeners.
    pub scripts: Vec<PlanFile>,
    /// The event listeners that are replaced, as supervisorctl calls them.
    pub replaced: Vec<String>,
    /// What the texts of the units have in common.
    pub shared: Shared,
}

impl<'a> Drafted<'a> {
    /// The sections that have a service.
    pub fn running(&self) -> HashSet<&'a str> {
        self.units.iter().filter(|unit| unit.service.is_some()).map(|unit| unit.section).collect()
    }
}

/// Makes the units of all programs that are selected.
pub(super) fn drafted<'a>(context: Context<'_, 'a>, ledger: &mut Ledger<'a>) -> Drafted<'a> {
    let told = ledger.errors().iter().filter_map(|error| error.section.map(str::to_owned)).collect();
    let daemon = Daemon::of(context.config);
    let listeners = Listeners::of(context, ledger);
    let drafted = Drafted::default();
    let mut maker = Maker { context, ledger, daemon, told, limits: None, outside: false, listeners, drafted };
    for group in &context.selection.groups {
        maker.group(group);
    }
    maker.idle();
    std::mem::take(&mut maker.listeners).write(context, &mut maker.drafted, maker.ledger);
    maker.umbrella();
    maker.drafted
}

/// The units in the making.
struct Maker<'c, 'a> {
    context: Context<'c, 'a>,
    ledger: &'c mut Ledger<'a>,
    daemon: Daemon<'a>,
    /// The sections of which has been said that Supervisor refuses them.
    told: HashSet<String>,
    /// The limits, which are the same for all.
    limits: Option<context::Limits>,
    /// Whether has been said what `[supervisord]` takes from outside.
    outside: bool,
    listeners: Listeners<'a>,
    drafted: Drafted<'a>,
}

/// A process with its unit.
struct Done<'a> {
    job: Box<Job<'a>>,
    service: Box<ServiceUnit>,
    /// The socket that it is handed.
    socket: Option<(UnitName, SocketUnit)>,
    rotations: Vec<Rotation<'a>>,
    log: Option<Cow<'a, str>>,
    /// Whether it is asked for; the others of its program decide with it what kind of unit it has.
    wanted: bool,
}

impl<'a> Done<'a> {
    /// It as a unit runs it.
    fn running(&self, unit: UnitName) -> Running<'a> {
        Running { unit, called: called(self.job.group, self.job.name.value), log: self.log.clone() }
    }
}

impl<'a> Maker<'_, 'a> {
    fn group(&mut self, group: &'a Group<'a>) {
        match &group.kind {
            GroupKind::Group if group.processes.is_empty() => {
                let message = "the group has no programs, so it gets no target.";
                self.ledger.approximate(&announce::GROUPS, group.section, &g::PROGRAMS, message);
            }
            // They have been read.
            GroupKind::EventListener(_) => return,
            GroupKind::Group | GroupKind::Program | GroupKind::Fcgi(_) => {}
        }
        let target = self.target_of(group);
        let before = self.drafted.units.len();
        for members in self.context.selection.members(group) {
            if self.context.selection.refuses(group, members.section) {
                self.refused(group, members.section);
            } else {
                self.program(group, target.as_ref(), &members);
            }
        }
        let made = self.drafted.units.len() > before;
        if let Some(name) = target.filter(|_| made) {
            self.ledger.exact(group.section, &g::PROGRAMS);
            self.target(group, group.section, name);
        } else if matches!(group.kind, GroupKind::Group) && !made {
            self.ledger.implied(group.section, "no unit is written for the programs of this group.");
        }
    }

    /// The name of the target of a `[group:x]`; its members are the services of its programs (facts 2.1).
    fn target_of(&mut self, group: &'a Group<'a>) -> Option<UnitName> {
        if !matches!(group.kind, GroupKind::Group) || group.processes.is_empty() {
            return None;
        }
        let name = UnitName::new(&self.context.choices.prefix, group.name, UnitKind::Target);
        if let Err(error) = &name {
            self.ledger.error(group.section, &g::PROGRAMS, error);
            self.ledger.implied(group.section, MISNAMED);
        }
        name.ok()
    }

    /// The target of several services.
    fn target(&mut self, group: &'a Group<'a>, section: &'a str, name: UnitName) {
        let Ok(umbrella) = self.context.umbrella else { return };
        let text = targets::of_members(section, self.context.source, group.name, umbrella).text();
        self.drafted.units.push(Unit::of(name, section, Some(group), text, true));
    }

    /// The target of everything, where there is anything.
    fn umbrella(&mut self) {
        if let Some(name) = self.context.umbrella.as_ref().ok().filter(|_| !self.drafted.units.is_empty()) {
            // Its text names all others, once they are known.
            self.drafted.units.push(Unit::of(name.clone(), "supervisord", None, UnitText::default(), true));
        }
    }

    /// Sections that make no process.
    fn idle(&mut self) {
        for section in &self.context.selection.idle {
            self.ledger.all_exact(section);
            if let Some(number) = self.ledger.text(section, &k::NUMPROCS) {
                let message = format_args!("numprocs={number}: Supervisor runs no process, so no unit is needed.");
                self.ledger.approximate(&announce::GROUPS, section, &k::NUMPROCS, message);
            }
        }
    }

    /// A section that Supervisor refuses. Where the rules withhold that because of template markup, it is said here.
    fn refused(&mut self, group: &'a Group<'a>, section: &'a str) {
        if ![section, group.section].into_iter().any(|section| self.told.contains(section)) {
            let message = "no unit is written: Supervisor refuses this section as it stands; is it a template to be rendered \
                           first?";
            self.ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, message);
        }
        self.ledger.implied(section, "no unit is written: Supervisor refuses the section.");
    }

    fn misnamed(&mut self, section: &'a str, error: &name::NameError) {
        self.ledger.error(section, &p::PROCESS_NAME, error);
        self.ledger.implied(section, MISNAMED);
    }

    /// The processes that one section makes in one group.
    fn program(&mut self, group: &'a Group<'a>, within: Option<&UnitName>, members: &Members<'a>) {
        let (section, prefix) = (members.section, &self.context.choices.prefix);
        let several = members.processes.len() > 1;
        // A program with several processes has a target of its own, unless its group has one (facts 2.1).
        let own = several && !matches!(group.kind, GroupKind::Group);
        let names = self.context.umbrella.as_ref().map_err(Clone::clone).and_then(|umbrella| {
            Ok((umbrella, own.then(|| UnitName::new(prefix, group.name, UnitKind::Target)).transpose()?))
        });
        let (umbrella, target) = match names {
            Ok(names) => names,
            Err(error) => return self.misnamed(section, &error),
        };
        let above: Vec<&UnitName> = within.into_iter().chain(&target).chain([umbrella]).collect();
        let mut made: Vec<Done<'a>> = Vec::with_capacity(members.processes.len());
        let mut socket = None;
        for process in &members.processes {
            let Ok(mut done) = self.process(group, process) else { continue };
            if let Some((name, unit)) = done.socket.take() {
                let own = UnitName::service(prefix, done.job.group, done.job.name.value);
                let alike = !several && own.is_ok_and(|own| own.stem() == name.stem());
                socket::attach(&mut done.service, &name, alike);
                socket.get_or_insert((name, unit, alike));
            }
            targets::place(&mut done.service, &above, self.starts(&done.job));
            made.push(done);
        }
        if made.len() < members.processes.len() {
            self.ledger.implied(section, "no unit is written for this program.");
        }
        if made.is_empty() {
            return;
        }
        for key in [&p::PROCESS_NAME, &k::NUMPROCS, &k::NUMPROCS_START, &k::AUTOSTART] {
            self.ledger.exact(section, key);
        }
        let set = |name: &str| {
            let mut variables = made.iter().flat_map(|done| &done.job.environment.value);
            variables.any(|variable| variable.section == section && variable.name == name)
        };
        outside::fixed(section, set, self.ledger);
        if !std::mem::replace(&mut self.outside, true) {
            outside::fixed_of_supervisord(&self.daemon, self.ledger);
        }
        let before = self.drafted.units.len();
        match self.template(&made) {
            Some((name, instances, service)) => self.instances(group, name, &instances, service, &made),
            None => made.into_iter().for_each(|done| self.alone(group, done)),
        }
        if let Some((name, mut socket, alike)) = socket {
            socket.part_of = UnitValue::from(umbrella).into();
            let first = self.drafted.units.get(before).and_then(|unit| unit.service.as_ref()?.runs.first());
            socket.service = first.filter(|_| !alike).map(|running| UnitValue::from(&running.unit)).into();
            self.drafted.units.push(Unit::of(name, section, Some(group), socket.text(), false));
        }
        if let Some(name) = target {
            self.target(group, section, name);
        }
    }

    /// A process as a unit of its own.
    fn alone(&mut self, group: &'a Group<'a>, done: Done<'a>) {
        let section = done.job.section;
        let name = match UnitName::service(&self.context.choices.prefix, done.job.group, done.job.name.value) {
            Ok(name) => name,
            Err(error) => return self.misnamed(section, &error),
        };
        let by_user = self.context.runs_as.is_user();
        let is_taken = if by_user { taken::is_taken_for_users } else { taken::is_taken };
        if is_taken(name.as_str()) {
            let message =
                format_args!("if this machine has its own {name}, this file replaces it: use --prefix to keep both.");
            self.ledger.approximate(&announce::DEPENDS_ON_MACHINE, section, &p::PROCESS_NAME, message);
        }
        if done.wanted {
            let runs = vec![done.running(name.clone())];
            self.service(group, name, runs, done.service, done.rotations, &done.job);
        }
    }

    /// One template for all processes, if it makes exactly their units (facts 2.3).
    fn template(&self, made: &[Done<'a>]) -> Option<(UnitName, Vec<UnitName>, Box<ServiceUnit>)> {
        let (first, rest) = made.split_first()?;
        if rest.is_empty() {
            return None;
        }
        let names: Vec<&str> = made.iter().map(|done| done.job.name.value).collect();
        let numbers = targets::numbers(&names)?;
        let services: Vec<&ServiceUnit> = made.iter().map(|done| &*done.service).collect();
        let service = ServiceUnit::template(&services, &numbers)?;
        let name = UnitName::template(&self.context.choices.prefix, first.job.group, first.job.program).ok()?;
        let instances = numbers.iter().map(|number| name.instance(number)).collect::<Option<Vec<_>>>()?;
        Some((name, instances, service))
    }

    /// The processes as instances of a template.
    fn instances(
        &mut self,
        group: &'a Group<'a>,
        name: UnitName,
        instances: &[UnitName],
        service: Box<ServiceUnit>,
        made: &[Done<'a>],
    ) {
        let wanted = || made.iter().zip(instances).filter(|(done, _)| done.wanted);
        let rotations = wanted().flat_map(|(done, _)| done.rotations.iter().cloned()).collect();
        let runs = wanted().map(|(done, instance)| done.running(instance.clone())).collect();
        if let Some(Done { job, .. }) = made.first() {
            self.service(group, name, runs, service, rotations, job);
        }
    }

    /// Writes a service.
    fn service(
        &mut self,
        group: &'a Group<'a>,
        name: UnitName,
        runs: Vec<Running<'a>>,
        mut service: Box<ServiceUnit>,
        rotations: Vec<Rotation<'a>>,
        job: &Job<'a>,
    ) {
        let secrets = (!service.secrets.is_empty()).then(|| {
            let whose = self.context.runs_as.whose();
            service.environment_file = secret::value(&name, whose).into();
            secret::file(&name, whose, &service.header, &service.secrets)
        });
        let facts = Facts::of(&service);
        let told_only = self.context.choices.told_only;
        let text = if told_only { UnitText::default() } else { service.text().sharing(&mut self.drafted.shared) };
        let unit = Unit::of(name, job.section, Some(group), text, self.starts(job));
        let header = if rotations.is_empty() { Vec::new() } else { std::mem::take(&mut service.header) };
        let stops_within = Wait::of(&service);
        let secrets = secrets.map(Box::new);
        let service = Some(Service { runs, header, secrets, rotations, stops_within, facts });
        self.drafted.units.push(Unit { service, ..unit });
    }

    /// Whether a process is started at boot.
    fn starts(&self, job: &Job<'a>) -> bool {
        *job.own.autostart.value || self.listeners.start(job.section, self.ledger)
    }

    /// The service of one process.
    fn process(&mut self, group: &'a Group<'a>, process: &'a Process<'a>) -> Result<Done<'a>, NoUnit> {
        let section = process.program.section;
        let Context { config, choices, selection, runs_as, umbrella: _, asked_by: _, source } = self.context;
        let wanted = selection.wants(group, process);
        let job = match Job::of(group, process, &self.daemon) {
            Ok(job) => job,
            Err(unknown) => {
                outside::unknown(&unknown, "unit", self.ledger);
                return Err(NoUnit);
            }
        };
        if section.starts_with("fcgi-program:") && job.listener.is_none() {
            let message = "Supervisor creates no socket for an fcgi-program in a group; the unit does not either.";
            for key in f::KEYS {
                self.ledger.exact(section, key);
            }
            self.ledger.approximate(&announce::GROUPS, section, &f::SOCKET, message);
        }
        let mut service = Box::<ServiceUnit>::default();
        service.header = vec![Comment::note(&["[", section, "] of ", source].concat())];
        service.description = UnitValue::description(&name::described(job.group, job.name.value)).into();
        place_after(&mut service, choices, runs_as.whose());
        service.service_type = UnitValue::EXEC.into();
        service.oom_policy = choices.version.has_oom_policy().then(|| UnitValue::fixed("continue")).into();
        let (files, rotations, made) = (Vec::new(), Vec::new(), Vec::new());
        let (ledger, limits) = (&mut *self.ledger, &mut self.limits);
        let cannot_run = selection.cannot_run(section);
        let mut draft = Draft {
            ledger,
            limits,
            choices,
            runs_as,
            job: &job,
            secrets: &config.secrets,
            service,
            cannot_run,
            executable: "",
            printed: self.listeners.print_output(),
            files,
            rotations,
            made,
            tuned: Tuned::default(),
        };
        if draft.has_secret(&job.name, job.name.value) {
            return Err(draft.without_unit(&job.name, "its name contains a secret, and every user can read a unit."));
        }
        context::write(&mut draft)?;
        tune::write(&mut draft);
        logs::write(&mut draft);
        restart::write(&mut draft);
        stop::write(&mut draft);
        harden::write(&mut draft);
        self.listeners.attach(&mut draft);
        self.listeners.order(group, config, &mut draft);
        let socket = match &job.listener {
            None => None,
            Some(listener) => {
                let name = UnitName::new(&choices.prefix, job.group, UnitKind::Socket);
                let name = name.map_err(|error| draft.without_unit(&job.name, error))?;
                Some((name, socket::write(&mut draft, listener)?))
            }
        };
        let Draft { service, files, rotations, made, .. } = draft;
        for (path, made) in made {
            self.drafted.made.entry(path).or_insert((section, made));
        }
        let log = files.iter().find(|(_, key)| key.name == p::STDOUT_LOGFILE.name).map(|(path, _)| path.clone());
        for (path, key) in files {
            let rotation = rotations.iter().find(|rotation| rotation.path() == path).cloned();
            let path = match python::normpath(&path) {
                Cow::Borrowed(normal) if normal.len() == path.len() => path,
                normal => Cow::Owned(normal.into_owned()),
            };
            self.drafted.writers.push(Writer {
                path,
                section,
                group: job.group,
                process: job.name.value,
                key,
                rotation,
            });
        }
        let mut streams = std::iter::once(&job.stdout).chain(&job.stderr);
        self.drafted.automatic |= streams.any(|stream| stream.destination.value == Destination::Auto);
        Ok(Done { job, service, socket, rotations, log, wanted })
    }
}

/// What others start before the services.
fn place_after(service: &mut ServiceUnit, choices: &Choices, whose: Whose) {
    let network = if choices.network_online { UnitValue::NETWORK_ONLINE_TARGET } else { UnitValue::NETWORK_TARGET };
    // A user manager has no unit of these names.
    let network = (whose == Whose::Machine).then_some(network);
    service.wants = network.clone().filter(|_| choices.network_online).into();
    let others = UnitValue::units(&choices.after.iter().collect::<Vec<_>>());
    service.after = network.into_iter().chain(others).map(Into::into).collect();
}

const MISNAMED: &str = "no unit is written, because its name is not possible.";
