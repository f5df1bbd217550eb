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
#[derive(Debug, Default)]
pub struct Report {
    /// The texts.
    pub sources: Sources,
    /// Findings at or above the threshold, sorted by file, offset and rule.
    pub findings: Vec<Diagnostic>,
    /// How many findings that would be shown are ignored by comments.
    pub suppressed: usize,
    /// What could not be read.
    pub errors: Vec<Unreadable>,
    /// How many files were read, includes not counted.
    pub files: usize,
    /// Files of a directory that are not Supervisor's.
    pub foreign: usize,
}
