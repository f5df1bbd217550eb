//! A run that mends what it finds: lint, apply what can be applied together, and again on what came out, until no fix is left.
//! Files are only read here; what they become is in the hands of who asks.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::fix::{Applicability, applied};
use crate::reading::Texts;
use crate::report::{Edit, Fix, Report};

/// Fixes are made for what was found, so each pass has less to do; more of them is a fault of ours.
const PASSES: usize = 10;

/// What a run leaves.
#[derive(Debug)]
pub struct Mended {
    /// What is left to report.
    pub report: Report,
    /// The files that change, in the order of their first fix.
    pub files: Vec<Rewritten>,
}

/// A file that changes.
#[derive(Debug)]
pub struct Rewritten {
    /// What reports call it.
    pub path: Arc<str>,
    /// The file itself, links resolved.
    pub file: PathBuf,
    /// What was read of it.
    pub before: Arc<[u8]>,
    /// What it becomes.
    pub after: Arc<[u8]>,
    /// How many fixes it has.
    pub fixes: usize,
}

/// Fixes that come to no end.
#[derive(Debug)]
pub struct Endless;

/// Applies the fixes of what `lint` reports, up to those of `most`; `lint` reads files as the texts have them.
///
/// # Errors
/// What `lint` says, or that the fixes come to no end.
pub fn mend<E: From<Endless>>(
    texts: &mut Texts,
    most: Applicability,
    mut lint: impl FnMut(&Texts) -> Result<Report, E>,
) -> Result<Mended, E> {
    let mut files: Vec<Rewritten> = Vec::new();
    let mut fixed = 0;
    for _ in 0..=PASSES {
        let mut report = lint(texts)?;
        let mut pass = Pass::default();
        let offered = report.findings.iter().filter_map(|finding| finding.fix.as_deref());
        for fix in offered.filter(|fix| fix.applicability <= most) {
            pass.take(fix);
        }
        if pass.fixes == 0 {
            report.fixed = Some(fixed);
            files.retain(|file| file.before != file.after);
            return Ok(Mended { report, files });
        }
        fixed += pass.fixes;
        for (path, file, edits, fixes) in pass.files() {
            let Some(before) = report.texts.of(&file) else { continue };
            let after = applied(&before, edits.iter().map(|edit| (edit.start.byte, edit.end.byte, &*edit.text)));
            texts.set(file.clone(), after);
            let after = texts.of(&file).unwrap_or_default();
            match files.iter_mut().find(|known| known.file == file) {
                Some(known) => {
                    known.after = after;
                    known.fixes += fixes;
                }
                None => files.push(Rewritten { path, file, before, after, fixes }),
            }
        }
    }
    Err(Endless.into())
}

/// The edits of one pass, by file.
#[derive(Default)]
struct Pass<'f> {
    files: HashMap<PathBuf, Taken<'f>>,
    fixes: usize,
}

/// The edits of a file.
#[derive(Default)]
struct Taken<'f> {
    /// When its first fix came.
    first: usize,
    edits: std::collections::BTreeMap<u32, &'f Edit>,
    fixes: usize,
}

impl Taken<'_> {
    /// Whether an edit neither overlaps one that is here nor begins where one does.
    fn has_room(&self, edit: &Edit) -> bool {
        let (start, end) = (edit.start.byte, edit.end.byte);
        let before = self.edits.range(..=start).next_back();
        let behind = self.edits.range(start..).next();
        before.is_none_or(|(at, other)| *at < start && other.end.byte <= start)
            && behind.is_none_or(|(at, _)| *at > start && *at >= end)
    }
}

impl<'f> Pass<'f> {
    /// Takes the edits of a fix, all or none.
    fn take(&mut self, fix: &'f Fix) {
        let file = |edit: &Edit| edit.opened.as_deref().map(Texts::file);
        let Some(at) = fix.edits.first().and_then(file) else { return };
        let taken = self.files.entry(at).or_insert_with(|| Taken { first: self.fixes, ..Taken::default() });
        if fix.edits.iter().all(|edit| taken.has_room(edit)) {
            taken.edits.extend(fix.edits.iter().map(|edit| (edit.start.byte, edit)));
            taken.fixes += 1;
            self.fixes += 1;
        }
    }

    /// The files in the order of their first fix: what reports call each, the file, its edits, and how many fixes they are.
    fn files(self) -> Vec<(Arc<str>, PathBuf, Vec<&'f Edit>, usize)> {
        let mut files: Vec<_> = self.files.into_iter().filter(|(_, taken)| taken.fixes > 0).collect();
        files.sort_by_key(|(_, taken)| taken.first);
        let one = |(file, taken): (PathBuf, Taken<'f>)| {
            let edits: Vec<_> = taken.edits.into_values().collect();
            Some((Arc::clone(&edits.first()?.path), file, edits, taken.fixes))
        };
        files.into_iter().filter_map(one).collect()
    }
}
