//! The order of start and stop: the programs of each priority by their places, and what of it no daemon does.

use std::collections::BTreeMap;

use super::programs::Program;
use crate::convert::{Ledger, announce};
use crate::keys::program as k;
use crate::python::integer::Integer;

/// More names than these are not written: a program of each priority names all of the next.
const MOST: usize = 10_000;
/// Seconds beyond which nobody waits.
const LONGEST: i64 = 1_000_000_000;

/// The programs that are started at boot, in steps of one priority each.
#[derive(Debug, Default)]
pub(crate) struct Priorities {
    /// The places of the programs, by priority.
    steps: Vec<Vec<usize>>,
    /// Of each program, its step.
    step: Vec<usize>,
}

impl Priorities {
    /// Finds them, and says that the programs of a step stop together. None where there are too many names, which is said too;
    /// `unordered`: what becomes of the order then.
    pub fn of<'a, T>(programs: &[Program<'a, T>], unordered: &str, ledger: &mut Ledger<'a>) -> Self {
        let mut steps: BTreeMap<&(Integer, Integer), Vec<usize>> = BTreeMap::new();
        for (at, program) in programs.iter().enumerate().filter(|(_, program)| program.autostart) {
            steps.entry(&program.priority).or_default().push(at);
        }
        for program in programs {
            ledger.exact(program.section, &k::PRIORITY);
        }
        let steps: Vec<Vec<usize>> = steps.into_values().collect();
        for places in &steps {
            let all: Vec<&Program<'a, T>> = places.iter().filter_map(|place| programs.get(*place)).collect();
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
                say(program, format_args!("too many programs are ordered: {unordered}."), ledger);
            }
            return Self::default();
        }
        let mut step = vec![usize::MAX; programs.len()];
        for (number, places) in steps.iter().enumerate() {
            for place in places {
                if let Some(step) = step.get_mut(*place) {
                    *step = number;
                }
            }
        }
        Self { steps, step }
    }

    /// Whether there is anything to order.
    pub fn are_several(&self) -> bool {
        self.steps.len() > 1
    }

    /// The programs of the step before that of a program, and of the one behind it.
    pub fn around(&self, place: usize) -> (&[usize], &[usize]) {
        let Some(step) = self.step.get(place).copied().filter(|step| *step != usize::MAX) else { return (&[], &[]) };
        let at = |step: Option<usize>| step.and_then(|step| self.steps.get(step)).map_or(&[][..], Vec::as_slice);
        (at(step.checked_sub(1)), at(step.checked_add(1)))
    }

    /// The seconds that a stop of all programs takes at most: one step stops after the other. `more`: what the daemon needs for
    /// itself in each step.
    pub fn stop_within<T>(&self, programs: &[Program<'_, T>], more: i64) -> i64 {
        let longest = |places: &[usize]| {
            let programs = places.iter().filter_map(|place| programs.get(*place));
            programs.map(|program| seconds(&program.stops_within)).max().unwrap_or_default().saturating_add(more)
        };
        let all: Vec<usize> = (0..programs.len()).collect();
        let steps = self.steps.iter().fold(0_i64, |sum, places| sum.saturating_add(longest(places)));
        steps.max(longest(&all))
    }
}

/// Says what differs of the order: at the option where it is written, else once a plan.
pub(crate) fn say<'a, T>(program: &Program<'a, T>, message: impl std::fmt::Display, ledger: &mut Ledger<'a>) {
    if ledger.text(program.section, &k::PRIORITY).is_some() {
        ledger.approximate(&announce::GROUPS, program.section, &k::PRIORITY, message);
    } else {
        ledger.constant(&announce::GROUPS, program.section, &k::PRIORITY, message);
    }
}

/// The seconds of stopwaitsecs.
pub(crate) fn seconds(wait: &Integer) -> i64 {
    wait.to_i64().map_or(LONGEST, |seconds| seconds.clamp(0, LONGEST))
}
