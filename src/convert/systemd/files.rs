//! The plan of all units: their files, those beside them, and the page that hands over.

use std::collections::{BTreeMap, BTreeSet};

use super::escape::{Comment, UnitValue};
use super::handover::Commands;
use super::handover::instead::Table;
use super::handover::page::{self, Control, Moving, Page, Rest};
use super::manager::{RunsAs, Whose};
use super::name::UnitName;
use super::order::Ordered;
use super::programs::{Drafted, Running, Service, Unit};
use super::{Context, limits, listeners, secret, stop_times, targets, tmpfiles};
use crate::convert::rotation::{self, Rotation};
use crate::convert::selection::Selection;
use crate::convert::writers::Writer;
use crate::convert::{Ledger, Moved, Origin, Place, Plan, PlanFile};
use crate::hash::HashSet;
use crate::model::{Config, GroupKind};
use crate::python;

/// What the units have become, and what is told of them.
#[derive(Default)]
struct Sorted<'a> {
    files: Vec<PlanFile>,
    /// What goes with a unit: its secrets, the rotation of its logs.
    beside: Vec<PlanFile>,
    umbrella: Option<UnitName>,
    /// What is enabled beside the umbrella, targets first.
    members: Vec<UnitName>,
    moved: Vec<Moved>,
    /// Of each that moves, whether it is started at boot.
    at_boot: Vec<bool>,
    /// The sections that have a unit, and the number of its file.
    running: Vec<(&'a str, usize)>,
    /// The sockets of a group.
    sockets: BTreeMap<String, Vec<String>>,
    /// A group, and the unit that is all of it.
    group: Option<(String, String)>,
    /// The log file of the first process that moves.
    log: Option<String>,
}

impl<'a> Sorted<'a> {
    fn of(units: Vec<Unit<'a>>) -> Self {
        let mut sorted = Self { files: Vec::with_capacity(units.len()), ..Self::default() };
        let (mut services, mut rotated) = (Vec::new(), HashSet::default());
        for unit in units {
            let Unit { name, section, group: of, text, enabled, service } = unit;
            match service {
                Some(Service { runs, header, secrets, rotations, stops_within: _, facts: _ }) => {
                    if enabled {
                        services.extend(runs.iter().map(|running| running.unit.clone()));
                    }
                    if sorted.moved.is_empty() {
                        sorted.log = runs.first().and_then(|running| running.log.as_deref().map(str::to_owned));
                    }
                    sorted.at_boot.extend(runs.iter().map(|_| enabled));
                    let moved =
                        runs.into_iter().map(|Running { unit, called, .. }| Moved { called, unit: unit.into() });
                    sorted.moved.extend(moved);
                    sorted.beside.extend(secrets.map(|file| *file));
                    sorted.beside.extend(rotation_file(&name, &header, rotations, &mut rotated));
                    sorted.running.push((section, sorted.files.len()));
                }
                None if of.is_none() => {
                    sorted.umbrella = Some(name);
                    continue;
                }
                None if enabled && listeners::is_timer(&name) => services.push(name.clone()),
                // A socket is pulled in by its services.
                None if enabled => {
                    let group = || section.split_once(':').map(|(_, group)| (group.to_owned(), name.to_string()));
                    sorted.group = sorted.group.take().or_else(group);
                    sorted.members.push(name.clone());
                }
                None => {
                    if let Some(of) = of {
                        sorted.sockets.entry(of.name.to_string()).or_default().push(name.to_string());
                    }
                }
            }
            sorted.files.push(PlanFile { path: name.into(), mode: 0o644, text: text.into(), secret: false });
        }
        sorted.members.append(&mut services);
        sorted
    }
}

/// Makes the plan.
pub(super) fn plan<'a>(
    Ordered(Drafted { units, writers, made, automatic: _, scripts, replaced, shared: _ }): Ordered<'a>,
    context: Context<'_, 'a>,
    ledger: Ledger<'a>,
) -> Plan<'a> {
    let Context { config, choices, selection, runs_as, umbrella: _, asked_by, source } = context;
    let logs = if runs_as.is_user() { logs(&writers, config, runs_as) } else { Vec::new() };
    drop(writers);
    let shutdown = stop_times::shutdown(&units);
    let mut sorted = Sorted::of(units);
    let whole = !config.fragment && selection.only.is_everything();
    if let Some(name) = &sorted.umbrella {
        let at_boot = match runs_as.whose() {
            Whose::Machine => UnitValue::MULTI_USER_TARGET,
            Whose::Account => UnitValue::DEFAULT_TARGET,
        };
        let text = targets::umbrella(whole.then_some((source, &sorted.members)), at_boot).text();
        let file = PlanFile { path: name.to_string(), mode: 0o644, text: text.into(), secret: false };
        sorted.files.push(file);
    }
    // When the units are gone, since it needs room for a while.
    let told = Plan::told(ledger, selection);
    let made = made.iter().map(|(path, (_, made))| (path.as_str(), made));
    sorted.beside.extend(tmpfiles::file(&choices.prefix, source, made));
    sorted.beside.extend(scripts);
    sorted.beside.sort_by(|one, other| one.path.cmp(&other.path));
    sorted.files.append(&mut sorted.beside);
    let members = std::mem::take(&mut sorted.members);
    let enable: Vec<String> = sorted.umbrella.take().into_iter().chain(members).map(String::from).collect();
    // The umbrella of a whole file brings the others with it (`Also=`).
    let by = if whole { enable.get(..1).unwrap_or_default() } else { &enable };
    let page = page(&sorted, by, context, |called| replaced.contains(called), &logs);
    let Sorted { mut files, moved, running, .. } = sorted;
    let path = page.as_ref().map(|page| page.path.clone());
    files.extend(page);
    let commands = Commands { whose: runs_as.whose(), asked_by: asked_by.to_owned(), enable, page: path };
    Plan {
        files,
        moved,
        units: running,
        open_files: Some(format!("{}\n  To change it for all: --nofile 65536", limits::told(config, choices))),
        shutdown,
        runners: "units",
        handover: Box::new(commands),
        origin: origin(source, selection, runs_as.whose()),
        ..told
    }
}

/// The page of the hand-over, where anything moves; `enable`: what the step that enables names, the umbrella first.
fn page(
    sorted: &Sorted<'_>,
    enable: &[String],
    Context { config, choices, selection, runs_as, umbrella: _, asked_by: _, source }: Context<'_, '_>,
    is_replaced: impl Fn(&String) -> bool,
    logs: &[String],
) -> Option<PlanFile> {
    let umbrella = enable.first().filter(|_| !sorted.moved.is_empty())?;
    let names: HashSet<&str> = sorted.moved.iter().map(|moved| &*moved.called).collect();
    let (words, mut left) = selection.leaving(&names);
    left.retain(|called| !is_replaced(called));
    let table = Table {
        whose: runs_as.whose(),
        umbrella,
        moved: &sorted.moved,
        log: sorted.log.as_deref(),
        group: sorted.group.as_ref().map(|(group, target)| (group.as_str(), target.as_str())),
        kill_option: if choices.version.has_kill_whom() { "--kill-whom" } else { "--kill-who" },
    };
    let moving = sorted.moved.iter().zip(&sorted.at_boot).map(|(moved, at_boot)| Moving { moved, at_boot: *at_boot });
    let part = part(config, selection);
    let page = Page {
        source,
        runs_as,
        logs,
        files: &sorted.files,
        enable,
        whole: part.is_none(),
        moving: moving.collect(),
        words: &words,
        sockets: &sorted.sockets,
        sections: sections(&sorted.running),
        control: control(config),
        rest: rest(config, selection, left),
        table,
    };
    let path = page::file_name(&choices.prefix, part.as_deref());
    Some(PlanFile { path, mode: 0o644, text: page.text().into(), secret: false })
}

/// The log files that supervisord has made so far, each once, unless they are the account's already.
fn logs(writers: &[Writer<'_>], config: &Config<'_>, runs_as: RunsAs<'_>) -> Vec<String> {
    let theirs = config.supervisord.user.known().and_then(|user| user.as_deref());
    let given: BTreeSet<&str> = writers.iter().map(|writer| &*writer.path).collect();
    let given = given.into_iter().filter(|_| theirs.is_none() || theirs != runs_as.account());
    given.map(str::to_owned).collect()
}

/// The sections that have a unit, each once.
fn sections<'a>(running: &[(&'a str, usize)]) -> Vec<&'a str> {
    let mut known: HashSet<&str> = HashSet::default();
    running.iter().map(|(section, _)| *section).filter(|section| known.insert(section)).collect()
}

/// Whether supervisorctl can stop one program. What controls a fragment is in its main file.
fn control(config: &Config<'_>) -> Control {
    let server = !config.unix_servers.is_empty() || !config.inet_servers.is_empty();
    let interface =
        config.rpcinterfaces.iter().any(|interface| interface.factory.known().is_some_and(|factory| *factory == MAIN));
    if config.fragment || (server && interface) { Control::Server } else { Control::Nobody }
}

/// The RPC interface that supervisorctl speaks to.
const MAIN: &str = "supervisor.rpcinterface:make_main_rpcinterface";

/// What goes on under supervisord. A listener has nothing to listen to when no program is left.
fn rest(config: &Config<'_>, selection: &Selection<'_>, left: Vec<String>) -> Rest {
    let is_listener = |name: &String| {
        let group = name.split_once(':').map_or(name.as_str(), |(group, _)| group);
        config.groups.iter().any(|of| of.name == group && matches!(of.kind, GroupKind::EventListener(_)))
    };
    let masked = |names: Vec<String>| -> Vec<String> {
        names.iter().map(|name| config.secrets.mask_name(name).into()).collect()
    };
    if !config.fragment && selection.stays.is_empty() && left.iter().all(is_listener) {
        Rest::Nothing(masked(left))
    } else {
        Rest::Programs(masked(left.into_iter().chain(selection.stays.iter().cloned()).collect()))
    }
}

/// What a plan is of that is not of all: a fragment by the name of its file, a choice by its words.
fn part(config: &Config<'_>, selection: &Selection<'_>) -> Option<String> {
    if !selection.only.is_everything() {
        return Some(selection.only.words().join("+"));
    }
    let name = python::basename(config.called);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    config.fragment.then(|| stem.to_owned())
}

/// By what files of earlier conversions are known. Standard input has no name, and of what `--only` leaves the files are wanted.
fn origin(source: &str, selection: &Selection<'_>, whose: Whose) -> Option<Origin> {
    let source =
        (source != "-" && selection.only.is_everything() && !selection.refused).then(|| Comment::text(source))?;
    Some(Origin {
        source: source.as_str().to_owned(),
        places: match whose {
            Whose::Machine => OF_MACHINE,
            Whose::Account => OF_ACCOUNT,
        },
        others: &[targets::ALL, tmpfiles::LOGS, page::HANDOVER],
    })
}

/// Where the files of a plan are that the machine's systemd runs.
static OF_MACHINE: &[Place] = &[
    Place { folder: "", start: "", end: ".service" },
    Place { folder: "", start: "", end: ".target" },
    Place { folder: "", start: "", end: ".socket" },
    Place { folder: "", start: "", end: ".timer" },
    Place { folder: "", start: "", end: page::END },
    Place { folder: secret::FOLDER, start: "", end: ".env" },
    Place { folder: rotation::FOLDER, start: "supconv-", end: "" },
    Place { folder: tmpfiles::FOLDER, start: "supconv", end: ".conf" },
];

/// The same for the user manager of an account.
static OF_ACCOUNT: &[Place] = &[
    Place { folder: "", start: "", end: ".service" },
    Place { folder: "", start: "", end: ".target" },
    Place { folder: "", start: "", end: ".socket" },
    Place { folder: "", start: "", end: page::END },
    Place { folder: secret::FOLDER_AT_HOME, start: "", end: ".env" },
];

/// What rotates the log files of a unit; logrotate passes over a file that is named twice.
fn rotation_file(
    name: &super::name::UnitName,
    header: &[Comment],
    rotations: Vec<Rotation<'_>>,
    rotated: &mut HashSet<String>,
) -> Option<PlanFile> {
    let own = rotations.into_iter().filter(|rotation| rotated.insert(python::normpath(rotation.path()).into_owned()));
    let own: Vec<Rotation<'_>> = own.collect();
    let header = header.iter().map(|comment| ["# ", comment.as_str(), "\n"].concat()).collect::<String>();
    (!own.is_empty()).then(|| rotation::file(&name.file_stem(), &header, &own))
}
