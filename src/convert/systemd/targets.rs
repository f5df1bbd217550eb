//! What the units of a program are together: a template or plain services, and the targets that start and stop them
//! (facts 2.1 to 2.4).

use super::escape::{Comment, UnitValue};
use super::name::{UnitName, is_instance};
use super::unit::{Entry, ServiceUnit, TargetUnit};

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

/// Bytes of one `Also=`: what can be read, and compared line by line.
const ALSO: usize = 100;

/// The target of everything: what supervisord itself was. `whole`: the file, if all of it is converted, and all else that is
/// enabled. Otherwise the target is the same for all files, so that what is converted one by one fits together: nobody's name
/// stands in it, and each unit is enabled by its own. `wanted_by`: what starts it at boot.
#[must_use]
pub fn umbrella(whole: Option<(&str, &[UnitName])>, wanted_by: UnitValue) -> TargetUnit {
    let header = whole.map_or_else(|| ALL.to_owned(), |(path, _)| format!("{ALL} of {path}"));
    TargetUnit {
        header: vec![Comment::note(&header)],
        description: UnitValue::fixed("All programs").into(),
        wanted_by: wanted_by.into(),
        also: whole.map(|(_, members)| also(members)).unwrap_or_default(),
        ..TargetUnit::default()
    }
}

/// `Also=`, in lines that are not long.
fn also(members: &[UnitName]) -> Vec<Entry> {
    let mut lines: Vec<Vec<&UnitName>> = Vec::new();
    let mut length = usize::MAX;
    for member in members {
        length = length.saturating_add(member.as_str().len() + 1);
        if let Some(line) = lines.last_mut().filter(|_| length <= ALSO) {
            line.push(member);
        } else {
            length = member.as_str().len();
            lines.push(vec![member]);
        }
    }
    lines.iter().map(|line| UnitValue::units(line).into()).collect()
}

/// The target of a `[group:x]`, or of a program with several processes.
#[must_use]
pub fn of_members(section: &str, path: &str, group: &str, umbrella: &UnitName) -> TargetUnit {
    TargetUnit {
        header: vec![Comment::note(&format!("[{section}] of {path}"))],
        description: UnitValue::description(group).into(),
        // Or the start of the umbrella would come back before these run (facts 2.4).
        before: UnitValue::from(umbrella).into(),
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
