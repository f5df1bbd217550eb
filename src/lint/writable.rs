//! The files that a fix may write: those that are named, and what they include near them.

use std::cell::OnceCell;
use std::path::PathBuf;

use super::{Job, Run};
use crate::configuration::Configuration;
use crate::hash::HashSet;
use crate::load::Paths;
use crate::python;
use crate::reading::Texts;
use crate::source::{SourceId, Sources};

/// Where the files of a configuration may lie. Links are resolved on both sides: one must not lead out of the directory.
pub(super) struct Writable<'r, 'a> {
    run: &'r Run<'a>,
    job: Job<'r>,
    /// The file that is named itself: mostly there is no other.
    main: SourceId,
    directories: OnceCell<Vec<PathBuf>>,
}

impl<'r, 'a> Writable<'r, 'a> {
    pub(super) fn of(run: &'r Run<'a>, job: Job<'r>, read: &Configuration<'_>) -> Self {
        Self { run, job, main: read.merged.main, directories: OnceCell::new() }
    }

    pub(super) fn has(&self, sources: &Sources, file: SourceId) -> bool {
        let Some(opened) = sources.get(file).and_then(|source| source.opened.as_deref()) else { return false };
        if file == self.main {
            return true;
        }
        let file = Texts::file(opened);
        let named = self.run.named.get_or_init(|| named(self.run));
        named.contains(&file) || self.directories().iter().any(|directory| file.starts_with(directory))
    }

    /// The directory of the file that is named, and the root; none where includes are not followed.
    fn directories(&self) -> &[PathBuf] {
        self.directories.get_or_init(|| {
            let reading = self.job.terms.reading;
            let mut directories = Vec::new();
            // With --main what is included is of another file.
            if reading.no_include || reading.main.is_some() {
                return directories;
            }
            let path = opened(self.job);
            if path != "-" {
                let directory = python::dirname(&path);
                directories.push(Texts::file(if directory.is_empty() { "." } else { directory }));
            }
            directories.extend(reading.root.as_deref().map(Texts::file));
            directories
        })
    }
}

/// All files that are named.
fn named(run: &Run<'_>) -> HashSet<PathBuf> {
    run.jobs.iter().map(|job| Texts::file(&opened(*job))).collect()
}

/// The path that opens what is named.
fn opened(job: Job<'_>) -> String {
    Paths::new(job.terms.reading.root.as_deref()).opened(job.input.path())
}
