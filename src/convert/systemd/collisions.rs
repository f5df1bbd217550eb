//! Units that cannot be written because others would have their names (mapping 2.2), and what they leave behind.

use std::collections::{BTreeSet, HashSet};

use super::planner::Planner;
use super::{Body, Unit, name};
use crate::convert::announce;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::value::Text;

/// The targets that a unit belongs to.
fn targets_of(unit: &Unit) -> Vec<String> {
    let Body::Service(service) = &unit.body else { return Vec::new() };
    let value = service.part_of.value.as_ref().map_or("", |value| value.as_str());
    value.split(' ').map(str::to_owned).collect()
}

impl<'a> Planner<'_, 'a> {
    /// Drops them and says so. A socket or a target of a program goes with its last service.
    pub(super) fn collisions(&mut self) {
        let names = self.units.iter().enumerate().map(|(at, unit)| (unit.name.clone(), at));
        let mut dropped = BTreeSet::new();
        for (name, owners) in name::collisions(names) {
            let owners: Vec<(usize, &Unit)> =
                owners.into_iter().filter_map(|at| Some((at, self.units.get(at)?))).collect();
            let mut sections: Vec<String> = owners.iter().map(|(_, unit)| format!("[{}]", unit.section)).collect();
            sections.dedup();
            let message = match sections.as_slice() {
                [one] => format!("two processes of {one} would both be {name}: rename one of them."),
                several => format!("{} would both be {name}: rename one of the processes.", several.join(" and ")),
            };
            for (at, unit) in owners {
                // The umbrella stays: everything is below it.
                if matches!(unit.body, Body::Target(_)) && &*unit.section == "supervisord" {
                    continue;
                }
                dropped.insert(at);
                let place = self.ledger.place(&unit.section, "process_name");
                let error = Diagnostic::new(&announce::NOT_CONVERTIBLE, place, message.clone());
                self.errors.push(error.severity(Severity::Error).of(&unit.section, Some("process_name")));
            }
        }
        if dropped.is_empty() {
            return;
        }
        let mut at = 0;
        self.units.retain(|_| {
            at += 1;
            !dropped.contains(&(at - 1))
        });
        let running = self.running();
        if running.is_empty() {
            self.units.clear();
        }
        self.made.retain(|_, (section, _)| running.contains(section));
        self.forget_writers(&running);
        let part_of: HashSet<String> = self.units.iter().flat_map(targets_of).collect();
        self.units.retain(|unit| {
            let umbrella = &*unit.section == "supervisord";
            matches!(unit.body, Body::Service(_) | Body::Socket(_)) || umbrella || part_of.contains(unit.name.as_str())
        });
        self.units.retain(|unit| {
            let program = unit.section.starts_with("program:") || unit.section.starts_with("fcgi-program:");
            !program || running.contains(&unit.section)
        });
    }

    /// What a program says that has no unit is lost, whatever was said of it on the way.
    pub(super) fn without_units(&mut self) {
        let running = self.running();
        let processes = self.config.groups.iter().flat_map(|group| &group.processes);
        let sections: HashSet<&Text<'a>> = processes.map(|process| &process.program.section).collect();
        for section in sections.into_iter().filter(|section| !running.contains(*section)) {
            if !section.starts_with("eventlistener:") {
                self.ledger.nothing(section, "no unit is written for this program.");
            }
        }
    }

    /// The sections that have a service.
    fn running(&self) -> HashSet<Text<'a>> {
        let services = self.units.iter().filter(|unit| matches!(unit.body, Body::Service(_)));
        services.map(|unit| Text::clone(&unit.section)).collect()
    }
}
