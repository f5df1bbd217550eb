//! The order of start and stop: the programs of one priority after those of the next lower one (facts 14.5).

use std::collections::BTreeMap;

use super::{Parts, stop};
use crate::convert::daemon::programs::Program;
use crate::convert::{Ledger, announce};
use crate::keys::program as k;
use crate::python::integer::Integer;

/// More names than these are not written: a program of each priority names all of the one before.
const MOST: usize = 10_000;

/// For each program, by its place, the places of those that are started before it.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The places of the programs, by priority.
    steps: Vec<Vec<usize>>,
    /// Of each program, its step.
    step: Vec<usize>,
}

/// Finds it, and says what differs.
pub(super) fn of<'a>(programs: &[Program<'a, Parts>], ledger: &mut Ledger<'a>) -> Order {
    let mut steps: BTreeMap<&(Integer, Integer), Vec<usize>> = BTreeMap::new();
    for (at, program) in programs.iter().enumerate().filter(|(_, program)| program.autostart) {
        steps.entry(&program.priority).or_default().push(at);
    }
    for program in programs {
        ledger.exact(program.section, &k::PRIORITY);
    }
    let steps: Vec<Vec<usize>> = steps.into_values().collect();
    for places in &steps {
        let all: Vec<&Program<'a, Parts>> = places.iter().filter_map(|place| programs.get(*place)).collect();
        if all.windows(2).any(|pair| matches!(pair, [one, other] if one.group != other.group)) {
            let message = "programs of equal priority stop together, where Supervisor stops one group at a time.";
            for program in all {
                ledger.constant(&announce::GROUPS, program.section, &k::PRIORITY, message);
            }
        }
    }
    let names = steps.windows(2).map(|pair| pair.iter().map(Vec::len).product::<usize>()).sum::<usize>();
    if names > MOST {
        for program in programs.iter().filter(|program| program.autostart) {
            let message = "too many programs are ordered: they start by name, and all stop at once.";
            if ledger.text(program.section, &k::PRIORITY).is_some() {
                ledger.approximate(&announce::GROUPS, program.section, &k::PRIORITY, message);
            } else {
                ledger.constant(&announce::GROUPS, program.section, &k::PRIORITY, message);
            }
        }
        return Order::default();
    }
    let mut step = vec![usize::MAX; programs.len()];
    for (number, places) in steps.iter().enumerate() {
        for place in places {
            if let Some(step) = step.get_mut(*place) {
                *step = number;
            }
        }
    }
    Order { steps, step }
}

impl Order {
    /// The seconds that a stop of all programs takes at most: one step stops after the other, and pitchfork needs some for itself.
    pub fn stops_within(&self, programs: &[Program<'_, Parts>]) -> i64 {
        let longest = |places: &[usize]| {
            let programs = places.iter().filter_map(|place| programs.get(*place));
            programs.map(|program| stop::seconds(&program.stops_within)).max().unwrap_or_default()
        };
        let all: Vec<usize> = (0..programs.len()).collect();
        let steps = self.steps.iter().fold(0_i64, |sum, places| sum.saturating_add(longest(places)));
        steps.max(longest(&all)).saturating_add(3)
    }

    /// The programs that are started before the one at a place.
    pub fn before(&self, place: usize) -> &[usize] {
        let step = self.step.get(place).and_then(|step| step.checked_sub(1));
        step.and_then(|step| self.steps.get(step)).map_or(&[][..], Vec::as_slice)
    }
}
