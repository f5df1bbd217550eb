//! The systemd target: services, templates and targets, translated as the mapping says; what is not is announced.

mod collisions;
mod constants;
mod context;
mod daemon;
mod draft;
pub mod environment;
pub mod escape;
pub mod exec;
pub mod limits;
mod listener;
mod logs;
pub mod name;
mod order;
mod outside;
mod planner;
pub mod restart;
mod rotation;
mod secret;
mod socket;
pub mod stop;
pub mod targets;
mod tmpfiles;
pub mod unit;
pub mod version;

use std::collections::{HashMap, HashSet};

use super::{File, Ledger, Moved, OpenFiles, Plan};
use crate::diagnostic::Diagnostic;
use crate::load::Merged;
use crate::model::value::Text;
use crate::model::{Config, Group, Process};
use crate::python;
use crate::python::integer::Integer;
use crate::refusal::Refusal;
use name::{Kind, NameError, UnitName};
use planner::Planner;
use rotation::Rotation;
use unit::{Service, Socket, Target};
use version::Version;

/// What can be chosen of a conversion.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// What all unit names begin with.
    pub prefix: String,
    /// Supervisor's behaviour to the letter, where the default takes the better habit.
    pub faithful: bool,
    /// Whether all output goes to the journal; otherwise files stay files.
    pub journal: bool,
    /// The soft and the hard limit of open files for all units.
    pub open_files: Option<(u64, u64)>,
    /// The systemd that the units are for: nothing newer is used.
    pub version: Version,
    /// What alone is converted, as supervisorctl calls it: `web`, `group:*`, `group:process`; empty is everything.
    pub only: Vec<String>,
}

impl Choices {
    /// Whether a process is named by itself, by its program or by its group.
    fn names(&self, group: &Group<'_>, process: &Process<'_>) -> bool {
        let name = process.options.process_name.known().copied();
        self.wants(&group.name, &process.program.name, name)
    }

    /// Whether a process is to be converted.
    fn wants(&self, group: &str, program: &str, process: Option<&str>) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| names(pattern, group, program, process))
    }
}

/// Whether a pattern of `--only` names a process.
fn names(pattern: &str, group: &str, program: &str, process: Option<&str>) -> bool {
    match pattern.split_once(':') {
        None => pattern == group || pattern == program,
        Some((before, "*" | "")) => before == group,
        Some((before, name)) => before == group && process == Some(name),
    }
}

/// The patterns of `--only` that name nothing.
#[must_use]
pub fn unmatched<'a>(config: &Config, only: &'a [String]) -> Vec<&'a str> {
    let named = |pattern: &String| {
        config.groups.iter().any(|group| {
            let of = |process: &Process| {
                names(
                    pattern,
                    &group.name,
                    &process.program.name,
                    process.options.process_name.known().map(|name| &**name),
                )
            };
            group.processes.iter().any(of) || names(pattern, &group.name, &group.name, None)
        })
    };
    only.iter().filter(|pattern| !named(pattern)).map(String::as_str).collect()
}

/// A unit and what made it.
struct Unit<'a> {
    name: UnitName,
    /// The section; that of the umbrella is `supervisord`.
    section: Text<'a>,
    body: Body,
    /// What runs: itself, or the instances of a template.
    services: Vec<Running>,
    /// The priority of its group, where that is known.
    priority: Option<Integer>,
    /// Whether it is started at boot, with all its instances.
    enabled: bool,
    /// The log files that supervisord rotated.
    rotations: Vec<Rotation>,
}

impl<'a> Unit<'a> {
    /// One that runs nothing by itself.
    fn of(name: UnitName, section: Text<'a>, body: Body, enabled: bool) -> Self {
        Self { name, section, body, services: Vec::new(), priority: None, enabled, rotations: Vec::new() }
    }

    /// What `systemctl enable` is to be told.
    fn enable(&self) -> Vec<String> {
        match (&self.body, self.enabled) {
            // The services pull a socket in.
            (_, false) | (Body::Socket(_), true) => Vec::new(),
            (Body::Service(_), true) => self.services.iter().map(|running| running.unit.to_string()).collect(),
            (Body::Target(_), true) => vec![self.name.to_string()],
        }
    }
}

/// A service that runs one process.
struct Running {
    unit: UnitName,
    /// The process as supervisorctl calls it.
    called: String,
    /// The file that its standard output goes to.
    log: Option<String>,
}

/// The file of a unit.
enum Body {
    Service(Box<Service>),
    Target(Target),
    Socket(Box<Socket>),
}

/// Converts a configuration. `refusals`: what Supervisor refuses of it, which becomes the errors of the plan.
#[must_use]
pub fn plan<'a>(
    merged: &Merged<'a>,
    config: &Config<'a>,
    refusals: Vec<Diagnostic<'a>>,
    choices: &Choices,
) -> Plan<'a> {
    let mut planner = Planner::new(config, choices, Ledger::new(merged), refusals);
    let refused = config.refusals.iter().any(whole);
    if refused {
        // A file that Supervisor refuses as a whole gives no unit at all.
        planner.nothing();
    } else {
        for group in &config.groups {
            planner.group(group);
        }
        planner.without_processes(merged);
        planner.umbrella();
        planner.collisions();
        planner.order();
        planner.shared_files();
        planner.constants();
        planner.without_units();
    }
    planner.sections_of_the_daemon(merged);
    let Planner { ledger, errors, units, stays, made, .. } = planner;
    let (losses, summary) = ledger.close();
    let mut plan = Plan {
        target: "systemd",
        files: Vec::new(),
        enable: Vec::new(),
        losses,
        errors,
        summary,
        open_files: Vec::new(),
        stays,
        moved: Vec::new(),
        left: Vec::new(),
        moving: Vec::new(),
        group: None,
        kill_option: if choices.version.has_kill_whom() { "--kill-whom" } else { "--kill-who" },
        refused,
        fragment: config.fragment,
    };
    let limit = limits::told(config, choices);
    let mut beside: Vec<File> =
        tmpfiles::file(&choices.prefix, &config.path, made.iter().map(|(path, (_, made))| (path.as_str(), made)))
            .into_iter()
            .collect();
    let mut rotated = HashSet::new();
    let (mut targets, mut services) = (Vec::new(), Vec::new());
    for unit in units {
        let enable = unit.enable();
        let moved = unit.services.into_iter();
        plan.moved.extend(moved.map(|Running { unit, called, log }| Moved { called, unit: unit.to_string(), log }));
        let text = match unit.body {
            Body::Service(service) => {
                services.extend(enable);
                if !service.secrets.is_empty() {
                    beside.push(secret::file(&unit.name, &service.header, &service.secrets));
                }
                // logrotate passes over a file that is named twice.
                let first = |rotation: &Rotation| rotated.insert(python::normpath(rotation.path()).into_owned());
                let own: Vec<Rotation> = unit.rotations.into_iter().filter(first).collect();
                if !own.is_empty() {
                    beside.push(rotation::file(&unit.name, &service.header, &own));
                }
                plan.open_files.push(OpenFiles {
                    unit: unit.name.as_str().to_owned(),
                    section: unit.section,
                    text: limit.clone(),
                });
                service.to_string()
            }
            Body::Target(target) => {
                // A group of which nothing is started at boot is not started by its target either.
                let group = unit.section.split_once(':').filter(|_| plan.group.is_none() && !enable.is_empty());
                plan.group = group.map(|(_, group)| (group.to_owned(), unit.name.to_string())).or(plan.group);
                targets.extend(enable);
                target.to_string()
            }
            Body::Socket(socket) => socket.to_string(),
        };
        plan.files.push(File { path: unit.name.as_str().to_owned(), mode: 0o644, text, secret: false });
    }
    leaving(config, choices, &mut plan);
    beside.sort_by(|one, other| one.path.cmp(&other.path));
    plan.files.extend(beside);
    // The umbrella is made last and stands first.
    let umbrella: Vec<String> = targets.pop().into_iter().collect();
    plan.enable = umbrella.into_iter().chain(targets).chain(services).collect();
    plan
}

/// What moves and what is left, as supervisorctl calls them.
fn leaving(config: &Config, choices: &Choices, plan: &mut Plan) {
    let moved: HashSet<String> = plan.moved.iter().map(|moved| moved.called.clone()).collect();
    for group in &config.groups {
        let called = |process: &Process| {
            let name = process.options.process_name.known().unwrap_or(&process.program.name);
            if *name == group.name { name.to_string() } else { format!("{}:{name}", group.name) }
        };
        let all: Vec<String> = group.processes.iter().map(called).collect();
        if all.len() > 1 && all.iter().all(|name| moved.contains(name)) {
            plan.moving.push(format!("{}:*", group.name));
            continue;
        }
        for (process, name) in group.processes.iter().zip(all) {
            if moved.contains(&name) {
                plan.moving.push(name);
            } else if choices.names(group, process) {
                plan.left.push(name);
            }
        }
    }
}

/// Whether a refusal is not of one section that makes programs, but of the file.
fn whole(refusal: &Refusal) -> bool {
    refusal.section.is_none_or(|section| !section.contains(':') && !section.contains("_http_server"))
}

/// The umbrella's name.
fn umbrella_name(choices: &Choices) -> Result<UnitName, NameError> {
    UnitName::new(&choices.prefix, "supervisord", Kind::Target)
}

/// The processes of a group by their sections, in their order.
fn by_section<'g, 'a>(group: &'g Group<'a>) -> Vec<(Text<'a>, Vec<&'g Process<'a>>)> {
    let mut found: Vec<(Text<'a>, Vec<&Process<'a>>)> = Vec::new();
    let mut known: HashMap<Text<'a>, usize> = HashMap::new();
    for process in &group.processes {
        let section = process.program.section;
        let at = *known.entry(section).or_insert(found.len());
        match found.get_mut(at) {
            Some((_, processes)) => processes.push(process),
            None => found.push((section, vec![process])),
        }
    }
    found
}
