//! The report for a merge request of GitLab: Code Quality, an array of findings.

use std::io::{self, Write};

use serde::Serialize;

use super::hosts::{Fingerprints, current_directory, named, seen};
use super::{Format, Report, Style, escaped};
use crate::diagnostic::Severity;

/// One array.
pub static GITLAB: Format =
    Format { name: "gitlab", about: "Code Quality of GitLab", framed: false, names: false, fixes: false, write };

#[derive(Serialize)]
struct Quality<'a> {
    description: &'a str,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let cwd = current_directory();
    let mut fingerprints = Fingerprints::default();
    write!(out, "[")?;
    for (number, finding) in report.findings.iter().enumerate() {
        let name = named(&finding.path, &cwd);
        let severity = match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "minor",
        };
        let row = Quality {
            description: &seen(&finding.message),
            check_name: finding.rule.code,
            fingerprint: fingerprints.next(finding, &name),
            severity,
            location: Location { path: &seen(&name), lines: Lines { begin: finding.start.line } },
        };
        if number > 0 {
            write!(out, ",")?;
        }
        escaped::part(&row, out)?;
    }
    writeln!(out, "]")
}
