//! The reports: what a run has found, and one file a format.

pub mod concise;
pub mod human;
pub mod json;
pub mod page;
pub mod plan;
pub mod statistics;
pub mod table;
mod visible;

use crate::diagnostic::Diagnostic;
use crate::load::Unreadable;
use crate::source::Sources;

/// What a run of `lint` has found.
#[derive(Debug)]
pub struct Report<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// Findings at or above the threshold, sorted by file, offset and rule.
    pub findings: Vec<Diagnostic<'a>>,
    /// How many findings that would be shown are ignored by comments.
    pub suppressed: usize,
    /// What could not be read.
    pub errors: Vec<Unreadable>,
    /// How many files were read, includes not counted.
    pub files: usize,
    /// Files of a directory that are not Supervisor's.
    pub foreign: usize,
}

impl<'a> Report<'a> {
    /// Of files in which nothing has been found yet.
    #[must_use]
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, findings: Vec::new(), suppressed: 0, errors: Vec::new(), files: 0, foreign: 0 }
    }
}
