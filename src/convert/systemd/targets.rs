//! What the units of a program are together: a template or plain services, and the targets that start and stop them
//! (facts 2.1 to 2.4).

use super::escape::{Comment, UnitValue};
use super::name::{UnitName, is_instance};
use super::unit::{ServiceUnit, TargetUnit};

/// The numbers by which the processes of a program differ, as their names have them: what stands between what all names
/// begin and end with. None where that is no number.
#[must_use]
pub fn numbers<'a>(names: &[&'a str]) -> Option<Vec<&'a str>> {
    let (first, rest) = names.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let common = |other: &str| first.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let mut begin = rest.iter().map(|other| common(other)).min()?;
    // `web_00` and `web_01` differ by `00` and `01`.
    while begin > 0 && first.as_bytes().get(begin - 1).is_some_and(u8::is_ascii_digit) {
        begin -= 1;
    }
    let after: Vec<&str> = names.iter().map(|name| name.get(begin..)).collect::<Option<_>>()?;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let numbers: Vec<&str> = after.iter().map(|text| text.get(..digits(text))).collect::<Option<_>>()?;
    let end = after.first()?.get(digits(after.first()?)..)?;
    let same = after.iter().all(|text| text.get(digits(text)..) == Some(end));
    let mut different = numbers.clone();
    different.sort_unstable();
    different.dedup();
    let same = same && different.len() == numbers.len();
    (same && numbers.iter().all(|number| is_instance(number))).then_some(numbers)
}

/// What the first line of that target names.
pub(super) const ALL: &str = "all programs";

/// The target of everything: what supervisord itself was.
#[must_use]
pub fn umbrella(path: &str) -> TargetUnit {
    TargetUnit {
        header: vec![Comment::note(&format!("{ALL} of {path}"))],
        description: UnitValue::fixed("All programs of supervisord").into(),
        wanted_by: UnitValue::MULTI_USER_TARGET.into(),
        ..TargetUnit::default()
    }
}

/// The target of a `[group:x]`, or of a program with several processes.
#[must_use]
pub fn of_members(section: &str, path: &str, group: &str, umbrella: &UnitName) -> TargetUnit {
    TargetUnit {
        header: vec![Comment::note(&format!("[{section}] of {path}"))],
        description: UnitValue::description(&format!("{group}:*")).into(),
        part_of: UnitValue::from(umbrella).into(),
        wanted_by: UnitValue::from(umbrella).into(),
        ..TargetUnit::default()
    }
}

/// Puts a service under its targets: it stops with each of them, and is started by the innermost.
pub(super) fn place(service: &mut ServiceUnit, targets: &[&UnitName], autostart: bool) {
    service.part_of = UnitValue::units(targets).into();
    let innermost = targets.first().filter(|_| autostart);
    service.wanted_by = innermost.map(|target| UnitValue::from(*target)).into();
}
