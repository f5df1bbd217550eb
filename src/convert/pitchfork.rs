//! The pitchfork target: one TOML file for all processes (pitchfork 2.33.0), translated as docs/facts.md says; what is not is
//! announced.
//!
//! ```text
//! Selection ──daemon::programs──▶ Programs ──order──▶ Configuration ──files──▶ Plan
//! ```

pub mod configuration;
mod constants;
mod files;
mod restart;
mod stop;

use super::daemon::Habits;
use super::daemon::draft::Draft;
use super::daemon::launcher::{Account, Ends, Switch};
use super::daemon::priorities::Priorities;
use super::daemon::programs::{self, Context};
use super::drafting::Drafting as _;
use super::selection::{self, Selection};
use super::supervisord::{self, Instead};
use super::{Ledger, Plan, Subject, announce, writers};
use crate::keys::unix;
use configuration::StopSignal;

/// The pitchfork that is meant.
pub const VERSION: &str = "2.33.0";

/// What can be chosen of a conversion.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// What all names begin with.
    pub prefix: String,
    /// What changes the user.
    pub switch: Switch,
}

static HABITS: Habits = Habits {
    name: "pitchfork",
    own_output: "pitchfork's own log (`pitchfork logs`)",
    hands_on_output: false,
    sets: &["PITCHFORK_DAEMON_ID", "PITCHFORK_DAEMON_NAMESPACE", "PITCHFORK_RETRY_COUNT"],
    changes_umask: true,
    starts_in: "/",
    groups: "a program is called GROUP.PROGRAM, and `pitchfork start --group GROUP` starts all of them.",
};

static INSTEAD: Instead<'static> = Instead {
    web_page: "pitchfork has no remote control: its web page is another, without XML-RPC and without a password.",
    target: "pitchfork",
    log: "pitchfork says what it does on its own standard error",
    escape_codes: "escape codes stay in the output.",
};

/// What pitchfork does by itself with a process.
#[derive(Clone, Debug)]
struct Parts {
    /// Whether it is started again after a failure.
    retry: bool,
    /// How it is stopped.
    stop: StopSignal,
    /// Whether its shell stays until it ends.
    stays: bool,
    /// Whether it runs as another user than pitchfork.
    switches: bool,
}

/// Converts a configuration.
#[must_use]
pub fn plan<'a>(mut subject: Subject<'a>, choices: &Choices) -> Plan<'a> {
    let config = subject.config;
    let mut ledger = Ledger::new(subject.merged, std::mem::take(&mut subject.refusals));
    let selection = Selection::of(&subject, &mut ledger);
    if selection.refused {
        selection::refused(config, "no program is written: Supervisor refuses the file.", &mut ledger);
    }
    let Choices { prefix, switch } = choices;
    let context =
        Context { config, selection: &selection, habits: &HABITS, prefix, switch: *switch, source: subject.source };
    let drafted = programs::programs(context, made, &mut ledger);
    let running = drafted.all.iter().map(|program| program.section).collect();
    selection::nothing(config, &running, "no program is written for this section.", &mut ledger);
    let order = Priorities::of(&drafted.all, "they start by name, and all stop at once", &mut ledger);
    writers::say(&drafted.writers, &mut ledger);
    constants::say(&drafted.all, config, &mut ledger);
    supervisord::say(&subject, &INSTEAD, local, &mut ledger);
    selection::nothing_at_all(&selection, &running, &mut ledger);
    files::plan(drafted, &order, context, ledger)
}

/// What pitchfork does by itself with a process, and how its end is seen.
fn made<'d>(draft: &mut Draft<'d, '_>) -> (Ends<'d>, Parts) {
    let (retry, ends, stays) = restart::of(draft);
    let directory = &draft.job.directory;
    if directory.value.as_ref().is_some_and(|directory| directory.path.starts_with('~')) {
        let message = "the path is relative to the directory that supervisord was started in: it is taken from /.";
        draft.approximate(&announce::DEPENDS_ON_MACHINE, directory, message);
    }
    (ends, Parts { retry, stop: stop::of(draft), stays, switches: switches(draft) })
}

fn switches(draft: &Draft<'_, '_>) -> bool {
    let account = draft.job.user.value.and_then(|user| Account::of(user).ok());
    account.is_some_and(|account| !matches!(account, Account::Uid(0) | Account::Name("root")))
}

/// Who controls the programs on this machine.
fn local<'a>(section: &'a str, ledger: &mut Ledger<'a>) {
    ledger.exact(section, &unix::FILE);
    let message = "`pitchfork start`, `stop`, `restart` and `status` replace supervisorctl; nothing replaces XML-RPC.";
    ledger.constant(&announce::EXECUTION, section, &unix::FILE, message);
}
