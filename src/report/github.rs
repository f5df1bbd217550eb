//! The report for a run of GitHub Actions: workflow commands, one line a finding, which it shows beside the lines of a change.

use std::io::{self, Write};

use super::hosts::{current_directory, named, seen};
use super::{Format, Report, Style};
use crate::diagnostic::Severity;

/// Workflow commands.
pub static GITHUB: Format = Format {
    name: "github",
    about: "Annotations of GitHub Actions, one line per finding",
    framed: false,
    names: false,
    fixes: false,
    write,
};

fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let cwd = current_directory();
    for finding in &report.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let (start, end) = (finding.start, finding.end);
        let file = property(&named(&finding.path, &cwd));
        let title = property(&format!("{} {}", finding.rule.code, finding.rule.name));
        let message = data(&finding.message);
        write!(out, "::{command} file={file},line={},endLine={}", start.line, end.line)?;
        // Columns of several lines are refused.
        if start.line == end.line {
            write!(out, ",col={},endColumn={}", start.column, end.column)?;
        }
        writeln!(out, ",title={title}::{message}")?;
    }
    for error in &report.errors {
        writeln!(out, "::error file={}::{}", property(&named(&error.path, &cwd)), data(&error.message))?;
    }
    Ok(())
}

/// A message: what would end it, or begin an escape, is escaped (`escapeData` of actions/toolkit).
fn data(text: &str) -> String {
    seen(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property (`escapeProperty`).
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
