//! The JSON report: `supconv.lint/1`, public and versioned; one document a run.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::diagnostic::{Confidence, Diagnostic, Severity};
use crate::secrets;
use crate::source::{Place, Position, Sources};

/// A finding as the document has it.
#[derive(Serialize)]
pub struct Finding<'a> {
    rule: &'static str,
    name: &'static str,
    severity: Severity,
    confidence: Confidence,
    message: String,
    help: Option<String>,
    supervisor: Option<String>,
    path: &'a str,
    section: Option<&'a str>,
    option: Option<&'a str>,
    start: Position,
    end: Position,
    labels: Vec<Label<'a>>,
    /// No rule mends yet.
    fix: Option<()>,
    /// The project has no pages on the net yet.
    url: Option<()>,
}

#[derive(Serialize)]
struct Label<'a> {
    message: String,
    path: &'a str,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    findings: Vec<Finding<'a>>,
    errors: Vec<Unreadable<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Unreadable<'a> {
    path: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    fixable: usize,
}

/// Writes the document of a run.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let document = Document {
        schema: "supconv.lint/1",
        findings: report.findings.iter().map(|one| finding(one, report.sources)).collect(),
        errors: report.errors.iter().map(|one| Unreadable { path: &one.path, message: &one.message }).collect(),
        summary: Summary {
            files: report.files,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            suppressed: report.suppressed,
            fixable: 0,
        },
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}

/// A finding as documents print it: secrets masked, lines and columns computed.
#[must_use]
pub fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    let (path, start, end) = range(diagnostic.place, sources);
    let label = |label: &crate::diagnostic::Label| {
        let (path, start, end) = range(label.place, sources);
        Label { message: secrets::mask(&label.message), path, start, end }
    };
    Finding {
        rule: diagnostic.rule.code,
        name: diagnostic.rule.name,
        severity: diagnostic.severity,
        confidence: diagnostic.confidence,
        message: secrets::mask(&diagnostic.message.text()),
        help: diagnostic.help.as_deref().map(secrets::mask),
        supervisor: diagnostic.supervisor.as_deref().map(secrets::mask),
        path,
        section: diagnostic.section.as_deref(),
        option: diagnostic.option.as_deref(),
        start,
        end,
        labels: diagnostic.labels.iter().map(label).collect(),
        fix: None,
        url: None,
    }
}

fn range(place: Place, sources: &Sources) -> (&str, Position, Position) {
    const FIRST: Position = Position { line: 1, column: 1, byte: 0 };
    let position = |byte| sources.get(place.source).map_or(FIRST, |source| source.position(byte));
    (sources.path(place.source), position(place.span.start), position(place.span.end))
}
