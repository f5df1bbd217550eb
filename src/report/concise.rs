//! The report for editors and grep: `path:line:column: severity[rule] message`, one line a finding.

use std::io::{self, Write};

use super::Report;
use super::human::{gathered, position};
use super::visible::masked;

/// Writes the findings of a run.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (finding, message) in gathered(report) {
        let place = position(finding.place, report.sources);
        let message = masked(&message).replace('\n', " ");
        writeln!(out, "{place}: {}[{}] {message}", finding.severity.name(), finding.rule.name)?;
    }
    Ok(())
}
