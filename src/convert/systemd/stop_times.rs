//! How long a shutdown can wait for all units: their stops, level by level of their priorities (facts 7.3).

use std::collections::BTreeMap;

use super::programs::Unit;
use super::unit::{Entry, ServiceUnit};
use crate::convert::Shutdown;
use crate::python::integer::Integer;

/// How long the stop of a service can take at most, in seconds; none: there is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait(Option<u64>);

impl Wait {
    /// Of a service. Where the signal goes to all, the wait for the children begins when the main process has ended.
    pub fn of(service: &ServiceUnit) -> Self {
        let text = |entry: &Entry| entry.value.as_ref().map_or(String::new(), |value| value.as_str().to_owned());
        let doubled = text(&service.kill_mode) == "control-group";
        let seconds = text(&service.timeout_stop_sec);
        // What does not wait at all is less than a second.
        let seconds = seconds.strip_suffix('s').map(|seconds| seconds.parse::<u64>().unwrap_or(0));
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
    use super::super::escape::UnitValue;
    use super::super::stop;
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
            let mode = if doubled { "control-group" } else { "mixed" };
            let service = ServiceUnit {
                timeout_stop_sec: stop::timeout(&Integer::from(stopwaitsecs)).into(),
                kill_mode: UnitValue::fixed(mode).into(),
                ..ServiceUnit::default()
            };
            assert_eq!(Wait::of(&service), Wait(expected), "{stopwaitsecs} {doubled}");
        }
    }
}
