//! What holds of the edits of a fix, whatever it does; and how they are applied by hand, as a reader of the JSON would.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::case::Files;
use crate::support::plant;
use supconv::fix::{Applicability, Change, applied};
use supconv::reading::Texts;
use supconv::report::{Edit, Fix, Report};

/// The file that all edits of a fix are in.
pub fn file(fix: &Fix) -> Option<PathBuf> {
    let of = |edit: &Edit| Texts::file(edit.opened.as_deref().unwrap_or(&edit.path));
    let first = of(fix.edits.first()?);
    fix.edits.iter().all(|edit| of(edit) == first).then_some(first)
}

pub fn apply(bytes: &[u8], fix: &Fix) -> Vec<u8> {
    applied(bytes, fix.edits.iter().map(|edit| (edit.start.byte, edit.end.byte, &*edit.text)))
}

/// What is wrong with the edits of a fix.
pub fn malformed(bytes: &[u8], fix: &Fix) -> Option<&'static str> {
    let mut last = 0;
    for (number, edit) in fix.edits.iter().enumerate() {
        let (start, end) = (edit.start.byte as usize, edit.end.byte as usize);
        if start > end || end > bytes.len() || (number > 0 && start <= last) {
            return Some("edits are not in order and apart");
        }
        let old = &bytes[start..end];
        if old == edit.text.as_bytes() {
            return Some("an edit changes nothing");
        }
        let cut = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        if std::str::from_utf8(bytes).is_ok() && (cut(start) || cut(end)) {
            return Some("an edit cuts a character");
        }
        let text = edit.text.as_bytes();
        if !old.is_empty() && !text.is_empty() && (old.first() == text.first() || old.last() == text.last()) {
            return Some("an edit could be smaller");
        }
        last = end;
    }
    let said = || fix.edits.iter().map(|edit| &*edit.text).chain([&*fix.title]);
    if plant::SECRETS.iter().any(|secret| said().any(|text| text.contains(secret))) {
        return Some("a fix tells a secret");
    }
    if said().any(|text| text.contains('\u{fffd}')) {
        return Some("a fix writes a byte anew that is no UTF-8");
    }
    fix.edits.is_empty().then_some("a fix without edits")
}

/// What a fix changes that belongs to no option: how lines end, whether the last one does, bytes that are no UTF-8.
pub fn careless(before: &[u8], after: &[u8], fix: &Fix) -> Option<&'static str> {
    let ends = |bytes: &[u8]| {
        let crlf = bytes.windows(2).filter(|two| two == b"\r\n").count();
        let count = |end| bytes.split(|byte| *byte == end).count() - 1;
        (crlf, count(b'\n') - crlf, count(b'\r') - crlf)
    };
    let (old, new) = (ends(before), ends(after));
    if old.0 > 0 && old.1 == 0 && new.1 > 0 || old.0 == 0 && new.0 > 0 || old.2 == 0 && new.2 > 0 {
        return Some("a line ends as none did");
    }
    let ended = |bytes: &[u8]| bytes.last().is_none_or(|last| b"\r\n".contains(last));
    if !before.is_empty() && !after.is_empty() && ended(before) != ended(after) {
        return Some("the last line ends in another way");
    }
    let foreign = |bytes: &[u8]| -> usize { bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum() };
    let removed = fix.edits.iter().map(|edit| foreign(&before[edit.start.byte as usize..edit.end.byte as usize]));
    (foreign(after) + removed.sum::<usize>() != foreign(before)).then_some("a byte that is no UTF-8 is lost")
}

/// One pass: in the order of the report, and one that touches what an edit before it has waits. Adds the changes of those that are
/// applied, and says how many they are.
pub fn pass(files: &mut Files, report: &Report, most: Applicability, changes: &mut Vec<Change>) -> usize {
    let mut taken: BTreeMap<PathBuf, Vec<&Edit>> = BTreeMap::new();
    let mut count = 0;
    for fix in report.findings.iter().filter_map(|finding| finding.fix.as_deref()) {
        let Some(file) = file(fix).filter(|_| fix.applicability <= most) else { continue };
        let taken = taken.entry(file).or_default();
        let meets = |one: &Edit, other: &Edit| {
            let (start, end) = (one.start.byte, one.end.byte);
            start == other.start.byte || start < other.end.byte && other.start.byte < end
        };
        if fix.edits.iter().all(|edit| taken.iter().all(|other| !meets(edit, other))) {
            taken.extend(fix.edits.iter());
            changes.extend(fix.changes.iter().cloned());
            count += 1;
        }
    }
    for (file, mut edits) in taken {
        edits.sort_by_key(|edit| edit.start.byte);
        if let Some(bytes) = files.get_mut(&file) {
            *bytes = applied(bytes, edits.iter().map(|edit| (edit.start.byte, edit.end.byte, &*edit.text)));
        }
    }
    count
}
