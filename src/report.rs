//! The reports: what a run has found, and one file a format.

pub mod human;
pub mod json;
pub mod plan;
pub mod table;

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
    /// What could not be read.
    pub errors: Vec<Unreadable>,
    /// How many files were read, includes not counted.
    pub files: usize,
    /// Files of a directory that are not Supervisor's.
    pub foreign: usize,
}
