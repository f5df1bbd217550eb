//! The systemd target: services, templates and targets, translated as docs/facts.md says; what is not is announced.
//!
//! A pipeline of values, in which each step takes what the former made:
//! ```text
//! Selection ──programs──▶ Drafted ──collisions──▶ Distinct ──order──▶ Ordered ──files──▶ Plan
//! ```

mod account;
mod collisions;
mod constants;
mod context;
mod daemon;
mod draft;
pub mod environment;
pub mod escape;
pub mod exec;
mod files;
mod handover;
mod harden;
pub mod limits;
mod listeners;
mod logs;
pub mod manager;
pub mod name;
mod order;
mod programs;
pub mod restart;
mod secret;
mod socket;
pub mod stop;
mod stop_times;
mod taken;
pub mod targets;
mod tmpfiles;
mod tune;
pub mod unit;
pub mod version;

use super::selection::{self, Selection};
use super::{Ledger, Plan, Subject, writers};
use crate::model::Config;
use manager::{Manager, RunsAs};
use name::{NameError, UnitKind, UnitName};
use version::Version;

/// What can be chosen of a conversion.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Choices {
    /// Who starts the units.
    pub manager: Manager,
    /// What all unit names begin with.
    pub prefix: String,
    /// The target of everything, where it has a name of its own; the prefix is not put before it.
    pub target: Option<UnitName>,
    /// What others start before all services.
    pub after: Vec<UnitName>,
    /// Whether the services wait until the network is up.
    pub network_online: bool,
    /// Whether what is started again is never given up.
    pub restart_forever: bool,
    /// Whether what a program does not need is taken from it, where that is sure.
    pub harden: bool,
    /// Whether what is known of applications is used.
    pub tune: bool,
    /// Supervisor's behaviour to the letter, where the default takes the better habit.
    pub faithful: bool,
    /// Whether all output goes to the journal; otherwise files stay files.
    pub journal: bool,
    /// The soft and the hard limit of open files for all units.
    pub open_files: Option<(u64, u64)>,
    /// The systemd that the units are for: nothing newer is used.
    pub version: Version,
    /// Whether only what differs is asked for, and no file.
    pub told_only: bool,
}

/// What every step looks at.
#[derive(Clone, Copy)]
struct Context<'c, 'a> {
    config: &'a Config<'a>,
    choices: &'c Choices,
    selection: &'c Selection<'a>,
    /// As whom the services run.
    runs_as: RunsAs<'c>,
    /// The name of the target of everything.
    umbrella: &'c Result<UnitName, NameError>,
    /// The command line that asks for it.
    asked_by: &'a str,
    /// The file, by the name that the first lines have for it.
    source: &'c str,
}

/// Converts a configuration.
#[must_use]
pub fn plan<'a>(mut subject: Subject<'a>, choices: &Choices) -> Plan<'a> {
    let config = subject.config;
    let mut ledger = Ledger::new(subject.merged, std::mem::take(&mut subject.refusals));
    let ledger_mut = &mut ledger;
    let selection = Selection::of(&subject, ledger_mut);
    if selection.refused {
        selection::refused(config, "no unit is written: Supervisor refuses the file.", ledger_mut);
    }
    let default = || UnitName::new(&choices.prefix, "supervisord", UnitKind::Target);
    let umbrella = choices.target.clone().map_or_else(default, Ok);
    let Subject { asked_by, source, .. } = subject;
    let runs_as = RunsAs::of(&choices.manager, &selection, config);
    let context = Context { config, choices, selection: &selection, runs_as, umbrella: &umbrella, asked_by, source };
    let drafted = programs::drafted(context, ledger_mut);
    let distinct = collisions::distinct(drafted, context, ledger_mut);
    let ordered = order::ordered(distinct, context, ledger_mut);
    writers::say(&ordered.writers, ledger_mut);
    constants::say(&ordered, context, ledger_mut);
    selection::nothing(config, &ordered.running(), "no unit is written for this program.", ledger_mut);
    daemon::say(&ordered, context, &subject, ledger_mut);
    selection::nothing_at_all(&selection, &ordered.running(), ledger_mut);
    if choices.told_only {
        // What comes needs the room.
        drop(ordered);
        return Plan::told(ledger, &selection);
    }
    files::plan(ordered, context, ledger)
}
