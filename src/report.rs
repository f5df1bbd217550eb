//! The reports: what a run has found, and one file a format.

pub mod apps;
mod concise;
pub mod document;
pub mod escaped;
mod finding;
mod frame;
mod github;
mod gitlab;
mod hosts;
pub mod human;
pub mod json;
mod junit;
pub mod limits;
pub mod page;
pub mod plan;
mod sarif;
mod screen;
pub mod settings;
mod statistics;
mod style;
pub mod table;
mod told;

use std::io::{self, Write};

use crate::diagnostic::Severity;
use crate::fix::{Applicability, Unmended};
use crate::load::Unreadable;
use crate::reading::Texts;

pub use finding::{Edit, Finding, Fix, Frames, Label, Masker};
pub use statistics::{STATISTICS, STATISTICS_JSON};
pub use style::{Colour, Style};

/// What a run of `lint` has found.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings at or above the threshold, sorted by file, offset and rule.
    pub findings: Vec<Finding>,
    /// How many findings that would be shown are ignored by comments.
    pub suppressed: usize,
    /// How many findings the threshold hides, and no comment.
    pub hidden: Hidden,
    /// What could not be read.
    pub errors: Vec<Unreadable>,
    /// The files that were read, includes not counted; without their names, unless these are asked for.
    pub read: Vec<Box<str>>,
    /// Files of a directory that are not Supervisor's.
    pub foreign: usize,
    /// How many fixes were applied, where they were asked for; the findings are those that are left.
    pub fixed: Option<usize>,
    /// The files of which not all is mended, and why.
    pub unmended: Vec<(Box<str>, Unmended)>,
    /// What was read of the files that fixes edit, where that is kept.
    pub texts: Texts,
}

impl Report {
    /// How many findings have a fix of this kind.
    #[must_use]
    pub fn fixable(&self, applicability: Applicability) -> usize {
        self.findings.iter().filter(|finding| finding.fixable == Some(applicability)).count()
    }
}

/// How many findings of each severity are below the threshold, which may be as high as errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
}

impl Hidden {
    /// One more, of a severity that can be hidden.
    pub(crate) fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => {}
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
    }

    /// Those of another file too.
    pub(crate) fn add(&mut self, other: Self) {
        self.warnings += other.warnings;
        self.infos += other.infos;
    }
}

/// One way to print a report.
#[derive(Debug)]
pub struct Format {
    /// What `--format` calls it.
    pub name: &'static str,
    /// What `--help` says of it.
    pub about: &'static str,
    /// Whether it prints the lines that a finding speaks of.
    pub framed: bool,
    /// Whether it names files with nothing to find.
    pub names: bool,
    /// Whether it has the fixes of findings.
    pub fixes: bool,
    /// Writes all of a report; nothing else writes to `out`.
    pub write: fn(&Report, &Style, &mut dyn Write) -> io::Result<()>,
}

impl Default for &'static Format {
    /// The usual one.
    fn default() -> Self {
        &human::HUMAN
    }
}

/// The formats that `--format` names, the usual one first.
pub static FORMATS: [&Format; 7] =
    [&human::HUMAN, &concise::CONCISE, &json::JSON, &sarif::SARIF, &github::GITHUB, &gitlab::GITLAB, &junit::JUNIT];
