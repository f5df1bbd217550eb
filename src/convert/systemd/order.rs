//! Start and stop order: groups of lower priority come before those of higher (mapping 2.5).

use super::escape::{Comment, Value};
use super::name::UnitName;
use super::{Body, Unit, by_section};
use crate::convert::announce;
use crate::model::{Group, GroupKind};
use crate::python::integer::Integer;

use super::planner::Planner;

/// Bytes that all `After=` lines of a plan may come to: they grow with the square of the number of services.
const LONGEST: usize = 16 << 20;

const DIFFERENCE: &str = "start order is kept as After=; at shutdown programs of equal priority stop together, where Supervisor stops \
                          one group after the other.";

const TOO_MANY: &str = "there are too many services to order them by After=: all start and stop together.";

impl<'a> Planner<'_, 'a> {
    /// Each service comes after all of lower priority, not only after the next lower: systemd orders only what is started or
    /// stopped at the same time, so a chain would break where a middle one is not. Where all are equal there is no order.
    pub(super) fn order(&mut self) {
        let config = self.config;
        let converted = |group: &&Group| {
            !matches!(group.kind, GroupKind::EventListener(_))
                && group.processes.iter().any(|process| self.wants(group, process))
        };
        let groups: Vec<&Group> = config.groups.iter().filter(converted).collect();
        let mut priorities: Vec<&Integer> = groups.iter().filter_map(|group| group.priority.known()).collect();
        priorities.sort();
        priorities.dedup();
        let differ = priorities.len() > 1;
        let ordered = differ && after(&mut self.units);
        if differ && !ordered {
            for unit in &mut self.units {
                if let Body::Service(service) = &mut unit.body {
                    service.remarks.push(Comment::note(&format!("{PRIORITY}: {TOO_MANY}")));
                }
            }
        }
        for group in groups {
            let section = &group.section;
            if matches!(group.kind, GroupKind::Group) {
                for (member, _) in by_section(group) {
                    // Supervisor starts the members of a group in the order of programs=, within some milliseconds.
                    self.ledger.exact(member, PRIORITY);
                }
            }
            self.ledger.exact(section, PRIORITY);
            if group.priority.place().is_none() {
                continue;
            }
            if group.priority.known().is_none() {
                let message = "the priority is not known here: these programs have no place in the order.";
                self.ledger.lost(&announce::NOT_CONVERTIBLE, section, PRIORITY, message);
            } else if ordered {
                self.ledger.approximate(&announce::GROUPS, section, PRIORITY, DIFFERENCE);
            } else if differ {
                self.ledger.lost(&announce::NOT_CONVERTIBLE, section, PRIORITY, TOO_MANY);
            }
        }
    }
}

const PRIORITY: &str = "priority";

/// Writes `After=`; false where that would be too much.
fn after(units: &mut [Unit]) -> bool {
    let mut all: Vec<(Integer, UnitName)> = Vec::new();
    for unit in units.iter() {
        if let Some(priority) = &unit.priority {
            all.extend(unit.services.iter().map(|running| (priority.clone(), running.unit.clone())));
        }
    }
    // What is equal stays in Supervisor's order.
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    let lower = |priority: &Integer| all.partition_point(|(other, _)| other < priority);
    let lengths: Vec<usize> = std::iter::once(0)
        .chain(all.iter().scan(0, |sum, (_, name)| {
            *sum += name.as_str().len() + 1;
            Some(*sum)
        }))
        .collect();
    let priorities = units.iter().filter_map(|unit| unit.priority.as_ref());
    let total: usize = priorities.filter_map(|priority| lengths.get(lower(priority))).sum();
    let longest = units.iter().filter_map(|unit| lengths.get(lower(unit.priority.as_ref()?))).max();
    if total > LONGEST || longest.is_some_and(|length| *length > Value::LONGEST) {
        return false;
    }
    for unit in units.iter_mut() {
        let Some(priority) = &unit.priority else { continue };
        let names: Vec<&UnitName> = all.iter().take(lower(priority)).map(|(_, name)| name).collect();
        if let (Body::Service(service), Some(value)) = (&mut unit.body, Value::units(&names)) {
            service.after.push(value.into());
        }
    }
    true
}
