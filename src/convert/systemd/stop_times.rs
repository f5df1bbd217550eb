//! How long a shutdown can wait for all units: their stops, level by level of their priorities (facts 7.3).

use std::collections::BTreeMap;

use super::programs::Unit;
use super::stop::{self, Scope};
use crate::convert::Shutdown;
use crate::convert::program::Job;
use crate::python::integer::Integer;

/// How long the stop of a service can take at most, in seconds; none: there is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait(Option<u64>);

impl Wait {
    /// Of a process. Where the signal goes to all, the wait for the children begins when the main process has ended.
    pub fn of(job: &Job<'_>, faithful: bool) -> Self {
        let own = &job.own;
        let doubled = stop::scope(*own.stopasgroup.value, *own.killasgroup.value, faithful) == Scope::ControlGroup;
        Self::new(own.stopwaitsecs.value, doubled)
    }

    fn new(stopwaitsecs: &Integer, doubled: bool) -> Self {
        if *stopwaitsecs <= Integer::from(0) {
            return Self(Some(0));
        }
        let seconds = stopwaitsecs.to_i64().filter(|seconds| *seconds <= stop::LONGEST).map(i64::unsigned_abs);
        Self(seconds.map(|seconds| if doubled { seconds * 2 } else { seconds }))
    }

    /// As a number to compare; no limit is the most.
    fn seconds(self) -> u64 {
        self.0.unwrap_or(u64::MAX)
    }
}

/// The sum of the levels: what has one priority stops together, and the next level waits for it (`After=` in reverse).
pub(super) fn shutdown(units: &[Unit<'_>]) -> Option<Shutdown> {
    let mut levels: BTreeMap<Option<&Integer>, (u64, &str)> = BTreeMap::new();
    for unit in units {
        let Some(service) = &unit.service else { continue };
        let Some(running) = service.runs.first() else { continue };
        let level = levels.entry(unit.priority()).or_insert((0, ""));
        let seconds = service.stops_within.seconds();
        if level.1.is_empty() || seconds > level.0 {
            *level = (seconds, &running.called);
        }
    }
    let mut longest: Vec<(String, u64)> =
        levels.values().map(|(seconds, called)| ((*called).to_owned(), *seconds)).collect();
    longest.sort_by(|(one, first), (other, second)| second.cmp(first).then_with(|| one.cmp(other)));
    let seconds = longest.iter().try_fold(0_u64, |sum, (_, seconds)| sum.checked_add(*seconds));
    // No limit is as good as one beyond what a number can hold.
    let seconds = seconds.filter(|seconds| *seconds != u64::MAX);
    (!longest.is_empty()).then_some(Shutdown { seconds, longest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits() {
        for (stopwaitsecs, doubled, expected) in [
            (10, false, Some(10)),
            (10, true, Some(20)),
            (0, true, Some(0)),
            (-5, false, Some(0)),
            (stop::LONGEST, false, Some(1_000_000_000)),
            (stop::LONGEST + 1, false, None),
        ] {
            assert_eq!(Wait::new(&Integer::from(stopwaitsecs), doubled), Wait(expected), "{stopwaitsecs} {doubled}");
        }
    }
}
