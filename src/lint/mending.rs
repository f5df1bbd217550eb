//! A run that mends what it finds: lint, apply what can be applied together, and again on what came out, until no fix is left.
//! Files are only read here; what they become is in the hands of who asks.

use std::path::PathBuf;
use std::sync::Arc;

use crate::fix::{Applicability, Taken, applied};
use crate::hash::HashMap;
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
    files: HashMap<PathBuf, Edited<'f>>,
    fixes: usize,
}

/// A file with its edits.
#[derive(Default)]
struct Edited<'f> {
    /// When its first fix came.
    first: usize,
    taken: Taken,
    edits: Vec<&'f Edit>,
    fixes: usize,
}

impl<'f> Pass<'f> {
    /// Takes the edits of a fix, all or none.
    fn take(&mut self, fix: &'f Fix) {
        let file = |edit: &Edit| edit.opened.as_deref().map(Texts::file);
        let Some(at) = fix.edits.first().and_then(file) else { return };
        let edited = self.files.entry(at).or_insert_with(|| Edited { first: self.fixes, ..Edited::default() });
        if edited.taken.take(fix.edits.iter().map(|edit| (edit.start.byte, edit.end.byte))) {
            edited.edits.extend(&fix.edits);
            edited.fixes += 1;
            self.fixes += 1;
        }
    }

    /// The files in the order of their first fix: what reports call each, the file, its edits, and how many fixes they are.
    fn files(self) -> Vec<(Arc<str>, PathBuf, Vec<&'f Edit>, usize)> {
        let mut files: Vec<_> = self.files.into_iter().filter(|(_, edited)| edited.fixes > 0).collect();
        files.sort_by_key(|(_, edited)| edited.first);
        let one = |(file, Edited { first: _, taken: _, mut edits, fixes }): (PathBuf, Edited<'f>)| {
            edits.sort_by_key(|edit| edit.start.byte);
            Some((Arc::clone(&edits.first()?.path), file, edits, fixes))
        };
        files.into_iter().filter_map(one).collect()
    }
}
