//! The plan of all units: their files, those beside them, and the page that hands over.

use std::collections::{BTreeMap, BTreeSet};

use super::escape::Comment;
use super::escape::UnitValue;
use super::handover::Commands;
use super::handover::instead::Table;
use super::handover::page::{self, Control, Moving, Page, Rest};
use super::manager::{RunsAs, Whose};
use super::order::Ordered;
use super::programs::{Drafted, Running, Service, Unit};
use super::{Context, limits, listeners, secret, stop_times, targets, tmpfiles};
use crate::convert::rotation::{self, Rotation};
use crate::convert::selection::Selection;
use crate::convert::writers::Writer;
use crate::convert::{Ledger, Moved, Origin, Place, Plan, PlanFile, Set};
use crate::model::{Config, GroupKind};
use crate::python;

/// Makes the plan.
pub(super) fn plan<'a>(
    Ordered(Drafted { units, writers, made, automatic: _, scripts, replaced, shared: _ }): Ordered<'a>,
    Context { config, choices, selection, runs_as, umbrella: _, asked_by, source }: Context<'_, 'a>,
    ledger: Ledger<'a>,
) -> Plan<'a> {
    let logs = if runs_as.is_user() { logs(&writers, config, runs_as) } else { Vec::new() };
    drop(writers);
    let shutdown = stop_times::shutdown(&units);
    let mut files = Vec::with_capacity(units.len());
    let mut beside: Vec<PlanFile> =
        tmpfiles::file(&choices.prefix, source, made.iter().map(|(path, (_, made))| (path.as_str(), made)))
            .into_iter()
            .collect();
    let (mut umbrella, mut members, mut services) = (None, Vec::new(), Vec::new());
    let (mut moved, mut running, mut at_boot) = (Vec::new(), Vec::new(), Vec::new());
    let mut sockets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut group, mut log) = (None, None);
    let mut rotated = Set::default();
    for unit in units {
        let Unit { name, section, group: of, text, enabled, service } = unit;
        match service {
            Some(Service { runs, header, secrets, rotations, stops_within: _, facts: _ }) => {
                if enabled {
                    services.extend(runs.iter().map(|running| running.unit.clone()));
                }
                if moved.is_empty() {
                    log = runs.first().and_then(|running| running.log.as_deref().map(str::to_owned));
                }
                at_boot.extend(runs.iter().map(|_| enabled));
                moved.extend(runs.into_iter().map(|Running { unit, called, .. }| Moved { called, unit: unit.into() }));
                beside.extend(secrets.map(|file| *file));
                beside.extend(rotation_file(&name, &header, rotations, &mut rotated));
                running.push((section, files.len()));
            }
            None if of.is_none() => {
                umbrella = Some(name);
                continue;
            }
            None if enabled && listeners::is_timer(&name) => services.push(name.clone()),
            // A socket is pulled in by its services.
            None if enabled => {
                group =
                    group.or_else(|| section.split_once(':').map(|(_, group)| (group.to_owned(), name.to_string())));
                members.push(name.clone());
            }
            None => {
                if let Some(of) = of {
                    sockets.entry(of.name.to_string()).or_default().push(name.to_string());
                }
            }
        }
        files.push(PlanFile { path: name.into(), mode: 0o644, text: text.into(), secret: false });
    }
    members.append(&mut services);
    let whole = !config.fragment && selection.only.is_everything();
    if let Some(name) = &umbrella {
        let at_boot = match runs_as.whose() {
            Whose::Machine => UnitValue::MULTI_USER_TARGET,
            Whose::Account => UnitValue::DEFAULT_TARGET,
        };
        let text = targets::umbrella(whole.then_some((source, &members)), at_boot).text();
        files.push(PlanFile { path: name.to_string(), mode: 0o644, text: text.into(), secret: false });
    }
    // When the units are gone, since it needs room for a while.
    let told = Plan::told(ledger, selection);
    beside.extend(scripts);
    beside.sort_by(|one, other| one.path.cmp(&other.path));
    files.extend(beside);
    let enable: Vec<String> = umbrella.into_iter().chain(members).map(String::from).collect();
    let page = match enable.first().filter(|_| !moved.is_empty()) {
        None => None,
        Some(umbrella) => {
            let names: Set<&str> = moved.iter().map(|moved: &Moved| &*moved.called).collect();
            let (words, mut left) = selection.leaving(&names);
            left.retain(|called| !replaced.contains(called));
            let table = Table {
                whose: runs_as.whose(),
                umbrella,
                moved: &moved,
                log: log.as_deref(),
                group: group.as_ref().map(|(group, target)| (group.as_str(), target.as_str())),
                kill_option: if choices.version.has_kill_whom() { "--kill-whom" } else { "--kill-who" },
            };
            let text = Page {
                source,
                runs_as,
                logs: &logs,
                files: &files,
                // The umbrella of a whole file brings the others with it (`Also=`).
                enable: if whole { enable.get(..1).unwrap_or_default() } else { &enable },
                moving: moved.iter().zip(at_boot).map(|(moved, at_boot)| Moving { moved, at_boot }).collect(),
                words: &words,
                sockets: &sockets,
                sections: sections(&running),
                control: control(config),
                rest: rest(config, selection, left),
                table,
            }
            .text();
            let path = page::file_name(&choices.prefix, part(config, selection).as_deref());
            files.push(PlanFile { path: path.clone(), mode: 0o644, text: text.into(), secret: false });
            Some(path)
        }
    };
    let commands = Commands { whose: runs_as.whose(), asked_by: asked_by.to_owned(), enable, page };
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

/// The log files that supervisord has made so far, each once, unless they are the account's already.
fn logs(writers: &[Writer<'_>], config: &Config<'_>, runs_as: RunsAs<'_>) -> Vec<String> {
    let theirs = config.supervisord.user.known().and_then(|user| user.as_deref());
    let given: BTreeSet<&str> = writers.iter().map(|writer| &*writer.path).collect();
    let given = given.into_iter().filter(|_| theirs.is_none() || theirs != runs_as.account());
    given.map(str::to_owned).collect()
}

/// The sections that have a unit, each once.
fn sections<'a>(running: &[(&'a str, usize)]) -> Vec<&'a str> {
    let mut known: Set<&str> = Set::default();
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
    rotated: &mut Set<String>,
) -> Option<PlanFile> {
    let own = rotations.into_iter().filter(|rotation| rotated.insert(python::normpath(rotation.path()).into_owned()));
    let own: Vec<Rotation<'_>> = own.collect();
    let header = header.iter().map(|comment| ["# ", comment.as_str(), "\n"].concat()).collect::<String>();
    (!own.is_empty()).then(|| rotation::file(&name.file_stem(), &header, &own))
}
