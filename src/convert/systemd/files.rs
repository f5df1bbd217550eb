//! The plan of all units: their files, those beside them, and what is told at the end.

use super::escape::Comment;
use super::handover::Commands;
use super::order::Ordered;
use super::programs::{Drafted, Running, Service, Unit};
use super::{Context, limits, listeners, secret, targets, tmpfiles};
use crate::convert::rotation::{self, Rotation};
use crate::convert::selection::Selection;
use crate::convert::{Ledger, Moved, Origin, Place, Plan, PlanFile, Set};
use crate::python;

/// Makes the plan.
pub(super) fn plan<'a>(
    Ordered(Drafted { units, writers, made, automatic: _, scripts, replaced, shared: _ }): Ordered<'a>,
    Context { config, choices, selection, umbrella: _, asked_by, source }: Context<'_, 'a>,
    ledger: Ledger<'a>,
) -> Plan<'a> {
    drop(writers);
    let mut files = Vec::with_capacity(units.len());
    let mut beside: Vec<PlanFile> =
        tmpfiles::file(&choices.prefix, source, made.iter().map(|(path, (_, made))| (path.as_str(), made)))
            .into_iter()
            .collect();
    let (mut targets, mut services) = (Vec::new(), Vec::new());
    let (mut moved, mut running) = (Vec::new(), Vec::new());
    let (mut group, mut log) = (None, None);
    let mut rotated = Set::default();
    for unit in units {
        let Unit { name, section, group: _, text, enabled, service } = unit;
        match service {
            Some(Service { runs, header, secrets, rotations, facts: _ }) => {
                if enabled {
                    services.extend(runs.iter().map(|running| running.unit.as_str().to_owned()));
                }
                if moved.is_empty() {
                    log = runs.first().and_then(|running| running.log.as_deref().map(str::to_owned));
                }
                moved.extend(runs.into_iter().map(|Running { unit, called, .. }| Moved { called, unit: unit.into() }));
                beside.extend(secrets.map(|file| *file));
                beside.extend(rotation_file(&name, &header, rotations, &mut rotated));
                running.push((section, files.len()));
            }
            None if enabled && listeners::is_timer(&name) => services.push(name.to_string()),
            // A socket is pulled in by its services.
            None if enabled => {
                group =
                    group.or_else(|| section.split_once(':').map(|(_, group)| (group.to_owned(), name.to_string())));
                targets.push(name.to_string());
            }
            None => {}
        }
        files.push(PlanFile { path: name.into(), mode: 0o644, text: text.into(), secret: false });
    }
    // When the units are gone, since it needs room for a while.
    let told = Plan::told(ledger, selection);
    beside.extend(scripts);
    beside.sort_by(|one, other| one.path.cmp(&other.path));
    files.extend(beside);
    // The umbrella is made last and stands first.
    let umbrella = targets.pop();
    let names: Set<&str> = moved.iter().map(|moved: &Moved| &*moved.called).collect();
    let (moving, mut left) = selection.leaving(&names);
    left.retain(|called| !replaced.contains(called));
    let commands = Commands {
        asked_by: asked_by.to_owned(),
        enable: umbrella.into_iter().chain(targets).chain(services).collect(),
        log,
        group,
        kill_option: if choices.version.has_kill_whom() { "--kill-whom" } else { "--kill-who" },
        partial: config.fragment || !selection.stays.is_empty() || !left.is_empty(),
        moving,
        left,
    };
    Plan {
        files,
        moved,
        units: running,
        open_files: Some(format!("{}\n  To change it for all: --nofile 65536", limits::told(config, choices))),
        runners: "units",
        handover: Box::new(commands),
        origin: origin(source, selection),
        ..told
    }
}

/// By what files of earlier conversions are known. Standard input has no name, and of what `--only` leaves the files are wanted.
fn origin(source: &str, selection: &Selection<'_>) -> Option<Origin> {
    let source =
        (source != "-" && selection.only.is_everything() && !selection.refused).then(|| Comment::text(source))?;
    Some(Origin {
        source: source.as_str().to_owned(),
        places: &[
            Place { folder: "", start: "", end: ".service" },
            Place { folder: "", start: "", end: ".target" },
            Place { folder: "", start: "", end: ".socket" },
            Place { folder: "", start: "", end: ".timer" },
            Place { folder: secret::FOLDER, start: "", end: ".env" },
            Place { folder: rotation::FOLDER, start: "supconv-", end: "" },
            Place { folder: tmpfiles::FOLDER, start: "supconv", end: ".conf" },
        ],
        others: &[targets::ALL, tmpfiles::LOGS],
    })
}

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
