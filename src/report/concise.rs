//! The report for editors and grep: `path:line:column: severity[rule] message`, one line a finding.

use std::io::{self, Write};

use super::finding::Finding;
use super::human::position;
use super::told::{NAMED, told};
use super::{Format, Report, Style};
use crate::visible::on_one_line;

/// One line a finding.
pub static CONCISE: Format = Format {
    name: "concise",
    about: "One line per finding: path:line:column: severity[rule] message",
    framed: false,
    names: false,
    fixes: false,
    write,
};

fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (finding, message) in told(&report.findings, if style.all { usize::MAX } else { NAMED }) {
        writeln!(out, "{}", line(finding, &message))?;
    }
    Ok(())
}

/// The line of a finding, with its message or that of several.
pub(super) fn line(finding: &Finding, message: &str) -> String {
    let message = message.replace('\n', " ");
    let place = position(&finding.path, finding.start);
    format!("{place}: {}[{}] {}", finding.severity.name(), finding.rule.name, on_one_line(&message))
}
