//! `supervisord_dependent_startup`, a listener that starts programs after others: `dependent_startup=` and
//! `dependent_startup_wait_for=` of their sections, which Supervisor itself does not read.

use super::{Listeners, Work};
use crate::convert::drafting::Drafting as _;
use crate::convert::systemd::draft::Draft;
use crate::convert::systemd::escape::UnitValue;
use crate::convert::systemd::name::UnitName;
use crate::convert::{Ledger, announce};
use crate::keys::program as k;
use crate::model::value::boolean;
use crate::model::{Config, Group, Process};

impl<'a> Listeners<'a> {
    /// Whether the listener starts the programs of this section.
    pub fn start(&self, section: &str, ledger: &Ledger<'a>) -> bool {
        let listens = self.all.iter().any(|listener| matches!(listener.known.work, Work::Startup));
        listens && ledger.other(section, "dependent_startup").is_some_and(|text| boolean(text) == Ok(true))
    }

    /// `After=` what the listener waits for. Not where the priorities say the opposite: systemd would break the circle by leaving
    /// a unit out.
    pub fn order(&self, group: &Group<'a>, config: &'a Config<'a>, draft: &mut Draft<'_, 'a>) {
        let section = draft.job.section;
        if !self.start(section, draft.ledger) {
            return;
        }
        let waits = draft.ledger.other(section, "dependent_startup_wait_for").unwrap_or_default();
        for wait in waits.split_whitespace() {
            let (name, state) = wait.split_once(':').unwrap_or((wait, ""));
            let found = one(config, name).filter(|(other, _)| {
                let both = other.priority.known().zip(group.priority.known());
                both.is_some_and(|(other, own)| other <= own)
            });
            let unit = found.and_then(|(other, process)| {
                let process = process.options.process_name.known()?;
                UnitName::service(&draft.choices.prefix, other.name, process).ok()
            });
            let Some(unit) = unit.filter(|_| name != draft.job.program) else {
                let message = format_args!(
                    "the unit does not wait for {name}: it has no unit, several, or starts later by priority=."
                );
                draft.ledger.lost(&announce::NOT_CONVERTIBLE, section, &k::AUTOSTART, message);
                continue;
            };
            draft.service.after.push(UnitValue::from(&unit).into());
            if state.eq_ignore_ascii_case("exited") {
                let message = format_args!("After= waits until {name} has been started, not until it has ended.");
                draft.approximate(&announce::LISTENERS, &draft.job.own.autostart, message);
            }
        }
    }
}

/// The one process of a program.
fn one<'a>(config: &'a Config<'a>, program: &str) -> Option<(&'a Group<'a>, &'a Process<'a>)> {
    let mut found = config.groups.iter().flat_map(|group| {
        let own = group.processes.iter().filter(|process| process.program.name == program);
        own.map(move |process| (group, process))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
