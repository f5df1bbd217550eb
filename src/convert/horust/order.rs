//! The order of start and stop: the programs of one priority after those of the next (facts 13.5).

use super::service::Parts;
use crate::convert::daemon::priorities::{self, Priorities};
use crate::convert::daemon::programs::Program;
use crate::convert::{Ledger, announce};
use crate::keys::program as k;

/// For each program, by its place: those that are started before it, and those that are stopped before it.
#[derive(Debug)]
pub(super) struct Order {
    priorities: Priorities,
    /// Whether starts wait.
    strict: bool,
}

/// Finds it, and says what differs.
pub(super) fn of<'a>(programs: &[Program<'a, Parts>], strict: bool, ledger: &mut Ledger<'a>) -> Order {
    let priorities = Priorities::of(programs, "all of them start and stop at the same time", ledger);
    for program in programs.iter().filter(|_| priorities.are_several()) {
        if strict {
            let message = "a program that fails at start keeps all of higher priority from starting (--strict-order).";
            ledger.lost(&announce::GROUPS, program.section, &k::PRIORITY, message);
        } else {
            let message = "all programs are started at the same time; they stop one priority after the other (--strict-order orders \
                           the start too).";
            priorities::say(program, message, ledger);
        }
    }
    Order { priorities, strict }
}

impl Order {
    /// The programs that are started before the one at a place, and those that are stopped before it.
    pub fn around(&self, place: usize) -> (&[usize], &[usize]) {
        let (before, after) = self.priorities.around(place);
        (if self.strict { before } else { &[] }, after)
    }

    /// The seconds after which a container must not be killed yet. Each step takes Horust up to three more.
    pub fn stops_within(&self, programs: &[Program<'_, Parts>]) -> i64 {
        self.priorities.stop_within(programs, 3)
    }
}
