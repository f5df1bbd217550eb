//! Start and stop order: groups of lower priority come before those of higher (facts 2.5).

use super::Context;
use super::collisions::Distinct;
use super::escape::{Comment, UnitValue};
use super::name::UnitName;
use super::programs::{Drafted, Unit};
use crate::convert::selection::by_section;
use crate::convert::{Ledger, Shared, announce};
use crate::hash::HashMap;
use crate::keys::program as k;
use crate::model::{Group, GroupKind};
use crate::python::integer::Integer;

/// Bytes that all `After=` lines of a plan may come to: they grow with the square of the number of services.
const LONGEST: usize = 16 << 20;

const DIFFERENCE: &str = "After= keeps the start order; programs of equal priority stop together, where Supervisor stops one group at a time.";

const TOO_MANY: &str = "too many services to order with After=: all start and stop together.";

/// All units, each with what it comes after.
pub(super) struct Ordered<'a>(pub Drafted<'a>);

impl<'a> std::ops::Deref for Ordered<'a> {
    type Target = Drafted<'a>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Each service comes after all of lower priority, not only after the next lower: systemd orders only what is started or
/// stopped at the same time, so a chain would break where a middle one is not. Where all are equal there is no order. A target
/// stands for its services: it comes after all that it starts, and is part of each start and stop of the umbrella (facts 2.5).
pub(super) fn ordered<'a>(
    Distinct(mut drafted): Distinct<'a>,
    Context { selection, .. }: Context<'_, 'a>,
    ledger: &mut Ledger<'a>,
) -> Ordered<'a> {
    let converted = |group: &&'a Group<'a>| {
        !matches!(group.kind, GroupKind::EventListener(_))
            && group.processes.iter().any(|process| selection.wants(group, process))
    };
    let groups: Vec<&Group> = selection.groups.iter().copied().filter(converted).collect();
    let mut known = groups.iter().filter_map(|group| group.priority.known());
    let first = known.next();
    let differ = known.any(|priority| Some(priority) != first);
    let ordered = differ && after(&mut drafted.units, &mut drafted.shared);
    if differ && !ordered {
        let remark = Comment::note(&format!("{}: {TOO_MANY}", k::PRIORITY.name));
        let Drafted { units, shared, .. } = &mut drafted;
        for unit in units.iter_mut().filter(|unit| unit.service.is_some()) {
            unit.text.add_remark(&remark, shared);
        }
    }
    for group in groups {
        let section = group.section;
        let key = &k::PRIORITY;
        if matches!(group.kind, GroupKind::Group) {
            for members in by_section(group) {
                // Supervisor starts the members of a group in the order of programs=, within some milliseconds.
                ledger.exact(members.section, key);
            }
        }
        ledger.exact(section, key);
        if group.priority.place().is_none() {
            continue;
        }
        if group.priority.known().is_none() {
            let message = "the priority is unknown, so these programs start and stop in no order.";
            ledger.lost(&announce::NOT_CONVERTIBLE, section, key, message);
        } else if ordered {
            ledger.approximate(&announce::GROUPS, section, key, DIFFERENCE);
        } else if differ {
            ledger.lost(&announce::NOT_CONVERTIBLE, section, key, TOO_MANY);
        }
    }
    Ordered(drafted)
}

/// A group in the order: its priority, its target, its services.
type Members<'u, 'a> = (&'a Integer, Option<&'u UnitName>, Vec<&'u Unit<'a>>);

/// What stands for all that belongs to a group: the target of several services, which comes after those that it starts, and each
/// service beside that.
fn stands_for<'u>(target: Option<&'u UnitName>, services: &[&'u Unit<'_>]) -> Vec<&'u UnitName> {
    let runs = |unit: &&'u Unit<'_>| unit.service.iter().flat_map(|service| &service.runs).map(|running| &running.unit);
    let started = services.iter().filter(|unit| unit.enabled).flat_map(runs).count();
    let target = target.filter(|_| started > 1);
    let alone = services.iter().filter(|unit| target.is_none() || !unit.enabled).flat_map(runs);
    target.into_iter().chain(alone).collect()
}

/// Writes `After=`; false where that would be too much.
fn after(units: &mut [Unit<'_>], shared: &mut Shared) -> bool {
    let mut groups: Vec<Members<'_, '_>> = Vec::new();
    let mut known: HashMap<*const Group<'_>, usize> = HashMap::default();
    for unit in units.iter() {
        let Some((group, priority)) = unit.group.and_then(|group| Some((group, group.priority.known()?))) else {
            continue;
        };
        let at = *known.entry(std::ptr::from_ref(group)).or_insert(groups.len());
        if at == groups.len() {
            groups.push((priority, None, Vec::new()));
        }
        let Some((_, target, services)) = groups.get_mut(at) else { continue };
        if unit.service.is_some() {
            services.push(unit);
        } else if unit.enabled {
            *target = Some(&unit.name);
        }
    }
    // What is equal stays in Supervisor's order.
    groups.sort_by_key(|(priority, ..)| *priority);
    let all = groups.into_iter().flat_map(|(priority, target, services)| {
        stands_for(target, &services).into_iter().map(move |name| (priority, name.clone()))
    });
    let all: Vec<(&Integer, UnitName)> = all.collect();
    let lower = |priority: &Integer| all.partition_point(|(other, _)| *other < priority);
    let lengths: Vec<usize> = std::iter::once(0)
        .chain(all.iter().scan(0, |sum, (_, name)| {
            *sum += name.as_str().len() + 1;
            Some(*sum)
        }))
        .collect();
    let of = || units.iter().filter_map(|unit| lengths.get(lower(unit.priority()?)).copied());
    if of().sum::<usize>() > LONGEST || of().max().is_some_and(|length| length > UnitValue::LONGEST) {
        return false;
    }
    for unit in units.iter_mut() {
        let Some(priority) = unit.priority() else { continue };
        let names: Vec<&UnitName> = all.iter().take(lower(priority)).map(|(_, name)| name).collect();
        if let Some(value) = UnitValue::units(&names) {
            unit.text.add_after(&value, shared);
        }
    }
    true
}
