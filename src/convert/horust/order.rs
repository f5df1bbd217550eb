//! The order of start and stop: the programs of one priority after those of the next (facts 12.5).

use std::collections::BTreeMap;

use super::service::Parts;
use crate::convert::daemon::programs::Program;
use crate::convert::{Ledger, announce};
use crate::keys::program as k;
use crate::python::integer::Integer;

/// For each program, by its place: those that are started before it, and those that are stopped before it.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The places of the programs, by priority.
    steps: Vec<Vec<usize>>,
    /// Of each program, its step.
    step: Vec<usize>,
    /// Whether starts wait.
    strict: bool,
}

/// Finds it, and says what differs.
pub(super) fn of<'a>(programs: &[Program<'a, Parts>], strict: bool, ledger: &mut Ledger<'a>) -> Order {
    let mut steps: BTreeMap<&(Integer, Integer), Vec<usize>> = BTreeMap::new();
    for (at, program) in programs.iter().enumerate().filter(|(_, program)| program.autostart) {
        steps.entry(&program.priority).or_default().push(at);
    }
    let ordered = steps.len() > 1;
    for program in programs {
        ledger.exact(program.section, &k::PRIORITY);
    }
    if !ordered {
        return Order::default();
    }
    for program in programs {
        if strict {
            let message = "a program that fails at start keeps all of higher priority from starting (--strict-order).";
            ledger.lost(&announce::GROUPS, program.section, &k::PRIORITY, message);
        } else {
            let message = "all programs are started at the same time; they stop one priority after the other (--strict-order orders \
                           the start too).";
            if ledger.text(program.section, &k::PRIORITY).is_some() {
                ledger.approximate(&announce::GROUPS, program.section, &k::PRIORITY, message);
            } else {
                ledger.constant(&announce::GROUPS, program.section, &k::PRIORITY, message);
            }
        }
    }
    let mut step = vec![usize::MAX; programs.len()];
    for (number, places) in steps.values().enumerate() {
        for place in places {
            if let Some(step) = step.get_mut(*place) {
                *step = number;
            }
        }
    }
    Order { steps: steps.into_values().collect(), step, strict }
}

impl Order {
    /// The programs that are started before the one at a place, and those that are stopped before it.
    pub fn around(&self, place: usize) -> (&[usize], &[usize]) {
        let Some(step) = self.step.get(place).copied().filter(|step| *step != usize::MAX) else { return (&[], &[]) };
        let at = |step: Option<usize>| step.and_then(|step| self.steps.get(step)).map_or(&[][..], Vec::as_slice);
        (at(step.checked_sub(1).filter(|_| self.strict)), at(step.checked_add(1)))
    }
}
