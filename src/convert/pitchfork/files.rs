//! The plan: one file for all programs, those beside it, and the README that says how pitchfork is started.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::configuration::{Daemon, Daemons, General, Group, Groups, Head, Settings, Supervisor, literal};
use super::{Parts, VERSION};
use crate::convert::daemon::names::{self, Names};
use crate::convert::daemon::priorities::Priorities;
use crate::convert::daemon::programs::{Context, Program, Programs};
use crate::convert::daemon::readme::{self, Readme};
use crate::convert::{Ledger, Moved, Origin, Place, Plan, PlanFile, daemon, rotation};
use crate::hash::HashSet;
use crate::keys::process as p;
use crate::python;

/// The file.
const FILE: &str = "pitchfork.toml";

/// Makes the plan.
pub(super) fn plan<'a>(
    Programs { all, writers: _ }: Programs<'a, Parts>,
    order: &Priorities,
    context: Context<'_, 'a>,
    mut ledger: Ledger<'a>,
) -> Plan<'a> {
    let head = readme::comments(&[format!("supconv: {} of {}", readme::ALL, context.source)]);
    let mut text = format!("{head}# For pitchfork {VERSION}; README.md says how it is started.\n\n");
    let (mut moved, mut units, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    let mut rotated: HashSet<String> = HashSet::default();
    let (head, groups) = around(&all).unwrap_or_default();
    text.push_str(&head);
    for (place, program) in all.iter().enumerate() {
        match toml::to_string(&daemons(program, &all, order.around(place).0)) {
            Ok(table) => text.extend(["\n", &readme::comments(&program.header), &table]),
            Err(error) => {
                ledger.error(program.section, &p::COMMAND, format_args!("no program is written: {error}"));
                continue;
            }
        }
        let first = readme::comments(program.header.get(..1).unwrap_or_default());
        units.push((program.section, 0));
        moved.push(Moved { called: program.called.clone(), unit: program.stem.clone() });
        beside.extend(program.start.secrets.as_ref().map(|secrets| secrets.file(&first)));
        let fresh = |path: &str| rotated.insert(python::normpath(path).into_owned());
        beside.extend(readme::rotation(&program.stem, &first, &program.rotations, fresh));
    }
    text.push_str(&groups);
    beside.sort_by(|one, other| one.path.cmp(&other.path));
    let secret = all.iter().any(|program| program.start.is_secret);
    let wait = order.stop_within(&all, 0).saturating_add(3);
    drop(all);
    let told = Plan::told(ledger, context.selection);
    let mut files = Vec::new();
    if !moved.is_empty() {
        let mode = if secret { 0o600 } else { 0o644 };
        files.push(PlanFile { path: FILE.to_owned(), mode, text: text.into(), secret });
        let readme = Readme { daemon: "pitchfork", version: VERSION, source: context.source, start: &start(wait) };
        files.push(readme.file(&moved, &beside, &told.losses, &context.config.secrets));
    }
    files.extend(beside);
    Plan { files, moved, units, handover: Box::new(daemon::readme::Handover), origin: origin(context), ..told }
}

/// What stands before the programs, and after them: numbers and plain names, which TOML can hold.
fn around(all: &[Program<'_, Parts>]) -> Result<(String, String), toml::ser::Error> {
    let head = toml::to_string(&settings(all.iter().any(|program| program.made.switches)))?;
    let groups = grouped(all).map(|groups| toml::to_string(&groups)).transpose()?;
    Ok((head, groups.map(|groups| ["\n", &groups].concat()).unwrap_or_default()))
}

/// `switches`: whether some program runs as another user. Then pitchfork is root's, and the others run as root too, whoever has
/// called sudo.
fn settings(switches: bool) -> Head<'static> {
    let supervisor = switches.then_some(Supervisor { user: "root" });
    Head { namespace: "supervisord", settings: Settings { general: General { interval: "1s" }, supervisor } }
}

fn daemons<'p>(program: &'p Program<'_, Parts>, all: &'p [Program<'_, Parts>], before: &[usize]) -> Daemons<'p> {
    let Parts { retry, stop, stays: _, switches: _ } = &program.made;
    let daemon = Daemon {
        run: program.start.command.iter().map(|word| literal(word)).collect(),
        dir: directory(program.start.directory.as_deref()),
        boot_start: program.autostart,
        retry: *retry,
        depends: before.iter().filter_map(|place| all.get(*place)).map(|program| &*program.stem).collect(),
        stop_signal: stop.clone(),
        env: program.start.environment.iter().map(|(name, value)| (*name, literal(value))).collect(),
    };
    Daemons { daemons: BTreeMap::from([(&*program.stem, daemon)]) }
}

/// Where a program is started. pitchfork would start it where the file is; supervisord, started at boot, is in `/`.
fn directory(path: Option<&str>) -> Cow<'_, str> {
    match path {
        None => "/".into(),
        Some(path) if path.starts_with('/') => path.into(),
        Some(path) => ["/", path].concat().into(),
    }
}

/// The groups of Supervisor that are more than a program of the same name.
fn grouped<'p>(all: &'p [Program<'_, Parts>]) -> Option<Groups<'p>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for program in all.iter().filter(|program| program.called != program.group) {
        groups.entry(program.group).or_default().push(&program.stem);
    }
    let mut names = Names::default();
    let groups: BTreeMap<String, Group<'p>> =
        groups.into_iter().map(|(name, daemons)| (names.fresh(&names::plain(name)), Group { daemons })).collect();
    (!groups.is_empty()).then_some(Groups { groups })
}

fn start(wait: i64) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "    cd DIR && pitchfork supervisor run --boot\n\n\
         - In a container pitchfork is PID 1: `pitchfork supervisor run --boot --container`.\n\
         - Under sudo a program without user= can run as the one who called sudo: use a root shell or a unit of systemd.\n\
         - A stop takes up to {wait} s: `docker stop --time {wait}`, or `TimeoutStopSec={wait}` in a unit.\n\
         - `pitchfork list` shows all programs; `start`, `stop`, `restart`, `status` and `logs` take the names below.\n\
         - `pitchfork start` starts the programs of lower priority first, if they do not run.\n"
    );
    text
}

/// By what files of earlier conversions are known.
fn origin(Context { selection, source, .. }: Context<'_, '_>) -> Option<Origin> {
    let known = source != "-" && selection.only.is_everything() && !selection.refused;
    known.then(|| Origin {
        source: readme::plain(source).into_owned(),
        places: &[
            Place { folder: "", start: "pitchfork", end: ".toml" },
            Place { folder: "", start: "README", end: ".md" },
            Place { folder: daemon::secret::FOLDER, start: "", end: ".sh" },
            Place { folder: rotation::FOLDER, start: "supconv-", end: "" },
        ],
        others: &[readme::ALL],
    })
}
