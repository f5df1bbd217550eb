//! The Horust target: a TOML file for each process (Horust 0.1.14), translated as docs/facts.md says; what is not is announced.
//!
//! ```text
//! Selection ──daemon::programs──▶ Programs ──order──▶ Services ──files──▶ Plan
//! ```

mod constants;
mod files;
mod order;
mod restart;
pub mod service;
mod stop;

use super::daemon::Habits;
use super::daemon::draft::Draft;
use super::daemon::launcher::{Ends, Switch};
use super::daemon::programs::{self, Context};
use super::selection::{self, Selection};
use super::supervisord::{self, Instead};
use super::{Ledger, Plan, Subject, announce, writers};
use crate::keys::unix;

/// The Horust that is meant.
pub const VERSION: &str = "0.1.14";

/// What can be chosen of a conversion.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// What all names begin with.
    pub prefix: String,
    /// What changes the user.
    pub switch: Switch,
    /// Whether a program waits until all of lower priority have been started.
    pub strict_order: bool,
}

static HABITS: Habits = Habits {
    name: "Horust",
    own_output: "Horust's own output",
    hands_on_output: true,
    // The README starts Horust with it.
    sets: &["HORUST_LOG"],
    changes_umask: false,
    // Run: as supervisord.
    starts_in: "the directory that Horust is started in",
    groups: "Horust has no groups: the name of the group begins that of each program.",
};

static INSTEAD: Instead<'static> = Instead {
    web_page: "Horust has no web page and no remote control.",
    target: "Horust",
    log: "Horust says what it does on its own standard error",
    escape_codes: "escape codes stay in the output.",
};

/// Converts a configuration.
#[must_use]
pub fn plan<'a>(mut subject: Subject<'a>, choices: &Choices) -> Plan<'a> {
    let config = subject.config;
    let mut ledger = Ledger::new(subject.merged, std::mem::take(&mut subject.refusals));
    let selection = Selection::of(&subject, &mut ledger);
    if selection.refused {
        selection::refused(config, "no program is written: Supervisor refuses the file.", &mut ledger);
    }
    let Choices { prefix, switch, strict_order } = choices;
    let context =
        Context { config, selection: &selection, habits: &HABITS, prefix, switch: *switch, source: subject.source };
    let drafted = programs::programs(context, made, &mut ledger);
    let running = drafted.all.iter().map(|program| program.section).collect();
    selection::nothing(config, &running, "no program is written for this section.", &mut ledger);
    let order = order::of(&drafted.all, *strict_order, &mut ledger);
    writers::say(&drafted.writers, &mut ledger);
    constants::say(&drafted.all, config, &mut ledger);
    supervisord::say(&subject, &INSTEAD, local, &mut ledger);
    selection::nothing_at_all(&selection, &running, &mut ledger);
    files::plan(drafted, &order, context, ledger)
}

/// What Horust does by itself with a process, and how its end is seen.
fn made<'d>(draft: &mut Draft<'d, '_>) -> (Ends<'d>, service::Parts) {
    (Ends::Exec, service::Parts { restart: restart::of(draft), stop: stop::of(draft) })
}

/// Who controls the programs on this machine.
fn local<'a>(section: &'a str, ledger: &mut Ledger<'a>) {
    let message = "Horust cannot be told to start, stop or restart a program: supervisorctl has no successor.";
    ledger.lost(&announce::NOT_CONVERTIBLE, section, &unix::FILE, message);
}
