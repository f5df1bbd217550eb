//! Units that cannot be written because others would have their names (facts 2.2), and what they leave behind.

use super::Context;
use super::name;
use super::programs::{Drafted, Unit};
use crate::convert::Ledger;
use crate::hash::HashSet;
use crate::keys::process as p;
use crate::model::{Group, GroupKind};

/// All units, each with a name of its own.
pub(super) struct Distinct<'a>(pub Drafted<'a>);

/// Drops those whose name another has too, and says so. A socket or a target of a program goes with its last service.
pub(super) fn distinct<'a>(
    mut drafted: Drafted<'a>,
    Context { choices, .. }: Context<'_, 'a>,
    ledger: &mut Ledger<'a>,
) -> Distinct<'a> {
    // All services would come after one of themselves.
    for unit in drafted.units.iter().filter(|_| !choices.after.is_empty()) {
        let runs = unit.service.iter().flat_map(|service| &service.runs).map(|running| &running.unit);
        if let Some(name) = std::iter::once(&unit.name).chain(runs).find(|name| choices.after.contains(name)) {
            let message =
                format_args!("--after {name} names a unit of this plan, which cannot wait for itself: use priority=.");
            ledger.error(unit.section, &p::PROCESS_NAME, message);
        }
    }
    let units = &mut drafted.units;
    let mut names: HashSet<&name::UnitName> = HashSet::default();
    if units.iter().all(|unit| names.insert(&unit.name)) {
        return Distinct(drafted);
    }
    let mut dropped = HashSet::default();
    for (name, owners) in name::collisions(units.iter().enumerate().map(|(at, unit)| (&unit.name, (at, unit)))) {
        let mut sections: Vec<String> = owners.iter().map(|(_, unit)| format!("[{}]", unit.section)).collect();
        sections.dedup();
        let message = match sections.as_slice() {
            [one] => format!("two processes of {one} would both become {name}: rename one of them."),
            several => format!("{} would both become {name}: rename one of the processes.", several.join(" and ")),
        };
        // The umbrella stays: everything is below it.
        for (at, unit) in owners.into_iter().filter(|(_, unit)| unit.group.is_some()) {
            dropped.insert(at);
            ledger.error(unit.section, &p::PROCESS_NAME, &message);
        }
    }
    let mut at = 0..;
    units.retain(|_| at.next().is_none_or(|at| !dropped.contains(&at)));
    let running = drafted.running();
    let identity = |group: &'a Group<'a>| std::ptr::from_ref(group);
    let services = drafted.units.iter().filter(|unit| unit.service.is_some());
    let groups: HashSet<_> = services.filter_map(|unit| unit.group).map(identity).collect();
    drafted.units.retain(|Unit { section, group, service, .. }| match group {
        // What replaces a listener belongs to all, as the umbrella does.
        None | Some(Group { kind: GroupKind::EventListener(_), .. }) => !running.is_empty(),
        Some(_) if service.is_some() => true,
        // The target of a group belongs to all its programs, that of a program and a socket to one.
        Some(group) => groups.contains(&identity(group)) && (*section == group.section || running.contains(section)),
    });
    drafted.made.retain(|_, (section, _)| running.contains(section));
    drafted.writers.retain(|writer| running.contains(writer.section));
    Distinct(drafted)
}
